//! All stacks of this machine's user: where they are, nothing else. Each stack's own folder has the rest.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lock::StackLock;
use super::ports::listener;
use super::state::{State, create_private_dir, write_private};
use crate::digest;
use crate::ui::error::CommandResult;

/// Where one stack is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Name.
    pub name: String,
    /// Folder with its `stack.json`.
    pub root: PathBuf,
}

/// `$XDG_STATE_HOME/plattr`, else `~/.local/state/plattr`.
pub fn state_home() -> PathBuf {
    std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))
        .unwrap_or_else(std::env::temp_dir)
        .join("plattr")
}

fn folder() -> PathBuf {
    state_home().join("registry")
}

fn file(root: &Path) -> PathBuf {
    let hash = digest::short(root.as_os_str().as_encoded_bytes(), 8);
    folder().join(format!("{hash}.json"))
}

/// Remembers a stack.
///
/// # Errors
/// When the user's state folder cannot be written.
pub fn add(name: &str, root: &Path) -> CommandResult {
    let entry = Entry { name: name.into(), root: root.into() };
    if read(&file(root)).as_ref() == Some(&entry) {
        return Ok(());
    }
    create_private_dir(&folder())?;
    write_private(&file(root), &serde_json::json!(entry).to_string())
}

/// Forgets a stack.
pub fn remove(root: &Path) {
    // A missing entry is as good as a removed one.
    let _ = std::fs::remove_file(file(root));
}

/// Every stack that still has its folder, by name; entries of folders that are gone are dropped.
pub fn all() -> Vec<Entry> {
    let mut entries: Vec<Entry> = std::fs::read_dir(folder())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|file| {
            let entry = read(&file.path())?;
            if entry.root.join("stack.json").exists() {
                return Some(entry);
            }
            let _ = std::fs::remove_file(file.path());
            None
        })
        .collect();
    entries.sort_by(|a, b| (&a.name, &a.root).cmp(&(&b.name, &b.root)));
    entries
}

/// The ports of every stack but the one under `root` that another plattr is bringing up this moment: they
/// are chosen, and not yet listened on.
pub fn ports_being_taken(root: &Path) -> Vec<(u16, Entry)> {
    all()
        .into_iter()
        .filter(|entry| entry.root != root && StackLock::is_held(&entry.root))
        .flat_map(|entry| {
            let ports = State::read(&entry.root).ok().flatten().map(|state| state.ports.0).unwrap_or_default();
            ports.into_values().map(move |port| (port, entry.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// Who listens on a port, as far as it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// The process: its id and name.
    pub process: Option<(u32, String)>,
    /// The stack that it belongs to.
    pub stack: Option<Entry>,
}

impl Holder {
    /// Who listens on `port` now.
    pub fn of(port: u16) -> Self {
        let process = listener(port);
        let stack = process.as_ref().and_then(|(pid, _)| all().into_iter().find(|entry| runs(entry, *pid)));
        Self { process, stack }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((pid, name)) = &self.process else { return f.write_str("another program") };
        match &self.stack {
            Some(stack) => {
                write!(f, "{name} of the plattr stack `{}` in {} (process {pid})", stack.name, stack.root.display())
            }
            None => write!(f, "{name} (process {pid})"),
        }
    }
}

/// Whether a record of a stack names the process `pid`.
fn runs(entry: &Entry, pid: u32) -> bool {
    #[derive(Deserialize)]
    struct Record {
        pid: Option<u32>,
    }
    std::fs::read_dir(entry.root.join("run")).into_iter().flatten().flatten().any(|file| {
        let record = std::fs::read_to_string(file.path()).ok().and_then(|t| serde_json::from_str::<Record>(&t).ok());
        record.is_some_and(|record| record.pid == Some(pid))
    })
}

fn read(path: &Path) -> Option<Entry> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}
