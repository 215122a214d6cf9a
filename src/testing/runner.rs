//! Which program runs the tests of a project, as its files say.

use std::fs;
use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;

use super::node;
use crate::project::model::TestSettings;

/// A program that runs tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// `local.test.command` of plattr.yaml
    Command,
    /// Vitest
    Vitest,
    /// Jest
    Jest,
    /// Playwright
    Playwright,
    /// Mocha
    Mocha,
    /// The runner of Node.js itself
    NodeTest,
    /// The script `test` of package.json, whatever it runs
    Script,
    /// pytest
    Pytest,
    /// RSpec
    Rspec,
    /// ExUnit
    Mix,
    /// go test
    Go,
    /// cargo-nextest
    Nextest,
    /// cargo test
    Cargo,
    /// Maven
    Maven,
    /// Gradle
    Gradle,
}

impl Runner {
    /// All, in the order in which they are looked for.
    pub const ALL: [Self; 15] = [
        Self::Command,
        Self::Vitest,
        Self::Jest,
        Self::Playwright,
        Self::Mocha,
        Self::NodeTest,
        Self::Script,
        Self::Pytest,
        Self::Rspec,
        Self::Mix,
        Self::Go,
        Self::Nextest,
        Self::Cargo,
        Self::Maven,
        Self::Gradle,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Vitest => "vitest",
            Self::Jest => "jest",
            Self::Playwright => "playwright",
            Self::Mocha => "mocha",
            Self::NodeTest => "node-test",
            Self::Script => "script",
            Self::Pytest => "pytest",
            Self::Rspec => "rspec",
            Self::Mix => "mix",
            Self::Go => "go",
            Self::Nextest => "nextest",
            Self::Cargo => "cargo",
            Self::Maven => "maven",
            Self::Gradle => "gradle",
        }
    }

    /// How it runs a part of the tests, where it can.
    pub fn sharding(self) -> Option<&'static str> {
        Some(match self {
            Self::Command => "{shard} and {shards} in the command",
            Self::Vitest | Self::Jest | Self::Playwright => "--shard",
            Self::NodeTest => "--test-shard",
            Self::Pytest => "pytest-split, else by file",
            Self::Rspec => "by file",
            Self::Mix => "--partitions",
            Self::Go => "by package",
            Self::Nextest => "--partition",
            Self::Mocha | Self::Script | Self::Cargo | Self::Maven | Self::Gradle => return None,
        })
    }

    /// How it writes a JUnit report, where it can.
    pub fn reporting(self) -> Option<&'static str> {
        Some(match self {
            Self::Command => "{junit} in the command, or local.test.junit",
            Self::Vitest | Self::Playwright => "its reporter junit",
            Self::Jest => "jest-junit",
            Self::Mocha => "its reporter xunit",
            Self::NodeTest => "--test-reporter=junit",
            Self::Pytest => "--junitxml",
            Self::Rspec => "rspec_junit_formatter",
            Self::Go => "gotestsum",
            Self::Nextest => "its profile",
            Self::Maven | Self::Gradle => "the reports that it always writes",
            Self::Script | Self::Mix | Self::Cargo => return None,
        })
    }
}

/// A runner that the project's files name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub runner: Runner,
    /// What starts it: program and first arguments.
    pub start: Vec<String>,
    /// What says so, for people.
    pub why: String,
    /// Libraries of the project that change how it is called.
    pub with: Vec<&'static str>,
}

impl Found {
    /// A runner without libraries.
    pub fn new(runner: Runner, start: &[&str], why: impl Into<String>) -> Self {
        let start = start.iter().map(|word| (*word).to_owned()).collect();
        Self { runner, start, why: why.into(), with: Vec::new() }
    }
}

/// What is known of a project's folder.
pub struct Folder<'a> {
    /// The folder.
    pub path: &'a Path,
    /// Whether a program is on the PATH.
    pub on_path: &'a dyn Fn(&str) -> bool,
}

impl Folder<'_> {
    /// Whether a file is there.
    pub fn has(&self, name: &str) -> bool {
        self.path.join(name).is_file()
    }

    /// What a file says; nothing where it cannot be read.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap_or_default()
    }
}

/// Every runner that the project names, the one to take first.
pub fn detect(folder: &Folder<'_>, settings: &TestSettings) -> Vec<Found> {
    let own = settings.command.as_ref().map(|command| Found {
        runner: Runner::Command,
        start: command.clone(),
        why: "local.test.command of plattr.yaml".into(),
        with: Vec::new(),
    });
    let others = [python(folder), ruby(folder), elixir(folder), go(folder), rust(folder), java(folder)];
    own.into_iter().chain(node::detect(folder)).chain(others.into_iter().flatten()).collect()
}

