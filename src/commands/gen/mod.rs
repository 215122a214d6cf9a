//! `plattr gen`: files made from what the database has.

pub mod types;

use clap::{Args, Subcommand};

use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Manage files that are made from the database
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr gen types --lang typescript --file src/database.ts")]
pub struct GenArgs {
    /// What to make.
    #[command(subcommand)]
    command: GenCommand,
}

/// What `plattr gen` can make.
#[derive(Debug, Subcommand)]
enum GenCommand {
    Types(types::TypesArgs),
}

/// Runs the command.
///
/// # Errors
/// Those of the command below it.
pub async fn run(ui: &Ui, globals: &Globals, args: GenArgs) -> CommandResult {
    match args.command {
        GenCommand::Types(args) => types::run(ui, globals, args).await,
    }
}
