//! `plattr logs`: what the services say, merged.

use clap::Args;
use jiff::Timestamp;

use crate::commands::args;
use crate::engines::{LogLine, LogOptions};
use crate::interrupt;
use crate::project::Project;
use crate::stack::Instance;
use crate::stack::open::open;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;

/// Lines that may wait to be printed.
const QUEUE: usize = 1024;

/// Show what the services say, merged by time
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  The last lines of everything, and what comes:
    $ plattr logs --tail 20 -f

  What PostgreSQL said in the last ten minutes:
    $ plattr logs postgres --since 10m

  One JSON object a line:
    $ plattr logs -o json --tail 100")]
pub struct LogsArgs {
    /// Show only these services, or instances such as `postgrest-todo`
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// Go on until interrupted
    #[arg(short, long)]
    follow: bool,
    /// Show only what is younger: `10m`, `2h30m`, `2026-01-01T10:00`
    #[arg(long, value_name = "TIME", value_parser = args::since)]
    since: Option<Timestamp>,
    /// Show only the last N lines of each service
    #[arg(long, value_name = "N")]
    tail: Option<usize>,
}

/// Runs the command.
///
/// # Errors
/// Usage, if there is no such service; when the logs cannot be read.
pub async fn run(ui: &Ui, globals: &Globals, args: LogsArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json])?;
    let project = Project::find(globals.project.as_deref())?;
    let open = open(&project, None)?;
    let instances = open.instances();
    let ids = chosen(&instances, &args.services)?;
    let options = LogOptions { tail: args.tail, since: args.since, follow: args.follow };
    let (sink, mut lines) = tokio::sync::mpsc::channel(QUEUE);
    let printing = async {
        while let Some(line) = lines.recv().await {
            ui.line(match format {
                Format::Json => serde_json::json!(line).to_string(),
                _ => text(&line, &ids, ui.style()),
            })?;
        }
        Ok(())
    };
    // Ctrl-C is how following ends, not a failure.
    let _claim = args.follow.then(interrupt::claim);
    tokio::select! {
        done = async { tokio::try_join!(open.engine.logs(&open.stack, &ids, &options, sink), printing).map(drop) } => done,
        _ = interrupt::next(), if args.follow => Ok(()),
    }
}

/// Ids of the instances that are named, by id or by service; all if none is.
fn chosen(instances: &[Instance], names: &[String]) -> CommandResult<Vec<String>> {
    let known: Vec<(String, &str)> = instances.iter().map(|i| (i.id(), i.service.name())).collect();
    if let Some(unknown) = names.iter().find(|n| !known.iter().any(|(id, service)| id == *n || service == n)) {
        let ids: Vec<&str> = known.iter().map(|(id, _)| id.as_str()).collect();
        return Err(CommandError::new(
            ErrorKind::Usage,
            "unknown-service",
            format!("this stack has no service `{unknown}`"),
        )
        .hint(format!("it has {}", ids.join(", "))));
    }
    let named = |id: &str, service: &str| names.is_empty() || names.iter().any(|n| n == id || n == service);
    Ok(known.into_iter().filter(|(id, service)| named(id, service)).map(|(id, _)| id).collect())
}

/// A line with whose it is. Colours of the service itself are kept only where there are colours at all.
fn text(line: &LogLine, ids: &[String], style: Style) -> String {
    let width = ids.iter().map(String::len).max().unwrap_or_default();
    let nth = ids.iter().position(|id| *id == line.id).unwrap_or_default();
    let prefix = style.nth(nth, &format!("{:width$} |", line.id));
    let said = if style.colour() { line.line.clone().into() } else { console::strip_ansi_codes(&line.line) };
    format!("{prefix} {said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_whose_they_are() {
        let ids = ["redis".to_owned(), "postgres".to_owned()];
        let line = LogLine { id: "redis".into(), line: "\u{1b}[31mready\u{1b}[0m".into() };
        assert_eq!(text(&line, &ids, Style::new(false)), "redis    | ready");
        assert_eq!(text(&line, &ids, Style::new(true)), "\u{1b}[36mredis    |\u{1b}[0m \u{1b}[31mready\u{1b}[0m");
    }
}
