//! Work beside an instance that does not run: on its data, by programs of its packages, as its user.

use std::path::{Path, PathBuf};

use super::supervisor::{Found, Supervisor};
use super::{NativeEngine, cache, prepare, user};
use crate::services::process::Step;
use crate::stack::Stack;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// How long a path may be that a socket's name is put into: less than 104 bytes for all, the least of all systems.
const SOCKETS_PATH: usize = 80;

impl NativeEngine {
    /// Carries out steps while the instance `id` is kept from starting, and does `work` while what they started runs.
    /// What a run left behind that was killed here is ended first. Both get an empty folder that only the services' user
    /// and plattr enter, with a path that is short enough for sockets.
    ///
    /// # Errors
    /// When the instance runs; those of the steps and of the work.
    pub async fn beside<T, W: Future<Output = CommandResult<T>>>(
        &self,
        stack: &Stack,
        id: &str,
        steps: impl FnOnce(&Path) -> Vec<Step>,
        work: impl FnOnce(PathBuf) -> W,
    ) -> CommandResult<T> {
        let supervisor = Supervisor::new(&stack.root);
        let _lock = supervisor.lock(id).await?;
        if let Found::Running(..) = supervisor.find(id)? {
            return Err(CommandError::new(ErrorKind::Failed, "still-running", format!("{id} runs"))
                .hint("`plattr stop` stops it"));
        }
        supervisor.end_marked(id).await?;
        let user = self.user(stack)?;
        let own = stack.home.join("config").join(id).join("beside");
        let temporary;
        let scratch = if own.as_os_str().len() <= SOCKETS_PATH {
            own
        } else {
            temporary = tempfile::Builder::new().prefix("plattr-").tempdir().map_err(|e| failed(&own, e))?;
            temporary.path().join("beside")
        };
        cache::remove_all(&scratch).map_err(|e| failed(&scratch, e))?;
        for folder in scratch.parent().into_iter().chain([scratch.as_path()]) {
            user::make_owned(folder, user).map_err(|e| failed(folder, e))?;
        }
        // Where the services' user cannot write, so that root is not led elsewhere.
        let log = stack.root.join("run").join(format!("{id}-beside.log"));
        let mark = supervisor.mark(id, "beside");
        let steps = steps(&scratch);
        let worked = prepare::with_steps(steps, &scratch, &log, user, &mark, work(scratch.clone())).await;
        if let Err(error) = cache::remove_all(&scratch) {
            tracing::warn!(%error, folder = %scratch.display(), "cannot delete");
        }
        worked
    }

    /// Puts one folder of an instance's data in another place of it.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn rename_data(&self, from: &Path, to: &Path) -> CommandResult {
        // initdb leaves it to the system when it writes; it is on the disk before it counts.
        rustix::fs::sync();
        std::fs::rename(from, to).map_err(|e| failed(to, e))?;
        let above = to.parent().unwrap_or(to);
        std::fs::File::open(above).and_then(|folder| folder.sync_all()).map_err(|e| failed(above, e))
    }

    /// Deletes a folder of an instance's data, if it is there.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub fn delete_data(&self, folder: &Path) -> CommandResult {
        cache::remove_all(folder).map_err(|e| failed(folder, e))
    }
}

fn failed(folder: &Path, error: std::io::Error) -> CommandError {
    user::folder_error(folder, error)
}
