//! `plattr config show`: print what the files mean together, defaults filled in.

use serde_json::{Value as Json, json};

use crate::project::Project;
use crate::project::load::AppConfig;
use crate::services::LOCAL_PASSWORD;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Print what the files mean together, defaults filled in
///
/// plattr.local.yaml is merged into plattr.yaml. Passwords other than the documented local one are masked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  plattr config show\n  plattr config show -o json | jq .apps.shop.storage")]
pub struct ShowArgs {}

/// Runs `plattr config show`.
pub async fn run(ui: &Ui, globals: &Globals, _args: ShowArgs) -> CommandResult {
    let format = ui.format(&[Format::Yaml, Format::Json])?;
    ui.value(format, &effective(&Project::find(globals.project.as_deref())?)?)
}

/// The whole configuration as it takes effect.
pub fn effective(project: &Project) -> CommandResult<Json> {
    let mut apps = serde_json::Map::new();
    for app in &project.apps {
        apps.insert(app.name.to_string(), application(app)?);
    }
    Ok(json!({
        "stack": project.stack_name()?,
        "state": project.stack_root()?,
        "settings": value(&project.settings()?)?,
        "without": project.without(),
        "apps": apps,
    }))
}

fn application(app: &AppConfig) -> CommandResult<Json> {
    let mut shown = value(&app.spec)?;
    let users: Vec<Json> = app
        .users()
        .into_iter()
        .map(|u| {
            let password = if u.password == LOCAL_PASSWORD { LOCAL_PASSWORD } else { "********" };
            json!({ "username": u.username, "password": password, "email": u.email })
        })
        .collect();
    if let Some(object) = shown.as_object_mut() {
        object.insert(
            "local".into(),
            json!({
                "profiles": value(&app.local.profiles)?,
                "origins": app.origins(),
                "users": users,
                "providers": value(&app.local.providers)?,
                "types": value(&app.local.types)?,
            }),
        );
        object.insert("environments".into(), value(&app.environments)?);
    }
    Ok(shown)
}

fn value(of: &impl serde::Serialize) -> CommandResult<Json> {
    serde_json::to_value(of)
        .map_err(|e| CommandError::new(ErrorKind::Failed, "output", "the configuration cannot be printed").because(e))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn passwords_are_masked_and_defaults_filled_in() {
        let folder = tempfile::tempdir().unwrap();
        let text = "version: 1\nname: todo\nlocal:\n  users:\n    - username: alice\n    - {username: bob, password: hunter22}\n";
        std::fs::write(folder.path().join("plattr.yaml"), text).unwrap();
        let shown = effective(&Project::load(folder.path()).unwrap()).unwrap();
        assert!(!shown.to_string().contains("hunter22"));
        assert_eq!(shown["apps"]["todo"]["scaling"]["max"], 20);
        assert_eq!(shown["apps"]["todo"]["local"]["users"][0]["email"], "alice@example.test");
    }
}
