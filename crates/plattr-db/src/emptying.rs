//! What is in a schema, in numbers, and a statement that drops all of it but the schema itself.

use tokio_postgres::Client;

use crate::{SqlFailure, literal};

/// How many things a schema has; what belongs to an extension does not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// Tables, also foreign ones, partitioned ones and partitions.
    pub tables: i64,
    /// Views, sequences, functions, types and the like.
    pub others: i64,
}

impl Contents {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.tables == 0 && self.others == 0
    }
}

/// Everything that can be dropped by itself: what it is, its quoted name, and in which turn. Of no extension.
const DROPPABLE: &str = "
    SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                          WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind,
           c.oid::regclass::text AS name, 'pg_class'::regclass AS catalog, c.oid AS oid, 1 AS turn
      FROM pg_class c WHERE c.relnamespace = it.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'ROUTINE', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid, 2
      FROM pg_proc p WHERE p.pronamespace = it.oid AND p.prokind <> 'a'
    UNION ALL
    SELECT 'AGGREGATE', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid, 2
      FROM pg_proc p WHERE p.pronamespace = it.oid AND p.prokind = 'a'
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.oid::regtype::text, 'pg_type'::regclass, t.oid, 3
      FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
     WHERE t.typnamespace = it.oid AND (t.typtype IN ('d', 'e', 'r') OR c.relkind = 'c')
    UNION ALL
    SELECT 'COLLATION', format('%I.%I', it.nspname, l.collname), 'pg_collation'::regclass, l.oid, 4
      FROM pg_collation l WHERE l.collnamespace = it.oid
    UNION ALL
    SELECT 'TEXT SEARCH CONFIGURATION', format('%I.%I', it.nspname, f.cfgname), 'pg_ts_config'::regclass, f.oid, 4
      FROM pg_ts_config f WHERE f.cfgnamespace = it.oid
    UNION ALL
    SELECT 'TEXT SEARCH DICTIONARY', format('%I.%I', it.nspname, d.dictname), 'pg_ts_dict'::regclass, d.oid, 5
      FROM pg_ts_dict d WHERE d.dictnamespace = it.oid";

/// What of [`DROPPABLE`] belongs to an extension, or goes with something else: the sequence of a `serial` column, the
/// constructor of a range.
const OF_ANOTHER: &str = "
    SELECT 1 FROM pg_depend d WHERE d.classid = thing.catalog AND d.objid = thing.oid AND d.objsubid = 0
                                AND (d.deptype IN ('e', 'i') OR (d.deptype = 'a' AND thing.kind = 'SEQUENCE'))";

/// Counts what is in a schema.
///
/// # Errors
/// When the server refuses.
pub async fn contents(client: &Client, schema: &str) -> Result<Contents, SqlFailure> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE kind IN ('TABLE', 'FOREIGN TABLE')),
                count(*) FILTER (WHERE kind NOT IN ('TABLE', 'FOREIGN TABLE'))
           FROM pg_namespace it, LATERAL ({DROPPABLE}) thing
          WHERE it.nspname = $1 AND NOT EXISTS ({OF_ANOTHER})"
    );
    let row = client.query_one(&sql, &[&schema]).await?;
    Ok(Contents { tables: row.get(0), others: row.get(1) })
}

/// A statement that drops everything in a schema. The schema itself stays, with its owner, its comment and what is
/// granted in it by default, and so do extensions. Nothing outside of the schema that needs something in it stays.
pub fn emptying(schema: &str) -> String {
    let schema = literal(schema);
    // An empty search path makes the server write out all names. What went with something else is gone by its turn.
    format!(
        "DO $empty$
DECLARE things text[];
        statement text;
        path text := current_setting('search_path');
BEGIN
  PERFORM set_config('search_path', '', true);
  SELECT array_agg(format('DROP %s IF EXISTS %s CASCADE', kind, name) ORDER BY turn, kind, name) INTO things
    FROM pg_namespace it, LATERAL ({DROPPABLE}) thing
   WHERE it.nspname = {schema} AND NOT EXISTS ({OF_ANOTHER});
  FOREACH statement IN ARRAY coalesce(things, '{{}}') LOOP
    EXECUTE statement;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END $empty$;\n"
    )
}
