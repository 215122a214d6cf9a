//! The old server and the new one, which nobody but plattr reaches: through sockets in a folder of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plattr_db::Server;

use crate::services::postgres::{COUNTING, beginning, initdb, single};
use crate::services::probe::Probe;
use crate::services::process::{Command, ConfigFile, Step, StopSignal};

/// The number in the name of the old server's socket.
pub const OLD: u16 = 1;
/// The number in the name of the new server's socket.
pub const NEW: u16 = 2;

/// How long a server may take: one that was killed has to go through its log first.
const PATIENCE: Duration = Duration::from_secs(600);

/// Programs and folders of both.
pub struct Halves<'a> {
    /// `postgres`, and the data.
    pub old: (PathBuf, PathBuf),
    /// `postgres` and `initdb`.
    pub new: (PathBuf, PathBuf),
    /// Where the new data is made.
    pub staging: &'a Path,
    /// Major version of the new.
    pub to: u32,
    /// Whether the new has the extension that counts statements.
    pub counts: bool,
}

impl Halves<'_> {
    /// Makes the new data folder and starts both.
    pub fn steps(&self, scratch: &Path) -> Vec<Step> {
        let environment =
            [("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()), ("TZ", "UTC".into()), ("LC_ALL", "C".into())]
                .map(|(name, value)| (name.to_owned(), value));
        let run = |program: &Path, args: Vec<String>, stdin: Option<&str>| Command {
            program: program.to_owned(),
            args,
            env: environment.clone().into(),
            stdin: stdin.map(str::to_owned),
            fails_on: stdin.map(|_| "ERROR:"),
        };
        let staging = self.staging.display().to_string();
        let start = |program: &Path, data: &Path, number: u16, more: &[&str]| Step::Start {
            command: run(program, serving(scratch, data, number, more), None),
            probe: Probe::Postgres { url: url(scratch, number) },
            stop: StopSignal::Int,
            timeout: PATIENCE,
        };
        let remove = |args: &[&str]| {
            Step::Run(run(Path::new("/bin/rm"), args.iter().map(|arg| (*arg).to_owned()).collect(), None))
        };
        let stale = self.old.1.join("postmaster.pid");
        vec![
            Step::Write(ConfigFile { path: scratch.join("postgresql.conf"), contents: settings(scratch) }),
            Step::Write(ConfigFile {
                path: scratch.join("pg_hba.conf"),
                contents: "local all postgres trust\n".into(),
            }),
            // Of a run that was killed.
            remove(&["-rf", &staging]),
            Step::Run(run(&self.new.1, initdb(&staging, &self.to.to_string()), None)),
            Step::Run(run(&self.new.0, single(&staging, "template1"), Some(&beginning(self.counts)))),
            Step::Run(run(&self.new.0, single(&staging, "template0"), Some(if self.counts { COUNTING } else { "" }))),
            // The number in it may belong to another process by now, for which PostgreSQL would wait.
            remove(&["-f", &stale.display().to_string()]),
            start(&self.old.0, &self.old.1, OLD, &[]),
            // Until it is whole, it counts for nothing; it is written to the disk before it gets its name.
            start(
                &self.new.0,
                self.staging,
                NEW,
                &["synchronous_commit=off", "full_page_writes=off", "autovacuum=off"],
            ),
        ]
    }
}

fn serving(scratch: &Path, data: &Path, number: u16, more: &[&str]) -> Vec<String> {
    let mut args = vec!["-D".to_owned(), data.display().to_string()];
    let own = [
        format!("config_file={}", scratch.join("postgresql.conf").display()),
        format!("hba_file={}", scratch.join("pg_hba.conf").display()),
        format!("port={number}"),
    ];
    for setting in own.into_iter().chain(more.iter().map(|setting| (*setting).to_owned())) {
        args.extend(["-c".to_owned(), setting]);
    }
    args
}

fn settings(scratch: &Path) -> String {
    let scratch = scratch.display().to_string().replace('\'', "''");
    format!(
        "listen_addresses = ''\nunix_socket_directories = '{scratch}'\nunix_socket_permissions = 0700\n\
         max_connections = 20\nshared_buffers = '64MB'\nmaintenance_work_mem = '128MB'\nmax_wal_size = '1GB'\n\
         password_encryption = 'scram-sha-256'\nlog_timezone = 'UTC'\ntimezone = 'UTC'\n"
    )
}

fn url(scratch: &Path, number: u16) -> String {
    let host: String = scratch.display().to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("postgresql://postgres@{host}:{number}/postgres")
}

/// A server, reached as its superuser.
pub fn reach(scratch: &Path, number: u16) -> Server {
    let mut config = tokio_postgres::Config::new();
    config.host_path(scratch).port(number).user("postgres").dbname("postgres").application_name("plattr");
    Server::plain(config)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nobody_reaches_the_servers_over_a_network() {
        let text = settings(Path::new("/it's/here"));
        assert!(text.contains("listen_addresses = ''\n") && text.contains("'/it''s/here'"), "{text}");
    }

    #[test]
    fn a_url_leads_to_the_socket_whatever_its_path() {
        let config: tokio_postgres::Config = url(Path::new("/a b/ü"), OLD).parse().unwrap();
        assert_eq!(config.get_hosts(), reach(Path::new("/a b/ü"), OLD).config.get_hosts());
    }
}
