//! Lines that a person types: edited, completed, and remembered for the next time.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::Signal;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::completion::{Completer, FilenameCompleter};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Behavior, CompletionType, Config, Context, Editor, Helper};

use crate::interrupt;
use crate::stack::state::create_private_dir;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// So many entries are remembered.
const REMEMBERED: usize = 5_000;

/// What a line may become at its cursor.
pub enum Completion {
    /// These words, from this byte of the line on.
    Words(usize, Vec<String>),
    /// The name of a file.
    File,
}

/// Completes: the line, and the byte that the cursor stands before.
pub type Complete = dyn Fn(&str, usize) -> Completion + Send + Sync;

/// What a person did.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// Ended a line.
    Line(String),
    /// Gave it up, with Ctrl-C.
    GivenUp,
    /// Ended the dialogue, with Ctrl-D.
    End,
}

/// A place to type lines.
pub struct LineEditor {
    /// Away while a line is being typed.
    editor: Option<Editor<Words, DefaultHistory>>,
    /// As the terminal was before.
    terminal: Option<Termios>,
    history: PathBuf,
    interrupts: interrupt::Listener,
}

struct Words {
    complete: Arc<Complete>,
    files: FilenameCompleter,
}

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        match (self.complete)(line, at) {
            Completion::Words(start, words) => Ok((start, words)),
            Completion::File => {
                let (start, pairs) = self.files.complete_path(line, at)?;
                Ok((start, pairs.into_iter().map(|pair| pair.replacement).collect()))
            }
        }
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }
}

impl Validator for Words {}

impl Helper for Words {}

impl LineEditor {
    /// An editor that remembers what was typed in a file that only its owner reads.
    ///
    /// # Errors
    /// When the folder of the file cannot be made, or the terminal cannot be used.
    pub fn new(history: &Path, complete: Arc<Complete>) -> CommandResult<Self> {
        if let Some(folder) = history.parent() {
            create_private_dir(folder)?;
        }
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .map_err(unusable)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .behavior(Behavior::PreferTerm)
            .build();
        let mut editor = Editor::with_config(config).map_err(unusable)?;
        editor.set_helper(Some(Words { complete, files: FilenameCompleter::new() }));
        // The first time there is none, and without one people can work too.
        let _ = editor.load_history(history);
        let terminal = tcgetattr(rustix::stdio::stdin()).ok();
        let history = history.to_owned();
        Ok(Self { editor: Some(editor), terminal, history, interrupts: interrupt::listen() })
    }

    /// Remembers an entry, now and for the next time.
    pub fn remember(&mut self, entry: &str) {
        let Some(editor) = &mut self.editor else { return };
        // A disk that is full keeps nobody from working.
        let _ = editor.add_history_entry(entry);
        let _ = editor.append_history(&self.history);
    }

    /// Waits for a line.
    ///
    /// # Errors
    /// When the terminal is gone, or plattr is asked to end meanwhile.
    pub async fn read(&mut self, prompt: &str) -> CommandResult<Typed> {
        let Some(mut editor) = self.editor.take() else { return Ok(Typed::End) };
        let prompt = prompt.to_owned();
        let typing = tokio::task::spawn_blocking(move || {
            let typed = editor.readline(&prompt);
            (editor, typed)
        });
        let typed = tokio::select! {
            typed = typing => typed,
            () = asked_to_end(&mut self.interrupts) => {
                if let Some(terminal) = &self.terminal {
                    let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, terminal);
                }
                return Err(interrupt::error());
            }
        };
        let (editor, typed) = typed.map_err(unusable)?;
        self.editor = Some(editor);
        match typed {
            Ok(line) => Ok(Typed::Line(line)),
            Err(ReadlineError::Interrupted) => Ok(Typed::GivenUp),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(unusable(error)),
        }
    }
}

/// While a line is typed, Ctrl-C is a key; only SIGTERM counts.
async fn asked_to_end(interrupts: &mut interrupt::Listener) {
    while interrupts.next().await != Signal::TERM {}
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> CommandError {
    CommandError::new(ErrorKind::Environment, "terminal", "this terminal cannot be typed in")
        .because(error)
        .hint("`-c` runs statements without it")
}
