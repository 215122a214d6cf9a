//! `plattr bundle`: everything that a machine without a network needs, in one file.

mod create;
mod load;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::database::tools;
use crate::engines::bundle::{Entry, Item};
use crate::engines::native::lock::platform;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Manage bundles for machines without a network
///
/// A bundle is one file with everything that a project's services are made of. Make it where there is a network, copy
/// it, and load it where there is none.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  On a machine with a network, in the project's folder:
    $ plattr bundle create

  On a machine without:
    $ plattr bundle load plattr-bundle-linux-x86_64.tar
    $ plattr dev")]
pub struct BundleArgs {
    /// What to do.
    #[command(subcommand)]
    command: BundleCommand,
}

/// What `plattr bundle` can do.
#[derive(Debug, Subcommand)]
enum BundleCommand {
    Create(create::CreateArgs),
    Load(load::LoadArgs),
    Show(show::ShowArgs),
}

/// Which engines a bundle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engines {
    /// Packages
    Native,
    /// Images, the program kind, and PostgreSQL's client programs
    Kind,
    /// All of these
    Both,
}

impl Engines {
    /// Whether an entry is for them. Commands on a database run PostgreSQL's client programs here, whatever the engine.
    fn want(self, entry: &Entry) -> bool {
        match (self, &entry.item) {
            (Self::Both, _) | (Self::Kind, Item::Image { .. }) => true,
            (Self::Kind, _) => entry.name == "kind" || tools::is_package(&entry.name),
            (Self::Native, Item::Image { .. }) => false,
            (Self::Native, _) => entry.name != "kind",
        }
    }
}

/// The file that is meant where none is named.
fn usual_file() -> PathBuf {
    format!("plattr-bundle-{}.tar", platform()).into()
}

/// Runs the command.
///
/// # Errors
/// Those of the command below it.
pub async fn run(ui: &Ui, globals: &Globals, args: BundleArgs) -> CommandResult {
    match args.command {
        BundleCommand::Create(args) => create::run(ui, globals, args).await,
        BundleCommand::Load(args) => load::run(ui, args).await,
        BundleCommand::Show(args) => show::run(ui, &args),
    }
}
