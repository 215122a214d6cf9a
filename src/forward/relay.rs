//! One client, from its first byte to its last.
//!
//! Connecting through the Kubernetes API succeeds before anybody has tried the port in the pod; that it is closed is
//! told a moment later. So what a client says is kept until the pod has answered, and said again to the next pod
//! where it certainly reached nobody.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::health::Health;
use super::{Connection, Patience, ToPod, Upstream, next_change};

/// What is read from a client at once.
const CHUNK: usize = 32 * 1024;
/// What is kept of an unanswered client, to say it again; one that says more is not helped to another pod.
const KEPT: usize = 64 * 1024;
/// Between the first two attempts; it doubles up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How a connection ended.
enum End {
    /// As its two sides wanted.
    Done,
    /// The pod's side broke after the client had ended.
    Late,
    /// The pod's side broke.
    Broken {
        why: String,
        /// Whether another pod may be tried: nobody has heard the client.
        again: bool,
    },
}

/// What a client has said so far and nobody has answered.
#[derive(Default)]
struct Unanswered {
    said: Vec<u8>,
    /// It has said too much to keep, or it is answered.
    given_up: bool,
    answered: bool,
}

/// What lasts from attempt to attempt.
#[derive(Default)]
struct Client {
    unanswered: Mutex<Unanswered>,
    /// It has told that it says no more.
    ended: AtomicBool,
}

/// What happens in the direction from the pod to the client.
#[derive(Default)]
struct Activity {
    chunks: AtomicU64,
    /// The client takes its time.
    writing: AtomicBool,
}

/// Serves a client until it or the pod ends.
pub async fn serve(mut stream: TcpStream, upstream: &dyn Upstream, health: &Health, patience: Patience) {
    let _open = health.open();
    // Small answers go out at once.
    let _ = stream.set_nodelay(true);
    let until = Instant::now() + patience.connect;
    let served = attempts(&mut stream, upstream, health, patience, until).await;
    if let Err(why) = served {
        if let Some(why) = why {
            health.failed(&why);
        }
        // A reset, lest the client takes a failure for the end of what the server had to say.
        let _ = stream.set_zero_linger();
    }
}

