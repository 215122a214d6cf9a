//! What a database is busy with and what it is made of, for people who look after it.
//!
//! Each question is one file: a value that scripts can rely on, and the query that fills it. They need no superuser:
//! what the server hides from the login is left out or `None`. All are read-only and touch no user's rows.
//!
//! | Module | Answers |
//! |---|---|
//! | [`sizes`] | which tables take the space |
//! | [`statements`] | which statements take the time |
//! | [`locks`] | who waits for whom |
//! | [`bloat`] | which tables hold dead rows and empty pages |
//! | [`indexes`] | which indexes nobody uses, which are missing, what is read from memory |
//! | [`connections`] | who is connected, and how many more may be |
//! | [`vacuum`] | when tables were last vacuumed, and when they will be |

pub mod bloat;
pub mod connections;
pub mod indexes;
pub mod locks;
pub mod sizes;
pub mod statements;
pub mod vacuum;

use std::time::SystemTime;

use jiff::Timestamp;
use tokio_postgres::{GenericClient, Row};

use crate::SqlFailure;

/// Longest that a question waits for a table that someone has locked, in seconds.
///
/// The size of a table cannot be read while it is being altered, and nobody who looks for trouble wants to wait in
/// the same queue.
pub const PATIENCE_SECONDS: u32 = 2;

/// Makes a session fit for looking: it changes nothing and waits for nobody for long.
///
/// # Errors
/// When the server refuses.
pub async fn prepare(client: &impl GenericClient) -> Result<(), SqlFailure> {
    let sql = format!("SET default_transaction_read_only = on; SET lock_timeout = '{PATIENCE_SECONDS}s'");
    Ok(client.batch_execute(&sql).await?)
}

/// The condition on a namespace `n` that leaves the server's own schemas out, and all but `$1` where that is not null.
macro_rules! in_scope {
    () => {
        "($1::text IS NULL OR n.nspname = $1) AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
    };
}
use in_scope;

/// A number that is never negative.
fn count(row: &Row, column: &str) -> u64 {
    u64::try_from(row.get::<_, i64>(column)).unwrap_or(0)
}

/// A point in time, if there is one.
fn time(row: &Row, column: &str) -> Option<Timestamp> {
    row.get::<_, Option<SystemTime>>(column).and_then(|time| Timestamp::try_from(time).ok())
}

/// `part` of `whole`, between 0 and 1; none where there is no whole.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
