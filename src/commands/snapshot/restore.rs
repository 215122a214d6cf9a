//! `plattr snapshot restore`

use std::time::Instant;

use clap::{Args, ValueEnum as _};
use jiff::Timestamp;
use plattr_api::SnapshotName;
use serde::Serialize;

use super::save::must_be_new;
use crate::commands::dev;
use crate::project::Project;
use crate::project::model::EngineName;
use crate::stack::lock::StackLock;
use crate::stack::observe::{OpenStack, Scoped, running};
use crate::stack::open::open;
use crate::stack::snapshot::{self, Manifest};
use crate::stack::state::State;
use crate::stack::stop::stop_all;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use crate::ui::units;

/// Replace the data of all services by that of a snapshot
///
/// Checks first that the snapshot is whole and fits, and asks. Then stops everything, replaces the data, starts
/// what ran before (everything, if nothing did), and verifies it as `plattr dev` does. Without --save-current the
/// data of now is gone.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
    $ plattr snapshot restore before-migration
    $ plattr snapshot restore demo --save-current mine --yes")]
pub struct RestoreArgs {
    /// Name of the snapshot
    #[arg(value_parser = super::name)]
    name: SnapshotName,
    /// Save the data of now under this name first
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    save_current: Option<SnapshotName>,
}

/// What was done. The JSON form is stable.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    snapshot: Manifest,
    /// The snapshot of the data that was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<Manifest>,
    /// As of `plattr dev`.
    dev: dev::Report,
    seconds: f64,
}

/// Runs the command.
///
/// # Errors
/// When there is no such snapshot, it is damaged or does not fit; usage, if nobody says yes; what kept a service
/// from stopping, starting or passing its checks.
pub async fn run(ui: &Ui, globals: &Globals, args: RestoreArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let project = Project::find(globals.project.as_deref())?;
    let root = project.stack_root()?;
    let now = stack(&project, &args)?;
    let (name, manifest) = (&now.stack.name, fitting(&now, &args)?);
    let described = manifest.described(Timestamp::now());
    ui.say(format!("All data of the stack `{name}` will be replaced by the snapshot {described}"));
    manifest.differences(now.stack.apps.keys()).iter().for_each(|difference| ui.warn(difference));
    if args.save_current.is_none() && State::read(&root)?.is_some() {
        ui.say("The data of now will be gone; `--save-current NAME` keeps it as a snapshot");
    }
    if !ui.confirm("Replace it?")? {
        return Err(CommandError::new(ErrorKind::Interrupted, "declined", "nothing was replaced"));
    }

    let began = Instant::now();
    let progress = ui.progress();
    let _lock = StackLock::take(&root, progress.as_ref()).await?;
    snapshot::tidy(&root)?;
    let mut open = stack(&project, &args)?;
    // While nobody had the lock, anything may have happened.
    let manifest = fitting(&open, &args)?;
    let archive = snapshot::verified(&root, &manifest, progress.as_ref()).await?;
    let observed = open.observe().await?;
    let ran = running(&observed);
    let scope = if ran.is_empty() { Scoped::of(&project, &[], &[], None)? } else { Scoped::exactly(ran.clone()) };
    stop_all(&open, progress.as_ref()).await?;
    let mut is_replaced = false;
    let replaced = async {
        let saved = match &args.save_current {
            None => None,
            Some(name) => {
                let message = format!("before `{}` was restored", args.name);
                Some(snapshot::save(&open, &observed, name, Some(message), progress.as_ref()).await?)
            }
        };
        // What was proven is not what will be there.
        open.state.verified = None;
        open.state.write(&root)?;
        let task = progress.task("snapshot");
        task.doing("replacing the data");
        match open.engine.restore_data(&open.stack, archive, task.as_ref()).await {
            Ok(()) => {
                is_replaced = true;
                task.done(&format!("{} restored", units::bytes(manifest.data_bytes)));
            }
            Err(error) => {
                task.failed(&error.message);
                return Err(error);
            }
        }
        open.state.facts.clone_from(&manifest.facts);
        open.state.write(&root)?;
        Ok(saved)
    }
    .await;
    let saved = match replaced {
        Ok(saved) => saved,
        Err(error) if is_replaced => {
            return Err(error.hint("the data is that of the snapshot; `plattr dev` starts what runs on it"));
        }
        // The data of before is still there.
        Err(error) if ran.is_empty() => return Err(error.hint("nothing was replaced")),
        Err(error) => {
            return Err(match dev::up(ui, &project, open, &scope, began).await {
                Ok(_) => error.hint("nothing was replaced, and what ran runs again"),
                Err(other) => error
                    .hint("nothing was replaced, but what ran does not run; `plattr dev` starts it")
                    .hint(format!("also: {other}")),
            });
        }
    };
    let up = dev::up(ui, &project, open, &scope, began).await?;
    up.warn_of_failures(ui);
    if format == Format::Text {
        ui.say(format!("{name}: restored `{}` ({:.1}s)", args.name, began.elapsed().as_secs_f64()));
        return up.into_result();
    }
    let report = Report { snapshot: manifest, saved, dev: up, seconds: began.elapsed().as_secs_f64() };
    ui.value(format, &report)?;
    report.dev.into_result()
}

/// The stack, on the engine that reads the snapshot where nothing else says which one it runs on.
fn stack(project: &Project, args: &RestoreArgs) -> CommandResult<OpenStack> {
    let root = project.stack_root()?;
    let asked = match (project.settings()?.engine, State::read(&root)?) {
        (None, None) => EngineName::from_str(&snapshot::read(&root, args.name.as_str())?.engine, false).ok(),
        _ => None,
    };
    open(project, asked)
}

/// The snapshot, if it can be restored in this stack and the current data can be saved as it is asked for.
fn fitting(open: &OpenStack, args: &RestoreArgs) -> CommandResult<Manifest> {
    let root = &open.stack.root;
    let manifest = snapshot::read(root, args.name.as_str())?;
    manifest.check(open.engine.name(), &snapshot::platform(), &snapshot::versions(open)?)?;
    args.save_current.as_ref().map_or(Ok(()), |name| must_be_new(root, name))?;
    Ok(manifest)
}
