//! `plattr db reset`

use std::time::Instant;

use clap::Args;
use plattr_db::emptying::{contents, emptying};
use plattr_db::{SqlFailure, template};
use serde::Serialize;

use crate::database::engines::Engine;
use crate::database::fresh::Fresh;
use crate::database::migrate::{self, Options, Source};
use crate::database::seed::{self, Item};
use crate::database::target::{Local, Target, TargetArgs};
use crate::project::Project;
use crate::services::Service as _;
use crate::services::postgres::{ADMIN, Postgres};
use crate::stack::lock::StackLock;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::counted;

/// The database that takes the place of the old one.
const NEXT: &str = "plattr_next";
/// The old one, for the moment until it is dropped.
const BEFORE: &str = "plattr_before";

/// Begin the database anew: all migrations and seeds, nothing else
///
/// Asks first. The new database is made beside the old one, from a template that is kept for the next time, and then
/// takes its place: a migration that fails leaves everything as it was. Where other applications share the database,
/// or with --db-url, the schema is emptied instead. Buckets, people, keys and indices stay as they are.
///
/// A database on another machine is never reset.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db reset
    $ plattr db reset --yes --no-seed
    $ plattr db reset --yes --db-url postgresql://me:secret@127.0.0.1:5432/scratch")]
pub struct ResetArgs {
    /// Leave out the seeds
    #[arg(long)]
    no_seed: bool,
    /// Apply all migrations again, also where a template has them
    #[arg(long)]
    no_template: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// What was done. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    schema: String,
    how: How,
    seeded: bool,
    seconds: f64,
}

/// Where the new state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum How {
    /// A template that was there.
    Template,
    /// A template that was made.
    NewTemplate,
    /// Migrations, into a new database.
    Migrated,
    /// Migrations, into the emptied schema.
    Emptied,
}

