//! Migrations of a project, whichever engine runs them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use plattr_db::migrate::{self, ApplyError, FileError, Migrations, Plan, Record, Refusal, Wish};
use plattr_db::{Session, SqlFailure};
use serde::Serialize;
use tokio::process::Command;
use tokio_postgres::error::SqlState;

use super::engines::variables::Database;
use super::engines::{Action, Engine, Place, detect, invocation};
use super::target::Target;
use crate::program::{exit_code, not_started};
use crate::project::Project;
use crate::project::load::AppConfig;
use crate::services::postgres::Postgres;
use crate::services::{Provision, Service as _};
use crate::stack::Instance;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::units;

/// How long a statement waits for a lock unless told otherwise.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a run waits for another one of the same schema.
const OTHER_RUN: Duration = Duration::from_secs(120);

/// What runs a project's migrations, and where they are.
#[derive(Debug, Clone)]
pub struct Source {
    /// The engine.
    pub engine: Engine,
    /// Why this one.
    pub because: String,
    /// Folder of the project.
    pub root: PathBuf,
    /// Folder of the SQL files, for the engine `sql`.
    pub folder: PathBuf,
}

/// What a run did. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The engine.
    pub engine: Engine,
    /// Files that were applied, in this order. What other engines apply, they say themselves.
    pub applied: Vec<AppliedFile>,
}

/// A file that was applied.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedFile {
    /// Its version.
    pub version: i64,
    /// Its name.
    pub file: String,
    /// How long it took.
    pub seconds: f64,
}

impl Source {
    /// The engine that is asked for, else plattr.yaml's, else the one of which the files speak.
    ///
    /// # Errors
    /// When the files speak of several.
    pub fn of(project: Option<&Project>, asked: Option<Engine>) -> CommandResult<Self> {
        let app = project.and_then(current);
        let root = match app {
            Some(app) => app.root.clone(),
            None => std::env::current_dir()?,
        };
        let settings = app.map(|app| app.local.migrations.clone()).unwrap_or_default();
        let folder = match &settings.folder {
            Some(folder) => root.join(folder),
            None => {
                let usual = ["migrations", "db/migrations", "supabase/migrations"].map(|name| root.join(name));
                usual.iter().find(|folder| folder.is_dir()).unwrap_or(&usual[0]).clone()
            }
        };
        let (engine, because) = match (asked, settings.engine) {
            (Some(engine), _) => (engine, "--engine says so".to_owned()),
            (None, Some(engine)) => (engine, "plattr.yaml says so".to_owned()),
            (None, None) => detected(&root, &folder)?,
        };
        Ok(Self { engine, because, root, folder })
    }

    /// Reads the SQL files of the engine `sql`.
    ///
    /// # Errors
    /// When a file cannot be read or has no place in the order.
    pub fn read(&self) -> CommandResult<Migrations> {
        Migrations::read(&self.folder).map_err(|error| self.file_error(error))
    }

    /// A file that cannot be used, with what to do about it.
    pub fn file_error(&self, error: FileError) -> CommandError {
        let shown = relative(&error.to_string(), &self.root);
        let told = |code, hint: &str| CommandError::new(ErrorKind::Config, code, shown.clone()).hint(hint);
        match &error {
            FileError::Io { .. } => told("migration-file", "check who may read it (`ls -l`)"),
            FileError::NotUtf8 { .. } => {
                told("migration-file", "save it as UTF-8; `iconv -f latin1 -t utf-8` converts")
            }
            FileError::Name { .. } => told("migration-name", "`plattr db new NAME` makes a file with the right name"),
            FileError::Twice { .. } => told("migration-version", "give one of the two a version of its own"),
            FileError::Lonely { .. } => told("migration-name", "give it the version and name of the migration"),
            FileError::Copy { .. } => told(
                "migration-copy",
                "write them as INSERT (`pg_dump --inserts`), or as a CSV file below `seeds`; `plattr db restore` reads a dump",
            ),
            FileError::Transaction { .. } => told(
                "migration-transaction",
                "leave it out; with `-- plattr:no-transaction` as its first line a file runs statement by statement",
            ),
        }
    }
}

/// The application of the folder that a person is in.
pub fn current(project: &Project) -> Option<&AppConfig> {
    project.apps.iter().find(|app| Some(&app.name) == project.current.as_ref())
}

