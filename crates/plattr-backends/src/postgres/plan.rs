//! What has to change; pure.

use std::collections::BTreeSet;
use std::fmt;

use plattr_api::application::TableAccess;

use super::Desired;
use super::observe::{Grant, Membership, Object, Observed, PUBLIC, Schema};

/// One thing to do, in an order that works from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Create a role, without a password.
    CreateRole {
        /// Name.
        role: String,
    },
    /// Let the admin act as a role, which creating its schema and dropping it both need.
    LetAdminActAs {
        /// Role.
        role: String,
    },
    /// Set what a role is: login, inheritance, connection limit.
    AlterRole {
        /// Name.
        role: String,
        /// May log in.
        login: bool,
        /// Has the rights of roles that it is a member of.
        inherit: bool,
        /// Connections; -1 is no limit.
        connection_limit: i32,
    },
    /// Set the password of a login.
    SetPassword {
        /// Login.
        role: String,
    },
    /// Make a role a member of another.
    AddMember(Membership),
    /// End a membership.
    RemoveMember(Membership),
    /// Create the schema with the comment that says whose it is.
    CreateSchema {
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
    },
    /// Give the schema back to its owner.
    ChangeSchemaOwner {
        /// Schema.
        schema: String,
        /// Owner.
        owner: String,
    },
    /// Set the search path of a login in this database (C-04).
    SetSearchPath {
        /// Login.
        role: String,
        /// Schema.
        schema: String,
    },
    /// Give a privilege.
    Grant(Grant),
    /// Take a privilege away.
    Revoke(Grant),
    /// Remember which tables anon was let read, so that it can be taken back.
    RecordAnonTables {
        /// Role.
        role: String,
        /// Tables.
        tables: BTreeSet<String>,
    },
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("the database"),
            Self::PublicSchema => f.write_str("schema public"),
            Self::Schema => f.write_str("the schema"),
            Self::NewTables => f.write_str("new tables"),
            Self::NewSequences => f.write_str("new sequences"),
            Self::NewFunctions => f.write_str("new functions"),
            Self::AllNewFunctions => f.write_str("all new functions of the migrator"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
            Self::Function(name) => write!(f, "function {name}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateRole { role } => write!(f, "create role {role}"),
            Self::LetAdminActAs { role } => write!(f, "let the admin act as {role}"),
            Self::AlterRole { role, login, inherit, connection_limit } => write!(
                f,
                "make role {role} {}, {}, connection limit {connection_limit}",
                if *login { "a login" } else { "no login" },
                if *inherit { "inheriting" } else { "not inheriting" },
            ),
            Self::SetPassword { role } => write!(f, "set the password of {role}"),
            Self::AddMember(m) => write!(f, "let {} become {}", m.member, m.role),
            Self::RemoveMember(m) => write!(f, "stop {} becoming {}", m.member, m.role),
            Self::CreateSchema { schema, owner } => write!(f, "create schema {schema} owned by {owner}"),
            Self::ChangeSchemaOwner { schema, owner } => write!(f, "give schema {schema} to {owner}"),
            Self::SetSearchPath { role, schema } => write!(f, "set the search path of {role} to {schema}"),
            Self::Grant(g) => write!(f, "grant {} on {} to {}", g.privilege, g.object, g.grantee),
            Self::Revoke(g) => write!(f, "revoke {} on {} from {}", g.privilege, g.object, g.grantee),
            Self::RecordAnonTables { tables, .. } => {
                let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
                write!(f, "remember that anyone may read [{}]", tables.join(", "))
            }
        }
    }
}

/// What makes `observed` as `desired`; empty when it is.
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut changes = roles(desired, observed);
    changes.extend(schema(desired, observed));
    changes.extend(privileges(desired, observed));
    changes.extend(anon(desired, observed));
    changes
}

