//! Doing what the plan says, and taking everything away again.

use std::collections::BTreeSet;

use plattr_api::Names;
use plattr_api::names::{quote_identifier, quote_literal};
use postgres_protocol::password::scram_sha_256;
use tokio_postgres::{Client, GenericClient};

use super::observe::{Grant, Object, PUBLIC, anon_comment};
use super::plan::Change;
use super::{Desired, Error, reason};

/// One provisioning at a time in a database: two that grant on the same object at once fail with "tuple
/// concurrently updated". The number is `plattrrr` in ASCII; any would do, so long as every version of plattr
/// uses the same.
const LOCK: i64 = 0x0070_6c61_7474_7272;

/// Does `changes` in one transaction, so that a run that is killed leaves nothing half done. Changes that
/// another run has done meanwhile do no harm.
///
/// # Errors
/// [`Error::Apply`] with the change that was refused.
pub async fn apply(client: &mut Client, desired: &Desired, changes: &[Change]) -> Result<(), Error> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |e: tokio_postgres::Error| Error::Apply { what, reason: reason(&e) }
    };
    let transaction = client.transaction().await.map_err(failed("begin a transaction"))?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await
        .map_err(failed("wait for another provisioning"))?;
    let about = transaction
        .query_one("SELECT current_database()::text, current_setting('server_version_num')::int / 10000", &[])
        .await
        .map_err(failed("read the name of the database"))?;
    let (database, version): (String, i32) = (about.get(0), about.get(1));
    for change in changes {
        tracing::debug!(%change, "PostgreSQL");
        let sql = statement(desired, change, &quote_identifier(&database), version);
        transaction.batch_execute(&sql).await.map_err(failed(&change.to_string()))?;
    }
    transaction.commit().await.map_err(failed("commit"))
}

/// The SQL of a change. `database` is quoted.
fn statement(desired: &Desired, change: &Change, database: &str, version: i32) -> String {
    let q = quote_identifier;
    match change {
        // The exception: another run may have made the role since it was missed.
        Change::CreateRole { role } => format!(
            "DO {} LANGUAGE plpgsql",
            quote_literal(&format!("BEGIN CREATE ROLE {}; EXCEPTION WHEN duplicate_object THEN NULL; END", q(role)))
        ),
        Change::LetAdminActAs { role } => act_as(role, version),
        Change::AlterRole { role, login, inherit, connection_limit } => format!(
            "ALTER ROLE {} {} {} NOCREATEDB NOCREATEROLE CONNECTION LIMIT {connection_limit}",
            q(role),
            if *login { "LOGIN" } else { "NOLOGIN" },
            if *inherit { "INHERIT" } else { "NOINHERIT" },
        ),
        Change::SetPassword { role } => {
            let password = desired.logins().into_iter().find(|(l, _)| l.user == *role).map(|(l, _)| &l.password);
            let verifier = password.map(|p| scram_sha_256(p.as_bytes())).unwrap_or_default();
            format!("ALTER ROLE {} PASSWORD {}", q(role), quote_literal(&verifier))
        }
        Change::AddMember(m) => format!("GRANT {} TO {}", q(&m.role), q(&m.member)),
        Change::RemoveMember(m) => format!("REVOKE {} FROM {}", q(&m.role), q(&m.member)),
        Change::CreateSchema { schema, owner } => format!(
            "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {}; COMMENT ON SCHEMA {schema} IS {}",
            q(owner),
            quote_literal(&desired.comment()),
            schema = q(schema),
        ),
        Change::ChangeSchemaOwner { schema, owner } => format!("ALTER SCHEMA {} OWNER TO {}", q(schema), q(owner)),
        Change::SetSearchPath { role, schema } => {
            format!("ALTER ROLE {} IN DATABASE {database} SET search_path = {}", q(role), q(schema))
        }
        Change::Grant(grant) => privilege(desired, grant, database, "GRANT", "TO"),
        Change::Revoke(grant) => privilege(desired, grant, database, "REVOKE", "FROM"),
        Change::RecordAnonTables { role, tables } => {
            format!("COMMENT ON ROLE {} IS {}", q(role), quote_literal(&anon_comment(tables)))
        }
    }
}

fn act_as(role: &str, version: i32) -> String {
    let role = quote_identifier(role);
    // Before 16 a membership has no options, and CREATEROLE alone is enough to give it to oneself.
    let options = if version >= 16 { " WITH INHERIT TRUE, SET TRUE" } else { "" };
    format!("GRANT {role} TO CURRENT_USER{options}")
}

