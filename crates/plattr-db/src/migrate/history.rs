//! What was applied to a database, in refinery's own form.

use jiff::Timestamp;
use tokio_postgres::GenericClient;

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
    if !is_there(client, HISTORY).await? {
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

/// Whether the schema has a table of ours.
///
/// # Errors
/// When the server cannot be asked.
pub(crate) async fn is_there(client: &(impl GenericClient + Sync), table: &str) -> Result<bool, SqlFailure> {
    let query = "SELECT to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) IS NOT NULL";
    Ok(client.query_one(query, &[&table]).await?.get(0))
}

/// Forgets a migration, as the last statement of what takes it back.
pub fn forget(version: i64) -> String {
    format!("DELETE FROM plattr_migrations WHERE version = {version}")
}
