//! `plattr run`: a program with the variables of the application.

use std::ffi::OsString;

use clap::Args;

use crate::commands::env;
use crate::program;
use crate::project::Project;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::Globals;

/// Run a program with the variables of the application set
///
/// plattr becomes the program: signals reach it, and its exit code is the result. Nothing is started first.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Run tests:
    $ plattr run -- npm test

  Open a database shell:
    $ plattr run -- sh -c 'psql \"$DATABASE_URL\"'")]
pub struct RunArgs {
    /// Program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command; returns only if it could not.
///
/// # Errors
/// When there are no variables yet, or the program cannot be started.
pub async fn run(_ui: &Ui, globals: &Globals, args: RunArgs) -> CommandResult {
    let variables = env::variables(&Project::find(globals.project.as_deref())?)?;
    Err(program::exec(&args.command, &variables))
}
