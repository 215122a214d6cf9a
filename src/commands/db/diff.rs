//! `plattr db diff`

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use plattr_db::catalog::{Catalog, DefaultPrivilege, Grant};
use plattr_db::diff::{Change, diff, script, unknown};
use plattr_db::migrate::mark;
use serde::Serialize;

use super::{migrate, new};
use crate::database::engines::Engine;
use crate::database::migrate::{self as migrations, Options, Source};
use crate::database::shadow::Shadow;
use crate::database::target::{Local, Target, TargetArgs};
use crate::interrupt;
use crate::project::load::shown_path;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::counted;

/// Show what the schema has that no migration makes
///
/// Replays the migrations in a shadow database, which is dropped afterwards, and prints the SQL that makes its schema
/// like the live one. With a name it becomes a new migration. Names of tables and columns are all that is known: what
/// was renamed is dropped and made anew, with a warning above it.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  After changing tables by hand, make that a migration which this database has already:
    $ plattr db diff 'add due date' --mark-applied

  Fail in CI where the database is not what the migrations make:
    $ plattr db diff --exit-code

  What makes staging like production:
    $ plattr db diff --from-url \"$STAGING_URL\" --to-url \"$PRODUCTION_URL\"")]
pub struct DiffArgs {
    /// Write the difference as a migration of this name
    name: Option<String>,
    /// Remember the new migration as applied in this database, which has all of it
    #[arg(long, requires = "name")]
    mark_applied: bool,
    /// Exit with 1 if there is a difference
    #[arg(long)]
    exit_code: bool,
    /// Replay the migrations in this empty database instead of a new one; what is put there is dropped again
    #[arg(long, value_name = "URL", env = "PLATTR_SHADOW_URL", hide_env_values = true, help_heading = "Database")]
    shadow_url: Option<String>,
    /// Begin with this live database instead of the migrations
    #[arg(long, value_name = "URL", conflicts_with_all = ["name", "shadow_url"], help_heading = "Database")]
    from_url: Option<String>,
    /// The schema in it; the first of the login's search path unless given
    #[arg(long, value_name = "NAME", requires = "from_url", help_heading = "Database")]
    from_schema: Option<String>,
    /// End with this live database; the same as `--db-url`
    #[arg(long, value_name = "URL", help_heading = "Database")]
    to_url: Option<String>,
    /// The schema in it; the first of the login's search path unless given
    #[arg(long, value_name = "NAME", requires = "to_url", help_heading = "Database")]
    to_schema: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// What was found. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    changes: Vec<Change>,
    /// The changes as a migration; empty where there are none.
    sql: String,
    /// The file that it was written to.
    file: Option<PathBuf>,
    /// Objects that differ and of which no more is known.
    not_compared: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// When a database cannot be read, a migration fails in the shadow, or, with `--exit-code`, there is a difference.
pub async fn run(ui: &Ui, globals: &Globals, args: DiffArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    if let Some(name) = &args.name {
        new::check_name(name)?;
    }
    let wanted = match &args.to_url {
        Some(url) => TargetArgs { db_url: Some(url.clone()), schema: args.to_schema.clone() },
        None => args.target.clone(),
    };
    let (target, source) = migrate::open(&wanted, globals, None).await?;
    let mut to = read(&target).await?;
    let mut from = match &args.from_url {
        Some(url) => {
            let other = TargetArgs { db_url: Some(url.clone()), schema: args.from_schema.clone() };
            read(&other.open(globals).await?).await?
        }
        None => replayed(ui, &target, &source, &to, args.shadow_url.as_deref()).await?,
    };
    let standing: Vec<_> = to.default_privileges.iter().filter(|d| !d.everywhere).cloned().collect();
    if let Some(local) = &target.local {
        match args.from_url {
            Some(_) => [&mut from, &mut to].into_iter().for_each(|catalog| without_defaults(catalog, &standing)),
            None => with_defaults(&mut from, &mut to, &standing),
        }
        [&mut from, &mut to].into_iter().for_each(|catalog| without_anonymous(catalog, local));
    }
    let changes = diff(&from, &to);
    let sql = if changes.is_empty() { String::new() } else { script(&changes) };
    let file = match &args.name {
        Some(name) if !changes.is_empty() => Some(new::create(&source, name, &sql)?),
        _ => None,
    };
    if let (Some(file), true) = (&file, args.mark_applied) {
        mark_applied(&target, &source, file).await?;
    }
    let report = Report { changes, sql, file, not_compared: unknown(&from, &to) };
    say(ui, format, &report, args.mark_applied)?;
    if args.exit_code && !report.changes.is_empty() {
        return Err(CommandError::new(ErrorKind::Program(1), "difference", "there is a difference"));
    }
    Ok(())
}

fn say(ui: &Ui, format: Format, report: &Report, marked: bool) -> CommandResult {
    if !report.not_compared.is_empty() {
        ui.warn(format!("there are differences that plattr does not look into: {}", report.not_compared.join(", ")));
    }
    if format != Format::Text {
        return ui.value(format, report);
    }
    let lost = report.changes.iter().filter(|change| change.destroys.is_some()).count();
    if lost > 0 {
        let verb = if lost == 1 { "destroys" } else { "destroy" };
        ui.warn(format!("{} {verb} data where it is applied; look for `WARNING`", counted(lost, "change")));
    }
    match &report.file {
        _ if report.changes.is_empty() => ui.say("no difference"),
        None => return ui.out(&report.sql),
        Some(file) => {
            ui.line(shown_path(file).display().to_string())?;
            ui.say(match marked {
                true => "this database has it already, and remembers it as applied".to_owned(),
                false => {
                    "this database has it already: `--mark-applied` would have remembered it as applied".to_owned()
                }
            });
        }
    }
    Ok(())
}

async fn read(target: &Target) -> CommandResult<Catalog> {
    let session = target.connect().await?;
    let read = Catalog::read(&session.client, &target.schema, &plattr_db::OWN_TABLES).await;
    read.map_err(|failure| target.explain(&format!("read the schema `{}`", target.schema), failure))
}

/// What the migrations make of an empty schema.
async fn replayed(
    ui: &Ui,
    target: &Target,
    source: &Source,
    live: &Catalog,
    shadow_url: Option<&str>,
) -> CommandResult<Catalog> {
    if source.engine != Engine::Sql {
        let message = format!("the migrations of this project are run by {} ({})", source.engine, source.because);
        return Err(CommandError::new(ErrorKind::Usage, "engine-cannot", message)
            .hint("compare by that tool: most have a command that makes a migration of a difference")
            .hint("`plattr db diff --from-url URL` compares with a database that its migrations were applied to"));
    }
    let (_, plan) = migrations::look(target, source, &Options::default()).await?;
    if !plan.pending.is_empty() {
        let message = format!("{} not applied in this database", are(plan.pending.len()));
        return Err(CommandError::new(ErrorKind::Failed, "migrations-pending", message)
            .hint("`plattr db migrate` applies what is pending; the difference would undo it otherwise"));
    }
    let all = source.read()?;
    let progress = ui.progress();
    let task = progress.task("shadow database");
    task.doing("making it");
    // It is dropped also when a person gives up.
    let _claim = interrupt::claim();
    let shadow = Shadow::open(ui, target, live, &all, shadow_url).await?;
    let replay = async {
        let applied = shadow.replay(&all, |file| task.doing(&format!("replaying {file}"))).await?;
        applied.map_err(|error| {
            migrations::apply_error(target, source, error)
                .hint("this was in the shadow database; the database itself is as it was")
        })?;
        read(&shadow.target).await
    };
    let catalog = tokio::select! {
        catalog = replay => catalog,
        _ = interrupt::next() => {
            let message = "interrupted; the shadow database is dropped, and nothing was changed";
            Err(CommandError::new(ErrorKind::Interrupted, "interrupted", message))
        }
    };
    shadow.close(ui).await;
    match &catalog {
        Ok(_) => task.done(&format!("replayed {}", counted(all.all.len(), "migration"))),
        Err(_) => task.failed("dropped"),
    }
    catalog
}

fn are(migrations: usize) -> String {
    format!("{} {}", counted(migrations, "migration"), if migrations == 1 { "is" } else { "are" })
}

/// Everything in a schema that default privileges give rights on: what it is in them, its name, its grants.
fn granted(catalog: &mut Catalog) -> Vec<(&'static str, String, &mut Vec<Grant>)> {
    let tables = catalog.tables.iter_mut().map(|it| ("TABLES", it.name.clone(), &mut it.grants));
    let views = catalog.views.iter_mut().map(|it| ("TABLES", it.name.clone(), &mut it.grants));
    let sequences = catalog.sequences.iter_mut().map(|it| ("SEQUENCES", it.name.clone(), &mut it.grants));
    let routines = catalog.routines.iter_mut().map(|it| ("FUNCTIONS", it.signature.clone(), &mut it.grants));
    tables.chain(views).chain(sequences).chain(routines).collect()
}

fn has(grants: &[Grant], wanted: &Grant) -> bool {
    grants.iter().any(|grant| grant.is_like(wanted))
}

/// What the default privileges `standing` give something new.
fn by_default<'a>(standing: &'a [DefaultPrivilege], on: &'a str) -> impl Iterator<Item = &'a Grant> {
    standing.iter().filter(move |d| d.on == on).flat_map(|d| &d.grants)
}

fn is_default(standing: &[DefaultPrivilege], on: &str, grant: &Grant) -> bool {
    by_default(standing, on).any(|given| given.is_like(grant))
}

/// Leaves out what `plattr dev` grants in one database by default privileges: in another one it is somebody else's.
fn without_defaults(catalog: &mut Catalog, standing: &[DefaultPrivilege]) {
    for (on, _, grants) in granted(catalog) {
        grants.retain(|grant| !is_default(standing, on, grant));
    }
    catalog.default_privileges.retain(|d| d.everywhere);
}

/// Makes of the default privileges that the replay had too a difference only where a person revoked what they gave in the
/// live schema. What it has more of them than the replay, plattr gave; and a table of another owner never had them.
fn with_defaults(replay: &mut Catalog, live: &mut Catalog, standing: &[DefaultPrivilege]) {
    let there: BTreeMap<(&str, String), Vec<Grant>> =
        granted(live).into_iter().map(|(on, name, grants)| ((on, name), grants.clone())).collect();
    let mut replayed = BTreeSet::new();
    for (on, name, grants) in granted(replay) {
        let more = there.get(&(on, name.clone())).into_iter().flatten();
        let more = more.filter(|grant| !has(grants, grant) && is_default(standing, on, grant));
        let more: Vec<Grant> = more.cloned().collect();
        grants.extend(more);
        replayed.insert((on, name));
    }
    for (on, name, grants) in granted(live) {
        if !replayed.contains(&(on, name)) {
            let missing: Vec<Grant> = by_default(standing, on).filter(|given| !has(grants, given)).cloned().collect();
            grants.extend(missing);
        }
    }
    // Those of the login that migrates are in both; others are plattr's own.
    for catalog in [replay, live] {
        let owner = catalog.owner.clone();
        catalog.default_privileges.retain(|d| d.everywhere || d.role == owner);
    }
}

/// Leaves out what `api.anonTables` says.
fn without_anonymous(catalog: &mut Catalog, local: &Local) {
    let (anon, open) = (local.app.names().anon_role, &local.app.spec.database.api.anon_tables);
    for (on, name, grants) in granted(catalog) {
        if on == "TABLES" && open.contains(&name) {
            grants.retain(|grant| grant.grantee != anon || grant.privilege != "SELECT");
        }
    }
}

async fn mark_applied(target: &Target, source: &Source, file: &std::path::Path) -> CommandResult {
    let all = source.read()?;
    let new: Vec<_> = all.all.iter().filter(|migration| migration.path == file).collect();
    let session = target.connect().await?;
    mark(&session, &new).await.map_err(|failure| target.explain("remember the migration as applied", failure))
}
