//! What the files of a folder say about the application in it.

use std::fs;
use std::path::Path;

use plattr_api::application::Framework;
use serde_json::Value as Json;

/// What was found in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detected {
    /// The framework.
    pub framework: Option<Framework>,
    /// How the application's own tests are run, where that is certain.
    pub tests: Option<Tests>,
}

/// How an application's own tests are run in continuous integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tests {
    /// An action that brings the language, where the runner has none, and its inputs.
    pub setup: Option<(&'static str, Vec<(&'static str, &'static str)>)>,
    /// What installs the dependencies, where the tests do not do it themselves.
    pub install: Option<&'static str>,
    /// What runs the tests.
    pub run: &'static str,
}

/// Looks at a folder. What cannot be read counts as not there: a guess is all that is wanted.
pub fn detect(folder: &Path) -> Detected {
    let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let has = |name: &str| folder.join(name).is_file();
    let package: Option<Json> = text("package.json").and_then(|t| serde_json::from_str(&t).ok());
    let depends = |names: &[&str]| {
        let of = |kind: &str| package.as_ref().and_then(|p| p.get(kind)?.as_object().cloned()).unwrap_or_default();
        [of("dependencies"), of("devDependencies")].iter().any(|d| names.iter().any(|n| d.contains_key(*n)))
    };
    let python = ["requirements.txt", "pyproject.toml"].map(|f| text(f).unwrap_or_default()).join("\n").to_lowercase();
    let java = ["pom.xml", "build.gradle", "build.gradle.kts"].map(|f| text(f).unwrap_or_default()).join("\n");

    let framework = if depends(&["next"]) {
        Framework::Nextjs
    } else if depends(&["@remix-run/react", "@remix-run/node", "@react-router/dev", "@react-router/node"]) {
        Framework::Remix
    } else if depends(&["nuxt"]) {
        Framework::Nuxt
    } else if depends(&["@sveltejs/kit"]) {
        Framework::Sveltekit
    } else if has("manage.py") {
        Framework::Django
    } else if python.contains("fastapi") {
        Framework::Fastapi
    } else if text("Gemfile").is_some_and(|t| t.contains("rails")) {
        Framework::Rails
    } else if java.contains("spring-boot") || java.contains("springframework") {
        Framework::Spring
    } else if has("go.mod") {
        Framework::Go
    } else if has("Cargo.toml") {
        Framework::Rust
    } else if package.is_some() {
        Framework::Node
    } else {
        return Detected::default();
    };
    let script = package.as_ref().and_then(|p| p.get("scripts")?.get("test")?.as_str());
    let tests = match framework {
        Framework::Nextjs | Framework::Remix | Framework::Nuxt | Framework::Sveltekit | Framework::Node => {
            // `npm init` writes a script that only fails.
            script.filter(|s| !s.is_empty() && !s.contains("no test specified")).and_then(|_| node_tests(&has))
        }
        Framework::Django => Some(python_tests(&has, "python manage.py test")),
        Framework::Fastapi => python.contains("pytest").then(|| python_tests(&has, "python -m pytest")),
        Framework::Rails => Some(Tests {
            setup: Some(("ruby/setup-ruby@v1", vec![("bundler-cache", "true")])),
            install: None,
            run: if folder.join("spec").is_dir() { "bundle exec rspec" } else { "bin/rails test" },
        }),
        Framework::Spring => Some(Tests {
            setup: Some(("actions/setup-java@v5", vec![("distribution", "temurin"), ("java-version", "21")])),
            install: None,
            run: match (has("mvnw"), has("gradlew"), has("pom.xml")) {
                (true, _, _) => "./mvnw --batch-mode test",
                (_, true, _) => "./gradlew test",
                (_, _, true) => "mvn --batch-mode test",
                _ => "gradle test",
            },
        }),
        Framework::Go => Some(Tests {
            setup: Some(("actions/setup-go@v6", vec![("go-version-file", "go.mod")])),
            install: None,
            run: "go test ./...",
        }),
        Framework::Rust => Some(Tests { setup: None, install: None, run: "cargo test" }),
        Framework::Other => None,
    };
    Detected { framework: Some(framework), tests }
}

fn node_tests(has: &dyn Fn(&str) -> bool) -> Option<Tests> {
    let node = |inputs: &[(&'static str, &'static str)]| Some(("actions/setup-node@v6", inputs.to_vec()));
    let version = ("node-version", "lts/*");
    if has("pnpm-lock.yaml") {
        let install = Some("corepack enable pnpm && pnpm install --frozen-lockfile");
        return Some(Tests { setup: node(&[version]), install, run: "pnpm test" });
    }
    if has("yarn.lock") {
        return Some(Tests { setup: node(&[version]), install: Some("yarn install --immutable"), run: "yarn test" });
    }
    if has("bun.lock") || has("bun.lockb") {
        let setup = Some(("oven-sh/setup-bun@v2", Vec::new()));
        return Some(Tests { setup, install: Some("bun install --frozen-lockfile"), run: "bun run test" });
    }
    let install = if has("package-lock.json") { "npm ci" } else { "npm install" };
    Some(Tests { setup: node(&[version]), install: Some(install), run: "npm test" })
}

fn python_tests(has: &dyn Fn(&str) -> bool, run: &'static str) -> Tests {
    let install = if has("requirements.txt") {
        Some("pip install -r requirements.txt")
    } else if !has("pyproject.toml") {
        None
    } else if run.contains("pytest") {
        // pytest may be in a group of dependencies that is not installed with the project.
        Some("pip install . pytest")
    } else {
        Some("pip install .")
    };
    Tests { setup: Some(("actions/setup-python@v6", vec![("python-version", "3.x")])), install, run }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[("package.json", r#"{"dependencies": {"next": "16", "react": "19"}}"#)], Some(Framework::Nextjs), None)]
    #[case(&[("package.json", r#"{"devDependencies": {"@react-router/dev": "7"}, "scripts": {"test": "vitest"}}"#), ("pnpm-lock.yaml", "")], Some(Framework::Remix), Some("pnpm test"))]
    #[case(&[("package.json", r#"{"dependencies": {"nuxt": "4"}, "scripts": {"test": "vitest"}}"#)], Some(Framework::Nuxt), Some("npm test"))]
    #[case(&[("package.json", r#"{"devDependencies": {"@sveltejs/kit": "2"}}"#)], Some(Framework::Sveltekit), None)]
    #[case(&[("package.json", r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#)], Some(Framework::Node), None)]
    #[case(&[("package.json", "not json")], None, None)]
    #[case(&[("manage.py", ""), ("package.json", "{}")], Some(Framework::Django), Some("python manage.py test"))]
    #[case(&[("requirements.txt", "FastAPI==0.120\npytest\n")], Some(Framework::Fastapi), Some("python -m pytest"))]
    #[case(&[("Gemfile", "gem 'rails'")], Some(Framework::Rails), Some("bin/rails test"))]
    #[case(&[("pom.xml", "<groupId>org.springframework.boot</groupId>"), ("mvnw", "")], Some(Framework::Spring), Some("./mvnw --batch-mode test"))]
    #[case(&[("go.mod", "module x")], Some(Framework::Go), Some("go test ./..."))]
    #[case(&[("Cargo.toml", "")], Some(Framework::Rust), Some("cargo test"))]
    #[case(&[], None, None)]
    fn frameworks_are_known_by_their_files(
        #[case] files: &[(&str, &str)],
        #[case] framework: Option<Framework>,
        #[case] tests: Option<&str>,
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let found = detect(folder.path());
        assert_eq!((found.framework, found.tests.map(|t| t.run)), (framework, tests));
    }
}
