//! `plattr db seed`

use clap::Args;

use super::migrate::open;
use crate::database::migrate::current;
use crate::database::seed::{self, items};
use crate::database::target::TargetArgs;
use crate::project::Project;
use crate::services::{self, Provision};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Put example data into the database and the buckets
///
/// Runs `local.seed` of plattr.yaml, or else `seed.sql` and the folder `seeds`, here or in `db`. Run twice, nothing is
/// there twice: rows of CSV and JSON files (named after their table, as `01_users.csv`) are known by their primary key,
/// SQL files run once for each content, files below `seeds/buckets/NAME` are written where they differ. The people of
/// `local.users` are made again where they were deleted.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db seed
    $ plattr db seed --again")]
pub struct SeedArgs {
    /// Run SQL files also where the same content was run before
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Runs the command.
///
/// # Errors
/// What could not be taken in.
pub async fn run(ui: &Ui, globals: &Globals, args: SeedArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let (target, source) = open(&args.target, globals, None).await?;
    let said = current(&project).and_then(|app| app.local.seed.clone());
    let items = items(&source.root, said.as_deref())?;
    if items.is_empty() {
        ui.say("there is nothing to seed; put SQL, CSV or JSON files into `seeds`");
    }
    if !items.is_empty() && !target.server.is_of_this_machine() {
        let question =
            format!("Seed {}, which is not on this machine? Rows with the same keys are overwritten", target.label);
        if !ui.confirm(&question)? {
            return Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was seeded"));
        }
    }
    let done = seed::run(ui, &target, &source.root, &items, &target.variables(), args.again).await?;
    if let Some(local) = &target.local
        && let Some(keycloak) = services::find("keycloak").filter(|service| service.wanted_here(&local.app))
    {
        let instance = crate::stack::Instance { service: keycloak, app: None };
        for change in keycloak.provision(local.open.context(&instance), Provision::Apply).await?.changes {
            ui.say(format!("keycloak: {change}"));
        }
    }
    match format {
        Format::Text => Ok(()),
        format => ui.value(format, &serde_json::json!({ "seeds": done })),
    }
}
