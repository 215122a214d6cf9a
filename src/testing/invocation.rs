//! How a runner is called: a value, made of what was found and what is wanted.

use std::path::{Path, PathBuf};

use super::runner::{Found, Runner};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// A part of the tests: `1` of `2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// What is wanted of a run.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Arguments of the person.
    pub args: Vec<String>,
    /// Where the JUnit report is to be, absolute.
    pub junit: Option<PathBuf>,
    /// Where the project's own command writes its report, absolute.
    pub own_junit: Option<PathBuf>,
    /// Which part.
    pub shard: Option<Shard>,
    /// The files or packages of the part, for a runner that is told them ([`listing`]).
    pub parts: Vec<String>,
}

/// A call of a runner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Variables besides those of the application.
    pub env: Vec<(&'static str, String)>,
    /// A configuration that is written first.
    pub file: Option<(PathBuf, String)>,
    /// Where its report comes from, unless it writes it where it is wanted.
    pub reports: Reports,
}

/// Where the report of a runner comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reports {
    /// It writes it where it is wanted.
    #[default]
    InPlace,
    /// It writes this file.
    At(PathBuf),
    /// It writes many, into folders of this name.
    Below(&'static str),
}

/// What tells the files or packages that [`parts`] shares out, for a runner that knows no shards.
pub fn listing(found: &Found, args: &[String]) -> Option<Vec<String>> {
    let more: &[&str] = match found.runner {
        Runner::Pytest if !found.with.contains(&"pytest-split") => &["--collect-only", "--quiet", "--no-header"],
        Runner::Go => {
            let mut named: Vec<String> = args.iter().filter(|arg| is_package(arg)).cloned().collect();
            if named.is_empty() {
                named.push("./...".into());
            }
            return Some(["go", "list"].map(str::to_owned).into_iter().chain(named).collect());
        }
        Runner::Rspec => &["--dry-run", "--format", "json"],
        _ => return None,
    };
    let more = more.iter().map(|word| (*word).to_owned());
    Some(found.start.iter().cloned().chain(more).chain(args.iter().cloned()).collect())
}

/// The files or packages that a [`listing`] told, each once, in order.
pub fn listed(runner: Runner, said: &str) -> Vec<String> {
    let mut all: Vec<String> = match runner {
        Runner::Pytest => {
            said.lines().filter_map(|line| line.split_once("::")).map(|(file, _)| file.trim().to_owned()).collect()
        }
        Runner::Rspec => {
            let said = said.find('{').map_or("", |at| &said[at..]);
            // What follows the object, such as a summary, is none of it.
            let mut values = serde_json::Deserializer::from_str(said).into_iter::<serde_json::Value>();
            let report = values.next().and_then(Result::ok).unwrap_or_default();
            let examples = report["examples"].as_array().cloned().unwrap_or_default();
            examples.iter().filter_map(|example| example["file_path"].as_str()).map(str::to_owned).collect()
        }
        _ => said.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
    };
    all.sort();
    all.dedup();
    all
}

/// What each of `of` shards gets; some get nothing where there is less than one for each.
pub fn parts(all: &[String], of: usize) -> Vec<Vec<String>> {
    (0..of).map(|shard| all.iter().skip(shard).step_by(of).cloned().collect()).collect()
}

/// Whether an argument says of which tests the parts are. Beside a part it would have each shard run all of them.
pub fn covers(runner: Runner, given: &str, parts: &[Vec<String>]) -> bool {
    let plain = |path: &str| path.trim_start_matches("./").trim_end_matches('/').to_owned();
    let (arg, below) = (plain(given), format!("{}/", plain(given)));
    let told = |part: &String| plain(part) == arg || plain(part).starts_with(&below);
    match runner {
        Runner::Go => !parts.is_empty() && is_package(given),
        _ => parts.iter().flatten().any(told),
    }
}

/// Whether an argument of `go test` is a package.
fn is_package(arg: &str) -> bool {
    arg.starts_with("./") || arg.contains("...")
}

