//! The pods of a cluster, through the Kubernetes API: which of them serves a new connection, and a stream to its
//! port.
//!
//! Which pods there are is watched, so that a connection costs no question; after a failure it is asked, lest a
//! watch that has fallen behind misleads. The stream is the WebSocket form of `portforward` (`v4.channel.k8s.io`):
//! every message begins with its channel, 0 for data and 1 for errors, and the first one of each channel has the
//! port. It cannot tell that one direction has ended. kube's own `Api::portforward` takes the client's end for the
//! end of everything and lets a direction that is stuck hold up the other, hence the messages are handled here.

use std::io::{Error, ErrorKind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, Pod, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::{Api, ListParams};
use kube::core::{Request, Selector};
use kube::runtime::{WatchStreamExt as _, reflector, watcher};
use kube::{Client, ResourceExt as _};
use plattr_api::labels;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::target::{Port, Target};
use super::{Connection, Failure, FromPod, ToPod, Upstream};
use crate::ui::error::{CommandError, CommandResult, ErrorKind as Kind};

/// Data of a port; the one after it has its errors.
const DATA: u8 = 0;
const ERRORS: u8 = 1;

/// How long the first look at the pods may take.
const KNOWN_WITHIN: Duration = Duration::from_secs(3);

/// What containerd, CRI-O and the kubelet say when the port could not be reached, so that nothing was delivered.
const REFUSED: [&str; 4] = ["failed to connect to", "failed to dial", "failed to find sandbox", "is not running"];

/// The pods of a target, watched until it is dropped.
pub struct Pods {
    api: Api<Pod>,
    client: Client,
    target: Target,
    /// How the API is asked for them.
    labels: Option<String>,
    fields: Option<String>,
    /// What a Service calls its ports.
    ports: Vec<ServicePort>,
    /// Of a Deployment, which has ports without pods.
    template: Vec<Container>,
    known: reflector::Store<Pod>,
    changes: watch::Receiver<()>,
    /// Why the API does not tell of pods.
    trouble: Arc<Mutex<Option<String>>>,
    watching: JoinHandle<()>,
}

impl Pods {
    /// Finds out how the pods of a target are told from others, and watches them.
    ///
    /// # Errors
    /// When there is no such target, or the API does not answer.
    pub async fn of(client: Client, namespace: &str, target: Target) -> CommandResult<Self> {
        let api = Api::<Pod>::namespaced(client.clone(), namespace);
        let (mut labels, mut fields, mut ports, mut template) = (None, None, Vec::new(), Vec::new());
        match &target {
            Target::Instance(id) => labels = Some(format!("{}={id}", labels::INSTANCE)),
            Target::App(app) => labels = Some(format!("{}={app}", labels::APPLICATION)),
            Target::Pod(name) => fields = Some(format!("metadata.name={name}")),
            Target::Deployment(name) => {
                let found = Api::<Deployment>::namespaced(client.clone(), namespace).get(name).await;
                let spec = found.map_err(|e| not_found(&target, namespace, e))?.spec.unwrap_or_default();
                let selector = Selector::try_from(spec.selector).map_err(|e| without_pods(&target).because(e))?;
                labels = Some(selector.to_string());
                template = spec.template.spec.map(|spec| spec.containers).unwrap_or_default();
            }
            Target::Service(name) => {
                let found = Api::<Service>::namespaced(client.clone(), namespace).get(name).await;
                let spec = found.map_err(|e| not_found(&target, namespace, e))?.spec.unwrap_or_default();
                labels = spec.selector.map(|selector| selector.into_iter().collect::<Selector>().to_string());
                ports = spec.ports.unwrap_or_default();
            }
        }
        // Without a selector every pod would do.
        if fields.is_none() && labels.as_ref().is_none_or(String::is_empty) {
            return Err(without_pods(&target));
        }
        let wanted = watcher::Config {
            label_selector: labels.clone(),
            field_selector: fields.clone(),
            ..watcher::Config::default()
        };
        let (known, writer) = reflector::store();
        let (told, changes) = watch::channel(());
        let trouble = Arc::new(Mutex::new(None));
        let stream = watcher(api.clone(), wanted).default_backoff().reflect(writer);
        let noted = Arc::clone(&trouble);
        let watching = tokio::spawn(async move {
            let mut stream = pin!(stream);
            while let Some(event) = stream.next().await {
                let error = event.err().map(|error| said(&error));
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = error;
                told.send_replace(());
            }
        });
        let pods = Self { api, client, target, labels, fields, ports, template, known, changes, trouble, watching };
        // What is not known by then may be known when it is needed.
        let _ = tokio::time::timeout(KNOWN_WITHIN, pods.known.wait_until_ready()).await;
        Ok(pods)
    }

    /// The number of a port in the pods, as far as it can be told without a pod that runs.
    ///
    /// # Errors
    /// When the target has no such port, or it cannot be told.
    pub async fn number(&self, port: &Port) -> CommandResult<u16> {
        let unknown = |what: &str| CommandError::new(Kind::Usage, "port-unknown", what.to_owned());
        let wanted = match (&self.target, port) {
            (Target::Service(_), port) => self.behind(port).ok_or_else(|| {
                let has: Vec<String> =
                    self.ports.iter().map(|p| p.name.clone().unwrap_or_else(|| p.port.to_string())).collect();
                unknown(&format!("{} has no port {port}", self.target)).hint(format!("it has {}", has.join(", ")))
            })?,
            (_, port) => port.clone(),
        };
        if let Port::Number(number) = wanted {
            return Ok(number);
        }
        if let Some(number) = named(&self.template, &wanted) {
            return Ok(number);
        }
        let pods =
            self.ask().await.map_err(|e| not_found(&self.target, self.api.namespace().unwrap_or_default(), e))?;
        if let Some(number) = pods.iter().find_map(|pod| named(&containers(pod), &wanted)) {
            return Ok(number);
        }
        match pods.first() {
            Some(pod) => {
                let all = containers(pod);
                let has: Vec<&str> =
                    all.iter().flat_map(|c| c.ports.iter().flatten()).filter_map(|p| p.name.as_deref()).collect();
                let error = unknown(&format!("{} has no port named `{wanted}`", self.target));
                Err(if has.is_empty() {
                    error.hint("name it by its number")
                } else {
                    error.hint(format!("it has {}", has.join(", ")))
                })
            }
            None => Err(unknown(&format!("{} has no pod that tells which port `{wanted}` is", self.target))
                .hint("name the port by its number, or start the pod first")),
        }
    }

    /// The port of pods behind a port of the Service.
    fn behind(&self, port: &Port) -> Option<Port> {
        let found = self.ports.iter().find(|candidate| match port {
            Port::Number(number) => candidate.port == i32::from(*number),
            Port::Name(name) => candidate.name.as_deref() == Some(name),
        })?;
        match &found.target_port {
            Some(IntOrString::String(name)) => Some(Port::Name(name.clone())),
            Some(IntOrString::Int(number)) => u16::try_from(*number).ok().map(Port::Number),
            None => u16::try_from(found.port).ok().map(Port::Number),
        }
    }

    /// Pods as the API tells them now.
    async fn ask(&self) -> Result<Vec<Pod>, kube::Error> {
        let wanted = ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            ..ListParams::default()
        };
        Ok(self.api.list(&wanted).await?.items)
    }

    /// Whether a pod that is not ready will do: who names one means it.
    fn any(&self) -> bool {
        matches!(self.target, Target::Pod(_))
    }

    /// Why there is no pod for a connection.
    fn none(&self, pods: &[&Pod]) -> String {
        if let Some(trouble) = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return format!("the cluster does not tell of pods: {trouble}");
        }
        match pods.iter().find(|pod| pod.metadata.deletion_timestamp.is_none()) {
            Some(pod) => format!("the pod {} of {} is not ready", pod.name_any(), self.target),
            None => format!("{} has no pod", self.target),
        }
    }
}

