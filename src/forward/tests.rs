//! Forwards to pods that are not there: the other end of an in-memory pipe is the pod.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::health::{Event, File, Forward, News, running};
use super::*;
use crate::ui::error::ErrorKind as Kind;

/// What is in flight between forward and pod.
const PIPE: usize = 64 * 1024;

/// Says which pod an attempt reaches, by its number and the pods that failed, or why it reaches none.
type Connects = dyn Fn(usize, &[String]) -> Result<Connection, Failure> + Send + Sync;

struct Fake {
    attempts: AtomicUsize,
    connects: Box<Connects>,
    changed: watch::Sender<()>,
}

#[async_trait]
impl Upstream for Fake {
    async fn connect(&self, failed: &[String]) -> Result<Connection, Failure> {
        (self.connects)(self.attempts.fetch_add(1, Ordering::SeqCst), failed)
    }
    fn pod(&self) -> Option<String> {
        Some("pod".into())
    }
    fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

struct From(ReadHalf<DuplexStream>);
struct To(WriteHalf<DuplexStream>, Arc<AtomicUsize>);
/// A pod that breaks.
struct Breaks(ErrorKind);

#[async_trait]
impl FromPod for From {
    async fn read(&mut self) -> std::io::Result<Option<Bytes>> {
        let mut bytes = vec![0; 16 * 1024];
        let read = self.0.read(&mut bytes).await?;
        bytes.truncate(read);
        Ok((read > 0).then(|| bytes.into()))
    }
}

#[async_trait]
impl ToPod for To {
    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes).await
    }
    async fn idle(&mut self) -> std::io::Result<()> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    async fn end(&mut self) -> std::io::Result<()> {
        self.0.shutdown().await
    }
}

#[async_trait]
impl FromPod for Breaks {
    async fn read(&mut self) -> std::io::Result<Option<Bytes>> {
        // The client's bytes go first, as they do on the way to a pod.
        tokio::time::sleep(Duration::from_millis(300)).await;
        Err(Error::new(self.0, "it broke"))
    }
}

#[async_trait]
impl ToPod for Breaks {
    async fn write(&mut self, _: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
    async fn idle(&mut self) -> std::io::Result<()> {
        Ok(())
    }
    async fn end(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A connection to a pod that `server` is.
fn to<F>(pod: &str, half_close: bool, server: impl FnOnce(DuplexStream) -> F) -> Result<Connection, Failure>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (near, far) = duplex(PIPE);
    tokio::spawn(server(far));
    let (reader, writer) = split(near);
    let writer = Box::new(To(writer, Arc::default()));
    Ok(Connection { pod: pod.into(), reader: Box::new(From(reader)), writer, half_close })
}

fn broken(pod: &str, kind: ErrorKind) -> Result<Connection, Failure> {
    Ok(Connection {
        pod: pod.into(),
        reader: Box::new(Breaks(kind)),
        writer: Box::new(Breaks(kind)),
        half_close: false,
    })
}

async fn echo(stream: DuplexStream) {
    let (mut reader, mut writer) = split(stream);
    tokio::io::copy(&mut reader, &mut writer).await.unwrap();
    writer.shutdown().await.unwrap();
}

struct Running {
    port: u16,
    health: Arc<Health>,
    fake: Arc<Fake>,
    events: mpsc::Receiver<Event>,
    serving: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn forward(local: u16) -> Forward {
    Forward {
        target: "app/todo".into(),
        namespace: "plattr-local".into(),
        local,
        port: "http".into(),
        pod: None,
        open: 0,
        total: 0,
        failed: 0,
        problem: None,
    }
}

async fn start(connects: impl Fn(usize, &[String]) -> Result<Connection, Failure> + Send + Sync + 'static) -> Running {
    let listener = listen(None).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, events) = mpsc::channel(64);
    let health = Health::new(forward(port), Arc::new(Notify::new()), sender);
    let fake =
        Arc::new(Fake { attempts: AtomicUsize::new(0), connects: Box::new(connects), changed: watch::channel(()).0 });
    let patience = Patience {
        connect: Duration::from_secs(2),
        linger: Duration::from_millis(200),
        idle: Duration::from_millis(100),
    };
    let serving = tokio::spawn(serve(listener, Arc::clone(&fake) as Arc<dyn Upstream>, Arc::clone(&health), patience));
    Running { port, health, fake, events, serving }
}

impl Running {
    async fn client(&self) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap()
    }

    async fn until(&self, what: impl Fn(&Forward) -> bool) {
        let waiting = async {
            while !what(&self.health.now()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(5), waiting).await.is_ok(), "{:?}", self.health.now());
    }
}

async fn all(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.map(|_| bytes)
}

#[tokio::test]
async fn a_server_may_speak_first() {
    let running = start(|_, _| {
        to("a", true, |mut far| async move {
            far.write_all(b"220 ready").await.unwrap();
            let mut name = [0; 4];
            far.read_exact(&mut name).await.unwrap();
            far.write_all(&name).await.unwrap();
        })
    })
    .await;
    let mut client = running.client().await;
    let mut greeting = [0; 9];
    client.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"220 ready");
    client.write_all(b"EHLO").await.unwrap();
    assert_eq!(all(&mut client).await.unwrap(), b"EHLO");
}

