//! `plattr snapshot save`

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use plattr_api::SnapshotName;
use serde::Serialize;

use crate::commands::dev;
use crate::project::Project;
use crate::stack::lock::StackLock;
use crate::stack::observe::{Scoped, running};
use crate::stack::open::open;
use crate::stack::snapshot::{self, Manifest};
use crate::stack::state::State;
use crate::stack::stop::stop_all;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::{self, counted};

/// Save the data of all services under a name
///
/// Stops what runs, saves, and starts it again; what did not run stays stopped.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr snapshot save before-migration
    $ plattr snapshot save demo -m 'ten users, three orders' --force")]
pub struct SaveArgs {
    /// Name: lower-case letters, digits and hyphens
    #[arg(value_parser = super::name)]
    name: SnapshotName,
    /// Remember this with it
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Replace a snapshot of the same name
    #[arg(long)]
    force: bool,
}

/// What was done. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    snapshot: Manifest,
    folder: PathBuf,
    /// What was stopped, and runs again.
    restarted: Vec<String>,
    seconds: f64,
}

/// Runs the command.
///
/// # Errors
/// When there is nothing to save, the name is taken, or what kept the data from being saved or a service from
/// stopping or starting again.
pub async fn run(ui: &Ui, globals: &Globals, args: SaveArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    if State::read(&root)?.is_none() {
        let message = format!("{} never ran: there is nothing to save", project.stack_name()?);
        return Err(CommandError::new(ErrorKind::Failed, "nothing-to-save", message).hint("`plattr dev` starts it"));
    }
    let began = Instant::now();
    let progress = ui.progress();
    let _lock = StackLock::take(&root, progress.as_ref()).await?;
    if !args.force {
        must_be_new(&root, &args.name)?;
    }
    let open = open(&project, None)?;
    let observed = open.observe().await?;
    let scope = Scoped::exactly(running(&observed));
    // What cannot run here now could not be started again.
    snapshot::versions(&open)?;
    let mut restarted = stop_all(&open, progress.as_ref()).await?;
    let saved = snapshot::save(&open, &observed, &args.name, args.message, progress.as_ref()).await;
    // Whatever became of the snapshot, what ran runs again.
    let up = match restarted.len() {
        0 => Ok(None),
        _ => dev::up(ui, &project, open, &scope, began).await.map(Some),
    };
    let (snapshot, up) = match (saved, up) {
        (Ok(snapshot), Ok(up)) => (snapshot, up),
        (Ok(_), Err(error)) => {
            return Err(error.hint("the snapshot is saved; `plattr dev` starts what does not run"));
        }
        (Err(error), Ok(_)) => return Err(error),
        (Err(error), Err(other)) => return Err(error.hint(format!("also: {other}"))),
    };
    if let Some(up) = up {
        up.warn_of_failures(ui);
        up.into_result()?;
    }
    if format == Format::Text {
        let again = match restarted.len() {
            0 => String::new(),
            n => format!(
                "; {} again",
                if n == 1 { "1 service runs".into() } else { format!("{} run", counted(n, "service")) }
            ),
        };
        ui.say(format!(
            "{}: saved `{}`, {} on disk ({:.1}s){again}",
            snapshot.stack,
            args.name,
            units::bytes(snapshot.archive.bytes),
            began.elapsed().as_secs_f64(),
        ));
        return Ok(());
    }
    restarted.sort();
    let folder = snapshot::folder(&root).join(args.name.as_str());
    ui.value(format, &Report { snapshot, folder, restarted, seconds: began.elapsed().as_secs_f64() })
}

/// Refuses a name that a snapshot has.
pub fn must_be_new(root: &Path, name: &SnapshotName) -> CommandResult {
    if !snapshot::exists(root, name) {
        return Ok(());
    }
    Err(CommandError::new(ErrorKind::Failed, "snapshot-exists", format!("there is a snapshot `{name}` already"))
        .hint(format!("choose another name; `plattr snapshot save {name} --force` replaces it")))
}
