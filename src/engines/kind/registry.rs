//! The machine's registry: one container for all clusters of this machine, on the loopback interface only. It is also
//! the cache of every service image, so that a second cluster pulls nothing.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use bollard::Docker;
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointSettings, HostConfig, Mount, MountType,
    NetworkConnectRequest, PortBinding, RestartPolicy, RestartPolicyNameEnum, VolumeCreateRequest,
};
use bollard::query_parameters::{CreateContainerOptions, InspectNetworkOptions, StartContainerOptions};
use tokio::time::Instant;

use super::containers::{self, MANAGED_BY, PLATTR};
use super::docker::{failed, found, says_port_taken, status, words};
use super::images;
use super::lock::{ImageRef, Mirrors};
use crate::services::LOOPBACK;
use crate::stack::ports::is_free;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Its container, its volume, and its name on the network of the nodes.
pub const NAME: &str = "plattr-registry";
/// The network of kind's nodes.
pub const NETWORK: &str = "kind";
/// The documented port.
const PORT: u16 = 5050;
/// How many ports from the first one on are tried.
const PORTS: u16 = 50;
/// The registry of this machine.
const MACHINE: Site = Site { name: NAME, port: PORT };
/// The registry where its port was free.
pub const USUAL: Registry = Registry { port: PORT };
/// The port that it listens on inside its container.
pub const INNER_PORT: u16 = 5000;
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
pub(super) static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
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

/// Where a registry is to be. There is one a machine; tests have others beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    /// Of its container and of its volume.
    pub(super) name: &'static str,
    /// The first port that is tried.
    pub(super) port: u16,
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
    Keep,
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

/// Makes sure that the registry runs, answers, and is on the network of the nodes where there is one. What was stopped
/// is started, what was removed is made again; images are in its volume, which stays.
///
/// # Errors
/// When a container of its name is somebody else's, or it cannot be run.
pub async fn ensure(docker: &Docker, image: &ImageRef, mirrors: &Mirrors, task: &dyn Task) -> CommandResult<Registry> {
    MACHINE.ensure(docker, image, mirrors, task).await
}

/// Joins the registry to the network of the nodes, if that exists. Doing it twice is no error.
///
/// # Errors
/// When the engine cannot.
pub async fn join(docker: &Docker) -> CommandResult {
    MACHINE.join(docker).await
}

impl Site {
    pub(super) async fn observe(self, docker: &Docker) -> CommandResult<Option<Registry>> {
        Ok(match look(containers::inspect(docker, self.name).await?.as_ref()) {
            Seen::Ours { running: true, port: Some(port), .. } => Some(Registry { port }),
            _ => None,
        })
    }

    pub(super) async fn ensure(
        self,
        docker: &Docker,
        image: &ImageRef,
        mirrors: &Mirrors,
        task: &dyn Task,
    ) -> CommandResult<Registry> {
        let container = containers::inspect(docker, self.name).await?;
        match self.plan(&look(container.as_ref()), image) {
            Step::Keep => {}
            Step::Refuse => return Err(self.strange()),
            Step::Start => {
                task.doing("starting the registry");
                match docker.start_container(self.name, None::<StartContainerOptions>).await {
                    Ok(()) => {}
                    Err(error) if says_port_taken(&words(&error)) => {
                        tracing::info!(error = words(&error), "the registry's port is taken by now");
                        self.make(docker, image, mirrors, self.port, task).await?;
                    }
                    Err(error) => return Err(failed("start the registry", error)),
                }
            }
            Step::Make(port) => self.make(docker, image, mirrors, port, task).await?,
        }
        let registry = self.observe(docker).await?.ok_or_else(|| {
            CommandError::new(ErrorKind::Environment, "registry", "the registry ended right after its start")
                .hint(format!("`docker logs {}` says why", self.name))
        })?;
        registry.wait().await?;
        self.join(docker).await?;
        Ok(registry)
    }

    fn plan(self, seen: &Seen, image: &ImageRef) -> Step {
        match seen {
            Seen::Nothing => Step::Make(self.port),
            Seen::Strange => Step::Refuse,
            Seen::Ours { image: of, port, .. } if *of != image.to_string() => Step::Make(port.unwrap_or(self.port)),
            Seen::Ours { running: true, port: Some(_), .. } => Step::Keep,
            // It runs, and nobody can reach it.
            Seen::Ours { running: true, port: None, .. } => Step::Make(self.port),
            Seen::Ours { running: false, .. } => Step::Start,
        }
    }

