//! PostgreSQL for real, through an admin that is not a superuser.

use crate::{application, variable};
use plattr_api::application::TableAccess;
use plattr_backends::postgres::{self, Desired, Error, Passwords};
use tokio_postgres::Config;

fn admin() -> Config {
    variable("PLATTR_TEST_POSTGRES_URL").parse().unwrap()
}

fn desired(access: TableAccess, anon_tables: &[&str]) -> Desired {
    let (names, mut spec) = application("backends-pg");
    spec.database.enabled = true;
    spec.database.api.authenticated = access;
    spec.database.api.anon_tables = anon_tables.iter().map(|t| (*t).into()).collect();
    let passwords =
        Passwords { app: "app's \\ 1".into(), migrator: "migrator-1".into(), authenticator: "authenticator-1".into() };
    Desired::new(&names, plattr_api::Environment::Local, &spec, passwords)
}

/// One test, because its steps build on each other.
#[tokio::test]
async fn a_schema_from_nothing_to_nothing() {
    let admin = admin();
    let wanted = desired(TableAccess::None, &["notes"]);
    let mut client = postgres::connect(&admin).await.unwrap();
    postgres::deprovision(&mut client, &wanted).await.unwrap();

    // From nothing, by two runs at once.
    let (a, b) = tokio::join!(postgres::ensure(&admin, &wanted), postgres::ensure(&admin, &wanted));
    assert!(a.unwrap().len() + b.unwrap().len() > 10);
    // Zero writes: in transactions that may only read, any would be an error.
    let mut read_only = admin.clone();
    read_only.options("-c default_transaction_read_only=on");
    assert_eq!(postgres::ensure(&read_only, &wanted).await.unwrap(), []);
    let started = std::time::Instant::now();
    let observed = postgres::observe(&client, &admin, &wanted).await.unwrap();
    println!("warm observe: {:?}", started.elapsed());
    assert_eq!(postgres::plan(&wanted, &observed), []);
    let checks = postgres::verify(&admin, &wanted).await;
    assert!(checks.iter().all(|c| c.passed), "{checks:#?}");

    // A migration, then tables that anyone may read.
    let mut migrator = admin.clone();
    migrator.user(&wanted.migrator.user).password(&wanted.migrator.password);
    let migrator = postgres::connect(&migrator).await.unwrap();
    migrator
        .batch_execute(
            "CREATE TABLE notes (id serial); CREATE TABLE other (id serial);
             CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1'",
        )
        .await
        .unwrap();
    let lines = |changes: Vec<postgres::Change>| changes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let anon = lines(postgres::ensure(&admin, &wanted).await.unwrap());
    assert_eq!(anon, ["grant SELECT on table notes to backends_pg_anon", "remember that anyone may read [notes]"]);

    // Signed-in users get rights, and lose them again; what a migration granted stays.
    let write = desired(TableAccess::Write, &[]);
    postgres::ensure(&admin, &write).await.unwrap();
    migrator.batch_execute("GRANT SELECT ON other TO backends_pg_anon").await.unwrap();
    assert_eq!(postgres::ensure(&admin, &write).await.unwrap(), []);
    let none = desired(TableAccess::None, &[]);
    postgres::ensure(&admin, &none).await.unwrap();
    let may = "SELECT has_table_privilege('backends_pg_authenticated', 'backends_pg.notes', 'INSERT'),
                      has_table_privilege('backends_pg_anon', 'backends_pg.notes', 'SELECT'),
                      has_table_privilege('backends_pg_anon', 'backends_pg.other', 'SELECT'),
                      has_function_privilege('backends_pg_anon', 'backends_pg.f(int, text)', 'EXECUTE'),
                      has_function_privilege('backends_pg_app', 'backends_pg.f(int, text)', 'EXECUTE')";
    let row = client.query_one(may, &[]).await.unwrap();
    assert_eq!([0, 1, 2, 3, 4].map(|n| row.get::<_, bool>(n)), [false, false, true, false, true]);

    // What a migration revokes stays revoked, until somebody asks for it in plattr.yaml.
    let update = "SELECT has_table_privilege('backends_pg_authenticated', 'backends_pg.notes', 'UPDATE'),
                         has_table_privilege('backends_pg_app', 'backends_pg.notes', 'UPDATE')";
    postgres::ensure(&admin, &write).await.unwrap();
    migrator.batch_execute("REVOKE UPDATE ON notes FROM backends_pg_app, backends_pg_authenticated").await.unwrap();
    assert_eq!(postgres::ensure(&admin, &write).await.unwrap(), []);
    let row = client.query_one(update, &[]).await.unwrap();
    assert_eq!([0, 1].map(|n| row.get::<_, bool>(n)), [false, false]);
    postgres::ensure(&admin, &none).await.unwrap();
    postgres::ensure(&admin, &write).await.unwrap();
    let row = client.query_one(update, &[]).await.unwrap();
    assert_eq!([0, 1].map(|n| row.get::<_, bool>(n)), [true, false]);
    postgres::ensure(&admin, &none).await.unwrap();

    // Each thing broken, seen by verify or the plan, and repaired alone.
    for (sql, expected) in [
        ("GRANT CREATE ON SCHEMA backends_pg TO backends_pg_app", "revoke CREATE on the schema from backends_pg_app"),
        (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA backends_pg GRANT SELECT ON TABLES TO backends_pg_anon",
            "revoke SELECT on new tables from backends_pg_anon",
        ),
    ] {
        migrator.batch_execute(sql).await.unwrap();
        assert_eq!(lines(postgres::ensure(&admin, &none).await.unwrap()), [expected]);
    }
    for (sql, expected) in [
        ("ALTER ROLE backends_pg_app PASSWORD 'changed'", "set the password of backends_pg_app"),
        (
            "REVOKE backends_pg_anon FROM backends_pg_authenticator",
            "let backends_pg_authenticator become backends_pg_anon",
        ),
        (
            "GRANT backends_pg_migrator TO backends_pg_authenticator",
            "stop backends_pg_authenticator becoming backends_pg_migrator",
        ),
        (
            "ALTER ROLE backends_pg_app IN DATABASE plattr RESET search_path",
            "set the search path of backends_pg_app to backends_pg",
        ),
        ("GRANT TEMPORARY ON DATABASE plattr TO PUBLIC", "revoke TEMPORARY on the database from PUBLIC"),
    ] {
        client.batch_execute(sql).await.unwrap();
        assert_eq!(lines(postgres::ensure(&admin, &none).await.unwrap()), [expected]);
    }
    client.batch_execute("DROP OWNED BY backends_pg_anon; DROP ROLE backends_pg_anon").await.unwrap();
    assert!(postgres::verify(&admin, &none).await.iter().any(|c| !c.passed));
    assert!(!postgres::ensure(&admin, &none).await.unwrap().is_empty());
    let checks = postgres::verify(&admin, &none).await;
    assert!(checks.iter().all(|c| c.passed), "{checks:#?}");

    // Someone else's schema is neither used nor dropped.
    let stranger = Desired { owner: "application other in local".into(), ..none.clone() };
    assert!(matches!(postgres::ensure(&admin, &stranger).await, Err(Error::NotOurs { .. })));
    assert!(matches!(postgres::deprovision(&mut client, &stranger).await, Err(Error::NotOurs { .. })));

    // Gone, with a connection of the application still open.
    postgres::deprovision(&mut client, &none).await.unwrap();
    let left = client.query("SELECT 1 FROM pg_roles WHERE rolname LIKE 'backends\\_pg\\_%'", &[]).await.unwrap();
    assert!(left.is_empty());
    postgres::deprovision(&mut client, &none).await.unwrap();
}
