//! One statement: sent, followed, given up when the person asks for it.

use std::future::Future;
use std::pin::pin;
use std::time::Instant;

use futures::StreamExt as _;
use plattr_db::SqlFailure;
use plattr_db::server::{Canceller, Heard, Said};
use plattr_db::shell::render::JsonKind;
use plattr_db::shell::statement::{changes_names, tag, words};
use plattr_db::shell::{Grid, TransactionState, copy};
use rustix::process::Signal;
use tokio_postgres::SimpleQueryMessage;

use super::output::Rows;
use super::{Shell, Stop, Voice};
use crate::interrupt;
use crate::ui::error::{CommandError, ErrorKind};
use crate::ui::globals::Format;
use crate::ui::units;

impl Shell<'_> {
    /// Runs a statement and shows what comes of it.
    pub async fn statement(&mut self, sql: &str) -> Result<(), Stop> {
        self.reconnect().await?;
        let copies = copy::through_connection(sql);
        if copies == Some(copy::Direction::In) {
            return Err(self.no_data());
        }
        self.last = sql.to_owned();
        let began = Instant::now();
        let outcome = match copies {
            Some(_) => self.copy_out(sql, None).await.map(|rows| Some(tag(sql, rows))),
            None => self.answers(sql).await,
        };
        let took = began.elapsed();
        if let Some(tag) = self.follow(sql, outcome)? {
            self.voice.say(tag);
        }
        if self.settings.timing {
            self.voice.say(format!("time: {}", units::duration(took)));
        }
        Ok(())
    }

    /// Keeps account of what a statement has changed here.
    pub fn follow<T>(&mut self, sql: &str, outcome: Result<T, Stop>) -> Result<T, Stop> {
        // What failed on this side has changed nothing on the other.
        if !matches!(outcome, Err(Stop::Failed(_))) {
            self.state = self.state.after(sql, outcome.is_ok());
        }
        if self.interactive && outcome.is_ok() && self.state == TransactionState::Idle && changes_names(sql) {
            self.load_names();
        }
        outcome
    }

    /// Sends a statement and shows its rows; what is left is the answer in one line.
    async fn answers(&mut self, sql: &str) -> Result<Option<String>, Stop> {
        let kinds = self.kinds(sql).await?;
        let canceller = self.session.canceller();
        let format = self.settings.format;
        let Self { ui, voice, session, output, .. } = self;
        let (client, heard) = session.parts();
        let receiving = async {
            let failed = |error: tokio_postgres::Error| SqlFailure::new(&error, sql);
            let mut stream = pin!(client.simple_query_raw(sql).await.map_err(failed)?);
            let (mut rows, mut answers): (Option<Rows>, Vec<(Option<Rows>, u64)>) = (None, Vec::new());
            while let Some(message) = stream.next().await {
                match message.map_err(failed)? {
                    SimpleQueryMessage::RowDescription(columns) => {
                        let names = columns.iter().map(|column| column.name().to_owned()).collect();
                        rows = Some(Rows::new(format, names, kinds.clone())?);
                    }
                    SimpleQueryMessage::Row(row) => {
                        let values: Vec<Option<&str>> = (0..row.len()).map(|column| row.get(column)).collect();
                        if let Some(rows) = &mut rows {
                            rows.push(&values)?;
                            if let Some(chunk) = rows.take_chunk() {
                                output.write(ui, &chunk)?;
                            }
                        }
                    }
                    SimpleQueryMessage::CommandComplete(count) => answers.push((rows.take(), count)),
                    _ => {}
                }
            }
            Ok::<_, Stop>(answers)
        };
        let answers = listening(*voice, canceller, heard, receiving).await??;
        let mut said = None;
        for (rows, count) in answers {
            said = self.answer(sql, count, rows.is_some());
            if let Some(rows) = rows {
                self.finish(rows)?;
            }
        }
        Ok(said)
    }

    /// What is said of a statement besides its rows.
    fn answer(&self, sql: &str, count: u64, has_rows: bool) -> Option<String> {
        let tag = tag(sql, count);
        match (tag.as_str(), self.state) {
            // A transaction in which something failed cannot be kept.
            ("COMMIT", TransactionState::Failed) => Some("ROLLBACK".to_owned()),
            // With RETURNING, the rows do not tell what was done.
            _ if has_rows => {
                ["INSERT ", "UPDATE ", "DELETE ", "MERGE "].iter().any(|verb| tag.starts_with(verb)).then_some(tag)
            }
            _ => Some(tag),
        }
    }

    /// What the columns are, for JSON. Texts do not tell, so the server is asked before; where it refuses, it says why
    /// when the statement itself is sent.
    async fn kinds(&mut self, sql: &str) -> Result<Vec<JsonKind>, Stop> {
        const WITH_ROWS: [&str; 12] = [
            "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", "EXPLAIN", "FETCH",
            "CALL",
        ];
        let verb = words(sql, 1).pop();
        // A parenthesis may begin a query too.
        let asks = verb.is_none_or(|verb| WITH_ROWS.contains(&verb.as_str()));
        if self.settings.format != Format::Json || !asks || self.state == TransactionState::Failed {
            return Ok(Vec::new());
        }
        let canceller = self.session.canceller();
        let (client, heard) = self.session.parts();
        Ok(match listening(self.voice, canceller, heard, client.prepare(sql)).await? {
            Ok(statement) => statement.columns().iter().map(|column| JsonKind::from(column.type_())).collect(),
            Err(_) => Vec::new(),
        })
    }

    /// Asks the server for a result that is whole.
    pub async fn ask(&mut self, sql: &str) -> Result<Grid, Stop> {
        self.reconnect().await?;
        let canceller = self.session.canceller();
        let (client, heard) = self.session.parts();
        let messages = listening(self.voice, canceller, heard, client.simple_query(sql)).await?;
        let mut grid = Grid::default();
        for message in messages.map_err(|error| SqlFailure::new(&error, ""))? {
            match message {
                SimpleQueryMessage::RowDescription(columns) => {
                    grid.columns = columns.iter().map(|column| column.name().to_owned()).collect();
                }
                SimpleQueryMessage::Row(row) => {
                    grid.rows.push((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect());
                }
                _ => {}
            }
        }
        Ok(grid)
    }

    /// A connection that is lost is made again, once a person goes on; a script has lost what it set.
    pub async fn reconnect(&mut self) -> Result<(), Stop> {
        if !self.session.client.is_closed() {
            return Ok(());
        }
        let lost = match self.state {
            TransactionState::Idle => "the connection was lost",
            _ => "the connection was lost, and the open transaction with it: nothing of it is kept",
        };
        if !self.interactive {
            return Err(Stop::Refused(SqlFailure {
                message: lost.to_owned(),
                detail: None,
                hint: None,
                code: None,
                file: None,
                at: None,
            }));
        }
        self.ui.warn(lost);
        let session = self.source.login.connect().await;
        self.session = session.map_err(|failure| Stop::Failed(self.source.target.unreachable(failure)))?;
        self.state = TransactionState::Idle;
        self.voice.say("connected again; what was set in the session is lost");
        Ok(())
    }
}

