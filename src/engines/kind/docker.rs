//! Which Docker-compatible engine is used, and how it is reached. bollard knows nothing of Docker's contexts, so they
//! are resolved here.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// How long an engine may take to say its version.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
/// How long any other request may take until its answer begins, in seconds: a commit of a large image is slow.
const REQUEST_SECONDS: u64 = 600;

/// What discovery looks at.
pub struct View<'a> {
    /// A variable of the environment; empty ones are none.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The contents of a file, where it can be read.
    pub read: &'a dyn Fn(&Path) -> Option<String>,
    /// Whether something is at the path of a socket.
    pub exists: &'a dyn Fn(&Path) -> bool,
    /// The person's home.
    pub home: Option<PathBuf>,
    /// The person's id.
    pub uid: u32,
}

/// Where an engine may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// As in `DOCKER_HOST`: `unix:///var/run/docker.sock`.
    pub url: String,
    /// Why it is this one, to be read after the word "from": `the variable DOCKER_HOST`.
    pub source: String,
}

/// An engine that answers.
#[derive(Debug, Clone)]
pub struct DockerHost {
    /// The client, with the API version that both sides speak.
    pub client: Docker,
    /// As in `DOCKER_HOST`.
    pub endpoint: String,
    /// Why it is this one.
    pub source: String,
    /// Version of the engine.
    pub version: String,
    /// The newest API version that it speaks.
    pub api_version: String,
    /// Whether it is Podman.
    pub podman: bool,
}

impl DockerHost {
    /// What to set for programs that talk to the same engine, such as `kind` and the `docker` that it runs.
    /// `DOCKER_HOST` goes before all contexts.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut env = BTreeMap::from([("DOCKER_HOST".to_owned(), self.endpoint.clone())]);
        if self.podman {
            env.insert("KIND_EXPERIMENTAL_PROVIDER".to_owned(), "podman".to_owned());
            // Podman's own variable: without it, `podman` would use the containers of whoever runs it.
            env.insert("CONTAINER_HOST".to_owned(), self.endpoint.clone());
        }
        env
    }
}

/// Connects to the engine that the person's settings name, else to the first one found that answers.
///
/// # Errors
/// Environment, when there is none, or it does not let us in, or it is on another machine.
pub async fn connect() -> CommandResult<DockerHost> {
    let endpoints = discover(&View {
        env: &variable,
        read: &|path| std::fs::read_to_string(path).ok(),
        exists: &Path::exists,
        home: std::env::home_dir(),
        uid: rustix::process::getuid().as_raw(),
    })?;
    let mut first = None;
    for endpoint in endpoints {
        match open(&endpoint).await {
            Ok(host) => return Ok(host),
            Err(error) => {
                tracing::debug!(url = endpoint.url, source = endpoint.source, %error, "no engine");
                first.get_or_insert(error);
            }
        }
    }
    Err(first.unwrap_or_else(missing))
}

/// Connects to one endpoint.
///
/// # Errors
/// When no engine answers there.
pub async fn open(endpoint: &Endpoint) -> CommandResult<DockerHost> {
    let unanswered = |error: bollard::errors::Error| unanswered(endpoint, error);
    let client = match endpoint.url.split_once("://") {
        Some(("unix", path)) => Docker::connect_with_unix(path, REQUEST_SECONDS, API_DEFAULT_VERSION),
        _ => Docker::connect_with_http(&endpoint.url, REQUEST_SECONDS, API_DEFAULT_VERSION),
    };
    // bollard writes credentials in ordinary base64, and engines read the URL-safe one.
    let client = client.map_err(unanswered)?.with_request_modifier(|mut request| {
        if let Some(auth) = request.headers_mut().get_mut("x-registry-auth")
            && let Ok(text) = auth.to_str()
            && let Ok(safe) = HeaderValue::from_str(&text.replace('+', "-").replace('/', "_"))
        {
            *auth = safe;
        }
        request
    });
    let asked = async {
        let client = client.negotiate_version().await?;
        let version = client.version().await?;
        Ok((client, version))
    };
    let (client, version) = tokio::time::timeout(ANSWERS_WITHIN, asked)
        .await
        .unwrap_or(Err(bollard::errors::Error::RequestTimeoutError))
        .map_err(unanswered)?;
    let names = version.components.unwrap_or_default().into_iter().map(|component| component.name);
    let podman = names.into_iter().any(|name| name.starts_with("Podman"));
    Ok(DockerHost {
        client,
        endpoint: endpoint.url.clone(),
        source: endpoint.source.clone(),
        version: version.version.unwrap_or_default(),
        api_version: version.api_version.unwrap_or_default(),
        podman,
    })
}

