//! Databases of a server as a whole: made, copied, exchanged, dropped.

use std::time::Duration;

use tokio_postgres::error::SqlState;

use crate::{Server, Session, SqlFailure, quote};

/// A database that holds nothing. Who is in it can rename and drop the others; a login without rights in
/// `postgres`, as plattr's administrator is, has no other such place.
pub const MAINTENANCE: &str = "plattr_maintenance";

/// The server with the database [`MAINTENANCE`], which is made where it is not there.
///
/// # Errors
/// What the server refused.
pub async fn maintenance(admin: &Server) -> Result<Server, SqlFailure> {
    let server = admin.database(MAINTENANCE);
    match server.connect().await {
        Err(failure) if failure.is(&SqlState::UNDEFINED_DATABASE) => {}
        other => return other.map(|_| server),
    }
    let session = admin.connect().await?;
    match create(&session, MAINTENANCE, None).await {
        // Another run was faster.
        Err(failure) if failure.is(&SqlState::DUPLICATE_DATABASE) || failure.is(&SqlState::UNIQUE_VIOLATION) => {}
        other => other?,
    }
    Ok(server)
}

/// Makes a database, empty or as a copy of `template`.
///
/// # Errors
/// What the server refused: the name is taken, the template is not there or somebody is in it.
pub async fn create(session: &Session, name: &str, template: Option<&str>) -> Result<(), SqlFailure> {
    let like = template.map(|template| format!(" TEMPLATE {}", quote(template))).unwrap_or_default();
    let sql = format!("CREATE DATABASE {}{like}", quote(name));
    session.client.batch_execute(&sql).await.map_err(|error| SqlFailure::new(&error, &sql))
}

/// Drops a database, whoever is in it. One that is gone already is fine.
///
/// # Errors
/// What the server refused.
pub async fn drop(session: &Session, name: &str) -> Result<(), SqlFailure> {
    let plain = format!("DROP DATABASE IF EXISTS {}", quote(name));
    let forced = format!("{plain} WITH (FORCE)");
    match session.client.batch_execute(&forced).await {
        // Autovacuum may be in there, which is the superuser's, so that FORCE may not end it. Without FORCE the server
        // ends autovacuum, but waits for sessions.
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            end_sessions(session, name).await?;
            session.client.batch_execute(&plain).await.map_err(|error| SqlFailure::new(&error, &plain))
        }
        other => other.map_err(|error| SqlFailure::new(&error, &forced)),
    }
}

/// Whether a database is there.
///
/// # Errors
/// What the server refused.
pub async fn exists(session: &Session, name: &str) -> Result<bool, SqlFailure> {
    let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    Ok(session.client.query_one(sql, &[&name]).await?.get(0))
}

/// The databases whose names begin so.
///
/// # Errors
/// What the server refused.
pub async fn named(session: &Session, prefix: &str) -> Result<Vec<String>, SqlFailure> {
    let sql = "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1) ORDER BY 1";
    let rows = session.client.query(sql, &[&prefix]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Ends all sessions in a database but this one.
pub(super) async fn end_sessions(session: &Session, database: &str) -> Result<(), SqlFailure> {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    session.client.execute(sql, &[&database]).await?;
    Ok(())
}

/// How often sessions that came meanwhile are ended.
const AGAIN: Duration = Duration::from_millis(20);

/// Puts the database `new` in the place of `old`, which is then called `aside`, in one transaction: whoever connects finds the one or
/// the other. Sessions in `old` are ended. `maintenance` is the server with a database that is none of them.
///
/// # Errors
/// What the server refused; then nothing was exchanged.
pub async fn swap(maintenance: &Server, old: &str, new: &str, aside: &str) -> Result<(), SqlFailure> {
    let (session, other) = futures::try_join!(maintenance.connect(), maintenance.connect())?;
    let sql = format!(
        "BEGIN; ALTER DATABASE {old} RENAME TO {aside}; ALTER DATABASE {new} RENAME TO {old}; COMMIT",
        old = quote(old),
        new = quote(new),
        aside = quote(aside),
    );
    // While the first statement waits for others to leave, it lets nobody new in.
    let exchange = async { session.client.batch_execute(&sql).await.map_err(|error| SqlFailure::new(&error, &sql)) };
    let clear = async {
        loop {
            end_sessions(&other, old).await?;
            end_sessions(&other, new).await?;
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        exchanged = exchange => exchanged,
        failed = clear => failed,
    }
}
