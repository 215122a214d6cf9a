//! `plattr run`: a program with the variables of the application.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind as Io;
use std::os::unix::process::{CommandExt, ExitStatusExt as _};
use std::process::{Command, ExitStatus};

use clap::Args;
use plattr_api::Variables;

use crate::commands::env;
use crate::project::Project;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::Globals;

/// Run a program with the variables of the application set
///
/// plattr becomes the program: signals reach it, and its exit code is the result. Nothing is started first.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Run tests:
    $ plattr run -- npm test

  Open a database shell:
    $ plattr run -- sh -c 'psql \"$DATABASE_URL\"'")]
pub struct RunArgs {
    /// Program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command; returns only if it could not.
///
/// # Errors
/// When there are no variables yet, or the program cannot be started.
pub async fn run(_ui: &Ui, globals: &Globals, args: RunArgs) -> CommandResult {
    let variables = env::variables(&Project::find(globals.project.as_deref())?)?;
    Err(exec(&args.command, &variables))
}

/// Replaces this process by a program; returns only if it could not.
pub fn exec(command: &[OsString], variables: &Variables) -> CommandError {
    let Some((program, args)) = command.split_first() else { return no_command() };
    not_started(program, Command::new(program).args(args).envs(variables.iter()).exec())
}

/// What is said where a command was to be.
pub fn no_command() -> CommandError {
    CommandError::new(ErrorKind::Usage, "no-command", "there is no command to run").hint("write it after `--`")
}

/// What is said of a program that could not be started.
pub fn not_started(program: &OsStr, error: std::io::Error) -> CommandError {
    let name = program.to_string_lossy();
    let told = |code, message: String| CommandError::new(ErrorKind::Failed, code, message);
    match error.kind() {
        Io::NotFound if name.contains(' ') => told("program-not-found", format!("there is no program `{name}`"))
            .hint(format!("write program and arguments as separate words, or `sh -c '{name}'`")),
        Io::NotFound => told("program-not-found", format!("there is no program `{name}`")).hint(
            "check the spelling and PATH; what a package manager installs in the project may need its own runner, as `npx` or `uv run`",
        ),
        Io::PermissionDenied => told("program-not-executable", format!("`{name}` is not executable"))
            .hint(format!("`chmod +x {name}`, or name the program that reads it, as `sh {name}`")),
        _ => told("program-not-started", format!("cannot start `{name}`")).because(error),
    }
}

/// The exit code of a program; one that a signal ended counts as 128 and the signal, as in a shell.
pub fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(program: &str) -> CommandError {
        exec(&[program.into()], &Variables::new())
    }

    #[test]
    fn a_program_that_is_not_there_is_said_with_what_to_try() {
        assert_eq!(failure("no-such-program").code, "program-not-found");
        assert!(failure("npm test").hints[0].contains("sh -c 'npm test'"));
        assert_eq!(failure("/etc/passwd").code, "program-not-executable");
    }
}
