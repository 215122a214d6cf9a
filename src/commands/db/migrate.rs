//! `plattr db migrate`

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use plattr_db::migrate::{Plan, Record};
use serde::Serialize;

use crate::database::engines::{Action, Engine};
use crate::database::migrate::{self, Options, Outcome, Source};
use crate::database::target::{Target, TargetArgs};
use crate::project::Project;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::units::counted;

/// Apply the migrations that are pending
///
/// SQL files, or the project's own tool, which is found by its files and run with the login that owns the schema. Each
/// SQL file is applied in a transaction of its own, whole or not at all, unless its first line is
/// `-- plattr:no-transaction` (as `CREATE INDEX CONCURRENTLY` wants it). Afterwards PostgREST serves the new schema.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db migrate
    $ plattr db migrate --status
    $ plattr db migrate --dry-run
    $ plattr db migrate --to 20260131120000
    $ plattr db migrate --engine prisma
    $ plattr db migrate --db-url \"$STAGING_URL\" --schema shop")]
pub struct MigrateArgs {
    /// What runs the migrations; found by the project's files unless given
    #[arg(long, value_name = "ENGINE")]
    engine: Option<Engine>,
    /// Say what would be applied, and do nothing
    #[arg(long, conflicts_with = "status")]
    dry_run: bool,
    /// Show what is applied and what is pending
    #[arg(long)]
    status: bool,
    /// Apply up to this version, itself included
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Apply also what is older than the newest that was applied, as after a merge of two branches
    #[arg(long)]
    out_of_order: bool,
    /// Give up a statement that waits for a lock for so long
    #[arg(long, value_name = "SECONDS", default_value_t = migrate::LOCK_TIMEOUT.as_secs(), value_parser = clap::value_parser!(u64).range(1..=86400))]
    lock_timeout: u64,
    #[command(flatten)]
    target: TargetArgs,
}

/// A migration. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    version: i64,
    name: String,
    /// When it was applied; none while it is pending.
    applied: Option<Timestamp>,
    transaction: bool,
}

/// Runs the command.
///
/// # Errors
/// What failed, with file and line; what was applied before it stays.
pub async fn run(ui: &Ui, globals: &Globals, args: MigrateArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let (target, source) = open(&args.target, globals, args.engine).await?;
    let options =
        Options { to: args.to, out_of_order: args.out_of_order, lock_timeout: Duration::from_secs(args.lock_timeout) };
    if args.engine.is_none() {
        ui.say(format!("migrations are run by {} ({})", source.engine, source.because));
    }
    if source.engine != Engine::Sql && (args.status || args.dry_run) {
        let action = if args.status { Action::Status } else { Action::DryRun };
        return migrate::foreign(&target, &source, &action, options.lock_timeout).await;
    }
    if args.status || args.dry_run {
        let looking = if args.status { Options { out_of_order: true, ..options } } else { options };
        let (applied, plan) = migrate::look(&target, &source, &looking).await?;
        let rows = if args.status { rows(&applied, &plan) } else { rows(&[], &plan) };
        return match format {
            Format::Text if rows.is_empty() => {
                ui.say(if args.status { "there are no migrations; `plattr db new NAME` makes one" } else { NOTHING });
                Ok(())
            }
            Format::Text => ui.out(text(&rows, args.status, ui.style())),
            format => ui.value(format, &serde_json::json!({ "engine": source.engine, "migrations": rows })),
        };
    }
    let outcome = migrate::run(ui, &target, &source, &options).await?;
    if outcome.engine != Engine::Sql || !outcome.applied.is_empty() {
        migrate::serve(ui, &target).await?;
    }
    report(ui, format, &outcome)
}

const NOTHING: &str = "nothing to apply";

/// The database and what runs its migrations.
///
/// # Errors
/// When there is no such database, or it is not clear which engine is meant.
pub async fn open(target: &TargetArgs, globals: &Globals, engine: Option<Engine>) -> CommandResult<(Target, Source)> {
    let project = match Project::find(globals.project.as_deref()) {
        Ok(project) => Some(project),
        // A database that is named needs no project.
        Err(error) if error.code == "config-not-found" && target.db_url.is_some() => None,
        Err(error) => return Err(error),
    };
    let source = Source::of(project.as_ref(), engine)?;
    Ok((target.open(globals).await?, source))
}

fn report(ui: &Ui, format: Format, outcome: &Outcome) -> CommandResult {
    if format != Format::Text {
        return ui.value(format, outcome);
    }
    match (outcome.engine, outcome.applied.len()) {
        (Engine::Sql, 0) => ui.say(NOTHING),
        (Engine::Sql, count) => ui.say(format!("{} applied", counted(count, "migration"))),
        _ => {}
    }
    Ok(())
}

fn rows(applied: &[Record], plan: &Plan) -> Vec<Row> {
    let applied =
        applied.iter().map(|r| Row { version: r.version, name: r.name.clone(), applied: r.at, transaction: true });
    let pending = plan.pending.iter().map(|m| Row {
        version: m.version,
        name: m.name.clone(),
        applied: None,
        transaction: !m.no_transaction,
    });
    let mut rows: Vec<Row> = applied.chain(pending).collect();
    rows.sort_by_key(|row| row.version);
    rows
}

fn text(rows: &[Row], status: bool, style: Style) -> String {
    let mut table = Table::new(["VERSION", "NAME", if status { "APPLIED" } else { "WOULD BE APPLIED" }]);
    for row in rows {
        let state = match (row.applied, status) {
            (Some(at), _) => style.good(&at.strftime("%Y-%m-%d %H:%M").to_string()),
            (None, true) => style.warning("pending"),
            (None, false) if row.transaction => "in a transaction".to_owned(),
            (None, false) => "statement by statement".to_owned(),
        };
        table.row([row.version.to_string(), row.name.clone(), state]);
    }
    table.render(style)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_for_each_migration() {
        let row = |version, name: &str, at: Option<&str>, transaction| Row {
            version,
            name: name.into(),
            applied: at.map(|at| at.parse().unwrap()),
            transaction,
        };
        let rows = [row(1, "todos", Some("2026-11-21T09:08:07Z"), true), row(20_261_121, "add index", None, false)];
        insta::assert_snapshot!(text(&rows, true, Style::new(false)), @r"
        VERSION   NAME       APPLIED
        1         todos      2026-11-21 09:08
        20261121  add index  pending
        ");
        insta::assert_snapshot!(text(&rows[1..], false, Style::new(false)), @r"
        VERSION   NAME       WOULD BE APPLIED
        20261121  add index  statement by statement
        ");
    }
}
