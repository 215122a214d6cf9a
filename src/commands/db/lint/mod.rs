//! `plattr db lint`

mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use plattr_db::catalog::Catalog;
use plattr_db::inspect;
use plattr_db::lint::facts::{self, ApiRole};
use plattr_db::lint::{Choice, Finding, Severity, file, rules, schema};
use plattr_db::migrate::{FileError, files, history};
use serde::Serialize;

use crate::database::engines::Engine;
use crate::database::migrate::Source;
use crate::database::target::{Target, TargetArgs};
use crate::project::Project;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::counted;

/// Find unsafe migrations and weak spots of the schema
///
/// Looks at the migrations that were not applied yet (locks that stop others, tables that are written anew, lost rows)
/// and at the schema as it is (tables that anyone may read, foreign keys without an index, sequences near their end).
/// With files it looks at these only, and needs no database. docs/reference/lint-rules.md lists the rules.
///
/// A comment `-- plattr:ignore RULE` before a statement says that it is meant to be so; `-- plattr:ignore-file RULE` is
/// for a whole file, and `plattr:ignore RULE` in a table's comment (COMMENT ON) for the table.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Before a migration is committed:
    $ plattr db lint

  The migrations of a branch, without a database:
    $ plattr db lint $(git diff --name-only --diff-filter=d main -- migrations)

  Only who may see what, and warnings fail too:
    $ plattr db lint --rule anonymous-access-without-rls --rule policy-always-true --fail-on warning")]
pub struct LintArgs {
    /// Files or folders to look at, without a database
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Look at migrations that were applied, too
    #[arg(long, conflicts_with = "files")]
    all: bool,
    /// Check this rule and no other, also if it is off by default; may be repeated
    #[arg(long = "rule", value_name = "RULE", value_parser = names(), hide_possible_values = true)]
    only: Vec<String>,
    /// Do not check this rule; may be repeated
    #[arg(long = "no-rule", value_name = "RULE", value_parser = names(), hide_possible_values = true)]
    without: Vec<String>,
    /// Fail if something is found that matters this much
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "error")]
    fail_on: FailOn,
    /// Role of those who are not signed in [default: the application's; with --db-url `SCHEMA_anon` and `anon`]
    #[arg(long, value_name = "NAME", help_heading = "Database")]
    anon_role: Option<String>,
    /// Role of those who are [default: the application's; with --db-url `SCHEMA_authenticated` and `authenticated`]
    #[arg(long, value_name = "NAME", help_heading = "Database")]
    authenticated_role: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(rules::all().map(|rule| rule.name))
}

/// What makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Nothing
    Never,
}

/// What was found. The JSON form is stable.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// The findings, files first.
    findings: Vec<Finding>,
    /// How many of them are errors.
    errors: usize,
    /// How many are warnings.
    warnings: usize,
    /// How many are only worth knowing.
    infos: usize,
    /// Files that were looked at.
    files: Vec<String>,
    /// The schema that was looked at.
    schema: Option<String>,
}

/// A file that was read.
struct Text {
    path: String,
    sql: String,
}

/// Runs the command.
///
/// # Errors
/// When something was found that matters enough, a file cannot be read, or the database cannot be reached.
pub async fn run(ui: &Ui, globals: &Globals, args: LintArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let choice = Choice { only: args.only.iter().cloned().collect(), without: args.without.iter().cloned().collect() };
    let (texts, mut report) = if args.files.is_empty() {
        let target = args.target.open(globals).await?;
        let source = Source::of(Project::find(globals.project.as_deref()).ok().as_ref(), None)?;
        in_database(ui, &args, &target, &source, &choice).await?
    } else {
        (read(&args.files)?, Report::default())
    };
    let of_files = texts.iter().flat_map(|text| {
        let file = file::File { path: &text.path, sql: &text.sql, no_transaction: files::marked(&text.sql) };
        file::lint(file, &choice)
    });
    report.findings.splice(0..0, of_files.collect::<Vec<_>>());
    report.files = texts.iter().map(|text| text.path.clone()).collect();
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    (report.errors, report.warnings, report.infos) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
    match format {
        Format::Text => {
            let sources: BTreeMap<&str, &str> =
                texts.iter().map(|text| (text.path.as_str(), text.sql.as_str())).collect();
            ui.out(text::findings(&report.findings, &sources, ui.style()))?;
        }
        format => ui.value(format, &report)?,
    }
    verdict(ui, &report, args.fail_on)
}

