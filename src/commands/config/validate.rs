//! `plattr config validate`: check plattr.yaml and the files beside it.

use serde::Serialize;

use crate::project::{Project, load};
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};

/// Check plattr.yaml and the files beside it
///
/// Every problem is told with file, line and column, all in one run. Exits with 3 if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  plattr config validate\n  plattr config validate --project apps/shop -o json")]
pub struct ValidateArgs {}

/// What was found to be right.
#[derive(Debug, Serialize)]
struct Valid {
    /// The files, from the current folder.
    files: Vec<String>,
    /// The applications.
    apps: Vec<String>,
    /// The stack that they run in.
    stack: String,
}

/// Runs `plattr config validate`.
pub async fn run(ui: &Ui, globals: &Globals, _args: ValidateArgs) -> CommandResult {
    let project = Project::find(globals.project.as_deref())?;
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let valid = valid(&project)?;
    match format {
        Format::Text => ui.line(format!("{}: ok", valid.files.join(", "))),
        other => ui.value(other, &valid),
    }
}

fn valid(project: &Project) -> CommandResult<Valid> {
    // Asked for because they can contradict each other between files.
    project.settings()?;
    for app in &project.apps {
        app.provider_credentials()?;
    }
    Ok(Valid {
        files: project.files().iter().map(|f| load::shown_path(f).display().to_string()).collect(),
        apps: project.apps.iter().map(|a| a.name.to_string()).collect(),
        stack: project.stack_name()?.to_string(),
    })
}
