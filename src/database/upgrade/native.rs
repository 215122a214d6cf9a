//! On the native engine: processes beside each other, reached through sockets, and this machine's pg_dump.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use async_trait::async_trait;
use plattr_db::{Server, SqlFailure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::OnceCell;
use tokio_postgres::SimpleQueryMessage;

use super::copy::broken;
use super::pair::{Cause, DATABASE, PSQL, Pair, ROLES, Rows, SUPERUSER, Side};
use super::{Copied, Ground, ID, between, folder, servers};
use crate::database::dump::{cannot_start, last_words};
use crate::database::tools::{self, Client};
use crate::engines::Engine;
use crate::engines::native::NativeEngine;
use crate::project::model::StackSettings;
use crate::services;
use crate::services::postgres::counts;
use crate::services::process::Tools;
use crate::stack::Stack;
use crate::stack::open::native;
use crate::ui::error::{CommandError, CommandResult};
use crate::ui::globals::Globals;
use crate::ui::progress::Task;

/// The native engine, as a project wants it.
pub struct Native {
    globals: Globals,
    settings: StackSettings,
    engine: NativeEngine,
    client: OnceCell<Client>,
}

impl Native {
    /// Nothing is looked for yet.
    pub fn new(globals: &Globals, settings: StackSettings) -> Self {
        let engine = native(settings.clone());
        Self { globals: globals.clone(), settings, engine, client: OnceCell::new() }
    }

    /// The engine with another version.
    fn of(&self, major: u32) -> NativeEngine {
        let mut settings = self.settings.clone();
        settings.versions.insert(ID.to_owned(), major.to_string());
        native(settings)
    }

    async fn client(&self, to: u32, task: &dyn Task) -> CommandResult<&Client> {
        self.client.get_or_try_init(|| tools::find(&self.globals, to, task)).await
    }

    fn data(&self, stack: &Stack, name: &str) -> PathBuf {
        folder(stack).join(name)
    }
}

#[async_trait]
impl Ground for Native {
    fn wanted(&self) -> CommandResult<u32> {
        self.engine.check(ID)?;
        Ok(services::major(&Tools::version(&self.engine, ID)).unwrap_or_default())
    }

    fn way_to(&self, major: u32) -> String {
        format!("set `local.versions.postgres: \"{major}\"` in plattr.yaml")
    }

    async fn folders(&self, stack: &Stack, _task: &dyn Task) -> CommandResult<Vec<String>> {
        let data = folder(stack);
        let entries = match std::fs::read_dir(&data) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|error| CommandError::io("read", &data, error))?.flatten(),
        };
        let folders = entries.filter(|entry| entry.path().is_dir());
        Ok(folders.filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    async fn rename(&self, stack: &Stack, from: &str, to: &str, _task: &dyn Task) -> CommandResult {
        self.engine.rename_data(&self.data(stack, from), &self.data(stack, to))
    }

    async fn delete(&self, stack: &Stack, name: &str, _task: &dyn Task) -> CommandResult {
        self.engine.delete_data(&self.data(stack, name))
    }

    fn before(&self, _stack: &Stack, from: u32) -> CommandResult<Box<dyn Engine>> {
        Ok(Box::new(self.of(from)))
    }

    async fn prepare(&self, _stack: &Stack, (from, to): (u32, u32), task: &dyn Task) -> CommandResult {
        let old = self.of(from);
        old.check(ID)?;
        self.client(to, task).await?;
        for engine in [&old, &self.engine] {
            engine.fetch(ID, task).await?;
        }
        Ok(())
    }

    async fn copied(&self, stack: &Stack, (from, to): (u32, u32), task: &dyn Task) -> CommandResult<Copied> {
        let client = self.client(to, task).await?;
        let (old, new, staging) = (self.of(from), &self.engine, self.data(stack, &format!("{to}.new")));
        let halves = servers::Halves {
            old: (old.program(ID, "postgres"), self.data(stack, &from.to_string())),
            new: (new.program(ID, "postgres"), new.program(ID, "initdb")),
            staging: &staging,
            to,
            counts: counts(new),
        };
        let work = |scratch: PathBuf| async move {
            let reach = |number| servers::reach(&scratch, number);
            let pair = Processes { client, old: reach(servers::OLD), new: reach(servers::NEW) };
            between(&pair, (from, to), task).await
        };
        new.beside(stack, ID, |scratch| halves.steps(scratch), work).await
    }

    fn settled(&self, _stack: &Stack) -> CommandResult {
        // The names of folders tell.
        Ok(())
    }
}

/// Both servers as processes of this machine.
struct Processes<'c> {
    client: &'c Client,
    old: Server,
    new: Server,
}

