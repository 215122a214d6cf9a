//! `plattr stop`: nothing runs any more; data stays.

use clap::Args;
use serde::Serialize;

use crate::project::Project;
use crate::stack::lock::StackLock;
use crate::stack::open::open;
use crate::stack::state::State;
use crate::stack::stop::stop_all;
use crate::testing::sweep;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
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
            let open = open(&project, None)?;
            sweep::quietly(&open, &project.settings()?).await;
            stop_all(&open, progress.as_ref()).await?
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
