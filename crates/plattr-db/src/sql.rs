//! Statements of a file, as far as they must be told apart.

use std::ops::Range;
use std::pin::pin;

use futures::TryStreamExt as _;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::SqlFailure;
use crate::failure::{byte_at, line_and_column};
use crate::shell::input::{Input, Piece};

/// The statements of a text, as byte ranges without semicolon and what stands around them. Semicolons in functions,
/// quotation marks and comments separate nothing. Only words are looked at: a syntax tree of a large file of rows would
/// take gigabytes.
pub fn statements(text: &str) -> Vec<Range<usize>> {
    let (mut input, mut statements) = (Input::new(text), Vec::new());
    loop {
        match input.next_piece() {
            Some(Piece::Statement(range)) => statements.push(range),
            // No command of psql has a meaning here; the server says so.
            Some(Piece::Command { line, pending }) => statements.push(pending.start..line.end),
            None => break,
        }
    }
    statements.extend(input.finish());
    statements
}

/// Where a text begins or ends a transaction itself, and with which word. A savepoint is none.
pub fn transaction_control(text: &str) -> Option<(usize, String)> {
    // Most files have none of these words.
    let words = ["begin", "start", "commit", "end", "rollback", "abort", "prepare"];
    let lower = text.to_ascii_lowercase();
    if !words.iter().any(|word| lower.contains(word)) {
        return None;
    }
    statements(text).into_iter().find_map(|range| {
        let statement = &text[range.clone()];
        let mut said = statement.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        let first = said.next()?.to_ascii_lowercase();
        let second = said.next().unwrap_or_default().to_ascii_lowercase();
        let controls = match first.as_str() {
            "begin" | "commit" | "end" | "abort" => true,
            "start" | "prepare" => second == "transaction",
            "rollback" => second != "to",
            _ => false,
        };
        controls.then(|| (range.start, first.to_ascii_uppercase()))
    })
}

/// Whether all statements of a text are of kinds that leave the session's settings as they are. Others may not: `SET`, but
/// also a query or a block that calls something.
pub fn leaves_session(text: &str) -> bool {
    const KINDS: [&str; 9] = ["create", "alter", "drop", "comment", "grant", "revoke", "insert", "update", "delete"];
    let kind = |range: Range<usize>| {
        let word: String = text[range].chars().take_while(char::is_ascii_alphabetic).collect();
        KINDS.contains(&word.to_ascii_lowercase().as_str())
    };
    !text.to_ascii_lowercase().contains("set_config") && statements(text).into_iter().all(kind)
}

/// Where a text has a `COPY … FROM stdin`, whose rows only psql finds in a file.
pub fn copy_from_stdin(text: &str) -> Option<usize> {
    if !text.to_ascii_lowercase().contains("stdin") {
        return None;
    }
    let copies = |range: &Range<usize>| {
        let words: Vec<String> = text[range.clone()].split_whitespace().map(str::to_ascii_lowercase).collect();
        words.first().is_some_and(|first| first == "copy") && words.windows(2).any(|two| two == ["from", "stdin"])
    };
    statements(text).into_iter().find(copies).map(|range| range.start)
}

/// Runs the statements of a file in one round trip, between others. What fails is told with its place in the file: the
/// server's, or where it names none, as for `ALTER TABLE` of a table that is not there, that of the statement.
///
/// # Errors
/// The first statement that failed; those after it have not run.
pub async fn run(client: &Client, before: &str, text: &str, after: &str) -> Result<(), SqlFailure> {
    let sent = format!("{before}{text}{after}");
    let mut done = 0;
    let failed = async {
        let mut answers = pin!(client.simple_query_raw(&sent).await?);
        while let Some(answer) = answers.try_next().await? {
            done += usize::from(matches!(answer, SimpleQueryMessage::CommandComplete(_)));
        }
        Ok::<_, tokio_postgres::Error>(())
    };
    let Err(error) = failed.await else { return Ok(()) };
    let place = match error.as_db_error().and_then(|db| db.position()) {
        Some(tokio_postgres::error::ErrorPosition::Original(position)) => {
            byte_at(&sent, *position).checked_sub(before.len()).filter(|byte| *byte <= text.len())
        }
        _ if error.as_db_error().is_some() => {
            let at = done.checked_sub(statements(before).len());
            at.and_then(|at| statements(text).get(at).map(|range| range.start))
        }
        _ => None,
    };
    let at = place.map(|byte| line_and_column(text, byte));
    Err(SqlFailure { at, ..SqlFailure::new(&error, &sent) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        statements(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn only_semicolons_between_statements_separate() {
        let text = "-- a; b\nCREATE TABLE t (a text DEFAULT ';');\n/* ; /* ; */ */\n\
                    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT 1; $x$;\n\
                    CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\nSELECT 1";
        assert_eq!(
            texts(text),
            [
                "CREATE TABLE t (a text DEFAULT ';')",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT 1; $x$",
                "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
                "SELECT 1",
            ]
        );
        assert!(texts(" ;; -- nothing\n").is_empty());
    }

    #[test]
    fn what_may_change_the_session_is_known() {
        assert!(leaves_session("-- a\nCREATE TABLE t (a int); alter table t ALTER a SET DEFAULT 1;"));
        for text in [
            "SET ROLE x",
            "CREATE TABLE t (); SELECT 1",
            "DO $$ BEGIN END $$",
            "INSERT INTO t SELECT SET_CONFIG('a.b', '', false)",
        ] {
            assert!(!leaves_session(text), "{text}");
        }
    }

    #[test]
    fn rows_for_psql_are_found() {
        assert_eq!(copy_from_stdin("SELECT 1;\nCOPY t (a)\nFROM stdin;\n1\n\\.\n"), Some(10));
        assert_eq!(copy_from_stdin("SELECT 'copy t from stdin'; COPY t TO stdout"), None);
    }

    #[test]
    fn transactions_of_a_file_are_found_and_those_of_functions_are_not() {
        let found = |text: &str| transaction_control(text).map(|(_, word)| word);
        assert_eq!(transaction_control("SELECT 1;\nCOMMIT;"), Some((10, "COMMIT".into())));
        assert_eq!(found("begin; select 1; end;"), Some("BEGIN".into()));
        assert_eq!(found("START TRANSACTION"), Some("START".into()));
        assert_eq!(found("ROLLBACK TO SAVEPOINT a"), None);
        assert_eq!(found("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$"), None);
        assert_eq!(found("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END"), None);
        assert_eq!(found("PREPARE p AS SELECT 'commit'"), None);
    }
}
