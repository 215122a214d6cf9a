//! Text that is taller than the terminal, through the person's pager.

use std::io::{IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use console::Term;

use crate::ui::Ui;
use crate::ui::error::CommandResult;

/// How many columns the terminal behind stdout has; none where it is no terminal.
pub fn columns() -> Option<usize> {
    Term::stdout().size_checked().map(|(_, columns)| usize::from(columns))
}

impl Ui {
    /// Prints data to stdout, page by page where that is a terminal on which it would not fit: by `$PAGER`, else by
    /// `less -S`.
    ///
    /// # Errors
    /// As [`Ui::out`].
    pub fn page(&self, text: &str) -> CommandResult {
        let rows = Term::stdout().size_checked().map(|(rows, _)| usize::from(rows));
        let tall = rows.is_some_and(|rows| text.lines().count() >= rows);
        if !tall || !std::io::stdout().is_terminal() || !paged(text) {
            return self.out(text);
        }
        Ok(())
    }
}

/// Whether a pager showed it.
fn paged(text: &str) -> bool {
    let pager = match std::env::var("PAGER") {
        Ok(pager) if pager.trim().is_empty() => return false,
        Ok(pager) => pager,
        Err(_) if which::which("less").is_ok() => "less -S".to_owned(),
        Err(_) => return false,
    };
    let started = Command::new("sh").args(["-c", &pager]).stdin(Stdio::piped()).spawn();
    let Ok(mut child) = started else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // A person who has seen enough closes it.
        let _ = stdin.write_all(text.as_bytes());
    }
    // What sh says when it does not find the program.
    child.wait().is_ok_and(|status| status.code() != Some(127))
}
