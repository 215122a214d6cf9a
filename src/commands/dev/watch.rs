//! `plattr dev --watch`: applies plattr.yaml again whenever it changes.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use tokio::process::{Child, Command};

use super::bring_up;
use crate::project::Project;
use crate::project::model::EngineName;
use crate::stack::observe::Scoped;
use crate::stack::open::open;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Editors write a file in several steps; this long without another one counts as done.
const SETTLED_AFTER: Duration = Duration::from_millis(200);

/// Goes on until interrupted, or until `command` ends, with whose exit code it ends too.
pub async fn watch(
    ui: &Ui,
    project: &Project,
    engine: Option<EngineName>,
    scope: &Scoped,
    command: Vec<OsString>,
) -> CommandResult {
    let (changed, mut changes) = tokio::sync::mpsc::channel(1);
    let files = project.watched();
    let watched = files.clone();
    let mut debouncer = new_debouncer(SETTLED_AFTER, None, move |events: DebounceEventResult| {
        let ours = events.is_ok_and(|events| {
            events.iter().any(|event| {
                !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| watched.contains(path))
            })
        });
        if ours {
            // A change that nobody has looked at yet stands for this one too.
            let _ = changed.try_send(());
        }
    })
    .map_err(cannot_watch)?;
    // Editors replace files, so their folders are watched and not the files themselves.
    let mut folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
    folders.dedup();
    for folder in folders {
        debouncer.watch(folder, RecursiveMode::NonRecursive).map_err(cannot_watch)?;
    }
    ui.say("watching plattr.yaml; Ctrl-C ends it, the services run on");

    let mut child = if command.is_empty() { None } else { Some(spawn(project, engine, &command)?) };
    loop {
        tokio::select! {
            status = wait(&mut child) => {
                let status = status.map_err(|error| {
                    CommandError::new(ErrorKind::Failed, "command-lost", "cannot wait for the command").because(error)
                })?;
                std::process::exit(status.code().unwrap_or(1));
            }
            change = changes.recv() => {
                if change.is_none() { return Ok(()); }
                ui.say("plattr.yaml changed");
                // A mistake in the file is reported, and corrected with the next change.
                let outcome = match Project::load(&project.root) {
                    Ok(project) => bring_up(ui, &project, engine, scope).await.map(|_| ()),
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(()) if child.is_some() => ui.say("applied; restart your command if its variables changed"),
                    Ok(()) => ui.say("applied"),
                    Err(error) => ui.error(&error),
                }
            }
        }
    }
}

fn spawn(project: &Project, engine: Option<EngineName>, command: &[OsString]) -> CommandResult<Child> {
    let open = open(project, engine)?;
    let variables = open.variables(open.app(project)?);
    let (program, args) = command
        .split_first()
        .ok_or_else(|| CommandError::new(ErrorKind::Usage, "no-command", "there is no command after `--`"))?;
    Command::new(program).args(args).envs(variables.iter()).spawn().map_err(|error| {
        CommandError::new(
            ErrorKind::Failed,
            "command-not-started",
            format!("cannot start `{}`", program.to_string_lossy()),
        )
        .because(error)
    })
}

async fn wait(child: &mut Option<Child>) -> std::io::Result<std::process::ExitStatus> {
    match child {
        Some(child) => child.wait().await,
        None => std::future::pending().await,
    }
}

fn cannot_watch(error: notify_debouncer_full::notify::Error) -> CommandError {
    CommandError::new(ErrorKind::Environment, "cannot-watch", "cannot watch plattr.yaml for changes")
        .because(error)
        .hint("raise fs.inotify.max_user_watches, or run `plattr dev` again after each change")
}
