//! Runs a runner, several side by side, and ends them.

use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plattr_api::Variables;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

use super::invocation::Invocation;
use crate::engines::native::process_table::{self as table, Table};
use crate::engines::native::supervisor;
use crate::program::{exit_code, not_started};
use crate::services::process::StopSignal;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// How long a runner may take to end after a person's Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

/// A run of a runner.
pub struct Job {
    /// What is called.
    pub call: Invocation,
    /// Where.
    pub folder: PathBuf,
    /// Variables of the application.
    pub variables: Variables,
    /// By what a later run finds the process, should this one be killed.
    pub mark: Option<String>,
    /// What its lines begin with, where several run side by side.
    pub label: Option<String>,
    /// Whether what it prints is not data: stdout is wanted for something else.
    pub aside: bool,
}

/// The processes that run.
#[derive(Default)]
pub struct Running(Mutex<Vec<(u32, u64)>>);

impl Running {
    fn add(&self, pid: u32) {
        let start = table::alive(pid).map_or(0, |row| row.start);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((pid, start));
    }

    fn all(&self) -> Vec<(u32, u64)> {
        let is_it = |(pid, start): &(u32, u64)| table::alive(*pid).is_some_and(|row| row.start == *start);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().filter(is_it).collect()
    }

    /// Passes a signal on, waits until all have ended, and ends those that do not.
    pub async fn end(&self, signal: Signal, terminal: bool) {
        // A terminal gives Ctrl-C to all of its processes; a second one would mean more to many runners.
        if !(terminal && signal == Signal::INT) {
            let table = Table::read();
            for member in self.all().into_iter().flat_map(|(pid, _)| table.tree(pid)) {
                if let Some(pid) = i32::try_from(member).ok().and_then(Pid::from_raw) {
                    // It may have ended this moment; then there is nothing left to do.
                    let _ = kill_process(pid, signal);
                }
            }
        }
        let end = tokio::time::Instant::now() + GRACE;
        while !self.all().is_empty() && tokio::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for (pid, start) in self.all() {
            supervisor::end(pid, start, StopSignal::Term, Duration::from_secs(1)).await;
        }
    }
}

/// Runs a job to its end and tells its exit code; one that a signal ended counts as 128 and the signal, as in a shell.
///
/// # Errors
/// When it cannot be started.
pub async fn run(ui: &Ui, job: &Job, running: &Running) -> CommandResult<u8> {
    let mut command = command(job)?;
    let program = job.call.command.first().map(String::as_str).unwrap_or_default();
    let mut child = command.spawn().map_err(|error| not_started(program.as_ref(), error))?;
    if let Some(pid) = child.id() {
        running.add(pid);
    }
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let label = job.label.as_deref().unwrap_or_default();
    let (status, out, err) = tokio::join!(
        child.wait(),
        relay(out, label, |line| if job.aside { aside(ui, line) } else { ui.line(line) }),
        relay(err, label, |line| aside(ui, line)),
    );
    out.and(err)?;
    let status = status.map_err(|error| {
        CommandError::new(ErrorKind::Failed, "command-lost", format!("cannot wait for `{program}`")).because(error)
    })?;
    Ok(exit_code(status))
}

/// Runs a command for what it says on stdout.
///
/// # Errors
/// When it cannot be started, or fails: with what it said.
pub async fn ask(job: &Job) -> CommandResult<String> {
    let mut command = command(job)?;
    let program = job.call.command.first().map(String::as_str).unwrap_or_default();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| not_started(program.as_ref(), error))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let told = format!("{}{said}", String::from_utf8_lossy(&output.stderr));
    let message = format!("`{}` failed: {}", job.call.command.join(" "), output.status);
    Err(CommandError::new(ErrorKind::Failed, "no-listing", message)
        .because(told.trim().to_owned())
        .hint("the tests are told by it, to share them out; `plattr test` without `--shards` runs them all"))
}

