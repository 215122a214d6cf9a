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
mod kind;
mod native;
mod pair;
mod servers;

use std::path::PathBuf;

use async_trait::async_trait;

pub use self::kind::Kind;
pub use self::native::Native;

use self::pair::Pair;
use crate::engines::Engine;
use crate::stack::Stack;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// The instance whose data it is.
const ID: &str = "postgres";
/// How the folders of old data end that are kept.
const KEPT: &str = ".before-upgrade";

/// Where the data of a stack lies, and what can run on it. Folders are named by their own names.
#[async_trait]
pub trait Ground: Send + Sync {
    /// The major version that the project wants.
    ///
    /// # Errors
    /// When it cannot be told.
    fn wanted(&self) -> CommandResult<u32>;

    /// What a person does so that the project wants a version.
    fn way_to(&self, major: u32) -> String;

    /// The folders that there are.
    async fn folders(&self, stack: &Stack, task: &dyn Task) -> CommandResult<Vec<String>>;

    /// Gives a folder another name.
    async fn rename(&self, stack: &Stack, from: &str, to: &str, task: &dyn Task) -> CommandResult;

    /// Deletes a folder, if it is there.
    async fn delete(&self, stack: &Stack, name: &str, task: &dyn Task) -> CommandResult;

    /// The engine as it ran on the old data.
    ///
    /// # Errors
    /// When what ran is not known.
    fn before(&self, stack: &Stack, from: u32) -> CommandResult<Box<dyn Engine>>;

    /// Looks for all that can be missing, and fetches it. Nothing is stopped yet.
    async fn prepare(&self, stack: &Stack, versions: (u32, u32), task: &dyn Task) -> CommandResult;

    /// Copies everything from the folder of the old version into a staging folder, and compares both. All instances
    /// have been stopped.
    async fn copied(&self, stack: &Stack, versions: (u32, u32), task: &dyn Task) -> CommandResult<Copied>;

    /// Remembers that the data is of the version that is wanted.
    ///
    /// # Errors
    /// When it cannot be written down.
    fn settled(&self, stack: &Stack) -> CommandResult;
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Databases.
    pub databases: Vec<String>,
    /// Tables and rows in all of them, counted on both sides.
    pub same: compare::Same,
}

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

impl Plan {
    /// The folders that will have the data of before.
    pub fn puts_aside(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Done { left } => left.iter().map(|major| kept(*major)).collect(),
            Self::Move { from } => vec![kept(*from)],
        }
    }
}

/// The folder of the data of a stack.
pub fn folder(stack: &Stack) -> PathBuf {
    stack.home.join("data").join(ID)
}

/// The folder of old data that is kept.
fn kept(major: u32) -> String {
    format!("{major}{KEPT}")
}

/// Those of the folders that have old data that was kept.
pub fn all_kept(folders: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = folders.iter().filter(|name| name.ends_with(KEPT)).cloned().collect();
    kept.sort();
    kept
}

/// Decides what is to be done so that the data is of the version `to`; `way_to` says how a person goes on with another.
///
/// # Errors
/// When the data is of a newer version, which has no way back.
pub fn plan(folders: &[String], to: u32, way_to: impl Fn(u32) -> String) -> CommandResult<Plan> {
    let mut majors: Vec<u32> = folders.iter().filter_map(|name| name.parse().ok()).collect();
    majors.sort_unstable();
    if majors.contains(&to) {
        return Ok(Plan::Done { left: majors.into_iter().filter(|major| *major < to).collect() });
    }
    match majors.last() {
        None => Ok(Plan::Nothing),
        Some(from) if *from < to => {
            if folders.contains(&kept(*from)) {
                let message = format!("{} is in the way: data of PostgreSQL {from} was kept before", kept(*from));
                return Err(CommandError::new(ErrorKind::Environment, "upgrade-kept", message)
                    .hint("`plattr db upgrade --delete-old` deletes it first"));
            }
            Ok(Plan::Move { from: *from })
        }
        Some(from) => {
            let message = format!("the data is of PostgreSQL {from}, and {to} is older: there is no way back");
            Err(CommandError::new(ErrorKind::Environment, "upgrade-back", message)
                .hint(format!("to go on with the data, {}", way_to(*from)))
                .hint("`plattr db dump` and `plattr db restore` may move a schema to an older version"))
        }
    }
}

/// Copies everything from the old server to the new one while both run, and compares them.
async fn between(pair: &dyn Pair, versions: (u32, u32), task: &dyn Task) -> CommandResult<Copied> {
    let databases = copy::copy(pair, versions, task).await?;
    task.doing("comparing rows");
    let same = compare::compare(pair, &databases).await?;
    Ok(Copied { databases, same })
}

/// Puts aside old data that a run left in its place, because it was killed right after the new data came into its own.
///
/// # Errors
/// When it cannot be renamed.
pub async fn put_aside(ground: &dyn Ground, stack: &Stack, left: &[u32], task: &dyn Task) -> CommandResult {
    for major in left {
        ground.rename(stack, &major.to_string(), &kept(*major), task).await?;
    }
    ground.settled(stack)
}

/// Moves the data of a stack whose instances have all been stopped. Until the last step the old data is in its place
/// and whole.
///
/// # Errors
/// When a server does not start, a statement fails, or the new data is not what the old is.
pub async fn upgrade(
    ground: &dyn Ground,
    stack: &Stack,
    (from, to): (u32, u32),
    task: &dyn Task,
) -> CommandResult<Copied> {
    task.doing(&format!("starting PostgreSQL {from} and {to}"));
    let staging = format!("{to}.new");
    let copied = match ground.copied(stack, (from, to), task).await {
        Ok(copied) => copied,
        Err(error) => {
            // The next run would do it too.
            let _ = ground.delete(stack, &staging, task).await;
            return Err(error);
        }
    };
    task.doing("switching");
    if let Err(error) = ground.rename(stack, &staging, &to.to_string(), task).await {
        // It may have been done all the same, and only its answer was lost.
        return match ground.folders(stack, task).await {
            Ok(folders) if !folders.contains(&to.to_string()) => Err(error),
            _ => Err(unfinished(error, to)),
        };
    }
    put_aside(ground, stack, &[from], task).await.map_err(|error| unfinished(error, to))?;
    Ok(copied)
}

/// The code of an error after which the old data does not serve any more.
pub const UNFINISHED: &str = "upgrade-unfinished";

fn unfinished(error: CommandError, to: u32) -> CommandError {
    let message = format!("the data is moved to PostgreSQL {to}, and the old data is not put aside yet");
    CommandError::new(error.kind, UNFINISHED, message)
        .because(error)
        .hint("`plattr db upgrade` finishes it; then `plattr dev` starts what ran")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn planned(folders: &[&str], to: u32) -> CommandResult<Plan> {
        let folders: Vec<String> = folders.iter().map(|name| (*name).to_owned()).collect();
        plan(&folders, to, |major| format!("ask for {major}"))
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
