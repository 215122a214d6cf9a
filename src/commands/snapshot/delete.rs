//! `plattr snapshot delete`

use clap::Args;
use jiff::Timestamp;
use plattr_api::SnapshotName;

use crate::project::Project;
use crate::stack::lock::StackLock;
use crate::stack::snapshot;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units;

/// Delete snapshots
///
/// Asks first. The data of the stack itself is not touched.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr snapshot delete before-migration
    $ plattr snapshot delete one two --yes")]
pub struct DeleteArgs {
    /// Names of the snapshots
    #[arg(value_name = "NAME", required = true, value_parser = super::name)]
    names: Vec<SnapshotName>,
}

/// Runs the command.
///
/// # Errors
/// When there is no such snapshot; usage, if nobody says yes.
pub async fn run(ui: &Ui, globals: &Globals, args: DeleteArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    let mut names = args.names;
    names.sort();
    names.dedup();
    for name in &names {
        match snapshot::read(&root, name.as_str()) {
            Ok(it) => {
                let size = units::bytes(it.archive.bytes);
                ui.say(format!("The snapshot {}, will be deleted: {size}", it.described(Timestamp::now())));
            }
            // A damaged one can be deleted too.
            Err(error) if snapshot::exists(&root, name) => ui.say(format!("{error}; it will be deleted")),
            Err(error) => return Err(error),
        }
    }
    if !ui.confirm("Delete it?")? {
        return Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was deleted"));
    }
    let _lock = StackLock::take(&root, ui.progress().as_ref()).await?;
    snapshot::tidy(&root)?;
    names.iter().filter(|name| snapshot::exists(&root, name)).try_for_each(|n| snapshot::delete(&root, n.as_str()))?;
    match format {
        Format::Text => {
            let names: Vec<&str> = names.iter().map(SnapshotName::as_str).collect();
            ui.say(format!("{}: deleted {}", project.stack_name()?, names.join(", ")));
        }
        format => ui.value(format, &serde_json::json!({ "deleted": names }))?,
    }
    Ok(())
}
