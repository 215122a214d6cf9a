//! Moves the data of a cluster to a newer major version of PostgreSQL, beside the old data.
//!
//! ```text
//! data/postgres/16                  the old data, which serves until the last step
//! data/postgres/17.new              the new data while it is made
//! data/postgres/17                  the new data, by one rename
//! data/postgres/16.before-upgrade   the old data, kept
//! ```

mod compare;
mod copy;
mod servers;

use std::path::{Path, PathBuf};

use crate::engines::native::NativeEngine;
use crate::services::process::Tools;
use crate::stack::Stack;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

use super::tools::Client;

/// The instance whose data it is.
const ID: &str = "postgres";
/// How the folders of old data end that are kept.
const KEPT: &str = ".before-upgrade";

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// There is no data.
    Nothing,
    /// The data is of the version that is wanted; what a killed run left is put aside.
    Done {
        /// Old versions whose folders are still in their places.
        left: Vec<u32>,
    },
    /// The data is moved.
    Move {
        /// From this version.
        from: u32,
    },
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Databases.
    pub databases: Vec<String>,
    /// Tables in all of them.
    pub tables: usize,
    /// Rows in all of them.
    pub rows: u64,
    /// Where the old data is.
    pub kept: PathBuf,
}

/// The folder of the data of a stack.
pub fn folder(stack: &Stack) -> PathBuf {
    stack.home.join("data").join(ID)
}

/// The folder of old data that is kept.
fn kept(data: &Path, major: u32) -> PathBuf {
    data.join(format!("{major}{KEPT}"))
}

/// Folders of old data that were kept.
pub fn all_kept(data: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    let mut kept: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(KEPT)).collect();
    kept.sort();
    kept
}

/// Decides what is to be done so that the data is of the version `to`.
///
/// # Errors
/// When the data is of a newer version, which has no way back.
pub fn plan(data: &Path, to: u32) -> CommandResult<Plan> {
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    let mut majors: Vec<u32> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    majors.sort_unstable();
    if majors.contains(&to) {
        return Ok(Plan::Done { left: majors.into_iter().filter(|major| *major < to).collect() });
    }
    match majors.last() {
        None => Ok(Plan::Nothing),
        Some(from) if *from < to => {
            let place = kept(data, *from);
            if place.exists() {
                let message = format!("{} is in the way: data of PostgreSQL {from} was kept before", place.display());
                return Err(CommandError::new(ErrorKind::Environment, "upgrade-kept", message)
                    .hint("`plattr db upgrade --delete-old` deletes it first"));
            }
            Ok(Plan::Move { from: *from })
        }
        Some(from) => {
            let message = format!("the data is of PostgreSQL {from}, and {to} is older: there is no way back");
            Err(CommandError::new(ErrorKind::Environment, "upgrade-back", message)
                .hint(format!("set `local.versions.postgres: \"{from}\"` in plattr.yaml to go on with the data"))
                .hint("`plattr db dump` and `plattr db restore` may move a schema to an older version"))
        }
    }
}

/// Puts aside old data that a run left in its place, because it was killed right after the new data came into its own.
///
/// # Errors
/// When it cannot be renamed.
pub fn put_aside(engine: &NativeEngine, data: &Path, left: &[u32]) -> CommandResult {
    left.iter().try_for_each(|major| engine.rename_data(&data.join(major.to_string()), &kept(data, *major)))
}

/// Moves the data of a stack whose instances have all been stopped. `old` and `new` are engines that run the one
/// version and the other. Until the last step the old data is in its place and whole.
///
/// # Errors
/// When a server does not start, a statement fails, or the new data is not what the old is.
pub async fn upgrade(
    stack: &Stack,
    (old, from): (&NativeEngine, u32),
    (new, to): (&NativeEngine, u32),
    client: &Client,
    task: &dyn Task,
) -> CommandResult<Moved> {
    for engine in [old, new] {
        engine.fetch(ID, task).await?;
    }
    let data = folder(stack);
    let (source, staging) = (data.join(from.to_string()), data.join(format!("{to}.new")));
    task.doing(&format!("starting PostgreSQL {from} and {to}"));
    let halves = servers::Halves {
        old: (old.program(ID, "postgres"), source.clone()),
        new: (new.program(ID, "postgres"), new.program(ID, "initdb")),
        staging: &staging,
        to,
    };
    let moved = new.beside(
        stack,
        ID,
        |scratch| halves.steps(scratch),
        |scratch| async move {
            let (before, after) = (servers::reach(&scratch, servers::OLD), servers::reach(&scratch, servers::NEW));
            let databases = copy::copy(client, (&before, from), (&after, to), task).await?;
            task.doing("comparing rows");
            let same = compare::compare(&before, &after, &databases).await?;
            Ok((databases, same))
        },
    );
    let (databases, same) = match moved.await {
        Ok(moved) => moved,
        Err(error) => {
            // The next run would do it too.
            let _ = new.delete_data(&staging);
            return Err(error);
        }
    };
    task.doing("switching");
    new.rename_data(&staging, &data.join(to.to_string()))?;
    let kept = kept(&data, from);
    new.rename_data(&source, &kept)?;
    Ok(Moved { databases, tables: same.tables, rows: same.rows, kept })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn planned(folders: &[&str], to: u32) -> CommandResult<Plan> {
        let dir = tempfile::tempdir().unwrap();
        folders.iter().for_each(|name| std::fs::create_dir(dir.path().join(name)).unwrap());
        plan(dir.path(), to)
    }

    #[test]
    fn older_data_is_moved_and_newer_data_is_left_alone() {
        assert_eq!(planned(&["16"], 17).unwrap(), Plan::Move { from: 16 });
        assert_eq!(planned(&["16", "17.new"], 17).unwrap(), Plan::Move { from: 16 });
        assert_eq!(planned(&[], 17).unwrap(), Plan::Nothing);
        assert_eq!(planned(&["17", "16.before-upgrade"], 17).unwrap(), Plan::Done { left: vec![] });
        assert_eq!(planned(&["18"], 17).unwrap_err().code, "upgrade-back");
    }

    #[test]
    fn a_run_that_was_killed_between_its_last_two_steps_is_finished() {
        assert_eq!(planned(&["16", "17"], 17).unwrap(), Plan::Done { left: vec![16] });
    }

    #[test]
    fn data_that_was_kept_before_is_not_written_over() {
        assert_eq!(planned(&["16", "16.before-upgrade"], 17).unwrap_err().code, "upgrade-kept");
    }
}
