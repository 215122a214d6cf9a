//! Where services run. An engine knows nothing of PostgreSQL: it is told, as values, what to run.

pub mod bundle;
pub mod kind;
pub mod native;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::services::Context;
use crate::stack::snapshot::archive::{Reader, Writer};
use crate::stack::{Instance, Ports, Stack};
use crate::ui::error::CommandResult;
use crate::ui::progress::{Progress, Task};

/// What an engine sees of one instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// [`Instance::id`].
    pub id: String,
    /// How it is.
    pub condition: Condition,
}

/// How an instance is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum Condition {
    /// It runs.
    #[serde(rename_all = "camelCase")]
    Running {
        /// Identifies what was started; another one than wanted means a restart.
        hash: String,
        /// Its version, as its package or its image says.
        version: String,
        /// Where the program came from: `package`, `path`, an image.
        source: String,
        /// Process id, where there is one.
        pid: Option<u32>,
        /// Since when, in seconds.
        uptime: Duration,
        /// Resident memory in bytes, all processes of the instance together.
        memory: u64,
        /// What somebody changed by hand about how it runs; it is to be repaired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        edited: Option<String>,
    },
    /// It was started and is gone.
    Died {
        /// How, as far as it is known, with the last lines of its log.
        reason: String,
    },
    /// It does not run.
    Stopped,
}

/// Which log lines.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// Only the last so many of each instance.
    pub tail: Option<usize>,
    /// Only younger ones.
    pub since: Option<jiff::Timestamp>,
    /// Go on until interrupted.
    pub follow: bool,
}

/// A line of a log.
#[derive(Debug, Clone, Serialize)]
pub struct LogLine {
    /// Whose: [`Instance::id`].
    pub id: String,
    /// The line, without its end.
    pub line: String,
}

/// A kind of ground to run on.
#[async_trait]
pub trait Engine: Send + Sync {
    /// `native` or `kind`.
    fn name(&self) -> &'static str;

    /// Ids of everything of the stack that it has started and not been told to stop, wanted or not.
    async fn known(&self, stack: &Stack) -> CommandResult<Vec<String>>;

    /// Ids of the instances of whose `ports` the engine holds one now, whether they run or not.
    async fn holding(&self, _stack: &Stack, _ports: &Ports) -> CommandResult<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }

    /// Whether [`Engine::ground`] would replace what instances run on now, so that all of them have to be started
    /// again, whichever a run is about.
    ///
    /// # Errors
    /// When what is wanted cannot be told.
    fn replaces_ground(&self, _stack: &Stack, _ports: &Ports) -> CommandResult<bool> {
        Ok(false)
    }

    /// Makes the ground that all instances run on, such as a cluster, as far as it is not there. `ports` are those
    /// of all instances.
    async fn ground(&self, _stack: &Stack, _ports: &Ports, _progress: &dyn Progress) -> CommandResult<()> {
        Ok(())
    }

    /// Stops the ground, after all instances have been stopped. Data stays.
    async fn rest(&self, _stack: &Stack, _progress: &dyn Progress) -> CommandResult<()> {
        Ok(())
    }

    /// How instances are now, by [`Instance::id`]. Starts and changes nothing.
    async fn observe(&self, stack: &Stack, ids: &[String]) -> CommandResult<Vec<Observed>>;

    /// As [`Engine::observe`], and then everything else of the stack that is known. What memory they use may be left out
    /// unless it is asked for.
    async fn survey(&self, stack: &Stack, ids: &[String], _with_memory: bool) -> CommandResult<Vec<Observed>> {
        let mut ids = ids.to_vec();
        for id in self.known(stack).await? {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        self.observe(stack, &ids).await
    }

    /// Whether an instance is what listens on `port` of 127.0.0.1; `None` where that cannot be told.
    fn owns_port(&self, stack: &Stack, id: &str, port: u16) -> Option<bool>;

    /// Identifies what [`Engine::start`] would run, to compare with [`Condition::Running`].
    fn desired_hash(&self, instance: &Instance, cx: Context<'_>) -> CommandResult<String>;

    /// Fetches and prepares what [`Engine::start`] needs, without starting anything: all instances at once,
    /// while those that they need are still on their way. Calling it is not required.
    async fn prepare(&self, instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<()>;

    /// Brings what was prepared to where the instance will run, while others that it waits for still start. Calling it
    /// is not required, and what fails is for [`Engine::start`] to tell.
    async fn fetch(&self, _instance: &Instance, _cx: Context<'_>) {}

    /// Starts an instance: fetches what it needs, prepares its data, starts it. Returns as soon as it runs;
    /// whether it answers is for its probe to tell. Running the same instance again is no error.
    async fn start(&self, instance: &Instance, cx: Context<'_>, task: &dyn Task) -> CommandResult<()>;

    /// Stops an instance and waits until it is gone. Data stays.
    async fn stop(&self, stack: &Stack, id: &str, task: &dyn Task) -> CommandResult<()>;

    /// The version that wrote the data of an instance that does not run, where it is known to be another one than
    /// [`Engine::version`].
    fn wrote(&self, _stack: &Stack, _instance: &Instance) -> Option<String> {
        None
    }

    /// What keeps an instance from running, as far as the engine knows, although it has not died.
    async fn hindrance(&self, _stack: &Stack, _id: &str) -> Option<String> {
        None
    }

    /// The version of an instance as [`Engine::start`] would run it. Asks neither network nor services.
    fn version(&self, instance: &Instance) -> CommandResult<String>;

    /// Writes the data of a stack whose instances have all been stopped as an archive of tar, in any layout that
    /// [`Engine::restore_data`] of the same engine reads, and gives the writer back.
    async fn save_data(&self, stack: &Stack, into: Writer, task: &dyn Task) -> CommandResult<Writer>;

    /// Puts data that [`Engine::save_data`] wrote in the place of what a stack has, whose instances have all been
    /// stopped. Killed at any moment, or failed, it leaves the old data whole or the new, for whoever runs
    /// [`Engine::start`] next.
    async fn restore_data(&self, stack: &Stack, from: Reader, task: &dyn Task) -> CommandResult;

    /// Deletes the data of a stack whose instances have all been stopped.
    async fn destroy(&self, stack: &Stack, task: &dyn Task) -> CommandResult<()>;

    /// Sends log lines to `sink`, in the order of their time, as far as it is known. A log that has become too
    /// large is put aside first.
    async fn logs(
        &self,
        stack: &Stack,
        ids: &[String],
        options: &LogOptions,
        sink: tokio::sync::mpsc::Sender<LogLine>,
    ) -> CommandResult<()>;
}

/// How folders begin that are only waiting to be deleted.
const TRASH: &str = ".trash-";

/// Renames a folder, if it is there, to one that counts for nothing.
fn trash(folder: &Path) -> std::io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut doomed = folder.with_file_name(format!("{TRASH}{}-{name}", std::process::id()));
    while doomed.symlink_metadata().is_ok() {
        // Left by a process that had the same id.
        doomed.as_mut_os_string().push("+");
    }
    match std::fs::rename(folder, &doomed) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// The folders in `folder` that [`trash`] renamed, also in a run that was killed.
fn trashed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|e| e.file_name().to_string_lossy().starts_with(TRASH)).map(|e| e.path()).collect()
}
