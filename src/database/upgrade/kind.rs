//! On the Kind engine: two containers on the data of the stack, and the new image's own pg_dump.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::copy::broken;
use super::pair::{Cause, DATABASE, PSQL, Pair, ROLES, Rows, SUPERUSER, Side};
use super::{Copied, Ground, ID, between};
use crate::engines::Engine;
use crate::engines::kind::KindEngine;
use crate::engines::kind::beside::{Beside, DATA, Server};
use crate::engines::kind::containers::Written;
use crate::engines::kind::lock::ImageRef;
use crate::project::Project;
use crate::project::model::StackSettings;
use crate::services::postgres::{COUNTING, beginning, container_user, fill};
use crate::stack::Stack;
use crate::stack::open;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// The port of the old server, on a loopback interface that only the two containers have.
const OLD: &str = "5401";
/// The port of the new server.
const NEW: &str = "5402";
/// How long a server may take: one that was killed has to go through its log first.
const PATIENCE: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(200);
/// What stands between values of psql's answers.
const VALUE: char = '\u{1f}';
/// What stands between rows of psql's answers.
const ROW: char = '\u{1e}';

/// The Kind engine, as a project wants it.
pub struct Kind<'p> {
    project: &'p Project,
    settings: StackSettings,
    engine: KindEngine,
}

impl<'p> Kind<'p> {
    /// Nothing is looked for yet.
    pub fn new(project: &'p Project, settings: StackSettings) -> Self {
        let engine = open::kind(settings.clone(), open::folder(project), Vec::new());
        Self { project, settings, engine }
    }

    /// The image that wrote the data.
    fn old(&self, stack: &Stack, from: u32) -> CommandResult<ImageRef> {
        self.engine.ran(stack, ID).filter(|image| image.major() == from).ok_or_else(|| {
            let message = format!("plattr does not remember the image of PostgreSQL {from} that wrote the data");
            CommandError::new(ErrorKind::Environment, "upgrade-image-unknown", message)
                .hint("put the old image into images.lock, run `plattr dev`, put the new one there, and run this again")
        })
    }
}

#[async_trait]
impl Ground for Kind<'_> {
    fn wanted(&self) -> CommandResult<u32> {
        self.engine.wants(ID).map(|(_, major)| major)
    }

    fn way_to(&self, major: u32) -> String {
        format!("put an image of PostgreSQL {major} into images.lock, as `postgres`")
    }

    async fn folders(&self, stack: &Stack, task: &dyn Task) -> CommandResult<Vec<String>> {
        self.engine.folders(stack, ID, task).await
    }

    async fn rename(&self, stack: &Stack, from: &str, to: &str, task: &dyn Task) -> CommandResult {
        let (from, to) = (format!("{DATA}/{from}"), format!("{DATA}/{to}"));
        // What initdb wrote is on the disk before it counts.
        let rename = ["sh", "-euc", "sync -f \"$1\"; mv -T \"$1\" \"$2\"; sync -f \"$2\"", "sh", &from, &to];
        self.engine.on_data(stack, ID, &rename, "rename", task).await.map(drop)
    }

    async fn delete(&self, stack: &Stack, name: &str, task: &dyn Task) -> CommandResult {
        let delete = ["rm", "-rf", &format!("{DATA}/{name}")];
        self.engine.on_data(stack, ID, &delete, "delete a part of", task).await.map(drop)
    }

    fn before(&self, stack: &Stack, from: u32) -> CommandResult<Box<dyn Engine>> {
        let pins = vec![self.old(stack, from)?];
        Ok(Box::new(open::kind(self.settings.clone(), open::folder(self.project), pins)))
    }

    async fn prepare(&self, stack: &Stack, (from, _): (u32, u32), task: &dyn Task) -> CommandResult {
        let (new, _) = self.engine.wants(ID)?;
        for image in [&self.old(stack, from)?, new] {
            self.engine.have(image, task).await?;
        }
        Ok(())
    }

    async fn copied(&self, stack: &Stack, (from, to): (u32, u32), task: &dyn Task) -> CommandResult<Copied> {
        let (user, new) = (container_user()?, self.engine.wants(ID)?.0.clone());
        let servers = [
            Server { image: self.old(stack, from)?, user, argv: old_server(from), env: Vec::new() },
            Server { image: new, user, argv: new_server(to), env: templates() },
        ];
        let pair = Containers(self.engine.beside(stack, ID, &servers, task).await?);
        let work = async {
            for side in [Side::Old, Side::New] {
                pair.wait(side).await?;
            }
            between(&pair, (from, to), task).await
        };
        match work.await {
            Ok(copied) => pair.0.end().await.map(|()| copied),
            Err(error) => {
                pair.0.remove().await;
                Err(error)
            }
        }
    }

    fn settled(&self, stack: &Stack) -> CommandResult {
        self.engine.moved(stack, ID, ID)
    }
}

/// The container of the old server, in the order in which they are started.
const OLD_SERVER: usize = 0;
/// The container of the new server.
const NEW_SERVER: usize = 1;

/// What begins both servers: nobody but the other container reaches them.
fn serving(data: &str, port: &str, more: &[&str]) -> String {
    let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "hba_file=/tmp/pg_hba.conf"];
    let settings: String = settings.iter().chain(more).map(|setting| format!(" -c {setting}")).collect();
    format!(
        "echo 'host all postgres 127.0.0.1/32 trust' > /tmp/pg_hba.conf\n\
         exec postgres -D {data} -c port={port} -c max_connections=20{settings}\n"
    )
}

