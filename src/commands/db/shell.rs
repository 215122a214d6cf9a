//! `plattr db shell`

use std::ffi::OsString;
use std::fmt;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches};

use crate::database::shell::script::Text;
use crate::database::shell::source::{Identity, Source, Wishes};
use crate::database::shell::{self, Options, psql};
use crate::database::target::TargetArgs;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::{Format, Globals};

/// Talk to the database: psql where it is installed, else a prompt of plattr's own
///
/// With `-c`, `-f` or a standard input that is no terminal, statements are run without psql, so that a script does the
/// same everywhere: it stops at the first failure, which is told with file and line. Each statement is a transaction
/// of its own unless `-1` is given. A database that is not on this machine is only read unless `--write` is given.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  Look around:
    $ plattr db shell

  Run a statement, for a script:
    $ plattr db shell -c 'select id, title from todos' -o json

  Run a file, all of it or nothing:
    $ plattr db shell -1 -f fixtures.sql

  See what row-level security shows to somebody who is signed in:
    $ plattr db shell --as authenticated --claims '{\"sub\": \"7\"}' -c 'select * from todos'

  Give psql arguments of its own:
    $ plattr db shell -- --csv -c 'table todos'")]
pub struct ShellArgs {
    #[command(flatten)]
    inputs: Inputs,
    /// Run everything in one transaction, all of it or nothing
    #[arg(short = '1', long, conflicts_with = "keep_going")]
    single_transaction: bool,
    /// Go on after a statement failed
    #[arg(long)]
    keep_going: bool,
    /// Refuse to change anything; the default where the database is not on this machine
    #[arg(long, conflicts_with = "write")]
    read_only: bool,
    /// Allow changes where the database is not on this machine
    #[arg(long)]
    write: bool,
    /// Talk as this one of the application's logins and roles [default: migrator]
    #[arg(long = "as", value_name = "WHO")]
    identity: Option<Identity>,
    /// Claims of the token of a request, which policies see; with `--as anon` or `authenticated`
    #[arg(long, value_name = "JSON", requires = "identity")]
    claims: Option<String>,
    /// Use plattr's own prompt, also where psql is installed
    #[arg(long)]
    builtin: bool,
    #[command(flatten)]
    target: TargetArgs,
    /// Arguments of psql
    #[arg(
        last = true,
        value_name = "PSQL_ARGS",
        conflicts_with_all = ["builtin", "command", "file", "single_transaction", "keep_going"]
    )]
    psql: Vec<OsString>,
}

/// `-c` and `-f`, in the order in which they were given.
#[derive(Default)]
struct Inputs(Vec<Given>);

/// One of them.
enum Given {
    Command(String),
    File(PathBuf),
}

impl Args for Inputs {
    fn augment_args(command: clap::Command) -> clap::Command {
        command
            .arg(
                Arg::new("command")
                    .short('c')
                    .long("command")
                    .value_name("SQL")
                    .action(ArgAction::Append)
                    .help("Run these statements, then end; may be repeated"),
            )
            .arg(
                Arg::new("file")
                    .short('f')
                    .long("file")
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(clap::value_parser!(PathBuf))
                    .value_hint(clap::ValueHint::FilePath)
                    .help("Run the statements of this file, then end; `-` is standard input; may be repeated"),
            )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Inputs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let at = |name| matches.indices_of(name).into_iter().flatten();
        let commands = matches.get_many::<String>("command").into_iter().flatten().cloned().map(Given::Command);
        let files = matches.get_many::<PathBuf>("file").into_iter().flatten().cloned().map(Given::File);
        let mut all: Vec<(usize, Given)> = at("command").zip(commands).chain(at("file").zip(files)).collect();
        all.sort_by_key(|(at, _)| *at);
        Ok(Self(all.into_iter().map(|(_, given)| given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Statements may have passwords in them, and this is for the log.
        write!(f, "{} inputs", self.0.len())
    }
}

impl Inputs {
    /// What is run; none is a person at a terminal.
    fn read(self) -> CommandResult<Option<Vec<Text>>> {
        if self.0.is_empty() {
            let script = || Text::read(Path::new("-")).map(|text| Some(vec![text]));
            return if std::io::stdin().is_terminal() { Ok(None) } else { script() };
        }
        let text = |given| match given {
            Given::Command(text) => Ok(Text { name: None, text }),
            Given::File(path) => Text::read(&path),
        };
        self.0.into_iter().map(text).collect::<CommandResult<Vec<Text>>>().map(Some)
    }
}

/// Runs the command; where psql takes over, it returns only if that could not be started.
///
/// # Errors
/// When there is no such database, it cannot be reached, or a statement failed.
pub async fn run(ui: &Ui, globals: &Globals, args: ShellArgs) -> CommandResult {
    let format = ui.format(&[Format::Text, Format::Table, Format::Json, Format::Csv])?;
    let wishes = Wishes {
        schema: args.target.schema.clone(),
        identity: args.identity,
        claims: args.claims,
        read_only: args.read_only,
        write: args.write,
    };
    if !args.psql.is_empty() {
        let source = Source::new(args.target.open(globals).await?, &wishes)?;
        let missing = || {
            CommandError::new(ErrorKind::Environment, "psql-missing", "psql is not installed")
                .hint("arguments after `--` are for psql; `-c` and `-f` work without it")
        };
        return Err(psql::become_psql(&psql::find().ok_or_else(missing)?, &source, &args.psql));
    }
    let script = args.inputs.read()?;
    let source = Source::new(args.target.open(globals).await?, &wishes)?;
    let own = args.builtin || script.is_some() || format != Format::Text;
    if let Some(program) = psql::find().filter(|_| !own) {
        if source.read_only {
            ui.say(format!("this session only reads; {}", source.way_out));
        }
        return Err(psql::become_psql(&program, &source, &[]));
    }
    let (single_transaction, keep_going) = (args.single_transaction, args.keep_going);
    shell::run(ui, source, Options { format, script, single_transaction, keep_going }).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: ShellArgs,
    }

    #[test]
    fn inputs_keep_their_order() {
        let line = Line::try_parse_from(["x", "-f", "a.sql", "-c", "select 1", "-f", "b.sql"]).unwrap();
        let order: Vec<String> = line
            .args
            .inputs
            .0
            .iter()
            .map(|given| match given {
                Given::Command(text) => text.clone(),
                Given::File(path) => path.display().to_string(),
            })
            .collect();
        assert_eq!(order, ["a.sql", "select 1", "b.sql"]);
    }

    #[test]
    fn statements_do_not_reach_the_log() {
        let line = Line::try_parse_from(["x", "-c", "alter role a password 'hush'"]).unwrap();
        assert!(!format!("{line:?}").contains("hush"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for words in [&["x", "--read-only", "--write"][..], &["x", "-1", "--keep-going"], &["x", "-c", "a", "--", "-A"]]
        {
            assert!(Line::try_parse_from(words).is_err(), "{words:?}");
        }
    }
}
