//! What plattr remembers of a stack between runs: `stack.json` in its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plattr_api::AppName;
use serde::{Deserialize, Serialize};

use super::{App, Facts, Ports};
use crate::project::envfile;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The layout of `stack.json` and of the folders beside it.
pub const STATE_VERSION: u32 = 1;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// [`STATE_VERSION`] of the plattr that wrote it.
    pub version: u32,
    /// Name of the stack.
    pub name: String,
    /// Engine that its data belongs to.
    pub engine: String,
    /// Ports, chosen once.
    pub ports: Ports,
    /// Applications that have joined.
    pub apps: BTreeMap<AppName, App>,
    /// What provisioning told last, so that a plan can be made while nothing runs. No secrets.
    pub facts: Facts,
    /// [`super::observe::OpenStack::identity`] of what passed every check last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
}

impl State {
    /// A stack that never ran.
    pub fn new(name: &str, engine: &str) -> Self {
        Self {
            version: STATE_VERSION,
            name: name.into(),
            engine: engine.into(),
            ports: Ports::default(),
            apps: BTreeMap::new(),
            facts: Facts::new(),
            verified: None,
        }
    }

    /// Reads the state under `root`; `None` where there is none.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was written by a newer plattr.
    pub fn read(root: &Path) -> CommandResult<Option<Self>> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let path = Self::path(root);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(CommandError::new(
                    ErrorKind::Environment,
                    "state-unreadable",
                    format!("cannot read {}", path.display()),
                )
                .because(error));
            }
        };
        let damaged = |error: serde_json::Error| {
            CommandError::new(ErrorKind::Environment, "state-damaged", format!("{} is damaged", path.display()))
                .because(error)
                .hint("`plattr dev` makes it anew once it is moved away; the data beside it stays")
        };
        let Version { version } = serde_json::from_str(&text).map_err(damaged)?;
        if version != STATE_VERSION {
            return Err(CommandError::new(
                ErrorKind::Environment,
                "state-version",
                format!(
                    "{} has layout {version}; plattr {} reads layout {STATE_VERSION}",
                    path.display(),
                    env!("CARGO_PKG_VERSION")
                ),
            )
            .hint("use the plattr that made this stack, or remove the stack with that one's `plattr destroy`"));
        }
        serde_json::from_str(&text).map(Some).map_err(damaged)
    }

    /// Writes the state under `root`, whole or not at all; an unchanged one is left as it is.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, root: &Path) -> CommandResult {
        let text = serde_json::to_string_pretty(self).map_err(|error| {
            CommandError::new(ErrorKind::Failed, "state-unwritable", "cannot serialise the stack's state")
                .because(error)
        })?;
        write_private(&Self::path(root), &text)
    }

    fn path(root: &Path) -> PathBuf {
        root.join("stack.json")
    }
}

/// Writes a file that only its owner reads (mode 0600), whole or not at all.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_private(path: &Path, contents: &str) -> CommandResult {
    let folder = path.parent().unwrap_or(Path::new("."));
    envfile::write_private(path, contents).map(drop).map_err(|error| not_writable(folder, error))
}

/// Makes a folder that only its owner enters, with its parents, and that keeps itself out of version control.
///
/// # Errors
/// When it cannot be made.
pub fn create_private_dir(path: &Path) -> CommandResult {
    envfile::private_folder(path).map_err(|error| not_writable(path, error))
}

fn not_writable(folder: &Path, error: std::io::Error) -> CommandError {
    let full = error.kind() == std::io::ErrorKind::StorageFull;
    CommandError::new(
        ErrorKind::Environment,
        if full { "disk-full" } else { "not-writable" },
        format!("cannot write in {}", folder.display()),
    )
    .because(error)
    .hint(if full {
        "make room on that disk (`plattr cache prune` removes what is no longer used), then run the same command again"
    } else {
        "plattr keeps its state there: make the folder writable for you, or work in a copy that is"
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::new("todo", "native");
        state.ports.0.insert("postgres.sql".into(), 5433);
        state.write(folder.path()).unwrap();
        assert_eq!(State::read(folder.path()).unwrap(), Some(state));
    }

    #[test]
    fn no_file_is_no_state() {
        assert_eq!(State::read(tempfile::tempdir().unwrap().path()).unwrap(), None);
    }

    #[test]
    fn a_newer_layout_is_refused_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stack.json"), r#"{"version": 99, "engine": "moon"}"#).unwrap();
        let error = State::read(folder.path()).unwrap_err();
        assert_eq!(error.code, "state-version");
        assert!(error.hints[0].contains("plattr destroy"));
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stack.json"), "{").unwrap();
        let error = State::read(folder.path()).unwrap_err();
        assert_eq!(error.code, "state-damaged");
        assert!(error.message.contains("stack.json"));
    }

    #[test]
    fn the_state_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        State::new("todo", "native").write(folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join("stack.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
