//! Moving lines, for people at a terminal: one a task, with its time, or a bar while bytes arrive. What has
//! ended stays above as one line.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ended, Progress, Task};
use crate::ui::style::Style;
use crate::ui::units;

/// Names are padded to this width, so that what is being done stands in one column.
const NAME_WIDTH: usize = 14;
/// How often a line moves.
const TICK: Duration = Duration::from_millis(100);

/// Moving lines.
pub struct Spinner {
    lines: MultiProgress,
    style: Style,
}

impl Spinner {
    /// Moving lines on `target`.
    pub fn new(target: ProgressDrawTarget, style: Style) -> Self {
        Self { lines: MultiProgress::with_draw_target(target), style }
    }
}

/// indicatif's own templates are the only ones used, and tests draw each.
fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_strings(&["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", " "])
        .progress_chars("━╸ ")
}

fn working() -> ProgressStyle {
    template(&format!("{{spinner}} {{prefix:{NAME_WIDTH}}} {{wide_msg}} {{elapsed:>4}}"))
}

fn fetching() -> ProgressStyle {
    template(&format!(
        "{{spinner}} {{prefix:{NAME_WIDTH}}} {{bar:24}} {{decimal_bytes}}/{{decimal_total_bytes}} \
         {{decimal_bytes_per_sec}} {{eta}}"
    ))
}

impl Progress for Spinner {
    fn task(&self, name: &str) -> Box<dyn Task> {
        let bar = self.lines.add(ProgressBar::new_spinner().with_style(working()).with_prefix(name.to_owned()));
        bar.enable_steady_tick(TICK);
        Box::new(SpinnerTask {
            name: name.to_owned(),
            bar,
            lines: self.lines.clone(),
            style: self.style,
            fetching: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    fn say(&self, line: &str) {
        let _ = self.lines.println(line);
    }

    fn pause(&self, action: &mut dyn FnMut()) {
        self.lines.suspend(action);
    }
}

struct SpinnerTask {
    name: String,
    bar: ProgressBar,
    lines: MultiProgress,
    style: Style,
    fetching: AtomicBool,
    ended: AtomicBool,
}

impl SpinnerTask {
    fn end(&self, ended: Ended, what: &str) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let time = self.style.dim(&units::duration(self.bar.elapsed()));
        let (mark, what) = match ended {
            Ended::Done => (self.style.good("✓"), what),
            Ended::Failed => (self.style.bad("✗"), what),
            Ended::Interrupted => (self.style.warning("–"), "interrupted"),
        };
        let line = format!("{mark} {:NAME_WIDTH$} {what} {time}", self.name);
        self.bar.finish_and_clear();
        self.lines.remove(&self.bar);
        let _ = self.lines.println(line);
    }
}

impl Task for SpinnerTask {
    fn doing(&self, what: &str) {
        if self.fetching.swap(false, Ordering::Relaxed) {
            self.bar.set_style(working());
        }
        self.bar.set_message(what.to_owned());
    }

    fn bytes(&self, done: u64, total: Option<u64>) {
        match total {
            Some(total) => {
                self.bar.set_length(total);
                self.bar.set_position(done);
                if !self.fetching.swap(true, Ordering::Relaxed) {
                    // Speed counts from here, not from what a resumed download began with.
                    self.bar.reset_eta();
                    self.bar.set_style(fetching());
                }
            }
            None => self.bar.set_message(units::bytes(done)),
        }
    }

    fn done(&self, what: &str) {
        self.end(Ended::Done, what);
    }

    fn failed(&self, what: &str) {
        self.end(Ended::Failed, what);
    }
}

impl Drop for SpinnerTask {
    fn drop(&mut self) {
        self.end(Ended::Interrupted, "");
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn spinner() -> (Spinner, InMemoryTerm) {
        let screen = InMemoryTerm::new(20, 80);
        (Spinner::new(ProgressDrawTarget::term_like(Box::new(screen.clone())), Style::new(false)), screen)
    }

    #[test]
    fn what_has_ended_stays_and_what_runs_moves() {
        let (spinner, screen) = spinner();
        let (postgres, redis) = (spinner.task("postgres"), spinner.task("redis"));
        redis.doing("starting");
        postgres.done("ready");
        spinner.say("one line of talk");
        redis.failed("it died");
        let shown = screen.contents();
        let lines: Vec<&str> = shown.lines().map(|line| line.split(" 0.").next().unwrap_or_default()).collect();
        assert_eq!(lines, ["✓ postgres       ready", "one line of talk", "✗ redis          it died"], "{shown}");
    }

    #[test]
    fn bytes_are_a_bar() {
        let (spinner, screen) = spinner();
        let task = spinner.task("minio");
        task.bytes(5_000_000, Some(10_000_000));
        // The screen is empty for a moment whenever it is drawn.
        let began = std::time::Instant::now();
        loop {
            let shown = screen.contents();
            if shown.contains("━━━━━━━━━━━━") && shown.contains("5.00 MB/10.00 MB") {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "{shown}");
            std::thread::sleep(TICK / 4);
        }
        drop(task);
        assert!(screen.contents().contains("– minio          interrupted"), "{}", screen.contents());
    }
}
