//! Applies and takes back.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use refinery_core::traits::r#async::{AsyncQuery, AsyncTransaction};
use refinery_core::{AsyncMigrate, Target};

use super::files::{FileError, Migration, Migrations};
use super::history::{CREATE, HISTORY, forget};
use super::lock::{self, Blocker};
use super::plan::Plan;
use crate::{Server, Session, SqlFailure, sql};

/// A migration that was applied in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its version.
    pub version: i64,
    /// Its file's name.
    pub file: String,
    /// How long it took.
    pub took: Duration,
}

/// Why a run ended before its end. What was applied before stays applied; of the migration that failed nothing is,
/// unless it runs outside a transaction.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A file cannot be applied.
    #[error(transparent)]
    File(#[from] FileError),
    /// The server refused a statement.
    #[error("{failure}")]
    Refused {
        /// What it said, with file and line.
        failure: SqlFailure,
        /// Who held the lock that was waited for in vain.
        blockers: Vec<Blocker>,
        /// Whether statements of the file before the one that failed are applied.
        half: bool,
    },
    /// The library that applies could not go on.
    #[error("cannot go on: {0}")]
    Library(String),
}

impl From<SqlFailure> for ApplyError {
    fn from(failure: SqlFailure) -> Self {
        Self::Refused { failure, blockers: Vec::new(), half: false }
    }
}

/// Applies a plan. The session must hold the schema's lock. `progress` hears of each migration as it begins and ends.
///
/// # Errors
/// The first migration that failed.
pub async fn apply(
    server: &Server,
    session: &mut Session,
    plan: &Plan,
    lock_timeout: Duration,
    progress: &mut (dyn FnMut(&Migration, Option<Duration>) + Send),
) -> Result<Vec<Applied>, ApplyError> {
    for migration in &plan.pending {
        migration.check()?;
    }
    let run = Run::begin(server, session, lock_timeout).await?;
    let mut runner = Runner { run, session, pending: plan.pending.iter(), applied: Vec::new(), failed: None, progress };
    let all: Vec<refinery_core::Migration> = plan.pending.iter().map(|m| m.refinery().clone()).collect();
    // What belongs together was decided by the plan.
    let done = runner.migrate(&all, false, false, false, Target::Latest, HISTORY).await;
    match (runner.failed, done) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(ApplyError::Library(error.to_string())),
        (None, Ok(_)) => Ok(runner.applied),
    }
}

/// Takes back migrations by their down files, in the order given.
///
/// # Errors
/// The first that failed; those before it are taken back.
pub async fn rollback(
    server: &Server,
    session: &mut Session,
    back: &[&Migration],
    lock_timeout: Duration,
    progress: &mut (dyn FnMut(&Migration, Option<Duration>) + Send),
) -> Result<Vec<Applied>, ApplyError> {
    let run = Run::begin(server, session, lock_timeout).await?;
    let mut done = Vec::new();
    for migration in back {
        let (Some(path), Some(text)) = (&migration.down, migration.read_down()?) else { continue };
        let down = Migration::new(migration.version, migration.name.clone(), path.clone(), &text, None)?;
        down.check()?;
        progress(migration, None);
        let began = Instant::now();
        run.migration(session, &down, &forget(migration.version)).await?;
        progress(migration, Some(began.elapsed()));
        done.push(Applied { version: down.version, file: down.file_name(), took: began.elapsed() });
    }
    Ok(done)
}

/// What refinery runs its statements with.
struct Runner<'a> {
    run: Run<'a>,
    session: &'a mut Session,
    pending: std::slice::Iter<'a, Migration>,
    applied: Vec<Applied>,
    failed: Option<ApplyError>,
    progress: &'a mut (dyn FnMut(&Migration, Option<Duration>) + Send),
}

impl Runner<'_> {
    async fn next(&mut self, record: &str) -> Result<(), ApplyError> {
        let Some(migration) = self.pending.next() else { return Ok(()) };
        (self.progress)(migration, None);
        let began = Instant::now();
        self.run.migration(self.session, migration, record).await?;
        let took = began.elapsed();
        (self.progress)(migration, Some(took));
        self.applied.push(Applied { version: migration.version, file: migration.file_name(), took });
        Ok(())
    }
}

/// The error is kept whole in the runner; refinery wraps only this word.
#[derive(Debug, thiserror::Error)]
#[error("a statement failed")]
struct Failed;

impl AsyncTransaction for Runner<'_> {
    type Error = Failed;

    async fn execute<'a, T: Iterator<Item = &'a str> + Send + 'a>(&'a mut self, queries: T) -> Result<usize, Failed> {
        let queries: Vec<&str> = queries.collect();
        let done = match queries.as_slice() {
            // A migration and its record; anything else makes the history's table.
            [_, record] => self.next(record).await,
            [statement] => self.session.client.batch_execute(statement).await.map_err(|e| SqlFailure::from(e).into()),
            _ => Ok(()),
        };
        done.map(|()| queries.len()).map_err(|error| {
            self.failed = Some(error);
            Failed
        })
    }
}

impl AsyncQuery<Vec<refinery_core::Migration>> for Runner<'_> {
    async fn query(&mut self, _query: &str) -> Result<Vec<refinery_core::Migration>, Failed> {
        // The plan has only what was not applied.
        Ok(Vec::new())
    }
}

