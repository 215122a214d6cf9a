//! `plattr stop`: nothing runs any more; data stays.

use clap::Args;
use futures::future::join_all;
use serde::Serialize;

use crate::project::Project;
use crate::services;
use crate::stack::lock::StackLock;
use crate::stack::observe::{OpenStack, running};
use crate::stack::open::open;
use crate::stack::state::State;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::progress::Progress;
use crate::ui::units::counted;

/// Stop the services of the stack; data stays
///
/// `plattr dev` starts them again with everything that was in them. Stopping twice is no error.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Stop everything:
    $ plattr stop

  Stop the project in another folder:
    $ plattr stop --project ~/code/shop")]
pub struct StopArgs {}

/// What was done.
#[derive(Debug, Serialize)]
struct Report {
    stack: String,
    stopped: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// When a service does not stop.
pub async fn run(ui: &Ui, globals: &Globals, _args: StopArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    let stack = project.stack_name()?.to_string();
    let stopped = match State::read(&root)? {
        None => Vec::new(),
        Some(_) => {
            let progress = ui.progress();
            let _lock = StackLock::take(&root, progress.as_ref()).await?;
            stop_all(&open(&project, None)?, progress.as_ref()).await?
        }
    };
    if format != Format::Text {
        return ui.value(format, &Report { stack, stopped });
    }
    match stopped.len() {
        0 => ui.say(format!("{stack}: nothing was running")),
        n => ui.say(format!("{stack}: stopped {}; data is kept, `plattr dev` starts again", counted(n, "service"))),
    }
    Ok(())
}

/// Stops everything that runs or may run, what needs others before what it needs. Returns the ids of what ran.
///
/// # Errors
/// The first failure; the others are tried all the same.
pub async fn stop_all(open: &OpenStack, progress: &dyn Progress) -> CommandResult<Vec<String>> {
    let running = running(&open.observe().await?);
    // What is remembered may run even where its record is damaged: only stopping it looks for it everywhere.
    let ids = running.iter().cloned().chain(open.engine.known(&open.stack).await?).collect();
    let mut stopped = Vec::new();
    let mut failed = None;
    for group in services::stop_order(&ids) {
        let stops = group.iter().map(|id| async {
            let task = progress.task(id);
            task.doing("stopping");
            let result = open.engine.stop(&open.stack, id, task.as_ref()).await;
            match &result {
                Ok(()) => task.done("stopped"),
                Err(error) => task.failed(&error.message),
            }
            (id.clone(), result)
        });
        for (id, result) in join_all(stops).await {
            match result {
                Ok(()) => stopped.extend(Some(id).filter(|id| running.contains(id))),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
    }
    failed.map_or(Ok(()), Err)?;
    open.engine.rest(&open.stack, progress).await?;
    Ok(stopped)
}
