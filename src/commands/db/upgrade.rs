//! `plattr db upgrade`

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::commands::dev;
use crate::database::tools;
use crate::database::upgrade::{self, Moved, Plan};
use crate::engines::native::NativeEngine;
use crate::project::Project;
use crate::project::model::StackSettings;
use crate::stack::lock::StackLock;
use crate::stack::observe::{OpenStack, Scoped, running};
use crate::stack::open::{native, open};
use crate::stack::state::State;
use crate::stack::stop::stop_all;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::counted;

/// Move the stack's data to a newer major version of PostgreSQL
///
/// Moves all databases and roles into a new data folder beside the old one, by pg_dump, and compares both. The old data
/// is in its place until the last step, and kept after it. The new version is the one that plattr.yaml asks for, else
/// plattr's own. Stops what runs, and starts it again.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db upgrade
    $ plattr db upgrade --to 18         fails unless plattr.yaml asks for 18
    $ plattr db upgrade --delete-old    deletes the data of before, too")]
pub struct UpgradeArgs {
    /// The major version that is expected
    #[arg(long, value_name = "MAJOR")]
    to: Option<u32>,
    /// Delete the data of before, from this upgrade or an earlier one
    #[arg(long)]
    delete_old: bool,
}

/// What was done. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// Major version of the data before; none where nothing was moved.
    from: Option<u32>,
    to: u32,
    databases: Vec<String>,
    tables: usize,
    rows: u64,
    /// Folders with data of before that are there now.
    kept: Vec<PathBuf>,
    /// As of `plattr dev`, where something ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    dev: Option<dev::Report>,
    seconds: f64,
}

/// Runs the command.
///
/// # Errors
/// When the data is of a newer version, there is no program for one of the two, or the moved data is not what the old
/// is; the old data then serves as before. Usage, if old data is to be deleted and nobody says yes.
pub async fn run(ui: &Ui, globals: &Globals, args: UpgradeArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    let began = Instant::now();
    let progress = ui.progress();
    let _lock = StackLock::take(&root, progress.as_ref()).await?;
    if State::read(&root)?.is_none() {
        let message = format!("{} never ran: there is nothing to move", project.stack_name()?);
        return Err(CommandError::new(ErrorKind::Failed, "never-ran", message).hint("`plattr dev` starts it"));
    }
    let now = open(&project, None)?;
    if now.engine.name() != "native" {
        return Err(on_kind());
    }
    let new = native(project.settings()?);
    let to = wanted(&new, args.to)?;
    let data = upgrade::folder(&now.stack);
    if args.delete_old && !delete(ui, &new, upgrade::all_kept(&data))? {
        return Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was deleted or moved"));
    }
    let mut report =
        Report { from: None, to, databases: Vec::new(), tables: 0, rows: 0, kept: Vec::new(), dev: None, seconds: 0.0 };
    match upgrade::plan(&data, to)? {
        Plan::Nothing => {}
        Plan::Done { left } => upgrade::put_aside(&new, &data, &left)?,
        Plan::Move { from } => {
            let (moved, dev) = transfer(ui, globals, &project, now, (from, to), began).await?;
            if args.delete_old {
                new.delete_data(&moved.kept)?;
            }
            let Moved { databases, tables, rows, kept: _ } = moved;
            report = Report { from: Some(from), databases, tables, rows, dev, ..report };
        }
    }
    report.kept = upgrade::all_kept(&data);
    report.seconds = began.elapsed().as_secs_f64();
    if let Some(dev) = &report.dev {
        dev.warn_of_failures(ui);
    }
    match format {
        Format::Text => say(ui, &project.stack_name()?.to_string(), &report),
        _ => ui.value(format, &report)?,
    }
    report.dev.map_or(Ok(()), dev::Report::into_result)
}

/// The version that the project runs.
fn wanted(new: &NativeEngine, expected: Option<u32>) -> CommandResult<u32> {
    use crate::services::process::Tools as _;
    new.check("postgres")?;
    let version = new.version("postgres");
    let to = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
    match expected {
        Some(expected) if expected != to => {
            let message = format!("the project runs PostgreSQL {to}, and not {expected}");
            Err(CommandError::new(ErrorKind::Config, "upgrade-to", message)
                .hint(format!("set `local.versions.postgres: \"{expected}\"` in plattr.yaml and run this again")))
        }
        _ => Ok(to),
    }
}

