//! How forwards are doing, and the file by which other processes learn of it: one a process, in the stack's folder,
//! gone when the process ends in good order and disregarded when it did not.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use crate::engines::native::process_table;
use crate::stack::state::{create_private_dir, write_private};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// The least time between two versions of the file.
const PACE: Duration = Duration::from_millis(300);

/// One forward as others see it. The JSON form is stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forward {
    /// What is forwarded to, as it was asked for: `postgres`, `app/todo`.
    pub target: String,
    /// Its namespace.
    pub namespace: String,
    /// The port of the loopback address that listens.
    pub local: u16,
    /// The port of the pod, as it was asked for: a number or a name.
    pub port: String,
    /// The pod that new connections go to; `None` where none is ready.
    pub pod: Option<String>,
    /// Connections that are open.
    pub open: u64,
    /// Connections so far.
    pub total: u64,
    /// Connections that ended because of the pod or the cluster.
    pub failed: u64,
    /// What is wrong, until a connection works again.
    pub problem: Option<Problem>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// In words, as last seen.
    pub message: String,
    /// Since when.
    pub since: Timestamp,
}

/// The file of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    pid: u32,
    /// With [`process_table::boot_id`], tells the process from a later one with the same id.
    start: u64,
    boot: String,
    forwards: Vec<Forward>,
}

/// What the owner of a forward may want to tell a person. Told once, not for every connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The port that listens.
    pub local: u16,
    /// What happened.
    pub news: News,
}

/// What happened to a forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// New connections go to another pod, or to none.
    Pod(Option<String>),
    /// Connections fail.
    Failing(String),
    /// They work again.
    Works,
}

/// How a forward is doing.
pub struct Health {
    forward: Mutex<Forward>,
    total: AtomicU64,
    open: AtomicU64,
    changed: Arc<Notify>,
    events: mpsc::Sender<Event>,
}

/// A connection that is open, until it is dropped.
pub struct Open<'a>(&'a Health);

impl Health {
    /// Of a forward that begins. `changed` is told of every change. Events that nobody takes are lost.
    pub fn new(forward: Forward, changed: Arc<Notify>, events: mpsc::Sender<Event>) -> Arc<Self> {
        Arc::new(Self {
            forward: Mutex::new(forward),
            total: AtomicU64::new(0),
            open: AtomicU64::new(0),
            changed,
            events,
        })
    }

    /// How it is now.
    pub fn now(&self) -> Forward {
        let mut forward = self.forward().clone();
        forward.open = self.open.load(Ordering::Relaxed);
        forward.total = self.total.load(Ordering::Relaxed);
        forward
    }

    /// Counts a connection.
    pub fn open(&self) -> Open<'_> {
        self.total.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
        Open(self)
    }

    /// Tells which pod new connections go to.
    pub fn pod(&self, pod: Option<String>) {
        let mut forward = self.forward();
        if forward.pod != pod {
            forward.pod.clone_from(&pod);
            self.tell(&forward, News::Pod(pod));
        }
    }

    /// A pod answered.
    pub fn works(&self) {
        let mut forward = self.forward();
        if forward.problem.take().is_some() {
            self.tell(&forward, News::Works);
        }
    }

    /// A connection failed.
    pub fn failed(&self, why: &str) {
        tracing::warn!(why, "a forwarded connection failed");
        let mut forward = self.forward();
        forward.failed += 1;
        match &mut forward.problem {
            Some(problem) => {
                why.clone_into(&mut problem.message);
                self.changed.notify_one();
            }
            None => {
                forward.problem = Some(Problem { message: why.to_owned(), since: Timestamp::now() });
                self.tell(&forward, News::Failing(why.to_owned()));
            }
        }
    }

    fn tell(&self, forward: &Forward, news: News) {
        self.changed.notify_one();
        let _ = self.events.try_send(Event { local: forward.local, news });
    }

    fn forward(&self) -> std::sync::MutexGuard<'_, Forward> {
        self.forward.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.changed.notify_one();
    }
}

/// The file of this process, until it is dropped.
pub struct File {
    path: PathBuf,
    record: Record,
}

impl File {
    /// A file in `folder`; files of processes that are gone are removed.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(folder: &Path) -> CommandResult<Self> {
        create_private_dir(folder)?;
        for (path, record) in records(folder) {
            if !record.is_some_and(|record| record.alive()) {
                let _ = std::fs::remove_file(path);
            }
        }
        let pid = std::process::id();
        let start = process_table::alive(pid).map_or(0, |row| row.start);
        let record = Record { pid, start, boot: process_table::boot_id(), forwards: Vec::new() };
        let mut file = Self { path: folder.join(format!("{pid}.json")), record };
        file.write(Vec::new())?;
        Ok(file)
    }

    /// Writes how forwards are, now and whenever `changed` is told.
    ///
    /// # Errors
    /// When the folder cannot be written, such as that of a stack that has been destroyed.
    pub async fn keep(&mut self, forwards: &[Arc<Health>], changed: &Notify) -> CommandResult {
        loop {
            self.write(forwards.iter().map(|health| health.now()).collect())?;
            tokio::time::sleep(PACE).await;
            changed.notified().await;
        }
    }

    fn write(&mut self, forwards: Vec<Forward>) -> CommandResult {
        self.record.forwards = forwards;
        let text = serde_json::to_string_pretty(&self.record)
            .map_err(|e| CommandError::new(ErrorKind::Failed, "record", "cannot write down the forwards").because(e))?;
        write_private(&self.path, &text)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Record {
    fn alive(&self) -> bool {
        self.boot == process_table::boot_id()
            && process_table::alive(self.pid).is_some_and(|row| row.start == self.start)
    }
}

/// The files in `folder`, with what they say as far as it can be understood.
fn records(folder: &Path) -> Vec<(PathBuf, Option<Record>)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut records: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let record = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
            (path, record)
        })
        .collect();
    records.sort_by(|a, b| a.0.cmp(&b.0));
    records
}

/// The forwards that run, by process id. Changes nothing.
pub fn running(folder: &Path) -> Vec<(u32, Forward)> {
    let alive = records(folder).into_iter().filter_map(|(_, record)| record).filter(Record::alive);
    alive.flat_map(|record| record.forwards.into_iter().map(move |forward| (record.pid, forward))).collect()
}
