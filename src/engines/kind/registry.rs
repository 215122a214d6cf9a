//! The machine's registry: one container for all clusters of this machine, on the loopback interface only. It is also
//! the cache of every service image, so that a second cluster pulls nothing.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use bollard::Docker;
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointSettings, HostConfig, Mount, MountType,
    NetworkConnectRequest, PortBinding, PushImageInfo, RestartPolicy, RestartPolicyNameEnum, VolumeCreateRequest,
};
use bollard::query_parameters::{
    CreateContainerOptions, InspectNetworkOptions, PushImageOptions, StartContainerOptions, TagImageOptions,
};
use futures::StreamExt;

use super::containers::{self, MANAGED_BY, PLATTR};
use super::docker::{failed, found, status, words};
use super::images::{self, ImageRef, Mirrors};
use crate::services::LOOPBACK;
use crate::stack::ports::is_free;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Its container, its volume, and its name on the network of the nodes.
pub const NAME: &str = "plattr-registry";
/// The network of kind's nodes.
pub const NETWORK: &str = "kind";
/// The port that it listens on inside its container.
pub const INNER_PORT: u16 = 5000;
/// The documented port.
const PORT: u16 = 5050;
/// How many ports from the documented one on are tried.
const PORTS: u16 = 50;
/// The label that says which image a container was made of.
const IMAGE: &str = "platform.internal/image";
/// The folder of repositories for images that plattr caches, beside those of people's own images.
const CACHE: &str = "plattr";
/// How long it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);
/// Manifests of all kinds; a registry answers 404 for a kind that was not asked for.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// No proxy stands between this machine and itself.
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build();
    // Fails only where TLS cannot be set up, and then nothing of plattr works; see main.
    client.unwrap_or_default()
});

/// The registry, running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registry {
    /// Its port on 127.0.0.1.
    pub port: u16,
}

/// What there is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Nothing,
    /// A container of its name that plattr did not make.
    Strange,
    /// Ours.
    Ours {
        running: bool,
        image: String,
        port: Option<u16>,
    },
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Keep(u16),
    Start,
    /// Make it anew, rather on this port; its volume stays.
    Make(u16),
    Refuse,
}

fn look(container: Option<&ContainerInspectResponse>) -> Seen {
    let Some(container) = container else { return Seen::Nothing };
    let label = |name: &str| {
        let labels = container.config.as_ref().and_then(|config| config.labels.as_ref());
        labels.and_then(|labels| labels.get(name)).cloned().unwrap_or_default()
    };
    if label(MANAGED_BY) != PLATTR {
        return Seen::Strange;
    }
    let running = container.state.as_ref().and_then(|state| state.running).unwrap_or_default();
    Seen::Ours { running, image: label(IMAGE), port: published(container, running) }
}

/// The port on 127.0.0.1; of a container that does not run, the one that was asked for.
fn published(container: &ContainerInspectResponse, running: bool) -> Option<u16> {
    let ports = if running {
        container.network_settings.as_ref()?.ports.as_ref()?
    } else {
        container.host_config.as_ref()?.port_bindings.as_ref()?
    };
    let binding = ports.get(&format!("{INNER_PORT}/tcp"))?.as_ref()?.first()?;
    binding.host_port.as_ref()?.parse().ok()
}

fn plan(seen: &Seen, image: &ImageRef) -> Step {
    match seen {
        Seen::Nothing => Step::Make(PORT),
        Seen::Strange => Step::Refuse,
        Seen::Ours { image: of, port, .. } if *of != image.to_string() => Step::Make(port.unwrap_or(PORT)),
        Seen::Ours { running: true, port: Some(port), .. } => Step::Keep(*port),
        // Its port is gone: a network that was removed under it, or a container of another engine's making.
        Seen::Ours { running: true, port: None, .. } => Step::Make(PORT),
        Seen::Ours { running: false, .. } => Step::Start,
    }
}

/// The registry, if it runs and is ours. Changes nothing.
///
/// # Errors
/// When the engine does not answer.
pub async fn observe(docker: &Docker) -> CommandResult<Option<Registry>> {
    Ok(match look(containers::inspect(docker, NAME).await?.as_ref()) {
        Seen::Ours { running: true, port: Some(port), .. } => Some(Registry { port }),
        _ => None,
    })
}

