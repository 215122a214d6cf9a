//! One line for each change, for logs of continuous integration and for pipes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Ended, Progress, Sink, Task};
use crate::ui::units;

/// Bytes are said again after so many per cent …
const STEP_PERCENT: u64 = 10;
/// … or so much time.
const STEP_TIME: Duration = Duration::from_secs(5);

/// Plain lines.
pub struct Plain {
    sink: Sink,
}

impl Plain {
    /// Plain lines into `sink`.
    pub fn new(sink: Sink) -> Self {
        Self { sink }
    }
}

fn write(sink: &Sink, line: &str) {
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    // In one write, so that lines of several programs in one log do not mix.
    let _ = sink.write_all(format!("{line}\n").as_bytes()).and_then(|()| sink.flush());
}

impl Progress for Plain {
    fn task(&self, name: &str) -> Box<dyn Task> {
        let said = Said { what: String::new(), percent: 0, at: Instant::now(), ended: false };
        Box::new(PlainTask { name: name.to_owned(), sink: self.sink.clone(), begun: Instant::now(), said: said.into() })
    }
    fn say(&self, line: &str) {
        write(&self.sink, line);
    }
}

/// What was said last.
struct Said {
    what: String,
    percent: u64,
    at: Instant,
    ended: bool,
}

struct PlainTask {
    name: String,
    sink: Sink,
    begun: Instant,
    said: Mutex<Said>,
}

impl PlainTask {
    fn end(&self, ended: Ended, what: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut said.ended, true) {
            return;
        }
        let (name, seconds) = (&self.name, units::duration(self.begun.elapsed()));
        match ended {
            Ended::Done => write(&self.sink, &format!("{name}: {what} in {seconds}")),
            Ended::Failed => write(&self.sink, &format!("{name}: failed after {seconds}: {what}")),
            Ended::Interrupted => write(&self.sink, &format!("{name}: interrupted after {seconds}")),
        }
    }
}

impl Task for PlainTask {
    fn doing(&self, what: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.what != what {
            what.clone_into(&mut said.what);
            (said.percent, said.at) = (0, Instant::now());
            write(&self.sink, &format!("{}: {what}", self.name));
        }
    }

    fn bytes(&self, done: u64, total: Option<u64>) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let percent = total.filter(|t| *t > 0).map(|t| done.saturating_mul(100) / t);
        if percent.unwrap_or(0) < said.percent + STEP_PERCENT && said.at.elapsed() < STEP_TIME {
            return;
        }
        (said.percent, said.at) = (percent.unwrap_or(0) / STEP_PERCENT * STEP_PERCENT, Instant::now());
        let line = match (percent, total) {
            (Some(percent), Some(total)) => format!("{}: {percent} % of {}", self.name, units::bytes(total)),
            _ => format!("{}: {}", self.name, units::bytes(done)),
        };
        write(&self.sink, &line);
    }

    fn done(&self, what: &str) {
        self.end(Ended::Done, what);
    }

    fn failed(&self, what: &str) {
        self.end(Ended::Failed, what);
    }
}

impl Drop for PlainTask {
    fn drop(&mut self) {
        self.end(Ended::Interrupted, "");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::Arc;

    use super::*;
    use crate::ui::tests::Written;

    fn lines(act: impl FnOnce(&Plain)) -> String {
        let written = Written::default();
        act(&Plain::new(Arc::new(Mutex::new(written.clone()))));
        written.text()
    }

    #[test]
    fn a_line_for_each_change() {
        let text = lines(|p| {
            let task = p.task("postgres");
            task.doing("starting");
            task.doing("starting");
            task.done("ready");
            p.say("all is well");
        });
        assert_eq!(text, "postgres: starting\npostgres: ready in 0.0s\nall is well\n");
    }

    #[test]
    fn bytes_are_said_every_ten_per_cent() {
        let text = lines(|p| {
            let task = p.task("minio");
            (0..=1000).for_each(|n| task.bytes(n * 1000, Some(1_000_000)));
            task.done("fetched");
        });
        assert_eq!(text.lines().count(), 11, "{text}");
        assert!(text.starts_with("minio: 10 % of 1.0 MB\nminio: 20 % of 1.0 MB\n"), "{text}");
    }

    #[test]
    fn what_is_dropped_was_interrupted() {
        assert_eq!(lines(|p| drop(p.task("redis"))), "redis: interrupted after 0.0s\n");
    }

    #[test]
    fn what_failed_says_so_once() {
        let text = lines(|p| p.task("redis").failed("it died"));
        assert_eq!(text, "redis: failed after 0.0s: it died\n");
    }
}