#[tokio::test]
async fn a_client_that_says_no_more_hears_on() {
    for half_close in [true, false] {
        let running = start(move |_, _| {
            to("a", half_close, |mut far| async move {
                let mut asked = [0; 3];
                far.read_exact(&mut asked).await.unwrap();
                for _ in 0..4 {
                    // Longer in all than the linger, shorter each time.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    far.write_all(b"more.").await.unwrap();
                }
            })
        })
        .await;
        let mut client = running.client().await;
        client.write_all(b"GET").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(all(&mut client).await.unwrap(), b"more.more.more.more.");
        assert_eq!(running.health.now().failed, 0);
    }
}

#[tokio::test]
async fn a_silent_connection_stays_and_gives_signs_of_life() {
    let signs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&signs);
    let running = start(move |_, _| {
        let (near, far) = duplex(PIPE);
        tokio::spawn(echo(far));
        let (reader, writer) = split(near);
        let writer = Box::new(To(writer, Arc::clone(&counted)));
        Ok(Connection { pod: "a".into(), reader: Box::new(From(reader)), writer, half_close: false })
    })
    .await;
    let mut client = running.client().await;
    running.until(|_| signs.load(Ordering::SeqCst) >= 3).await;
    client.write_all(b"still there").await.unwrap();
    let mut answer = [0; 11];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"still there");
}

#[tokio::test]
async fn a_pod_is_told_that_the_client_says_no_more() {
    let running = start(|_, _| {
        to("a", true, |mut far| async move {
            let mut said = Vec::new();
            far.read_to_end(&mut said).await.unwrap();
            far.write_all(&said).await.unwrap();
        })
    })
    .await;
    let mut client = running.client().await;
    client.write_all(b"all of it").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(all(&mut client).await.unwrap(), b"all of it");
}

#[tokio::test]
async fn a_pod_that_says_no_more_hears_on() {
    let (heard, mut hears) = mpsc::channel(1);
    let running = start(move |_, _| {
        let heard = heard.clone();
        to("a", true, |far| async move {
            let (mut reader, mut writer) = split(far);
            writer.write_all(b"bye").await.unwrap();
            writer.shutdown().await.unwrap();
            let mut said = Vec::new();
            reader.read_to_end(&mut said).await.unwrap();
            heard.send(said).await.unwrap();
        })
    })
    .await;
    let mut client = running.client().await;
    assert_eq!(all(&mut client).await.unwrap(), b"bye");
    client.write_all(b"one more thing").await.unwrap();
    drop(client);
    assert_eq!(hears.recv().await.unwrap(), b"one more thing");
}

#[tokio::test]
async fn a_client_that_is_gone_leaves_no_connection_where_a_pod_cannot_be_told() {
    let running = start(|_, _| {
        to("a", false, |mut far| async move {
            let mut byte = [0; 1];
            // Never says or ends anything, as Redis.
            while far.read(&mut byte).await.is_ok_and(|read| read > 0) {}
            std::future::pending::<()>().await;
        })
    })
    .await;
    drop(running.client().await);
    running.until(|now| now.total == 1 && now.open == 0).await;
    assert_eq!(running.health.now().failed, 0);
}

#[tokio::test]
async fn a_pod_that_refuses_is_followed_by_another_which_hears_everything() {
    let mut running = start(|attempt, failed| match attempt {
        0 => Err(Failure { pod: None, message: "no pod".into() }),
        1 => broken("a", ErrorKind::ConnectionRefused),
        _ => {
            assert_eq!(failed, ["a"]);
            to("b", true, echo)
        }
    })
    .await;
    let mut client = running.client().await;
    client.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    client.read_exact(&mut answer).await.unwrap();
    client.write_all(b", world").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!((&answer, all(&mut client).await.unwrap().as_slice()), (b"hello", b", world".as_slice()));
    assert_eq!(running.health.now().failed, 0);
    assert_eq!(running.events.recv().await.unwrap().news, News::Pod(Some("pod".into())));
    assert!(running.events.try_recv().is_err());
}

