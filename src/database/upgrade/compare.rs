//! Whether the new server has what the old one has: rows, sequences, objects, roles with their passwords.

use std::collections::BTreeMap;

use plattr_db::literal;

use super::pair::{Pair, Rows, Side};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// How much was the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Same {
    /// Tables.
    pub tables: usize,
    /// Rows.
    pub rows: u64,
}

/// Things by name, with what has to be the same of them.
type Things = BTreeMap<String, String>;

/// What is counted, as one query. System objects differ between versions, and so does what an extension consists of;
/// an extension with a number below 16384 is the server's own. A dump leaves out invalid indexes. Constraints `n` exist
/// since 18.
const OBJECTS: &str = "
    WITH theirs AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
         extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
         invalid AS (SELECT indexrelid FROM pg_index WHERE NOT indisvalid)
    SELECT 'relations of kind ' || relkind::text, count(*)::text
      FROM pg_class WHERE relnamespace IN (SELECT oid FROM theirs)
       AND oid NOT IN (SELECT indexrelid FROM invalid)
       AND oid NOT IN (SELECT objid FROM extensions WHERE classid = 'pg_class'::regclass) GROUP BY relkind
    UNION ALL SELECT 'routines', count(*)::text FROM pg_proc WHERE pronamespace IN (SELECT oid FROM theirs)
       AND oid NOT IN (SELECT objid FROM extensions WHERE classid = 'pg_proc'::regclass)
    UNION ALL SELECT 'types', count(*)::text FROM pg_type
               WHERE typnamespace IN (SELECT oid FROM theirs) AND typtype IN ('d', 'e', 'r')
                 AND oid NOT IN (SELECT objid FROM extensions WHERE classid = 'pg_type'::regclass)
    UNION ALL SELECT 'constraints of kind ' || contype::text, count(*)::text
      FROM pg_constraint WHERE connamespace IN (SELECT oid FROM theirs) AND contype <> 'n'
       AND conrelid NOT IN (SELECT objid FROM extensions WHERE classid = 'pg_class'::regclass)
       AND contypid NOT IN (SELECT objid FROM extensions WHERE classid = 'pg_type'::regclass) GROUP BY contype
    UNION ALL SELECT 'triggers', count(*)::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'policies', count(*)::text FROM pg_policy
    UNION ALL SELECT 'extensions', count(*)::text FROM pg_extension WHERE oid >= 16384
    UNION ALL SELECT 'large objects', count(*)::text FROM pg_largeobject_metadata
    UNION ALL SELECT format('sequence %I.%I', schemaname, sequencename), coalesce(last_value::text, 'unused')
      FROM pg_sequences";

/// Tables whose rows are counted; what a view has is computed anew.
const TABLES: &str = "
    SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
       AND NOT EXISTS (SELECT FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_class'::regclass AND objid = c.oid)
     ORDER BY 1";

const ROLES: &str = "
    SELECT 'role ' || rolname, format('%s %s %s %s %s', rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolpassword)
      FROM pg_authid WHERE rolname !~ '^pg_'";

/// Compares two servers.
///
/// # Errors
/// When they differ, with what differs, or one cannot be asked.
pub async fn compare(pair: &dyn Pair, databases: &[String]) -> CommandResult<Same> {
    let mut same = Same { tables: 0, rows: 0 };
    for database in databases {
        let (before, after) = (things(pair, Side::Old, database).await?, things(pair, Side::New, database).await?);
        check(database, &before, &after)?;
        let rows = before.iter().filter(|(name, _)| name.starts_with(ROWS)).map(|(_, rows)| rows);
        let rows: Vec<u64> = rows.filter_map(|rows| rows.parse().ok()).collect();
        same.tables += rows.len();
        same.rows += rows.iter().sum::<u64>();
    }
    let (before, after) = (query(pair, Side::Old, ANY, ROLES).await?, query(pair, Side::New, ANY, ROLES).await?);
    let (before, after) = (pairs(before), pairs(after));
    // A password is not for people to read, not even its hash.
    let differ: Vec<&String> =
        before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).collect();
    match differ.first() {
        None => Ok(same),
        Some(name) => Err(differs(format!("{name} is not the same"))),
    }
}

/// The database for what is the same in all of them.
const ANY: &str = "postgres";
const ROWS: &str = "rows of ";
/// How many tables are counted by one query.
const TABLES_AT_ONCE: usize = 100;

async fn things(pair: &dyn Pair, side: Side, database: &str) -> CommandResult<Things> {
    let mut things = pairs(query(pair, side, database, OBJECTS).await?);
    let tables: Vec<String> = query(pair, side, database, TABLES).await?.into_iter().flatten().collect();
    for tables in tables.chunks(TABLES_AT_ONCE) {
        let count =
            |table: &String| format!("SELECT {}, count(*)::text FROM ONLY {table}", literal(&format!("{ROWS}{table}")));
        let counts: Vec<String> = tables.iter().map(count).collect();
        things.extend(pairs(query(pair, side, database, &counts.join(" UNION ALL ")).await?));
    }
    Ok(things)
}

async fn query(pair: &dyn Pair, side: Side, database: &str, sql: &str) -> CommandResult<Rows> {
    pair.query(side, database, sql).await.map_err(|error| {
        CommandError::new(ErrorKind::Failed, "upgrade-failed", "the data cannot be compared").because(error)
    })
}

fn pairs(rows: Rows) -> Things {
    let pair = |row: Vec<String>| {
        let mut row = row.into_iter();
        Some((row.next()?, row.next()?))
    };
    rows.into_iter().filter_map(pair).collect()
}

fn check(database: &str, before: &Things, after: &Things) -> CommandResult {
    let none = "none".to_owned();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        if old != new {
            return Err(differs(format!("in the database {database}: {name}: {old} before, {new} after")));
        }
    }
    Ok(())
}

fn differs(what: String) -> CommandError {
    CommandError::new(ErrorKind::Failed, "upgrade-differs", "the moved data is not what the old is").because(what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_row_less_is_noticed_and_named() {
        let things = |rows: &str| Things::from([("rows of public.a".to_owned(), rows.to_owned())]);
        assert!(check("shop", &things("3"), &things("3")).is_ok());
        let error = check("shop", &things("3"), &things("2")).unwrap_err();
        assert_eq!(error.source.unwrap().to_string(), "in the database shop: rows of public.a: 3 before, 2 after");
        assert!(check("shop", &things("3"), &Things::new()).is_err());
    }
}