impl Processes<'_> {
    fn psql(&self) -> tokio::process::Command {
        let mut command = self.client.command("psql", &self.new);
        command.args(PSQL).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }
}

#[async_trait]
impl Pair for Processes<'_> {
    async fn query(&self, side: Side, database: &str, sql: &str) -> Result<Rows, Cause> {
        let server = match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        };
        let session = server.database(database).connect().await?;
        let messages = session.client.simple_query(sql).await.map_err(|e| SqlFailure::new(&e, sql))?;
        let row = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect())
            }
            _ => None,
        };
        Ok(messages.iter().filter_map(row).collect())
    }

    async fn copy_roles(&self) -> CommandResult {
        let dumped = self
            .client
            .command("pg_dumpall", &self.old)
            .args(ROLES)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|e| cannot_start("pg_dumpall", e))?;
        if !dumped.status.success() {
            return Err(broken("pg_dumpall", &String::from_utf8_lossy(&dumped.stderr)));
        }
        let text = String::from_utf8_lossy(&dumped.stdout);
        let script: String = text.split_inclusive('\n').filter(|line| line.trim_end() != SUPERUSER).collect();
        let mut psql = self.psql().spawn().map_err(|e| cannot_start("psql", e))?;
        if let Some(mut stdin) = psql.stdin.take() {
            // What it no longer reads, it has an error for.
            let _ = stdin.write_all(script.as_bytes()).await;
        }
        let ended = psql.wait_with_output().await.map_err(|e| cannot_start("psql", e))?;
        if ended.status.success() { Ok(()) } else { Err(broken("psql", &String::from_utf8_lossy(&ended.stderr))) }
    }

    async fn copy_database(&self, name: &str, task: &dyn Task) -> CommandResult {
        let mut dump = self
            .client
            .command("pg_dump", &self.old.database(name))
            .args(DATABASE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| cannot_start("pg_dump", e))?;
        let mut psql = self.psql().spawn().map_err(|e| cannot_start("psql", e))?;
        let (Some(mut out), Some(dump_err), Some(mut stdin), Some(psql_err)) =
            (dump.stdout.take(), dump.stderr.take(), psql.stdin.take(), psql.stderr.take())
        else {
            return Err(cannot_start("pg_dump", io::ErrorKind::BrokenPipe.into()));
        };
        let (dump_said, psql_said) = (tokio::spawn(last_words(dump_err)), tokio::spawn(last_words(psql_err)));
        let (mut piece, mut bytes) = (vec![0; 1 << 16], 0);
        loop {
            let read = out.read(&mut piece).await.map_err(|e| cannot_start("pg_dump", e))?;
            // What psql no longer reads, it has an error for.
            if read == 0 || stdin.write_all(&piece[..read]).await.is_err() {
                break;
            }
            bytes += read as u64;
            task.bytes(bytes, None);
        }
        // pg_dump must not wait for a psql that has ended.
        drop((out, stdin));
        let (dumped, run) = (dump.wait().await, psql.wait().await);
        let run = run.map_err(|e| cannot_start("psql", e))?;
        if !run.success() {
            return Err(broken("psql", &psql_said.await.unwrap_or_default()));
        }
        let dumped = dumped.map_err(|e| cannot_start("pg_dump", e))?;
        if dumped.success() { Ok(()) } else { Err(broken("pg_dump", &dump_said.await.unwrap_or_default())) }
    }
}