/// The call.
///
/// # Errors
/// When the runner knows no shards or writes no report, with what to do.
pub fn invocation(found: &Found, wanted: &Wanted) -> CommandResult<Invocation> {
    let mut call = Invocation { command: found.start.clone(), ..Invocation::default() };
    if wanted.shard.is_some() && found.runner.sharding().is_none() {
        return Err(no_shards(found.runner));
    }
    let report = wanted.junit.as_deref();
    if let (Some(report), Runner::Command) = (report, found.runner) {
        own_report(&mut call, wanted, report)?;
    } else if let Some(report) = report {
        reporting(&mut call, found, report)?;
    }
    if let Some(shard) = wanted.shard {
        sharding(&mut call, found, shard)?;
    }
    match found.runner {
        // In the middle, so that the person's arguments may still be files.
        Runner::NodeTest => {
            let options = call.command.split_off(found.start.len());
            call.command[2] = with_options(&call.command[2], &options);
            call.command.extend(wanted.args.iter().cloned());
        }
        // Not a terminal's watch mode.
        Runner::Vitest if found.start.last().is_none_or(|word| word != "run") => {
            call.command.push("--run".into());
            call.command.extend(wanted.args.iter().cloned());
        }
        Runner::Go => {
            call.command.extend(wanted.args.iter().cloned());
            let named = wanted.args.iter().any(|arg| is_package(arg));
            match wanted.parts.is_empty() {
                false => call.command.extend(wanted.parts.iter().cloned()),
                true if named => {}
                true => call.command.push("./...".into()),
            }
        }
        _ => {
            call.command.extend(wanted.args.iter().cloned());
            call.command.extend(wanted.parts.iter().cloned());
        }
    }
    Ok(call)
}

