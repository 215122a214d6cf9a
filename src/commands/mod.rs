//! The commands: one file each. This is the table of contents.

pub mod config;
pub mod init;
pub mod usage;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// One file, one command, and an application has its platform
///
/// plattr reads plattr.yaml and gives your application PostgreSQL, PostgREST, MinIO, Keycloak, Redis and
/// OpenSearch, on this machine and in every environment, with the same variables everywhere.
#[derive(Debug, Parser)]
#[command(name = "plattr", version, max_term_width = 110, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 wrong plattr.yaml, 4 this machine is in the \
                        way, 5 a remote system is in the way, 130 interrupted"
)]
#[command(after_long_help = "Examples:
  $ plattr init            describe the application
  $ plattr dev             start everything and prove that it works
  $ plattr run -- npm test run a program with the variables set

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 wrong plattr.yaml, 4 this machine is in the way, 5 a remote
system is in the way, 130 interrupted. With `-o json` failures are JSON on stderr: code, message, hint, docs.")]
pub struct Cli {
    /// Flags that every command understands.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub enum Command {}

impl Command {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match *self {}
    }

    /// Whether a log of the run is worth keeping: it changes something.
    pub fn keeps_log(&self) -> bool {
        match *self {}
    }

    /// Runs it; the result is the exit code.
    pub async fn run(self, _ui: &Ui, _globals: &Globals) -> CommandResult<u8> {
        match self {}
    }
}

/// The folder for logs of runs, where there is a project.
pub fn logs_folder(globals: &Globals) -> Option<PathBuf> {
    let start = globals.project.clone().or_else(|| std::env::current_dir().ok())?;
    start.ancestors().find(|folder| has_project(folder)).map(|folder| folder.join(".plattr").join("logs"))
}

fn has_project(folder: &Path) -> bool {
    folder.join("plattr.yaml").is_file()
}
