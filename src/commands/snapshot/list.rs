//! `plattr snapshot list`

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::project::Project;
use crate::stack::snapshot::{self, Listed, Manifest};
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units;

/// List the snapshots of the stack, the oldest first
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr snapshot list
    $ plattr snapshot list -o json | jq -r '.snapshots[].name'")]
pub struct ListArgs {}

/// A snapshot. The JSON form is stable.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    folder: PathBuf,
    #[serde(flatten)]
    manifest: Option<Manifest>,
    /// Why nothing more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl From<Listed> for Row {
    fn from(Listed { name, folder, manifest }: Listed) -> Self {
        match manifest {
            Ok(manifest) => Self { name, folder, manifest: Some(manifest), problem: None },
            Err(error) => Self { name, folder, manifest: None, problem: Some(error.message) },
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When their folder cannot be read.
pub async fn run(ui: &Ui, globals: &Globals, _args: ListArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let rows: Vec<Row> = snapshot::list(&project.stack_root()?)?.into_iter().map(Row::from).collect();
    match format {
        Format::Text if rows.is_empty() => {
            ui.say(format!("{}: no snapshots; `plattr snapshot save NAME` makes one", project.stack_name()?));
        }
        Format::Text => ui.out(text(&rows, Timestamp::now(), ui.style()))?,
        format => ui.value(format, &serde_json::json!({ "snapshots": rows }))?,
    }
    Ok(())
}

fn text(rows: &[Row], now: Timestamp, style: Style) -> String {
    let mut table = Table::new(["NAME", "SAVED", "ON DISK", "DATA", "APPLICATIONS", "MESSAGE", "PROBLEM"]);
    for row in rows {
        let cell = |of: &dyn Fn(&Manifest) -> String| row.manifest.as_ref().map(of).unwrap_or_default();
        table.row([
            row.name.clone(),
            cell(&|m| format!("{} ago", units::duration(now.duration_since(m.created_at).unsigned_abs()))),
            cell(&|m| units::bytes(m.archive.bytes)),
            cell(&|m| units::bytes(m.data_bytes)),
            cell(&|m| m.applications.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            cell(&|m| m.message.as_deref().unwrap_or_default().lines().next().unwrap_or_default().to_owned()),
            row.problem.clone().unwrap_or_default(),
        ]);
    }
    table.render(style)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_for_each_snapshot() {
        let manifest = |name: &str, message: serde_json::Value| -> Manifest {
            serde_json::from_value(serde_json::json!({
                "format": 1, "name": name, "createdAt": "2026-11-21T08:00:00Z", "message": message, "plattr": "0.1.0",
                "engine": "native", "platform": "linux-x86_64", "stack": "team", "applications": ["blog", "shop"],
                "services": {}, "facts": {}, "dataBytes": 98_000_000, "archive": {"sha256": "ab", "bytes": 8_100_000},
            }))
            .unwrap()
        };
        let row = |name: &str, manifest, problem| Row { name: name.into(), folder: name.into(), manifest, problem };
        let rows = [
            row("broken", None, Some("/x/snapshot.json is damaged".into())),
            row("clean", Some(manifest("clean", ().into())), None),
            row("before", Some(manifest("before", "before the upgrade\nof PostgreSQL".into())), None),
        ];
        let now = "2026-11-21T10:05:00Z".parse().unwrap();
        insta::assert_snapshot!(text(&rows, now, Style::new(false)), @"
        NAME    SAVED      ON DISK  DATA   APPLICATIONS  MESSAGE             PROBLEM
        broken                                                               /x/snapshot.json is damaged
        clean   2h 5m ago  8.1 MB   98 MB  blog, shop
        before  2h 5m ago  8.1 MB   98 MB  blog, shop    before the upgrade
        ");
    }
}
