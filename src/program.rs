//! Programs of a person or a project that plattr runs: what is said where they cannot be, and how they end.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind as Io;
use std::os::unix::process::{CommandExt, ExitStatusExt as _};
use std::process::{Command, ExitStatus};

use plattr_api::Variables;

use crate::ui::error::{CommandError, ErrorKind};

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
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn failure(program: &str) -> CommandError {
        exec(&[program.into()], &Variables::new())
    }

    #[test]
    fn one_that_a_signal_ended_has_the_code_that_a_shell_gives_it() {
        let code = |script: &str| exit_code(Command::new("sh").args(["-c", script]).status().unwrap());
        assert_eq!((code("exit 0"), code("exit 7"), code("kill -9 $$")), (0, 7, 137));
    }

    #[test]
    fn a_program_that_is_not_there_is_said_with_what_to_try() {
        assert_eq!(failure("no-such-program").code, "program-not-found");
        assert!(failure("npm test").hints[0].contains("sh -c 'npm test'"));
        assert_eq!(failure("/etc/passwd").code, "program-not-executable");
    }
}