fn detected(root: &Path, folder: &Path) -> CommandResult<(Engine, String)> {
    let found = detect::detect(root);
    match found.as_slice() {
        [] if folder.is_dir() => {
            Ok((Engine::Sql, format!("there is a folder {}", relative(&folder.display().to_string(), root))))
        }
        [] => Ok((Engine::Sql, "no other tool's files were found".to_owned())),
        [one] => Ok((one.engine, format!("of {}", one.because))),
        several => {
            let names: Vec<String> = several.iter().map(|f| format!("{} ({})", f.engine, f.because)).collect();
            let message = format!("the project speaks of several migration engines: {}", names.join(", "));
            Err(CommandError::new(ErrorKind::Config, "engine-unclear", message)
                .hint(format!("name one: `--engine {}`", several[0].engine))
                .hint("`local.migrations.engine` in plattr.yaml names it once and for all"))
        }
    }
}

/// Paths in a message, as people read them.
fn relative(message: &str, root: &Path) -> String {
    message.replace(&format!("{}/", root.display()), "")
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Up to this version, as the engine names versions.
    pub to: Option<String>,
    /// Also what is older than the newest that was applied.
    pub out_of_order: bool,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { to: None, out_of_order: false, lock_timeout: LOCK_TIMEOUT }
    }
}

impl Options {
    fn wish(&self) -> CommandResult<Wish> {
        let to = self.to.as_deref().map(|to| {
            to.parse().map_err(|_| {
                CommandError::new(ErrorKind::Usage, "version", format!("`{to}` is no version"))
                    .hint("write the number that the file's name begins with")
            })
        });
        Ok(Wish { to: to.transpose()?, out_of_order: self.out_of_order })
    }
}

/// Applies what is pending.
///
/// # Errors
/// What failed; what was applied before it stays.
pub async fn run(ui: &Ui, target: &Target, source: &Source, options: &Options) -> CommandResult<Outcome> {
    if source.engine != Engine::Sql {
        let action = options.to.clone().map_or(Action::Migrate, Action::To);
        foreign(target, source, &action, options.lock_timeout).await?;
        return Ok(Outcome { engine: source.engine, applied: Vec::new() });
    }
    let wish = options.wish()?;
    let migrations = source.read()?;
    let mut session = target.connect().await?;
    let planned = observe_and_plan(target, source, &session, &migrations, wish).await?;
    if planned.pending.is_empty() {
        return Ok(Outcome { engine: Engine::Sql, applied: Vec::new() });
    }
    lock(ui, target, &session).await?;
    // Another run may have applied some of it meanwhile.
    let planned = observe_and_plan(target, source, &session, &migrations, wish).await?;
    let progress = ui.progress();
    let mut task: Option<Box<dyn crate::ui::progress::Task>> = None;
    let mut show = |migration: &migrate::Migration, took: Option<Duration>| match took {
        None => {
            let begun = progress.task(&migration.file_name());
            begun.doing("applying");
            task = Some(begun);
        }
        Some(_) => drop(task.take().map(|task| task.done("applied"))),
    };
    let applied = migrate::apply(&target.server, &mut session, &planned, options.lock_timeout, &mut show).await;
    notices(ui, &mut session);
    if let (Err(_), Some(task)) = (&applied, task.take()) {
        task.failed("nothing of it is applied");
    }
    let applied = applied.map_err(|error| apply_error(target, source, error))?;
    let applied = applied
        .into_iter()
        .map(|a| AppliedFile { version: a.version, file: a.file, seconds: a.took.as_secs_f64() })
        .collect();
    Ok(Outcome { engine: Engine::Sql, applied })
}

/// What is applied and what would be, without writing anything.
///
/// # Errors
/// When files and history do not belong together.
pub async fn look(target: &Target, source: &Source, options: &Options) -> CommandResult<(Vec<Record>, Plan)> {
    let session = target.connect().await?;
    let migrations = source.read()?;
    let applied = migrate::history::applied(&session.client).await;
    let applied = applied.map_err(|failure| target.explain("read the history of migrations", failure))?;
    let planned = migrate::plan::plan(&migrations, &applied, options.wish()?).map_err(|r| refusal(source, r))?;
    Ok((applied, planned))
}

