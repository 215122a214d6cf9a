//! Data from files: SQL, CSV and JSON. Run twice, nothing is there twice.
//!
//! SQL is run once for each content: what it inserts is for its author to say. Rows of CSV and JSON have the primary
//! key of their table, so they are added or brought up to date each time.

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use futures::SinkExt as _;
use sha2::{Digest as _, Sha256};
use tokio_postgres::{CopyInSink, Transaction};

use crate::failure::line_and_column;
use crate::migrate::history::is_there;
use crate::{Session, SqlFailure, literal, quote, sql};

/// The table of the application's schema that remembers the SQL that was run.
pub const HISTORY: &str = "plattr_seeds";
/// The first number of the advisory lock of a schema's seeds; the second is made of the schema's name.
const LOCK: i32 = 0x706c_7364;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Statements.
    Sql,
    /// Rows of one table with a line of column names.
    Csv,
    /// Rows of one table, as an array of objects.
    Json,
}

impl Kind {
    /// By the ending of the file's name.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "sql" => Some(Self::Sql),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// What was done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeded {
    /// Statements were run.
    Ran,
    /// The same statements were run before.
    Unchanged,
    /// So many rows were added or brought up to date.
    Rows(u64),
}

/// Why a file was not taken in. Nothing of it is.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The server refused it.
    #[error(transparent)]
    Refused(#[from] SqlFailure),
    /// The rows would be there twice the next time.
    #[error("the table `{table}` has no primary key, by which rows that are there already are known")]
    NoKey {
        /// Table.
        table: String,
    },
    /// There is no such table.
    #[error("there is no table `{table}`, which the file's name stands for")]
    NoTable {
        /// Table.
        table: String,
    },
    /// The file is not what its name says.
    #[error("{0}")]
    Malformed(String),
    /// It has rows that only psql would find.
    #[error("line {line}: rows after COPY … FROM stdin are for psql to read")]
    Copy {
        /// Line, from 1.
        line: usize,
    },
    /// It begins or ends a transaction itself.
    #[error("line {line}: {word}: plattr takes each file in in a transaction of its own")]
    Transaction {
        /// Line, from 1.
        line: usize,
        /// Its first word.
        word: String,
    },
}

/// The table that a file of rows is for: `02_users.csv` is for `users`.
pub fn table(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    match stem.split_once(['_', '-']) {
        Some((number, name)) if !name.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => stem,
    }
}

/// Takes a file in, whole or not at all. `name` is how it is remembered; `again` runs SQL also where it was run before.
///
/// # Errors
/// What kept it out.
pub async fn seed(
    session: &mut Session,
    name: &str,
    kind: Kind,
    path: &Path,
    text: &str,
    again: bool,
) -> Result<Seeded, SeedError> {
    if kind == Kind::Sql {
        let line = |byte| line_and_column(text, byte).0;
        if let Some((byte, word)) = sql::transaction_control(text) {
            return Err(SeedError::Transaction { line: line(byte), word });
        }
        if let Some(byte) = sql::copy_from_stdin(text) {
            return Err(SeedError::Copy { line: line(byte) });
        }
    }
    let transaction = session.client.transaction().await.map_err(SqlFailure::from)?;
    // Two runs at once would both find that a file was not taken in yet.
    let lock = "SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))";
    transaction.execute(lock, &[&LOCK]).await.map_err(SqlFailure::from)?;
    let seeded = match kind {
        Kind::Sql => statements(&transaction, name, text, again).await?,
        Kind::Csv => csv(&transaction, &table(path), text).await?,
        Kind::Json => json(&transaction, &table(path), text).await?,
    };
    transaction.commit().await.map_err(SqlFailure::from)?;
    Ok(seeded)
}

async fn statements(transaction: &Transaction<'_>, name: &str, text: &str, again: bool) -> Result<Seeded, SeedError> {
    let checksum: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    if !is_there(transaction, HISTORY).await? {
        // Without a policy nobody but the owner sees it, also not through the REST API.
        let make = format!(
            "CREATE TABLE {HISTORY} (file text PRIMARY KEY, checksum text NOT NULL, applied_on timestamptz NOT NULL);\
             ALTER TABLE {HISTORY} ENABLE ROW LEVEL SECURITY"
        );
        transaction.batch_execute(&make).await.map_err(SqlFailure::from)?;
    }
    let known = format!("SELECT checksum FROM {HISTORY} WHERE file = $1");
    let known = transaction.query_opt(&known, &[&name]).await.map_err(SqlFailure::from)?;
    if !again && known.is_some_and(|row| row.get::<_, String>(0) == checksum) {
        return Ok(Seeded::Unchanged);
    }
    sql::run(transaction.client(), "", text, "").await?;
    let remember = format!(
        "INSERT INTO {HISTORY} VALUES ($1, $2, now()) ON CONFLICT (file) \
         DO UPDATE SET checksum = excluded.checksum, applied_on = excluded.applied_on"
    );
    transaction.execute(&remember, &[&name, &checksum]).await.map_err(SqlFailure::from)?;
    Ok(Seeded::Ran)
}

