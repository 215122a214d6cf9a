//! `plattr snapshot`: the data of the whole stack, saved and brought back.

mod delete;
mod list;
mod restore;
mod save;

use clap::{Args, Subcommand};
use plattr_api::SnapshotName;

use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Manage snapshots of all data of the stack
///
/// A snapshot has the rows, objects, users, keys and documents of every service as they were at one moment: all
/// services are stopped while it is saved or restored.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Save everything before something risky:
    $ plattr snapshot save before-migration

  Go back to it:
    $ plattr snapshot restore before-migration")]
pub struct SnapshotArgs {
    /// What to do.
    #[command(subcommand)]
    command: SnapshotCommand,
}

/// What `plattr snapshot` can do.
#[derive(Debug, Subcommand)]
enum SnapshotCommand {
    Save(save::SaveArgs),
    Restore(restore::RestoreArgs),
    #[command(visible_alias = "ls")]
    List(list::ListArgs),
    #[command(visible_alias = "rm")]
    Delete(delete::DeleteArgs),
}

impl SnapshotArgs {
    /// Whether services are stopped and started.
    pub fn works_on_services(&self) -> bool {
        matches!(self.command, SnapshotCommand::Save(_) | SnapshotCommand::Restore(_))
    }
}

/// Runs the command.
///
/// # Errors
/// Those of the command below it.
pub async fn run(ui: &Ui, globals: &Globals, args: SnapshotArgs) -> CommandResult {
    match args.command {
        SnapshotCommand::Save(args) => save::run(ui, globals, args).await,
        SnapshotCommand::Restore(args) => restore::run(ui, globals, args).await,
        SnapshotCommand::List(args) => list::run(ui, globals, args).await,
        SnapshotCommand::Delete(args) => delete::run(ui, globals, args).await,
    }
}

/// The name of a snapshot.
fn name(text: &str) -> Result<SnapshotName, String> {
    text.parse().map_err(|error: plattr_api::names::NameError| error.to_string())
}
