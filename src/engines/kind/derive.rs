//! Images that are made of others by a command.

use bollard::Docker;
use bollard::models::{ContainerConfig, ImageConfig};
use bollard::query_parameters::CommitContainerOptions;

use super::containers::{self, MANAGED_BY, Network, OneShot, Outcome, PLATTR, THROW_AWAY};
use super::docker::{failed, found};
use crate::services::image::{Build, Guest};
use crate::ui::error::CommandResult;

/// The id of an image that was made, if it was. Its name tells what went in.
///
/// # Errors
/// When the engine does not answer.
pub async fn made(docker: &Docker, name: &str) -> CommandResult<Option<String>> {
    let image = found(docker.inspect_image(name).await).map_err(|e| failed(&format!("look at the image {name}"), e))?;
    Ok(image.and_then(|image| image.id))
}

/// Makes the image `name`: `from` as it is when the command of `build` has ended, with `from`'s own defaults. `guest` is
/// the image of its guest. Returns its id.
///
/// # Errors
/// When a command fails; no image is made then.
pub async fn derive(
    docker: &Docker,
    from: &str,
    build: &Build,
    guest: Option<&str>,
    name: &str,
) -> CommandResult<String> {
    containers::sweep(docker).await;
    let look = |e| failed(&format!("look at the image {from}"), e);
    let defaults = docker.inspect_image(from).await.map_err(look)?.config.unwrap_or_default();
    // Where an image has no entrypoint, commit would take that of the container.
    let has_entrypoint = defaults.entrypoint.as_ref().is_some_and(|entrypoint| !entrypoint.is_empty());
    let shot = OneShot { image: from, argv: build.argv.clone(), user: build.user.clone(), ..Default::default() };
    let container = containers::create(docker, &shot, has_entrypoint).await?;
    let made = async {
        let doing = format!("make the image {name}");
        containers::start(docker, &container, from).await?;
        let mut visited = Ok(());
        if let (Some(guest), Some(image)) = (&build.guest, guest) {
            visited = visit(docker, &container, guest, image).await.and_then(|outcome| outcome.expect_success(&doing));
            let state = containers::inspect(docker, &container).await?.and_then(|container| container.state);
            // A server that ended by itself is why its guest failed, and is what is told below.
            if state.and_then(|state| state.running).unwrap_or_default() {
                visited?;
                visited = Ok(());
                containers::signal(docker, &container, "SIGINT").await?;
            }
        }
        containers::ended(docker, &container, from).await?.expect_success(&doing)?;
        visited?;
        commit(docker, &container, build, defaults, name).await
    };
    let made = made.await;
    let removed = containers::remove(docker, &container).await;
    let made = made?;
    removed?;
    Ok(made)
}

/// Runs the guest of a container that serves.
async fn visit(docker: &Docker, host: &str, guest: &Guest, image: &str) -> CommandResult<Outcome> {
    let env = guest.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let network = Network::Of(host);
    containers::run(docker, &OneShot { image, argv: guest.argv.clone(), env, network, ..Default::default() }).await
}

async fn commit(
    docker: &Docker,
    container: &str,
    build: &Build,
    defaults: ImageConfig,
    name: &str,
) -> CommandResult<String> {
    let (repo, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    let options = CommitContainerOptions {
        container: Some(container.to_owned()),
        repo: Some(repo.to_owned()),
        tag: Some(tag.to_owned()),
        ..Default::default()
    };
    let mut labels = defaults.labels.unwrap_or_default();
    labels.insert(MANAGED_BY.to_owned(), PLATTR.to_owned());
    // The container's label would have it swept away.
    labels.insert(THROW_AWAY.to_owned(), "false".to_owned());
    // An image without a user is run by root; commit would take that of the container.
    let user = defaults.user.filter(|user| !user.is_empty()).or(build.user.as_ref().map(|_| "0:0".to_owned()));
    let config = ContainerConfig {
        entrypoint: defaults.entrypoint,
        cmd: defaults.cmd,
        user,
        labels: Some(labels),
        ..Default::default()
    };
    let made = docker.commit_container(options, config).await;
    made.map(|made| made.id).map_err(|e| failed(&format!("keep the image {name}"), e))
}
