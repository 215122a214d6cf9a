//! The prompt of PostgreSQL itself, where it is installed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::{Login, Source};
use crate::database::tools::{environment, own_variables};
use crate::program::not_started;
use crate::ui::error::CommandError;

/// Where it is; none where it is not installed.
pub fn find() -> Option<PathBuf> {
    which::which("psql").ok()
}

/// Becomes psql; returns only if it could not be started. The password goes by a variable, which, unlike the
/// arguments, only the same user can look at.
pub fn become_psql(program: &Path, source: &Source, args: &[OsString]) -> CommandError {
    let mut command = Command::new(program);
    for name in own_variables() {
        command.env_remove(name);
    }
    let error = command.args(prompt(&source.label)).args(args).envs(variables(&source.login)).exec();
    not_started(program.as_os_str(), error)
}

/// What a person's own `~/.psqlrc` may change again.
fn prompt(label: &str) -> Vec<OsString> {
    let label = label.replace('%', "%%");
    [format!("PROMPT1={label}%R%x%# "), format!("PROMPT2={label}%R%x%# ")]
        .into_iter()
        .flat_map(|variable| ["-v".into(), variable.into()])
        .collect()
}

/// The variables that libpq reads.
fn variables(login: &Login) -> BTreeMap<&'static str, OsString> {
    let mut variables = environment(&login.server);
    let settings = login.settings.iter().map(|(name, value)| format!("-c {name}={}", escaped(value)));
    let options: Vec<String> =
        login.server.config.get_options().map(str::to_owned).into_iter().chain(settings).collect();
    variables.insert("PGOPTIONS", options.join(" ").into());
    variables
}

/// In `PGOPTIONS`, blanks separate unless a backslash stands before them.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        if c.is_whitespace() || c == '\\' {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use plattr_db::Server;

    use super::*;

    #[test]
    fn psql_begins_its_session_as_the_prompt_does() {
        let server = Server::parse("postgresql://me:secret@db/shop?options=-c%20a.b%3D1").unwrap();
        let settings = vec![("search_path", "\"my shop\"".to_owned()), ("role", "a\\b".to_owned())];
        let told = variables(&Login { server, settings });
        assert_eq!(told["PGOPTIONS"], "-c a.b=1 -c search_path=\"my\\ shop\" -c role=a\\\\b");
        assert_eq!(told["PGPASSWORD"], "secret");
    }

    #[test]
    fn a_percent_sign_in_a_label_is_no_directive() {
        assert_eq!(prompt("a%b")[1], "PROMPT1=a%%b%R%x%# ");
    }
}