impl AsyncMigrate for Runner<'_> {
    fn assert_migrations_table_query(_name: &str) -> String {
        CREATE.to_owned()
    }
}

/// What all migrations of a run have in common.
struct Run<'a> {
    server: &'a Server,
    /// The process of the server that works for the session.
    pid: i32,
    lock_timeout: Duration,
    /// Statements that give the session back the settings that it began with.
    settings: String,
}

impl<'a> Run<'a> {
    async fn begin(server: &'a Server, session: &Session, lock_timeout: Duration) -> Result<Self, SqlFailure> {
        lock::limit_locks(&session.client, lock_timeout).await?;
        let query = "SELECT pg_backend_pid(), current_setting('search_path'), current_setting('lock_timeout')";
        let row = session.client.query_one(query, &[]).await?;
        let settings = format!(
            "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;SELECT set_config('search_path',{},false);SET lock_timeout={}",
            crate::literal(row.get(1)),
            crate::literal(row.get(2)),
        );
        Ok(Self { server, pid: row.get(0), lock_timeout, settings })
    }

    /// Runs a migration and what is to be remembered of it: in one transaction and one round trip, or statement by
    /// statement where the file says so. What it sets for the session, as a dump of pg_dump does, holds to its end only.
    async fn migration(&self, session: &Session, migration: &Migration, record: &str) -> Result<(), ApplyError> {
        let blockers = Mutex::new(Vec::new());
        let record = match sql::leaves_session(migration.sql()) {
            true => record.to_owned(),
            false => format!("{};{record}", self.settings),
        };
        let work = async {
            match migration.no_transaction {
                true => one_by_one(session, migration, &record).await,
                false => together(session, migration, &record).await.map_err(|failure| (failure, false)),
            }
        };
        let done = tokio::select! {
            done = work => done,
            () = lock::watch(self.server, self.pid, self.lock_timeout, &blockers) => Ok(()),
        };
        done.map_err(|(failure, half)| {
            let blockers = match failure.is(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE) {
                true => blockers.into_inner().unwrap_or_default(),
                false => Vec::new(),
            };
            ApplyError::Refused { failure: failure.in_file(&migration.path), blockers, half }
        })
    }
}

async fn together(session: &Session, migration: &Migration, record: &str) -> Result<(), SqlFailure> {
    // A file may end in a comment.
    let after = format!("\n;{record};COMMIT");
    let done = sql::run(&session.client, "BEGIN;", migration.sql(), &after).await;
    if done.as_ref().is_err_and(|failure| failure.code.is_some()) {
        session.client.batch_execute("ROLLBACK").await?;
    }
    done
}

async fn one_by_one(session: &Session, migration: &Migration, record: &str) -> Result<(), (SqlFailure, bool)> {
    for (position, range) in sql::statements(migration.sql()).into_iter().enumerate() {
        let statement = &migration.sql()[range.clone()];
        if let Err(error) = session.client.batch_execute(statement).await {
            let mut failure = SqlFailure::in_part(&error, migration.sql(), range.start);
            // Without a place of the server's, the statement is the place.
            let begins = crate::failure::line_and_column(migration.sql(), range.start);
            failure.at = failure.at.or(Some(begins));
            return Err((failure, position > 0));
        }
    }
    session.client.batch_execute(record).await.map_err(|error| (error.into(), true))
}

/// Remembers migrations as applied without applying them.
///
/// # Errors
/// When the server refuses.
pub async fn mark(session: &Session, migrations: &[&Migration]) -> Result<(), SqlFailure> {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut batch = format!("{CREATE};");
    for migration in migrations {
        let (inner, name) = (migration.refinery(), crate::literal(migration.refinery().name()));
        batch += &format!(
            "INSERT INTO {HISTORY} (version, name, applied_on, checksum) VALUES ({}, {name}, '{now}', '{}') \
             ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum;",
            inner.version(),
            inner.checksum(),
        );
    }
    Ok(session.client.batch_execute(&batch).await?)
}

/// Why nothing is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotBack {
    /// A migration has no file that takes it back; the name of its own.
    NoFile(String),
    /// The version to keep was not applied.
    Unknown(i64),
}

/// The migrations to take back: the last `steps` that were applied, or all after the version `to`, the newest first.
///
/// # Errors
/// [`NotBack`]
pub fn to_take_back<'a>(
    migrations: &'a Migrations,
    applied: &[super::Record],
    steps: usize,
    to: Option<i64>,
) -> Result<Vec<&'a Migration>, NotBack> {
    // A version that is only part of one would take back everything. None at all is before the first.
    if let Some(to) = to.filter(|to| *to != 0 && !applied.iter().any(|record| record.version == *to)) {
        return Err(NotBack::Unknown(to));
    }
    let newest_first = applied.iter().rev().filter(|record| to.is_none_or(|to| record.version > to));
    let count = if to.is_some() { usize::MAX } else { steps };
    newest_first
        .take(count)
        .map(|record| {
            let migration = migrations.get(record.version);
            let migration =
                migration.ok_or_else(|| NotBack::NoFile(format!("{}_{}.sql", record.version, record.name)))?;
            if migration.down.is_some() { Ok(migration) } else { Err(NotBack::NoFile(migration.file_name())) }
        })
        .collect()
}
