//! `plattr dev --watch`: applies plattr.yaml again whenever it changes, and migrations as soon as they are written.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use plattr_db::sql;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{Receiver, channel};

use super::{DevArgs, bring_up};
use crate::commands::r#gen::types;
use crate::database::engines::Engine;
use crate::database::migrate::{self, Source};
use crate::database::target::own;
use crate::interrupt;
use crate::program;
use crate::project::Project;
use crate::project::load::shown_path;
use crate::project::model::EngineName;
use crate::stack::open::open;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Editors write a file in several steps; this long without another one counts as done.
const SETTLED_AFTER: Duration = Duration::from_millis(200);

/// Notices changes to the files of a project, from the moment it is made.
pub struct Watcher {
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    changes: Receiver<()>,
    noticed: Arc<Mutex<Noticed>>,
    folders: BTreeSet<PathBuf>,
}

/// What is watched, and what changed since somebody looked.
#[derive(Debug, Default)]
struct Noticed {
    files: BTreeSet<PathBuf>,
    /// The folder of migrations, which may not be there yet.
    migrations: Option<PathBuf>,
    changed: Changed,
}

/// What changed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Changed {
    config: bool,
    migrations: bool,
}

impl Noticed {
    /// Whether something that is watched is at `path`.
    fn notice(&mut self, path: &Path) -> bool {
        let config = self.files.contains(path);
        let folder = self.migrations.as_deref();
        let file = folder.is_some() && path.parent() == folder && path.extension().is_some_and(|it| it == "sql");
        let migrations = file || folder == Some(path);
        self.changed.config |= config;
        self.changed.migrations |= migrations;
        config || migrations
    }
}

impl Watcher {
    /// Watches the files of a project.
    ///
    /// # Errors
    /// When the operating system watches no more folders.
    pub fn start(project: &Project) -> CommandResult<Self> {
        let (changed, changes) = channel(1);
        let noticed = Arc::new(Mutex::new(Noticed::default()));
        let watched = Arc::clone(&noticed);
        let debouncer = new_debouncer(SETTLED_AFTER, None, move |events: DebounceEventResult| {
            let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            let events = events.unwrap_or_default();
            let written = events.iter().filter(|event| !matches!(event.kind, EventKind::Access(_)));
            let ours = written.flat_map(|event| &event.paths).filter(|path| watched.notice(path)).count();
            if ours > 0 {
                // A change that nobody has looked at yet stands for this one too.
                let _ = changed.try_send(());
            }
        })
        .map_err(cannot_watch)?;
        let mut watcher = Self { debouncer, changes, noticed, folders: BTreeSet::new() };
        watcher.follow(project)?;
        Ok(watcher)
    }

    /// Watches the files that the project has now, and no others.
    fn follow(&mut self, project: &Project) -> CommandResult {
        let files: BTreeSet<PathBuf> = project.watched().into_iter().collect();
        // Editors replace files, so their folders are watched and not the files themselves.
        let mut folders: BTreeSet<PathBuf> =
            files.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
        // Which engine a project uses may be unclear; then nothing is applied by itself.
        let source = Source::of(Some(project), None).ok().filter(|source| source.engine == Engine::Sql);
        let migrations = source.map(|source| source.folder);
        folders.extend(migrations.iter().filter(|folder| folder.is_dir()).cloned());
        for folder in folders.difference(&self.folders) {
            self.debouncer.watch(folder, RecursiveMode::NonRecursive).map_err(cannot_watch)?;
        }
        for folder in self.folders.difference(&folders) {
            // One that was deleted is not watched any more already.
            let _ = self.debouncer.unwatch(folder);
        }
        self.folders = folders;
        let mut noticed = self.noticed.lock().unwrap_or_else(PoisonError::into_inner);
        (noticed.files, noticed.migrations) = (files, migrations);
        Ok(())
    }

    /// What changed since this was last asked; waits until something does. `None` when nothing is watched any more.
    async fn next(&mut self) -> Option<Changed> {
        self.changes.recv().await?;
        Some(std::mem::take(&mut self.noticed.lock().unwrap_or_else(PoisonError::into_inner).changed))
    }
}