/// The files that were not applied yet, and what was found in the schema.
async fn in_database(
    ui: &Ui,
    args: &LintArgs,
    target: &Target,
    source: &Source,
    choice: &Choice,
) -> CommandResult<(Vec<Text>, Report)> {
    let session = target.connect().await?;
    let client = &session.client;
    let refused = |failure| target.explain("look at the schema", failure);
    inspect::prepare(client).await.map_err(refused)?;
    let texts = if source.engine == Engine::Sql {
        let applied = history::applied(client).await.map_err(refused)?;
        let pending = |version: i64| !applied.iter().any(|record| record.version == version);
        let migrations = source.read()?.all.into_iter().filter(|it| args.all || pending(it.version));
        migrations.map(|it| Text { path: shown(&it.path), sql: it.sql().to_owned() }).collect()
    } else {
        ui.say(format!(
            "the migrations of {} are not looked at; `plattr db lint FILE...` takes those that are SQL",
            source.engine
        ));
        Vec::new()
    };
    let roles = roles(args, target);
    let catalog = Catalog::read(client, &target.schema, &plattr_db::OWN_TABLES).await.map_err(refused)?;
    let facts = facts::read(client, &target.schema, &roles).await.map_err(refused)?;
    let findings = schema::lint(&catalog, &facts, choice);
    Ok((texts, Report { findings, schema: Some(target.schema.clone()), ..Report::default() }))
}

/// The roles of the API's users. A role that is not there reaches nothing.
fn roles(args: &LintArgs, target: &Target) -> Vec<ApiRole> {
    let names = target.local.as_ref().map(|local| local.app.names());
    let schema = &target.schema;
    let role = |asked: &Option<String>, own: Option<&String>, usual: &str, anonymous: bool| {
        let names = match (asked, own) {
            (Some(name), _) | (None, Some(name)) => vec![name.clone()],
            (None, None) => vec![format!("{schema}_{usual}"), usual.to_owned()],
        };
        names.into_iter().map(move |name| ApiRole { name, anonymous })
    };
    let anon = role(&args.anon_role, names.as_ref().map(|names| &names.anon_role), "anon", true);
    let authenticated = names.as_ref().map(|names| &names.authenticated_role);
    anon.chain(role(&args.authenticated_role, authenticated, "authenticated", false)).collect()
}

/// The files; of folders those that end in `.sql`, in the order of their names.
fn read(paths: &[PathBuf]) -> CommandResult<Vec<Text>> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|e| CommandError::io("read", path, e))?;
            let entries = entries.collect::<Result<Vec<_>, _>>().map_err(|e| CommandError::io("read", path, e))?;
            let mut inside: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
            inside.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
            inside.sort();
            all.extend(inside);
        } else {
            all.push(path.clone());
        }
    }
    all.iter()
        .map(|path| {
            let bytes = std::fs::read(path).map_err(|e| CommandError::io("read", path, e))?;
            let sql = String::from_utf8(bytes).map_err(|error| {
                let line =
                    error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
                let error = FileError::NotUtf8 { path: path.clone(), line };
                CommandError::new(ErrorKind::Config, "migration-file", error.to_string())
                    .hint("save it as UTF-8; `iconv -f latin1 -t utf-8` converts")
            })?;
            Ok(Text { path: shown(path), sql })
        })
        .collect()
}

/// A path as people read it: from the folder that they are in.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Says how much was found, and fails if it matters enough.
fn verdict(ui: &Ui, report: &Report, fail_on: FailOn) -> CommandResult {
    let mut looked_at = vec![counted(report.files.len(), "file")];
    looked_at.extend(report.schema.iter().map(|schema| format!("the schema `{schema}`")));
    let looked_at = looked_at.join(" and ");
    let found: Vec<String> = [(report.errors, "error"), (report.warnings, "warning"), (report.infos, "note")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| counted(n, noun))
        .collect();
    if found.is_empty() {
        ui.say(format!("nothing found in {looked_at}"));
        return Ok(());
    }
    let found = format!("{} in {looked_at}", found.join(", "));
    let fails = match fail_on {
        FailOn::Error => report.errors > 0,
        FailOn::Warning => report.errors + report.warnings > 0,
        FailOn::Never => false,
    };
    if !fails {
        ui.say(found);
        return Ok(());
    }
    Err(CommandError::new(ErrorKind::Failed, "lint", found)
        .hint("`-- plattr:ignore RULE` before a statement, or `plattr:ignore RULE` in an object's comment, says that it is meant to be so"))
}

#[cfg(test)]
mod tests;
