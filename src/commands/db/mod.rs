//! `plattr db`: the database of the application, day by day.

mod dump;
pub mod migrate;
mod new;
mod restore;
mod rollback;
mod seed;
mod upgrade;

use clap::{Args, Subcommand};

use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Manage the database of the application
///
/// Works on the schema of the project's application, as the login that owns it, or on any PostgreSQL database that
/// `--db-url` names.
#[derive(Debug, Args)]
pub struct DbArgs {
    /// What to do.
    #[command(subcommand)]
    command: DbCommand,
}

/// What `plattr db` can do.
#[derive(Debug, Subcommand)]
enum DbCommand {
    Migrate(migrate::MigrateArgs),
    New(new::NewArgs),
    Rollback(rollback::RollbackArgs),
    Seed(seed::SeedArgs),
    Dump(dump::DumpArgs),
    Restore(restore::RestoreArgs),
    Upgrade(upgrade::UpgradeArgs),
}

/// Runs the command.
///
/// # Errors
/// Those of the command below it.
pub async fn run(ui: &Ui, globals: &Globals, args: DbArgs) -> CommandResult {
    match args.command {
        DbCommand::Migrate(args) => migrate::run(ui, globals, args).await,
        DbCommand::New(args) => new::run(ui, globals, args).await,
        DbCommand::Rollback(args) => rollback::run(ui, globals, args).await,
        DbCommand::Seed(args) => seed::run(ui, globals, args).await,
        DbCommand::Dump(args) => dump::run(ui, globals, args).await,
        DbCommand::Restore(args) => restore::run(ui, globals, args).await,
        DbCommand::Upgrade(args) => upgrade::run(ui, globals, args).await,
    }
}
