//! `plattr db restore`

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use plattr_backends::postgres as backend;
use plattr_db::emptying::{Contents, contents};
use serde::Serialize;

use crate::database::restore::{self, Wanted};
use crate::database::target::{Local, Target, TargetArgs};
use crate::database::tools;
use crate::services::postgres::desired;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::counted;

/// Put a dump into the schema: all of it, or nothing
///
/// Reads what `plattr db dump` and pg_dump write: SQL, `custom`, `tar` or a folder, also compressed by gzip, told apart
/// by content. Everything happens in one transaction, as the login that owns the schema. Asks before it adds to a
/// schema that is not empty, or empties it.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db restore todo.sql.gz
    $ plattr db restore --clean todo.dump         empties the schema first
    $ plattr db dump --db-url \"$STAGING\" | plattr db restore --clean --yes -")]
pub struct RestoreArgs {
    /// File or folder with the dump; `-` is standard input
    file: PathBuf,
    /// Drop everything that is in the schema first
    #[arg(long)]
    clean: bool,
    /// Restore owners and grants too, where the dump has them
    #[arg(long)]
    with_owner: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// What was done. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    file: PathBuf,
    schema: String,
    /// Tables that the schema has now.
    tables: i64,
    /// Whether the schema was emptied first.
    cleaned: bool,
    /// Version of psql.
    client: String,
    seconds: f64,
}

/// Runs the command.
///
/// # Errors
/// When the database cannot be reached, the dump cannot be read or does not fit, or the server refuses it; nothing is
/// changed then. Usage, if nobody says yes.
pub async fn run(ui: &Ui, globals: &Globals, args: RestoreArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let target = args.target.open(globals).await?;
    let is_stdin = args.file.as_os_str() == "-";
    if !is_stdin {
        std::fs::metadata(&args.file).map_err(|e| CommandError::io("read", &args.file, e))?;
    }
    let (major, before) = look(&target).await?;
    if !before.is_empty() {
        ask(ui, &target, &before, args.clean)?;
    }
    let began = Instant::now();
    let task = ui.progress().task("restore");
    let restored = async {
        let client = tools::find(globals, major, task.as_ref()).await?;
        task.doing("restoring");
        let wanted = Wanted { clean: args.clean && !before.is_empty(), with_owner: args.with_owner };
        restore::restore(&client, &target, &args.file, wanted, task.as_ref()).await?;
        if let Some(local) = &target.local {
            provision(local).await?;
        }
        Ok((client.version, look(&target).await?.1.tables))
    };
    let (client, tables) = match restored.await {
        Ok(done) => done,
        Err(error) => {
            let error: CommandError = error;
            task.failed(&error.message);
            return Err(error);
        }
    };
    task.done("restored");
    let seconds = began.elapsed().as_secs_f64();
    if format == Format::Text {
        let what = counted(usize::try_from(tables).unwrap_or_default(), "table");
        ui.say(format!("{}: restored `{}`, which has {what} ({seconds:.1}s)", target.label, target.schema));
        return Ok(());
    }
    let cleaned = args.clean && !before.is_empty();
    ui.value(format, &Report { file: args.file, schema: target.schema, tables, cleaned, client, seconds })
}

async fn look(target: &Target) -> CommandResult<(u32, Contents)> {
    let session = target.connect().await?;
    let doing = "look at the database";
    let sql = "SELECT current_setting('server_version_num')::int / 10000";
    let row = session.client.query_one(sql, &[]).await.map_err(|e| target.explain(doing, e.into()))?;
    let found = contents(&session.client, &target.schema).await.map_err(|e| target.explain(doing, e))?;
    Ok((u32::try_from(row.get::<_, i32>(0)).unwrap_or_default(), found))
}

fn ask(ui: &Ui, target: &Target, before: &Contents, clean: bool) -> CommandResult {
    let tables = counted(usize::try_from(before.tables).unwrap_or_default(), "table");
    ui.say(format!("The schema `{}` of {} is not empty: it has {tables}", target.schema, target.label));
    let question = match clean {
        true => "Drop everything in it, and restore?",
        false => "Add what is in the dump to it? (`--clean` empties it first)",
    };
    if ui.confirm(question)? {
        return Ok(());
    }
    Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was restored"))
}

/// Makes what provisioning gives to tables, and has PostgREST read them.
async fn provision(local: &Local) -> CommandResult {
    let admin = local.admin().config;
    let failed = |e: backend::Error| {
        CommandError::new(ErrorKind::Failed, "provision", "the rows are restored, but not what is granted on them")
            .because(e)
            .hint("`plattr dev` makes it")
    };
    backend::ensure(&admin, &desired(&local.app)).await.map_err(failed)?;
    let client = backend::connect(&admin).await.map_err(failed)?;
    backend::notify_reload(&client, &local.app.names()).await.map_err(failed)
}
