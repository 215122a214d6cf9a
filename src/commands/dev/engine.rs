//! Where a stack that never ran is to run, when nobody says it.

use crate::engines::kind::{docker, preflight};
use crate::project::Project;
use crate::project::model::EngineName;
use crate::stack::state::State;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult};

/// The engine that is asked for; for a stack that never ran, and of which plattr.yaml says nothing, Kind where a
/// Docker-compatible engine answers that a cluster can run in, else native. It is said, and kept from then on.
///
/// # Errors
/// When plattr.yaml or the state cannot be read.
pub async fn choose(ui: &Ui, project: &Project, asked: Option<EngineName>) -> CommandResult<Option<EngineName>> {
    if asked.is_some() || project.settings()?.engine.is_some() || State::read(&project.stack_root()?)?.is_some() {
        return Ok(asked);
    }
    let judged = async {
        let host = docker::connect().await?;
        preflight::require(&preflight::judge(&preflight::observe(&host).await?))?;
        Ok::<_, CommandError>(host)
    };
    let (engine, why, other) = match judged.await {
        Ok(host) => {
            let engine = if host.podman { "Podman" } else { "Docker" };
            let why = format!("{engine} {} answers at {}", host.version, host.endpoint);
            (EngineName::Kind, why, EngineName::Native)
        }
        Err(error) => (EngineName::Native, error.message, EngineName::Kind),
    };
    let (name, other) = (engine.as_str(), other.as_str());
    ui.say(format!("services run on the {name} engine, because {why} (`--engine {other}` for the other one)"));
    Ok(Some(engine))
}