fn roles(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut changes = Vec::new();
    for name in desired.roles() {
        let role = name.to_owned();
        let login = desired.logins().into_iter().find(|(l, _)| l.user == name);
        let connection_limit = login.map_or(-1, |(_, limit)| limit);
        // NOINHERIT: PostgREST's login has no rights of its own before it switches.
        let inherit = name != desired.authenticator.user;
        let found = observed.roles.get(name);
        if found.is_none() {
            changes.push(Change::CreateRole { role: role.clone() });
        }
        // Creating a role on PostgreSQL 16 and later gives its creator ADMIN, but neither SET nor INHERIT.
        if !observed.memberships.contains(&Membership { role: role.clone(), member: observed.admin.clone() }) {
            changes.push(Change::LetAdminActAs { role: role.clone() });
        }
        if found.is_none_or(|r| {
            r.login != login.is_some() || r.inherit != inherit || r.connection_limit != connection_limit || r.creates
        }) {
            changes.push(Change::AlterRole { role: role.clone(), login: login.is_some(), inherit, connection_limit });
        }
        if login.is_some() && found.is_none_or(|r| r.password_works != Some(true)) {
            changes.push(Change::SetPassword { role });
        }
    }

    let member = &desired.authenticator.user;
    let wanted: BTreeSet<Membership> = [&desired.anon, &desired.authenticated]
        .map(|role| Membership { role: role.clone(), member: member.clone() })
        .into();
    changes.extend(wanted.difference(&observed.memberships).cloned().map(Change::AddMember));
    let extra = observed.memberships.iter().filter(|m| m.member == *member && !wanted.contains(m));
    changes.extend(extra.cloned().map(Change::RemoveMember));
    changes
}

fn schema(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let (schema, owner) = (desired.schema.clone(), desired.migrator.user.clone());
    let mut changes = match &observed.schema {
        None => vec![Change::CreateSchema { schema, owner }],
        Some(Schema { owner: found, .. }) if *found != owner => vec![Change::ChangeSchemaOwner { schema, owner }],
        Some(_) => vec![],
    };
    for (login, _) in desired.logins() {
        if observed.roles.get(&login.user).and_then(|r| r.search_path.as_ref()) != Some(&desired.schema) {
            changes.push(Change::SetSearchPath { role: login.user.clone(), schema: desired.schema.clone() });
        }
    }
    changes
}

/// Objects on which nobody but plattr decides, so that every other privilege is taken away.
fn is_exact(object: &Object, observed: &Observed) -> bool {
    match object {
        Object::Database => observed.owns_database,
        Object::PublicSchema => observed.owns_public_schema,
        Object::Schema | Object::NewTables | Object::NewSequences | Object::NewFunctions => true,
        Object::AllNewFunctions => true,
        Object::Table(_) | Object::Sequence(_) | Object::Function(_) => false,
    }
}

const ROWS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// What a role has on every table, sequence and function of the migrator.
fn on_objects(desired: &Desired, kind: &Object) -> Vec<(String, &'static str)> {
    let app = || desired.app.user.clone();
    let users = || desired.authenticated.clone();
    let (for_app, for_users): (&[&'static str], &[&'static str]) = match (kind, desired.access) {
        (Object::NewTables | Object::Table(_), TableAccess::None) => (&ROWS, &[]),
        (Object::NewTables | Object::Table(_), TableAccess::Read) => (&ROWS, &["SELECT"]),
        (Object::NewTables | Object::Table(_), TableAccess::Write) => (&ROWS, &ROWS),
        (Object::NewSequences | Object::Sequence(_), TableAccess::Write) => (&["USAGE", "SELECT"], &["USAGE"]),
        (Object::NewSequences | Object::Sequence(_), _) => (&["USAGE", "SELECT"], &[]),
        (Object::NewFunctions | Object::Function(_), TableAccess::None) => (&["EXECUTE"], &[]),
        (Object::NewFunctions | Object::Function(_), _) => (&["EXECUTE"], &["EXECUTE"]),
        _ => (&[], &[]),
    };
    for_app.iter().map(|p| (app(), *p)).chain(for_users.iter().map(|p| (users(), *p))).collect()
}