fn python(folder: &Folder<'_>) -> Option<Found> {
    let says = |file: &&str| folder.text(file).to_lowercase().contains("pytest");
    let files =
        ["pyproject.toml", "setup.cfg", "tox.ini", "requirements.txt", "requirements-dev.txt", "dev-requirements.txt"];
    let file = ["pytest.ini", "conftest.py", "tests/conftest.py"]
        .into_iter()
        .find(|file| folder.has(file))
        .or_else(|| files.into_iter().find(says))?;
    let venv = [".venv/bin/python", "venv/bin/python"].into_iter().find(|python| folder.path.join(python).exists());
    let (start, how): (&[&str], &str) = if folder.has("uv.lock") {
        (&["uv", "run", "pytest"], " and uv.lock")
    } else if folder.has("poetry.lock") {
        (&["poetry", "run", "pytest"], " and poetry.lock")
    } else if let Some(python) = venv {
        (&[python, "-m", "pytest"], "")
    } else if (folder.on_path)("pytest") {
        (&["pytest"], "")
    } else {
        (&["python3", "-m", "pytest"], "")
    };
    let mut found = Found::new(Runner::Pytest, start, format!("{file}{how}"));
    let split = |file: &str| folder.text(file).to_lowercase().contains("pytest-split");
    if files.into_iter().chain(["uv.lock", "poetry.lock"]).any(split) {
        found.with.push("pytest-split");
    }
    Some(found)
}

fn ruby(folder: &Folder<'_>) -> Option<Found> {
    let gems = folder.text("Gemfile") + &folder.text("Gemfile.lock");
    let why = if folder.has(".rspec") {
        ".rspec"
    } else if gems.contains("rspec") {
        "Gemfile"
    } else {
        return None;
    };
    let start: &[&str] = if folder.has("Gemfile") { &["bundle", "exec", "rspec"] } else { &["rspec"] };
    let mut found = Found::new(Runner::Rspec, start, why);
    if gems.contains("rspec_junit_formatter") {
        found.with.push("rspec_junit_formatter");
    }
    Some(found)
}

fn elixir(folder: &Folder<'_>) -> Option<Found> {
    folder.has("mix.exs").then(|| Found::new(Runner::Mix, &["mix", "test"], "mix.exs"))
}

fn go(folder: &Folder<'_>) -> Option<Found> {
    let mut found = folder.has("go.mod").then(|| Found::new(Runner::Go, &["go", "test"], "go.mod"))?;
    if (folder.on_path)("gotestsum") {
        found.with.push("gotestsum");
    }
    Some(found)
}

fn rust(folder: &Folder<'_>) -> Option<Found> {
    let found = |runner, start: &[&str], why| folder.has("Cargo.toml").then(|| Found::new(runner, start, why));
    if (folder.on_path)("cargo-nextest") {
        return found(Runner::Nextest, &["cargo", "nextest", "run"], "Cargo.toml, and cargo-nextest is installed");
    }
    found(Runner::Cargo, &["cargo", "test"], "Cargo.toml")
}

