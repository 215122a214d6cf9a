//! What is wrong with a file of the project: where, what, and what was probably meant.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ui::error::{CommandError, ErrorKind};

/// Longest part of a line that a snippet shows, in characters.
const SNIPPET_WIDTH: usize = 100;

/// A file that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, as the reader knows it.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The file.
    pub source: Arc<Source>,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// How many characters, for the carets; at least one is shown.
    pub length: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable identifier for scripts, such as `config-unknown-key`.
    pub code: &'static str,
    /// The file.
    pub file: PathBuf,
    /// Where, unless it is about the whole file.
    pub mark: Option<Mark>,
    /// The key, such as `storage.buckets[0].name`; empty for the whole file.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether the line may hold a secret and is not repeated.
    hidden: bool,
}

impl Problem {
    /// Something wrong at a place.
    pub fn at(mark: &Mark, code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            file: mark.source.path.clone(),
            mark: Some(mark.clone()),
            path: printable(&path.into()),
            message: printable(&message.into()),
            hint: None,
            hidden: false,
        }
    }

    /// Something wrong with a whole file.
    pub fn whole(file: impl Into<PathBuf>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            file: file.into(),
            mark: None,
            path: String::new(),
            message: printable(&message.into()),
            hint: None,
            hidden: false,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Keeps the line to itself, because it may hold a secret.
    #[must_use]
    pub fn hide_line(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// `plattr.yaml:4:3`, or the file alone.
    pub fn position(&self) -> String {
        match &self.mark {
            Some(mark) => format!("{}:{}:{}", self.file.display(), mark.line, mark.column),
            None => self.file.display().to_string(),
        }
    }

    /// The key, where it is one of a list and the message does not say which.
    fn unsaid_path(&self) -> Option<&str> {
        let parent = self.path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let said = self.message.contains(&self.path) || (parent.contains('[') && self.message.contains(parent));
        (self.path.contains('[') && !said).then_some(self.path.as_str())
    }

    /// The line with carets under the offending part.
    pub fn snippet(&self) -> Option<String> {
        let mark = self.mark.as_ref().filter(|_| !self.hidden)?;
        let line = mark.source.text.lines().nth(mark.line.checked_sub(1)?)?;
        let characters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let at = mark.column.saturating_sub(1).min(characters.len());
        let start = if at + 20 > SNIPPET_WIDTH { at - 20 } else { 0 };
        let shown: String = characters.iter().skip(start).take(SNIPPET_WIDTH).collect();
        let room = shown.chars().count().saturating_sub(at - start).max(1);
        let carets = "^".repeat(mark.length.clamp(1, room));
        let number = mark.line.to_string();
        let margin = " ".repeat(number.len());
        Some(format!("{margin} |\n{number} | {}\n{margin} | {}{carets}", shown.trim_end(), " ".repeat(at - start)))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position(), self.message)?;
        if let Some(path) = self.unsaid_path() {
            write!(f, " (`{path}`)")?;
        }
        if let Some(snippet) = self.snippet() {
            write!(f, "\n{snippet}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with the files of a project; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The problems, in the order of the files.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// `Ok` where there is no problem.
    pub fn check(mut problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        let place = |p: &Problem| p.mark.as_ref().map_or((0, 0), |m| (m.line, m.column));
        problems.sort_by(|a, b| (&a.file, place(a)).cmp(&(&b.file, place(b))));
        Err(Self { problems })
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.problems.as_slice() {
            return only.fmt(f);
        }
        write!(f, "{} problems in the configuration", self.problems.len())?;
        for problem in &self.problems {
            write!(f, "\n\n{problem}")?;
            if let Some(hint) = &problem.hint {
                write!(f, "\n= {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let code = error.problems.first().map_or("config-invalid", |p| p.code);
        let command = CommandError::new(ErrorKind::Config, code, error.to_string());
        match error.problems.as_slice() {
            [Problem { hint: Some(hint), .. }] => command.hint(hint),
            _ => command,
        }
    }
}

/// A text without characters that would do something to a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The candidate that was probably meant, where one is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = candidate.to_lowercase();
        // `next` for `nextjs`, `buckets` for `bucket`: nearer than any slip of the finger.
        let begins = word.chars().count() >= 3 && (other.starts_with(&word) || word.starts_with(&other));
        let distance = if begins { 1 } else { strsim::damerau_levenshtein(&word, &other) };
        let near = begins || distance <= (other.chars().count() / 3).max(1);
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Lists choices for a sentence: `` `a`, `b` or `c` ``.
pub fn choices<S: AsRef<str>>(all: &[S]) -> String {
    let quoted: Vec<String> = all.iter().map(|c| format!("`{}`", c.as_ref())).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