impl Drop for Pods {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// One port of the pods of a target.
pub struct PodPort {
    pods: Arc<Pods>,
    port: Port,
    /// The pod that connections go to while it is good.
    current: Mutex<Option<String>>,
}

impl PodPort {
    /// A port of pods.
    pub fn new(pods: Arc<Pods>, port: &Port) -> Self {
        let port = pods.behind(port).unwrap_or_else(|| port.clone());
        Self { pods, port, current: Mutex::new(None) }
    }

    fn choose<'a>(&self, pods: &[&'a Pod], failed: &[String]) -> Option<&'a Pod> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = choose(pods, failed, current.as_deref(), self.pods.any());
        *current = chosen.map(|pod| pod.name_any());
        chosen
    }
}

#[async_trait]
impl Upstream for PodPort {
    async fn connect(&self, failed: &[String]) -> Result<Connection, Failure> {
        let none = |message: String| Failure { pod: None, message };
        let pods: Vec<Arc<Pod>> = if failed.is_empty() && !self.pods.known.is_empty() {
            self.pods.known.state()
        } else {
            let asked =
                self.pods.ask().await.map_err(|e| none(format!("the cluster does not answer: {}", said(&e))))?;
            asked.into_iter().map(Arc::new).collect()
        };
        let pods: Vec<&Pod> = pods.iter().map(AsRef::as_ref).collect();
        let pod = self.choose(&pods, failed).ok_or_else(|| none(self.pods.none(&pods)))?;
        let name = pod.name_any();
        let failure = |message: String| Failure { pod: Some(name.clone()), message };
        let port = match &self.port {
            Port::Number(number) => *number,
            named_port @ Port::Name(_) => named(&containers(pod), named_port)
                .ok_or_else(|| failure(format!("the pod {name} has no port named `{named_port}`")))?,
        };
        let request = Request::new(self.pods.api.resource_url())
            .portforward(&name, &[port])
            .map_err(|e| failure(format!("cannot ask for port {port} of the pod {name}: {e}")))?;
        let connected = self.pods.client.connect(request).await;
        let connected = connected.map_err(|e| failure(format!("cannot reach the pod {name}: {}", said(&e))))?;
        let (writer, reader) = connected.into_stream().split();
        let reader = Box::new(Reader { stream: reader, began: [false; 2], pod: name.clone(), port });
        Ok(Connection { pod: name, reader, writer: Box::new(Writer(writer)), half_close: false })
    }

