//! Runners of JavaScript projects: which one, and which package manager starts it.

use std::path::Path;

use serde_json::Value as Json;

use super::runner::{Folder, Found, Runner};

/// Runners that are programs of packages: what starts them, and the package.
const PROGRAMS: [(Runner, &[&str], &str); 4] = [
    (Runner::Vitest, &["vitest", "run"], "vitest"),
    (Runner::Jest, &["jest"], "jest"),
    (Runner::Playwright, &["playwright", "test"], "@playwright/test"),
    (Runner::Mocha, &["mocha"], "mocha"),
];

/// The runner of a JavaScript project.
pub fn detect(folder: &Folder<'_>) -> Option<Found> {
    let package: Json = serde_json::from_str(&folder.text("package.json")).ok()?;
    let (manager, by) = manager(folder.path, &package);
    // `npm init` writes a script that only fails.
    let script =
        package["scripts"]["test"].as_str().filter(|s| !s.trim().is_empty() && !s.contains("no test specified"));
    let has = |name: &str| ["dependencies", "devDependencies"].iter().any(|kind| package[*kind].get(name).is_some());

    let mut found = match script.map(|script| (script, runs(script))) {
        Some((script, Some(Runner::NodeTest))) => node_itself(script),
        Some((script, Some(runner))) if is_one_command(script) => {
            Found { start: manager.script(), ..Found::new(runner, &[], "the script `test` of package.json") }
        }
        // What is added to the end of several commands would reach the last of them only.
        Some((_, Some(runner))) => program(manager, runner, "the script `test` of package.json")?,
        Some((_, None)) => {
            Found { start: manager.script(), ..Found::new(Runner::Script, &[], "the script `test` of package.json") }
        }
        None => {
            let (runner, ..) = PROGRAMS.iter().find(|(_, _, package)| has(package))?;
            program(manager, *runner, "the dependencies of package.json")?
        }
    };
    if has("jest-junit") {
        found.with.push("jest-junit");
    }
    if let Some(by) = by {
        found.why += &format!(", and {by}");
    }
    Some(found)
}

/// A runner that its package manager starts by itself.
fn program(manager: Manager, runner: Runner, why: &str) -> Option<Found> {
    let (_, words, _) = PROGRAMS.iter().find(|(known, ..)| *known == runner)?;
    let mut start = manager.exec();
    start.extend(words.iter().map(|word| (*word).to_owned()));
    Some(Found { start, ..Found::new(runner, &[], why) })
}

/// Its options have to stand before its files, which only a shell can do.
fn node_itself(script: &str) -> Found {
    Found::new(Runner::NodeTest, &["sh", "-c", &format!("{script} \"$@\""), "sh"], "the script `test` of package.json")
}

/// Whether `node --test` gets no file to run: it then looks for tests in every folder, also in those where services keep
/// their data, and ends where one of their files is gone while it looks.
pub fn searches_everywhere(found: &Found, args: &[String]) -> bool {
    let script = found.start.get(2).and_then(|script| shlex::split(script)).unwrap_or_default();
    let after = script.iter().skip_while(|word| *word != "--test").filter(|word| *word != "$@");
    found.runner == Runner::NodeTest && after.chain(args).all(|word| word.starts_with('-'))
}

/// The runner that a script of package.json runs.
fn runs(script: &str) -> Option<Runner> {
    let words = shlex::split(script)?;
    let node = words.iter().any(|word| word == "node") && words.iter().any(|word| word == "--test");
    if node && is_one_command(script) {
        return Some(Runner::NodeTest);
    }
    let react = words.iter().any(|word| word == "react-scripts");
    let named = PROGRAMS.iter().find(|(_, start, _)| words.iter().any(|word| word == start[0]));
    named.map(|(runner, ..)| *runner).or(react.then_some(Runner::Jest))
}

/// Whether what is added to the end of a script reaches the program that it runs.
fn is_one_command(script: &str) -> bool {
    !script.contains(['&', '|', ';', '\n'])
}

/// Package managers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Npm,
    Pnpm,
    Yarn,
    Bun,
}

impl Manager {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Npm, "npm"), (Self::Pnpm, "pnpm"), (Self::Yarn, "yarn"), (Self::Bun, "bun")];

    /// What starts the script `test`; arguments follow.
    fn script(self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Npm => &["npm", "run", "test", "--"],
            Self::Pnpm => &["pnpm", "run", "test"],
            Self::Yarn => &["yarn", "run", "test"],
            Self::Bun => &["bun", "run", "test"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// What starts a program of a package; its name follows.
    fn exec(self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Npm => &["npm", "exec", "--"],
            Self::Pnpm => &["pnpm", "exec"],
            Self::Yarn => &["yarn", "run"],
            Self::Bun => &["bun", "x"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }
}

/// The package manager, and what says so: `packageManager`, else a lock file here or above, as in a workspace.
fn manager(folder: &Path, package: &Json) -> (Manager, Option<&'static str>) {
    let said = package["packageManager"].as_str().and_then(|said| said.split('@').next());
    if let Some((manager, _)) = Manager::ALL.into_iter().find(|(_, name)| Some(*name) == said) {
        return (manager, Some("its `packageManager`"));
    }
    let locks = [
        ("package-lock.json", Manager::Npm),
        ("pnpm-lock.yaml", Manager::Pnpm),
        ("yarn.lock", Manager::Yarn),
        ("bun.lock", Manager::Bun),
        ("bun.lockb", Manager::Bun),
    ];
    for above in folder.ancestors() {
        if let Some((file, manager)) = locks.into_iter().find(|(file, _)| above.join(file).is_file()) {
            return (manager, Some(file));
        }
        if above.join(".git").exists() {
            break;
        }
    }
    (Manager::Npm, None)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("node --test", &[], true)]
    #[case("node --import=tsx --test --test-concurrency=1", &["--test-only"], true)]
    #[case("node --test", &["notes.test.js"], false)]
    #[case("node --test *.test.js", &[], false)]
    #[case("node --test --test-concurrency=1 test/", &["--test-only"], false)]
    fn what_names_no_file_searches_every_folder(#[case] script: &str, #[case] args: &[&str], #[case] everywhere: bool) {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        assert_eq!(searches_everywhere(&node_itself(script), &args), everywhere);
    }
}