async fn observe_and_plan(
    target: &Target,
    source: &Source,
    session: &Session,
    migrations: &Migrations,
    wish: Wish,
) -> CommandResult<Plan> {
    let applied = migrate::history::applied(&session.client).await;
    let applied = applied.map_err(|failure| target.explain("read the history of migrations", failure))?;
    migrate::plan::plan(migrations, &applied, wish).map_err(|refused| refusal(source, refused))
}

/// Takes the lock of the schema for the session, and says for whom it waits.
///
/// # Errors
/// When another run does not end.
pub async fn lock(ui: &Ui, target: &Target, session: &Session) -> CommandResult {
    let mut holder = None;
    let waits = |seen: Option<migrate::lock::Blocker>| {
        ui.say("another run works on the same schema; waiting for it");
        holder = seen;
    };
    let locked = migrate::lock::schema(session, &target.schema, OTHER_RUN, waits).await;
    locked.map_err(|failure| match failure.is(&SqlState::LOCK_NOT_AVAILABLE) {
        false => target.explain("take the lock of the schema", failure),
        true => {
            let message = format!("another run works on `{}` for more than {} s", target.schema, OTHER_RUN.as_secs());
            let error = CommandError::new(ErrorKind::Failed, "migrate-busy", message);
            match holder {
                Some(holder) => error
                    .because(holder.to_string())
                    .hint(format!("wait for it, or end it: `SELECT pg_terminate_backend({})`", holder.pid)),
                None => error.hint("run the same command again"),
            }
        }
    })
}

/// Says what the server said besides.
fn notices(ui: &Ui, session: &mut Session) {
    for notice in session.notices() {
        match notice.severity() {
            "WARNING" => ui.warn(notice.message()),
            // What is skipped because it is there, and the like, is no news.
            _ if notice.code() == &SqlState::SUCCESSFUL_COMPLETION => ui.say(format!("notice: {}", notice.message())),
            _ => tracing::debug!(notice = notice.message(), "the server says"),
        }
    }
}

/// Why files and history do not belong together, with what to do about it.
pub fn refusal(source: &Source, refused: Refusal) -> CommandError {
    let told = |code: &'static str| CommandError::new(ErrorKind::Failed, code, refused.to_string());
    match &refused {
        Refusal::Changed { file, .. } => told("migration-changed")
            .hint(format!(
                "put {file} back as it was (`git log -p -- {file}`), and write the change as a new migration"
            ))
            .hint("`plattr db reset` applies all files anew where the data may be lost"),
        Refusal::Missing { version, .. } => told("migration-missing")
            .hint(format!("bring its file back: `git log --all -- '*{version}*'` finds it, also on another branch"))
            .hint("`plattr db reset` applies all files anew where the data may be lost"),
        Refusal::OutOfOrder { .. } => told("migration-order")
            .hint("`plattr db migrate --out-of-order` applies them all the same, as after a merge of two branches"),
        Refusal::Unknown(_) => told("version").hint(format!(
            "`plattr db migrate --status` shows the versions in {}",
            relative(&source.folder.display().to_string(), &source.root)
        )),
        Refusal::Beyond { to, .. } => {
            told("version").hint(format!("`plattr db rollback --to {to}` takes back what has a down file"))
        }
    }
}