    fn pod(&self) -> Option<String> {
        let pods = self.pods.known.state();
        let pods: Vec<&Pod> = pods.iter().map(AsRef::as_ref).collect();
        self.choose(&pods, &[]).map(|pod| pod.name_any())
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.pods.changes.clone()
    }
}

/// The pod for a new connection. One that has failed is the last choice, the one that served before is the first
/// one while it is good; else the youngest. `any`: it need not be ready.
fn choose<'a>(pods: &[&'a Pod], failed: &[String], current: Option<&str>, any: bool) -> Option<&'a Pod> {
    let good = pods.iter().copied().filter(|pod| pod.metadata.deletion_timestamp.is_none());
    good.filter(|pod| if any { runs(pod) } else { ready(pod) }).max_by_key(|pod| {
        let name = pod.metadata.name.as_deref();
        let failed = failed.iter().any(|failed| Some(failed.as_str()) == name);
        (!failed, name == current, pod.metadata.creation_timestamp.as_ref().map(|time| time.0))
    })
}

fn runs(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running")
}

fn ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    runs(pod) && conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The containers of a pod that run beside each other; an init container that stays is one of them.
fn containers(pod: &Pod) -> Vec<Container> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    spec.containers.iter().chain(spec.init_containers.iter().flatten()).cloned().collect()
}

fn named(containers: &[Container], port: &Port) -> Option<u16> {
    let Port::Name(name) = port else { return None };
    let mut ports = containers.iter().flat_map(|container| container.ports.iter().flatten());
    ports.find(|port| port.name.as_ref() == Some(name)).and_then(|port| u16::try_from(port.container_port).ok())
}

/// What a pod says, as messages.
struct Reader<S> {
    stream: SplitStream<WebSocketStream<S>>,
    /// Which channels have told their port.
    began: [bool; 2],
    pod: String,
    port: u16,
}

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Unpin + Send> FromPod for Reader<S> {
    async fn read(&mut self) -> std::io::Result<Option<Bytes>> {
        loop {
            let mut bytes = match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(_))) => return Ok(None),
                Some(Ok(_)) => continue,
                Some(Err(error)) => {
                    return Err(Error::other(format!("the connection to the pod {} broke: {error}", self.pod)));
                }
                None => return Err(Error::other(format!("the connection to the pod {} broke", self.pod))),
            };
            if bytes.is_empty() {
                continue;
            }
            let channel = bytes.split_to(1)[0];
            let Some(began) = self.began.get_mut(usize::from(channel)) else { continue };
            if !std::mem::replace(began, true) {
                continue;
            }
            match channel {
                DATA if bytes.is_empty() => {}
                DATA => return Ok(Some(bytes)),
                ERRORS => return Err(told(&String::from_utf8_lossy(&bytes), &self.pod, self.port)),
                _ => {}
            }
        }
    }
}

/// An error that came on the channel for them.
fn told(message: &str, pod: &str, port: u16) -> Error {
    if message.contains("connect: connection refused") {
        return Error::new(ErrorKind::ConnectionRefused, format!("nothing listens on port {port} of the pod {pod}"));
    }
    // What was to be done is known, and the names of sandboxes help nobody.
    let why = message.split_once("portforward in network namespace").map_or(message, |(_, rest)| rest);
    let why = why.split_once("\": ").map_or(why, |(_, rest)| rest).trim();
    let refused = REFUSED.iter().any(|sign| message.contains(sign));
    let kind = if refused { ErrorKind::ConnectionRefused } else { ErrorKind::ConnectionReset };
    Error::new(kind, format!("port {port} of the pod {pod}: {why}"))
}

