//! What a server refused, as a person wants to hear it.

use std::fmt;
use std::path::{Path, PathBuf};

use tokio_postgres::error::{DbError, ErrorPosition};

/// A statement that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFailure {
    /// What the server, or the network, said.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What the server suggests.
    pub hint: Option<String>,
    /// SQLSTATE; none where no server said anything.
    pub code: Option<String>,
    /// File that the statement stands in.
    pub file: Option<PathBuf>,
    /// Where in the file, or in the text that was sent: line and column, both from 1.
    pub at: Option<(usize, usize)>,
}

impl SqlFailure {
    /// What went wrong with `sql`, which was sent as it is.
    pub fn new(error: &tokio_postgres::Error, sql: &str) -> Self {
        Self::in_part(error, sql, 0)
    }

    /// What went wrong with the part of `text` that begins at the byte `offset`: the server counts from there.
    pub fn in_part(error: &tokio_postgres::Error, text: &str, offset: usize) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self { message: reason(error), detail: None, hint: None, code: None, file: None, at: None };
        };
        let at = match db.position() {
            Some(ErrorPosition::Original(position)) => {
                let part = text.get(offset..).unwrap_or_default();
                Some(line_and_column(text, offset + byte_at(part, *position)))
            }
            _ => None,
        };
        Self { at, ..Self::from(db) }
    }

    /// Says which file it was.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// Whether the server gave this SQLSTATE.
    pub fn is(&self, code: &tokio_postgres::error::SqlState) -> bool {
        self.code.as_deref() == Some(code.code())
    }
}

/// The byte at a position as the server counts: characters from 1.
pub fn byte_at(text: &str, position: u32) -> usize {
    text.char_indices().nth(position as usize - 1).map_or(text.len(), |(byte, _)| byte)
}

impl From<&DbError> for SqlFailure {
    fn from(db: &DbError) -> Self {
        Self {
            message: db.message().to_owned(),
            detail: db.detail().map(str::to_owned),
            hint: db.hint().map(str::to_owned),
            code: Some(db.code().code().to_owned()),
            file: None,
            at: None,
        }
    }
}

impl From<tokio_postgres::Error> for SqlFailure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::new(&error, "")
    }
}

impl fmt::Display for SqlFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            if let Some((line, column)) = self.at {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
        } else if let Some((line, column)) = self.at {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(code) = &self.code {
            write!(f, " (SQLSTATE {code})")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, "; {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SqlFailure {}

/// The whole chain of causes; tokio-postgres' own text is often only "db error".
fn reason(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

/// Line and column of a byte, both from 1, columns in characters.
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters_from_one() {
        assert_eq!(line_and_column("a\nü b", 0), (1, 1));
        assert_eq!(line_and_column("a\nü b", 5), (2, 3));
        assert_eq!(line_and_column("a", 99), (1, 2));
    }
}
