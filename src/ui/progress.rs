//! How long work is shown while it runs: chosen once, used everywhere.
//!
//! Everything goes to stderr; stdout is for data.

/// A place to show tasks that run side by side.
pub trait Progress: Send + Sync {
    /// Begins a task; `name` is what the reader knows it by, such as `postgres`.
    fn task(&self, name: &str) -> Box<dyn Task>;
    /// Says something that belongs to no task, without breaking what is being drawn.
    fn say(&self, line: &str);
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
