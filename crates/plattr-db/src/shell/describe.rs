//! The questions behind `\d` and its like. Results look as those of psql do.

use super::pattern::Pattern;

/// A list of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What stands above it.
    pub title: &'static str,
    /// What is listed, for a person who finds none: `relations`.
    pub what: &'static str,
    /// The question.
    pub sql: String,
}

/// Every kind of relation that `\d` without a pattern lists, as `pg_class.relkind` has it.
const LISTED: &str = "rpvmSf";

/// What a command such as `dt` lists; none for a name that is no such command.
pub fn listing(name: &str, more: bool, pattern: &Pattern) -> Option<Listing> {
    let relations = |kinds: &str| relations(kinds, more, pattern);
    Some(match name {
        "d" => relations(LISTED),
        "dt" => relations("rp"),
        "dv" => relations("v"),
        "dm" => relations("m"),
        "di" => relations("iI"),
        "ds" => relations("S"),
        "df" => functions(pattern),
        "dn" => schemas(pattern),
        "dT" => types(pattern),
        "dx" => extensions(pattern),
        "du" | "dg" => roles(pattern),
        "dp" | "z" => privileges(pattern),
        "l" => databases(pattern),
        _ => return None,
    })
}

/// How `pg_class.relkind` is said.
const KIND: &str = "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' \
     WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' \
     WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 't' THEN 'TOAST table' END";

fn kinds(kinds: &str) -> String {
    let list: Vec<String> = kinds.chars().map(|kind| format!("'{kind}'")).collect();
    format!("c.relkind IN ({})", list.join(","))
}

fn relations(of: &str, more: bool, pattern: &Pattern) -> Listing {
    let table = of.contains('i');
    let sql = format!(
        "SELECT n.nspname AS \"Schema\", c.relname AS \"Name\", {KIND} AS \"Type\", \
         pg_get_userbyid(c.relowner) AS \"Owner\"{}{} \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace{} WHERE {} AND {} ORDER BY 1, 2",
        if table { ", t.relname AS \"Table\"" } else { "" },
        if more {
            ", pg_size_pretty(pg_table_size(c.oid)) AS \"Size\", obj_description(c.oid, 'pg_class') AS \"Description\""
        } else {
            ""
        },
        if table {
            " LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid"
        } else {
            ""
        },
        kinds(of),
        pattern.condition("n.nspname", "c.relname", "pg_table_is_visible(c.oid)"),
    );
    Listing { title: "List of relations", what: "relations", sql }
}

fn functions(pattern: &Pattern) -> Listing {
    let sql = format!(
        "SELECT n.nspname AS \"Schema\", p.proname AS \"Name\", pg_get_function_result(p.oid) AS \"Result data type\", \
         pg_get_function_arguments(p.oid) AS \"Argument data types\", \
         CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END AS \"Type\" \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {} ORDER BY 1, 2, 4",
        pattern.condition("n.nspname", "p.proname", "pg_function_is_visible(p.oid)"),
    );
    Listing { title: "List of functions", what: "functions", sql }
}

fn schemas(pattern: &Pattern) -> Listing {
    let system = if pattern.is_any() { "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'" } else { "true" };
    let sql = format!(
        "SELECT n.nspname AS \"Name\", pg_get_userbyid(n.nspowner) AS \"Owner\" FROM pg_namespace n \
         WHERE {system} AND {} ORDER BY 1",
        pattern.on_name("n.nspname"),
    );
    Listing { title: "List of schemas", what: "schemas", sql }
}

fn types(pattern: &Pattern) -> Listing {
    let sql = format!(
        "SELECT n.nspname AS \"Schema\", format_type(t.oid, NULL) AS \"Name\", \
         obj_description(t.oid, 'pg_type') AS \"Description\" \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
         WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_class c WHERE c.oid = t.typrelid)) \
         AND NOT EXISTS (SELECT 1 FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid) AND {} ORDER BY 1, 2",
        pattern.condition("n.nspname", "t.typname", "pg_type_is_visible(t.oid)"),
    );
    Listing { title: "List of data types", what: "types", sql }
}

fn extensions(pattern: &Pattern) -> Listing {
    let sql = format!(
        "SELECT e.extname AS \"Name\", e.extversion AS \"Version\", n.nspname AS \"Schema\", \
         obj_description(e.oid, 'pg_extension') AS \"Description\" \
         FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE {} ORDER BY 1",
        pattern.on_name("e.extname"),
    );
    Listing { title: "List of installed extensions", what: "extensions", sql }
}

