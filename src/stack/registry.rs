//! All stacks of this machine's user: where they are, nothing else. Each stack's own folder has the rest.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::lock::StackLock;
use super::state::{State, create_private_dir, write_private};
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
    let hash: String =
        Sha256::digest(root.as_os_str().as_encoded_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect();
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

/// Names the stack of this machine to which `port` belongs.
pub fn stack_on_port(port: u16) -> Option<String> {
    all().into_iter().find_map(|entry| {
        let state = State::read(&entry.root).ok().flatten()?;
        let ours = state.ports.0.values().any(|taken| *taken == port);
        ours.then(|| format!("the plattr stack `{}` in {}", entry.name, entry.root.display()))
    })
}

fn read(path: &Path) -> Option<Entry> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}
