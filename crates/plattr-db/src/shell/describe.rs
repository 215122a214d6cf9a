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
         array_to_string(ARRAY(SELECT a.attname || E':\\n  ' || array_to_string(a.attacl, E'\\n  ') FROM pg_attribute a \
         WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL), E'\\n') AS \"Column privileges\", \
         array_to_string(ARRAY(SELECT p.polname || CASE WHEN NOT p.polpermissive THEN ' (RESTRICTIVE)' ELSE '' END \
         || CASE WHEN p.polcmd <> '*' THEN ' (' || p.polcmd::text || '):' ELSE ':' END \
         || coalesce(E'\\n  (u): ' || pg_get_expr(p.polqual, p.polrelid), '') \
         || coalesce(E'\\n  (c): ' || pg_get_expr(p.polwithcheck, p.polrelid), '') \
         || CASE WHEN p.polroles <> '{{0}}' THEN E'\\n  to: ' || array_to_string(ARRAY(SELECT r.rolname FROM pg_roles r \
         WHERE r.oid = ANY (p.polroles) ORDER BY 1), ', ') ELSE '' END \
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

/// The question which relations match: oid, schema, name, kind and persistence.
pub fn relations_matching(pattern: &Pattern) -> String {
    format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {} ORDER BY 2, 3",
        pattern.condition("n.nspname", "c.relname", "pg_table_is_visible(c.oid)"),
    )
}

/// A relation that is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its number in the server's catalogue.
    pub oid: u32,
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// `pg_class.relkind`
    pub kind: char,
    /// Whether crashes empty it.
    pub unlogged: bool,
}

impl Described {
    /// What stands above its columns.
    pub fn title(&self) -> String {
        let kind = match self.kind {
            'r' => "Table",
            'p' => "Partitioned table",
            'v' => "View",
            'm' => "Materialized view",
            'i' => "Index",
            'I' => "Partitioned index",
            'S' => "Sequence",
            'f' => "Foreign table",
            'c' => "Composite type",
            't' => "TOAST table",
            _ => "Relation",
        };
        let kind = if self.unlogged { format!("Unlogged {}", kind.to_lowercase()) } else { kind.to_owned() };
        format!("{kind} \"{}.{}\"", self.schema, self.name)
    }

    /// The question for its columns; for a sequence, for its settings.
    pub fn columns(&self, more: bool) -> String {
        let oid = self.oid;
        match self.kind {
            'S' => format!(
                "SELECT format_type(seqtypid, NULL) AS \"Type\", seqstart AS \"Start\", seqmin AS \"Minimum\", \
                 seqmax AS \"Maximum\", seqincrement AS \"Increment\", \
                 CASE WHEN seqcycle THEN 'yes' ELSE 'no' END AS \"Cycles?\", seqcache AS \"Cache\" \
                 FROM pg_sequence WHERE seqrelid = {oid}"
            ),
            'i' | 'I' => format!(
                "SELECT a.attname AS \"Column\", format_type(a.atttypid, a.atttypmod) AS \"Type\", \
                 CASE WHEN a.attnum <= i.indnkeyatts THEN 'yes' ELSE 'no' END AS \"Key?\", \
                 pg_get_indexdef(a.attrelid, a.attnum, true) AS \"Definition\" \
                 FROM pg_attribute a JOIN pg_index i ON i.indexrelid = a.attrelid \
                 WHERE a.attrelid = {oid} AND a.attnum > 0 ORDER BY a.attnum"
            ),
            _ => format!(
                "SELECT a.attname AS \"Column\", format_type(a.atttypid, a.atttypmod) AS \"Type\", \
                 (SELECT c.collname FROM pg_collation c, pg_type t WHERE c.oid = a.attcollation AND t.oid = a.atttypid \
                 AND a.attcollation <> t.typcollation) AS \"Collation\", \
                 CASE WHEN a.attnotnull THEN 'not null' ELSE '' END AS \"Nullable\", \
                 CASE WHEN a.attidentity = 'a' THEN 'generated always as identity' \
                 WHEN a.attidentity = 'd' THEN 'generated by default as identity' \
                 WHEN a.attgenerated = 's' THEN 'generated always as (' || pg_get_expr(d.adbin, d.adrelid, true) || ') stored' \
                 WHEN a.attgenerated = 'v' THEN 'generated always as (' || pg_get_expr(d.adbin, d.adrelid, true) || ')' \
                 ELSE pg_get_expr(d.adbin, d.adrelid, true) END AS \"Default\"{} \
                 FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
                 WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
                if more { ", col_description(a.attrelid, a.attnum) AS \"Description\"" } else { "" },
            ),
        }
    }

