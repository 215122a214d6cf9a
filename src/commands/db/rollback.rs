//! `plattr db rollback`

use std::time::Duration;

use clap::Args;
use plattr_db::migrate::{self as engine, Migration, NotBack};

use super::migrate::open;
use crate::database::engines::{Action, Engine};
use crate::database::migrate;
use crate::database::target::TargetArgs;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::{self, counted};

/// Take back migrations that have a down file
///
/// Each is taken back in a transaction of its own, the newest first. Data that a down file drops is lost, so this asks.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db rollback
    $ plattr db rollback --steps 3
    $ plattr db rollback --to 20260131120000     keeps this one")]
pub struct RollbackArgs {
    /// Take back so many; one unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10000))]
    steps: Option<u64>,
    /// Take back everything after this version; 0 is before the first
    #[arg(long, value_name = "VERSION", conflicts_with = "steps")]
    to: Option<i64>,
    /// What runs the migrations; found by the project's files unless given
    #[arg(long, value_name = "ENGINE")]
    engine: Option<Engine>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Runs the command.
///
/// # Errors
/// When a migration has no down file (nothing is taken back then), or its statements fail.
pub async fn run(ui: &Ui, globals: &Globals, args: RollbackArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let (target, source) = open(&args.target, globals, args.engine).await?;
    if source.engine != Engine::Sql {
        if args.to.is_some() || args.steps.is_some_and(|steps| steps != 1) {
            let message = format!("plattr has {} take back the last migration only", source.engine);
            return Err(CommandError::new(ErrorKind::Usage, "engine-cannot", message)
                .hint("run `plattr db rollback` as often as it takes, or that tool itself by `plattr run -- …`"));
        }
        ask(ui, &target.label, &[format!("the last migration of {}", source.engine)])?;
        migrate::foreign(&target, &source, &Action::Rollback, migrate::LOCK_TIMEOUT).await?;
        return migrate::serve(ui, &target).await;
    }
    let migrations = source.read()?;
    let mut session = target.connect().await?;
    migrate::lock(ui, &target, &session).await?;
    let applied = engine::history::applied(&session.client).await;
    let applied = applied.map_err(|failure| target.explain("read the history of migrations", failure))?;
    let steps = usize::try_from(args.steps.unwrap_or(1)).unwrap_or(usize::MAX);
    let back = engine::to_take_back(&migrations, &applied, steps, args.to).map_err(|why| match why {
        NotBack::NoFile(file) => {
            CommandError::new(ErrorKind::Failed, "no-down-file", format!("{file} has no file that takes it back"))
                .hint(format!("write {}, or undo it with a new migration", file.replace(".sql", ".down.sql")))
                .hint("`plattr db reset` applies all files anew where the data may be lost")
        }
        NotBack::Unknown(version) => {
            CommandError::new(ErrorKind::Failed, "version", format!("no migration of the version {version} is applied"))
                .hint("`plattr db migrate --status` shows the versions; `--to 0` takes back all")
        }
    })?;
    if back.is_empty() {
        ui.say("nothing to take back");
    } else {
        let names: Vec<String> = back.iter().map(|m| m.file_name()).collect();
        ask(ui, &target.label, &names)?;
    }
    let progress = ui.progress();
    let mut show = |migration: &Migration, took: Option<Duration>| {
        if let Some(took) = took {
            progress.say(&format!("{}: taken back in {}", migration.file_name(), units::duration(took)));
        }
    };
    let done = engine::rollback(&target.server, &mut session, &back, migrate::LOCK_TIMEOUT, &mut show).await;
    let done = done.map_err(|error| migrate::apply_error(&target, &source, error))?;
    if !done.is_empty() {
        migrate::serve(ui, &target).await?;
        ui.say(format!("{} taken back", counted(done.len(), "migration")));
    }
    if format == Format::Text {
        return Ok(());
    }
    let files: Vec<&str> = done.iter().map(|d| d.file.as_str()).collect();
    ui.value(format, &serde_json::json!({ "takenBack": files }))
}

fn ask(ui: &Ui, label: &str, names: &[String]) -> CommandResult {
    if ui.confirm(&format!("Take back {} in {label}? Data that this drops is lost", names.join(", ")))? {
        return Ok(());
    }
    Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was taken back"))
}
