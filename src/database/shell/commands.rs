//! What begins with a backslash.

use std::path::Path;
use std::process::Command as Program;
use std::time::Duration;

use plattr_db::shell::command::{COMMANDS, Command, arguments, help, manual};
use plattr_db::shell::{Input, Piece, copy};
use rustix::process::Signal;
use tokio_postgres::config::Host;

use super::execute::interrupted;
use super::output::{Expanded, Output};
use super::{Shell, Stop, script};
use crate::interrupt;
use crate::program::not_started;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// How a text goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// With what follows.
    Go,
    /// Not at all.
    Quit,
}

/// What becomes of the statement that a command interrupted.
enum Pending {
    /// It goes on.
    Kept,
    /// The command has used it up.
    Used,
    /// It was written anew.
    Written(String),
    /// Nothing more is wanted.
    Quit,
}

impl Shell<'_> {
    /// Does what stands next. `typed` is what a person types line by line, which has no data after `COPY`.
    pub async fn piece(&mut self, input: &mut Input, piece: Piece, typed: bool) -> Result<Next, Stop> {
        let (line, pending) = match piece {
            Piece::Statement(range) => {
                let sql = input.text()[range].to_owned();
                if !typed && copy::through_connection(&sql) == Some(copy::Direction::In) {
                    let data = input.copy_data();
                    self.copy_data(&sql, &input.text()[data]).await?;
                } else {
                    self.statement(&sql).await?;
                }
                return Ok(Next::Go);
            }
            Piece::Command { line, pending } => (line, pending),
        };
        let (text, sql) = (input.text()[line.clone()].to_owned(), input.text()[pending.clone()].to_owned());
        let done = self.command(&Command::parse(&text), &sql).await;
        match &done {
            Ok(Pending::Kept) | Err(_) => input.resume(&line, &pending),
            Ok(Pending::Written(text)) => input.push(text),
            Ok(Pending::Used | Pending::Quit) => {}
        }
        Ok(if matches!(done?, Pending::Quit) { Next::Quit } else { Next::Go })
    }

    async fn command(&mut self, command: &Command<'_>, sql: &str) -> Result<Pending, Stop> {
        match command.name {
            "q" | "quit" => return Ok(Pending::Quit),
            "r" | "reset" => return Ok(Pending::Used),
            "g" | "gx" => return self.go(command, sql).await,
            "watch" => return self.watch(command, sql).await,
            "e" | "edit" => return self.edit(command, sql),
            "i" | "include" => return self.include(&command.argument()).await,
            "p" | "print" => {
                let text = format!("{}\n", self.or_last(sql)?);
                self.output.write(self.ui, &text)?;
            }
            "o" | "out" => {
                self.output = match command.argument().as_str() {
                    "" => Output::Screen,
                    path => Output::file(Path::new(path))?,
                };
            }
            "copy" => {
                let wrong = |wrong: String| CommandError::new(ErrorKind::Usage, "copy", wrong);
                let copy = copy::parse(command.rest).map_err(wrong)?;
                self.copy(&copy).await?;
            }
            "x" => self.expand(&command.argument())?,
            "timing" => {
                self.settings.timing = switch(&command.argument(), !self.settings.timing)?;
                self.voice.say(format!("timing is {}", if self.settings.timing { "on" } else { "off" }));
            }
            "echo" => {
                let text = arguments(command.rest).join(" ") + "\n";
                self.output.write(self.ui, &text)?;
            }
            "conninfo" => self.conninfo(),
            "c" | "connect" => self.connect(&command.argument()).await?,
            "h" | "help" => self.ui.line(manual(command.rest))?,
            "?" => self.show(&help())?,
            name => {
                if !self.describe(command).await? {
                    return Err(unknown(name).into());
                }
            }
        }
        Ok(Pending::Kept)
    }

    fn or_last(&self, sql: &str) -> CommandResult<String> {
        match (sql, self.last.as_str()) {
            ("", "") => Err(CommandError::new(ErrorKind::Usage, "no-statement", "there is no statement yet")),
            ("", last) => Ok(last.to_owned()),
            (sql, _) => Ok(sql.to_owned()),
        }
    }

    async fn go(&mut self, command: &Command<'_>, sql: &str) -> Result<Pending, Stop> {
        let sql = self.or_last(sql)?;
        let to = match command.argument().as_str() {
            "" => None,
            path => Some(Output::file(Path::new(path))?),
        };
        let before = self.settings.expanded;
        if command.name == "gx" {
            self.settings.expanded = Expanded::On;
        }
        let output = to.map(|to| std::mem::replace(&mut self.output, to));
        let done = self.statement(&sql).await;
        self.settings.expanded = before;
        if let Some(output) = output {
            self.output = output;
        }
        done.map(|()| Pending::Used)
    }

    async fn watch(&mut self, command: &Command<'_>, sql: &str) -> Result<Pending, Stop> {
        let sql = self.or_last(sql)?;
        let seconds = match command.argument().as_str() {
            "" => 2.0,
            text => text.parse::<f64>().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds)).ok_or_else(|| {
                CommandError::new(ErrorKind::Usage, "watch", format!("`{text}` is no number of seconds"))
            })?,
        };
        let _claim = interrupt::claim();
        // Also heard while a result is shown.
        let mut interrupts = interrupt::listen();
        loop {
            self.statement(&sql).await?;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs_f64(seconds)) => {}
                signal = interrupts.next() => match signal {
                    Signal::TERM => return Err(interrupted().into()),
                    _ => return Ok(Pending::Used),
                },
            }
        }
    }

    /// Runs the statements of a file.
    async fn include(&mut self, path: &str) -> Result<Pending, Stop> {
        if path.is_empty() {
            return Err(CommandError::new(ErrorKind::Usage, "no-file", "\\i needs the name of a file").into());
        }
        let text = script::Text::read(Path::new(path))?;
        // Files may name each other.
        Ok(match Box::pin(self.text(text)).await? {
            Next::Go => Pending::Kept,
            Next::Quit => Pending::Quit,
        })
    }

    /// Lets the person write the statement in an editor.
    fn edit(&self, command: &Command<'_>, sql: &str) -> Result<Pending, Stop> {
        let own = tempfile::Builder::new().prefix("plattr-").suffix(".sql").tempfile().map_err(CommandError::from)?;
        let argument = command.argument();
        let path = if argument.is_empty() {
            let text = if sql.is_empty() { format!("{};", self.last.trim_end_matches(';')) } else { sql.to_owned() };
            std::fs::write(own.path(), text).map_err(|error| CommandError::io("write", own.path(), error))?;
            own.path()
        } else {
            Path::new(&argument)
        };
        let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let editor = named("PSQL_EDITOR").or_else(|| named("EDITOR")).or_else(|| named("VISUAL"));
        let editor = editor.unwrap_or_else(|| "vi".to_owned());
        // An editor may be named with arguments of its own.
        let done = Program::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(path).status();
        match done {
            Ok(status) if status.success() => {}
            Ok(status) => {
                let failed = CommandError::new(ErrorKind::Failed, "editor", format!("`{editor}` ended with {status}"));
                return Err(failed.hint("the variable EDITOR names the editor").into());
            }
            Err(error) => return Err(not_started("sh".as_ref(), error).into()),
        }
        let text = std::fs::read_to_string(path).map_err(|error| CommandError::io("read", path, error))?;
        Ok(Pending::Written(text.trim_end().to_owned()))
    }

    fn expand(&mut self, argument: &str) -> CommandResult {
        let expanded = self.settings.expanded;
        self.settings.expanded = match argument {
            "auto" => Expanded::Auto,
            other => match switch(other, expanded != Expanded::On)? {
                true => Expanded::On,
                false => Expanded::Off,
            },
        };
        self.voice.say(match self.settings.expanded {
            Expanded::On => "each column is in a line of its own",
            Expanded::Off => "each row is in a line of its own",
            Expanded::Auto => "each column is in a line of its own where a row is wider than the terminal",
        });
        Ok(())
    }

    fn conninfo(&self) {
        let config = &self.source.login.server.config;
        let hosts: Vec<String> = config
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            })
            .collect();
        let ports: Vec<String> = config.get_ports().iter().map(ToString::to_string).collect();
        let user = config.get_user().unwrap_or_default();
        let role = self.source.login.settings.iter().find(|(name, _)| *name == "role");
        let role = role.map(|(_, role)| format!(", acting as `{role}`")).unwrap_or_default();
        self.voice.say(format!(
            "connected to database `{}` as `{user}`{role} on {}, port {}{}",
            config.get_dbname().unwrap_or(user),
            hosts.join(","),
            ports.join(","),
            if self.source.read_only { "; read-only" } else { "" },
        ));
    }

    /// Goes to another database with the same login. Where that fails, nothing has changed.
    async fn connect(&mut self, database: &str) -> Result<(), Stop> {
        if !database.is_empty() {
            let mut login = self.source.login.clone();
            login.server = login.server.database(database);
            self.session = login.connect().await?;
            self.source.login = login;
            self.source.renamed(database);
            self.state = plattr_db::shell::TransactionState::Idle;
            if self.interactive {
                self.load_names();
            }
        }
        self.conninfo();
        Ok(())
    }
}

/// `on` and `off`; nothing turns it to `other`.
fn switch(argument: &str, other: bool) -> CommandResult<bool> {
    match argument {
        "" => Ok(other),
        "on" | "true" | "1" => Ok(true),
        "off" | "false" | "0" => Ok(false),
        _ => Err(CommandError::new(ErrorKind::Usage, "switch", format!("`{argument}` is neither `on` nor `off`"))),
    }
}

fn unknown(name: &str) -> CommandError {
    let near = COMMANDS.iter().map(|(known, ..)| *known).min_by_key(|known| strsim::levenshtein(known, name));
    let near = near.filter(|known| strsim::levenshtein(known, name) == 1 && name.len() > 2);
    let error = CommandError::new(ErrorKind::Usage, "unknown-command", format!("there is no command `\\{name}`"));
    match near {
        Some(near) => error.hint(format!("did you mean `\\{near}`? `\\?` lists them")),
        None => error.hint("`\\?` lists the commands"),
    }
}
