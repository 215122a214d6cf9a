//! What is remembered of a stack's cluster: `kind/cluster.json` in the stack's folder, written when the cluster
//! is whole. A cluster without it was never finished.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::Mapping;
use super::lock::ImageRef;
use crate::stack::state::{create_private_dir, write_private};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The name by which `kind` knows it.
    pub name: String,
    /// [`super::config::Desired::hash`] of what it was made of.
    pub hash: String,
    /// Published ports, by `instance.endpoint`.
    pub ports: BTreeMap<String, Mapping>,
    /// The plattr that made it.
    pub plattr: String,
}

impl Record {
    /// Reads the record of the stack at `root`; `None` where there is no finished cluster. One that cannot be
    /// understood, such as a newer plattr's, counts as none: the cluster is made anew, its data is elsewhere.
    pub fn read(root: &Path) -> Option<Self> {
        serde_json::from_str(&std::fs::read_to_string(path(root)).ok()?).ok()
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, root: &Path) -> CommandResult {
        create_private_dir(&folder(root))?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| CommandError::new(ErrorKind::Failed, "record", "cannot write down the cluster").because(e))?;
        write_private(&path(root), &text)
    }

    /// Forgets it.
    pub fn remove(root: &Path) {
        let _ = std::fs::remove_file(path(root));
    }

    /// The container that is its only node.
    pub fn node(&self) -> String {
        node(&self.name)
    }
}

/// The container of the node of the cluster `name`.
pub fn node(name: &str) -> String {
    format!("{name}-control-plane")
}

/// Where everything about the cluster is kept.
pub fn folder(root: &Path) -> PathBuf {
    root.join("kind")
}

/// The kubeconfig that only plattr uses.
pub fn kubeconfig(root: &Path) -> PathBuf {
    folder(root).join("kubeconfig")
}

/// Where running forwards tell how they are.
pub fn forwards(root: &Path) -> PathBuf {
    folder(root).join("forwards")
}

/// Remembers the image that an instance runs, so that its data is read by what wrote it.
///
/// # Errors
/// When the folder cannot be written.
pub fn note_image(root: &Path, id: &str, image: &ImageRef) -> CommandResult {
    create_private_dir(&images(root))?;
    write_private(&images(root).join(id), &format!("{image}\n"))
}

/// Forgets the images of all instances, whose data is another's now.
///
/// # Errors
/// When the folder cannot be written.
pub fn forget_images(root: &Path) -> CommandResult {
    match std::fs::remove_dir_all(images(root)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CommandError::io("delete", &images(root), error))
        }
        _ => Ok(()),
    }
}

/// The image that an instance ran when it last ran. One that cannot be understood is none: the data tells too.
pub fn noted_image(root: &Path, id: &str) -> Option<ImageRef> {
    let text = std::fs::read_to_string(images(root).join(id)).ok()?;
    ImageRef::parse(id, text.trim_end()).ok()
}

/// Images that instances ran, a file each: they are started side by side.
fn images(root: &Path) -> PathBuf {
    folder(root).join("images")
}

fn path(root: &Path) -> PathBuf {
    folder(root).join("cluster.json")
}