/// How often Ctrl-C is pressed before nothing is waited for any more.
const PATIENCE: usize = 3;

/// Waits for work of the server, and says meanwhile what the server says. Ctrl-C asks it to give up.
///
/// # Errors
/// Interrupted, when the server cannot be asked, the person has no more patience, or plattr is asked to end.
pub async fn listening<T>(
    voice: Voice<'_>,
    canceller: Canceller,
    heard: &mut Heard,
    work: impl Future<Output = T>,
) -> Result<T, Stop> {
    let _claim = interrupt::claim();
    let mut work = pin!(work);
    let mut interrupts = interrupt::listen();
    let mut pressed = 0;
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            said = heard.next() => tell(voice, &said),
            signal = interrupts.next() => {
                pressed += 1;
                let asked = canceller.clone().cancel().await;
                if asked.is_err() || pressed == PATIENCE || signal == Signal::TERM {
                    return Err(Stop::Failed(interrupted()));
                }
            }
        }
    };
    for said in heard.now() {
        tell(voice, &said);
    }
    // A script ends where it was interrupted; a person goes on.
    if pressed > 0 && !voice.dialogue { Err(Stop::Failed(interrupted())) } else { Ok(done) }
}

/// What is said when nothing is waited for any more.
pub fn interrupted() -> CommandError {
    CommandError::new(ErrorKind::Interrupted, "interrupted", "interrupted; the running statement was given up")
}

/// Tells a person what the server said besides answers.
fn tell(voice: Voice<'_>, said: &Said) {
    match said {
        Said::Notice(notice) => {
            let mut text = format!("{}: {}", notice.severity().to_lowercase(), notice.message());
            for (label, more) in [("detail", notice.detail()), ("hint", notice.hint())] {
                if let Some(more) = more {
                    text += &format!("\n  {label}: {more}");
                }
            }
            voice.say(text);
        }
        Said::Notification(told) => {
            let payload = if told.payload().is_empty() { String::new() } else { format!(": {}", told.payload()) };
            voice.say(format!("notification on {} from process {}{payload}", told.channel(), told.process_id()));
        }
    }
}