async fn csv(transaction: &Transaction<'_>, table: &str, text: &str) -> Result<Seeded, SeedError> {
    let headers = csv::Reader::from_reader(text.as_bytes()).headers().cloned();
    let headers = headers.map_err(|e| SeedError::Malformed(format!("this is no CSV: {e}")))?;
    let columns: Vec<String> = headers.iter().map(|name| name.trim().to_owned()).collect();
    if columns.iter().all(String::is_empty) {
        return Err(SeedError::Malformed("its first line must name the columns".to_owned()));
    }
    let target = Target::read(transaction, table).await?;
    let list = target.list(&columns)?;
    let make = format!(
        "CREATE TEMPORARY TABLE plattr_seed ON COMMIT DROP AS SELECT {list} FROM {} WITH NO DATA",
        quote(table)
    );
    transaction.batch_execute(&make).await.map_err(SqlFailure::from)?;
    let copy = "COPY plattr_seed FROM STDIN WITH (FORMAT csv, HEADER true)";
    let sink: CopyInSink<Bytes> = transaction.copy_in(copy).await.map_err(SqlFailure::from)?;
    let mut sink = std::pin::pin!(sink);
    let sent = async {
        sink.send(Bytes::copy_from_slice(text.as_bytes())).await?;
        sink.as_mut().finish().await
    };
    sent.await.map_err(|error| in_line(&error))?;
    let source = format!("SELECT {list} FROM plattr_seed");
    let rows = target.merge(transaction, table, &columns, &source).await?;
    target.go_on_after(transaction, table, &columns, rows).await?;
    Ok(Seeded::Rows(rows))
}

async fn json(transaction: &Transaction<'_>, table: &str, text: &str) -> Result<Seeded, SeedError> {
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(text)
        .map_err(|e| SeedError::Malformed(format!("line {}: an array of objects was expected: {e}", e.line())))?;
    if rows.iter().all(serde_json::Map::is_empty) {
        return Ok(Seeded::Rows(0));
    }
    // Rows by the fields that they have: one that is not there has the column's default, and keeps what a row has.
    let mut shapes: Vec<(Vec<String>, Vec<i64>)> = Vec::new();
    for (row, number) in rows.iter().zip(1..) {
        match shapes.iter_mut().find(|(columns, _)| columns.iter().eq(row.keys())) {
            Some((_, numbers)) => numbers.push(number),
            None => shapes.push((row.keys().cloned().collect(), vec![number])),
        }
    }
    let target = Target::read(transaction, table).await?;
    let (mut written, mut all) = (0, BTreeSet::new());
    for (columns, numbers) in shapes {
        let list = target.list(&columns)?;
        // The text goes to the server as it is: numbers keep their digits.
        let source = format!(
            "SELECT {list} FROM json_array_elements({text}::json) WITH ORDINALITY AS file (plattr_row, plattr_number), \
                    json_populate_record(NULL::{name}, plattr_row) \
              WHERE plattr_number = ANY ('{{{numbers}}}'::bigint[]) ORDER BY plattr_number",
            name = quote(table),
            text = literal(text),
            numbers = numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","),
        );
        written += target.merge(transaction, table, &columns, &source).await?;
        all.extend(columns);
    }
    target.go_on_after(transaction, table, &Vec::from_iter(all), written).await?;
    Ok(Seeded::Rows(written))
}

/// A table that rows go to.
struct Target {
    columns: BTreeSet<String>,
    key: Vec<String>,
    /// Columns that take their values from a sequence.
    serial: Vec<String>,
}

