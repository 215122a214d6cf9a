//! `plattr db upgrade`

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::commands::dev;
use crate::database::upgrade::{self, Copied, Ground, Kind, Native, Plan};
use crate::project::Project;
use crate::stack::Stack;
use crate::stack::lock::StackLock;
use crate::stack::observe::{OpenStack, Scoped, running};
use crate::stack::open::open;
use crate::stack::state::State;
use crate::stack::stop::stop_all;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::progress::Silent;
use crate::ui::units::counted;

/// Move the stack's data to a newer major version of PostgreSQL
///
/// Moves all databases and roles into a new data folder beside the old one, by pg_dump, and compares both. The old data
/// is in its place until the last step, and kept after it. The new version is the one that plattr.yaml asks for, in a
/// cluster the one of images.lock, else plattr's own. Stops what runs, and starts it again.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db upgrade
    $ plattr db upgrade --to 18         fails unless the project runs 18
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
    let settings = project.settings()?;
    let ground: Box<dyn Ground> = match now.engine.name() {
        "native" => Box::new(Native::new(globals, settings)),
        _ => Box::new(Kind::new(&project, settings)),
    };
    let stack = now.stack.clone();
    let to = wanted(ground.as_ref(), args.to)?;
    let mut folders = ground.folders(&stack, &Silent).await?;
    let kept = upgrade::all_kept(&folders);
    if args.delete_old {
        folders.retain(|name| !kept.contains(name));
    }
    let plan = upgrade::plan(&folders, to, |major| ground.way_to(major))?;
    if args.delete_old {
        let old: Vec<String> = kept.iter().cloned().chain(plan.puts_aside()).collect();
        agree(ui, &stack, &old)?;
        for name in &kept {
            ground.delete(&stack, name, &Silent).await?;
        }
    }
    let mut report =
        Report { from: None, to, databases: Vec::new(), tables: 0, rows: 0, kept: Vec::new(), dev: None, seconds: 0.0 };
    match plan {
        Plan::Nothing => ground.settled(&stack)?,
        Plan::Done { left } => upgrade::put_aside(ground.as_ref(), &stack, &left, &Silent).await?,
        Plan::Move { from } => {
            let (copied, dev) = transfer(ui, ground.as_ref(), &project, now, (from, to), began).await?;
            let Copied { databases, same } = copied;
            report = Report { from: Some(from), databases, tables: same.tables, rows: same.rows, dev, ..report };
        }
    }
    let mut kept = upgrade::all_kept(&ground.folders(&stack, &Silent).await?);
    if args.delete_old {
        for name in std::mem::take(&mut kept) {
            ground.delete(&stack, &name, &Silent).await?;
        }
    }
    report.kept = kept.iter().map(|name| upgrade::folder(&stack).join(name)).collect();
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
fn wanted(ground: &dyn Ground, expected: Option<u32>) -> CommandResult<u32> {
    let to = ground.wanted()?;
    match expected {
        Some(expected) if expected != to => {
            let message = format!("the project runs PostgreSQL {to}, and not {expected}");
            Err(CommandError::new(ErrorKind::Config, "upgrade-to", message)
                .hint(format!("{}, and run this again", ground.way_to(expected))))
        }
        _ => Ok(to),
    }
}

/// Asks whether folders may be deleted, if there are any.
fn agree(ui: &Ui, stack: &Stack, folders: &[String]) -> CommandResult {
    if folders.is_empty() {
        return Ok(());
    }
    for name in folders {
        ui.say(format!("{} will be deleted", upgrade::folder(stack).join(name).display()));
    }
    if ui.confirm("Delete it?")? {
        return Ok(());
    }
    Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was deleted or moved"))
}

/// Stops everything, moves the data, and starts what ran: on the new data, or on the old where it could not be moved.
async fn transfer(
    ui: &Ui,
    ground: &dyn Ground,
    project: &Project,
    now: OpenStack,
    (from, to): (u32, u32),
    began: Instant,
) -> CommandResult<(Copied, Option<dev::Report>)> {
    let progress = ui.progress();
    let task = progress.task("upgrade");
    ground.prepare(&now.stack, (from, to), task.as_ref()).await?;
    let observed = now.observe().await?;
    let ran = running(&observed);
    stop_all(&now, progress.as_ref()).await?;
    let copied = upgrade::upgrade(ground, &now.stack, (from, to), task.as_ref()).await;
    let scope = Scoped::exactly(ran.clone());
    let copied = match copied {
        Ok(copied) => copied,
        Err(error) => {
            task.failed(&error.message);
            if error.code == upgrade::UNFINISHED {
                return Err(error);
            }
            let error = error.hint(format!("the data is as it was, of PostgreSQL {from}; nothing was moved"));
            if ran.is_empty() {
                return Err(error);
            }
            let again = match ground.before(&now.stack, from) {
                Ok(engine) => dev::up(ui, project, OpenStack { engine, ..now }, &scope, began).await.map(drop),
                Err(other) => Err(other),
            };
            return Err(match again {
                Ok(()) => error.hint("what ran runs again"),
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
        return Ok((copied, None));
    }
    let dev = dev::up(ui, project, open, &scope, began).await;
    dev.map(|dev| (copied, Some(dev))).map_err(|error| {
        error.hint(format!("the data is moved, to PostgreSQL {to}; `plattr dev` starts what does not run"))
    })
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
