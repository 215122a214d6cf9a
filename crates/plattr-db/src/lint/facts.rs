//! What rules need to know of a schema beyond its catalogue.

use tokio_postgres::Client;

use crate::SqlFailure;
use crate::inspect::indexes::{self, ForeignKey, Index};

/// A role that users of the API have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRole {
    /// Name.
    pub name: String,
    /// Whether those have it who are not signed in.
    pub anonymous: bool,
}

/// The facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// What roles of the API may do with tables and views, if anything.
    pub reach: Vec<Reach>,
    /// Sequences that gave a number.
    pub sequences: Vec<SequenceUse>,
    /// Indexes.
    pub indexes: Vec<Index>,
    /// Foreign keys without an index.
    pub missing: Vec<ForeignKey>,
}

/// What a role may do with a table or view, by whatever grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Table or view.
    pub relation: String,
    /// Role.
    pub role: ApiRole,
    /// `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE`; of all columns or some.
    pub may: Vec<String>,
}

/// How far a sequence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceUse {
    /// Name.
    pub name: String,
    /// Table and column that it fills.
    pub column: Option<(String, String)>,
    /// Last number.
    pub last: i64,
    /// Last possible number: of the sequence or of the column's type.
    pub limit: i64,
}

/// Row-level security does not count for `TRUNCATE`, which is why it is asked for as well.
const REACH: &str = "
    SELECT c.relname::text AS relation, r.rolname::text AS role, m.may
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.rolname = ANY ($2)
     CROSS JOIN LATERAL (
       SELECT array_agg(p) AS may FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
        WHERE has_table_privilege(r.oid, c.oid, p)
           OR (p IN ('SELECT', 'INSERT', 'UPDATE') AND has_any_column_privilege(r.oid, c.oid, p))) m
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND m.may IS NOT NULL
       AND has_schema_privilege(r.oid, n.oid, 'USAGE')
     ORDER BY 1, 2";

/// Sequences that the login may not see are left out; those that count down or begin anew do not end.
const SEQUENCES: &str = "
    SELECT s.relname::text AS name, t.relname::text AS \"table\", a.attname::text AS \"column\", v.last_value AS last,
           least(q.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END)
             AS ceiling
      FROM pg_sequence q JOIN pg_class s ON s.oid = q.seqrelid JOIN pg_namespace n ON n.oid = s.relnamespace
      JOIN pg_sequences v ON v.schemaname = n.nspname AND v.sequencename = s.relname
      LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
                           AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
      LEFT JOIN pg_class t ON t.oid = d.refobjid
      LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE n.nspname = $1 AND q.seqincrement > 0 AND NOT q.seqcycle AND v.last_value IS NOT NULL
     ORDER BY 1";

/// Reads the facts of a schema.
///
/// # Errors
/// When the server refuses, or a table is locked for longer than the session's `lock_timeout`.
pub async fn read(client: &Client, schema: &str, roles: &[ApiRole]) -> Result<Facts, SqlFailure> {
    let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let (reach, sequences) =
        (client.query(REACH, &[&schema, &names]).await?, client.query(SEQUENCES, &[&schema]).await?);
    let found = indexes::indexes(client, Some(schema)).await?;
    let reach = reach.iter().filter_map(|row| {
        let name: String = row.get("role");
        let role = roles.iter().find(|role| role.name == name)?.clone();
        Some(Reach { relation: row.get("relation"), role, may: row.get("may") })
    });
    let sequences = sequences.iter().map(|row| {
        let column = row.get::<_, Option<String>>("table").zip(row.get::<_, Option<String>>("column"));
        SequenceUse { name: row.get("name"), column, last: row.get("last"), limit: row.get("ceiling") }
    });
    Ok(Facts { reach: reach.collect(), sequences: sequences.collect(), indexes: found.indexes, missing: found.missing })
}
