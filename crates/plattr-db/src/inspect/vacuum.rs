//! When tables were last vacuumed and analysed, and when they will be.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::GenericClient;

use super::{count, in_scope, share, time};
use crate::SqlFailure;

/// The state of vacuuming.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Vacuum {
    /// Transactions after which the server vacuums a table whatever else (`autovacuum_freeze_max_age`).
    pub freeze_max_age: u64,
    /// Tables and materialised views, the nearest to their next vacuum first.
    pub tables: Vec<TableVacuum>,
    /// What is being vacuumed at this moment, in any schema.
    pub running: Vec<Running>,
}

/// The state of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableVacuum {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Whether the server vacuums it on its own.
    pub automatic: bool,
    /// Rows that were deleted or replaced and not yet removed.
    pub dead_rows: u64,
    /// As many are needed for the server to vacuum it on its own.
    pub dead_rows_limit: u64,
    /// Rows that changed since it was last analysed.
    pub changed_rows: u64,
    /// Transactions since its oldest row was frozen.
    pub age: u64,
    /// When someone vacuumed it.
    pub last_vacuum: Option<Timestamp>,
    /// When the server did.
    pub last_autovacuum: Option<Timestamp>,
    /// When someone analysed it.
    pub last_analyze: Option<Timestamp>,
    /// When the server did.
    pub last_autoanalyze: Option<Timestamp>,
}

/// A vacuum that runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Running {
    /// Its process on the server.
    pub pid: i32,
    /// Table.
    pub table: String,
    /// Such as `scanning heap`; none where hidden.
    pub phase: Option<String>,
    /// How much of the table it has read.
    pub done_share: Option<f64>,
}

/// A table's own settings count before the server's. PostgreSQL 18 has an upper limit besides.
const TABLES: &str = concat!(
    "SELECT n.nspname::text AS schema, c.relname::text AS name,
            current_setting('autovacuum')::bool AND coalesce(o.enabled, true) AS automatic,
            coalesce(t.n_dead_tup, 0) AS dead_rows, coalesce(t.n_mod_since_analyze, 0) AS changed_rows,
            least(coalesce(o.threshold, current_setting('autovacuum_vacuum_threshold')::float8)
                    + coalesce(o.scale, current_setting('autovacuum_vacuum_scale_factor')::float8)
                      * greatest(c.reltuples, 0),
                  nullif(coalesce(o.ceiling, current_setting('autovacuum_vacuum_max_threshold', true)::float8), -1)
                 )::bigint AS dead_rows_limit,
            age(c.relfrozenxid)::bigint AS age,
            t.last_vacuum, t.last_autovacuum, t.last_analyze, t.last_autoanalyze
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_stat_all_tables t ON t.relid = c.oid
       CROSS JOIN LATERAL (
         SELECT bool_and(option_value::bool) FILTER (WHERE option_name = 'autovacuum_enabled') AS enabled,
                max(option_value::float8) FILTER (WHERE option_name = 'autovacuum_vacuum_threshold') AS threshold,
                max(option_value::float8) FILTER (WHERE option_name = 'autovacuum_vacuum_scale_factor') AS scale,
                max(option_value::float8) FILTER (WHERE option_name = 'autovacuum_vacuum_max_threshold') AS ceiling
           FROM pg_options_to_table(c.reloptions)) o
      WHERE c.relkind IN ('r', 'm') AND ",
    in_scope!()
);

const RUNNING: &str = "
    SELECT pid, relid::regclass::text AS table, phase, heap_blks_scanned AS scanned, heap_blks_total AS total
      FROM pg_stat_progress_vacuum WHERE datname = current_database() AND relid IS NOT NULL ORDER BY pid";

/// Reads the state of vacuuming, in `schema` or in all.
///
/// # Errors
/// When the server refuses.
pub async fn vacuum(client: &impl GenericClient, schema: Option<&str>) -> Result<Vacuum, SqlFailure> {
    let age = "SELECT current_setting('autovacuum_freeze_max_age')::bigint AS age";
    let freeze_max_age = count(&client.query_one(age, &[]).await?, "age");
    let mut tables: Vec<TableVacuum> = client
        .query(TABLES, &[&schema])
        .await?
        .iter()
        .map(|row| TableVacuum {
            schema: row.get("schema"),
            name: row.get("name"),
            automatic: row.get("automatic"),
            dead_rows: count(row, "dead_rows"),
            dead_rows_limit: count(row, "dead_rows_limit"),
            changed_rows: count(row, "changed_rows"),
            age: count(row, "age"),
            last_vacuum: time(row, "last_vacuum"),
            last_autovacuum: time(row, "last_autovacuum"),
            last_analyze: time(row, "last_analyze"),
            last_autoanalyze: time(row, "last_autoanalyze"),
        })
        .collect();
    tables.sort_by(|a, b| {
        b.nearness().total_cmp(&a.nearness()).then_with(|| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)))
    });
    let running = client.query(RUNNING, &[]).await?;
    let running = running
        .iter()
        .map(|row| Running {
            pid: row.get("pid"),
            table: row.get("table"),
            phase: row.get("phase"),
            done_share: row
                .get::<_, Option<i64>>("total")
                .zip(row.get::<_, Option<i64>>("scanned"))
                .and_then(|(total, scanned)| share(scanned.unsigned_abs(), total.unsigned_abs())),
        })
        .collect();
    Ok(Vacuum { freeze_max_age, tables, running })
}

impl TableVacuum {
    /// How near it is to being vacuumed for its dead rows: 1 and more is due.
    pub fn nearness(&self) -> f64 {
        self.dead_rows as f64 / self.dead_rows_limit.max(1) as f64
    }
}
