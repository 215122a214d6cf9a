//! What the database has; reads the catalogue and tries the logins, writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row};

use super::{Desired, Error, reason, try_connect, with_login};

/// Name under which the catalogue's grantee 0 appears.
pub(super) const PUBLIC: &str = "PUBLIC";

/// What a privilege is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// The database.
    Database,
    /// The schema `public`.
    PublicSchema,
    /// The application's schema.
    Schema,
    /// Tables and views that the migrator will create in the schema.
    NewTables,
    /// Sequences that the migrator will create in the schema.
    NewSequences,
    /// Functions that the migrator will create in the schema.
    NewFunctions,
    /// Functions that the migrator will create in any schema; only here can PUBLIC lose EXECUTE.
    AllNewFunctions,
    /// A table or view of the migrator.
    Table(String),
    /// A sequence of the migrator.
    Sequence(String),
    /// A function, procedure or aggregate of the migrator, with its argument types.
    Function(String),
}

/// A privilege.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// On what.
    pub object: Object,
    /// To whom; `PUBLIC` is everyone.
    pub grantee: String,
    /// Such as `SELECT`.
    pub privilege: String,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// May log in.
    pub login: bool,
    /// Has the rights of the roles that it is a member of.
    pub inherit: bool,
    /// May create databases or roles.
    pub creates: bool,
    /// Connections; -1 is no limit.
    pub connection_limit: i32,
    /// First schema of its search path in this database.
    pub search_path: Option<String>,
    /// Whether the desired password was accepted; `None` for a role that cannot log in.
    pub password_works: Option<bool>,
}

/// `member` is a member of `role`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// Role.
    pub role: String,
    /// Member.
    pub member: String,
}

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Owner.
    pub owner: String,
    /// Comment.
    pub comment: Option<String>,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// Database.
    pub database: String,
    /// The admin's login.
    pub admin: String,
    /// Whether the admin may change the rights on the database.
    pub owns_database: bool,
    /// Whether the admin may change the rights on the schema `public`.
    pub owns_public_schema: bool,
    /// Major version, such as 17.
    pub version: i32,
    /// The application's schema.
    pub schema: Option<Schema>,
    /// Those of the application's roles that exist.
    pub roles: BTreeMap<String, Role>,
    /// Memberships of the authenticator, and those memberships of the admin in the application's roles that let
    /// it both act as the role (`SET`) and have its rights (`INHERIT`).
    pub memberships: BTreeSet<Membership>,
    /// Privileges, of the application's roles and of PUBLIC.
    pub grants: BTreeSet<Grant>,
    /// Tables, sequences and functions of the migrator in the schema.
    pub objects: BTreeSet<Object>,
    /// Those of [`Self::objects`] on which nobody ever granted or revoked anything, default privileges included.
    pub untouched: BTreeSet<Object>,
    /// Tables that plattr let anon read.
    pub recorded_anon_tables: BTreeSet<String>,
}

/// Starts the comment that lists what anon may read.
const ANON_COMMENT: &str = "plattr: reads ";

/// The comment on anon that [`Observed::recorded_anon_tables`] comes from.
pub(super) fn anon_comment(tables: &BTreeSet<String>) -> String {
    format!("{ANON_COMMENT}{}", serde_json::json!(tables))
}

fn parse_anon_comment(comment: Option<String>) -> BTreeSet<String> {
    comment.and_then(|c| serde_json::from_str(c.strip_prefix(ANON_COMMENT)?).ok()).unwrap_or_default()
}