/// Where to look for an engine: the one place that the person's settings name, else every usual socket that
/// exists, most usual first.
///
/// # Errors
/// When what is named is unknown or on another machine, or there is no socket at all.
pub fn discover(view: &View<'_>) -> CommandResult<Vec<Endpoint>> {
    if let Some(url) = (view.env)("DOCKER_HOST") {
        return named(view, url, "the variable DOCKER_HOST".to_owned()).map(|endpoint| vec![endpoint]);
    }
    let config = docker_config(view.home.as_deref(), view.env);
    let (context, source) = match (view.env)("DOCKER_CONTEXT") {
        Some(context) => (Some(context), "the variable DOCKER_CONTEXT"),
        None => (current_context(view, config.as_deref())?, "Docker's settings"),
    };
    if let Some(context) = context.filter(|context| context != "default") {
        let source = format!("the Docker context `{context}` of {source}");
        let url = context_host(view, config.as_deref(), &context, &source)?;
        return named(view, url, source).map(|endpoint| vec![endpoint]);
    }
    let found: Vec<Endpoint> = usual_sockets(view)
        .into_iter()
        .filter(|(path, _)| (view.exists)(path))
        .map(|(path, what)| Endpoint { url: format!("unix://{}", path.display()), source: what.to_owned() })
        .collect();
    if found.is_empty() { Err(missing()) } else { Ok(found) }
}

/// The folder of Docker's own settings.
pub fn docker_config(home: Option<&Path>, env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    env("DOCKER_CONFIG").map(PathBuf::from).or_else(|| home.map(|home| home.join(".docker")))
}

/// A variable of the environment; an empty one is none.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Docker's own settings, as the person's environment has them; nothing where they cannot be read.
pub fn settings<T: DeserializeOwned>() -> Option<T> {
    let path = docker_config(std::env::home_dir().as_deref(), &variable)?.join("config.json");
    let text = std::fs::read_to_string(&path).ok()?;
    serde_json::from_str(&text)
        .inspect_err(|error| tracing::warn!(%error, path = %path.display(), "Docker's settings are not used"))
        .ok()
}

fn current_context(view: &View<'_>, config: Option<&Path>) -> CommandResult<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        current_context: Option<String>,
    }
    let Some(path) = config.map(|folder| folder.join("config.json")) else { return Ok(None) };
    let Some(text) = (view.read)(&path) else { return Ok(None) };
    let config: Config = serde_json::from_str(&text).map_err(|error| {
        let message = format!("{} is not what Docker writes", path.display());
        CommandError::new(ErrorKind::Environment, "docker-config", message)
            .because(error)
            .hint("repair or remove it, or set DOCKER_HOST")
    })?;
    Ok(config.current_context.filter(|name| !name.is_empty()))
}

