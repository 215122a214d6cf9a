//! Which indexes nobody uses, which are there twice, which are missing, and what is read from memory.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::GenericClient;

use super::{count, in_scope, share, time};
use crate::{SqlFailure, quote};

/// The indexes and what is known of their use.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Indexes {
    /// Since when the server counts; none if it always did.
    pub since: Option<Timestamp>,
    /// How much of what was read of tables was in memory; none if nothing was read.
    pub table_hit_share: Option<f64>,
    /// How much of what was read of indexes was in memory; none if nothing was read.
    pub index_hit_share: Option<f64>,
    /// The indexes, the largest first.
    pub indexes: Vec<Index>,
    /// Foreign keys without an index that begins with their columns.
    pub missing: Vec<ForeignKey>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Name.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// How often it was used.
    pub scans: u64,
    /// Whether it keeps values unique.
    pub unique: bool,
    /// Whether a constraint (primary key, unique, exclusion) rests on it.
    pub constraint: bool,
    /// Whether it can be used; one that `CREATE INDEX CONCURRENTLY` did not finish cannot.
    pub valid: bool,
    /// Whether it is being built at this moment.
    pub building: bool,
    /// Nothing ever used it and nothing rests on it: it only slows writing down.
    pub unused: bool,
    /// Another index on the same table that does the same.
    pub duplicate_of: Option<String>,
    /// How much of what was read of it was in memory.
    pub hit_share: Option<f64>,
    /// Its `CREATE INDEX`.
    pub definition: String,
}

/// A foreign key without an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignKey {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Name of the constraint.
    pub constraint: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that it refers to.
    pub references: String,
}

impl ForeignKey {
    /// The index that it lacks. Not concurrent where the table is partitioned is for the reader to see.
    pub fn create_index(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| quote(column)).collect();
        format!("CREATE INDEX CONCURRENTLY ON {}.{} ({})", quote(&self.schema), quote(&self.table), columns.join(", "))
    }
}

/// Two valid indexes are the same if only their names and their uniqueness differ. The one that a constraint rests on,
/// or a unique one, is kept; the others are its duplicates.
const INDEXES: &str = concat!(
    "WITH found AS (
       SELECT n.nspname::text AS schema, t.relname::text AS \"table\", c.relname::text AS name,
              pg_relation_size(c.oid) AS bytes, coalesce(s.idx_scan, 0) AS scans, i.indisunique AS \"unique\",
              k.oid IS NOT NULL AS \"constraint\", i.indisvalid AS valid,
              EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS building,
              coalesce(io.idx_blks_hit, 0) AS hit, coalesce(io.idx_blks_hit + io.idx_blks_read, 0) AS blocks,
              pg_get_indexdef(c.oid) AS definition,
              first_value(c.relname::text) OVER (
                PARTITION BY i.indrelid, i.indisvalid, c.relam, i.indnkeyatts, i.indkey::text, i.indclass::text,
                             i.indcollation::text, i.indoption::text, pg_get_expr(i.indexprs, i.indrelid),
                             pg_get_expr(i.indpred, i.indrelid)
                ORDER BY k.oid IS NULL, NOT i.indisprimary, NOT i.indisunique, c.relname) AS kept
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
         LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                                  AND k.contype IN ('p', 'u', 'x')
         LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
         LEFT JOIN pg_statio_all_indexes io ON io.indexrelid = i.indexrelid
        WHERE c.relkind = 'i' AND t.relkind IN ('r', 'm') AND ",
    in_scope!(),
    ") SELECT *, CASE WHEN valid AND kept <> name THEN kept END AS duplicate_of FROM found
        ORDER BY bytes DESC, schema, \"table\", name"
);

/// An index serves a foreign key if its first columns are the key's, in any order, and it holds every row that the key
/// looks for: all, or all that are not null. Keys of partitions are their parent's.
const MISSING: &str = concat!(
    "SELECT n.nspname::text AS schema, t.relname::text AS \"table\", k.conname::text AS \"constraint\",
            k.confrelid::regclass::text AS \"references\",
            ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY x(attnum, place)
                    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.attnum ORDER BY x.place) AS columns
       FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE k.contype = 'f' AND k.conparentid = 0
        AND NOT EXISTS (
          SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
           WHERE i.indrelid = k.conrelid AND i.indisvalid AND m.amname IN ('btree', 'hash')
             AND i.indnkeyatts >= cardinality(k.conkey)
             AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
             AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) IN (
                    SELECT format('(%I IS NOT NULL)', a.attname) FROM pg_attribute a
                     WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))))
        AND ",
    in_scope!(),
    " ORDER BY 1, 2, 3"
);

const HITS: &str = concat!(
    "SELECT coalesce(sum(heap_blks_hit), 0)::bigint AS heap_hit,
            coalesce(sum(heap_blks_hit + heap_blks_read), 0)::bigint AS heap_blocks,
            coalesce(sum(idx_blks_hit), 0)::bigint AS index_hit,
            coalesce(sum(idx_blks_hit + idx_blks_read), 0)::bigint AS index_blocks,
            (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()) AS since
       FROM pg_statio_all_tables io JOIN pg_class c ON c.oid = io.relid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ",
    in_scope!()
);

/// Reads the indexes in `schema` or in all.
///
/// # Errors
/// When the server refuses, or a table is locked for longer than [`super::PATIENCE_SECONDS`].
pub async fn indexes(client: &impl GenericClient, schema: Option<&str>) -> Result<Indexes, SqlFailure> {
    let hits = client.query_one(HITS, &[&schema]).await?;
    let indexes = client.query(INDEXES, &[&schema]).await?;
    Ok(Indexes {
        since: time(&hits, "since"),
        table_hit_share: share(count(&hits, "heap_hit"), count(&hits, "heap_blocks")),
        index_hit_share: share(count(&hits, "index_hit"), count(&hits, "index_blocks")),
        indexes: indexes
            .iter()
            .map(|row| {
                let (unique, constraint, valid) = (row.get("unique"), row.get("constraint"), row.get("valid"));
                let scans = count(row, "scans");
                Index {
                    schema: row.get("schema"),
                    table: row.get("table"),
                    name: row.get("name"),
                    bytes: count(row, "bytes"),
                    scans,
                    unique,
                    constraint,
                    valid,
                    building: row.get("building"),
                    unused: valid && scans == 0 && !unique && !constraint,
                    duplicate_of: row.get("duplicate_of"),
                    hit_share: share(count(row, "hit"), count(row, "blocks")),
                    definition: row.get("definition"),
                }
            })
            .collect(),
        missing: missing(client, schema).await?,
    })
}

/// Reads which foreign keys in `schema`, or in all, lack an index.
///
/// # Errors
/// When the server refuses.
pub async fn missing(client: &impl GenericClient, schema: Option<&str>) -> Result<Vec<ForeignKey>, SqlFailure> {
    let rows = client.query(MISSING, &[&schema]).await?;
    let key = |row: &tokio_postgres::Row| ForeignKey {
        schema: row.get("schema"),
        table: row.get("table"),
        constraint: row.get("constraint"),
        columns: row.get("columns"),
        references: row.get("references"),
    };
    Ok(rows.iter().map(key).collect())
}
