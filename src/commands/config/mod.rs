//! `plattr config`: look at the configuration.

pub mod schema;
pub mod show;
pub mod validate;

use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Manage the configuration
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  $ plattr config validate\n  $ plattr config show -o json")]
pub struct ConfigArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What `plattr config` can do.
#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Check plattr.yaml and the files beside it
    Validate(validate::ValidateArgs),
    /// Print the JSON Schema of plattr.yaml
    Schema(schema::SchemaArgs),
    /// Print what the files mean together, defaults filled in
    Show(show::ShowArgs),
}

/// Runs `plattr config`.
pub async fn run(ui: &Ui, globals: &Globals, args: ConfigArgs) -> CommandResult {
    match args.command {
        ConfigCommand::Validate(args) => validate::run(ui, globals, args).await,
        ConfigCommand::Schema(args) => schema::run(ui, globals, args).await,
        ConfigCommand::Show(args) => show::run(ui, globals, args).await,
    }
}
