//! How long work is shown while it runs: chosen once, used everywhere.
//!
//! Everything goes to stderr; stdout is for data.

mod json;
mod plain;
mod spinner;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::ui::globals::ProgressForm;
use crate::ui::style::Style;
use crate::ui::terminal::Terminal;

/// A place to show tasks that run side by side.
pub trait Progress: Send + Sync {
    /// Begins a task; `name` is what the reader knows it by, such as `postgres`.
    fn task(&self, name: &str) -> Box<dyn Task>;
    /// Says something that belongs to no task, without breaking what is being drawn.
    fn say(&self, line: &str);
    /// Does something to the terminal while nothing is drawn.
    fn pause(&self, action: &mut dyn FnMut()) {
        action();
    }
}

/// One task. Dropped without [`Task::done`] or [`Task::failed`], it is shown as interrupted.
pub trait Task: Send + Sync {
    /// What it is doing now, such as `starting`.
    fn doing(&self, what: &str);
    /// How many bytes of how many have been fetched.
    fn bytes(&self, done: u64, total: Option<u64>);
    /// It succeeded.
    fn done(&self, what: &str);
    /// It failed; the error itself is reported elsewhere.
    fn failed(&self, what: &str);
}

/// How far blocking work has come.
pub struct Meter(watch::Sender<(u64, Option<u64>)>);

impl Meter {
    /// So many bytes of so many are done.
    pub fn bytes(&self, done: u64, total: Option<u64>) {
        self.0.send_replace((done, total));
    }

    /// A meter that nobody reads.
    #[cfg(test)]
    pub fn unseen() -> Self {
        Self(watch::Sender::new((0, None)))
    }
}

/// Does blocking work on a thread of its own, and shows its bytes.
///
/// # Errors
/// The work's.
pub async fn blocking<T: Send + 'static>(
    task: &dyn Task,
    work: impl FnOnce(&Meter) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, mut bytes) = watch::channel((0, None));
    let work = tokio::task::spawn_blocking(move || work(&Meter(sender)));
    // It ends with the work, which has the other end.
    while bytes.changed().await.is_ok() {
        let (done, total) = *bytes.borrow_and_update();
        task.bytes(done, total);
    }
    work.await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn task(&self, _name: &str) -> Box<dyn Task> {
        Box::new(Silent)
    }
    fn say(&self, _line: &str) {}
}

impl Task for Silent {
    fn doing(&self, _what: &str) {}
    fn bytes(&self, _done: u64, _total: Option<u64>) {}
    fn done(&self, _what: &str) {}
    fn failed(&self, _what: &str) {}
}

/// Where lines go.
type Sink = Arc<Mutex<dyn Write + Send>>;

/// The form that was asked for, or the one that fits: moving lines on a terminal, plain ones elsewhere.
pub fn choose(form: Option<ProgressForm>, terminal: &Terminal, style: Style) -> Arc<dyn Progress> {
    let sink: Sink = Arc::new(Mutex::new(std::io::stderr()));
    let fitting = if terminal.stderr && !terminal.ci { ProgressForm::Spinner } else { ProgressForm::Plain };
    match form.unwrap_or(fitting) {
        ProgressForm::Spinner => Arc::new(spinner::Spinner::new(indicatif::ProgressDrawTarget::stderr(), style)),
        ProgressForm::Plain => Arc::new(plain::Plain::new(sink)),
        ProgressForm::Json => Arc::new(json::Json::new(sink)),
        ProgressForm::None => Arc::new(Silent),
    }
}

/// How a task ended, so that what is dropped can be told from what has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Failed,
    Interrupted,
}
