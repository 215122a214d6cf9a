//! Statements that nobody types: from arguments, files and standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use plattr_db::SqlFailure;
use plattr_db::failure::line_and_column;
use plattr_db::shell::place::in_text;
use plattr_db::shell::{Input, Piece};
use tokio_postgres::error::SqlState;

use super::commands::Next;
use super::{Shell, Stop};
use crate::ui::error::{BROKEN_PIPE, CommandError, CommandResult, ErrorKind};
use crate::ui::units::counted;

/// Something to run.
#[derive(Debug)]
pub struct Text {
    /// The file; none for an argument.
    pub name: Option<PathBuf>,
    /// What is in it.
    pub text: String,
}

impl Text {
    /// Reads a file; `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub fn read(path: &Path) -> CommandResult<Self> {
        let mut bytes = Vec::new();
        let (name, read) = if path.as_os_str() == "-" {
            (PathBuf::from("stdin"), std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()))
        } else {
            (path.to_owned(), std::fs::read(path).map(|read| bytes = read))
        };
        read.map_err(|error| CommandError::io("read", &name, error))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name: Some(name), text }),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
                let message = format!("{}:{line} is not UTF-8", name.display());
                Err(CommandError::new(ErrorKind::Failed, "not-utf8", message)
                    .hint("`iconv -f LATIN1 -t UTF-8` converts a file in an older encoding"))
            }
        }
    }
}

impl Shell<'_> {
    /// Runs everything.
    ///
    /// # Errors
    /// The first failure; with `keep_going`, how many there were.
    pub async fn scripts(&mut self, texts: Vec<Text>, single_transaction: bool, keep_going: bool) -> CommandResult {
        self.keep_going = keep_going;
        if single_transaction {
            self.quietly("BEGIN").await?;
        }
        for text in texts {
            let doing = text
                .name
                .as_ref()
                .map_or_else(|| "run the statement".to_owned(), |name| format!("run {}", name.display()));
            match self.text(text).await {
                Ok(Next::Go) => {}
                Ok(Next::Quit) => break,
                Err(stop) => {
                    let error = self.explain(stop, &doing);
                    return Err(if single_transaction {
                        error.hint("nothing was changed: it was one transaction")
                    } else {
                        error
                    });
                }
            }
        }
        if single_transaction {
            self.quietly("COMMIT").await?;
        }
        match self.failures {
            0 => Ok(()),
            n => Err(CommandError::new(
                ErrorKind::Failed,
                "statements-failed",
                format!("{} failed", counted(n, "statement")),
            )
            .hint("what failed is told above")),
        }
    }

    async fn quietly(&mut self, sql: &str) -> CommandResult {
        let done = self.session.client.batch_execute(sql).await;
        let done = self.follow(sql, done.map_err(|error| Stop::Refused(error.into())));
        done.map_err(|stop| self.explain(stop, "keep the transaction"))
    }

    /// Runs a text to its end, or to its first failure.
    pub async fn text(&mut self, text: Text) -> Result<Next, Stop> {
        let Text { name, text } = text;
        let mut input = Input::new(text);
        loop {
            let piece = match input.next_piece() {
                Some(piece) => piece,
                None => match input.finish() {
                    Some(range) => Piece::Statement(range),
                    None => return Ok(Next::Go),
                },
            };
            let start = match &piece {
                Piece::Statement(range) => range.start,
                Piece::Command { line, .. } => line.start - 1,
            };
            match self.piece(&mut input, piece, false).await {
                Ok(Next::Go) => {}
                Ok(Next::Quit) => return Ok(Next::Quit),
                Err(stop) => {
                    let stop = located(stop, name.as_deref(), line_and_column(input.text(), start));
                    if !self.goes_on(&stop) {
                        return Err(stop);
                    }
                    let error = self.explain(stop, "run a statement");
                    self.ui.error(&error);
                    self.failures += 1;
                }
            }
        }
    }

    /// Whether what follows is run all the same.
    fn goes_on(&self, stop: &Stop) -> bool {
        let over = match stop {
            Stop::Refused(_) => self.session.client.is_closed(),
            Stop::Failed(error) => error.code == BROKEN_PIPE || error.kind == ErrorKind::Interrupted,
        };
        self.keep_going && !over
    }

    /// A failure as that of a command.
    pub fn explain(&self, stop: Stop, doing: &str) -> CommandError {
        let failure = match stop {
            Stop::Failed(error) => return error,
            Stop::Refused(failure) => failure,
        };
        let read_only = failure.is(&SqlState::READ_ONLY_SQL_TRANSACTION);
        let error = self.source.target.explain(doing, failure);
        if read_only && self.source.read_only { error.hint(self.source.way_out) } else { error }
    }
}

/// Says where in its file something failed; what already says so keeps its place.
fn located(stop: Stop, name: Option<&Path>, start: (usize, usize)) -> Stop {
    match stop {
        // Of a statement that was given as an argument, people know where it begins.
        Stop::Refused(failure) if failure.file.is_none() && (name.is_some() || failure.at.is_some()) => {
            let at = Some(in_text(start, failure.at));
            Stop::Refused(SqlFailure { at, file: name.map(Path::to_owned), ..failure })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_that_is_no_text_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.sql");
        std::fs::write(&path, b"select 1;\nselect '\xe9';").unwrap();
        let error = Text::read(&path).unwrap_err();
        assert_eq!(error.code, "not-utf8");
        assert!(error.message.ends_with("old.sql:2 is not UTF-8"), "{}", error.message);
    }
}