/// A migration that failed: file, line, what the server said, who was in the way.
pub fn apply_error(target: &Target, source: &Source, error: ApplyError) -> CommandError {
    let (failure, blockers, half) = match error {
        ApplyError::File(error) => return source.file_error(error),
        ApplyError::Library(message) => {
            return CommandError::new(ErrorKind::Failed, "migration-failed", "the migrations cannot go on")
                .because(message);
        }
        ApplyError::Refused { failure, blockers, half } => (failure, blockers, half),
    };
    let file =
        failure.file.as_ref().and_then(|file| file.file_name()).unwrap_or_default().to_string_lossy().into_owned();
    let place = match failure.at {
        Some((line, column)) => format!("{file}:{line}:{column}"),
        None => file.clone(),
    };
    let state = match half {
        true => "what stands before it in the file is applied",
        false => "nothing of it is applied",
    };
    let (lost, suggested) = (failure.code.is_none(), failure.hint.clone());
    let busy = failure.is(&SqlState::LOCK_NOT_AVAILABLE);
    let failed_file = failure.file.clone();
    let reason = SqlFailure { file: None, at: None, ..failure };
    let (kind, code, message) = match (lost, busy) {
        (true, _) if target.local.is_some() => {
            (ErrorKind::Environment, "database-lost", format!("the connection was lost while {file} was applied"))
        }
        (true, _) => (ErrorKind::Remote, "database-lost", format!("the connection was lost while {file} was applied")),
        (false, true) => {
            (ErrorKind::Failed, "lock-timeout", format!("{place}: a lock was not to be had in time; {state}"))
        }
        (false, false) => (ErrorKind::Failed, "migration-failed", format!("{place} failed; {state}")),
    };
    let mut error = CommandError::new(kind, code, message).because(reason);
    for blocker in &blockers {
        error =
            error.hint(format!("it is held by {blocker}; `SELECT pg_terminate_backend({})` ends that", blocker.pid));
    }
    if let Some(suggested) = suggested {
        error = error.hint(format!("the server says: {suggested}"));
    }
    if half {
        error = error.hint("repair by hand what is half done, then mend the file so that it can run again");
    }
    let unfinished_index = failed_file.as_deref().is_some_and(|path| {
        let text = std::fs::read_to_string(path).unwrap_or_default().to_ascii_lowercase();
        plattr_db::migrate::files::marked(&text) && text.contains("concurrently")
    });
    if unfinished_index {
        error = error.hint("an index that was not finished is there and not valid: drop it before the file runs again");
    }
    if lost && !half {
        error = error.hint("run the same command again: a file is applied whole or not at all");
    } else if busy {
        error = error.hint("`--lock-timeout SECONDS` waits longer");
    }
    error
}

/// Runs the engine's own tool, its output on this terminal.
///
/// # Errors
/// When the tool is missing, or ends with an exit code, which becomes plattr's.
pub async fn foreign(target: &Target, source: &Source, action: &Action, lock_timeout: Duration) -> CommandResult {
    let database = Database {
        url: &target.url,
        schema: &target.schema,
        set_search_path: target.local.is_none(),
        lock_timeout: Some(lock_timeout),
    };
    let call = invocation(source.engine, action, &Place::of(&source.root), &database)?;
    tracing::info!(%call, "another engine's tool");
    let mut command = Command::new(&call.program);
    command.args(&call.args).envs(call.env.iter()).current_dir(&call.cwd).stdin(Stdio::inherit());
    let status = command.status().await.map_err(|error| not_started(call.program.as_os_str(), error))?;
    match exit_code(status) {
        0 => Ok(()),
        code => {
            Err(CommandError::new(ErrorKind::Program(code), "engine-failed", format!("`{call}` ended with {status}")))
        }
    }
}

/// Gives access to new tables as plattr.yaml says, tells the REST API of the changed schema, and waits until it is
/// served.
///
/// # Errors
/// When the database cannot be reached.
pub async fn serve(ui: &Ui, target: &Target) -> CommandResult {
    let session = target.connect().await?;
    let Some(local) = &target.local else {
        // Whoever runs a PostgREST there listens to its usual channel, or reloads by other means.
        let told = session.client.batch_execute("NOTIFY pgrst, 'reload schema'").await;
        return told.map_err(|e| target.explain("tell PostgREST of the schema", e.into()));
    };
    // Tables that plattr.yaml names under `database.api` may be there only now.
    let instance = Instance { service: &Postgres, app: None };
    for change in Postgres.provision(local.open.context(&instance), Provision::Apply).await?.changes {
        ui.say(format!("postgres: {change}"));
    }
    if !super::rest::serves(local) {
        return Ok(());
    }
    let progress: Arc<dyn crate::ui::progress::Progress> = ui.progress();
    let task = progress.task("postgrest");
    task.doing("reading the schema anew");
    match super::rest::reload(local, &session).await {
        Ok(took) => task.done(&format!("serves the schema after {}", units::duration(took))),
        Err(reason) => {
            task.failed("does not serve the schema yet");
            ui.warn(format!("PostgREST did not read the schema anew: {reason}; `plattr status` shows whether it runs"));
        }
    }
    Ok(())
}
