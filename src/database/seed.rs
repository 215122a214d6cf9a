//! What `plattr db seed` runs: found among the project's files, and run one after the other.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use plattr_api::Variables;
use plattr_backends::{Login, s3};
use plattr_db::seed::{Kind, SeedError, Seeded, seed};
use plattr_db::{Session, SqlFailure};
use serde::Serialize;
use tokio::process::Command;

use super::target::Target;
use crate::program::{exit_code, not_started};
use crate::project::model::Seed;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::units::counted;

/// The folder, in a folder of seeds, whose folders are named after buckets.
const BUCKETS: &str = "buckets";

/// One thing to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A file of rows or statements.
    File(PathBuf, Kind),
    /// A file for a bucket: the bucket's short name, the object's name, the file.
    Object(String, String, PathBuf),
    /// Program and arguments.
    Command(Vec<String>),
}

/// What was done with one thing. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    /// File, object or command.
    pub seed: String,
    /// Whether anything was written.
    pub changed: bool,
    /// How many rows, where rows were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// What a project says that is to be run, or else what is in the usual places, in order.
///
/// # Errors
/// When a file that is named is not there, or is of no kind that is known.
pub fn items(root: &Path, said: Option<&[Seed]>) -> CommandResult<Vec<Item>> {
    let mut items = Vec::new();
    match said {
        Some(seeds) => {
            for seed in seeds {
                match seed {
                    Seed::Command(command) => items.push(Item::Command(command.command.clone())),
                    Seed::Path(path) if root.join(path).is_dir() => folder(&root.join(path), &mut items)?,
                    Seed::Path(path) => items.push(file(&root.join(path))?),
                }
            }
        }
        None => {
            let usual = ["seed.sql", "db/seed.sql", "supabase/seed.sql"].map(|name| root.join(name));
            items.extend(usual.into_iter().filter(|path| path.is_file()).map(|path| Item::File(path, Kind::Sql)));
            for name in ["seeds", "db/seeds"] {
                if root.join(name).is_dir() {
                    folder(&root.join(name), &mut items)?;
                }
            }
        }
    }
    Ok(items)
}

fn file(path: &Path) -> CommandResult<Item> {
    let wrong = |what: &str| {
        CommandError::new(ErrorKind::Config, "seed-file", format!("{} {what}", path.display()))
            .hint("`local.seed` in plattr.yaml lists SQL, CSV and JSON files, folders of them, and commands")
    };
    if !path.is_file() {
        return Err(wrong("is not there"));
    }
    let kind = Kind::of(path).ok_or_else(|| wrong("is neither SQL nor CSV nor JSON"))?;
    Ok(Item::File(path.to_owned(), kind))
}

/// The files of a folder, by name; what is for buckets comes last.
fn folder(path: &Path, items: &mut Vec<Item>) -> CommandResult {
    let entries = sorted(path)?;
    items.extend(entries.iter().filter(|entry| entry.is_file()).filter_map(|entry| {
        let kind = Kind::of(entry)?;
        Some(Item::File(entry.clone(), kind))
    }));
    let buckets = path.join(BUCKETS);
    if buckets.is_dir() {
        for bucket in sorted(&buckets)?.into_iter().filter(|entry| entry.is_dir()) {
            let name = bucket.file_name().unwrap_or_default().to_string_lossy().into_owned();
            objects(&name, &bucket, &bucket, items)?;
        }
    }
    Ok(())
}

fn objects(bucket: &str, top: &Path, path: &Path, items: &mut Vec<Item>) -> CommandResult {
    for entry in sorted(path)? {
        if entry.is_dir() {
            objects(bucket, top, &entry, items)?;
        } else {
            let key = entry.strip_prefix(top).unwrap_or(&entry).to_string_lossy().into_owned();
            items.push(Item::Object(bucket.to_owned(), key, entry));
        }
    }
    Ok(())
}

/// What a folder holds, but for hidden files.
fn sorted(path: &Path) -> CommandResult<Vec<PathBuf>> {
    let read = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|e| CommandError::io("read", path, e))?;
    let mut paths: Vec<PathBuf> = read.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    paths.sort();
    Ok(paths)
}

