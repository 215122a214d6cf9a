//! The node of a cluster as a container of the local engine: what there is of it, making it with `kind`, starting
//! and stopping it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bollard::Docker;
use bollard::errors::Error as DockerError;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptions, ListContainersOptions, StartContainerOptions, StopContainerOptions,
    UploadToContainerOptions,
};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use tokio::time::Instant;

use super::config::DATA;
use super::docker::{self, DockerHost};
use super::registry::{INNER_PORT, NAME as REGISTRY, Registry};
use super::{IN_CLUSTER, containers, record};
use crate::engines::native::supervisor::{self, MARK};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// How long a node may take to stop, in seconds. The services in it have been stopped before, and what else is in it
/// stands a sudden end.
const STOPS_WITHIN: i32 = 3;

/// How long a container may take to go, and one that a killed plattr had asked for to come.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked at meanwhile.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// The label by which `kind` knows the nodes of a cluster.
const CLUSTER: &str = "io.x-k8s.kind.cluster";

/// The code of the error that a port was taken meanwhile.
pub const PORT_STOLEN: &str = "port-stolen";

/// What there is of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// No container has its name.
    Missing,
    /// It is there and does not run.
    Stopped,
    /// It runs.
    Running,
    /// A container of another stack has its name.
    Strange {
        /// The folder whose data it has, or what else is known of it.
        owner: String,
    },
}

/// Looks at the node of the cluster `name`, whose data is to be in `data`. A `remembered` one, which the stack's record
/// names, is the stack's also after its folder was moved: it has the data that moved with it for as long as it runs.
///
/// # Errors
/// When the engine cannot be asked.
pub async fn observe(docker: &Docker, name: &str, data: &Path, remembered: bool) -> CommandResult<Node> {
    let Some(container) = containers::inspect(docker, &record::node(name)).await? else { return Ok(Node::Missing) };
    let mounts = container.mounts.unwrap_or_default();
    let mounted = mounts.iter().find(|mount| mount.destination.as_deref() == Some(DATA)).and_then(|m| m.source.clone());
    match mounted {
        Some(source) if places(&source).any(|place| place == data) => {}
        // Only where that is certain: another person's folder cannot be looked into.
        Some(source) if remembered && places(&source).all(|place| matches!(place.try_exists(), Ok(false))) => {}
        Some(source) => {
            let owner = source.strip_suffix("/.plattr/data").unwrap_or(&source).to_owned();
            return Ok(Node::Strange { owner });
        }
        None => return Ok(Node::Strange { owner: "a cluster that plattr did not make".into() }),
    }
    match container.state.and_then(|state| state.running) {
        Some(true) => Ok(Node::Running),
        _ => Ok(Node::Stopped),
    }
}

/// The folders of this machine that the engine may mean: Docker Desktop shows them under a prefix of its own.
fn places(source: &str) -> impl Iterator<Item = &Path> {
    ["", "/host_mnt", "/run/desktop/mnt/host"].iter().filter_map(|prefix| source.strip_prefix(prefix)).map(Path::new)
}

/// The ports of this machine that a cluster's node publishes.
///
/// # Errors
/// When the engine cannot be asked.
pub async fn published(docker: &Docker, name: &str) -> CommandResult<BTreeSet<u16>> {
    let container = containers::inspect(docker, &record::node(name)).await?.unwrap_or_default();
    let bindings = container.host_config.and_then(|config| config.port_bindings).unwrap_or_default();
    Ok(bindings.into_values().flatten().flatten().filter_map(|b| b.host_port?.parse().ok()).collect())
}

/// Makes a cluster in the place of one of its name.
///
/// # Errors
/// What `kind` said.
pub async fn create(making: &Making<'_>, task: &dyn Task) -> CommandResult {
    abandon(making.kubeconfig).await;
    // A kind that was killed may have left its lock.
    for file in [making.kubeconfig.to_owned(), making.kubeconfig.with_extension("lock")] {
        let _ = std::fs::remove_file(file);
    }
    let deadline = Instant::now() + SETTLES_WITHIN;
    let mut was_slow = false;
    loop {
        remove(&making.host.client, making.name).await?;
        let Err(error) = run_kind(making, task).await else { return Ok(()) };
        // What the killed one had asked the engine for comes only now: the engine keeps the name before it shows the
        // container to anybody.
        let is_in_the_way = said(&error, "already exist") || said(&error, "already in use by container");
        // kind gives a node half a minute to say that it is up, which is too little where the machine is busy.
        let is_slow = said(&error, "could not find a log line");
        if !(is_in_the_way && Instant::now() < deadline || is_slow && !was_slow) {
            return Err(error);
        }
        was_slow |= is_slow;
        tracing::info!(%error, source = ?error.source, "the cluster is tried again");
    }
}

