//! `plattr ps`: all stacks of this machine.

use std::path::PathBuf;

use clap::Args;
use futures::future::join_all;
use serde::Serialize;

use crate::engines::Condition;
use crate::stack::open::recall;
use crate::stack::registry::{self, Entry};
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units;

/// Show all stacks of this machine
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  See what runs on this machine, from any folder:
    $ plattr ps

  Stop everything that plattr runs:
    $ plattr ps -o json | jq -r '.stacks[].projects[]' | xargs -n1 plattr stop --project")]
pub struct PsArgs {}

/// A stack. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: String,
    /// Folders of its applications.
    projects: Vec<PathBuf>,
    engine: String,
    running: usize,
    services: usize,
    /// Ports of what runs.
    ports: Vec<u16>,
    memory_bytes: u64,
    /// Why nothing more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// None of its own: a stack that cannot be read is shown with what is wrong.
pub async fn run(ui: &Ui, _globals: &Globals, _args: PsArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let rows = join_all(registry::all().into_iter().map(row)).await;
    match format {
        Format::Text if rows.is_empty() => ui.say("no stacks on this machine; `plattr dev` in a project starts one"),
        Format::Text => ui.out(text(&rows, ui.style()))?,
        format => ui.value(format, &serde_json::json!({ "stacks": rows }))?,
    }
    Ok(())
}

async fn row(entry: Entry) -> Row {
    let unknown = |problem: String| Row {
        name: entry.name.clone(),
        projects: vec![entry.root.clone()],
        engine: String::new(),
        running: 0,
        services: 0,
        ports: Vec::new(),
        memory_bytes: 0,
        problem: Some(problem),
    };
    let open = match recall(&entry.root) {
        Ok(Some(open)) => open,
        Ok(None) => return unknown("its state is gone".to_owned()),
        Err(error) => return unknown(error.to_string()),
    };
    let observed = match open.measure().await {
        Ok(observed) => observed,
        Err(error) => return unknown(error.to_string()),
    };
    let memory: Vec<(&str, u64)> = observed
        .iter()
        .filter_map(|o| match &o.condition {
            Condition::Running { memory, .. } => Some((o.id.as_str(), *memory)),
            Condition::Died { .. } | Condition::Stopped => None,
        })
        .collect();
    let instances = open.instances();
    let shown = instances.iter().filter(|i| memory.iter().any(|(id, _)| *id == i.id()));
    let ports = shown
        .flat_map(|i| i.service.endpoints().iter().filter(|e| e.shown).map(|e| open.state.ports.get(&i.id(), e.name)));
    let mut projects: Vec<PathBuf> = open.stack.apps.values().map(|app| app.root.clone()).collect();
    projects.dedup();
    Row {
        name: entry.name.clone(),
        projects,
        engine: open.engine.name().to_owned(),
        running: memory.len(),
        services: instances.len(),
        ports: ports.filter(|p| *p > 0).collect(),
        memory_bytes: memory.iter().map(|(_, m)| m).sum(),
        problem: None,
    }
}

fn text(rows: &[Row], style: Style) -> String {
    let mut table = Table::new(["STACK", "ENGINE", "RUNNING", "MEMORY", "PORTS", "PROJECT", "PROBLEM"]);
    for row in rows {
        let running = format!("{}/{}", row.running, row.services);
        table.row([
            row.name.clone(),
            row.engine.clone(),
            if row.running > 0 && row.running == row.services { style.good(&running) } else { running },
            if row.memory_bytes > 0 { units::bytes(row.memory_bytes) } else { String::new() },
            row.ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" "),
            row.projects.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" "),
            row.problem.clone().unwrap_or_default(),
        ]);
    }
    table.render(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_stack() {
        let row = |name: &str, running| Row {
            name: name.into(),
            projects: vec![format!("/code/{name}").into()],
            engine: "native".into(),
            running,
            services: 2,
            ports: if running > 0 { vec![5432, 6379] } else { Vec::new() },
            memory_bytes: running as u64 * 50_000_000,
            problem: None,
        };
        insta::assert_snapshot!(text(&[row("shop", 0), row("todo", 2)], Style::new(false)), @r"
        STACK  ENGINE  RUNNING  MEMORY  PORTS      PROJECT
        shop   native  0/2                         /code/shop
        todo   native  2/2      100 MB  5432 6379  /code/todo
        ");
    }
}