    async fn make(
        self,
        docker: &Docker,
        image: &ImageRef,
        mirrors: &Mirrors,
        preferred: u16,
        task: &dyn Task,
    ) -> CommandResult {
        let id = images::ensure_local(docker, image, mirrors, task).await?;
        task.doing("making the registry");
        containers::remove(docker, self.name).await?;
        let labels = HashMap::from([(MANAGED_BY.to_owned(), PLATTR.to_owned())]);
        let volume =
            VolumeCreateRequest { name: Some(self.name.to_owned()), labels: Some(labels), ..Default::default() };
        docker.create_volume(volume).await.map_err(|e| failed("make the volume of the registry", e))?;
        for port in self.candidates(preferred).filter(|port| is_free(*port)) {
            if !self.create(docker, &self.body(&id, image, port)).await? {
                return Ok(());
            }
            match docker.start_container(self.name, None::<StartContainerOptions>).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    containers::remove(docker, self.name).await?;
                    if !says_port_taken(&words(&error)) {
                        return Err(failed("start the registry", error));
                    }
                    tracing::info!(port, error = words(&error), "the next port is tried");
                }
            }
        }
        let message = format!("no port from {} to {} is free for the registry", self.port, self.port + PORTS);
        Err(CommandError::new(ErrorKind::Environment, "port-taken", message).hint("stop what uses one of them"))
    }

    /// Makes the container. False where somebody else has made one meanwhile, and it runs.
    async fn create(self, docker: &Docker, body: &ContainerCreateBody) -> CommandResult<bool> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let options = CreateContainerOptions { name: Some(self.name.to_owned()), ..Default::default() };
            match docker.create_container(Some(options), body.clone()).await {
                Ok(_) => return Ok(true),
                // The engine keeps the name of what a killed plattr has asked for before it shows it to anybody.
                Err(error) if status(&error) == Some(409) && Instant::now() < deadline => {}
                Err(error) => return Err(failed("make the registry", error)),
            }
            match look(containers::inspect(docker, self.name).await?.as_ref()) {
                Seen::Ours { running: true, .. } => return Ok(false),
                Seen::Strange => return Err(self.strange()),
                Seen::Ours { .. } | Seen::Nothing => containers::remove(docker, self.name).await?,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The port that is wanted, then those from the documented one on.
    fn candidates(self, preferred: u16) -> impl Iterator<Item = u16> {
        std::iter::once(preferred).chain((self.port..=self.port + PORTS).filter(move |port| *port != preferred))
    }

    fn body(self, id: &str, image: &ImageRef, port: u16) -> ContainerCreateBody {
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
                    source: Some(self.name.to_owned()),
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

    pub(super) async fn join(self, docker: &Docker) -> CommandResult {
        let doing = "join the registry to the network of the nodes";
        let network = found(docker.inspect_network(NETWORK, None::<InspectNetworkOptions>).await);
        if network.map_err(|e| failed(doing, e))?.is_none() {
            return Ok(());
        }
        let request = NetworkConnectRequest {
            container: self.name.to_owned(),
            endpoint_config: Some(EndpointSettings { aliases: Some(vec![self.name.to_owned()]), ..Default::default() }),
        };
        match docker.connect_network(NETWORK, request).await {
            // In the words of Docker and of Podman.
            Err(error)
                if !["already exists in network", "is already connected"].iter().any(|w| words(&error).contains(w)) =>
            {
                Err(failed(doing, error))
            }
            _ => Ok(()),
        }
    }

    #[cfg(test)]
    pub(super) async fn remove(self, docker: &Docker, with_images: bool) -> CommandResult {
        match look(containers::inspect(docker, self.name).await?.as_ref()) {
            Seen::Strange => return Err(self.strange()),
            Seen::Nothing => {}
            Seen::Ours { .. } => containers::remove(docker, self.name).await?,
        }
        if with_images {
            let gone = docker.remove_volume(self.name, None::<bollard::query_parameters::RemoveVolumeOptions>).await;
            found(gone).map_err(|e| failed("remove the volume of the registry", e))?;
        }
        Ok(())
    }

    fn strange(self) -> CommandError {
        let name = self.name;
        let message = format!("there is a container {name} that plattr did not make");
        CommandError::new(ErrorKind::Environment, "registry-strange", message).hint(format!(
            "rename it (`docker rename {name} NAME`) or remove it (`docker rm -f {name}`), and run this again"
        ))
    }
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

    pub(super) fn url(&self, path: &str) -> String {
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
        let url = self.url(&format!("{repository}/manifests/{tag}"));
        let ask = || async { HTTP.head(&url).header("accept", MANIFESTS).send().await };
        // Its disk may be busy with what others push.
        let pauses = ConstantBuilder::default().with_delay(Duration::from_secs(1)).with_max_times(3);
        let response = ask.retry(pauses).await.map_err(|e| error(e.into()))?;
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
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bollard::API_DEFAULT_VERSION;
    use serde_json::{Value, json};
    use wiremock::matchers::{method, path_regex};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::ui::progress::Silent;

    /// Below the ports that the system gives to clients.
    const ELSEWHERE: Site = Site { name: "plattr-registry-elsewhere", port: 26050 };

    fn image() -> ImageRef {
        ImageRef {
            key: "registry".into(),
            name: "docker.io/library/registry:3.0.0".into(),
            digest: format!("sha256:{}", "ab".repeat(32)),
        }
    }

    /// What Docker says of a container of ours.
    fn container(running: bool, port: u16, image: &str) -> Value {
        let bindings = json!({"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": port.to_string()}]});
        json!({
            "Id": "c1",
            "State": {"Running": running},
            "Config": {"Labels": {"platform.internal/managed-by": "plattr", "platform.internal/image": image}},
            "HostConfig": {"PortBindings": bindings},
            "NetworkSettings": {"Ports": if running { bindings.clone() } else { json!({}) }},
        })
    }

    async fn answer(server: &MockServer, verb: &str, path: &str, status: u16, body: Value, times: u64) {
        Mock::given(method(verb))
            .and(path_regex(format!("^(/v1[.][0-9]+)?{path}$")))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .up_to_n_times(times)
            .mount(server)
            .await;
    }

    /// An engine, and a registry that answers at the same port.
    async fn engine() -> (MockServer, Docker) {
        let server = MockServer::start().await;
        answer(&server, "GET", "/v2/", 200, json!({}), 99).await;
        let docker = Docker::connect_with_http(&server.uri(), 5, API_DEFAULT_VERSION).unwrap();
        (server, docker)
    }

    async fn asked(server: &MockServer, verb: &str) -> Vec<String> {
        let requests = server.received_requests().await.unwrap();
        let of = requests.iter().filter(|r| r.method.as_str() == verb);
        of.map(|r| r.url.path().trim_start_matches('/').to_owned()).collect()
    }

    fn look_at(value: Value) -> Seen {
        look(Some(&serde_json::from_value(value).unwrap()))
    }

    #[test]
    fn what_is_there_decides_what_is_done() {
        let image = image();
        let of = image.to_string();
        let plan = |seen: &Seen| MACHINE.plan(seen, &image);
        assert_eq!(plan(&look(None)), Step::Make(5050));
        assert_eq!(plan(&look_at(container(true, 5051, &of))), Step::Keep);
        assert_eq!(plan(&look_at(container(false, 5051, &of))), Step::Start);
        // A newer image takes the port of the older one, which the nodes know.
        assert_eq!(plan(&look_at(container(true, 5051, "older"))), Step::Make(5051));
        assert_eq!(plan(&look_at(container(false, 5051, "older"))), Step::Make(5051));
        assert_eq!(plan(&look_at(json!({"State": {"Running": true}, "Config": {"Labels": null}}))), Step::Refuse);
    }

    #[test]
    fn an_image_is_cached_under_its_digest() {
        assert_eq!(cached(&image()), ("plattr/library/registry".into(), "3.0.0-abababababab".into()));
        assert_eq!(Registry { port: 5051 }.image("a/b", "1"), "localhost:5051/a/b:1");
    }

    #[tokio::test]
    async fn a_registry_that_runs_is_left_alone() {
        let (server, docker) = engine().await;
        let port = server.address().port();
        let seen = container(true, port, &image().to_string());
        answer(&server, "GET", "/containers/plattr-registry/json", 200, seen, 99).await;
        answer(&server, "GET", "/networks/kind", 404, json!({"message": "network kind not found"}), 9).await;
        let registry = ensure(&docker, &image(), &Mirrors::new(), &Silent).await.unwrap();
        assert_eq!(registry, Registry { port });
        assert!(asked(&server, "POST").await.is_empty());
    }

    #[tokio::test]
    async fn a_stopped_registry_is_started_and_joins_the_nodes() {
        let (server, docker) = engine().await;
        let port = server.address().port();
        let of = image().to_string();
        answer(&server, "GET", "/containers/plattr-registry/json", 200, container(false, port, &of), 1).await;
        answer(&server, "GET", "/containers/plattr-registry/json", 200, container(true, port, &of), 9).await;
        answer(&server, "POST", "/containers/plattr-registry/start", 204, Value::Null, 1).await;
        answer(&server, "GET", "/networks/kind", 200, json!({"Name": "kind"}), 9).await;
        // Somebody has joined it already.
        let already = json!({"message": "endpoint with name plattr-registry already exists in network kind"});
        answer(&server, "POST", "/networks/kind/connect", 403, already, 1).await;
        assert_eq!(ensure(&docker, &image(), &Mirrors::new(), &Silent).await.unwrap().port, port);
    }

    #[tokio::test]
    async fn a_stranger_of_that_name_is_not_touched() {
        let (server, docker) = engine().await;
        answer(&server, "GET", "/containers/plattr-registry/json", 200, json!({"State": {"Running": true}}), 9).await;
        assert_eq!(ensure(&docker, &image(), &Mirrors::new(), &Silent).await.unwrap_err().code, "registry-strange");
        assert_eq!(MACHINE.remove(&docker, true).await.unwrap_err().code, "registry-strange");
        assert!(asked(&server, "POST").await.is_empty() && asked(&server, "DELETE").await.is_empty());
    }

    #[tokio::test]
    async fn where_a_port_is_taken_the_next_one_serves() {
        let (server, docker) = engine().await;
        let port = server.address().port();
        let taken = json!({"message": "driver failed: Bind for 127.0.0.1:26050 failed: port is already allocated"});
        let ours = [json!({"Id": image().digest, "ParentId": "", "RepoTags": null, "RepoDigests": null,
            "Created": 1, "Size": 1, "SharedSize": -1, "Labels": null, "Containers": -1})];
        let name = format!("/containers/{}", ELSEWHERE.name);
        answer(&server, "GET", &format!("{name}/json"), 404, json!({"message": "No such container"}), 1).await;
        answer(&server, "GET", "/images/json", 200, json!(ours), 9).await;
        answer(&server, "DELETE", &name, 204, Value::Null, 9).await;
        answer(
            &server,
            "POST",
            "/volumes/create",
            201,
            json!({"Name": "v", "Driver": "local", "Mountpoint": "/",
            "Labels": {}, "Scope": "local", "Options": {}}),
            9,
        )
        .await;
        answer(&server, "POST", "/containers/create", 201, json!({"Id": "c1", "Warnings": []}), 9).await;
        answer(&server, "POST", &format!("{name}/start"), 500, taken, 1).await;
        answer(&server, "POST", &format!("{name}/start"), 204, Value::Null, 1).await;
        let seen = container(true, port, &image().to_string());
        answer(&server, "GET", &format!("{name}/json"), 200, seen, 9).await;
        answer(&server, "GET", "/networks/kind", 404, json!({"message": "network kind not found"}), 9).await;
        let registry = ELSEWHERE.ensure(&docker, &image(), &Mirrors::new(), &Silent).await.unwrap();
        assert_eq!(registry.port, port);
        let requests = server.received_requests().await.unwrap();
        let wanted: Vec<Value> = requests
            .iter()
            .filter(|r| r.url.path().ends_with("/containers/create"))
            .map(|r| r.body_json::<Value>().unwrap()["HostConfig"]["PortBindings"]["5000/tcp"][0].clone())
            .collect();
        assert_eq!(wanted.len(), 2);
        assert_eq!(wanted[0], json!({"HostIp": "127.0.0.1", "HostPort": "26050"}));
        assert_ne!(wanted[0], wanted[1]);
    }

    #[tokio::test]
    async fn what_the_registry_has_is_asked_with_all_kinds_of_manifests() {
        let (server, _) = engine().await;
        Mock::given(method("HEAD"))
            .and(path_regex("^/v2/a/b/manifests/1$"))
            .respond_with(ResponseTemplate::new(200).insert_header("docker-content-digest", "sha256:1"))
            .mount(&server)
            .await;
        let registry = Registry { port: server.address().port() };
        assert_eq!(registry.digest("a/b", "1").await.unwrap().as_deref(), Some("sha256:1"));
        assert!(!registry.has("a/b", "2").await.unwrap());
        let requests = server.received_requests().await.unwrap();
        assert!(requests[0].headers["accept"].to_str().unwrap().contains("oci.image.index"));
    }
}