fn privilege(desired: &Desired, grant: &Grant, database: &str, verb: &str, preposition: &str) -> String {
    let q = quote_identifier;
    let schema = q(&desired.schema);
    let grantee = if grant.grantee == PUBLIC { PUBLIC.into() } else { q(&grant.grantee) };
    let migrator = q(&desired.migrator.user);
    let on = |object: String| format!("{verb} {} ON {object} {preposition} {grantee}", grant.privilege);
    let new = |objects: &str, scope: &str| {
        format!("ALTER DEFAULT PRIVILEGES FOR ROLE {migrator}{scope} {}", on(objects.into()))
    };
    let in_schema = format!(" IN SCHEMA {schema}");
    match &grant.object {
        Object::Database => on(format!("DATABASE {database}")),
        Object::PublicSchema => on("SCHEMA public".into()),
        Object::Schema => on(format!("SCHEMA {schema}")),
        Object::NewTables => new("TABLES", &in_schema),
        Object::NewSequences => new("SEQUENCES", &in_schema),
        Object::NewFunctions => new("FUNCTIONS", &in_schema),
        Object::AllNewFunctions => new("FUNCTIONS", ""),
        Object::Table(name) => on(format!("TABLE {schema}.{}", q(name))),
        Object::Sequence(name) => on(format!("SEQUENCE {schema}.{}", q(name))),
        // The name and the types come quoted from the catalogue.
        Object::Function(signature) => on(format!("ROUTINE {schema}.{signature}")),
    }
}

/// Removes the schema with everything in it and the five roles, in the order that an admin without superuser
/// rights can do. What is already gone is skipped.
///
/// # Errors
/// [`Error::NotOurs`] when the schema belongs to someone else; otherwise the step that was refused.
pub async fn deprovision(client: &mut Client, desired: &Desired) -> Result<(), Error> {
    let run = async |client: &Client, what: &str, sql: &str| {
        client.batch_execute(sql).await.map_err(|e| Error::Apply { what: what.into(), reason: reason(&e) })
    };
    let roles = desired.roles().map(str::to_owned);
    let rows = client
        .query(
            "SELECT rolname::text, current_setting('server_version_num')::int / 10000
               FROM pg_roles WHERE rolname = ANY($1)",
            &[&roles.as_slice()],
        )
        .await
        .map_err(|e| Error::Observe { what: "roles", reason: reason(&e) })?;
    let existing: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let version: i32 = rows.first().map_or(0, |row| row.get(1));
    let comment = client
        .query_opt(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1",
            &[&desired.schema],
        )
        .await
        .map_err(|e| Error::Observe { what: "the schema", reason: reason(&e) })?
        .map(|row| row.get::<_, Option<String>>(0));
    if let Some(found) = &comment
        && found.as_ref() != Some(&desired.comment())
    {
        let found = found.as_ref().map_or("it has no comment".into(), |c| format!("its comment is `{c}`"));
        return Err(Error::NotOurs { schema: desired.schema.clone(), found, expected: desired.comment() });
    }

    for role in &existing {
        let quoted = quote_identifier(role);
        run(client, &format!("act as {role}"), &act_as(role, version)).await?;
        run(client, &format!("stop new logins of {role}"), &format!("ALTER ROLE {quoted} NOLOGIN")).await?;
    }
    client
        .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY($1)", &[&roles.as_slice()])
        .await
        .map_err(|e| Error::Apply { what: "end the application's connections".into(), reason: reason(&e) })?;
    if comment.is_some() {
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", quote_identifier(&desired.schema));
        run(client, &format!("drop schema {}", desired.schema), &sql).await?;
    }
    for role in &existing {
        let quoted = quote_identifier(role);
        run(client, &format!("drop what {role} owns"), &format!("DROP OWNED BY {quoted} CASCADE")).await?;
    }
    for role in &existing {
        run(client, &format!("drop role {role}"), &format!("DROP ROLE IF EXISTS {}", quote_identifier(role))).await?;
    }
    Ok(())
}

/// Tells the application's PostgREST, and no other, to read the schema anew (C-29).
///
/// # Errors
/// [`Error::Apply`] when the server refuses.
pub async fn notify_reload(client: &impl GenericClient, names: &Names) -> Result<(), Error> {
    notify(client, &names.notify_channel).await
}

pub(super) async fn notify(client: &impl GenericClient, channel: &str) -> Result<(), Error> {
    client
        .execute("SELECT pg_notify($1, 'reload schema')", &[&channel])
        .await
        .map(|_| ())
        .map_err(|e| Error::Apply { what: format!("notify {channel}"), reason: reason(&e) })
}