fn privileges(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut wanted = BTreeSet::new();
    let mut want = |object: &Object, grantee: &str, privilege: &str| {
        wanted.insert(Grant { object: object.clone(), grantee: grantee.into(), privilege: privilege.into() });
    };
    if observed.owns_database {
        for (login, _) in desired.logins() {
            want(&Object::Database, &login.user, "CONNECT");
        }
        // Tools of migrations say CREATE SCHEMA IF NOT EXISTS, which PostgreSQL refuses without this right even where
        // the schema is there (drizzle-kit always, Prisma in its first migration). Trusted extensions need it too.
        want(&Object::Database, &desired.migrator.user, "CREATE");
        // A migration puts rows aside; `plattr db seed` compares those of a file with those of a table.
        want(&Object::Database, &desired.migrator.user, "TEMPORARY");
    }
    for role in [&desired.app.user, &desired.anon, &desired.authenticated] {
        want(&Object::Schema, role, "USAGE");
    }
    for object in [Object::NewTables, Object::NewSequences, Object::NewFunctions].iter().chain(&observed.objects) {
        for (role, privilege) in on_objects(desired, object) {
            if !is_left_to_migrations(object, &role, privilege, observed) {
                want(object, &role, privilege);
            }
        }
    }

    let mut changes = Vec::new();
    for extra in observed.grants.difference(&wanted) {
        if !is_exact(&extra.object, observed) {
            continue;
        }
        changes.push(Change::Revoke(extra.clone()));
        // What signed-in users had by default was plattr's, and so is what it gave them (see the module).
        if extra.grantee != desired.authenticated {
            continue;
        }
        let given = |object: &&Object| {
            matches!(
                (&extra.object, object),
                (Object::NewTables, Object::Table(_))
                    | (Object::NewSequences, Object::Sequence(_))
                    | (Object::NewFunctions, Object::Function(_))
            )
        };
        for object in observed.objects.iter().filter(given) {
            let grant = Grant { object: object.clone(), ..extra.clone() };
            if observed.grants.contains(&grant) && !wanted.contains(&grant) {
                changes.push(Change::Revoke(grant));
            }
        }
    }
    // PUBLIC has EXECUTE on new functions as long as the migrator has no default privileges of its own; before
    // the migrator exists, the catalogue cannot say so.
    if !observed.roles.contains_key(&desired.migrator.user) {
        changes.push(Change::Revoke(Grant {
            object: Object::AllNewFunctions,
            grantee: PUBLIC.into(),
            privilege: "EXECUTE".into(),
        }));
    }
    changes.extend(wanted.difference(&observed.grants).cloned().map(Change::Grant));
    changes
}

/// Whether an object was made while the role had the privilege on all new ones: where it does not have it now, a
/// migration has revoked it, and must not find it granted again.
fn is_left_to_migrations(object: &Object, role: &str, privilege: &str, observed: &Observed) -> bool {
    let new = match object {
        Object::Table(_) => Object::NewTables,
        Object::Sequence(_) => Object::NewSequences,
        Object::Function(_) => Object::NewFunctions,
        _ => return false,
    };
    let by_default = Grant { object: new, grantee: role.to_owned(), privilege: privilege.to_owned() };
    observed.grants.contains(&by_default) && !observed.untouched.contains(object)
}