fn command(job: &Job) -> CommandResult<Command> {
    let (program, args) = job.call.command.split_first().ok_or_else(crate::program::no_command)?;
    let mut command = Command::new(program);
    command
        .args(args)
        .current_dir(&job.folder)
        .envs(job.variables.iter())
        .envs(job.call.env.iter().map(|(n, v)| (n, v)));
    let own = job.folder.join("node_modules/.bin");
    if own.is_dir() {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(own).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(all).unwrap_or(path));
    }
    if let Some(mark) = &job.mark {
        command.env(supervisor::MARK, mark);
    }
    match (&job.label, job.aside) {
        (Some(_), _) => {
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        (None, true) => {
            let stderr = std::io::stderr().as_fd().try_clone_to_owned()?;
            command.stdout(Stdio::from(stderr));
        }
        (None, false) => {}
    }
    Ok(command)
}

/// Passes on lines, each with a label before it.
async fn relay(
    from: Option<impl AsyncRead + Unpin>,
    label: &str,
    pass: impl Fn(&str) -> CommandResult,
) -> CommandResult {
    let Some(from) = from else { return Ok(()) };
    let (mut reader, mut line) = (BufReader::new(from), Vec::new());
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line).await {
            // The other end is gone; how it ended is told by its exit code.
            Ok(0) | Err(_) => return Ok(()),
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                pass(&format!("{label} | {}", text.trim_end_matches(['\n', '\r'])))?;
            }
        }
    }
}

fn aside(ui: &Ui, line: &str) -> CommandResult {
    ui.relay(line);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ui::globals::Globals;
    use crate::ui::tests::captured;

    fn job(script: &str, label: Option<&str>) -> Job {
        let command = ["sh", "-c", script].map(str::to_owned).into();
        let mut variables = Variables::new();
        variables.set("WORD", "told");
        Job {
            call: Invocation { command, ..Invocation::default() },
            folder: std::env::temp_dir(),
            variables,
            mark: None,
            label: label.map(str::to_owned),
            aside: false,
        }
    }

    #[tokio::test]
    async fn lines_are_passed_on_with_their_label_and_the_exit_code_is_kept() {
        let (ui, out, err) = captured(&Globals::default());
        let job = job("echo $WORD; echo no >&2; printf last; exit 3", Some("1/2"));
        assert_eq!(run(&ui, &job, &Running::default()).await.unwrap(), 3);
        assert_eq!((out.text().as_str(), err.text().as_str()), ("1/2 | told\n1/2 | last\n", "1/2 | no\n"));
    }

    #[tokio::test]
    async fn a_signal_counts_as_in_a_shell_and_a_missing_program_is_said() {
        let (ui, ..) = captured(&Globals::default());
        assert_eq!(run(&ui, &job("kill -TERM $$", Some("x")), &Running::default()).await.unwrap(), 143);
        let mut missing = job("", None);
        missing.call.command = vec!["no-such-runner".into()];
        assert_eq!(run(&ui, &missing, &Running::default()).await.unwrap_err().code, "program-not-found");
    }

    #[tokio::test]
    async fn what_is_asked_for_a_list_and_fails_says_why() {
        assert_eq!(ask(&job("echo a; echo b", None)).await.unwrap(), "a\nb\n");
        let error = ask(&job("echo broken import >&2; exit 2", None)).await.unwrap_err();
        assert!(error.source.unwrap().to_string().contains("broken import"));
    }

    #[tokio::test]
    async fn a_signal_reaches_what_runs() {
        let (ui, out, _) = captured(&Globals::default());
        let running = Running::default();
        let job = job("trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done", Some("x"));
        let ending = async {
            while !out.text().contains("ready") {
                tokio::task::yield_now().await;
            }
            running.end(Signal::INT, false).await;
        };
        let (code, ()) = tokio::join!(run(&ui, &job, &running), ending);
        assert_eq!(code.unwrap(), 7);
        assert!(running.all().is_empty());
    }
}