    /// The question for what stands below its columns: a heading and a line, both of which may be missing.
    pub fn footers(&self, more: bool) -> String {
        let sections: &[&str] = match self.kind {
            'S' => &[OWNER_OF_SEQUENCE],
            'i' | 'I' => &[INDEX, TABLESPACE],
            'v' if more => &[DEFINITION, TRIGGERS],
            'v' => &[TRIGGERS],
            'm' if more => &[INDEXES, DEFINITION, TABLESPACE],
            'm' => &[INDEXES, TABLESPACE],
            'r' | 'p' | 'f' => &[
                PARTITION,
                INDEXES,
                CHECKS,
                FOREIGN_KEYS,
                REFERENCES,
                POLICIES,
                NO_POLICIES,
                TRIGGERS,
                PARENTS,
                CHILDREN,
                TABLESPACE,
            ],
            _ => return "SELECT NULL, NULL WHERE false".to_owned(),
        };
        let parts: Vec<String> = sections
            .iter()
            .enumerate()
            .map(|(nth, sql)| {
                let sql = sql.replace("{oid}", &self.oid.to_string());
                format!("SELECT {nth} AS section, s.place, s.heading, s.line FROM ({sql}) AS s (place, heading, line)")
            })
            .collect();
        format!(
            "SELECT heading, line FROM ({}) AS all_sections ORDER BY section, place COLLATE \"C\"",
            parts.join(" UNION ALL ")
        )
    }
}

// Each gives a place to sort by, a heading and a line, all of type text.

const PARTITION: &str = "\
    SELECT '1', 'Partition of: ' || i.inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid), NULL::text \
    FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = {oid} AND c.relispartition \
    UNION ALL SELECT '2', 'Partition key: ' || pg_get_partkeydef(c.oid), NULL FROM pg_class c \
    WHERE c.oid = {oid} AND c.relkind = 'p'";

const INDEXES: &str = "\
    SELECT CASE WHEN i.indisprimary THEN '0' ELSE '1' END || x.relname, 'Indexes:', '    \"' || x.relname || '\"' || \
    CASE WHEN n.contype = 'x' THEN ' ' || pg_get_constraintdef(n.oid, true) ELSE \
    CASE WHEN i.indisprimary THEN ' PRIMARY KEY,' WHEN i.indisunique AND n.contype = 'u' THEN ' UNIQUE CONSTRAINT,' \
    WHEN i.indisunique THEN ' UNIQUE,' ELSE '' END \
    || ' ' || substring(pg_get_indexdef(i.indexrelid, 0, true) FROM ' USING (.*)$') \
    || CASE WHEN n.condeferrable THEN ' DEFERRABLE' ELSE '' END \
    || CASE WHEN n.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END END \
    || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END || CASE WHEN NOT i.indisvalid THEN ' INVALID' ELSE '' END \
    || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END || coalesce(', tablespace \"' || s.spcname || '\"', '') \
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid LEFT JOIN pg_tablespace s ON s.oid = x.reltablespace \
    LEFT JOIN pg_constraint n ON n.conrelid = i.indrelid AND n.conindid = i.indexrelid AND n.contype IN ('p', 'u', 'x') \
    WHERE i.indrelid = {oid}";

const CHECKS: &str = "\
    SELECT conname::text, 'Check constraints:', '    \"' || conname || '\" ' || pg_get_constraintdef(oid, true) \
    FROM pg_constraint WHERE conrelid = {oid} AND contype = 'c'";

const FOREIGN_KEYS: &str = "\
    SELECT conname::text, 'Foreign-key constraints:', '    \"' || conname || '\" ' || pg_get_constraintdef(oid, true) \
    FROM pg_constraint WHERE conrelid = {oid} AND contype = 'f'";

const REFERENCES: &str = "\
    SELECT conname::text, 'Referenced by:', '    TABLE \"' || conrelid::regclass || '\" CONSTRAINT \"' || conname || '\" ' \
    || pg_get_constraintdef(oid, true) FROM pg_constraint WHERE confrelid = {oid} AND contype = 'f' AND conparentid = 0";

const POLICIES: &str = "\
    SELECT p.polname::text, CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN \
    'Policies (forced row security enabled):' WHEN c.relrowsecurity THEN 'Policies:' \
    ELSE 'Policies (row security disabled):' END, '    POLICY \"' || p.polname || '\"' \
    || CASE WHEN NOT p.polpermissive THEN ' AS RESTRICTIVE' ELSE '' END \
    || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' \
    WHEN 'd' THEN ' FOR DELETE' ELSE '' END \
    || CASE WHEN p.polroles <> '{0}' THEN E'\\n      TO ' || array_to_string(ARRAY(SELECT rolname FROM pg_roles \
    WHERE oid = ANY (p.polroles) ORDER BY 1), ',') ELSE '' END \
    || coalesce(E'\\n      USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') \
    || coalesce(E'\\n      WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') \
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.oid = {oid}";

