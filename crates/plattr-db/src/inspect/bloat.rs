//! Which tables hold dead rows and empty pages.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::GenericClient;

use super::{count, in_scope, share, time};
use crate::SqlFailure;

/// Dead rows and wasted space, the most wasteful table first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bloat {
    /// Tables and materialised views that hold anything.
    pub tables: Vec<TableBloat>,
}

/// Dead rows and wasted space of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableBloat {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Bytes of its pages, without indexes and long values, at the last `VACUUM` or `ANALYZE`.
    pub bytes: u64,
    /// Rows that can be seen.
    pub live_rows: u64,
    /// Rows that were deleted or replaced and not yet removed.
    pub dead_rows: u64,
    /// How much of all rows that is.
    pub dead_share: Option<f64>,
    /// Bytes that its rows would not need if they were written anew; estimated from the average width of columns.
    /// None where there are no statistics of some column.
    pub wasted_bytes: Option<u64>,
    /// How much of its pages that is.
    pub wasted_share: Option<f64>,
    /// When it was last vacuumed, by anyone.
    pub last_vacuum: Option<Timestamp>,
}

/// The estimate that needs no extension and reads no table, as check_postgres and pgexperts made it known: pages that
/// the rows would fill by their average width, against the pages that there are. A row has a header of 23 bytes, one
/// bit a column where any is null, and a pointer of 4 bytes in the page; both parts are rounded up to 8.
const SQL: &str = concat!(
    "WITH width AS (
       SELECT a.attrelid, sum((1 - s.null_frac) * s.avg_width) AS data,
              CASE WHEN max(s.null_frac) > 0 THEN (count(*) + 7) / 8 ELSE 0 END AS nulls,
              count(*) = count(s.attname) AS known
         FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
                             AND NOT s.inherited
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'm') AND ",
    in_scope!(),
    "   GROUP BY a.attrelid),
     shape AS (
       SELECT attrelid, known, 4 + 8 * ceil((23 + nulls) / 8.0) + 8 * ceil(data / 8.0) AS bytes_per_row FROM width)
     SELECT n.nspname::text AS schema, c.relname::text AS name,
            c.relpages * current_setting('block_size')::bigint AS bytes,
            coalesce(t.n_live_tup, 0) AS live_rows, coalesce(t.n_dead_tup, 0) AS dead_rows,
            CASE WHEN w.known AND c.reltuples >= 0 THEN
              greatest(0, c.relpages - ceil(c.reltuples / greatest(1, floor(
                (current_setting('block_size')::numeric - 24) * coalesce(f.fill, 100) / 100 / w.bytes_per_row))))::bigint
                * current_setting('block_size')::bigint END AS wasted_bytes,
            greatest(t.last_vacuum, t.last_autovacuum) AS last_vacuum
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN shape w ON w.attrelid = c.oid
       LEFT JOIN pg_stat_all_tables t ON t.relid = c.oid
       LEFT JOIN LATERAL (SELECT option_value::numeric AS fill FROM pg_options_to_table(c.reloptions)
                           WHERE option_name = 'fillfactor') f ON true
      WHERE c.relpages > 0 OR t.n_live_tup > 0 OR t.n_dead_tup > 0"
);

/// Reads how much of tables is dead or empty, in `schema` or in all.
///
/// # Errors
/// When the server refuses.
pub async fn bloat(client: &impl GenericClient, schema: Option<&str>) -> Result<Bloat, SqlFailure> {
    let mut tables: Vec<TableBloat> = client
        .query(SQL, &[&schema])
        .await?
        .iter()
        .map(|row| {
            let (bytes, live_rows, dead_rows) = (count(row, "bytes"), count(row, "live_rows"), count(row, "dead_rows"));
            let wasted_bytes = row.get::<_, Option<i64>>("wasted_bytes").and_then(|n| u64::try_from(n).ok());
            TableBloat {
                schema: row.get("schema"),
                name: row.get("name"),
                bytes,
                live_rows,
                dead_rows,
                dead_share: share(dead_rows, live_rows + dead_rows),
                wasted_bytes,
                wasted_share: wasted_bytes.and_then(|wasted| share(wasted, bytes)),
                last_vacuum: time(row, "last_vacuum"),
            }
        })
        .collect();
    tables.sort_by(|a, b| {
        let by_waste = b.wasted_bytes.cmp(&a.wasted_bytes).then(b.dead_rows.cmp(&a.dead_rows));
        by_waste.then_with(|| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)))
    });
    Ok(Bloat { tables })
}
