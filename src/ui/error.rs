//! What a command says when it fails: what happened, why, and what to do next.

use std::error::Error;
use std::fmt;

/// Kinds of failure; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something that was asked for did not work.
    Failed,
    /// The command line is wrong.
    Usage,
    /// `plattr.yaml` or another file of the project is wrong.
    Config,
    /// This machine is in the way: ports, disk, permissions, missing programs.
    Environment,
    /// Something far away is in the way: a registry, a cluster, a cloud.
    Remote,
    /// The person stopped it.
    Interrupted,
    /// The person's own program, which plattr ran, ended with this exit code. It has said why; `main` ends quietly.
    Program(u8),
}

impl ErrorKind {
    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Config => 3,
            Self::Environment => 4,
            Self::Remote => 5,
            Self::Interrupted => 130,
            Self::Program(code) => code,
        }
    }
}

/// The code of the error that is none: the reader of stdout went away. `main` ends quietly.
pub const BROKEN_PIPE: &str = "broken-pipe";

/// A failed command.
#[derive(Debug)]
pub struct CommandError {
    /// Its kind, which decides the exit code.
    pub kind: ErrorKind,
    /// A stable identifier for scripts, such as `port-taken`.
    pub code: &'static str,
    /// What happened, in one sentence.
    pub message: String,
    /// Why, as far as it is known.
    pub source: Option<Box<dyn Error + Send + Sync>>,
    /// What to do next, most likely first.
    pub hints: Vec<String>,
}

impl CommandError {
    /// An error that says what happened.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), source: None, hints: Vec::new() }
    }

    /// Adds why.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|e| e as &(dyn Error + 'static))
    }
}

/// What a command returns.
pub type CommandResult<T = ()> = Result<T, CommandError>;
