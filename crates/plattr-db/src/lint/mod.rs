//! What is unsafe in a migration, and what is unsafe or slow in a schema.
//!
//! Two halves share one table of rules ([`rules`]) and one kind of [`Finding`]:
//!
//! | Module | What it looks at |
//! |---|---|
//! | [`file`] | the text of a migration, by the library squawk and a few rules of our own; no database |
//! | [`schema`] | a schema as it is: its catalogue, and [`facts`] that a catalogue does not have |
//!
//! A comment `-- plattr:ignore RULE` before a statement, or `plattr:ignore RULE` in the comment (`COMMENT ON`) of an
//! object, says that something is meant to be so.

pub mod facts;
pub mod file;
mod ignore;
pub mod rules;
pub mod schema;
mod squawk;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

pub use rules::{Rule, Subject};

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Breaks older programs, or will hurt one day.
    Warning,
    /// Fails, stops others while it runs, loses data, or shows it to everyone.
    Error,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Name of the rule.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, and why that matters.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// In a file.
    File(FilePlace),
    /// In a schema.
    Object {
        /// The object.
        object: Object,
    },
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilePlace {
    /// Path as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line of its end.
    pub end_line: usize,
    /// Column after its end.
    pub end_column: usize,
    /// The same in bytes.
    #[serde(skip)]
    pub span: Range<usize>,
}

/// An object of a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// `table`, `index`, `function`, ….
    pub kind: &'static str,
    /// Schema.
    pub schema: String,
    /// Name; of a part with its table before it: `todos.due`.
    pub name: String,
}

/// Which rules count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// These and no others, also those that are off by default; empty: those that are on.
    pub only: BTreeSet<String>,
    /// Not these.
    pub without: BTreeSet<String>,
}

impl Choice {
    /// Whether a rule counts.
    pub fn wants(&self, rule: &Rule) -> bool {
        let chosen = if self.only.is_empty() { rule.on } else { self.only.contains(rule.name) };
        chosen && !self.without.contains(rule.name)
    }
}
