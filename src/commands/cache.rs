//! `plattr cache`: packages that were fetched, and what was made from them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use crate::engines::native::cache::Entry;
use crate::project::model::StackSettings;
use crate::stack::open::native;
use crate::stack::registry;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units;

/// Manage fetched packages
///
/// All projects share them. PLATTR_CACHE_DIR says where they are.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  See what there is and how big it is:
    $ plattr cache ls

  Remove what this plattr does not use:
    $ plattr cache prune")]
pub struct CacheArgs {
    /// What to do.
    #[command(subcommand)]
    command: CacheCommand,
}

/// What `plattr cache` can do.
#[derive(Debug, Subcommand)]
enum CacheCommand {
    Ls(LsArgs),
    Prune(PruneArgs),
}

/// List what is in the cache
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr cache ls
    $ plattr cache ls -o json | jq .bytes")]
struct LsArgs {}

/// Remove from the cache what this plattr does not use
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr cache prune
    $ plattr cache prune --all --yes")]
struct PruneArgs {
    /// Remove everything; the next `plattr dev` fetches it again. Stop your stacks first
    #[arg(long)]
    all: bool,
}

/// What is there, or what was removed. The JSON form is stable.
#[derive(Debug, Serialize)]
struct Report {
    folder: PathBuf,
    bytes: u64,
    entries: Vec<Entry>,
}

/// Runs the command.
///
/// # Errors
/// When the cache cannot be read or written.
pub async fn run(ui: &Ui, _globals: &Globals, args: CacheArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let engine = native(StackSettings::default());
    let (cache, mut current) = (engine.cache(), engine.current_folders());
    let roots: Vec<PathBuf> = registry::all().into_iter().map(|stack| stack.root).collect();
    current.extend(engine.folders_in_use(&roots)?);
    let entries = match args.command {
        CacheCommand::Ls(LsArgs {}) => cache.list(&current)?,
        CacheCommand::Prune(PruneArgs { all }) => {
            if all && !ui.confirm("Remove every package, also those in use? Running services may break.")? {
                return Ok(());
            }
            cache.prune(&current, all)?
        }
    };
    match format {
        Format::Text if entries.is_empty() => ui.say("nothing"),
        Format::Text => {
            ui.out(text(&entries, Timestamp::now(), ui.style()))?;
            let total = entries.iter().map(|e| e.bytes).sum();
            ui.say(format!("{} in {}", units::bytes(total), cache.root().display()));
        }
        format => {
            let bytes = entries.iter().map(|e| e.bytes).sum();
            ui.value(format, &Report { folder: cache.root().to_owned(), bytes, entries })?;
        }
    }
    Ok(())
}

fn text(entries: &[Entry], now: Timestamp, style: Style) -> String {
    let mut table = Table::new(["NAME", "KIND", "SIZE", "LAST USED", ""]);
    for entry in entries {
        let age = entry.last_used.map(|t| now.duration_since(t).unsigned_abs());
        table.row([
            entry.name.clone(),
            entry.kind.to_owned(),
            units::bytes(entry.bytes),
            age.map(|age| format!("{} ago", units::duration(age))).unwrap_or_default(),
            if entry.current { String::new() } else { style.dim("not used") },
        ]);
    }
    table.render(style)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_nothing_uses_is_marked() {
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let entry = |name: &str, current| Entry {
            name: name.into(),
            kind: "package",
            bytes: 26_500_000,
            last_used: Some("2026-01-01T22:00:00Z".parse().unwrap()),
            current,
            path: name.into(),
        };
        insta::assert_snapshot!(text(&[entry("postgres-17", true), entry("postgres-16", false)], now, Style::new(false)), @r"
        NAME         KIND     SIZE   LAST USED
        postgres-17  package  26 MB  2h 0m ago
        postgres-16  package  26 MB  2h 0m ago  not used
        ");
    }
}
