//! Waiting, and for whom.

use std::time::Duration;

use tokio_postgres::Client;

use crate::{Server, Session, SqlFailure};

/// The first number of the advisory lock of a schema; the second is made of the schema's name. Unlike the locks of
/// many tools, which are one per database, it does not make applications of one database wait for each other.
const LOCK: i32 = 0x706c_6174;

/// Someone who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The process of the server.
    pub pid: i32,
    /// Login.
    pub user: String,
    /// What the program calls itself.
    pub application: String,
    /// `active`, `idle in transaction` and so on.
    pub state: String,
    /// Seconds since its transaction began.
    pub seconds: i64,
    /// Its last statement, shortened.
    pub query: String,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pid, user, application, state, seconds, query } = self;
        write!(f, "process {pid} of {user}")?;
        if !application.is_empty() {
            write!(f, " ({application})")?;
        }
        write!(f, ", {state} for {seconds} s")?;
        if query.is_empty() { Ok(()) } else { write!(f, ": {query}") }
    }
}

const COLUMNS: &str = "a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, 'unknown'), \
     coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::int8, \
     left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 120)";

fn blocker(row: &tokio_postgres::Row) -> Blocker {
    Blocker {
        pid: row.get(0),
        user: row.get(1),
        application: row.get(2),
        state: row.get(3),
        seconds: row.get(4),
        query: row.get(5),
    }
}

/// Takes the lock of the schema, for as long as the session lasts. `waits` hears who holds it, if one has to wait.
///
/// # Errors
/// When it is not to be had within `limit`, with SQLSTATE 55P03.
pub async fn schema(
    session: &Session,
    schema: &str,
    limit: Duration,
    waits: impl FnOnce(Option<Blocker>),
) -> Result<(), SqlFailure> {
    let client = &session.client;
    let took = client.query_one("SELECT pg_try_advisory_lock($1, hashtext($2))", &[&LOCK, &schema]).await?;
    if took.get(0) {
        return Ok(());
    }
    let holders = format!(
        "SELECT {COLUMNS} FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
          WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1::int8::oid \
            AND l.objid::int8 = hashtext($2)::int8 & 4294967295 \
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let holder = client.query_opt(&holders, &[&i64::from(LOCK), &schema]).await?;
    waits(holder.as_ref().map(blocker));
    limit_locks(client, limit).await?;
    client.query("SELECT pg_advisory_lock($1, hashtext($2))", &[&LOCK, &schema]).await?;
    Ok(())
}

/// The statement that takes the same lock for as long as its transaction lasts.
pub fn in_transaction(schema: &str) -> String {
    format!("SELECT pg_advisory_xact_lock({LOCK}, hashtext({}))", crate::literal(schema))
}

/// How long statements of the session wait for a lock.
///
/// # Errors
/// When the connection is lost.
pub async fn limit_locks(client: &Client, limit: Duration) -> Result<(), SqlFailure> {
    let set = format!("SET lock_timeout = {}", limit.as_millis().min(i32::MAX as u128));
    Ok(client.batch_execute(&set).await?)
}

/// Finds out for whom the session `pid` waits, shortly before it gives up. Never returns; the last answer is left in
/// `seen`.
pub async fn watch(server: &Server, pid: i32, limit: Duration, seen: &std::sync::Mutex<Vec<Blocker>>) {
    tokio::time::sleep(limit * 2 / 3).await;
    // The one thing that this can do is to say more; without a connection it says nothing.
    if let Ok(other) = server.connect().await {
        let query = format!("SELECT {COLUMNS} FROM pg_stat_activity a WHERE a.pid = ANY(pg_blocking_pids($1))");
        while let Ok(rows) = other.client.query(&query, &[&pid]).await {
            if !rows.is_empty() {
                *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = rows.iter().map(blocker).collect();
            }
            tokio::time::sleep((limit / 12).min(Duration::from_millis(500))).await;
        }
    }
    std::future::pending().await
}
