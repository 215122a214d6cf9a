//! `plattr db new`

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use plattr_db::migrate::files::new_name;

use crate::database::engines::Engine;
use crate::database::migrate::Source;
use crate::project::Project;
use crate::project::load::shown_path;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Make the file of a new migration
///
/// Its version is the time. For SQL files only; other engines make theirs themselves.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr db new 'add due date to todos'
    $ plattr db new add_index --down
    $ pg_dump --schema-only … | plattr db new baseline --from -")]
pub struct NewArgs {
    /// What it does, in a few words
    name: String,
    /// Make a file that takes it back too
    #[arg(long)]
    down: bool,
    /// Fill it with this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be written, or the project's migrations are not SQL files.
pub async fn run(ui: &Ui, globals: &Globals, args: NewArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let source = Source::of(Some(&project), None)?;
    if source.engine != Engine::Sql {
        let message = format!("the migrations of this project are made by {} ({})", source.engine, source.because);
        return Err(CommandError::new(ErrorKind::Usage, "engine-cannot", message)
            .hint("make it with that tool; `plattr run -- …` gives it the variables")
            .hint("`local.migrations: {engine: sql}` in plattr.yaml says that SQL files are meant"));
    }
    check_name(&args.name)?;
    let text = match &args.from {
        None => String::new(),
        Some(path) if path.as_os_str() == "-" => std::io::read_to_string(std::io::stdin())?,
        Some(path) => std::fs::read_to_string(path).map_err(|e| CommandError::io("read", path, e))?,
    };
    // pg_dump writes two commands of psql around its statements.
    let of_psql = |line: &&str| !["\\restrict ", "\\unrestrict "].iter().any(|command| line.starts_with(command));
    let text: String = text.split_inclusive('\n').filter(of_psql).collect();
    let mut made = vec![create(&source, &args.name, &text)?];
    if args.down {
        let down = made[0].with_extension("down.sql");
        write(&down, "")?;
        made.push(down);
    }
    match format {
        Format::Text => made.iter().try_for_each(|path| ui.line(shown_path(path).display().to_string())),
        format => ui.value(format, &serde_json::json!({ "files": made })),
    }
}

/// Refuses a name that no file can have.
pub fn check_name(name: &str) -> CommandResult {
    if name.chars().any(char::is_alphanumeric) {
        return Ok(());
    }
    Err(CommandError::new(ErrorKind::Usage, "migration-name", "a migration needs a name with letters in it")
        .hint("say what it does: `plattr db new 'add due date to todos'`"))
}

/// Makes the file of a migration whose version is the time, and that no other one has.
///
/// # Errors
/// When the file cannot be written, or another one not be read.
pub fn create(source: &Source, name: &str, text: &str) -> CommandResult<PathBuf> {
    std::fs::create_dir_all(&source.folder).map_err(|e| CommandError::io("make", &source.folder, e))?;
    let mut now = Timestamp::now();
    let versions = source.read()?;
    while versions.get(now.strftime("%Y%m%d%H%M%S").to_string().parse().unwrap_or_default()).is_some() {
        now = now.saturating_add(jiff::SignedDuration::from_secs(1)).unwrap_or(now);
    }
    let path = source.folder.join(new_name(name, &now));
    write(&path, text)?;
    Ok(path)
}

/// Writes a file that is not there yet.
fn write(path: &std::path::Path, text: &str) -> CommandResult {
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| CommandError::io("write", path, e))
}