/// Reads what is there. `admin` is the configuration that `client` was opened with; the logins are tried at the
/// same place.
///
/// # Errors
/// [`Error::NotOurs`] when the schema exists without the comment that says it is this application's.
pub async fn observe(client: &Client, admin: &Config, desired: &Desired) -> Result<Observed, Error> {
    let roles: Vec<&str> = desired.roles().to_vec();
    let schema = desired.schema.as_str();
    let migrator = desired.migrator.user.as_str();

    let about: [&(dyn ToSql + Sync); 2] = [&schema, &desired.anon];
    let of_roles: [&(dyn ToSql + Sync); 1] = [&roles];
    let of_grants: [&(dyn ToSql + Sync); 3] = [&roles, &schema, &migrator];
    let of_objects: [&(dyn ToSql + Sync); 2] = [&schema, &migrator];
    // One round trip: the statements are sent together, and the logins are tried meanwhile.
    let (about, role_rows, memberships, grants, objects, passwords) = futures::join!(
        query(client, "the database", ABOUT, &about),
        query(client, "roles", ROLES, &of_roles),
        memberships(client, desired),
        query(client, "privileges", GRANTS, &of_grants),
        query(client, "tables and functions", OBJECTS, &of_objects),
        passwords(admin, desired),
    );
    let (about, passwords) = (about?, passwords?);
    let Some(about) = about.first() else {
        return Err(Error::Observe { what: "the database", reason: "no row".into() });
    };

    let mut observed = Observed {
        database: about.get("database"),
        admin: about.get("admin"),
        owns_database: about.get("owns_database"),
        owns_public_schema: about.get("owns_public"),
        version: about.get::<_, i32>("version") / 10_000,
        schema: about
            .get::<_, Option<String>>("schema_owner")
            .map(|owner| Schema { owner, comment: about.get("schema_comment") }),
        recorded_anon_tables: parse_anon_comment(about.get("anon_comment")),
        ..Observed::default()
    };
    for row in role_rows? {
        let name: String = row.get("rolname");
        let role = Role {
            login: row.get("rolcanlogin"),
            inherit: row.get("rolinherit"),
            creates: row.get("creates"),
            connection_limit: row.get("rolconnlimit"),
            search_path: row.get::<_, Option<String>>("search_path").map(|p| first_schema(&p)),
            password_works: passwords.get(&name).copied(),
        };
        observed.roles.insert(name, role);
    }
    for row in memberships? {
        observed.memberships.insert(Membership { role: row.get("role"), member: row.get("member") });
    }
    for row in grants? {
        let name: Option<String> = row.get("name");
        if let Some(object) = object(row.get("kind"), name) {
            observed.grants.insert(Grant { object, grantee: row.get("grantee"), privilege: row.get("privilege") });
        }
    }
    for row in objects? {
        let Some(object) = object(row.get("kind"), row.get("name")) else { continue };
        if row.get("untouched") {
            observed.untouched.insert(object.clone());
        }
        observed.objects.insert(object);
    }

    if let Some(found) = &observed.schema {
        let expected = desired.comment();
        if found.comment.as_ref() != Some(&expected) {
            let found = match &found.comment {
                Some(comment) => format!("its comment is `{comment}`"),
                None => "it has no comment".into(),
            };
            return Err(Error::NotOurs { schema: desired.schema.clone(), found, expected });
        }
    }
    Ok(observed)
}

async fn query(
    client: &Client,
    what: &'static str,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, Error> {
    client.query(sql, parameters).await.map_err(|e| Error::Observe { what, reason: reason(&e) })
}

/// Which of the logins that exist accept their password.
async fn passwords(admin: &Config, desired: &Desired) -> Result<BTreeMap<String, bool>, Error> {
    let tries = desired.logins().map(|(login, _)| async move {
        let works = match try_connect(&with_login(admin, login)).await {
            Ok(_) => true,
            Err(error) => match error.code() {
                Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => false,
                // Refused after the password was accepted: no CONNECT, or too many connections.
                Some(_) => true,
                None => {
                    return Err(Error::Connect { user: login.user.clone(), reason: reason(&error) });
                }
            },
        };
        Ok((login.user.clone(), works))
    });
    futures::future::join_all(tries).await.into_iter().collect()
}

async fn memberships(client: &Client, desired: &Desired) -> Result<Vec<Row>, Error> {
    let roles: Vec<&str> = desired.roles().to_vec();
    // PostgreSQL 16 gave every membership its own INHERIT and SET options, and several grantors.
    let version =
        query(client, "the version", "SELECT current_setting('server_version_num')::int >= 160000", &[]).await?;
    let options = version.first().is_some_and(|row| row.get(0));
    let usable = if options { "bool_or(m.inherit_option) AND bool_or(m.set_option)" } else { "true" };
    let sql = format!(
        "SELECT r.rolname AS role, u.rolname AS member
           FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
          WHERE u.rolname = $2 OR (u.rolname = current_user AND r.rolname = ANY($1::text[]))
          GROUP BY 1, 2 HAVING u.rolname = $2 OR ({usable})"
    );
    query(client, "memberships", &sql, &[&roles, &desired.authenticator.user]).await
}

fn object(kind: &str, name: Option<String>) -> Option<Object> {
    Some(match (kind, name) {
        ("database", _) => Object::Database,
        ("public", _) => Object::PublicSchema,
        ("schema", _) => Object::Schema,
        ("new-tables", _) => Object::NewTables,
        ("new-sequences", _) => Object::NewSequences,
        ("new-functions", _) => Object::NewFunctions,
        ("all-new-functions", _) => Object::AllNewFunctions,
        ("table", Some(name)) => Object::Table(name),
        ("sequence", Some(name)) => Object::Sequence(name),
        ("function", Some(name)) => Object::Function(name),
        _ => return None,
    })
}

/// `"a""b", public` is `a"b`.
fn first_schema(search_path: &str) -> String {
    match search_path.strip_prefix('"') {
        Some(rest) => {
            let mut name = String::new();
            let mut chars = rest.chars().peekable();
            while let Some(c) = chars.next() {
                if c == '"' && chars.next_if_eq(&'"').is_none() {
                    break;
                }
                name.push(c);
            }
            name
        }
        None => search_path.split(',').next().unwrap_or_default().trim().to_owned(),
    }
}

