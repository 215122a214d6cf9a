//! Ctrl-C and SIGTERM. They end plattr at once, except while a command has claimed them, as `plattr dev` does
//! while the person's own program runs in the foreground.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use crate::ui::error::{CommandError, ErrorKind};

static CLAIMS: AtomicUsize = AtomicUsize::new(0);

/// While it lives, interrupts are for its owner to handle, with [`next`].
pub struct Claim(());

/// Claims interrupts.
pub fn claim() -> Claim {
    CLAIMS.fetch_add(1, Ordering::SeqCst);
    Claim(())
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Hears every Ctrl-C and SIGTERM from its beginning on, also while nobody waits.
pub struct Listener(Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>);

/// Begins to listen.
pub fn listen() -> Listener {
    let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match both {
        (Ok(int), Ok(term)) => Listener(Some((int, term))),
        _ => Listener(None),
    }
}

impl Listener {
    /// Waits for the next one, and tells which it was.
    pub async fn next(&mut self) -> Signal {
        // Without handlers the signals end plattr by themselves.
        let Some((int, term)) = &mut self.0 else { return std::future::pending().await };
        tokio::select! {
            _ = int.recv() => Signal::INT,
            _ = term.recv() => Signal::TERM,
        }
    }

    /// Waits for an interrupt that nobody has claimed.
    pub async fn unclaimed(&mut self) {
        loop {
            self.next().await;
            if CLAIMS.load(Ordering::SeqCst) == 0 {
                return;
            }
        }
    }
}

/// Waits for the next Ctrl-C or SIGTERM, and tells which it was.
pub async fn next() -> Signal {
    listen().next().await
}

/// What is said.
pub fn error() -> CommandError {
    CommandError::new(ErrorKind::Interrupted, "interrupted", "interrupted; what was started or fetched so far is kept")
        .hint("run the same command again and it goes on from there; `plattr status` shows what runs")
}