fn java(folder: &Folder<'_>) -> Option<Found> {
    if folder.has("pom.xml") {
        let program = if folder.has("mvnw") { "./mvnw" } else { "mvn" };
        return Some(Found::new(Runner::Maven, &[program, "--batch-mode", "test"], "pom.xml"));
    }
    let build = ["build.gradle", "build.gradle.kts"].into_iter().find(|file| folder.has(file))?;
    let program = if folder.has("gradlew") { "./gradlew" } else { "gradle" };
    Some(Found::new(Runner::Gradle, &[program, "test"], build))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rstest::rstest;

    use super::*;

    /// What is found in a folder with these files, where these programs are installed: the name, what starts it, and why.
    fn found(files: &[(&str, &str)], programs: &[&str]) -> Vec<(&'static str, String, String)> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        // Else a lock file above the temporary folder would count.
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        let on_path = |program: &str| programs.contains(&program);
        let folder = Folder { path: folder.path(), on_path: &on_path };
        let found = detect(&folder, &TestSettings::default());
        found.into_iter().map(|f| (f.runner.name(), f.start.join(" "), f.why)).collect()
    }

    const VITEST: &str = r#"{"devDependencies": {"vitest": "4"}, "scripts": {"test": "vitest"}}"#;

    #[rstest]
    #[case::the_script(&[("package.json", VITEST)], "vitest", "npm run test --")]
    #[case::pnpm(&[("package.json", VITEST), ("pnpm-lock.yaml", "")], "vitest", "pnpm run test")]
    #[case::yarn(&[("package.json", VITEST), ("yarn.lock", "")], "vitest", "yarn run test")]
    #[case::bun(&[("package.json", VITEST), ("bun.lock", "")], "vitest", "bun run test")]
    #[case::package_manager(&[("package.json", r#"{"packageManager": "pnpm@10.1.0", "scripts": {"test": "jest"}}"#)], "jest", "pnpm run test")]
    #[case::no_script(&[("package.json", r#"{"devDependencies": {"vitest": "4"}}"#)], "vitest", "npm exec -- vitest run")]
    #[case::several_programs(&[("package.json", r#"{"devDependencies": {"jest": "30"}, "scripts": {"test": "tsc && jest --ci"}}"#)], "jest", "npm exec -- jest")]
    #[case::playwright(&[("package.json", r#"{"devDependencies": {"@playwright/test": "1"}}"#)], "playwright", "npm exec -- playwright test")]
    #[case::with_a_variable(&[("package.json", r#"{"scripts": {"test": "NODE_ENV=test npx mocha test"}}"#)], "mocha", "npm run test --")]
    #[case::node_itself(&[("package.json", r#"{"scripts": {"test": "node --test"}}"#)], "node-test", "sh -c node --test \"$@\" sh")]
    #[case::another_script(&[("package.json", r#"{"scripts": {"test": "make check"}}"#)], "script", "npm run test --")]
    #[case::pytest_ini(&[("pytest.ini", "")], "pytest", "python3 -m pytest")]
    #[case::uv(&[("pyproject.toml", "[dependency-groups]\ndev = ['pytest']"), ("uv.lock", "")], "pytest", "uv run pytest")]
    #[case::poetry(&[("pyproject.toml", "pytest = '^8'"), ("poetry.lock", "")], "pytest", "poetry run pytest")]
    #[case::venv(&[("requirements.txt", "pytest\n"), (".venv/bin/python", "")], "pytest", ".venv/bin/python -m pytest")]
    #[case::rspec(&[("Gemfile", "gem 'rspec-rails'")], "rspec", "bundle exec rspec")]
    #[case::mix(&[("mix.exs", "")], "mix", "mix test")]
    #[case::go(&[("go.mod", "module x")], "go", "go test")]
    #[case::cargo(&[("Cargo.toml", "")], "cargo", "cargo test")]
    #[case::maven(&[("pom.xml", "")], "maven", "mvn --batch-mode test")]
    #[case::maven_wrapper(&[("pom.xml", ""), ("mvnw", "")], "maven", "./mvnw --batch-mode test")]
    #[case::gradle_wrapper(&[("build.gradle.kts", ""), ("gradlew", "")], "gradle", "./gradlew test")]
    fn a_runner_is_known_by_the_projects_files(
        #[case] files: &[(&str, &str)],
        #[case] runner: &str,
        #[case] start: &str,
    ) {
        let found = found(files, &[]);
        assert_eq!((found[0].0, found[0].1.as_str()), (runner, start), "{found:?}");
        assert!(!found[0].2.is_empty());
    }

    #[rstest]
    #[case(&[])]
    #[case(&[("package.json", r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#)])]
    #[case(&[("package.json", "not json")])]
    #[case(&[("pyproject.toml", "[project]"), ("Gemfile", "gem 'rack'")])]
    fn where_nothing_names_a_runner_none_is_found(#[case] files: &[(&str, &str)]) {
        assert_eq!(found(files, &[]), []);
    }

    #[test]
    fn what_is_installed_counts() {
        assert_eq!(found(&[("Cargo.toml", "")], &["cargo-nextest"])[0].0, "nextest");
        assert_eq!(found(&[("pytest.ini", "")], &["pytest"])[0].1, "pytest");
    }

    #[test]
    fn a_project_of_two_languages_has_two_and_its_own_command_comes_first() {
        let files = [("package.json", VITEST), ("go.mod", "module x")];
        assert_eq!(found(&files, &[]).iter().map(|f| f.0).collect::<Vec<_>>(), ["vitest", "go"]);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.mod"), "").unwrap();
        let settings = TestSettings { command: Some(vec!["make".into(), "check".into()]), junit: None };
        let found = detect(&Folder { path: folder.path(), on_path: &|_| false }, &settings);
        assert_eq!((found[0].runner, found[0].start.join(" ")), (Runner::Command, "make check".to_owned()));
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        for runner in Runner::ALL {
            let value = runner.to_possible_value().unwrap();
            assert_eq!(value.get_name(), runner.name());
            assert_eq!(serde_json::json!(runner), runner.name());
        }
        assert_eq!(Runner::ALL.len(), Runner::value_variants().len());
    }
}