const ABOUT: &str = "
SELECT current_database()::text AS database, current_user::text AS admin,
       current_setting('server_version_num')::int AS version,
       pg_has_role(d.datdba, 'USAGE') AS owns_database,
       COALESCE((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public'), false) AS owns_public,
       pg_get_userbyid(n.nspowner)::text AS schema_owner,
       obj_description(n.oid, 'pg_namespace') AS schema_comment,
       (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = $2) AS anon_comment
  FROM pg_database d LEFT JOIN pg_namespace n ON n.nspname = $1
 WHERE d.datname = current_database()";

const ROLES: &str = "
SELECT r.rolname::text, r.rolcanlogin, r.rolinherit, r.rolcreatedb OR r.rolcreaterole AS creates, r.rolconnlimit,
       (SELECT substr(c, 13) FROM pg_db_role_setting s, unnest(s.setconfig) c
         WHERE s.setrole = r.oid AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND c LIKE 'search\\_path=%') AS search_path
  FROM pg_roles r WHERE r.rolname = ANY($1::text[])";

/// Owners are left out: they need no grant, and `aclexplode` lists them.
const GRANTS: &str = "
WITH grantee AS (
  SELECT oid, rolname::text AS name FROM pg_roles WHERE rolname = ANY($1::text[])
  UNION ALL SELECT 0, 'PUBLIC'
), ns AS (SELECT oid, nspowner, nspacl FROM pg_namespace WHERE nspname = $2),
   migrator AS (SELECT oid FROM pg_roles WHERE rolname = $3),
   acl AS (
  SELECT 'database' AS kind, NULL::text AS name, COALESCE(datacl, acldefault('d', datdba)) AS acl, datdba AS owner
    FROM pg_database WHERE datname = current_database()
  UNION ALL
  SELECT 'public', NULL, COALESCE(nspacl, acldefault('n', nspowner)), nspowner FROM pg_namespace WHERE nspname = 'public'
  UNION ALL
  SELECT 'schema', NULL, COALESCE(nspacl, acldefault('n', nspowner)), nspowner FROM ns
  UNION ALL
  SELECT CASE defaclobjtype WHEN 'r' THEN 'new-tables' WHEN 'S' THEN 'new-sequences' WHEN 'f' THEN 'new-functions' END,
         NULL, defaclacl, defaclrole
    FROM pg_default_acl JOIN migrator m ON defaclrole = m.oid JOIN ns ON defaclnamespace = ns.oid
   WHERE defaclobjtype IN ('r', 'S', 'f')
  UNION ALL
  SELECT 'all-new-functions', NULL,
         COALESCE((SELECT defaclacl FROM pg_default_acl
                    WHERE defaclrole = m.oid AND defaclnamespace = 0 AND defaclobjtype = 'f'),
                  acldefault('f', m.oid)), m.oid
    FROM migrator m
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname::text, c.relacl, c.relowner
    FROM pg_class c JOIN ns ON c.relnamespace = ns.oid JOIN migrator m ON c.relowner = m.oid
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT 'function', quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.proacl, p.proowner
    FROM pg_proc p JOIN ns ON p.pronamespace = ns.oid JOIN migrator m ON p.proowner = m.oid
   WHERE p.prokind IN ('f', 'p', 'w') OR p.oid IN (SELECT aggfnoid FROM pg_aggregate WHERE aggkind = 'n')
)
SELECT acl.kind, acl.name, grantee.name AS grantee, x.privilege_type AS privilege
  FROM acl, LATERAL aclexplode(acl.acl) x JOIN grantee ON grantee.oid = x.grantee
 WHERE x.grantee <> acl.owner";

/// Extensions' members are left to their extension.
const OBJECTS: &str = "
WITH ns AS (SELECT oid FROM pg_namespace WHERE nspname = $1), migrator AS (SELECT oid FROM pg_roles WHERE rolname = $2)
SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, c.relname::text AS name,
       c.relacl IS NULL AS untouched
  FROM pg_class c JOIN ns ON c.relnamespace = ns.oid JOIN migrator m ON c.relowner = m.oid
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION ALL
SELECT 'function', quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.proacl IS NULL
  FROM pg_proc p JOIN ns ON p.pronamespace = ns.oid JOIN migrator m ON p.proowner = m.oid
 WHERE p.prokind IN ('f', 'p', 'w') OR p.oid IN (SELECT aggfnoid FROM pg_aggregate WHERE aggkind = 'n')";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_schema_of_a_search_path_is_read_quoted_or_not() {
        assert_eq!(first_schema("todo"), "todo");
        assert_eq!(first_schema("todo, public"), "todo");
        assert_eq!(first_schema("\"user\""), "user");
        assert_eq!(first_schema("\"a\"\"b\", public"), "a\"b");
    }

    #[test]
    fn the_comment_on_anon_is_read_back() {
        let tables = BTreeSet::from(["notes".to_owned(), "a, \"b\"".to_owned()]);
        assert_eq!(parse_anon_comment(Some(anon_comment(&tables))), tables);
        assert_eq!(parse_anon_comment(Some("something else".into())), BTreeSet::new());
    }
}
