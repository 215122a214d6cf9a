//! `plattr destroy`: the stack and its data are gone. The only command that deletes data.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::project::Project;
use crate::stack::lock::StackLock;
use crate::stack::observe::OpenStack;
use crate::stack::open::{open, variables_file};
use crate::stack::registry;
use crate::stack::snapshot;
use crate::stack::state::State;
use crate::stack::stop::stop_all;
use crate::testing::sweep;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units;

/// Stop the services and delete all of their data
///
/// Says first what will be deleted, snapshots among it, and asks. Without a terminal it refuses unless --yes is
/// given. Your own files, plattr.yaml among them, are never touched.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  See what would be deleted, and decide:
    $ plattr destroy

  Delete without being asked, as in a script:
    $ plattr destroy --yes

  Begin anew, and be able to go back:
    $ plattr snapshot save before && plattr destroy --keep-snapshots")]
pub struct DestroyArgs {
    /// Keep the snapshots; `plattr snapshot restore` brings their data back
    #[arg(long)]
    keep_snapshots: bool,
}

/// What is deleted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Doomed {
    stack: String,
    folder: PathBuf,
    services: Vec<String>,
    bytes: u64,
    /// Names of the snapshots.
    snapshots: Vec<String>,
    snapshot_bytes: u64,
    /// Whether the snapshots stay.
    snapshots_kept: bool,
    /// Every application whose data is in the stack.
    applications: Vec<String>,
    /// Those of them that belong to other projects.
    others: Vec<String>,
}

impl Doomed {
    fn new(open: &OpenStack, project: &Project, keep_snapshots: bool) -> CommandResult<Self> {
        let root = &open.stack.root;
        let ours = |name: &str| project.apps.iter().any(|app| app.name.as_str() == name);
        let applications: Vec<String> = open.stack.apps.keys().map(ToString::to_string).collect();
        let elsewhere = if open.stack.home == open.stack.root { 0 } else { size(&open.stack.home) };
        let snapshot_bytes = size(&snapshot::folder(root));
        Ok(Self {
            stack: open.stack.name.clone(),
            folder: open.stack.home.clone(),
            services: open.instances().iter().map(|i| i.id()).collect(),
            bytes: size(root) - snapshot_bytes + elsewhere,
            snapshots: snapshot::list(root)?.into_iter().map(|one| one.name).collect(),
            snapshot_bytes,
            snapshots_kept: keep_snapshots,
            others: applications.iter().filter(|name| !ours(name)).cloned().collect(),
            applications,
        })
    }

    /// What a person should know before saying yes.
    fn describe(&self) -> String {
        let mut text = format!(
            "The stack `{}` in {} will be deleted:\n  services      {}\n  data          {}\n  applications  {}",
            self.stack,
            self.folder.display(),
            self.services.join(", "),
            units::bytes(self.bytes),
            self.applications.join(", "),
        );
        if !self.snapshots.is_empty() {
            let bytes = units::bytes(self.snapshot_bytes);
            let fate = if self.snapshots_kept { "which are kept".to_owned() } else { bytes };
            text += &format!("\n  snapshots     {} ({fate})", self.snapshots.join(", "));
        }
        if !self.others.is_empty() {
            text += &format!("\n  which other projects use too: {}", self.others.join(", "));
        }
        text
    }
}

/// Bytes of the files below a folder; what cannot be read does not count.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(m) if m.is_dir() => size(&entry.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Runs the command.
///
/// # Errors
/// Usage, if nobody says yes; what kept a service from stopping or a file from being deleted.
pub async fn run(ui: &Ui, globals: &Globals, args: DestroyArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    let deletes_snapshots = !args.keep_snapshots && !snapshot::list(&root)?.is_empty();
    if State::read(&root)?.is_none() && !deletes_snapshots {
        ui.say(format!("{}: there is nothing to delete", project.stack_name()?));
        return Ok(());
    }
    let doomed = Doomed::new(&open(&project, None)?, &project, args.keep_snapshots)?;
    ui.say(doomed.describe());
    if !ui.confirm("Delete all of it?")? {
        return Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was deleted"));
    }
    let progress = ui.progress();
    let _lock = StackLock::take(&root, progress.as_ref()).await?;
    let open = open(&project, None)?;
    sweep::forget_all(&open, &project.settings()?).await?;
    stop_all(&open, progress.as_ref()).await?;
    let task = progress.task("data");
    task.doing("deleting");
    open.engine.destroy(&open.stack, task.as_ref()).await?;
    if !args.keep_snapshots {
        snapshot::delete_all(&root)?;
    }
    forget(&open)?;
    task.done("deleted");
    match format {
        Format::Text => ui.say(format!("{}: deleted", doomed.stack)),
        format => ui.value(format, &doomed)?,
    }
    Ok(())
}

/// Deletes what plattr itself remembers. `stack.json` goes last: with it, a run that was killed is run again.
fn forget(open: &OpenStack) -> CommandResult {
    let variables = open.stack.apps.values().map(|app| variables_file(&app.root, &app.name));
    for file in variables.chain([open.stack.root.join("stack.json")]) {
        match std::fs::remove_file(&file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(CommandError::io("delete", &file, e)),
            _ => {}
        }
    }
    registry::remove(&open.stack.root);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_person_reads_what_will_be_gone() {
        let doomed = Doomed {
            stack: "shared".into(),
            folder: "/home/me/.local/state/plattr/stacks/shared".into(),
            services: vec!["postgres".into(), "redis".into()],
            bytes: 1_234_567_890,
            applications: vec!["shop".into(), "todo".into()],
            others: vec!["shop".into()],
            snapshots: vec!["before".into(), "demo".into()],
            snapshot_bytes: 16_200_000,
            snapshots_kept: false,
        };
        insta::assert_snapshot!(doomed.describe(), @r"
        The stack `shared` in /home/me/.local/state/plattr/stacks/shared will be deleted:
          services      postgres, redis
          data          1.2 GB
          applications  shop, todo
          snapshots     before, demo (16 MB)
          which other projects use too: shop
        ");
        let kept = Doomed { snapshots_kept: true, ..doomed };
        assert!(kept.describe().contains("before, demo (which are kept)"), "{}", kept.describe());
    }

    #[test]
    fn sizes_are_of_files_and_never_through_links() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/b"), [0; 1000]).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("root")).unwrap();
        assert!((1000..2000).contains(&size(folder.path())));
    }
}