/// Goes on until interrupted, or until the command ends, with whose exit code it ends too.
pub async fn watch(
    ui: &Ui,
    globals: &Globals,
    format: Format,
    args: &DevArgs,
    project: &Project,
    mut watcher: Watcher,
) -> CommandResult {
    if args.command.is_empty() {
        ui.say("watching plattr.yaml; Ctrl-C ends it, the services run on");
        return follow_changes(ui, globals, format, args, &mut watcher).await;
    }
    ui.say("watching plattr.yaml until your command ends; the services run on");
    let _claim = interrupt::claim();
    let mut child = spawn(project, args.engine, &args.command)?;
    tokio::select! {
        status = ended(&mut child) => outcome(status?),
        stopped = follow_changes(ui, globals, format, args, &mut watcher) => stopped,
    }
}

/// Applies every change; ends only with the watcher.
async fn follow_changes(
    ui: &Ui,
    globals: &Globals,
    format: Format,
    args: &DevArgs,
    watcher: &mut Watcher,
) -> CommandResult {
    while let Some(changed) = watcher.next().await {
        if changed.config {
            ui.say("plattr.yaml changed");
            // A mistake in the file is reported, and corrected with the next change.
            match apply(ui, globals, format, args, watcher).await {
                Ok(()) if !args.command.is_empty() => ui.say("applied; restart your command if its variables changed"),
                Ok(()) => ui.say("applied"),
                Err(error) => ui.error(&error),
            }
        }
        if changed.migrations {
            ui.say("migrations changed");
            if let Err(error) = migrated(ui, globals, watcher).await {
                ui.error(&error);
            }
        }
    }
    Ok(())
}

/// Applies what is pending, and makes the types of plattr.yaml anew.
async fn migrated(ui: &Ui, globals: &Globals, watcher: &mut Watcher) -> CommandResult {
    let project = Project::find(globals.project.as_deref())?;
    // Their folder may have come only now.
    watcher.follow(&project)?;
    let (source, target) = (Source::of(Some(&project), None)?, own(&project)?);
    let options = migrate::Options::default();
    let (_, plan) = migrate::look(&target, &source, &options).await?;
    if let Some(empty) = plan.pending.iter().find(|migration| sql::statements(migration.sql()).is_empty()) {
        // Somebody has just made it, and is about to write it.
        ui.say(format!("{} has no statement yet; nothing is applied", empty.file_name()));
        return Ok(());
    }
    let outcome = migrate::run(ui, &target, &source, &options).await?;
    if outcome.applied.is_empty() {
        return Ok(());
    }
    migrate::serve(ui, &target).await?;
    let wanted = project.current.as_ref().map(|app| types::configured(&project, app)).unwrap_or_default();
    for made in types::generate(&target, &wanted).await?.iter().filter(|made| made.changed) {
        ui.say(format!("{} written", shown_path(&made.file).display()));
    }
    Ok(())
}

/// Reads the project as it is now, and brings it up.
async fn apply(ui: &Ui, globals: &Globals, format: Format, args: &DevArgs, watcher: &mut Watcher) -> CommandResult {
    let project = Project::find(globals.project.as_deref())?;
    watcher.follow(&project)?;
    let report = bring_up(ui, &project, args.engine, &args.scope(&project)?).await?;
    report.print(ui, format)?;
    report.into_result()
}

fn spawn(project: &Project, engine: Option<EngineName>, command: &[OsString]) -> CommandResult<Child> {
    let open = open(project, engine)?;
    let variables = open.variables(open.app(project)?);
    let (name, args) = command.split_first().ok_or_else(program::no_command)?;
    Command::new(name).args(args).envs(variables.iter()).spawn().map_err(|error| program::not_started(name, error))
}

/// Waits for the command, and tells it to end when plattr is told so. Ctrl-C it gets from the terminal itself.
async fn ended(child: &mut Child) -> CommandResult<ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return status.map_err(|error| {
                CommandError::new(ErrorKind::Failed, "command-lost", "cannot wait for the command").because(error)
            }),
            signal = interrupt::next() => {
                let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
                if let (Signal::TERM, Some(pid)) = (signal, pid) {
                    // It may have ended this moment; then there is nothing left to do.
                    let _ = kill_process(pid, signal);
                }
            }
        }
    }
}