/// What a pod is told, as messages.
struct Writer<S>(SplitSink<WebSocketStream<S>, Message>);

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Unpin + Send> ToPod for Writer<S> {
    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let mut message = Vec::with_capacity(bytes.len() + 1);
        message.push(DATA);
        message.extend_from_slice(bytes);
        self.0.send(Message::binary(message)).await.map_err(Error::other)
    }

    async fn idle(&mut self) -> std::io::Result<()> {
        // Data without a byte: a ping would not count as a sign of life beyond the API server.
        self.write(&[]).await
    }

    async fn end(&mut self) -> std::io::Result<()> {
        self.0.flush().await.map_err(Error::other)
    }
}

/// An error with its causes, without the form that is for programmers.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(kube::Error::Api(status)) = error.downcast_ref::<kube::Error>() {
        return status.message.clone();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

fn without_pods(target: &Target) -> CommandError {
    CommandError::new(Kind::Usage, "target-without-pods", format!("{target} does not say which pods are its own"))
        .hint("forward to a Deployment or a pod")
}

fn not_found(target: &Target, namespace: &str, error: kube::Error) -> CommandError {
    match &error {
        kube::Error::Api(status) if status.code == 404 => {
            CommandError::new(Kind::Usage, "target-unknown", format!("the namespace {namespace} has no {target}"))
                .hint("`-n` chooses another namespace")
        }
        _ => CommandError::new(Kind::Remote, "cluster-refused", format!("cannot learn about {target}"))
            .because(said(&error))
            .hint("`plattr status` tells whether the cluster runs"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn pod(name: &str, minute: u8, ready: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name, "creationTimestamp": format!("2026-01-01T00:{minute:02}:00Z") },
            "spec": { "containers": [{ "name": "main", "ports": [{ "name": "sql", "containerPort": 5432 }] }] },
            "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }] },
        }))
        .unwrap()
    }

    fn chosen(pods: &[&Pod], failed: &[&str], current: Option<&str>, any: bool) -> Option<String> {
        let failed: Vec<String> = failed.iter().map(|&f| f.to_owned()).collect();
        choose(pods, &failed, current, any).map(|pod| pod.name_any())
    }

    #[test]
    fn the_pod_of_before_stays_while_it_is_ready() {
        let (old, young, not) = (pod("old", 1, "True"), pod("young", 2, "True"), pod("not", 3, "False"));
        assert_eq!(chosen(&[&old, &young, &not], &[], None, false).as_deref(), Some("young"));
        assert_eq!(chosen(&[&old, &young, &not], &[], Some("old"), false).as_deref(), Some("old"));
        assert_eq!(chosen(&[&old, &young], &["old"], Some("old"), false).as_deref(), Some("young"));
        // The only one is tried again.
        assert_eq!(chosen(&[&old], &["old"], Some("old"), false).as_deref(), Some("old"));
    }

    #[test]
    fn a_pod_that_is_not_ready_or_being_deleted_is_none() {
        let (not, mut deleted) = (pod("not", 3, "False"), pod("deleted", 1, "True"));
        deleted.metadata.deletion_timestamp.clone_from(&not.metadata.creation_timestamp);
        assert_eq!(chosen(&[&not, &deleted], &[], Some("deleted"), false), None);
        // But who names a pod means it.
        assert_eq!(chosen(&[&not], &[], None, true).as_deref(), Some("not"));
    }

    #[test]
    fn a_named_port_is_the_containers() {
        let containers = containers(&pod("a", 1, "True"));
        assert_eq!(named(&containers, &Port::Name("sql".into())), Some(5432));
        assert_eq!(named(&containers, &Port::Name("http".into())), None);
    }

    #[test]
    fn a_closed_port_is_told_from_a_connection_that_broke() {
        let namespace =
            "error forwarding port 1 to pod 4f, uid : failed to execute portforward in network namespace \"/n\": ";
        let told = |message: &str| told(&format!("{namespace}{message}"), "web-0", 1);
        let closed = told(
            "failed to connect to localhost:1 inside namespace \"4f\", IPv4: dial tcp4 127.0.0.1:1: connect: connection refused",
        );
        assert_eq!(closed.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(closed.to_string(), "nothing listens on port 1 of the pod web-0");
        let reset = told("read tcp4 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer");
        assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
        assert_eq!(
            reset.to_string(),
            "port 1 of the pod web-0: read tcp4 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer"
        );
    }
}
