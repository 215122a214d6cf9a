//! Which tables take the space.

use serde::Serialize;
use tokio_postgres::GenericClient;

use super::{count, in_scope};
use crate::SqlFailure;

/// The space that tables take, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// Bytes of the whole database, with what is not listed.
    pub database_bytes: u64,
    /// Tables and materialised views.
    pub tables: Vec<TableSize>,
}

/// The space that a table takes; a partitioned one with all its partitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSize {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Partitions that hold rows; 0 if it is not partitioned.
    pub partitions: u64,
    /// Rows as estimated by the last `VACUUM` or `ANALYZE`; none before.
    pub rows: Option<i64>,
    /// Bytes of the rows themselves, with the maps of free space and visibility.
    pub table_bytes: u64,
    /// Bytes of values that are too long for a row (TOAST).
    pub toast_bytes: u64,
    /// Bytes of all indexes.
    pub index_bytes: u64,
    /// All of them.
    pub total_bytes: u64,
}

const SQL: &str = concat!(
    "SELECT n.nspname::text AS schema, root.relname::text AS name,
            count(*) FILTER (WHERE c.relispartition AND c.relkind <> 'p') AS partitions,
            -- A partitioned table's own estimate is the sum of the others.
            CASE WHEN bool_and(c.reltuples >= 0) FILTER (WHERE c.relkind <> 'p')
                 THEN (sum(c.reltuples) FILTER (WHERE c.relkind <> 'p'))::bigint END AS rows,
            coalesce(sum(pg_table_size(c.oid) - coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)), 0)::bigint
              AS table_bytes,
            coalesce(sum(pg_total_relation_size(nullif(c.reltoastrelid, 0))), 0)::bigint AS toast_bytes,
            coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint AS index_bytes
       FROM pg_class c
       JOIN pg_class root ON root.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid) ELSE c.oid END
       JOIN pg_namespace n ON n.oid = root.relnamespace
      WHERE c.relkind IN ('r', 'm', 'p') AND ",
    in_scope!(),
    " GROUP BY n.nspname, root.relname"
);

/// Reads how much space tables take, in `schema` or in all.
///
/// # Errors
/// When the server refuses, or a table is locked for longer than [`super::PATIENCE_SECONDS`].
pub async fn sizes(client: &impl GenericClient, schema: Option<&str>) -> Result<Sizes, SqlFailure> {
    let database = client.query_one("SELECT pg_database_size(current_database()) AS bytes", &[]).await?;
    let mut tables: Vec<TableSize> = client
        .query(SQL, &[&schema])
        .await?
        .iter()
        .map(|row| {
            let (table_bytes, toast_bytes) = (count(row, "table_bytes"), count(row, "toast_bytes"));
            let index_bytes = count(row, "index_bytes");
            TableSize {
                schema: row.get("schema"),
                name: row.get("name"),
                partitions: count(row, "partitions"),
                rows: row.get("rows"),
                table_bytes,
                toast_bytes,
                index_bytes,
                total_bytes: table_bytes + toast_bytes + index_bytes,
            }
        })
        .collect();
    tables.sort_by(|a, b| {
        b.total_bytes.cmp(&a.total_bytes).then_with(|| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)))
    });
    Ok(Sizes { database_bytes: count(&database, "bytes"), tables })
}