/// Ends the `kind` of a plattr that was killed while it made the stack's cluster: it would go on, and clean up after
/// whoever came next. Whether there was one.
pub async fn abandon(kubeconfig: &Path) -> bool {
    supervisor::end_marked_with(&mark(kubeconfig)).await.is_some()
}

/// What the `kind` that makes a stack's cluster is known by.
fn mark(kubeconfig: &Path) -> String {
    format!("{}#kind", kubeconfig.display())
}

/// Makes sure that nothing is left of a node which a `kind` that was ended had asked the engine for: the engine keeps
/// its name before it shows the container to anybody, so the name is taken, and given back. `image` is any.
///
/// # Errors
/// When the engine refuses.
pub async fn settle(docker: &Docker, name: &str, image: &str) -> CommandResult {
    let deadline = Instant::now() + SETTLES_WITHIN;
    loop {
        let options = CreateContainerOptions { name: Some(record::node(name)), ..Default::default() };
        let body = ContainerCreateBody { image: Some(image.to_owned()), ..Default::default() };
        let taken = docker.create_container(Some(options), body).await;
        remove(docker, name).await?;
        match taken {
            Ok(_) => return Ok(()),
            Err(error) if docker::status(&error) == Some(409) && Instant::now() < deadline => {}
            Err(error) => return Err(super::failed("cannot see whether the cluster's node is gone", error)),
        }
    }
}

fn said(error: &CommandError, text: &str) -> bool {
    error.source.as_ref().is_some_and(|source| source.to_string().contains(text))
}

async fn run_kind(making: &Making<'_>, task: &dyn Task) -> CommandResult {
    let mut command = Command::new(making.program);
    command
        // Before a name that the person's environment has for clusters of their own.
        .args(["create", "cluster", "--name", making.name, "--config", "-", "--kubeconfig"])
        .arg(making.kubeconfig)
        .env(MARK, mark(making.kubeconfig))
        .env_remove("KIND_EXPERIMENTAL_PROVIDER")
        .env_remove("KIND_EXPERIMENTAL_DOCKER_NETWORK")
        .envs(making.host.environment())
        .envs(proxies(&docker::variable, &docker::settings().unwrap_or_default()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| super::failed("cannot run kind", e))?;
    if let Some(mut stdin) = child.stdin.take() {
        let config = making.config.to_string();
        // Where it does not listen, it says why.
        let _ = stdin.write_all(config.as_bytes()).await;
    }
    let mut said = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(step) = step(&line) {
                task.doing(&step);
            }
            tracing::debug!(line, "kind");
            said.push(line);
        }
    }
    let status = child.wait().await.map_err(|e| super::failed("cannot wait for kind", e))?;
    if status.success() { Ok(()) } else { Err(explain(&said)) }
}

/// The proxy of this machine, if there is one, with the registry among what is reached without it. kind gives nodes the
/// variables, and there they hold for images too; without them the engine gives nodes what its own `settings` say.
fn proxies(env: &dyn Fn(&str) -> Option<String>, settings: &Value) -> Vec<(&'static str, String)> {
    let find = |name: &str, key: &str| {
        let of_engine = || settings["proxies"]["default"][key].as_str().map(str::to_owned);
        env(name).or_else(|| env(&name.to_lowercase())).or_else(of_engine)
    };
    let all = [("HTTP_PROXY", "httpProxy"), ("HTTPS_PROXY", "httpsProxy")];
    let mut found: Vec<_> = all.into_iter().filter_map(|(name, key)| Some((name, find(name, key)?))).collect();
    if !found.is_empty() {
        let without = find("NO_PROXY", "noProxy").into_iter().chain([REGISTRY.to_owned()]);
        found.push(("NO_PROXY", without.collect::<Vec<_>>().join(",")));
    }
    found
}

/// What a cluster is made of.
pub struct Making<'a> {
    /// The program `kind`.
    pub program: &'a PathBuf,
    /// The cluster's name.
    pub name: &'a str,
    /// The configuration.
    pub config: &'a Value,
    /// Where the kubeconfig is to be.
    pub kubeconfig: &'a Path,
    /// The local engine.
    pub host: &'a DockerHost,
}