/// Runs everything, and ends with the first that fails. `variables` are what commands get, and say where buckets are.
///
/// # Errors
/// What could not be taken in; of a file it is all or nothing.
pub async fn run(
    ui: &Ui,
    target: &Target,
    root: &Path,
    items: &[Item],
    variables: &Variables,
    again: bool,
) -> CommandResult<Vec<Done>> {
    let mut session = target.connect().await?;
    let mut done = Vec::new();
    for item in items {
        let result = match item {
            Item::File(path, kind) => rows(target, &mut session, root, path, *kind, again).await,
            Item::Object(bucket, key, path) => object(variables, bucket, key, path).await,
            Item::Command(command) => self::command(root, command, variables).await,
        };
        let result = result?;
        let what = match (result.changed, result.rows) {
            (true, Some(rows)) => counted(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
            (true, None) => "done".to_owned(),
            (false, _) => "nothing new".to_owned(),
        };
        ui.say(format!("{}: {what}", result.seed));
        done.push(result);
    }
    Ok(done)
}

async fn rows(
    target: &Target,
    session: &mut Session,
    root: &Path,
    path: &Path,
    kind: Kind,
    again: bool,
) -> CommandResult<Done> {
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let text = std::fs::read(path).map_err(|e| CommandError::io("read", path, e))?;
    let text = String::from_utf8(text).map_err(|_| {
        CommandError::new(ErrorKind::Config, "seed-file", format!("{name} is not UTF-8"))
            .hint("save it as UTF-8; `iconv -f latin1 -t utf-8` converts")
    })?;
    let seeded = seed(session, &name, kind, path, text.trim_start_matches('\u{feff}'), again).await;
    let seeded = seeded.map_err(|error| explain(target, &name, error))?;
    Ok(match seeded {
        Seeded::Ran => Done { seed: name, changed: true, rows: None },
        Seeded::Unchanged => Done { seed: name, changed: false, rows: None },
        Seeded::Rows(count) => Done { seed: name, changed: count > 0, rows: Some(count) },
    })
}

fn explain(target: &Target, name: &str, error: SeedError) -> CommandError {
    let told = |error: &SeedError, hint: &str| {
        CommandError::new(ErrorKind::Config, "seed-file", format!("{name}: {error}")).hint(hint)
    };
    match error {
        SeedError::Refused(failure) if failure.code.is_none() => target.explain(&format!("take in {name}"), failure),
        SeedError::Refused(failure) => {
            let place = failure.at.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
            let hint = failure.hint.clone();
            let message = format!("{name}{place} failed; nothing of it is there");
            let reason = SqlFailure { at: None, ..failure };
            let error = CommandError::new(ErrorKind::Failed, "seed-failed", message).because(reason);
            match hint {
                Some(hint) => error.hint(format!("the server says: {hint}")),
                None => error.hint("mend the file and run the same command again"),
            }
        }
        error @ SeedError::NoTable { .. } => {
            told(&error, "name the file after the table, as in `01_users.csv`; `plattr db migrate` makes tables first")
        }
        error @ SeedError::NoKey { .. } => told(&error, "give the table a primary key, or write the rows as SQL"),
        error @ SeedError::Copy { .. } => told(
            &error,
            "write them as INSERT (`pg_dump --inserts`) or as a CSV file; `plattr db restore` reads a dump",
        ),
        error @ SeedError::Transaction { .. } => told(&error, "leave it out: the file is taken in whole or not at all"),
        error @ SeedError::Malformed(_) => told(&error, "mend the file and run the same command again"),
    }
}

async fn object(variables: &Variables, bucket: &str, key: &str, path: &Path) -> CommandResult<Done> {
    let named = |name: &str| variables.get(name).map(str::to_owned);
    let variable = format!("S3_BUCKET_{}", bucket.to_uppercase().replace('-', "_"));
    let (Some(endpoint), Some(real)) = (named("S3_ENDPOINT"), named(&variable)) else {
        let message = format!("{} is for the bucket `{bucket}`, which the application does not have", path.display());
        return Err(CommandError::new(ErrorKind::Config, "seed-bucket", message)
            .hint("folders in `buckets` are named as in `storage.buckets` of plattr.yaml"));
    };
    let login = Login {
        user: named("AWS_ACCESS_KEY_ID").unwrap_or_default(),
        password: named("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
    };
    let client = s3::client(&endpoint, &named("AWS_REGION").unwrap_or_default(), &login);
    let content = std::fs::read(path).map_err(|e| CommandError::io("read", path, e))?;
    let changed = s3::upload(&client, &real, key, content).await.map_err(|error| {
        CommandError::new(ErrorKind::Failed, "seed-failed", format!("cannot put {} into `{bucket}`", path.display()))
            .because(error)
            .hint("`plattr status` shows whether MinIO runs; `plattr dev` starts it")
    })?;
    Ok(Done { seed: format!("{bucket}/{key}"), changed, rows: None })
}

async fn command(root: &Path, command: &[String], variables: &Variables) -> CommandResult<Done> {
    let Some((program, args)) = command.split_first() else { return Err(crate::program::no_command()) };
    let mut child = Command::new(program);
    child.args(args).envs(variables.iter()).current_dir(root).stdin(Stdio::null());
    let status = child.status().await.map_err(|error| not_started(program.as_ref(), error))?;
    let seed = command.join(" ");
    match exit_code(status) {
        0 => Ok(Done { seed, changed: true, rows: None }),
        code => {
            Err(CommandError::new(ErrorKind::Program(code), "seed-failed", format!("`{seed}` ended with {status}")))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::project::model::SeedCommand;

    fn project(files: &[&str]) -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        for file in files {
            let path = project.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        project
    }

    fn shown(root: &Path, said: Option<&[Seed]>) -> Vec<String> {
        let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
        let items = items(root, said).unwrap();
        items
            .iter()
            .map(|item| match item {
                Item::File(path, kind) => format!("{kind:?} {}", name(path)),
                Item::Object(bucket, key, _) => format!("{bucket} <- {key}"),
                Item::Command(command) => command.join(" "),
            })
            .collect()
    }

    #[test]
    fn the_usual_places_are_looked_at_in_order() {
        let project = project(&[
            "seed.sql",
            "seeds/02_todos.csv",
            "seeds/01_users.json",
            "seeds/README.md",
            "seeds/.hidden.sql",
            "seeds/buckets/avatars/a/b.png",
        ]);
        assert_eq!(
            shown(project.path(), None),
            ["Sql seed.sql", "Json seeds/01_users.json", "Csv seeds/02_todos.csv", "avatars <- a/b.png"]
        );
    }

    #[test]
    fn plattr_yaml_says_what_and_in_which_order() {
        let project = project(&["b.sql", "data/a.csv"]);
        let seeds = [
            Seed::Path("data".into()),
            Seed::Command(SeedCommand { command: vec!["npm".into(), "run".into(), "seed".into()] }),
            Seed::Path("b.sql".into()),
        ];
        assert_eq!(shown(project.path(), Some(&seeds)), ["Csv data/a.csv", "npm run seed", "Sql b.sql"]);
        for wrong in ["gone.sql", "data/../b.txt"] {
            assert_eq!(items(project.path(), Some(&[Seed::Path(wrong.into())])).unwrap_err().code, "seed-file");
        }
    }
}
