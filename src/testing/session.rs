//! One run of the tests: the calls of its parts, their exit codes, their report.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures::future::{join_all, try_join_all};
use plattr_api::Variables;

use super::invocation::{self, Invocation, Reports, Shard, Wanted};
use super::junit;
use super::run::{self, Job, Running};
use super::runner::Found;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// What is to be run.
pub struct Session<'a> {
    /// Where lines go.
    pub ui: &'a Ui,
    /// The runner.
    pub found: &'a Found,
    /// The application's folder.
    pub root: &'a Path,
    /// Arguments of the person.
    pub args: &'a [String],
    /// How many parts there are.
    pub shards: usize,
    /// Where the report is wanted, absolute.
    pub junit: Option<PathBuf>,
    /// Where the project's own command writes its report, absolute.
    pub own_junit: Option<PathBuf>,
    /// Whether stdout is wanted for something else than what the runner prints.
    pub aside: bool,
}

/// What one part runs against.
pub struct Place {
    /// Variables of the application.
    pub variables: Variables,
    /// By what a later run finds the process.
    pub mark: Option<String>,
}

impl Session<'_> {
    /// The calls of all parts, with reports in `scratch` where several are made one. `parts` are the files or packages of each, where
    /// the runner is told them.
    ///
    /// # Errors
    /// When the runner cannot do what is wanted.
    pub fn calls(&self, scratch: &Path, parts: &[Vec<String>]) -> CommandResult<Vec<Invocation>> {
        let own = |arg: &&String| !invocation::covers(self.found.runner, arg, parts);
        let args: Vec<String> = self.args.iter().filter(own).cloned().collect();
        let call = |index: usize| {
            let own = |report: &PathBuf| match self.shards {
                1 => report.clone(),
                _ => scratch.join(format!("{}.xml", index + 1)),
            };
            let wanted = Wanted {
                args: args.clone(),
                junit: self.junit.as_ref().map(own),
                own_junit: self.own_junit.clone(),
                shard: (self.shards > 1).then(|| Shard { index: index + 1, of: self.shards }),
                parts: parts.get(index).cloned().unwrap_or_default(),
            };
            invocation::invocation(self.found, &wanted)
        };
        (0..self.shards).map(call).collect()
    }

    /// Runs all parts side by side, one in each place. Tells their exit codes; none of a part that has no tests.
    ///
    /// # Errors
    /// When a runner cannot be started, or does not tell its tests where they are to be shared out.
    pub async fn run(&self, places: &[Place], running: &Running) -> CommandResult<Vec<Option<u8>>> {
        let scratch = tempfile::tempdir()?;
        if let Some(report) = &self.junit {
            make_room(report)?;
        }
        let parts = self.shared_out(places).await?;
        let calls = self.calls(scratch.path(), &parts)?;
        let began = SystemTime::now();
        let runs = calls.iter().zip(places).enumerate().map(|(index, (call, place))| {
            let empty = parts.get(index).is_some_and(Vec::is_empty);
            async move {
                if empty {
                    return Ok(None);
                }
                run::run(self.ui, &self.job(index, call.clone(), place)?, running).await.map(Some)
            }
        });
        let codes = match self.shards {
            1 => try_join_all(runs).await?,
            // One that cannot be started is no reason to leave the others alone.
            _ => join_all(runs).await.into_iter().collect::<CommandResult<Vec<_>>>()?,
        };
        self.collect(&calls, scratch.path(), began, codes.iter().all(|code| matches!(code, None | Some(0))))?;
        Ok(codes)
    }

    /// Which files or packages each part is told, where the runner has to be told.
    async fn shared_out(&self, places: &[Place]) -> CommandResult<Vec<Vec<String>>> {
        let (Some(place), Some(listing)) = (places.first(), invocation::listing(self.found, self.args)) else {
            return Ok(Vec::new());
        };
        if self.shards == 1 {
            return Ok(Vec::new());
        }
        let call = Invocation { command: listing, ..Invocation::default() };
        let said = run::ask(&self.job(0, call, place)?).await?;
        let all = invocation::listed(self.found.runner, &said);
        if all.is_empty() {
            return Err(CommandError::new(ErrorKind::Failed, "no-tests", "the runner finds no tests to share out")
                .because(said.trim().to_owned()));
        }
        Ok(invocation::parts(&all, self.shards))
    }

    fn job(&self, index: usize, call: Invocation, place: &Place) -> CommandResult<Job> {
        if let Some((path, contents)) = &call.file {
            fs::write(path, contents).map_err(|e| CommandError::io("write", path, e))?;
        }
        Ok(Job {
            call,
            folder: self.root.to_owned(),
            variables: place.variables.clone(),
            mark: place.mark.clone(),
            label: (self.shards > 1).then(|| format!("{}/{}", index + 1, self.shards)),
            aside: self.aside,
        })
    }

    /// Brings the report to where it is wanted, and makes sure that it is there.
    fn collect(&self, calls: &[Invocation], scratch: &Path, began: SystemTime, passed: bool) -> CommandResult {
        let (Some(report), Some(call)) = (&self.junit, calls.first()) else { return Ok(()) };
        match &call.reports {
            Reports::InPlace if self.shards > 1 => {
                let own = (1..=self.shards).map(|index| scratch.join(format!("{index}.xml")));
                junit::merge(&own.filter(|path| path.is_file()).collect::<Vec<_>>(), report)?;
            }
            Reports::InPlace => {}
            Reports::At(own) if own == report => {}
            Reports::At(own) => {
                let new = fs::metadata(own).and_then(|about| about.modified()).is_ok_and(|at| at >= began);
                if new {
                    fs::copy(own, report).map_err(|e| CommandError::io("copy", own, e))?;
                }
            }
            Reports::Below(name) => junit::merge(&junit::written_since(self.root, name, began), report)?,
        }
        if let Some((path, _)) = &call.file {
            // What it was for is done.
            let _ = fs::remove_file(path);
        }
        if report.is_file() {
            return Ok(());
        }
        let message = format!("the runner wrote no JUnit report to {}", report.display());
        match passed {
            true => Err(CommandError::new(ErrorKind::Failed, "junit-missing", message)
                .hint("see what it said above; its own settings may replace what plattr asks of it")),
            // Why the tests failed matters more.
            false => {
                self.ui.warn(message);
                Ok(())
            }
        }
    }
}