/// The step that a line of kind is about: ` • Preparing nodes 📦  ...` or ` ✓ Starting control-plane 🕹️`.
fn step(line: &str) -> Option<String> {
    let text = line.trim().strip_prefix('•').or_else(|| line.trim().strip_prefix('✓'))?;
    let words: String = text.chars().filter(|c| c.is_ascii() && *c != '.').collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect())
}

/// What kind's failure means for a person.
fn explain(said: &[String]) -> CommandError {
    let all = said.join("\n");
    let causes: Vec<&str> = said.iter().map(String::as_str).filter(|l| l.to_lowercase().contains("error")).collect();
    let cause = causes.last().copied().unwrap_or("kind said nothing of use").to_owned();
    if docker::says_port_taken(&all) {
        return CommandError::new(
            ErrorKind::Environment,
            PORT_STOLEN,
            "a port that was chosen for the cluster was taken meanwhile",
        )
        .because(cause)
        .hint("run `plattr dev` again: it finds another port");
    }
    CommandError::new(ErrorKind::Environment, "cluster", "the cluster could not be made")
        .because(cause)
        .hint("`plattr doctor` looks at what a cluster needs of this machine")
        .hint("`plattr dev -v` shows all that kind says")
}

/// Starts the node of a cluster that was stopped.
///
/// # Errors
/// When a port was taken meanwhile, or the engine refuses.
pub async fn start(client: &Docker, name: &str) -> CommandResult {
    client.start_container(&record::node(name), None::<StartContainerOptions>).await.map_err(|error| {
        let words = docker::words(&error);
        match docker::says_port_taken(&words) {
            true => explain(&[words]),
            false => super::failed("cannot start the cluster's node", error),
        }
    })
}

/// Stops the node of a cluster. One that is not there is stopped.
///
/// # Errors
/// When the engine refuses.
pub async fn stop(docker: &Docker, name: &str) -> CommandResult {
    let options = StopContainerOptions { t: Some(STOPS_WITHIN), ..StopContainerOptions::default() };
    match docker.stop_container(&record::node(name), Some(options)).await {
        Ok(()) | Err(DockerError::DockerResponseServerError { status_code: 304 | 404, .. }) => Ok(()),
        // The engine gives up on a node whose processes wait for the disk; it ends when they do.
        Err(_) if ends(docker, name).await? => Ok(()),
        Err(error) => Err(super::failed("cannot stop the cluster's node", error)),
    }
}

