//! `plattr stop`: nothing runs any more; data stays.

use std::collections::BTreeSet;

use clap::Args;
use futures::future::join_all;
use serde::Serialize;

use crate::project::Project;
use crate::services;
use crate::stack::lock::StackLock;
use crate::stack::observe::{OpenStack, running};
use crate::stack::open::open;
use crate::stack::state::State;
use crate::ui::Ui;
use crate::ui::error::CommandResult;
use crate::ui::globals::{Format, Globals};
use crate::ui::progress::Progress;

/// Stop the services of the stack; data stays
///
/// `plattr dev` starts them again with everything that was in them. Stopping twice is no error.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Stop everything:
    $ plattr stop

  Stop the project in another folder:
    $ plattr stop --project ~/code/shop")]
pub struct StopArgs {}

/// What was done.
#[derive(Debug, Serialize)]
struct Report {
    stack: String,
    stopped: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// When a service does not stop.
pub async fn run(ui: &Ui, globals: &Globals, _args: StopArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    let stack = project.stack_name()?.to_string();
    let stopped = match State::read(&root)? {
        None => Vec::new(),
        Some(_) => {
            let progress = ui.progress();
            let _lock = StackLock::take(&root, progress.as_ref()).await?;
            stop_all(&open(&project, None)?, progress.as_ref()).await?
        }
    };
    if format != Format::Text {
        return ui.value(format, &Report { stack, stopped });
    }
    match stopped.len() {
        0 => ui.say(format!("{stack}: nothing was running")),
        n => ui.say(format!("{stack}: stopped {n} services; data is kept, `plattr dev` starts them again")),
    }
    Ok(())
}

/// Stops everything that runs, what needs others before what it needs. Returns the ids.
///
/// # Errors
/// The first failure; the others are tried all the same.
pub async fn stop_all(open: &OpenStack, progress: &dyn Progress) -> CommandResult<Vec<String>> {
    let running = running(&open.observe().await?);
    let mut stopped = Vec::new();
    for wave in waves(&running, |id| needs_of(open, id)) {
        let stops = wave.iter().map(|id| async {
            let task = progress.task(id);
            task.doing("stopping");
            match open.engine.stop(&open.stack, id, task.as_ref()).await {
                Ok(()) => {
                    task.done("stopped");
                    Ok(())
                }
                Err(error) => {
                    task.failed(&error.message);
                    Err(error)
                }
            }
        });
        join_all(stops).await.into_iter().collect::<CommandResult<Vec<()>>>()?;
        stopped.extend(wave);
    }
    Ok(stopped)
}

/// Services that an instance needs; none for one that plattr.yaml no longer asks for.
fn needs_of(open: &OpenStack, id: &str) -> &'static [&'static str] {
    let instance = open.instances().into_iter().find(|i| i.id() == id);
    instance.map(|i| i.service).or_else(|| services::find(id)).map_or(&[], |s| s.needs())
}

/// Groups that can stop side by side: nothing in a group is needed by something in a later one.
fn waves<'a>(running: &BTreeSet<String>, needs: impl Fn(&str) -> &'a [&'a str]) -> Vec<Vec<String>> {
    let mut left = running.clone();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let needed: BTreeSet<&str> = left.iter().flat_map(|id| needs(id)).copied().collect();
        let mut wave: Vec<String> = left.iter().filter(|id| !needed.contains(id.as_str())).cloned().collect();
        if wave.is_empty() {
            // A circle, which no table of services has: all at once then.
            wave = left.iter().cloned().collect();
        }
        left.retain(|id| !wave.contains(id));
        waves.push(wave);
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_stops_last() {
        let running = ["postgres", "postgrest-todo", "keycloak", "redis"].map(str::to_owned).into();
        let needs = |id: &str| -> &[&str] {
            match id {
                "keycloak" => &["postgres"],
                "postgrest-todo" => &["postgres", "keycloak"],
                _ => &[],
            }
        };
        assert_eq!(waves(&running, needs), [vec!["postgrest-todo", "redis"], vec!["keycloak"], vec!["postgres"]]);
    }
}