/// The script of `node --test`, with options right after `--test`.
fn with_options(script: &str, options: &[String]) -> String {
    let words: Vec<String> = options.iter().map(|option| quoted(option)).collect();
    let ends = |at: usize| script[at + 6..].chars().next().is_none_or(char::is_whitespace);
    match script.match_indices("--test").map(|(at, _)| at).find(|at| ends(*at)) {
        Some(at) if !words.is_empty() => format!("{} {}{}", &script[..at + 6], words.join(" "), &script[at + 6..]),
        _ => script.to_owned(),
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map(|quoted| quoted.into_owned()).unwrap_or_else(|_| word.replace('\0', ""))
}

fn own_report(call: &mut Invocation, wanted: &Wanted, report: &Path) -> CommandResult {
    if replace(&mut call.command, "{junit}", &shown(report)) {
        return Ok(());
    }
    let Some(own) = &wanted.own_junit else {
        return Err(CommandError::new(
            ErrorKind::Config,
            "no-junit",
            "`local.test` in plattr.yaml does not say where its command writes a JUnit report",
        )
        .hint("write `{junit}` where the command takes the path of the report")
        .hint("or say in `local.test.junit` which file it always writes"));
    };
    call.reports = Reports::At(own.clone());
    Ok(())
}

fn reporting(call: &mut Invocation, found: &Found, report: &Path) -> CommandResult {
    let path = shown(report);
    let mut add = |words: &[&str]| call.command.extend(words.iter().map(|word| (*word).to_owned()));
    match found.runner {
        Runner::Vitest => add(&["--reporter=default", "--reporter=junit", &format!("--outputFile.junit={path}")]),
        Runner::Jest => {
            library(found, "jest-junit", "npm install --save-dev jest-junit")?;
            add(&["--reporters=default", "--reporters=jest-junit"]);
            call.env.push(("JEST_JUNIT_OUTPUT_FILE", path));
        }
        Runner::Playwright => {
            add(&["--reporter=list,junit"]);
            call.env.extend([("PLAYWRIGHT_JUNIT_OUTPUT_FILE", path.clone()), ("PLAYWRIGHT_JUNIT_OUTPUT_NAME", path)]);
        }
        Runner::Mocha => add(&["--reporter", "xunit", "--reporter-option", &format!("output={path}")]),
        Runner::NodeTest => add(&[
            "--test-reporter=spec",
            "--test-reporter-destination=stdout",
            "--test-reporter=junit",
            &format!("--test-reporter-destination={path}"),
        ]),
        Runner::Pytest => add(&[&format!("--junitxml={path}")]),
        Runner::Rspec => {
            library(found, "rspec_junit_formatter", "bundle add rspec_junit_formatter --group test")?;
            add(&["--format", "progress", "--format", "RspecJunitFormatter", "--out", &path]);
        }
        Runner::Go => {
            library(found, "gotestsum", "go install gotest.tools/gotestsum@latest")?;
            call.command = ["gotestsum", "--junitfile", &path, "--"].map(str::to_owned).into();
        }
        Runner::Nextest => {
            let config = report.with_extension("nextest.toml");
            add(&["--tool-config-file", &format!("plattr:{}", shown(&config))]);
            call.file = Some((config, format!("[profile.default.junit]\npath = {}\n", serde_json::json!(path))));
        }
        Runner::Maven => call.reports = Reports::Below("surefire-reports"),
        Runner::Gradle => call.reports = Reports::Below("test-results"),
        Runner::Command | Runner::Script | Runner::Mix | Runner::Cargo => return Err(no_report(found.runner)),
    }
    Ok(())
}

fn sharding(call: &mut Invocation, found: &Found, Shard { index, of }: Shard) -> CommandResult {
    let mut add = |words: &[String]| call.command.extend(words.iter().cloned());
    match found.runner {
        Runner::Command => {
            let told = replace(&mut call.command, "{shards}", &of.to_string())
                & replace(&mut call.command, "{shard}", &index.to_string());
            if !told {
                return Err(CommandError::new(
                    ErrorKind::Config,
                    "no-shards",
                    "`local.test.command` in plattr.yaml does not say how it runs a part of the tests",
                )
                .hint("write `{shard}` and `{shards}` where the command takes the number of the part and how many there are"));
            }
        }
        Runner::Vitest | Runner::Jest | Runner::Playwright => add(&[format!("--shard={index}/{of}")]),
        Runner::NodeTest => add(&[format!("--test-shard={index}/{of}")]),
        Runner::Pytest if found.with.contains(&"pytest-split") => {
            add(&["--splits".into(), of.to_string(), "--group".into(), index.to_string()]);
        }
        Runner::Mix => {
            add(&["--partitions".into(), of.to_string()]);
            call.env.push(("MIX_TEST_PARTITION", index.to_string()));
        }
        Runner::Nextest => add(&["--partition".into(), format!("count:{index}/{of}")]),
        // They are told their parts.
        Runner::Pytest | Runner::Rspec | Runner::Go => {}
        Runner::Mocha | Runner::Script | Runner::Cargo | Runner::Maven | Runner::Gradle => {
            return Err(no_shards(found.runner));
        }
    }
    Ok(())
}

/// Replaces a placeholder; says whether there was one.
fn replace(command: &mut [String], placeholder: &str, value: &str) -> bool {
    let mut replaced = false;
    for word in command {
        if word.contains(placeholder) {
            *word = word.replace(placeholder, value);
            replaced = true;
        }
    }
    replaced
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn library(found: &Found, name: &'static str, how: &str) -> CommandResult {
    if found.with.contains(&name) {
        return Ok(());
    }
    let message = format!("{} writes a JUnit report with {name}, which the project does not have", found.runner.name());
    Err(CommandError::new(ErrorKind::Environment, "no-junit", message).hint(format!("`{how}` brings it")))
}

fn names(can: impl Fn(Runner) -> bool) -> String {
    let names: Vec<&str> = Runner::ALL.into_iter().filter(|runner| can(*runner)).map(Runner::name).collect();
    names.join(", ")
}

fn no_report(runner: Runner) -> CommandError {
    let error =
        CommandError::new(ErrorKind::Config, "no-junit", format!("{} writes no JUnit report", described(runner)));
    let error = match runner {
        Runner::Cargo => error.hint("cargo-nextest does: `cargo install cargo-nextest --locked`"),
        _ => error,
    };
    error
        .hint("`local.test.command` in plattr.yaml with `{junit}` in it says how the project's tests write one")
        .hint(format!("these do by themselves: {}", names(|runner| runner.reporting().is_some())))
}

fn no_shards(runner: Runner) -> CommandError {
    let error = CommandError::new(
        ErrorKind::Config,
        "no-shards",
        format!("{} cannot run a part of the tests", described(runner)),
    );
    let error = match runner {
        Runner::Cargo => error.hint("cargo-nextest can: `cargo install cargo-nextest --locked`"),
        _ => error,
    };
    error.hint(format!("these can: {}", names(|runner| runner.sharding().is_some())))
}

fn described(runner: Runner) -> String {
    match runner {
        Runner::Script => "the script `test` of package.json".into(),
        Runner::Cargo => "`cargo test`".into(),
        runner => runner.name().into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rstest::rstest;

    use super::*;

    fn found(runner: Runner, start: &[&str], with: &[&'static str]) -> Found {
        Found { with: with.into(), ..Found::new(runner, start, "") }
    }

    fn line(found: &Found, wanted: &Wanted) -> String {
        invocation(found, wanted).unwrap().command.join(" ")
    }

    #[rstest]
    #[case(Runner::Vitest, &["vitest", "run"], &[], "vitest run --reporter=default --reporter=junit --outputFile.junit=/r/j.xml --shard=2/3 -t x")]
    #[case(Runner::Vitest, &["npm", "run", "test", "--"], &[], "npm run test -- --reporter=default --reporter=junit --outputFile.junit=/r/j.xml --shard=2/3 --run -t x")]
    #[case(Runner::Jest, &["jest"], &["jest-junit"], "jest --reporters=default --reporters=jest-junit --shard=2/3 -t x")]
    #[case(Runner::Playwright, &["playwright", "test"], &[], "playwright test --reporter=list,junit --shard=2/3 -t x")]
    #[case(Runner::NodeTest, &["sh", "-c", "node --test src \"$@\"", "sh"], &[], "sh -c node --test '--test-reporter=spec' '--test-reporter-destination=stdout' '--test-reporter=junit' '--test-reporter-destination=/r/j.xml' '--test-shard=2/3' src \"$@\" sh -t x")]
    #[case(Runner::Pytest, &["pytest"], &["pytest-split"], "pytest --junitxml=/r/j.xml --splits 3 --group 2 -t x")]
    #[case(Runner::Mix, &["mix", "test"], &[], "")]
    #[case(Runner::Go, &["go", "test"], &["gotestsum"], "gotestsum --junitfile /r/j.xml -- -t x ./...")]
    #[case(Runner::Nextest, &["cargo", "nextest", "run"], &[], "cargo nextest run --tool-config-file plattr:/r/j.nextest.toml --partition count:2/3 -t x")]
    #[case(Runner::Command, &["make", "J={junit}", "N={shard}/{shards}"], &[], "make J=/r/j.xml N=2/3 -t x")]
    fn report_and_part_are_asked_for_in_the_runners_own_way(
        #[case] runner: Runner,
        #[case] start: &[&str],
        #[case] with: &[&'static str],
        #[case] expected: &str,
    ) {
        let wanted = Wanted {
            args: vec!["-t".into(), "x".into()],
            junit: Some("/r/j.xml".into()),
            shard: Some(Shard { index: 2, of: 3 }),
            ..Wanted::default()
        };
        let called = invocation(&found(runner, start, with), &wanted);
        match expected {
            "" => assert_eq!(called.unwrap_err().code, "no-junit"),
            expected => assert_eq!(called.unwrap().command.join(" "), expected),
        }
    }

    #[test]
    fn without_wishes_a_runner_is_called_as_it_is() {
        let plain = Wanted::default();
        assert_eq!(line(&found(Runner::Pytest, &["pytest"], &[]), &plain), "pytest");
        assert_eq!(line(&found(Runner::Go, &["go", "test"], &[]), &plain), "go test ./...");
        let named = Wanted { args: vec!["./api".into()], ..Wanted::default() };
        assert_eq!(line(&found(Runner::Go, &["go", "test"], &[]), &named), "go test ./api");
        let node = found(Runner::NodeTest, &["sh", "-c", "node --test \"$@\"", "sh"], &[]);
        assert_eq!(line(&node, &plain), "sh -c node --test \"$@\" sh");
    }

    #[test]
    fn what_a_runner_cannot_is_said_with_those_that_can() {
        let shard = Wanted { shard: Some(Shard { index: 1, of: 2 }), ..Wanted::default() };
        let error = invocation(&found(Runner::Cargo, &["cargo", "test"], &[]), &shard).unwrap_err();
        assert_eq!(error.code, "no-shards");
        assert!(error.hints.iter().any(|hint| hint.contains("vitest") && !hint.contains("maven")), "{:?}", error.hints);
        let error = invocation(&found(Runner::Command, &["make"], &[]), &shard).unwrap_err();
        assert!(error.hints[0].contains("{shard}"), "{:?}", error.hints);
        let report = Wanted { junit: Some("/r/j.xml".into()), ..Wanted::default() };
        let error = invocation(&found(Runner::Jest, &["jest"], &[]), &report).unwrap_err();
        assert!(error.hints[0].contains("npm install --save-dev jest-junit"), "{:?}", error.hints);
        let error = invocation(&found(Runner::Command, &["make"], &[]), &report).unwrap_err();
        assert!(error.hints[0].contains("{junit}"), "{:?}", error.hints);
    }

    #[test]
    fn a_command_that_always_writes_the_same_report_is_taken_at_its_word() {
        let wanted =
            Wanted { junit: Some("/r/j.xml".into()), own_junit: Some("/p/report.xml".into()), ..Wanted::default() };
        let call = invocation(&found(Runner::Command, &["make"], &[]), &wanted).unwrap();
        assert_eq!((call.command, call.reports), (vec!["make".to_owned()], Reports::At("/p/report.xml".into())));
    }

    #[test]
    fn an_argument_that_the_parts_are_of_is_not_given_to_each() {
        let parts = [vec!["tests/api/a.py".to_owned()], vec!["tests/b.py".to_owned()]];
        let covered = |arg: &str| covers(Runner::Pytest, arg, &parts);
        assert!(covered("tests") && covered("./tests/api/") && covered("tests/b.py"));
        assert!(!covered("-x") && !covered("test") && !covered("tests/c.py"));
        assert!(covers(Runner::Go, "./api/...", &parts) && !covers(Runner::Go, "-race", &parts));
    }

    #[test]
    fn files_and_packages_are_shared_out_evenly() {
        let said = "tests/test_b.py::test_x\ntests/test_a.py::TestA::test_y[1]\ntests/test_a.py::test_z\n\n3 tests collected\n";
        let files = listed(Runner::Pytest, said);
        assert_eq!(files, ["tests/test_a.py", "tests/test_b.py"]);
        let said = "{\"examples\": [{\"file_path\": \"./spec/b_spec.rb\"}, {\"file_path\": \"./spec/a_spec.rb\"}]}\nCoverage: 1%";
        assert_eq!(listed(Runner::Rspec, said), ["./spec/a_spec.rb", "./spec/b_spec.rb"]);
        assert_eq!(listed(Runner::Go, "x/a\nx/b\n"), ["x/a", "x/b"]);
        let all: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
        assert_eq!(parts(&all, 3), [vec!["a", "d"], vec!["b"], vec!["c"]]);
        assert_eq!(parts(&all[..1], 2), [vec!["a".to_owned()], vec![]]);
        let wanted = Wanted { shard: Some(Shard { index: 1, of: 2 }), parts: vec!["x/a".into()], ..Wanted::default() };
        assert_eq!(line(&found(Runner::Go, &["go", "test"], &[]), &wanted), "go test x/a");
    }
}
