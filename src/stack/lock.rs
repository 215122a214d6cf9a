//! One plattr at a time works on a stack.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::state::create_private_dir;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Progress;

/// Held while a stack is changed; the kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct StackLock {
    _file: File,
}

impl StackLock {
    /// Takes the lock of the stack under `root`, waiting for another plattr that has it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn take(root: &Path, progress: &dyn Progress) -> CommandResult<Self> {
        let mut file = open(root)?;
        if !try_lock(&file) {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            progress.say(&format!(
                "waiting for another plattr (process {}) that works on this stack",
                holder.trim().parse::<u32>().map_or("unknown".into(), |pid| pid.to_string())
            ));
            let waiting = file.try_clone().map_err(|error| failed(root, error))?;
            tokio::task::spawn_blocking(move || waiting.lock())
                .await
                .map_err(|error| failed(root, error))?
                .map_err(|error| failed(root, error))?;
        }
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }

    /// Whether another plattr works on the stack under `root`.
    pub fn is_held(root: &Path) -> bool {
        File::open(root.join("lock")).is_ok_and(|file| !try_lock(&file))
    }
}

/// Held while something is decided or made that concerns all stacks of this user.
#[derive(Debug)]
pub struct MachineLock {
    _file: File,
}

impl MachineLock {
    /// Takes the lock called `name`. Where another plattr has it, says that by `waiting`, and waits.
    ///
    /// # Errors
    /// When the user's state folder cannot be written.
    pub async fn take(name: &str, waiting: &(dyn Fn() + Sync)) -> CommandResult<Self> {
        let folder = super::registry::state_home();
        create_private_dir(&folder)?;
        let opened = File::options().create(true).truncate(false).write(true).open(folder.join(format!("{name}.lock")));
        let file = opened.map_err(|error| failed(&folder, error))?;
        if try_lock(&file) {
            return Ok(Self { _file: file });
        }
        waiting();
        let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
        let file = locked.await.map_err(|error| failed(&folder, error))?.map_err(|error| failed(&folder, error))?;
        Ok(Self { _file: file })
    }
}

fn try_lock(file: &File) -> bool {
    file.try_lock().is_ok()
}

fn open(root: &Path) -> CommandResult<File> {
    create_private_dir(root)?;
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(root.join("lock"))
        .map_err(|error| failed(root, error))
}

fn failed(root: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::new(ErrorKind::Environment, "lock-failed", format!("cannot lock {}", root.join("lock").display()))
        .because(error)
        .hint("plattr keeps its state there: make the folder writable for you, or work in a copy that is")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ui::progress::Silent;

    #[tokio::test]
    async fn the_second_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = StackLock::take(folder.path(), &Silent).await.unwrap();
        assert!(StackLock::is_held(folder.path()));
        assert!(folder.path().join(".gitignore").is_file());
        let root = folder.path().to_owned();
        let second = tokio::spawn(async move { StackLock::take(&root, &Silent).await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap().unwrap();
    }
}
