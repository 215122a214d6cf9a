//! One JSON object a line, for programs that show plattr's work in their own way. The fields are stable and
//! described in `docs/reference/output.md`.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde::Serialize;

use super::{Ended, Progress, Sink, Task};

/// Bytes are reported again after so many milliseconds.
const STEP_MILLIS: u64 = 200;

/// A line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Event<'a> {
    /// Something said to the reader.
    Message {
        /// What.
        message: &'a str,
    },
    /// A task changed.
    Task {
        /// Its name.
        task: &'a str,
        /// `started`, `doing`, `bytes`, `done`, `failed`, `interrupted`.
        state: &'a str,
        /// What it does, or how it ended.
        #[serde(skip_serializing_if = "str::is_empty")]
        message: &'a str,
        /// Since it began.
        seconds: f64,
        /// Fetched so far.
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes: Option<u64>,
        /// To be fetched in all, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        total_bytes: Option<u64>,
    },
}

fn write(sink: &Sink, event: &Event<'_>) {
    let Ok(line) = serde_json::to_string(event) else { return };
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = sink.write_all(format!("{line}\n").as_bytes()).and_then(|()| sink.flush());
}

/// JSON lines.
pub struct Json {
    sink: Sink,
}

impl Json {
    /// JSON lines into `sink`.
    pub fn new(sink: Sink) -> Self {
        Self { sink }
    }
}

impl Progress for Json {
    fn task(&self, name: &str) -> Box<dyn Task> {
        let task = JsonTask {
            name: name.to_owned(),
            sink: self.sink.clone(),
            begun: Instant::now(),
            ended: AtomicBool::new(false),
            bytes_at: AtomicU64::new(0),
        };
        task.write("started", "", None, None);
        Box::new(task)
    }
    fn say(&self, line: &str) {
        write(&self.sink, &Event::Message { message: &console::strip_ansi_codes(line) });
    }
}

struct JsonTask {
    name: String,
    sink: Sink,
    begun: Instant,
    ended: AtomicBool,
    /// When bytes may be reported next, in milliseconds since the beginning.
    bytes_at: AtomicU64,
}

impl JsonTask {
    fn write(&self, state: &str, message: &str, bytes: Option<u64>, total_bytes: Option<u64>) {
        let seconds = (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        write(&self.sink, &Event::Task { task: &self.name, state, message, seconds, bytes, total_bytes });
    }

    fn end(&self, ended: Ended, what: &str) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let state = match ended {
            Ended::Done => "done",
            Ended::Failed => "failed",
            Ended::Interrupted => "interrupted",
        };
        self.write(state, what, None, None);
    }
}

impl Task for JsonTask {
    fn doing(&self, what: &str) {
        self.write("doing", what, None, None);
    }

    fn bytes(&self, done: u64, total: Option<u64>) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now < self.bytes_at.load(Ordering::Relaxed) && Some(done) != total {
            return;
        }
        self.bytes_at.store(now.saturating_add(STEP_MILLIS), Ordering::Relaxed);
        self.write("bytes", "", Some(done), total);
    }

    fn done(&self, what: &str) {
        self.end(Ended::Done, what);
    }

    fn failed(&self, what: &str) {
        self.end(Ended::Failed, what);
    }
}

impl Drop for JsonTask {
    fn drop(&mut self) {
        self.end(Ended::Interrupted, "");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::ui::tests::Written;

    #[test]
    fn every_line_is_an_object_with_stable_fields() {
        let written = Written::default();
        let progress = Json::new(Arc::new(Mutex::new(written.clone())));
        let task = progress.task("minio");
        task.doing("fetching");
        task.bytes(5, Some(10));
        task.bytes(6, Some(10));
        task.bytes(10, Some(10));
        task.done("ready");
        drop(task);
        progress.say("hello");
        let mut lines: Vec<Value> = written.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        for line in &mut lines {
            line.as_object_mut().unwrap().remove("seconds");
        }
        assert_eq!(
            lines,
            [
                json!({"event": "task", "task": "minio", "state": "started"}),
                json!({"event": "task", "task": "minio", "state": "doing", "message": "fetching"}),
                json!({"event": "task", "task": "minio", "state": "bytes", "bytes": 5, "totalBytes": 10}),
                json!({"event": "task", "task": "minio", "state": "bytes", "bytes": 10, "totalBytes": 10}),
                json!({"event": "task", "task": "minio", "state": "done", "message": "ready"}),
                json!({"event": "message", "message": "hello"}),
            ]
        );
    }
}