/// The endpoint of a context, which Docker keeps in a folder that is named by the digest of the context's name.
fn context_host(view: &View<'_>, config: Option<&Path>, context: &str, source: &str) -> CommandResult<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Meta {
        endpoints: BTreeMap<String, Host>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Host {
        host: String,
    }
    let id: String = Sha256::digest(context.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = config.map(|folder| folder.join("contexts/meta").join(id).join("meta.json"));
    file.and_then(|file| (view.read)(&file))
        .and_then(|text| serde_json::from_str::<Meta>(&text).ok())
        .and_then(|mut meta| meta.endpoints.remove("docker"))
        .map(|endpoint| endpoint.host)
        .ok_or_else(|| {
            let message = format!("there is no {source}, or it names no Docker endpoint");
            CommandError::new(ErrorKind::Environment, "docker-context", message)
                .hint("`docker context ls` shows those that exist; `docker context use default` goes back")
        })
}

/// An endpoint that the person named.
fn named(view: &View<'_>, url: String, source: String) -> CommandResult<Endpoint> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
    let usable = match scheme {
        "unix" => !rest.is_empty(),
        "tcp" | "http" => {
            let tls = (view.env)("DOCKER_TLS_VERIFY").is_some() || (view.env)("DOCKER_TLS").is_some();
            let rest = rest.trim_end_matches('/');
            let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
            !tls && ["localhost", "127.0.0.1", "[::1]"].contains(&host)
        }
        _ => false,
    };
    if usable {
        return Ok(Endpoint { url, source });
    }
    let message = format!("plattr cannot use the Docker engine at {url}, which {source} names");
    Err(CommandError::new(ErrorKind::Environment, "docker-remote", message)
        .because("data, ports and folders of the services would be on another machine")
        .hint("use an engine of this machine: `docker context use default`, or DOCKER_HOST=unix:///var/run/docker.sock")
        .hint("`plattr dev --engine native` needs no Docker"))
}

/// Where engines usually listen.
fn usual_sockets(view: &View<'_>) -> Vec<(PathBuf, &'static str)> {
    let mut sockets = vec![(PathBuf::from("/var/run/docker.sock"), "Docker's usual socket")];
    let home = |path: &str| view.home.as_ref().map(|home| home.join(path));
    let runtime = (view.env)("XDG_RUNTIME_DIR").unwrap_or_else(|| format!("/run/user/{}", view.uid));
    let podman_machine = "the usual socket of Podman's machine";
    let more = [
        (home(".docker/run/docker.sock"), "Docker Desktop's usual socket"),
        (home(".colima/default/docker.sock"), "Colima's usual socket"),
        (home(".config/colima/default/docker.sock"), "Colima's usual socket"),
        (home(".orbstack/run/docker.sock"), "OrbStack's usual socket"),
        (home(".rd/docker.sock"), "Rancher Desktop's usual socket"),
        (Some(Path::new(&runtime).join("docker.sock")), "the usual socket of rootless Docker"),
        (Some(Path::new(&runtime).join("podman/podman.sock")), "Podman's usual socket"),
        (Some(PathBuf::from("/run/podman/podman.sock")), "Podman's usual socket for root"),
        (home(".local/share/containers/podman/machine/podman.sock"), podman_machine),
        (home(".local/share/containers/podman/machine/qemu/podman.sock"), podman_machine),
        (
            (view.env)("TMPDIR").map(|tmp| Path::new(&tmp).join("podman/podman-machine-default-api.sock")),
            podman_machine,
        ),
    ];
    sockets.extend(more.into_iter().filter_map(|(path, what)| Some((path?, what))));
    sockets
}

/// The code of the error that no engine was found.
pub const MISSING: &str = "docker-missing";

fn missing() -> CommandError {
    CommandError::new(ErrorKind::Environment, MISSING, "no Docker-compatible engine was found on this machine")
        .hint("install and start Docker, Docker Desktop, Colima or Podman, or set DOCKER_HOST")
        .hint("`plattr dev --engine native` needs no Docker")
}

/// What it means when an endpoint gives no answer.
fn unanswered(endpoint: &Endpoint, error: bollard::errors::Error) -> CommandError {
    let Endpoint { url, source } = endpoint;
    let environment = |code, message: String| CommandError::new(ErrorKind::Environment, code, message);
    let native = "`plattr dev --engine native` needs no Docker";
    if io_kind(&error) == Some(std::io::ErrorKind::PermissionDenied) {
        return environment("docker-permission", format!("you may not use the Docker engine at {url} ({source})"))
            .because(error)
            .hint("`sudo usermod -aG docker $USER`, then sign out and in; that group is as mighty as root")
            .hint("or run Docker without root: `dockerd-rootless-setuptool.sh install`")
            .hint(native);
    }
    environment("docker-unreachable", format!("no Docker engine answers at {url} ({source})"))
        .because(error)
        .hint("start it: `sudo systemctl start docker`, Docker Desktop, `colima start` or `podman machine start`")
        .hint(native)
}

/// The kind of I/O error at the root of an error of bollard.
fn io_kind(error: &bollard::errors::Error) -> Option<std::io::ErrorKind> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        next = error.source();
    }
    match error {
        // This variant hides its source.
        bollard::errors::Error::IOError { err } => Some(err.kind()),
        error => error.source().and_then(|e| e.downcast_ref::<std::io::Error>()).map(std::io::Error::kind),
    }
}