#[tokio::test]
async fn what_a_pod_may_have_heard_is_not_said_again() {
    let running = start(|_, _| broken("a", ErrorKind::ConnectionReset)).await;
    let mut client = running.client().await;
    client.write_all(b"INSERT").await.unwrap();
    assert_eq!(all(&mut client).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(running.fake.attempts.load(Ordering::SeqCst), 1);
    assert_eq!(running.health.now().problem.unwrap().message, "it broke");
}

#[tokio::test]
async fn a_pod_that_dies_before_anything_was_said_is_followed_by_another() {
    let running = start(|attempt, _| match attempt {
        0 => broken("a", ErrorKind::ConnectionReset),
        _ => to("b", true, echo),
    })
    .await;
    let mut client = running.client().await;
    running.until(|_| running.fake.attempts.load(Ordering::SeqCst) == 2).await;
    client.write_all(b"hello").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(all(&mut client).await.unwrap(), b"hello");
}

#[tokio::test]
async fn a_pod_that_dies_after_it_has_answered_resets_the_client() {
    struct Half(u8);
    #[async_trait]
    impl FromPod for Half {
        async fn read(&mut self) -> std::io::Result<Option<Bytes>> {
            self.0 += 1;
            if self.0 == 1 {
                Ok(Some(Bytes::from_static(b"half")))
            } else {
                Breaks(ErrorKind::ConnectionRefused).read().await
            }
        }
    }
    let running = start(|_, _| {
        let writer = Box::new(Breaks(ErrorKind::ConnectionReset));
        Ok(Connection { pod: "a".into(), reader: Box::new(Half(0)), writer, half_close: false })
    })
    .await;
    let mut client = running.client().await;
    let mut half = [0; 4];
    client.read_exact(&mut half).await.unwrap();
    assert_eq!(all(&mut client).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(running.fake.attempts.load(Ordering::SeqCst), 1);
    let now = running.health.now();
    assert_eq!((now.open, now.total, now.failed), (0, 1, 1));
}

#[tokio::test]
async fn a_pod_that_resets_what_the_client_has_ended_is_not_at_fault() {
    struct Says(mpsc::Receiver<Bytes>);
    #[async_trait]
    impl FromPod for Says {
        async fn read(&mut self) -> std::io::Result<Option<Bytes>> {
            self.0.recv().await.map(Some).ok_or_else(|| Error::new(ErrorKind::ConnectionReset, "it broke"))
        }
    }
    let (told, says) = mpsc::channel(1);
    let says = std::sync::Mutex::new(Some(says));
    let running = start(move |_, _| {
        let writer = Box::new(Breaks(ErrorKind::ConnectionReset));
        let reader = Box::new(Says(says.lock().unwrap().take().unwrap()));
        Ok(Connection { pod: "a".into(), reader, writer, half_close: false })
    })
    .await;
    let mut client = running.client().await;
    told.send(Bytes::from_static(b"x")).await.unwrap();
    client.read_exact(&mut [0]).await.unwrap();
    client.shutdown().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(told);
    running.until(|now| now.open == 0).await;
    assert_eq!(running.health.now().failed, 0);
}

#[tokio::test]
async fn each_connection_goes_to_the_pod_of_now() {
    let running = start(|attempt, _| {
        to("any", true, move |mut far| async move {
            far.write_all(if attempt == 0 { b"old" } else { b"new" }).await.unwrap();
        })
    })
    .await;
    assert_eq!(all(&mut running.client().await).await.unwrap(), b"old");
    assert_eq!(all(&mut running.client().await).await.unwrap(), b"new");
}

#[tokio::test]
async fn a_client_waits_for_a_pod_but_not_for_ever() {
    let mut running = start(|_, _| Err(Failure { pod: None, message: "app/todo has no pod".into() })).await;
    let began = Instant::now();
    let mut client = running.client().await;
    assert_eq!(all(&mut client).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let took = began.elapsed();
    assert!(took > Duration::from_millis(300) && took < Duration::from_secs(10), "{took:?}");
    assert_eq!(running.health.now().failed, 1);
    running.events.recv().await.unwrap();
    assert_eq!(running.events.recv().await.unwrap().news, News::Failing("app/todo has no pod".into()));
}

#[tokio::test]
async fn an_attempt_that_hangs_ends_with_the_deadline() {
    struct Hangs;
    #[async_trait]
    impl Upstream for Hangs {
        async fn connect(&self, _: &[String]) -> Result<Connection, Failure> {
            std::future::pending().await
        }
        fn pod(&self) -> Option<String> {
            None
        }
        fn changes(&self) -> watch::Receiver<()> {
            watch::channel(()).1
        }
    }
    let listener = listen(None).await.unwrap();
    let address = listener.local_addr().unwrap();
    let health = Health::new(forward(address.port()), Arc::new(Notify::new()), mpsc::channel(1).0);
    let patience = Patience { connect: Duration::from_millis(100), ..Patience::default() };
    let serving = tokio::spawn(serve(listener, Arc::new(Hangs), Arc::clone(&health), patience));
    let mut client = TcpStream::connect(address).await.unwrap();
    assert!(all(&mut client).await.is_err());
    assert!(health.now().problem.unwrap().message.starts_with("no connection within 0.1 s"));
    serving.abort();
}

#[tokio::test]
async fn a_change_of_pods_ends_the_wait_at_once() {
    let running = start(|attempt, _| match attempt {
        0..5 => Err(Failure { pod: None, message: "none".into() }),
        _ => to("a", true, echo),
    })
    .await;
    let mut client = running.client().await;
    client.write_all(b"x").await.unwrap();
    running.until(|_| running.fake.attempts.load(Ordering::SeqCst) == 5).await;
    // The next pause would be 800 ms.
    let began = Instant::now();
    running.fake.changed.send_replace(());
    client.read_exact(&mut [0]).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(700), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_at_once() {
    let running = start(|_, _| to("a", true, echo)).await;
    let clients = (0..200_u32).map(|n| {
        let connecting = running.client();
        async move {
            let mut client = connecting.await;
            let message = n.to_le_bytes().repeat(5000);
            let (mut reader, mut writer) = client.split();
            let mut heard = Vec::new();
            let talk = async {
                writer.write_all(&message).await.unwrap();
                writer.shutdown().await.unwrap();
            };
            let ((), read) = tokio::join!(talk, reader.read_to_end(&mut heard));
            read.unwrap();
            assert!(heard == message, "{n}");
        }
    });
    futures::future::join_all(clients).await;
    running.until(|now| now.open == 0).await;
    assert_eq!((running.health.now().total, running.health.now().failed), (200, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_side_holds_up_the_other_side_and_only_in_its_direction() {
    const ALL: usize = 64 * 1024 * 1024;
    let sent = Arc::new(AtomicUsize::new(0));
    let received = Arc::new(AtomicUsize::new(0));
    let (counted, counting) = (Arc::clone(&sent), Arc::clone(&received));
    let running = start(move |_, _| {
        let (counted, counting) = (Arc::clone(&counted), Arc::clone(&counting));
        to("a", true, |far| async move {
            let (mut reader, mut writer) = split(far);
            let talk = async {
                let chunk = vec![7; 64 * 1024];
                for _ in 0..ALL / chunk.len() {
                    writer.write_all(&chunk).await.unwrap();
                    counted.fetch_add(chunk.len(), Ordering::SeqCst);
                }
                writer.shutdown().await.unwrap();
            };
            let hear = async {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(read @ 1..) = reader.read(&mut buffer).await {
                    counting.fetch_add(read, Ordering::SeqCst);
                }
            };
            tokio::join!(talk, hear);
        })
    })
    .await;
    let mut client = running.client().await;
    let (mut reader, mut writer) = client.split();
    // The client does not read, and yet what it says arrives.
    let chunk = vec![3; 1024 * 1024];
    for _ in 0..ALL / chunk.len() {
        writer.write_all(&chunk).await.unwrap();
    }
    writer.shutdown().await.unwrap();
    running.until(|_| received.load(Ordering::SeqCst) == ALL).await;
    // Kernel buffers, the pipe and one message: no more has left the pod.
    let before = sent.load(Ordering::SeqCst);
    assert!(before < ALL / 4, "{before}");
    let mut heard = 0;
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer).await {
        heard += read;
    }
    assert_eq!(heard, ALL);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_one_that_is_free() {
    let taken = listen(None).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = listen(Some(port)).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("port-taken", Kind::Environment));
    assert!(error.hints[0].contains("is free: write"), "{:?}", error.hints);
}

#[tokio::test]
async fn others_see_forwards_of_processes_that_live() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("forwards");
    assert_eq!(running(&folder), []);
    let one = start(|_, _| Err(Failure { pod: None, message: "no pod".into() })).await;
    one.until(|now| now.pod.is_some()).await;
    let mut file = File::create(&folder).unwrap();
    let changed = Notify::new();
    let forwards = [Arc::clone(&one.health)];
    // The first version is written at once.
    let _ = tokio::time::timeout(Duration::from_millis(50), file.keep(&forwards, &changed)).await;
    let pid = std::process::id();
    assert_eq!(running(&folder), [(pid, one.health.now())]);
    let path = folder.join(format!("{pid}.json"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    // The same process id at another time is another process.
    let text = std::fs::read_to_string(&path).unwrap();
    let mut stale: serde_json::Value = serde_json::from_str(&text).unwrap();
    stale["start"] = 1.into();
    std::fs::write(folder.join("4711.json"), stale.to_string()).unwrap();
    std::fs::write(folder.join("4712.json"), "{").unwrap();
    assert_eq!(running(&folder).len(), 1);
    drop(file);
    assert!(!path.exists());
    drop(File::create(&folder).unwrap());
    assert!(!folder.join("4711.json").exists() && !folder.join("4712.json").exists());
}
