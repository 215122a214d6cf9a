//! What was applied to a database, in refinery's own form.

use jiff::Timestamp;
use tokio_postgres::{Client, GenericClient};

use crate::SqlFailure;

/// The table of the application's schema that remembers its migrations.
pub const HISTORY: &str = "plattr_migrations";

/// Makes the table. Row-level security without a policy hides it from every login but the owner's: default privileges
/// would otherwise offer it through the REST API.
pub const CREATE: &str = "CREATE TABLE IF NOT EXISTS plattr_migrations (\
     version int8 PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255));\
     ALTER TABLE plattr_migrations ENABLE ROW LEVEL SECURITY";

/// A migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its version.
    pub version: i64,
    /// Its name, as refinery has it: words and underscores.
    pub name: String,
    /// refinery's checksum of version, name and text.
    pub checksum: u64,
    /// When it was applied.
    pub at: Option<Timestamp>,
}

/// What was applied, the lowest version first. Nothing is written; a database without the table has none.
///
/// # Errors
/// When it cannot be read.
pub async fn applied(client: &(impl GenericClient + Sync)) -> Result<Vec<Record>, SqlFailure> {
    let there = "SELECT to_regclass(quote_ident(current_schema()) || '.plattr_migrations') IS NOT NULL";
    if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let query = "SELECT version, name, checksum, applied_on FROM plattr_migrations ORDER BY version";
    let rows = client.query(query, &[]).await?;
    let records = rows.iter().map(|row| Record {
        version: row.get(0),
        name: row.get::<_, Option<String>>(1).unwrap_or_default(),
        // One that was tampered with fits no file.
        checksum: row.get::<_, Option<String>>(2).and_then(|text| text.parse().ok()).unwrap_or_default(),
        at: row.get::<_, Option<String>>(3).and_then(|text| text.parse().ok()),
    });
    Ok(records.collect())
}

/// Forgets a migration, as the last statement of what takes it back.
pub fn forget(version: i64) -> String {
    format!("DELETE FROM plattr_migrations WHERE version = {version}")
}

/// Makes the table if it is not there.
///
/// # Errors
/// When the login may not.
pub async fn ensure(client: &Client) -> Result<(), SqlFailure> {
    let there = "SELECT to_regclass(quote_ident(current_schema()) || '.plattr_migrations') IS NOT NULL";
    if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
        client.batch_execute(CREATE).await?;
    }
    Ok(())
}