/// Waits until a node does not run any more. Whether it ended in time.
async fn ends(docker: &Docker, name: &str) -> CommandResult<bool> {
    let deadline = Instant::now() + SETTLES_WITHIN;
    loop {
        let container = containers::inspect(docker, &record::node(name)).await?;
        if container.and_then(|c| c.state?.running) != Some(true) {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

/// Removes the node of a cluster, as `kind delete cluster` does. The stack's data is not in it.
///
/// # Errors
/// When the engine refuses.
pub async fn remove(docker: &Docker, name: &str) -> CommandResult {
    let node = record::node(name);
    let deadline = Instant::now() + SETTLES_WITHIN;
    loop {
        // The engine gives up on a node whose processes wait for the disk; it goes when they do.
        let removed = containers::remove(docker, &node).await;
        // A container that is still being made, for a plattr that was killed, is in the engine's list before it can be
        // looked at or removed (Docker saves its settings before it registers it), and the list is what `kind` asks.
        if containers::inspect(docker, &node).await?.is_none() && !is_listed(docker, name).await? {
            return Ok(());
        }
        if Instant::now() > deadline {
            removed?;
            let message = format!("the container {node} does not go away");
            return Err(CommandError::new(ErrorKind::Environment, "cluster", message)
                .hint(format!("`docker rm --force {node}` removes it; no data is in it")));
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

/// Whether `kind` would find nodes of the cluster `name`.
async fn is_listed(docker: &Docker, name: &str) -> CommandResult<bool> {
    let label = format!("{CLUSTER}={name}");
    let options = ListContainersOptions {
        all: true,
        filters: Some(HashMap::from([("label".to_owned(), vec![label])])),
        ..Default::default()
    };
    let found = docker.list_containers(Some(options)).await;
    Ok(!found.map_err(|e| super::failed("cannot list containers", e))?.is_empty())
}

/// Tells a node that the registry of this machine is another container (containerd's `hosts.toml`), by the name
/// that images have in clusters and by the one that they have on this machine.
///
/// # Errors
/// When the engine refuses.
pub async fn introduce(docker: &Docker, name: &str, registry: &Registry) -> CommandResult {
    let hosts = format!("[host.\"http://{REGISTRY}:{INNER_PORT}\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
    let mut archive = tar::Builder::new(Vec::new());
    let names: BTreeSet<String> = [IN_CLUSTER.to_owned(), registry.address()].into();
    let archive = names
        .iter()
        .try_for_each(|name| {
            let mut header = tar::Header::new_gnu();
            header.set_size(hosts.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, format!("containerd/certs.d/{name}/hosts.toml"), hosts.as_bytes())
        })
        .and_then(|()| archive.into_inner())
        .map_err(|e| super::failed("cannot write hosts.toml", e))?;
    let options = UploadToContainerOptions { path: "/etc".into(), ..UploadToContainerOptions::default() };
    let body = bollard::body_full(archive.into());
    docker
        .upload_to_container(&record::node(name), Some(options), body)
        .await
        .map_err(|e| super::failed("cannot tell the cluster's node where the registry is", e))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bollard::API_DEFAULT_VERSION;
    use serde_json::json;
    use wiremock::matchers::{method, path_regex};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    #[test]
    fn kinds_steps_are_told_without_its_pictures() {
        assert_eq!(step(" • Preparing nodes 📦   ...").as_deref(), Some("preparing nodes"));
        assert_eq!(step(" ✓ Starting control-plane 🕹️").as_deref(), Some("starting control-plane"));
        assert_eq!(step("Creating cluster \"plattr-todo\" ..."), None);
    }

    #[test]
    fn the_registry_is_reached_without_the_proxy() {
        let none = serde_json::json!({});
        assert_eq!(proxies(&|_| None, &none), []);
        let env = |name: &str| match name {
            "https_proxy" => Some("http://proxy:3128".to_owned()),
            "NO_PROXY" => Some("example.com".to_owned()),
            _ => None,
        };
        let expected =
            [("HTTPS_PROXY", "http://proxy:3128".to_owned()), ("NO_PROXY", "example.com,plattr-registry".to_owned())];
        assert_eq!(proxies(&env, &none), expected);
        let settings = serde_json::json!({ "proxies": { "default": { "httpProxy": "http://other:1" } } });
        let expected = [("HTTP_PROXY", "http://other:1".to_owned()), ("NO_PROXY", "plattr-registry".to_owned())];
        assert_eq!(proxies(&|_| None, &settings), expected);
    }

    #[test]
    fn a_stolen_port_is_told_from_other_failures() {
        let stolen = ["docker: Error response from daemon: Bind for 127.0.0.1:5432 failed: port is already allocated."];
        assert_eq!(explain(&stolen.map(str::to_owned)).code, "port-stolen");
        let other = explain(&["ERROR: failed to create cluster: failed to init node".to_owned()]);
        assert_eq!(other.code, "cluster");
        assert!(other.source.is_some_and(|s| s.to_string().contains("failed to init node")));
    }

    #[tokio::test]
    async fn a_node_that_the_engine_is_still_making_is_waited_for() {
        let server = MockServer::start().await;
        let docker = Docker::connect_with_http(&server.uri(), 5, API_DEFAULT_VERSION).unwrap();
        let answers = async |verb: &str, path: &str, status: u16, body: Value, times: u64| {
            let pattern = path_regex(format!("^(/v1[.][0-9]+)?/containers/{path}$"));
            let response = ResponseTemplate::new(status).set_body_json(body);
            Mock::given(method(verb)).and(pattern).respond_with(response).up_to_n_times(times).mount(&server).await;
        };
        let none = json!({"message": "No such container"});
        // It cannot be looked at or removed, and yet it is in the list.
        answers("GET", "plattr-x-control-plane/json", 404, none.clone(), 99).await;
        answers("GET", "json", 200, json!([{"Id": "c1"}]), 2).await;
        answers("GET", "json", 200, json!([]), 1).await;
        answers("DELETE", "plattr-x-control-plane", 404, none, 2).await;
        answers("DELETE", "plattr-x-control-plane", 204, Value::Null, 1).await;
        remove(&docker, "plattr-x").await.unwrap();
        let requests = server.received_requests().await.unwrap();
        assert_eq!(requests.iter().filter(|r| r.method.as_str() == "DELETE").count(), 3);
        let list = requests.iter().find(|r| r.url.path().ends_with("/containers/json")).unwrap();
        let asked: std::collections::HashMap<_, _> = list.url.query_pairs().into_owned().collect();
        assert_eq!(asked["all"], "true");
        assert_eq!(asked["filters"], r#"{"label":["io.x-k8s.kind.cluster=plattr-x"]}"#);
    }
}