impl Target {
    async fn read(transaction: &Transaction<'_>, table: &str) -> Result<Self, SeedError> {
        let query = "SELECT a.attname::text, coalesce(a.attnum = ANY(i.indkey::int2[]), false), \
                            pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL \
                       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
                       LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
                      WHERE c.oid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) \
                        AND c.relkind IN ('r', 'p') AND a.attgenerated = ''";
        let rows = transaction.query(query, &[&table]).await.map_err(SqlFailure::from)?;
        if rows.is_empty() {
            return Err(SeedError::NoTable { table: table.to_owned() });
        }
        let named = |column: usize| rows.iter().filter(move |row| row.get(column)).map(|row| row.get(0)).collect();
        let (key, serial): (Vec<String>, Vec<String>) = (named(1), named(2));
        if key.is_empty() {
            return Err(SeedError::NoKey { table: table.to_owned() });
        }
        Ok(Self { columns: rows.iter().map(|row| row.get(0)).collect(), key, serial })
    }

    /// The columns of a file, as SQL lists them.
    fn list(&self, columns: &[String]) -> Result<String, SeedError> {
        if let Some(unknown) = columns.iter().find(|column| !self.columns.contains(*column)) {
            return Err(SeedError::Malformed(format!("the table has no column `{unknown}`")));
        }
        if let Some(missing) = self.key.iter().find(|key| !columns.contains(key)) {
            return Err(SeedError::Malformed(format!(
                "the column `{missing}`, which is part of the primary key, is missing"
            )));
        }
        Ok(columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", "))
    }

    /// Adds rows, or brings those with the same key up to date; how many.
    async fn merge(
        &self,
        transaction: &Transaction<'_>,
        table: &str,
        columns: &[String],
        source: &str,
    ) -> Result<u64, SeedError> {
        let (name, list) = (quote(table), self.list(columns)?);
        let key = self.key.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ");
        let others: Vec<String> =
            columns.iter().filter(|column| !self.key.contains(column)).map(|c| quote(c)).collect();
        let action = match others.as_slice() {
            [] => "DO NOTHING".to_owned(),
            others => {
                let set = others.iter().map(|c| format!("{c} = excluded.{c}")).collect::<Vec<_>>().join(", ");
                // Rows that are as they should be are not written. By their text: some types, such as json, have no
                // equality.
                let (old, new) = (
                    others.iter().map(|c| format!("seeded.{c}")).collect::<Vec<_>>().join(", "),
                    others.iter().map(|c| format!("excluded.{c}")).collect::<Vec<_>>().join(", "),
                );
                format!("DO UPDATE SET {set} WHERE ROW({old})::text IS DISTINCT FROM ROW({new})::text")
            }
        };
        let insert = format!(
            "INSERT INTO {name} AS seeded ({list}) OVERRIDING SYSTEM VALUE {source} ON CONFLICT ({key}) {action}"
        );
        Ok(transaction.execute(&insert, &[]).await.map_err(SqlFailure::from)?)
    }

    /// Has the sequences of columns that were written go on after the rows. One never goes back: numbers that were given
    /// are not given again.
    async fn go_on_after(
        &self,
        transaction: &Transaction<'_>,
        table: &str,
        columns: &[String],
        written: u64,
    ) -> Result<(), SeedError> {
        for column in self.serial.iter().filter(|column| written > 0 && columns.contains(column)) {
            let (name, quoted) = (quote(table), quote(column));
            let sequence = format!("pg_get_serial_sequence({}, {})", literal(&name), literal(column));
            let set = format!(
                "SELECT setval({sequence}, greatest(max({quoted}), pg_sequence_last_value({sequence}::regclass))) \
                   FROM {name} HAVING max({quoted}) > 0"
            );
            transaction.query(&set, &[]).await.map_err(SqlFailure::from)?;
        }
        Ok(())
    }
}

/// The line of the file, which the server says as the context: `COPY plattr_seed, line 3, column done`.
fn in_line(error: &tokio_postgres::Error) -> SqlFailure {
    let mut failure = SqlFailure::new(error, "");
    let context = error.as_db_error().and_then(tokio_postgres::error::DbError::where_).unwrap_or_default();
    let line =
        context.split("line ").nth(1).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    if let Some(line) = line {
        failure.at = Some((line, 1));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_rows_is_named_after_its_table() {
        for (file, wanted) in
            [("users.csv", "users"), ("02_users.json", "users"), ("user_roles.csv", "user_roles"), ("1-a.csv", "a")]
        {
            assert_eq!(table(Path::new(file)), wanted, "{file}");
        }
    }

    #[test]
    fn the_ending_says_what_a_file_holds() {
        assert_eq!(Kind::of(Path::new("a/b.SQL")), Some(Kind::Sql));
        assert_eq!(Kind::of(Path::new("b.md")), None);
    }
}