fn roles(pattern: &Pattern) -> Listing {
    let system = if pattern.is_any() { "r.rolname !~ '^pg_'" } else { "true" };
    let attribute = |condition: &str, text: &str| format!("CASE WHEN {condition} THEN '{text}' END");
    let attributes = [
        attribute("r.rolsuper", "Superuser"),
        attribute("NOT r.rolinherit", "No inheritance"),
        attribute("r.rolcreaterole", "Create role"),
        attribute("r.rolcreatedb", "Create DB"),
        attribute("NOT r.rolcanlogin", "Cannot login"),
        attribute("r.rolreplication", "Replication"),
        attribute("r.rolbypassrls", "Bypass RLS"),
    ];
    let sql = format!(
        "SELECT r.rolname AS \"Role name\", concat_ws(E'\\n', nullif(concat_ws(', ', {}), ''), \
         CASE WHEN r.rolconnlimit = 0 THEN 'No connections' WHEN r.rolconnlimit = 1 THEN '1 connection' \
         WHEN r.rolconnlimit > 1 THEN r.rolconnlimit || ' connections' END, \
         'Password valid until ' || r.rolvaliduntil) AS \"Attributes\", \
         ARRAY(SELECT DISTINCT b.rolname FROM pg_auth_members m JOIN pg_roles b ON b.oid = m.roleid \
         WHERE m.member = r.oid ORDER BY 1) AS \"Member of\" \
         FROM pg_roles r WHERE {system} AND {} ORDER BY 1",
        attributes.join(", "),
        pattern.on_name("r.rolname"),
    );
    Listing { title: "List of roles", what: "roles", sql }
}

fn privileges(pattern: &Pattern) -> Listing {
    let sql = format!(
        "SELECT n.nspname AS \"Schema\", c.relname AS \"Name\", {KIND} AS \"Type\", \
         array_to_string(c.relacl, E'\\n') AS \"Access privileges\", \
         array_to_string(ARRAY(SELECT a.attname || E':\\n  ' || array_to_string(a.attacl, E'\\n  ') \
         FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL), E'\\n') AS \"Column privileges\", \
         array_to_string(ARRAY(SELECT p.polname || CASE WHEN NOT p.polpermissive THEN ' (RESTRICTIVE)' ELSE '' END \
         || CASE WHEN p.polcmd <> '*' THEN ' (' || p.polcmd::text || '):' ELSE ':' END \
         || coalesce(E'\\n  (u): ' || pg_get_expr(p.polqual, p.polrelid), '') \
         || coalesce(E'\\n  (c): ' || pg_get_expr(p.polwithcheck, p.polrelid), '') \
         || CASE WHEN p.polroles <> '{{0}}' THEN E'\\n  to: ' || array_to_string(ARRAY( \
         SELECT r.rolname FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1), ', ') ELSE '' END \
         FROM pg_policy p WHERE p.polrelid = c.oid), E'\\n') AS \"Policies\" \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {} AND {} ORDER BY 1, 2",
        kinds(LISTED),
        pattern.condition("n.nspname", "c.relname", "pg_table_is_visible(c.oid)"),
    );
    Listing { title: "Access privileges", what: "relations", sql }
}

fn databases(pattern: &Pattern) -> Listing {
    let sql = format!(
        "SELECT d.datname AS \"Name\", pg_get_userbyid(d.datdba) AS \"Owner\", \
         pg_encoding_to_char(d.encoding) AS \"Encoding\", d.datcollate AS \"Collate\", d.datctype AS \"Ctype\", \
         array_to_string(d.datacl, E'\\n') AS \"Access privileges\" FROM pg_database d WHERE {} ORDER BY 1",
        pattern.on_name("d.datname"),
    );
    Listing { title: "List of databases", what: "databases", sql }
}

/// The questions for [`super::complete::Names`], each with columns of text in the order of its fields.
pub mod names {
    /// Words of the language, and whether they cannot be names.
    pub const KEYWORDS: &str = "SELECT word::text, catcode IN ('R', 'T') FROM pg_get_keywords() ORDER BY 1";
    /// Schemas.
    pub const SCHEMAS: &str = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)' ORDER BY 1";
    /// Relations: schema, name, whether the name alone reaches it, columns.
    pub const RELATIONS: &str = "SELECT n.nspname::text, c.relname::text, pg_table_is_visible(c.oid), \
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 \
        AND NOT a.attisdropped ORDER BY a.attnum) \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_(toast|temp)' ORDER BY 1, 2";
    /// Functions: schema, name, whether the name alone reaches it.
    pub const FUNCTIONS: &str = "SELECT DISTINCT n.nspname::text, p.proname::text, pg_function_is_visible(p.oid) \
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
        WHERE p.prorettype <> 'trigger'::regtype AND p.proname !~ '^_' ORDER BY 1, 2";
    /// Databases.
    pub const DATABASES: &str = "SELECT datname::text FROM pg_database WHERE datallowconn ORDER BY 1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_lists_is_known() {
        for name in ["d", "dt", "dv", "dm", "di", "ds", "df", "dn", "dT", "dx", "du", "dp", "l"] {
            assert!(listing(name, false, &Pattern::default()).is_some(), "{name}");
        }
        assert_eq!(listing("dq", false, &Pattern::default()), None);
    }
}