/// Makes sure that the registry runs, answers, and is on the network of the nodes where there is one. What was stopped
/// is started, what was removed is made again; images are in its volume, which stays.
///
/// # Errors
/// When a container of its name is somebody else's, or it cannot be run.
pub async fn ensure(docker: &Docker, image: &ImageRef, mirrors: &Mirrors, task: &dyn Task) -> CommandResult<Registry> {
    let container = containers::inspect(docker, NAME).await?;
    let port = match plan(&look(container.as_ref()), image) {
        Step::Keep(port) => Some(port),
        Step::Refuse => return Err(strange()),
        Step::Start => {
            task.doing("starting the registry");
            match docker.start_container(NAME, None::<StartContainerOptions>).await {
                Ok(()) => None,
                Err(error) if is_port_taken(&error) => {
                    tracing::info!(error = words(&error), "the registry's port is taken by now");
                    make(docker, image, mirrors, PORT, task).await?;
                    None
                }
                Err(error) => return Err(failed("start the registry", error)),
            }
        }
        Step::Make(port) => {
            make(docker, image, mirrors, port, task).await?;
            None
        }
    };
    let port = match port {
        Some(port) => port,
        None => observe(docker).await?.map(|registry| registry.port).ok_or_else(|| {
            CommandError::new(ErrorKind::Environment, "registry", "the registry ended right after its start")
                .hint(format!("`docker logs {NAME}` says why"))
        })?,
    };
    let registry = Registry { port };
    registry.wait().await?;
    join(docker).await?;
    Ok(registry)
}

async fn make(docker: &Docker, image: &ImageRef, mirrors: &Mirrors, preferred: u16, task: &dyn Task) -> CommandResult {
    let id = images::ensure_local(docker, image, mirrors, task).await?;
    task.doing("making the registry");
    containers::remove(docker, NAME).await?;
    let labels = HashMap::from([(MANAGED_BY.to_owned(), PLATTR.to_owned())]);
    let volume =
        VolumeCreateRequest { name: Some(NAME.to_owned()), labels: Some(labels.clone()), ..Default::default() };
    docker.create_volume(volume).await.map_err(|e| failed("make the volume of the registry", e))?;
    for port in candidates(preferred).filter(|port| is_free(*port)) {
        let options = CreateContainerOptions { name: Some(NAME.to_owned()), ..Default::default() };
        match docker.create_container(Some(options), body(&id, image, port)).await {
            Ok(_) => {}
            // Another plattr makes it just now.
            Err(error) if status(&error) == Some(409) => return wait_for_other(docker).await,
            Err(error) => return Err(failed("make the registry", error)),
        }
        match docker.start_container(NAME, None::<StartContainerOptions>).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                containers::remove(docker, NAME).await?;
                if !is_port_taken(&error) {
                    return Err(failed("start the registry", error));
                }
                tracing::info!(port, error = words(&error), "the next port is tried");
            }
        }
    }
    let message = format!("no port from {PORT} to {} is free for the registry", PORT + PORTS);
    Err(CommandError::new(ErrorKind::Environment, "port-taken", message).hint("stop what uses one of them"))
}

async fn wait_for_other(docker: &Docker) -> CommandResult {
    let runs = || async {
        match observe(docker).await? {
            Some(_) => Ok(()),
            None => Err(strange()),
        }
    };
    let every = ConstantBuilder::default().with_delay(Duration::from_millis(200)).with_max_times(50);
    runs.retry(every).await
}

/// The port that is wanted, then those from the documented one on.
fn candidates(preferred: u16) -> impl Iterator<Item = u16> {
    std::iter::once(preferred).chain((PORT..=PORT + PORTS).filter(move |port| *port != preferred))
}

