//! Which statements take the time, as the extension `pg_stat_statements` counts it.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::GenericClient;
use tokio_postgres::error::SqlState;

use super::{count, share, time};
use crate::{SqlFailure, quote};

/// What the server counted of statements.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statements {
    /// Whether it counts at all.
    pub source: Source,
    /// Since when it counts.
    pub since: Option<Timestamp>,
    /// Statements in this database, the most expensive first.
    pub statements: Vec<Statement>,
}

/// Whether `pg_stat_statements` can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// It can.
    Available,
    /// The server has it; nobody made the extension in this database.
    NotCreated,
    /// The extension is there, but the server does not load it (`shared_preload_libraries`).
    NotLoaded,
    /// The server came without it.
    NotInstalled,
}

/// A statement, with its constants replaced by `$1`, `$2`, ….
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// Login that ran it.
    pub login: String,
    /// Its text.
    pub query: String,
    /// How often it ran.
    pub calls: u64,
    /// Milliseconds in all.
    pub total_ms: f64,
    /// Milliseconds a call.
    pub mean_ms: f64,
    /// Milliseconds of the slowest call.
    pub max_ms: f64,
    /// Rows that it returned or changed.
    pub rows: u64,
    /// How much of what it read was in memory; none if it read nothing.
    pub hit_share: Option<f64>,
}

/// Whether the extension is in this database, and in which schema; else whether the server has it.
const WHERE: &str = "SELECT (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                              WHERE e.extname = 'pg_stat_statements') AS schema,
                            EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements') AS available";

/// Reads which statements took the most time: of logins that may use `schema`, or of all.
///
/// Other logins' statements are only seen by members of `pg_read_all_stats`, and of these logins.
///
/// # Errors
/// When the server refuses. That it does not count is no error.
pub async fn statements(client: &impl GenericClient, schema: Option<&str>) -> Result<Statements, SqlFailure> {
    let nothing = |source| Ok(Statements { source, since: None, statements: Vec::new() });
    let place = client.query_one(WHERE, &[]).await?;
    let Some(extension) = place.get::<_, Option<String>>("schema") else {
        return nothing(if place.get("available") { Source::NotCreated } else { Source::NotInstalled });
    };
    let extension = quote(&extension);
    let sql = format!(
        "SELECT r.rolname::text AS login, s.query, s.calls, s.total_exec_time AS total_ms,
                s.mean_exec_time AS mean_ms, s.max_exec_time AS max_ms, s.rows,
                s.shared_blks_hit AS hit, s.shared_blks_hit + s.shared_blks_read AS blocks
           FROM {extension}.pg_stat_statements s
           JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
           JOIN pg_roles r ON r.oid = s.userid
          WHERE s.query <> '<insufficient privilege>'
            AND ($1::text IS NULL OR EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = $1
                                                AND has_schema_privilege(s.userid, n.oid, 'USAGE')))
          ORDER BY s.total_exec_time DESC, s.query"
    );
    let rows = match client.query(&sql, &[&schema]).await {
        Ok(rows) => rows,
        Err(error) if error.code() == Some(&SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE) => {
            return nothing(Source::NotLoaded);
        }
        Err(error) => return Err(SqlFailure::from(error)),
    };
    let since = client.query_one(&format!("SELECT stats_reset FROM {extension}.pg_stat_statements_info"), &[]).await?;
    let statements = rows
        .iter()
        .map(|row| Statement {
            login: row.get("login"),
            query: row.get("query"),
            calls: count(row, "calls"),
            total_ms: row.get("total_ms"),
            mean_ms: row.get("mean_ms"),
            max_ms: row.get("max_ms"),
            rows: count(row, "rows"),
            hit_share: share(count(row, "hit"), count(row, "blocks")),
        })
        .collect();
    Ok(Statements { source: Source::Available, since: time(&since, "stats_reset"), statements })
}
