//! `plattr db dump`

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::database::dump::{self, DumpFormat, Wanted};
use crate::database::target::{Target, TargetArgs};
use crate::database::tools;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units::{self, counted};

/// Write the schema and its rows to a file, or to standard output
///
/// Runs a pg_dump of the server's version: this machine's own, else one that plattr fetches. The dump says nothing of
/// owners and grants, so that `plattr db restore` can put it into another environment. A file is there when it is
/// whole.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db dump                              SQL, on standard output
    $ plattr db dump todo.sql.gz                  compressed by gzip
    $ plattr db dump todo.dump --format custom    for pg_restore
    $ plattr db dump --schema-only schema.sql
    $ plattr db dump --table 'items*' items.sql")]
pub struct DumpArgs {
    /// File to write; `-` or none is standard output
    file: Option<PathBuf>,
    /// Only tables, views, functions and the like
    #[arg(long, conflicts_with = "data_only")]
    schema_only: bool,
    /// Only rows
    #[arg(long)]
    data_only: bool,
    /// Form of the dump
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "plain")]
    format: DumpFormat,
    /// Begin the dump with dropping what it makes
    #[arg(long, conflicts_with = "data_only")]
    clean: bool,
    /// Only this table of the schema, or those that fit a pattern of pg_dump; may be repeated
    #[arg(long = "table", value_name = "NAME")]
    tables: Vec<String>,
    /// Say who owned what, and who was granted what
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
    format: DumpFormat,
    schema: String,
    bytes: u64,
    /// Version of pg_dump.
    client: String,
    /// Large objects of the database, which belong to no schema and are not in the dump.
    large_objects_left_out: i64,
    seconds: f64,
}

/// Runs the command.
///
/// # Errors
/// When the database cannot be reached, there is no pg_dump for it, it fails, or the file cannot be written.
pub async fn run(ui: &Ui, globals: &Globals, args: DumpArgs) -> CommandResult {
    let place = dump::place(args.file);
    let format = match &place {
        Some(_) => ui.format(&[Format::Text, Format::Json, Format::Yaml])?,
        None => ui.format(&[Format::Text])?,
    };
    check(args.format, place.as_deref())?;
    let began = Instant::now();
    let progress = ui.progress();
    let target = args.target.open(globals).await?;
    let seen = look(&target).await?;
    let task = place.is_some().then(|| progress.task("dump"));
    let quiet = crate::ui::progress::Silent;
    let shown = task.as_deref().unwrap_or(&quiet);
    let client = tools::find(globals, seen.major, shown).await?;
    let wanted = Wanted {
        schema_only: args.schema_only,
        data_only: args.data_only,
        clean: args.clean,
        with_owner: args.with_owner,
        tables: args.tables,
        extensions: seen.extensions,
        gzip: place.as_deref().is_some_and(dump::asks_for_gzip),
    };
    let arguments = dump::arguments(&target.schema, args.format, &wanted);
    shown.doing("dumping");
    let written = match &place {
        None => dump::to_stdout(ui, &client, &target, &arguments).await.map(|_| 0),
        Some(path) => dump::to_path(&client, &target, &arguments, path, args.format, shown).await,
    };
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(error) => {
            shown.failed(&error.message);
            return Err(error);
        }
    };
    shown.done(&units::bytes(bytes));
    if seen.large_objects > 0 {
        let left = counted(usize::try_from(seen.large_objects).unwrap_or(usize::MAX), "large object");
        ui.warn(format!("{left} of the database belong to no schema and are not in the dump"));
    }
    let Some(file) = place else { return Ok(()) };
    let seconds = began.elapsed().as_secs_f64();
    if format == Format::Text {
        let size = units::bytes(bytes);
        ui.say(format!("{}: dumped `{}` to {}, {size} ({seconds:.1}s)", target.label, target.schema, file.display()));
        return Ok(());
    }
    let client = client.version;
    let (schema, large_objects_left_out) = (target.schema, seen.large_objects);
    ui.value(format, &Report { file, format: args.format, schema, bytes, client, large_objects_left_out, seconds })
}

fn check(format: DumpFormat, place: Option<&std::path::Path>) -> CommandResult {
    match place {
        None if format == DumpFormat::Directory => {
            Err(CommandError::new(ErrorKind::Usage, "dump-where", "a folder cannot go to standard output")
                .hint("name the folder: `plattr db dump --format directory FOLDER`"))
        }
        Some(path) if path.is_dir() || (format == DumpFormat::Directory && path.exists()) => {
            let message = format!("{} is there already", path.display());
            Err(CommandError::new(ErrorKind::Usage, "dump-where", message).hint("name another place, or remove it"))
        }
        _ => Ok(()),
    }
}

/// What has to be known of a database before it is dumped.
struct Seen {
    major: u32,
    extensions: Vec<String>,
    large_objects: i64,
}

async fn look(target: &Target) -> CommandResult<Seen> {
    let session = target.connect().await?;
    let sql = "SELECT current_setting('server_version_num')::int / 10000,
                      (SELECT coalesce(array_agg(extname::text ORDER BY extname), '{}')
                         FROM pg_extension WHERE extnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)),
                      (SELECT count(*) FROM pg_largeobject_metadata),
                      EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
    let row = session.client.query_one(sql, &[&target.schema]).await;
    let row = row.map_err(|e| target.explain("look at the database", e.into()))?;
    if !row.get::<_, bool>(3) {
        let message = format!("there is no schema `{}` in the database of {}", target.schema, target.label);
        return Err(CommandError::new(ErrorKind::Failed, "no-schema", message)
            .hint("`plattr dev` makes the application's; `--schema NAME` names another one with `--db-url`"));
    }
    let major = u32::try_from(row.get::<_, i32>(0)).unwrap_or_default();
    Ok(Seen { major, extensions: row.get(1), large_objects: row.get(2) })
}