impl How {
    fn said(self) -> &'static str {
        match self {
            Self::Template => "from the template",
            Self::NewTemplate => "from a new template, which the next reset uses",
            Self::Migrated => "by all migrations",
            Self::Emptied => "by all migrations, in the emptied schema",
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the database is on another machine or cannot be reached; usage, if nobody says yes; the migration or seed that
/// failed.
pub async fn run(ui: &Ui, globals: &Globals, args: ResetArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = match &args.target.db_url {
        None => Some(Project::find(globals.project.as_deref())?),
        // Its migrations may lie in any folder.
        Some(_) => Project::find(globals.project.as_deref()).ok(),
    };
    let target = args.target.open(globals).await?;
    if target.local.is_none() {
        of_this_machine(&target)?;
    }
    ask(ui, &target).await?;
    let began = Instant::now();
    let how = match (&target.local, &project) {
        (Some(local), Some(project)) => {
            let _lock = StackLock::take(&local.open.stack.root, ui.progress().as_ref()).await?;
            match is_alone(&target, local).await? {
                true => exchange(ui, project, local, &args).await?,
                false => empty(ui, Some(project), &target, !args.no_seed).await?,
            }
        }
        _ => empty(ui, project.as_ref(), &target, !args.no_seed).await?,
    };
    migrate::serve(ui, &target).await?;
    let report =
        Report { schema: target.schema.clone(), how, seeded: !args.no_seed, seconds: began.elapsed().as_secs_f64() };
    if format != Format::Text {
        return ui.value(format, &report);
    }
    ui.say(format!("{}: reset `{}` {} ({:.1}s)", target.label, report.schema, how.said(), report.seconds));
    Ok(())
}

/// Refuses what is not certainly on this machine.
fn of_this_machine(target: &Target) -> CommandResult {
    if target.server.is_of_this_machine() {
        return Ok(());
    }
    let message = format!("the database of {} is not on this machine, and is not reset", target.label);
    Err(CommandError::new(ErrorKind::Usage, "reset-remote", message)
        .hint("all data in it would be lost; `plattr db migrate` applies what is new")
        .hint("where that is what you want, drop the schema yourself with `plattr db shell`, then `plattr db migrate`"))
}

/// Says what will be lost, and asks.
async fn ask(ui: &Ui, target: &Target) -> CommandResult {
    let session = target.connect().await?;
    let found = contents(&session.client, &target.schema).await;
    let found = found.map_err(|failure| target.explain("look at the database", failure))?;
    let tables = counted(usize::try_from(found.tables).unwrap_or_default(), "table");
    ui.say(format!("Everything in the schema `{}` of {} will be lost: it has {tables}", target.schema, target.label));
    match ui.confirm("Reset it?")? {
        true => Ok(()),
        false => Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was reset")),
    }
}

/// Whether nothing but the application's schema is in the database.
async fn is_alone(target: &Target, local: &Local) -> CommandResult<bool> {
    let sharing = local.open.stack.apps.values().filter(|app| Postgres.wanted_here(app)).count();
    // What its own login made, as the history of drizzle-kit, is the application's too.
    let sql = "SELECT count(*) FROM pg_namespace
               WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
                 AND pg_get_userbyid(nspowner) <> current_user";
    let session = target.connect().await?;
    let others = session.client.query_one(sql, &[]).await;
    let others: i64 = others.map_err(|e| target.explain("look at the database", e.into()))?.get(0);
    Ok(sharing == 1 && others == 0)
}

/// Makes a new database and puts it in the place of the old one.
async fn exchange(ui: &Ui, project: &Project, local: &Local, args: &ResetArgs) -> CommandResult<How> {
    let progress = ui.progress();
    let task = progress.task("database");
    let fresh = Fresh { ui, project, open: &local.open, app: &local.app, seed: !args.no_seed };
    let exchanged = async {
        let maintenance = template::maintenance(&local.admin()).await.map_err(refused)?;
        let session = maintenance.connect().await.map_err(refused)?;
        // What a run that was killed left.
        for left in [NEXT, BEFORE] {
            template::drop(&session, left).await.map_err(refused)?;
        }
        let how = if args.no_template {
            task.doing("migrating a new database");
            template::create(&session, NEXT, None).await.map_err(refused)?;
            fresh.fill(NEXT).await?;
            How::Migrated
        } else {
            let (from, built) = fresh.template(task.as_ref()).await?;
            task.doing("copying the template");
            template::create(&session, NEXT, Some(&from.name())).await.map_err(refused)?;
            fresh.provision(NEXT).await?;
            if built { How::NewTemplate } else { How::Template }
        };
        task.doing("taking the place of the old database");
        template::swap(&maintenance, ADMIN, NEXT, BEFORE).await.map_err(refused)?;
        // The new one is in its place. What is left of the old one, the next reset drops.
        if let Err(failure) = template::drop(&session, BEFORE).await {
            ui.warn(format!("the old database is still there as `{BEFORE}`: {failure}; the next reset drops it"));
        }
        Ok(how)
    };
    match exchanged.await {
        Ok(how) => {
            task.done("new");
            Ok(how)
        }
        Err(error) => {
            let error: CommandError = error;
            task.failed(&error.message);
            Err(error.hint("the database is as it was"))
        }
    }
}

fn refused(failure: SqlFailure) -> CommandError {
    CommandError::new(ErrorKind::Failed, "reset-failed", "the database cannot be made anew")
        .because(failure)
        .hint("run the same command again: what this one left is removed first")
}

/// Empties the schema, and migrates and seeds it again.
async fn empty(ui: &Ui, project: Option<&Project>, target: &Target, seeded: bool) -> CommandResult<How> {
    // Before anything is lost.
    let source = Source::of(project, None)?;
    let session = target.connect().await?;
    // Its history is in a schema of its own, and says what is no longer there.
    let history = if source.engine == Engine::Drizzle { "DROP SCHEMA IF EXISTS drizzle CASCADE;" } else { "" };
    // All or nothing.
    let sql = format!("SET lock_timeout = '10s'; {history} {}", emptying(&target.schema));
    let emptied = session.client.batch_execute(&sql).await;
    emptied.map_err(|e| target.explain("empty the schema", SqlFailure::new(&e, &sql)))?;
    drop(session);
    if let (Some(local), Some(project)) = (&target.local, project) {
        let fresh = Fresh { ui, project, open: &local.open, app: &local.app, seed: seeded };
        fresh.provision(local.app.database()).await?;
    }
    migrate::run(ui, target, &source, &Options::default()).await?;
    let said = project.and_then(migrate::current).and_then(|app| app.local.seed.clone());
    let mut items = if seeded { seed::items(&source.root, said.as_deref())? } else { Vec::new() };
    items.retain(|item| !matches!(item, Item::Object(..)));
    if !items.is_empty() {
        seed::run(ui, target, &source.root, &items, &target.variables(), false).await?;
    }
    Ok(How::Emptied)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use plattr_db::Server;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("postgresql://me@127.0.0.1/x", true)]
    #[case("postgresql://me@localhost:5433/x", true)]
    #[case("postgresql://me@[::1]/x", true)]
    #[case("postgresql://me@db.example.com/x", false)]
    #[case("postgresql://me@10.0.0.1/x", false)]
    #[case("postgresql://me@localhost,db.example.com/x", false)]
    #[case("postgresql://me@localhost/x?hostaddr=10.0.0.1", false)]
    fn only_databases_of_this_machine_are_reset(#[case] url: &str, #[case] allowed: bool) {
        let server = Server::parse(url).unwrap();
        let target = Target { server, url: url.into(), schema: "public".into(), label: "x".into(), local: None };
        let told = of_this_machine(&target);
        assert_eq!(told.is_ok(), allowed);
        assert!(told.is_ok() || told.unwrap_err().code == "reset-remote");
    }
}
