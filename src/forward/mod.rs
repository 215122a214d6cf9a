//! Ports of pods on this machine: whoever connects to a local port talks to a pod, and goes on to do so when the
//! pod is replaced.
//!
//! Every connection has a stream of its own, opened as soon as the client is accepted: the server may speak first.
//! What a pod is and how one connects to it is behind [`Upstream`]; [`pods`] does it for a cluster, [`relay`] moves
//! the bytes, [`health`] remembers how it goes and tells other processes.

pub mod health;
pub mod pods;
mod relay;
pub mod target;

#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::health::Health;
use crate::stack::ports;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Where connections go.
#[async_trait]
pub trait Upstream: Send + Sync {
    /// Connects to a pod. `failed` are the ones that did not serve this client; another one is better.
    async fn connect(&self, failed: &[String]) -> Result<Connection, Failure>;

    /// The pod that a new connection would go to; `None` where none is ready.
    fn pod(&self) -> Option<String>;

    /// Changes when there may be other pods than before.
    fn changes(&self) -> watch::Receiver<()>;
}

/// A connection to a pod.
pub struct Connection {
    /// The pod.
    pub pod: String,
    /// What the pod says.
    pub reader: Box<dyn FromPod>,
    /// What the pod is told.
    pub writer: Box<dyn ToPod>,
    /// Whether one direction can end while the other goes on, as with TCP.
    pub half_close: bool,
}

/// No connection.
#[derive(Debug)]
pub struct Failure {
    /// The pod that was tried.
    pub pod: Option<String>,
    /// Why.
    pub message: String,
}

/// What a pod says.
#[async_trait]
pub trait FromPod: Send {
    /// The next bytes; `None` when it has ended. An error of the kind `ConnectionRefused` means that nothing has
    /// reached anybody in the pod.
    async fn read(&mut self) -> std::io::Result<Option<Bytes>>;
}

/// What a pod is told.
#[async_trait]
pub trait ToPod: Send {
    /// Sends bytes; waits while the pod does not take them.
    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()>;

    /// Keeps a connection open on which nothing has been said for [`Patience::idle`].
    async fn idle(&mut self) -> std::io::Result<()>;

    /// Tells that no more will come, where that can be told.
    async fn end(&mut self) -> std::io::Result<()>;
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a client waits for a pod that serves it.
    pub connect: Duration,
    /// How long the rest of a connection may be silent after one side has ended, where a side cannot be told that
    /// the other one has.
    pub linger: Duration,
    /// After how long a silent connection needs a sign of life: proxies on the way drop it after some minutes, the
    /// runtime of the pods after some hours.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), linger: Duration::from_secs(5), idle: Duration::from_secs(60) }
    }
}

/// Listens on a port of the loopback address; on any free one where `port` is `None`.
///
/// # Errors
/// When the port is taken or not ours to have.
pub async fn listen(port: Option<u16>) -> CommandResult<TcpListener> {
    let wanted = port.unwrap_or_default();
    TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            let by = ports::listener(wanted).map(|(pid, name)| format!(" by {name} (process {pid})"));
            let free = (wanted..u16::MAX).skip(1).find(|port| ports::is_free(*port));
            let taken = CommandError::new(
                ErrorKind::Environment,
                "port-taken",
                format!("port {wanted} of this machine is taken{}", by.unwrap_or_default()),
            );
            match free {
                Some(free) => taken.hint(format!("{free} is free: write `{free}:PORT`; `:PORT` takes any free one")),
                None => taken.hint("`:PORT` takes any free one"),
            }
        }
        _ => CommandError::new(ErrorKind::Environment, "port-refused", format!("cannot listen on port {wanted}"))
            .because(error)
            .hint("write another local port before the colon, such as `15432:PORT`"),
    })
}

/// Serves the clients of `listener` until it is dropped; their connections end with it.
pub async fn serve(listener: TcpListener, upstream: Arc<dyn Upstream>, health: Arc<Health>, patience: Patience) {
    let mut changes = upstream.changes();
    let mut clients = JoinSet::new();
    health.pod(upstream.pod());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => {
                    let (upstream, health) = (Arc::clone(&upstream), Arc::clone(&health));
                    clients.spawn(async move { relay::serve(client, upstream.as_ref(), &health, patience).await });
                }
                Err(error) => {
                    // Most likely no file descriptor is left; the next one to end gives one back.
                    health.failed(&format!("cannot accept a connection: {error}"));
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = next_change(&mut changes) => health.pod(upstream.pod()),
            Some(_) = clients.join_next() => {}
        }
    }
}

/// Waits for a change; for ever where none will come.
async fn next_change(changes: &mut watch::Receiver<()>) {
    if changes.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
