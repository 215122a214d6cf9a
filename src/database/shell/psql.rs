//! The prompt of PostgreSQL itself, where it is installed.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use plattr_db::server::Trust;
use tokio_postgres::config::{Host, SslMode};

use super::source::{Login, Source};
use crate::commands::run::not_started;
use crate::ui::error::CommandError;

/// Where it is; none where it is not installed.
pub fn find() -> Option<PathBuf> {
    which::which("psql").ok()
}

/// Becomes psql; returns only if it could not be started. The password goes by a variable, which, unlike the
/// arguments, only the same user can look at.
pub fn become_psql(program: &Path, source: &Source, args: &[OsString]) -> CommandError {
    let error = Command::new(program).args(prompt(&source.label)).args(args).envs(variables(&source.login)).exec();
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
fn variables(login: &Login) -> Vec<(&'static str, OsString)> {
    let config = &login.server.config;
    let list = |items: Vec<String>| OsString::from(items.join(","));
    let mut found: Vec<(&str, OsString)> = vec![(
        "PGHOST",
        list(
            config
                .get_hosts()
                .iter()
                .map(|host| match host {
                    Host::Tcp(name) => name.clone(),
                    Host::Unix(path) => path.display().to_string(),
                })
                .collect(),
        ),
    )];
    if !config.get_hostaddrs().is_empty() {
        found.push(("PGHOSTADDR", list(config.get_hostaddrs().iter().map(ToString::to_string).collect())));
    }
    if !config.get_ports().is_empty() {
        found.push(("PGPORT", list(config.get_ports().iter().map(ToString::to_string).collect())));
    }
    found.extend(config.get_user().map(|user| ("PGUSER", user.into())));
    found.extend(config.get_dbname().map(|name| ("PGDATABASE", name.into())));
    found.extend(config.get_password().map(|word| ("PGPASSWORD", String::from_utf8_lossy(word).into_owned().into())));
    let mode = match (&login.server.trust, config.get_ssl_mode()) {
        (Trust::Certified { .. }, _) => "verify-full",
        (Trust::Anyone, SslMode::Disable) => "disable",
        (Trust::Anyone, SslMode::Require) => "require",
        (Trust::Anyone, _) => "prefer",
    };
    found.push(("PGSSLMODE", mode.into()));
    if let Trust::Certified { roots: Some(roots) } = &login.server.trust {
        found.push(("PGSSLROOTCERT", roots.into()));
    }
    if let Some(timeout) = config.get_connect_timeout() {
        found.push(("PGCONNECT_TIMEOUT", timeout.as_secs().to_string().into()));
    }
    let settings = login.settings.iter().map(|(name, value)| format!("-c {name}={}", escaped(value)));
    let options: Vec<String> = config.get_options().map(str::to_owned).into_iter().chain(settings).collect();
    if !options.is_empty() {
        found.push(("PGOPTIONS", options.join(" ").into()));
    }
    found
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

    fn seen(url: &str, settings: Vec<(&'static str, String)>) -> Vec<String> {
        let login = Login { server: Server::parse(url).unwrap(), settings };
        variables(&login).into_iter().map(|(name, value)| format!("{name}={}", value.to_string_lossy())).collect()
    }

    #[test]
    fn psql_is_told_by_variables_where_to_go() {
        let url = "postgresql://me:s%20cret@db.example.com:5433/shop?sslmode=verify-full&sslrootcert=/ca.pem";
        let settings =
            vec![("search_path", "\"my shop\"".to_owned()), ("default_transaction_read_only", "on".to_owned())];
        let wanted = [
            "PGHOST=db.example.com",
            "PGPORT=5433",
            "PGUSER=me",
            "PGDATABASE=shop",
            "PGPASSWORD=s cret",
            "PGSSLMODE=verify-full",
            "PGSSLROOTCERT=/ca.pem",
            "PGCONNECT_TIMEOUT=10",
            "PGOPTIONS=-c search_path=\"my\\ shop\" -c default_transaction_read_only=on",
        ];
        assert_eq!(seen(url, settings), wanted);
    }

    #[test]
    fn a_percent_sign_in_a_label_is_no_directive() {
        assert_eq!(prompt("a%b")[1], "PROMPT1=a%%b%R%x%# ");
    }
}