fn anon(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let exists = |table: &&String| observed.objects.contains(&Object::Table((*table).clone()));
    let wanted: BTreeSet<String> = desired.anon_tables.iter().filter(exists).cloned().collect();
    let select = |table: &String| Grant {
        object: Object::Table(table.clone()),
        grantee: desired.anon.clone(),
        privilege: "SELECT".into(),
    };
    let mut changes = Vec::new();
    for table in observed.recorded_anon_tables.difference(&wanted) {
        if observed.grants.contains(&select(table)) {
            changes.push(Change::Revoke(select(table)));
        }
    }
    let missing = wanted.iter().map(select).filter(|grant| !observed.grants.contains(grant));
    changes.extend(missing.map(Change::Grant));
    if wanted != observed.recorded_anon_tables {
        changes.push(Change::RecordAnonTables { role: desired.anon.clone(), tables: wanted });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::super::observe::Role;
    use super::*;
    use crate::Login;

    fn desired() -> Desired {
        let login = |user: &str| Login { user: user.into(), password: "secret".into() };
        Desired {
            owner: "application todo in local".into(),
            schema: "todo".into(),
            migrator: login("todo_migrator"),
            app: login("todo_app"),
            authenticator: login("todo_authenticator"),
            anon: "todo_anon".into(),
            authenticated: "todo_authenticated".into(),
            access: TableAccess::Write,
            anon_tables: BTreeSet::from(["news".to_owned(), "later".to_owned()]),
            notify_channel: "pgrst_todo".into(),
            room: 1,
        }
    }

    fn empty() -> Observed {
        let grant = |object, privilege: &str| Grant { object, grantee: PUBLIC.into(), privilege: privilege.into() };
        Observed {
            database: "plattr".into(),
            admin: "plattr".into(),
            owns_database: true,
            owns_public_schema: true,
            version: 17,
            grants: BTreeSet::from([
                grant(Object::Database, "CONNECT"),
                grant(Object::Database, "TEMPORARY"),
                grant(Object::PublicSchema, "USAGE"),
            ]),
            ..Observed::default()
        }
    }

    /// What is there after the plan was done: a model of the database, which also shows that the plan ends.
    fn done(desired: &Desired, mut o: Observed, changes: &[Change]) -> Observed {
        for change in changes {
            match change.clone() {
                Change::CreateRole { role } => {
                    let new = Role {
                        login: false,
                        inherit: true,
                        creates: false,
                        connection_limit: -1,
                        search_path: None,
                        password_works: None,
                    };
                    o.roles.insert(role, new);
                }
                Change::LetAdminActAs { role } => {
                    o.memberships.insert(Membership { role, member: o.admin.clone() });
                }
                Change::AlterRole { role, login, inherit, connection_limit } => {
                    if let Some(found) = o.roles.get_mut(&role) {
                        (found.login, found.inherit, found.connection_limit) = (login, inherit, connection_limit);
                        found.creates = false;
                    }
                }
                Change::SetPassword { role } => {
                    o.roles.entry(role).and_modify(|r| r.password_works = Some(true));
                }
                Change::AddMember(m) => {
                    o.memberships.insert(m);
                }
                Change::RemoveMember(m) => {
                    o.memberships.remove(&m);
                }
                Change::CreateSchema { owner, .. } | Change::ChangeSchemaOwner { owner, .. } => {
                    o.schema = Some(Schema { owner, comment: Some(desired.comment()) });
                }
                Change::SetSearchPath { role, schema } => {
                    o.roles.entry(role).and_modify(|r| r.search_path = Some(schema));
                }
                Change::Grant(g) => {
                    o.grants.insert(g);
                }
                Change::Revoke(g) => {
                    o.grants.remove(&g);
                }
                Change::RecordAnonTables { tables, .. } => o.recorded_anon_tables = tables,
            }
        }
        o
    }

    fn lines(desired: &Desired, observed: &Observed) -> Vec<String> {
        plan(desired, observed).iter().map(ToString::to_string).collect()
    }

    /// Everything as it should be, with two tables, a sequence and a function of a migration.
    fn complete() -> Observed {
        let mut observed = empty();
        observed.objects = BTreeSet::from([
            Object::Table("news".into()),
            Object::Table("secrets".into()),
            Object::Sequence("news_id_seq".into()),
            Object::Function("f(integer)".into()),
        ]);
        let changes = plan(&desired(), &observed);
        done(&desired(), observed, &changes)
    }

    #[test]
    fn nothing_there_means_everything_to_do() {
        insta::assert_snapshot!(lines(&desired(), &empty()).join("\n"));
    }

    #[test]
    fn everything_there_means_nothing_to_do() {
        assert!(lines(&desired(), &complete()).is_empty());
    }

    #[test]
    fn each_missing_thing_is_one_change() {
        let complete = complete();
        let is_migrations = |object: &Object, grantee: &str| {
            matches!(object, Object::Table(_) | Object::Sequence(_) | Object::Function(_)) && grantee != "todo_anon"
        };
        for grant in &complete.grants {
            let mut observed = complete.clone();
            observed.grants.remove(grant);
            let expected = match is_migrations(&grant.object, &grant.grantee) {
                true => Vec::new(),
                false => vec![Change::Grant(grant.clone())],
            };
            assert_eq!(plan(&desired(), &observed), expected);
            // What was there before the default privileges were is brought in line with them.
            observed.untouched.insert(grant.object.clone());
            assert_eq!(plan(&desired(), &observed), [Change::Grant(grant.clone())]);
        }
        for membership in &complete.memberships {
            let mut observed = complete.clone();
            observed.memberships.remove(membership);
            let expected = if membership.member == observed.admin {
                Change::LetAdminActAs { role: membership.role.clone() }
            } else {
                Change::AddMember(membership.clone())
            };
            assert_eq!(plan(&desired(), &observed), [expected]);
        }
        let role = |change: fn(&mut Role)| {
            let mut observed = complete.clone();
            observed.roles.entry("todo_app".into()).and_modify(change);
            lines(&desired(), &observed)
        };
        assert_eq!(role(|r| r.password_works = Some(false)), ["set the password of todo_app"]);
        assert_eq!(role(|r| r.search_path = None), ["set the search path of todo_app to todo"]);
        let attributes = ["make role todo_app a login, inheriting, connection limit 40"];
        assert_eq!(role(|r| r.creates = true), attributes);
        assert_eq!(role(|r| r.connection_limit = -1), attributes);
    }

    #[test]
    fn a_right_that_nobody_asked_for_is_taken_away_only_where_plattr_decides() {
        let with = |object: Object, privilege: &str| {
            let mut observed = complete();
            observed.grants.insert(Grant { object, grantee: "todo_anon".into(), privilege: privilege.into() });
            lines(&desired(), &observed)
        };
        assert_eq!(with(Object::Schema, "CREATE"), ["revoke CREATE on the schema from todo_anon"]);
        assert_eq!(with(Object::NewTables, "SELECT"), ["revoke SELECT on new tables from todo_anon"]);
        // A migration may have had its reasons.
        assert!(with(Object::Table("secrets".into()), "SELECT").is_empty());
    }

    #[test]
    fn a_table_that_is_no_longer_for_everyone_is_closed() {
        let closed = Desired { anon_tables: BTreeSet::new(), ..desired() };
        assert_eq!(
            lines(&closed, &complete()),
            ["revoke SELECT on table news from todo_anon", "remember that anyone may read []"]
        );
    }

    #[test]
    fn less_access_is_taken_from_tables_that_are_already_there() {
        let read = Desired { access: TableAccess::Read, ..desired() };
        let changes = plan(&read, &complete());
        let after = done(&read, complete(), &changes);
        assert!(plan(&read, &after).is_empty());
        let left: Vec<&str> = after
            .grants
            .iter()
            .filter(|g| g.grantee == "todo_authenticated" && g.object == Object::Table("news".into()))
            .map(|g| g.privilege.as_str())
            .collect();
        assert_eq!(left, ["SELECT"]);
    }

    #[test]
    fn more_access_is_given_to_tables_that_are_already_there() {
        let read = Desired { access: TableAccess::Read, ..desired() };
        let observed = done(&read, complete(), &plan(&read, &complete()));
        let given = lines(&desired(), &observed);
        assert!(given.contains(&"grant INSERT on table secrets to todo_authenticated".to_owned()), "{given:?}");
    }

    #[test]
    fn a_database_of_someone_else_keeps_its_rights() {
        let shared = Observed { owns_database: false, owns_public_schema: false, ..empty() };
        assert!(!lines(&desired(), &shared).iter().any(|l| l.contains("database") || l.contains("schema public")));
    }
}
