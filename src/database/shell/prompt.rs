//! A person types.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plattr_db::shell::complete::complete;
use plattr_db::shell::place::excerpt;
use plattr_db::shell::statement::has_secret;
use plattr_db::shell::{Input, Piece, TransactionState, Within};
use tokio_postgres::error::SqlState;

use super::commands::Next;
use super::{Shell, Stop};
use crate::interrupt;
use crate::stack::registry::state_home;
use crate::ui::error::{CommandResult, ErrorKind};
use crate::ui::line_editor::{Complete, Completion, LineEditor, Typed};

/// How long it takes until a connection is closed that the server said it ends.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

impl Shell<'_> {
    /// Talks with a person until they leave.
    ///
    /// # Errors
    /// When the terminal is gone, or plattr is asked to end.
    pub async fn prompt(&mut self) -> CommandResult {
        // Ctrl-C gives up a line or a statement here, not the shell.
        let _claim = interrupt::claim();
        self.greet();
        self.load_names();
        let before = Arc::new(Mutex::new(String::new()));
        let mut editor = LineEditor::new(&state_home().join("shell_history"), self.completion(Arc::clone(&before)))?;
        let mut input = Input::default();
        // What belongs together is remembered together.
        let mut entry: Vec<String> = Vec::new();
        loop {
            let within = input.within();
            input.rest().clone_into(&mut before.lock().unwrap_or_else(PoisonError::into_inner));
            match editor.read(&self.sign(within)).await? {
                Typed::GivenUp => {
                    input.clear();
                    entry.clear();
                }
                Typed::End => break,
                Typed::Line(line) => {
                    input.push(&line);
                    let flow = self.pieces(&mut input).await?;
                    if line.trim_start().starts_with('\\') {
                        remember(&mut editor, &line);
                    } else {
                        entry.push(line);
                    }
                    if input.within() == Within::Nothing {
                        remember(&mut editor, &entry.join("\n"));
                        entry.clear();
                    }
                    if flow.is_break() {
                        break;
                    }
                }
            }
        }
        if self.state != TransactionState::Idle {
            self.ui.warn("a transaction was open: nothing of it is kept");
        }
        Ok(())
    }

    /// Does everything that is whole in an input.
    async fn pieces(&mut self, input: &mut Input) -> CommandResult<ControlFlow<()>> {
        while let Some(piece) = input.next_piece() {
            let sql = match &piece {
                Piece::Statement(range) => input.text()[range.clone()].to_owned(),
                Piece::Command { pending, .. } => input.text()[pending.clone()].to_owned(),
            };
            match self.piece(input, piece, true).await {
                Ok(Next::Go) => {}
                Ok(Next::Quit) => return Ok(ControlFlow::Break(())),
                Err(Stop::Failed(error)) if error.kind == ErrorKind::Interrupted => return Err(error),
                Err(stop) => {
                    let refused = matches!(stop, Stop::Refused(_));
                    let ends = matches!(&stop, Stop::Refused(failure) if failure.is(&SqlState::ADMIN_SHUTDOWN));
                    self.complain(stop, &sql);
                    // The connection may have gone with the statement: that is told now, not at the next one.
                    let began = Instant::now();
                    while ends && !self.session.client.is_closed() && began.elapsed() < CLOSES_WITHIN {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    if refused && let Err(stop) = self.reconnect().await {
                        self.complain(stop, &sql);
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn greet(&self) {
        self.voice.say("`\\?` lists the commands, `\\q` leaves");
        if self.source.read_only {
            self.voice.say(format!("this session only reads; {}", self.source.way_out));
        }
    }

    /// Says what did not work.
    fn complain(&self, stop: Stop, sql: &str) {
        match stop {
            Stop::Refused(failure) => {
                let read_only = self.source.read_only && failure.is(&SqlState::READ_ONLY_SQL_TRANSACTION);
                let mut text = match (&failure.file, failure.at) {
                    // In a file, its line is not what was typed.
                    (Some(_), _) => failure.to_string(),
                    _ => excerpt(sql, &failure),
                };
                if read_only {
                    text += &format!("\n  hint: {}", self.source.way_out);
                }
                self.ui.complain(&text);
            }
            Stop::Failed(error) => self.ui.error(&error),
        }
    }

    fn sign(&self, within: Within) -> String {
        format!("{}{}{}> ", self.source.label, within.sign(), self.state.sign())
    }

    fn completion(&self, before: Arc<Mutex<String>>) -> Arc<Complete> {
        let names = Arc::clone(&self.names);
        Arc::new(move |line: &str, at: usize| {
            if takes_file(&line[..at]) {
                return Completion::File;
            }
            let before = before.lock().unwrap_or_else(PoisonError::into_inner);
            let names = names.read().unwrap_or_else(PoisonError::into_inner);
            let typed = format!("{before}{}", &line[..at]);
            let (start, words) = complete(&names, &typed, &line[at..]);
            // The word that is completed is on this line.
            Completion::Words(start.saturating_sub(before.len()), words)
        })
    }
}

/// Whether the argument of a command is the name of a file.
fn takes_file(line: &str) -> bool {
    let line = line.trim_start();
    ["\\i ", "\\o ", "\\g ", "\\gx ", "\\e "].iter().any(|command| line.starts_with(command))
}

/// Remembers what was typed, unless it may have a password in it.
fn remember(editor: &mut LineEditor, text: &str) {
    if !text.trim().is_empty() && !has_secret(text) {
        editor.remember(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_completed_where_a_command_takes_one() {
        assert!(takes_file("\\i scr"));
        assert!(!takes_file("\\d scr"));
        assert!(!takes_file("select '\\i "));
    }
}