/// Deletes folders, if there are any and the person wants it.
fn delete(ui: &Ui, engine: &NativeEngine, folders: Vec<PathBuf>) -> CommandResult<bool> {
    if folders.is_empty() {
        return Ok(true);
    }
    folders.iter().for_each(|folder| ui.say(format!("{} will be deleted", folder.display())));
    if !ui.confirm("Delete it?")? {
        return Ok(false);
    }
    folders.iter().try_for_each(|folder| engine.delete_data(folder)).map(|()| true)
}

/// Stops everything, moves the data, and starts what ran: on the new data, or on the old where it could not be moved.
async fn transfer(
    ui: &Ui,
    globals: &Globals,
    project: &Project,
    now: OpenStack,
    (from, to): (u32, u32),
    began: Instant,
) -> CommandResult<(Moved, Option<dev::Report>)> {
    let settings = project.settings()?;
    let (old, new) = (native(with_version(&settings, from)), native(settings.clone()));
    // All that can be missing is looked for before anything is stopped.
    old.check("postgres")?;
    let progress = ui.progress();
    let task = progress.task("upgrade");
    let client = tools::find(globals, to, task.as_ref()).await?;
    let observed = now.observe().await?;
    let ran = running(&observed);
    stop_all(&now, progress.as_ref()).await?;
    let moved = upgrade::upgrade(&now.stack, (&old, from), (&new, to), &client, task.as_ref()).await;
    let scope = Scoped::exactly(ran.clone());
    let moved = match moved {
        Ok(moved) => moved,
        Err(error) => {
            task.failed(&error.message);
            let error = error.hint(format!("the data is as it was, of PostgreSQL {from}; nothing was moved"));
            if ran.is_empty() {
                return Err(error);
            }
            let before = OpenStack { engine: Box::new(old), ..now };
            return Err(match dev::up(ui, project, before, &scope, began).await {
                Ok(_) => error.hint("what ran runs again"),
                Err(other) => error.hint(format!("what ran could not be started again: {other}")),
            });
        }
    };
    task.done(&format!("PostgreSQL {from} to {to}"));
    let mut open = now;
    // What was proven was proven with the old data.
    open.state.verified = None;
    open.state.write(&open.stack.root)?;
    if ran.is_empty() {
        return Ok((moved, None));
    }
    let dev = dev::up(ui, project, open, &scope, began).await;
    dev.map(|dev| (moved, Some(dev))).map_err(|error| {
        error.hint(format!("the data is moved, to PostgreSQL {to}; `plattr dev` starts what does not run"))
    })
}

fn with_version(settings: &StackSettings, major: u32) -> StackSettings {
    let mut settings = settings.clone();
    settings.versions.insert("postgres".to_owned(), major.to_string());
    settings
}

fn say(ui: &Ui, stack: &str, report: &Report) {
    let to = report.to;
    match report.from {
        None => ui.say(format!("{stack}: nothing to move, the data is of PostgreSQL {to}")),
        Some(from) => ui.say(format!(
            "{stack}: moved from PostgreSQL {from} to {to}: {}, {} with {} ({:.1}s)",
            counted(report.databases.len(), "database"),
            counted(report.tables, "table"),
            counted(usize::try_from(report.rows).unwrap_or(usize::MAX), "row"),
            report.seconds
        )),
    }
    for folder in &report.kept {
        ui.say(format!("the data of before is in {}; `plattr db upgrade --delete-old` deletes it", folder.display()));
    }
}

fn on_kind() -> CommandError {
    let message = "`plattr db upgrade` moves data of the native engine only";
    CommandError::new(ErrorKind::Environment, "engine-cannot", message)
        .hint("on Kind, with the old image in images.lock: `plattr db dump FILE`, then `plattr destroy`")
        .hint("then, with the new image: `plattr dev` and `plattr db restore FILE`")
}