/// Tries pods until one has served the client; an error without words is a failure that counts for nothing.
async fn attempts(
    stream: &mut TcpStream,
    upstream: &dyn Upstream,
    health: &Health,
    patience: Patience,
    until: Instant,
) -> Result<(), Option<String>> {
    let (mut from_client, mut to_client) = stream.split();
    let client = Client::default();
    let mut failed = Vec::new();
    let mut changes = upstream.changes();
    let mut pause = PAUSE.0;
    let mut last = None;
    loop {
        let why = match timeout_at(until, upstream.connect(&failed)).await {
            Ok(Ok(connection)) => {
                let pod = connection.pod.clone();
                match pipe(&mut from_client, &mut to_client, &client, connection, health, patience).await {
                    End::Done => return Ok(()),
                    End::Late => return Err(None),
                    End::Broken { why, again: true } => {
                        failed.push(pod);
                        why
                    }
                    End::Broken { why, again: false } => return Err(Some(why)),
                }
            }
            Ok(Err(failure)) => {
                failed.extend(failure.pod);
                failure.message
            }
            Err(_) => {
                let late = || format!("no connection within {} s", patience.connect.as_secs_f32());
                return Err(Some(last.unwrap_or_else(late)));
            }
        };
        if Instant::now() + pause >= until {
            return Err(Some(why));
        }
        tracing::debug!(why, "another attempt");
        last = Some(why);
        tokio::select! {
            () = next_change(&mut changes) => {}
            () = sleep(pause) => {}
        }
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Moves bytes both ways until both sides have ended.
async fn pipe(
    from_client: &mut ReadHalf<'_>,
    to_client: &mut WriteHalf<'_>,
    client: &Client,
    connection: Connection,
    health: &Health,
    Patience { linger, idle, .. }: Patience,
) -> End {
    let Connection { mut reader, mut writer, half_close, .. } = connection;
    let activity = Activity::default();
    let ended = {
        let up = client.talk(from_client, writer.as_mut(), idle);
        let down = async {
            loop {
                match reader.read().await {
                    Ok(Some(bytes)) => {
                        if activity.chunks.fetch_add(1, Ordering::Relaxed) == 0 {
                            client.answered();
                            health.works();
                        }
                        activity.writing.store(true, Ordering::Relaxed);
                        if to_client.write_all(&bytes).await.is_err() {
                            return Down::ClientGone;
                        }
                        activity.writing.store(false, Ordering::Relaxed);
                    }
                    Ok(None) => {
                        health.works();
                        let _ = to_client.shutdown().await;
                        return Down::Ended;
                    }
                    Err(error) => return Down::Broken(error),
                }
            }
        };
        tokio::pin!(up, down);
        tokio::select! {
            said = &mut up => match said {
                Up::ClientGone => return End::Done,
                Up::Ended if half_close => down.await,
                // What the pod says next tells why, or it is all that it had to say.
                Up::Ended | Up::PodGone => loop {
                    let before = activity.chunks.load(Ordering::Relaxed);
                    if let Ok(ended) = timeout(linger, &mut down).await {
                        break ended;
                    }
                    let silent = before == activity.chunks.load(Ordering::Relaxed);
                    if silent && !activity.writing.load(Ordering::Relaxed) {
                        return End::Done;
                    }
                },
            },
            ended = &mut down => {
                if matches!(ended, Down::Ended) && half_close {
                    up.await;
                    return End::Done;
                }
                ended
            }
        }
    };
    match ended {
        Down::ClientGone => End::Done,
        Down::Ended => {
            drain(from_client, linger).await;
            End::Done
        }
        // Servers reset connections over what they do not read any more, such as the end of TLS.
        Down::Broken(_) if client.ended.load(Ordering::Relaxed) && client.heard() => End::Late,
        Down::Broken(error) => {
            End::Broken { again: client.unheard(error.kind() == ErrorKind::ConnectionRefused), why: error.to_string() }
        }
    }
}

/// How the direction from the client ended.
enum Up {
    Ended,
    ClientGone,
    PodGone,
}

/// How the direction from the pod ended.
enum Down {
    Ended,
    ClientGone,
    Broken(std::io::Error),
}

impl Client {
    /// Tells a pod what the client says, from the beginning.
    async fn talk(&self, from_client: &mut ReadHalf<'_>, writer: &mut dyn ToPod, idle: Duration) -> Up {
        let said = self.unanswered().said.clone();
        if !said.is_empty() && writer.write(&said).await.is_err() {
            return Up::PodGone;
        }
        let mut buffer = vec![0; CHUNK];
        while !self.ended.load(Ordering::Relaxed) {
            let Ok(read) = timeout(idle, from_client.read(&mut buffer)).await else {
                if writer.idle().await.is_err() {
                    return Up::PodGone;
                }
                continue;
            };
            match read {
                Ok(0) => self.ended.store(true, Ordering::Relaxed),
                Ok(read) => {
                    self.keep(&buffer[..read]);
                    if writer.write(&buffer[..read]).await.is_err() {
                        return Up::PodGone;
                    }
                }
                Err(_) => return Up::ClientGone,
            }
        }
        match writer.end().await {
            Ok(()) => Up::Ended,
            Err(_) => Up::PodGone,
        }
    }

    fn unanswered(&self) -> std::sync::MutexGuard<'_, Unanswered> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, bytes: &[u8]) {
        let mut unanswered = self.unanswered();
        if unanswered.given_up {
            return;
        }
        if unanswered.said.len() + bytes.len() > KEPT {
            *unanswered = Unanswered { given_up: true, ..Unanswered::default() };
        } else {
            unanswered.said.extend_from_slice(bytes);
        }
    }

    fn answered(&self) {
        *self.unanswered() = Unanswered { given_up: true, answered: true, ..Unanswered::default() };
    }

    /// Whether a pod has answered.
    fn heard(&self) -> bool {
        self.unanswered().answered
    }

    /// Whether nobody has heard what the client said. `refused`: the pod took no connection.
    fn unheard(&self, refused: bool) -> bool {
        let unanswered = self.unanswered();
        !unanswered.given_up && (refused || unanswered.said.is_empty())
    }
}

/// Takes what a client still says to a pod that has ended. Closing over unread bytes would reset the connection,
/// and the client could lose what it has not read yet.
async fn drain(from_client: &mut ReadHalf<'_>, linger: Duration) {
    let mut buffer = vec![0; CHUNK];
    while let Ok(Ok(read)) = timeout(linger, from_client.read(&mut buffer)).await {
        if read == 0 {
            return;
        }
    }
}
