//! The database shell: psql where it is installed, a prompt of our own elsewhere and for scripts.
//!
//! | File | What it does |
//! |---|---|
//! | `source` | who talks to which database |
//! | `psql` | becomes psql |
//! | `prompt` | a person types |
//! | `script` | files and arguments are run |
//! | `execute` | one statement: sent, cancelled, followed |
//! | `output` | what a result becomes, and where it goes |
//! | `commands`, `describe`, `copy` | what begins with a backslash |
//! | `names` | what can be completed |
//!
//! What can be told without a terminal and a connection is in `plattr_db::shell`.

mod commands;
mod copy;
mod describe;
mod execute;
mod names;
mod output;
mod prompt;
pub mod psql;
pub mod script;
pub mod source;

use std::sync::{Arc, RwLock};

use plattr_db::shell::TransactionState;
use plattr_db::shell::complete::Names;
use plattr_db::{Session, SqlFailure};

use self::output::{Output, Settings};
use self::script::Text;
use self::source::Source;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult};
use crate::ui::globals::Format;

/// What is wanted of a shell.
#[derive(Debug)]
pub struct Options {
    /// How results are printed.
    pub format: Format,
    /// What is run; none is a person at a terminal.
    pub script: Option<Vec<Text>>,
    /// Everything in one transaction.
    pub single_transaction: bool,
    /// Go on after a statement failed.
    pub keep_going: bool,
}

/// Talks to a database, until the script or the person ends.
///
/// # Errors
/// When the database cannot be reached, or a script failed.
pub async fn run(ui: &Ui, source: Source, options: Options) -> CommandResult {
    let interactive = options.script.is_none();
    let mut shell = Shell::open(ui, source, options.format, interactive).await?;
    match options.script {
        None => shell.prompt().await,
        Some(texts) => shell.scripts(texts, options.single_transaction, options.keep_going).await,
    }
}

/// An open shell.
struct Shell<'u> {
    ui: &'u Ui,
    voice: Voice<'u>,
    source: Source,
    session: Session,
    state: TransactionState,
    settings: Settings,
    output: Output,
    names: Arc<RwLock<Names>>,
    /// The last statement, for `\g` and `\watch` without one.
    last: String,
    interactive: bool,
    keep_going: bool,
    /// How many statements failed while it kept going.
    failures: usize,
}

/// How a shell says what is no data.
#[derive(Clone, Copy)]
struct Voice<'u> {
    ui: &'u Ui,
    /// Whether a person types between what is said.
    dialogue: bool,
}

impl Voice<'_> {
    fn say(self, text: impl AsRef<str>) {
        if self.dialogue {
            self.ui.remark(text.as_ref());
        } else {
            self.ui.say(text);
        }
    }
}

/// Why a statement or a command was not done.
enum Stop {
    /// The server did not do it, or is gone.
    Refused(SqlFailure),
    /// Something on this side.
    Failed(CommandError),
}

impl From<SqlFailure> for Stop {
    fn from(failure: SqlFailure) -> Self {
        Self::Refused(failure)
    }
}

impl From<CommandError> for Stop {
    fn from(error: CommandError) -> Self {
        Self::Failed(error)
    }
}

impl<'u> Shell<'u> {
    async fn open(ui: &'u Ui, source: Source, format: Format, interactive: bool) -> CommandResult<Self> {
        let session = source.login.connect().await.map_err(|failure| source.target.unreachable(failure))?;
        Ok(Self {
            ui,
            voice: Voice { ui, dialogue: interactive },
            source,
            session,
            state: TransactionState::Idle,
            settings: Settings::new(format, interactive),
            output: Output::Screen,
            names: Arc::default(),
            last: String::new(),
            interactive,
            keep_going: false,
            failures: 0,
        })
    }
}
