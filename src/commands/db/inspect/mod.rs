//! `plattr db inspect`

mod bloat;
mod connections;
mod indexes;
mod locks;
mod sizes;
mod statements;
#[cfg(test)]
mod tests;
mod vacuum;
mod view;

use std::fmt;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use plattr_db::{Session, SqlFailure, inspect};
use serde_json::{Map, Value};
use tokio_postgres::error::SqlState;

use crate::database::target::{Target, TargetArgs};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};
use view::View;

/// Show what the database is busy with and what it is made of
///
/// Looks at the application's schema; locks, connections and running vacuums are those of the whole database. Changes
/// nothing, and needs no superuser: what the server hides from the login is left out.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Who waits for whom, and how to end it:
    $ plattr db inspect locks

  Everything, of every schema:
    $ plattr db inspect --all-schemas

  Indexes that nobody uses:
    $ plattr db inspect indexes -o json | jq -r '.indexes.indexes[] | select(.unused).name'

  A database elsewhere:
    $ plattr db inspect sizes --db-url postgresql://me@db.example.com/shop")]
pub struct InspectArgs {
    /// What to look at
    #[arg(value_name = "WHAT", value_enum, default_value = "all", hide_possible_values = false)]
    what: Vec<What>,
    /// Look at every schema, not only the application's
    #[arg(long)]
    all_schemas: bool,
    /// Show at most this many lines of each table; 0 is all. JSON always has all
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    target: TargetArgs,
}

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Which tables take the space
    Sizes,
    /// Which statements take the time (pg_stat_statements)
    Statements,
    /// Who waits for whom
    Locks,
    /// Which tables hold dead rows and empty pages
    Bloat,
    /// Which indexes nobody uses, which are double, which are missing
    Indexes,
    /// Who is connected, and how many more may be
    Connections,
    /// When tables were last vacuumed, and when they will be
    Vacuum,
    /// All of these
    All,
}

/// Locks come first: the others may have to wait for them.
const ALL: [What; 7] =
    [What::Locks, What::Connections, What::Statements, What::Sizes, What::Bloat, What::Vacuum, What::Indexes];

/// An answer.
enum Answer {
    Sizes(inspect::sizes::Sizes),
    Statements(inspect::statements::Statements),
    Locks(inspect::locks::Locks),
    Bloat(inspect::bloat::Bloat),
    Indexes(inspect::indexes::Indexes),
    Connections(inspect::connections::Connections),
    Vacuum(inspect::vacuum::Vacuum),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

/// Runs the command.
///
/// # Errors
/// When the database cannot be reached or refuses. An answer that one question could not get in time leaves the others
/// as they are.
pub async fn run(ui: &Ui, globals: &Globals, args: InspectArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Json, Format::Yaml])?;
    let target = args.target.open(globals).await?;
    let session = connect(&target).await?;
    let schema = (!args.all_schemas).then_some(target.schema.as_str());
    let view = View {
        style: ui.style(),
        plot: ui.plot(),
        limit: if args.limit == 0 { usize::MAX } else { args.limit },
        schemas: args.all_schemas,
        local: target.local.is_some(),
        now: Timestamp::now(),
    };
    let wanted: Vec<What> = if args.what.contains(&What::All) { ALL.to_vec() } else { args.what };
    let mut values = Map::new();
    let mut failed = None;
    for what in &wanted {
        let answer = match ask(&session, *what, schema).await {
            Ok(answer) => answer,
            Err(failure) => {
                let error = explain(&target, *what, failure);
                if wanted.len() > 1 && error.code == LOCKED {
                    ui.warn(format!("{what}: {error}; `plattr db inspect locks` shows by whom"));
                    failed = Some(error);
                    continue;
                }
                return Err(error);
            }
        };
        match format {
            Format::Text if wanted.len() > 1 => {
                ui.out(format!("{}\n{}\n", ui.style().hint(&title(*what)), answer.text(&view)))?;
            }
            Format::Text => ui.out(answer.text(&view))?,
            _ => {
                values.insert(what.to_string(), answer.value()?);
            }
        }
    }
    if format != Format::Text {
        ui.value(format, &values)?;
    }
    failed.map_or(Ok(()), Err)
}

/// On a laptop as the administrator, who may see what all logins of applications do; else as whoever the URL names.
async fn connect(target: &Target) -> CommandResult<Session> {
    let server = target.local.as_ref().map_or_else(|| target.server.clone(), |local| local.admin());
    let session = target.session(&server).await?;
    inspect::prepare(&session.client).await.map_err(|failure| target.explain("look at the database", failure))?;
    Ok(session)
}

async fn ask(session: &Session, what: What, schema: Option<&str>) -> Result<Answer, SqlFailure> {
    let client = &session.client;
    Ok(match what {
        What::Sizes => Answer::Sizes(inspect::sizes::sizes(client, schema).await?),
        What::Statements => Answer::Statements(inspect::statements::statements(client, schema).await?),
        What::Bloat => Answer::Bloat(inspect::bloat::bloat(client, schema).await?),
        What::Indexes => Answer::Indexes(inspect::indexes::indexes(client, schema).await?),
        What::Connections => Answer::Connections(inspect::connections::connections(client).await?),
        What::Vacuum => Answer::Vacuum(inspect::vacuum::vacuum(client, schema).await?),
        What::Locks | What::All => Answer::Locks(inspect::locks::locks(client).await?),
    })
}

/// The code of the error that says that a table was locked.
const LOCKED: &str = "database-locked";

fn explain(target: &Target, what: What, failure: SqlFailure) -> CommandError {
    if failure.is(&SqlState::LOCK_NOT_AVAILABLE) {
        let seconds = inspect::PATIENCE_SECONDS;
        return CommandError::new(ErrorKind::Failed, LOCKED, format!("a table is locked for longer than {seconds}s"))
            .because(failure)
            .hint("`plattr db inspect locks` shows by whom");
    }
    target.explain(&format!("look at {what}"), failure)
}

fn title(what: What) -> String {
    let name = what.to_string();
    name[..1].to_uppercase() + &name[1..]
}

impl Answer {
    fn text(&self, view: &View) -> String {
        match self {
            Self::Sizes(it) => sizes::text(it, view),
            Self::Statements(it) => statements::text(it, view),
            Self::Locks(it) => locks::text(it, view),
            Self::Bloat(it) => bloat::text(it, view),
            Self::Indexes(it) => indexes::text(it, view),
            Self::Connections(it) => connections::text(it, view),
            Self::Vacuum(it) => vacuum::text(it, view),
        }
    }

    fn value(&self) -> CommandResult<Value> {
        let value = match self {
            Self::Sizes(it) => serde_json::to_value(it),
            Self::Statements(it) => serde_json::to_value(it),
            Self::Locks(it) => serde_json::to_value(it),
            Self::Bloat(it) => serde_json::to_value(it),
            Self::Indexes(it) => serde_json::to_value(it),
            Self::Connections(it) => serde_json::to_value(it),
            Self::Vacuum(it) => serde_json::to_value(it),
        };
        value.map_err(|e| CommandError::new(ErrorKind::Failed, "output", "cannot print the result").because(e))
    }
}