fn body(id: &str, image: &ImageRef, port: u16) -> ContainerCreateBody {
    let inner = format!("{INNER_PORT}/tcp");
    let binding = PortBinding { host_ip: Some(LOOPBACK.to_owned()), host_port: Some(port.to_string()) };
    ContainerCreateBody {
        image: Some(id.to_owned()),
        exposed_ports: Some(vec![inner.clone()]),
        env: Some(vec![
            // Images that nothing uses can be removed.
            "REGISTRY_STORAGE_DELETE_ENABLED=true".to_owned(),
            "OTEL_TRACES_EXPORTER=none".to_owned(),
        ]),
        labels: Some(HashMap::from([
            (MANAGED_BY.to_owned(), PLATTR.to_owned()),
            (IMAGE.to_owned(), image.to_string()),
        ])),
        host_config: Some(HostConfig {
            port_bindings: Some(HashMap::from([(inner, Some(vec![binding]))])),
            mounts: Some(vec![Mount {
                typ: Some(MountType::VOLUME),
                source: Some(NAME.to_owned()),
                target: Some("/var/lib/registry".to_owned()),
                ..Default::default()
            }]),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
                maximum_retry_count: None,
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn is_port_taken(error: &bollard::errors::Error) -> bool {
    let words = words(error);
    ["port is already allocated", "address already in use", "ports are not available"].iter().any(|w| words.contains(w))
}

fn strange() -> CommandError {
    let message = format!("there is a container {NAME} that plattr did not make");
    CommandError::new(ErrorKind::Environment, "registry-strange", message).hint(format!(
        "rename it (`docker rename {NAME} NAME`) or remove it (`docker rm -f {NAME}`), and run this again"
    ))
}

/// Joins the registry to the network of the nodes, if that exists. Doing it twice is no error.
///
/// # Errors
/// When the engine cannot.
pub async fn join(docker: &Docker) -> CommandResult {
    let doing = "join the registry to the network of the nodes";
    let network = found(docker.inspect_network(NETWORK, None::<InspectNetworkOptions>).await);
    if network.map_err(|e| failed(doing, e))?.is_none() {
        return Ok(());
    }
    let request = NetworkConnectRequest {
        container: NAME.to_owned(),
        endpoint_config: Some(EndpointSettings { aliases: Some(vec![NAME.to_owned()]), ..Default::default() }),
    };
    match docker.connect_network(NETWORK, request).await {
        Ok(()) => Ok(()),
        Err(error) if words(&error).contains("already exists in network") || is_connected(&words(&error)) => Ok(()),
        Err(error) => Err(failed(doing, error)),
    }
}

/// Podman's words for it.
fn is_connected(words: &str) -> bool {
    words.contains("is already connected")
}

/// Removes the registry, and its images too if asked.
///
/// # Errors
/// When it is somebody else's, or the engine cannot.
pub async fn remove(docker: &Docker, with_images: bool) -> CommandResult {
    match look(containers::inspect(docker, NAME).await?.as_ref()) {
        Seen::Strange => return Err(strange()),
        Seen::Nothing => {}
        Seen::Ours { .. } => containers::remove(docker, NAME).await?,
    }
    if with_images {
        let gone = docker.remove_volume(NAME, None::<bollard::query_parameters::RemoveVolumeOptions>).await;
        found(gone).map_err(|e| failed("remove the volume of the registry", e))?;
    }
    Ok(())
}

/// Where the registry keeps a service image: repository and tag. Another digest is another tag, and nodes never ask
/// for a tag that has changed.
pub fn cached(image: &ImageRef) -> (String, String) {
    // A tag may have 128 characters.
    let tag: String = image.tag().chars().take(100).collect();
    (format!("{CACHE}/{}", image.path().to_lowercase()), format!("{tag}-{}", image.short_digest()))
}

impl Registry {
    /// What images are named by, on this machine and in the nodes: `localhost:5050`.
    pub fn address(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The name of an image in it.
    pub fn image(&self, repository: &str, tag: &str) -> String {
        format!("{}/{repository}:{tag}", self.address())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{LOOPBACK}:{}/v2/{path}", self.port)
    }

    /// Waits until it answers.
    async fn wait(&self) -> CommandResult {
        let answers = || async { HTTP.get(self.url("")).send().await?.error_for_status() };
        let every = ConstantBuilder::default().with_delay(Duration::from_millis(50)).without_max_times();
        match tokio::time::timeout(PATIENCE, answers.retry(every)).await {
            Ok(Ok(_)) => Ok(()),
            _ => {
                let message = format!("the registry does not answer at {}", self.url(""));
                Err(CommandError::new(ErrorKind::Environment, "registry", message)
                    .hint(format!("`docker logs {NAME}` says why; `docker rm -f {NAME}` has it made anew")))
            }
        }
    }

    /// The digest of an image in it, if it is there.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn digest(&self, repository: &str, tag: &str) -> CommandResult<Option<String>> {
        let name = self.image(repository, tag);
        let error = |why: Box<dyn std::error::Error + Send + Sync>| {
            CommandError::new(ErrorKind::Environment, "registry", format!("cannot ask the registry for {name}"))
                .because(why)
                .hint(format!("`docker logs {NAME}` says more"))
        };
        let request = HTTP.head(self.url(&format!("{repository}/manifests/{tag}")));
        let response = request.header("accept", MANIFESTS).send().await.map_err(|e| error(e.into()))?;
        if response.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let response = response.error_for_status().map_err(|e| error(e.into()))?;
        let digest = response.headers().get("docker-content-digest").and_then(|digest| digest.to_str().ok());
        Ok(Some(digest.unwrap_or_default().to_owned()))
    }

    /// Whether it has an image.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn has(&self, repository: &str, tag: &str) -> CommandResult<bool> {
        Ok(self.digest(repository, tag).await?.is_some())
    }

    /// Pushes an image of the local engine, and returns its digest there. Layers that it has already are not sent.
    ///
    /// # Errors
    /// When the engine cannot.
    pub async fn push(
        &self,
        docker: &Docker,
        local: &str,
        repository: &str,
        tag: &str,
        task: &dyn Task,
    ) -> CommandResult<String> {
        let repo = format!("{}/{repository}", self.address());
        let doing = format!("push {repo}:{tag}");
        task.doing(&format!("pushing {repository}:{tag}"));
        let options = TagImageOptions { repo: Some(repo.clone()), tag: Some(tag.to_owned()) };
        docker.tag_image(local, Some(options)).await.map_err(|e| failed(&doing, e))?;
        let options = PushImageOptions { tag: Some(tag.to_owned()), platform: None };
        let mut stream = std::pin::pin!(docker.push_image(&repo, Some(options), None));
        let mut bytes = Pushed::default();
        while let Some(info) = stream.next().await {
            if bytes.see(&info.map_err(|e| failed(&doing, e))?) {
                let (done, total) = bytes.sum();
                task.bytes(done, Some(total));
            }
        }
        self.digest(repository, tag).await?.ok_or_else(|| {
            let message = format!("the registry does not have {repo}:{tag} although it was pushed");
            CommandError::new(ErrorKind::Environment, "registry", message)
                .hint(format!("`docker logs {NAME}` says more"))
        })
    }

    /// Makes sure that it has a service image, which comes from the local engine, or is pulled. Returns its name.
    ///
    /// # Errors
    /// When it is nowhere to be had.
    pub async fn ensure_cached(
        &self,
        docker: &Docker,
        image: &ImageRef,
        mirrors: &Mirrors,
        task: &dyn Task,
    ) -> CommandResult<String> {
        let (repository, tag) = cached(image);
        if !self.has(&repository, &tag).await? {
            let id = images::ensure_local(docker, image, mirrors, task).await?;
            self.push(docker, &id, &repository, &tag, task).await?;
        }
        Ok(self.image(&repository, &tag))
    }
}

/// How many bytes of each layer have been sent. bollard does not say which layer a message is about; layers of the same
/// size are rare, and only make the bar shorter.
#[derive(Debug, Default)]
struct Pushed(HashMap<u64, u64>);

impl Pushed {
    /// Whether there is something new.
    fn see(&mut self, info: &PushImageInfo) -> bool {
        let Some(detail) = info.progress_detail.as_ref() else { return false };
        let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
        let (Some(current), Some(total)) = (number(detail.current), number(detail.total)) else { return false };
        // A layer with its headers is larger than it was said to be.
        let sent = self.0.entry(total).or_default();
        *sent = current.min(total).max(*sent);
        true
    }

    fn sum(&self) -> (u64, u64) {
        (self.0.values().sum(), self.0.keys().sum())
    }
}