/// The status that the engine answered with, if it answered.
pub fn status(error: &bollard::errors::Error) -> Option<u16> {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

/// The engine's own words.
pub fn words(error: &bollard::errors::Error) -> String {
    match error {
        bollard::errors::Error::DockerResponseServerError { message, .. } => message.clone(),
        bollard::errors::Error::DockerStreamError { error } => error.clone(),
        other => other.to_string(),
    }
}

/// Whether words of the engine, or of a program that asked it, are about a port that somebody has.
pub fn says_port_taken(words: &str) -> bool {
    ["port is already allocated", "address already in use", "ports are not available"].iter().any(|w| words.contains(w))
}

/// `None` where the engine says that the thing does not exist.
///
/// # Errors
/// Every other error of the engine.
pub fn found<T>(answer: Result<T, bollard::errors::Error>) -> Result<Option<T>, bollard::errors::Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if status(&error) == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An error of the engine while plattr was at something: `cannot {doing}`.
pub fn failed(doing: &str, error: bollard::errors::Error) -> CommandError {
    let words = words(&error);
    if words.contains("no space left on device") {
        return disk_full(doing).because(words);
    }
    if status(&error).is_none() && io_kind(&error).is_some() {
        return CommandError::new(ErrorKind::Environment, "docker-unreachable", format!("cannot {doing}"))
            .because(error)
            .hint("the Docker engine went away; start it again and repeat the command");
    }
    CommandError::new(ErrorKind::Environment, "docker", format!("cannot {doing}")).because(words)
}

/// The disk of the engine is full.
pub fn disk_full(doing: &str) -> CommandError {
    let message = format!("cannot {doing}: the disk of the Docker engine is full");
    CommandError::new(ErrorKind::Environment, "disk-full", message)
        .hint("`docker system df` shows what takes room; `docker image prune` removes images that nothing uses")
        .hint("in Docker Desktop or Colima, give the virtual machine a larger disk")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Discovery with these variables, files and sockets, in the home `/h` of user 7.
    fn found(env: &[(&str, &str)], files: &[(&str, &str)], sockets: &[&str]) -> CommandResult<Vec<Endpoint>> {
        discover(&View {
            env: &|name| env.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()),
            read: &|path| files.iter().find(|(p, _)| Path::new(p) == path).map(|(_, text)| (*text).to_owned()),
            exists: &|path| sockets.iter().any(|socket| Path::new(socket) == path),
            home: Some("/h".into()),
            uid: 7,
        })
    }

    fn first(env: &[(&str, &str)], files: &[(&str, &str)], sockets: &[&str]) -> String {
        found(env, files, sockets).map_or_else(|error| error.code.to_owned(), |found| found[0].url.clone())
    }

    /// `printf desktop-linux | sha256sum`, as Docker names the folder.
    const DESKTOP: &str =
        "/h/.docker/contexts/meta/fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e/meta.json";
    const META: &str =
        r#"{"Name":"desktop-linux","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///h/desk.sock"}}}"#;

    #[test]
    fn docker_host_goes_before_everything() {
        let env = [("DOCKER_HOST", "unix:///x.sock"), ("DOCKER_CONTEXT", "desktop-linux")];
        assert_eq!(first(&env, &[(DESKTOP, META)], &["/var/run/docker.sock"]), "unix:///x.sock");
    }

    #[test]
    fn contexts_are_followed() {
        let current = ("/h/.docker/config.json", r#"{"currentContext":"desktop-linux","auths":{}}"#);
        let all = ["/var/run/docker.sock"];
        assert_eq!(first(&[("DOCKER_CONTEXT", "desktop-linux")], &[(DESKTOP, META)], &all), "unix:///h/desk.sock");
        assert_eq!(first(&[], &[current, (DESKTOP, META)], &all), "unix:///h/desk.sock");
        assert!(found(&[], &[current, (DESKTOP, META)], &all).unwrap()[0].source.contains("desktop-linux"));
        // The variable goes before the file, and `default` is the usual socket.
        assert_eq!(
            first(&[("DOCKER_CONTEXT", "default")], &[current, (DESKTOP, META)], &all),
            "unix:///var/run/docker.sock"
        );
        assert_eq!(first(&[], &[current], &all), "docker-context");
        assert_eq!(first(&[("DOCKER_CONTEXT", "gone")], &[], &all), "docker-context");
    }

    #[test]
    fn docker_config_moves_the_settings() {
        let moved = DESKTOP.replace("/h/.docker", "/cfg");
        let files = [("/cfg/config.json", r#"{"currentContext":"desktop-linux"}"#), (moved.as_str(), META)];
        assert_eq!(first(&[("DOCKER_CONFIG", "/cfg")], &files, &["/var/run/docker.sock"]), "unix:///h/desk.sock");
    }

    #[test]
    fn a_broken_settings_file_is_said() {
        assert_eq!(first(&[], &[("/h/.docker/config.json", "{")], &["/var/run/docker.sock"]), "docker-config");
    }

    #[test]
    fn sockets_are_tried_from_the_most_usual_on() {
        let sockets = [
            "/var/run/docker.sock",
            "/h/.docker/run/docker.sock",
            "/h/.colima/default/docker.sock",
            "/h/.config/colima/default/docker.sock",
            "/run/user/7/docker.sock",
            "/run/user/7/podman/podman.sock",
            "/run/podman/podman.sock",
            "/h/.local/share/containers/podman/machine/podman.sock",
        ];
        let urls: Vec<String> = found(&[], &[], &sockets).unwrap().into_iter().map(|e| e.url).collect();
        assert_eq!(urls, sockets.map(|socket| format!("unix://{socket}")));
        assert_eq!(first(&[("XDG_RUNTIME_DIR", "/r")], &[], &["/r/docker.sock"]), "unix:///r/docker.sock");
        assert_eq!(first(&[], &[], &[]), MISSING);
    }

    #[test]
    fn engines_of_other_machines_are_refused() {
        let with = |url: &str, tls: bool| {
            let mut env = vec![("DOCKER_HOST", url)];
            env.extend(tls.then_some(("DOCKER_TLS_VERIFY", "1")));
            first(&env, &[], &[])
        };
        for url in ["ssh://me@box", "tcp://10.0.0.5:2375", "npipe:////./pipe/docker", "/var/run/docker.sock", "unix://"]
        {
            assert_eq!(with(url, false), "docker-remote", "{url}");
        }
        assert_eq!(with("tcp://127.0.0.1:2376", true), "docker-remote");
        assert_eq!(with("tcp://127.0.0.1:2375", false), "tcp://127.0.0.1:2375");
        assert_eq!(with("tcp://localhost:2375", false), "tcp://localhost:2375");
    }

    #[tokio::test]
    async fn a_socket_without_an_engine_says_where_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let url = format!("unix://{}", path.display());
        let error = open(&Endpoint { url: url.clone(), source: "a test".into() }).await.unwrap_err();
        assert_eq!(error.code, "docker-unreachable");
        assert!(error.message.contains(&url) && error.message.contains("a test"), "{error}");
    }

    #[test]
    fn a_refused_connection_is_known_for_what_it_is() {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let endpoint = Endpoint { url: "unix:///s".into(), source: "a test".into() };
        let error = unanswered(&endpoint, bollard::errors::Error::IOError { err: denied });
        assert_eq!(error.code, "docker-permission");
        assert!(error.hints[0].contains("usermod -aG docker"));
    }

    #[tokio::test]
    async fn programs_are_sent_to_the_same_engine() {
        let client = Docker::connect_with_http("http://127.0.0.1:1", 1, API_DEFAULT_VERSION).unwrap();
        let mut host = DockerHost {
            client,
            endpoint: "unix:///x".into(),
            source: String::new(),
            version: String::new(),
            api_version: String::new(),
            podman: false,
        };
        assert_eq!(host.environment(), BTreeMap::from([("DOCKER_HOST".into(), "unix:///x".into())]));
        host.podman = true;
        assert_eq!(host.environment()["KIND_EXPERIMENTAL_PROVIDER"], "podman");
    }
}