fn old_server(major: u32) -> Vec<String> {
    let data = format!("{DATA}/{major}");
    // The number in it is of another container.
    let script = format!("rm -f {data}/postmaster.pid\n{}", serving(&data, OLD, &[]));
    ["sh", "-euc", &script].map(str::to_owned).to_vec()
}

/// The variables with the statements for a new data folder.
fn templates() -> Vec<String> {
    vec![format!("TEMPLATE0={COUNTING}"), format!("TEMPLATE1={}", beginning(true))]
}

fn new_server(major: u32) -> Vec<String> {
    let data = format!("{DATA}/{major}.new");
    // Until it is whole, it counts for nothing; it is written to the disk before it gets its name.
    let more = [
        "synchronous_commit=off",
        "full_page_writes=off",
        "autovacuum=off",
        "maintenance_work_mem=128MB",
        "max_wal_size=1GB",
    ];
    let script = format!(
        "printf '%s' \"$TEMPLATE0\" > /tmp/template0.sql\nprintf '%s' \"$TEMPLATE1\" > /tmp/template1.sql\n{}{}",
        fill(&data, &major.to_string(), "/tmp"),
        serving(&data, NEW, &more)
    );
    ["sh", "-euc", &script].map(str::to_owned).to_vec()
}

/// The variables by which the programs find a server.
fn reaching(port: &str, database: &str) -> [String; 6] {
    [
        format!("PGPORT={port}"),
        "PGHOST=127.0.0.1".to_owned(),
        "PGUSER=postgres".to_owned(),
        format!("PGDATABASE={database}"),
        "PGCONNECT_TIMEOUT=10".to_owned(),
        "PGOPTIONS=-c client_min_messages=warning".to_owned(),
    ]
}

/// Both servers in containers. The programs are those of the new one's image.
struct Containers<'e>(Beside<'e>);

impl Containers<'_> {
    async fn run(&self, argv: &[&str], port: &str, database: &str) -> CommandResult<Written> {
        let env = reaching(port, database);
        self.0.output(NEW_SERVER, argv, &env.each_ref().map(String::as_str)).await
    }

    /// Waits until a server answers.
    async fn wait(&self, side: Side) -> CommandResult {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // One that has ended will never answer, and says why. The programs are in the new one.
            for server in [NEW_SERVER, OLD_SERVER] {
                self.0.still_runs(server).await?;
            }
            match self.query(side, "postgres", "SELECT 1").await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    let message = format!("a server does not answer within {} s", PATIENCE.as_secs());
                    return Err(CommandError::new(ErrorKind::Failed, "upgrade-failed", message).because(error));
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Runs a script with the programs of the new image; it finds the old server by its variables.
    async fn script(&self, script: &str, args: &[&str], program: &str) -> CommandResult {
        let argv = [&["sh", "-euc", script, "sh"], args].concat();
        let done = self.run(&argv, OLD, "postgres").await?;
        if done.code == 0 { Ok(()) } else { Err(broken(program, &done.said.join("\n"))) }
    }
}

#[async_trait]
impl Pair for Containers<'_> {
    async fn query(&self, side: Side, database: &str, sql: &str) -> Result<Rows, Cause> {
        let port = match side {
            Side::Old => OLD,
            Side::New => NEW,
        };
        let (value, row) = (VALUE.to_string(), ROW.to_string());
        let ask = ["--no-align", "--tuples-only", "-F", &value, "-R", &row, "-c", sql];
        let done = self.run(&[&["psql"], PSQL.as_slice(), &ask].concat(), port, database).await?;
        if done.code != 0 {
            return Err(done.said.join("\n").into());
        }
        Ok(rows(&String::from_utf8_lossy(&done.stdout)))
    }

    async fn copy_roles(&self) -> CommandResult {
        // No pipe: its first program's failure would be lost.
        let script = format!(
            "pg_dumpall {} > /tmp/roles.sql\n\
             grep -vxF '{SUPERUSER}' /tmp/roles.sql > /tmp/roles-new.sql\n\
             PGPORT={NEW} psql {} -f /tmp/roles-new.sql > /dev/null\n\
             rm /tmp/roles.sql /tmp/roles-new.sql\n",
            ROLES.join(" "),
            PSQL.join(" ")
        );
        self.script(&script, &[], "copying roles").await
    }

    async fn copy_database(&self, name: &str, _task: &dyn Task) -> CommandResult {
        // A file tells that the first program of the pipe has failed; there is no room for a whole dump.
        let script = format!(
            "rm -f /tmp/not-dumped\n\
             {{ PGDATABASE=\"$1\" pg_dump {} || touch /tmp/not-dumped; }} | PGPORT={NEW} psql {} > /dev/null\n\
             ! [ -e /tmp/not-dumped ]\n",
            DATABASE.join(" "),
            PSQL.join(" ")
        );
        self.script(&script, &[name], "copying a database").await
    }
}

/// The rows of psql's answer.
fn rows(text: &str) -> Rows {
    let text = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() {
        return Rows::new();
    }
    text.split(ROW).map(|row| row.split(VALUE).map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_psql_is_read_whatever_is_in_it() {
        assert_eq!(rows(""), Rows::new());
        assert_eq!(rows("a\u{1f}1\u{1e}b\nc\u{1f}\n"), [["a", "1"], ["b\nc", ""]]);
    }

    #[test]
    fn nobody_reaches_the_servers_over_a_network() {
        for argv in [old_server(16), new_server(17)] {
            let script = argv.last().map(String::as_str).unwrap_or_default();
            assert!(script.contains("listen_addresses=127.0.0.1 -c unix_socket_directories= "), "{script}");
            assert!(script.contains("host all postgres 127.0.0.1/32 trust"), "{script}");
        }
    }
}
