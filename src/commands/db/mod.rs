//! `plattr db`: the database of the application, day by day.

mod diff;
mod dump;
mod inspect;
mod lint;
pub mod migrate;
mod new;
mod reset;
mod restore;
mod rollback;
mod seed;
mod shell;
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
#[command(after_long_help = "Examples:
  Write a migration, look at it, apply it:
    $ plattr db new add_due_date
    $ plattr db lint
    $ plattr db migrate

  See what a database elsewhere is busy with:
    $ plattr db inspect --db-url postgresql://me@db.example.com/shop")]
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
    Reset(reset::ResetArgs),
    Seed(seed::SeedArgs),
    Diff(diff::DiffArgs),
    Dump(dump::DumpArgs),
    Restore(restore::RestoreArgs),
    Lint(lint::LintArgs),
    Inspect(inspect::InspectArgs),
    Shell(shell::ShellArgs),
    Upgrade(upgrade::UpgradeArgs),
}

impl DbArgs {
    /// Whether services are stopped and started, or all that one has is replaced.
    pub fn works_on_services(&self) -> bool {
        matches!(self.command, DbCommand::Reset(_) | DbCommand::Upgrade(_))
    }
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
        DbCommand::Reset(args) => reset::run(ui, globals, args).await,
        DbCommand::Seed(args) => seed::run(ui, globals, args).await,
        DbCommand::Diff(args) => diff::run(ui, globals, args).await,
        DbCommand::Dump(args) => dump::run(ui, globals, args).await,
        DbCommand::Restore(args) => restore::run(ui, globals, args).await,
        DbCommand::Lint(args) => lint::run(ui, globals, args).await,
        DbCommand::Inspect(args) => inspect::run(ui, globals, args).await,
        DbCommand::Shell(args) => shell::run(ui, globals, args).await,
        DbCommand::Upgrade(args) => upgrade::run(ui, globals, args).await,
    }
}