/// A report of another run must not pass for this one's.
fn make_room(report: &Path) -> CommandResult {
    if let Some(folder) = report.parent() {
        fs::create_dir_all(folder).map_err(|e| CommandError::io("make", folder, e))?;
    }
    match fs::remove_file(report) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CommandError::io("replace", report, error)),
        _ => Ok(()),
    }
}

/// The exit code of all parts: the worst.
pub fn worst(codes: &[Option<u8>]) -> u8 {
    codes.iter().flatten().copied().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::runner::Runner;
    use crate::ui::globals::Globals;
    use crate::ui::tests::captured;

    fn place() -> Place {
        Place { variables: Variables::new(), mark: None }
    }

    /// Runs a command of the project in so many parts; the folder, what it told, and what was said.
    async fn run(
        script: &str,
        shards: usize,
        junit: Option<&str>,
    ) -> (tempfile::TempDir, CommandResult<Vec<Option<u8>>>, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let found = Found::new(Runner::Command, &["sh", "-c", script, "sh", "{shard}", "{shards}", "{junit}"], "");
        let (ui, out, err) = captured(&Globals::default());
        let session = Session {
            ui: &ui,
            found: &found,
            root: folder.path(),
            args: &[],
            shards,
            junit: junit.map(|name| folder.path().join(name)),
            own_junit: None,
            aside: false,
        };
        let places: Vec<Place> = (0..shards).map(|_| place()).collect();
        let codes = session.run(&places, &Running::default()).await;
        (folder, codes, out.text(), err.text())
    }

    #[tokio::test]
    async fn parts_run_side_by_side_and_the_worst_exit_code_counts() {
        // Each waits for the other: one after the other they would never end.
        let script =
            "touch $1; while [ ! -e 1 ] || [ ! -e 2 ]; do sleep 0.01; done; echo part $1 of $2; exit $((3 * ($1 - 1)))";
        let (_folder, codes, out, _) = run(script, 2, None).await;
        let codes = codes.unwrap();
        assert_eq!((codes.as_slice(), worst(&codes)), ([Some(0), Some(3)].as_slice(), 3));
        let mut lines: Vec<&str> = out.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["1/2 | part 1 of 2", "2/2 | part 2 of 2"]);
    }

    #[tokio::test]
    async fn reports_of_all_parts_are_one() {
        let script = "echo \"<testsuite name='$1' tests='1'/>\" > $3";
        let (folder, codes, ..) = run(script, 3, Some("out/report.xml")).await;
        assert_eq!(codes.unwrap(), [Some(0); 3]);
        let report = fs::read_to_string(folder.path().join("out/report.xml")).unwrap();
        assert!(report.contains("<testsuites tests=\"3\""), "{report}");
        assert!(["name='1'", "name='2'", "name='3'"].iter().all(|name| report.contains(name)), "{report}");
    }

    #[tokio::test]
    async fn a_report_that_was_not_written_is_an_error_unless_the_tests_failed_anyway() {
        let (_folder, codes, ..) = run("exit 0", 1, Some("report.xml")).await;
        assert_eq!(codes.unwrap_err().code, "junit-missing");
        let (_folder, codes, _, err) = run("exit 9", 1, Some("report.xml")).await;
        assert_eq!(codes.unwrap(), [Some(9)]);
        assert!(err.contains("wrote no JUnit report"), "{err}");
    }

    #[test]
    fn an_old_report_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("a/report.xml");
        make_room(&report).unwrap();
        fs::write(&report, "old").unwrap();
        make_room(&report).unwrap();
        assert!(!report.exists());
    }
}