const NO_POLICIES: &str = "\
    SELECT '', CASE WHEN relforcerowsecurity THEN 'Policies (forced row security enabled): (none)' \
    ELSE 'Policies (row security enabled): (none)' END, NULL::text FROM pg_class WHERE oid = {oid} AND relrowsecurity \
    AND NOT EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = {oid})";

const TRIGGERS: &str = "\
    SELECT CASE WHEN tgenabled = 'D' THEN '1' ELSE '0' END || tgname, \
    CASE WHEN tgenabled = 'D' THEN 'Disabled user triggers:' ELSE 'Triggers:' END, \
    '    ' || substring(pg_get_triggerdef(oid, true) FROM ' TRIGGER (.*)$') \
    FROM pg_trigger WHERE tgrelid = {oid} AND NOT tgisinternal";

const PARENTS: &str = "\
    SELECT '', 'Inherits: ' || string_agg(i.inhparent::regclass::text, E',\\n          ' ORDER BY i.inhseqno), NULL::text \
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.oid = {oid} AND NOT c.relispartition \
    HAVING count(*) > 0";

const CHILDREN: &str = "\
    SELECT '', CASE WHEN c.relkind = 'p' THEN 'Number of partitions: ' ELSE 'Number of child tables: ' END || k.n \
    || CASE WHEN k.n > 0 THEN ' (Use \\d+ to list them.)' ELSE '' END, NULL::text \
    FROM pg_class c, (SELECT count(*) AS n FROM pg_inherits WHERE inhparent = {oid}) AS k \
    WHERE c.oid = {oid} AND (k.n > 0 OR c.relkind = 'p')";

const TABLESPACE: &str = "\
    SELECT '', 'Tablespace: \"' || s.spcname || '\"', NULL::text FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace \
    WHERE c.oid = {oid}";

const DEFINITION: &str = "SELECT '', 'View definition:', pg_get_viewdef({oid}, true)";

const OWNER_OF_SEQUENCE: &str = "\
    SELECT '', CASE d.deptype WHEN 'i' THEN 'Sequence for identity column: ' ELSE 'Owned by: ' END \
    || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname), NULL::text \
    FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.objid = {oid} \
    AND d.deptype IN ('a', 'i')";

const INDEX: &str = "\
    SELECT '', CASE WHEN i.indisprimary THEN 'primary key, ' WHEN i.indisunique THEN 'unique, ' ELSE '' END || m.amname \
    || ', for table \"' || h.nspname || '.' || t.relname || '\"' \
    || coalesce(', predicate (' || pg_get_expr(i.indpred, i.indrelid, true) || ')', '') \
    || CASE WHEN i.indisclustered THEN ', clustered' ELSE '' END || CASE WHEN NOT i.indisvalid THEN ', invalid' ELSE '' END \
    || CASE WHEN n.condeferrable THEN ', deferrable' ELSE '' END || CASE WHEN n.condeferred THEN ', initially deferred' \
    ELSE '' END, NULL::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam \
    JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace h ON h.oid = t.relnamespace \
    LEFT JOIN pg_constraint n ON n.conindid = i.indexrelid AND n.contype IN ('p', 'u', 'x') WHERE i.indexrelid = {oid}";

/// The lines below a table, from the answers to [`Described::footers`]: each heading once.
pub fn footer_lines(answers: &[(Option<String>, Option<String>)]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut above: Option<&String> = None;
    for (heading, line) in answers {
        if heading.as_ref() != above {
            lines.extend(heading.clone());
            above = heading.as_ref();
        }
        lines.extend(line.clone());
    }
    lines
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
    fn each_heading_stands_once_above_its_lines() {
        let answer = |heading: &str, line: Option<&str>| (Some(heading.to_owned()), line.map(str::to_owned));
        let answers =
            [answer("Indexes:", Some("    a")), answer("Indexes:", Some("    b")), answer("Partition key: x", None)];
        assert_eq!(footer_lines(&answers), ["Indexes:", "    a", "    b", "Partition key: x"]);
    }

    #[test]
    fn every_command_that_lists_is_known() {
        for name in ["d", "dt", "dv", "dm", "di", "ds", "df", "dn", "dT", "dx", "du", "dp", "l"] {
            assert!(listing(name, false, &Pattern::default()).is_some(), "{name}");
        }
        assert_eq!(listing("dq", false, &Pattern::default()), None);
    }
}