/// plattr ends as the command did; one that a signal killed counts as 128 and the signal, as in a shell.
fn outcome(status: ExitStatus) -> CommandResult {
    match program::exit_code(status) {
        0 => Ok(()),
        code => Err(CommandError::new(ErrorKind::Program(code), "program-failed", format!("your command: {status}"))),
    }
}

fn cannot_watch(error: notify_debouncer_full::notify::Error) -> CommandError {
    CommandError::new(ErrorKind::Environment, "cannot-watch", "cannot watch plattr.yaml for changes")
        .because(error)
        .hint("raise fs.inotify.max_user_watches, or run `plattr dev` again after each change")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    const YAML: &str = "version: 1\nname: todo\ncache:\n  enabled: true\n";

    #[test]
    fn the_exit_code_is_that_of_the_command() {
        let code = |wait: i32| outcome(ExitStatus::from_raw(wait)).map_err(|error| error.kind.exit_code());
        assert_eq!(code(0), Ok(()));
        assert_eq!(code(7 << 8), Err(7));
        assert_eq!(code(15), Err(143));
    }

    #[tokio::test]
    async fn a_change_is_noticed_from_the_start_and_other_files_are_not() {
        let guard = tempfile::tempdir().unwrap();
        let folder = guard.path().canonicalize().unwrap();
        fs::write(folder.join("plattr.yaml"), YAML).unwrap();
        let mut watcher = Watcher::start(&Project::load(&folder).unwrap()).unwrap();
        fs::write(folder.join("other"), "").unwrap();
        assert!(tokio::time::timeout(2 * SETTLED_AFTER, watcher.changes.recv()).await.is_err());
        fs::write(folder.join("plattr.local.yaml"), "").unwrap();
        let next = tokio::time::timeout(Duration::from_secs(10), watcher.next()).await.unwrap().unwrap();
        assert_eq!(next, Changed { config: true, migrations: false });
    }

    #[tokio::test]
    async fn a_new_migration_is_noticed_and_other_files_of_its_folder_are_not() {
        let guard = tempfile::tempdir().unwrap();
        let folder = guard.path().canonicalize().unwrap();
        fs::write(folder.join("plattr.yaml"), YAML).unwrap();
        fs::create_dir(folder.join("migrations")).unwrap();
        let mut watcher = Watcher::start(&Project::load(&folder).unwrap()).unwrap();
        fs::write(folder.join("migrations/notes.txt"), "").unwrap();
        assert!(tokio::time::timeout(2 * SETTLED_AFTER, watcher.changes.recv()).await.is_err());
        fs::write(folder.join("migrations/1_todos.sql"), "").unwrap();
        let next = tokio::time::timeout(Duration::from_secs(10), watcher.next()).await.unwrap().unwrap();
        assert_eq!(next, Changed { config: false, migrations: true });
    }

    #[tokio::test]
    async fn a_folder_of_migrations_that_is_made_later_is_noticed() {
        let guard = tempfile::tempdir().unwrap();
        let folder = guard.path().canonicalize().unwrap();
        fs::write(folder.join("plattr.yaml"), YAML).unwrap();
        let mut watcher = Watcher::start(&Project::load(&folder).unwrap()).unwrap();
        fs::create_dir(folder.join("migrations")).unwrap();
        let next = tokio::time::timeout(Duration::from_secs(10), watcher.next()).await.unwrap().unwrap();
        assert_eq!(next, Changed { config: false, migrations: true });
    }

    #[tokio::test]
    async fn sigterm_is_for_the_command_too() {
        let _claim = interrupt::claim();
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let tell = async {
            // `ended` listens by now.
            tokio::time::sleep(Duration::from_millis(100)).await;
            kill_process(rustix::process::getpid(), Signal::TERM).unwrap();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            status = ended(&mut child) => assert_eq!(outcome(status.unwrap()).unwrap_err().kind.exit_code(), 143),
            () = tell => {}
        }
    }
}
