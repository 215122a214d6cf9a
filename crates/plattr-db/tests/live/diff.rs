//! A schema is brought to be like another, and then it is.

use plattr_db::catalog::Catalog;
use plattr_db::diff::{Change, diff, script};
use plattr_db::migrate::files::NO_TRANSACTION;
use plattr_db::{Server, Session, quote};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use super::catalog::SHOP;
use super::shapes::{CHOICES, shape};
use super::support::{execute, in_schema, on_every_server};

const SCHEMA: &str = "app";

/// What `sql` makes in an empty schema.
async fn read(session: &Session, sql: &str) -> Catalog {
    let schema = quote(SCHEMA);
    let empty = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET search_path TO {schema};");
    execute(session, &format!("{empty}{}", sql.replace(":schema", &schema))).await;
    again(session).await
}

async fn again(session: &Session) -> Catalog {
    Catalog::read(&session.client, SCHEMA, &[]).await.unwrap()
}

/// Runs a migration as `plattr db migrate` does.
async fn apply(session: &Session, migration: &str) -> Result<(), String> {
    let failed =
        |error: tokio_postgres::Error| format!("{}\nin\n{migration}", plattr_db::SqlFailure::new(&error, migration));
    if !migration.contains(NO_TRANSACTION) {
        return session.client.batch_execute(&format!("BEGIN;{migration};COMMIT")).await.map_err(failed);
    }
    for range in plattr_db::sql::statements(migration) {
        session.client.batch_execute(&migration[range]).await.map_err(failed)?;
    }
    Ok(())
}

/// A catalogue without what is left out: comment and rights of the schema, the order of columns, and what a partition says of who had it first.
fn comparable(mut catalog: Catalog) -> Catalog {
    catalog.dependencies.clear();
    (catalog.comment, catalog.grants) = (None, Vec::new());
    for table in &mut catalog.tables {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        for column in &mut table.columns {
            column.inherited = false;
        }
        for constraint in &mut table.constraints {
            constraint.inherited = false;
        }
    }
    for composite in &mut catalog.composites {
        composite.attributes.sort_by(|a, b| a.name.cmp(&b.name));
    }
    catalog
}

/// Makes the schema as `from`, then like `to` by the difference, and checks that nothing is left.
async fn bring(session: &Session, from: &str, to: &str) -> Result<Vec<Change>, String> {
    let to = read(session, to).await;
    let from = read(session, from).await;
    let changes = diff(&from, &to);
    let migration = script(&changes);
    if let Err(error) = apply(session, &migration).await {
        execute(session, "ROLLBACK").await;
        return Err(error);
    }
    let found = again(session).await;
    let left = diff(&found, &to);
    if !left.is_empty() {
        return Err(format!("left:\n{}\nafter\n{migration}", script(&left)));
    }
    let (found, to) = (comparable(found), comparable(to));
    if found != to {
        return Err(format!("the catalogues differ:\n{found:#?}\n{to:#?}\nafter\n{migration}"));
    }
    Ok(changes)
}

async fn session(server: &Server) -> Session {
    in_schema(server, SCHEMA).await
}

#[tokio::test]
async fn a_schema_does_not_differ_from_itself() {
    on_every_server(async |server| {
        let session = session(server).await;
        let shop = read(&session, SHOP).await;
        assert_eq!(diff(&shop, &shop), []);
    })
    .await;
}

#[tokio::test]
async fn a_whole_schema_comes_and_goes() {
    on_every_server(async |server| {
        let session = session(server).await;
        bring(&session, "", SHOP).await.unwrap();
        let changes = bring(&session, SHOP, "").await.unwrap();
        let lost: Vec<&str> = changes.iter().filter_map(|c| c.destroys.as_deref()).collect();
        assert!(
            lost.contains(&"all rows of User") && lost.contains(&"all rows of event and its partitions"),
            "{lost:?}"
        );
    })
    .await;
}

/// What one schema has, what the other has, and what is lost from the one to the other.
const PAIRS: &[(&str, &str, &[&str])] = &[
    // Types of columns.
    ("CREATE TABLE t (a integer)", "CREATE TABLE t (a bigint)", &[]),
    ("CREATE TABLE t (a bigint)", "CREATE TABLE t (a integer)", &["what integer cannot hold of the values of t.a"]),
    ("CREATE TABLE t (a text DEFAULT '1')", "CREATE TABLE t (a integer DEFAULT 1)", &["what integer cannot hold of the values of t.a"]),
    ("CREATE TABLE t (a integer)", "CREATE TABLE t (a boolean)", &["what boolean cannot hold of the values of t.a"]),
    ("CREATE TABLE t (a text[])", "CREATE TABLE t (a integer[])", &["what integer[] cannot hold of the values of t.a"]),
    ("CREATE TABLE t (a text COLLATE \"C\")", "CREATE TABLE t (a text)", &[]),
    // Identity, serial, generated.
    ("CREATE TABLE t (id serial PRIMARY KEY)", "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY)", &["how far the sequence t_id_seq has counted"]),
    ("CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY)", "CREATE TABLE t (id serial)", &[]),
    ("CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY)", "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY (START 7))", &[]),
    ("CREATE TABLE t (a integer, b integer)", "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED)", &["the values of t.b"]),
    ("CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED)", "CREATE TABLE t (a bigint, b integer GENERATED ALWAYS AS (a * 3) STORED)", &[]),
    ("CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED)", "CREATE TABLE t (a integer, b integer)", &[]),
    // A type that a lot depends on.
    (
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TYPE pair AS (x mood); CREATE TABLE t (m mood DEFAULT 'a', p pair, ms mood[]);
         CREATE VIEW v AS SELECT m FROM t WHERE m = 'a'; CREATE INDEX i ON t (m) WHERE m = 'a';
         CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'; ALTER TABLE t ADD CHECK (m <> 'b')",
        "CREATE TYPE mood AS ENUM ('b', 'a', 'c'); CREATE TYPE pair AS (x mood); CREATE TABLE t (m mood DEFAULT 'c', p pair, ms mood[]);
         CREATE VIEW v AS SELECT m FROM t WHERE m = 'a'; CREATE INDEX i ON t (m) WHERE m = 'a';
         CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'; ALTER TABLE t ADD CHECK (m <> 'b')",
        &[],
    ),
    ("CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood DEFAULT 'a')", "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m mood DEFAULT 'b')", &[]),
    ("CREATE TYPE k AS ENUM ('a'); CREATE TABLE t (m k)", "CREATE DOMAIN k AS text CHECK (VALUE <> ''); CREATE TABLE t (m k)", &[]),
    ("CREATE TYPE r AS RANGE (subtype = integer); CREATE TABLE t (m r)", "CREATE TYPE r AS RANGE (subtype = bigint); CREATE TABLE t (m r)", &[]),
    ("CREATE TYPE c AS (a text, b integer); CREATE TABLE t (m c)", "CREATE TYPE c AS (a text, d date); CREATE TABLE t (m c)", &["b in all values of the type c"]),
    ("CREATE DOMAIN d AS text DEFAULT 'a'; CREATE TABLE t (m d)", "CREATE DOMAIN d AS text NOT NULL CONSTRAINT x CHECK (VALUE <> 'a'); CREATE TABLE t (m d)", &[]),
    // Keys that others point to.
    (
        "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (a integer REFERENCES a)",
        "CREATE TABLE a (id uuid PRIMARY KEY); CREATE TABLE b (a uuid REFERENCES a ON DELETE CASCADE)",
        &["what uuid cannot hold of the values of a.id", "what uuid cannot hold of the values of b.a"],
    ),
    (
        "CREATE TABLE a (id integer, k integer, CONSTRAINT key PRIMARY KEY (id)); CREATE TABLE b (a integer REFERENCES a)",
        "CREATE TABLE a (id integer NOT NULL, k integer, CONSTRAINT key PRIMARY KEY (k), UNIQUE (id)); CREATE TABLE b (a integer REFERENCES a (id))",
        &[],
    ),
    ("CREATE TABLE a (n integer); ALTER TABLE a ADD CONSTRAINT c CHECK (n > 0) NOT VALID", "CREATE TABLE a (n integer, CONSTRAINT c CHECK (n > 0))", &[]),
    // Tables that need each other.
    ("", "CREATE TABLE a (id integer PRIMARY KEY, b integer); CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b", &[]),
    // Views upon views.
    (
        "CREATE TABLE t (a integer, b integer); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; CREATE MATERIALIZED VIEW m AS SELECT a FROM w; CREATE INDEX mi ON m (a); GRANT SELECT ON w TO PUBLIC; COMMENT ON VIEW w IS 'w'",
        "CREATE TABLE t (a bigint, b integer); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; CREATE MATERIALIZED VIEW m AS SELECT a FROM w; CREATE INDEX mi ON m (a); GRANT SELECT ON w TO PUBLIC; COMMENT ON VIEW w IS 'w'",
        &[],
    ),
    ("CREATE TABLE t (a integer, b integer); CREATE VIEW v AS SELECT a FROM t", "CREATE TABLE t (a integer, b integer); CREATE VIEW v WITH (security_invoker = true) AS SELECT a, b FROM t WHERE a > 0", &[]),
    // A function that changes under what uses it.
    (
        "CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE TABLE t (a integer DEFAULT f(1) CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a)); CREATE POLICY p ON t USING (f(a) = 1)",
        "CREATE FUNCTION f(b integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 2::bigint'; CREATE TABLE t (a integer DEFAULT f(1) CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a)); CREATE POLICY p ON t USING (f(a) = 1)",
        &[],
    ),
    ("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (a integer, b integer); CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (a bigint, b integer); CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t DISABLE TRIGGER g", &[]),
    // Partitions and children.
    ("CREATE TABLE p (a integer) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)", "CREATE TABLE p (a integer, b text DEFAULT 'x' NOT NULL) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1, 2); CREATE TABLE p2 PARTITION OF p DEFAULT; CREATE INDEX i ON p (b)", &[]),
    ("CREATE TABLE p (a integer) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)", "CREATE TABLE p1 (a integer)", &["all rows of p and its partitions"]),
    ("CREATE TABLE p (a integer)", "CREATE TABLE p (a integer) PARTITION BY LIST (a)", &["all rows of p"]),
    ("CREATE TABLE p (a integer DEFAULT 1); CREATE TABLE c (b integer) INHERITS (p)", "CREATE TABLE p (a integer DEFAULT 2 NOT NULL, d date); CREATE TABLE c (b integer) INHERITS (p); ALTER TABLE c ALTER a SET DEFAULT 7", &[]),
    ("CREATE TABLE p (a integer); CREATE TABLE c (a integer, b integer)", "CREATE TABLE p (a integer); CREATE TABLE c (a integer, b integer); ALTER TABLE c INHERIT p", &[]),
    // Everything of a table that is not a column.
    ("CREATE TABLE t (a integer, b integer)", "CREATE UNLOGGED TABLE t (a integer, b integer) WITH (fillfactor = 70); ALTER TABLE t REPLICA IDENTITY FULL; CREATE STATISTICS s ON a, b FROM t; CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; CREATE INDEX i ON t (a); ALTER TABLE t CLUSTER ON i", &[]),
    ("CREATE TABLE t (a integer); GRANT SELECT, INSERT ON t TO PUBLIC; GRANT UPDATE (a) ON t TO PUBLIC", "CREATE TABLE t (a integer); GRANT SELECT ON t TO PUBLIC", &[]),
    ("CREATE TABLE t (a integer)", "ALTER DEFAULT PRIVILEGES IN SCHEMA :schema GRANT SELECT ON TABLES TO PUBLIC; CREATE TABLE t (a integer); CREATE TABLE u (a integer)", &[]),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA :schema GRANT SELECT ON TABLES TO PUBLIC; CREATE TABLE t (a integer)", "ALTER DEFAULT PRIVILEGES IN SCHEMA :schema GRANT SELECT ON TABLES TO PUBLIC; CREATE TABLE t (a integer); CREATE TABLE u (a integer); REVOKE SELECT ON u FROM PUBLIC", &[]),
    ("CREATE SEQUENCE s", "CREATE SEQUENCE s AS integer INCREMENT 2 MAXVALUE 100 CYCLE; CREATE TABLE t (a integer); ALTER SEQUENCE s OWNED BY t.a", &[]),
    ("CREATE TABLE \"Odd \"\"name\" (\"select\" integer DEFAULT 1)", "CREATE TABLE \"Odd \"\"name\" (\"select\" integer DEFAULT 2, \"a'b\" text); COMMENT ON COLUMN \"Odd \"\"name\".\"a'b\" IS 'c:\\d''s'", &[]),
    ("", "CREATE EXTENSION hstore; CREATE TABLE t (a hstore)", &[]),
];

#[tokio::test]
async fn one_schema_becomes_another_and_back() {
    on_every_server(async |server| {
        let session = session(server).await;
        let mut wrong = Vec::new();
        for (one, other, lost) in PAIRS {
            match bring(&session, one, other).await {
                Ok(changes) => {
                    let destroyed: Vec<&str> = changes.iter().filter_map(|c| c.destroys.as_deref()).collect();
                    if destroyed != *lost {
                        wrong.push(format!("{one}\n→ {other}\nloses {destroyed:?}, not {lost:?}"));
                    }
                }
                Err(error) => wrong.push(format!("{one}\n→ {other}\n{error}")),
            }
            if let Err(error) = bring(&session, other, one).await {
                wrong.push(format!("{other}\n→ {one}\n{error}"));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
    })
    .await;
}

#[tokio::test]
async fn rows_survive_what_does_not_say_that_it_destroys_them() {
    on_every_server(async |server| {
        let session = session(server).await;
        let to = "CREATE TYPE mood AS ENUM ('good', 'bad');
                  CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, n text)";
        let to = read(&session, to).await;
        let from =
            "CREATE TYPE mood AS ENUM ('bad', 'good'); CREATE TABLE t (id serial PRIMARY KEY, m mood, n varchar(9));
                    INSERT INTO t (m, n) VALUES ('good', 'x'), ('bad', 'y')";
        let from = read(&session, from).await;
        apply(&session, &script(&diff(&from, &to))).await.unwrap();
        execute(&session, "INSERT INTO t (m, n) VALUES ('good', 'z')").await;
        let row = session
            .client
            .query_one("SELECT string_agg(id || m::text || n, ' ' ORDER BY id) FROM t", &[])
            .await
            .unwrap();
        assert_eq!(row.get::<_, &str>(0), "1goodx 2bady 3goodz");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_schema_becomes_any_other() {
    on_every_server(async |server| {
        let session = session(server).await;
        let mut runner = TestRunner::new_with_rng(
            Config { cases: 60, failure_persistence: None, max_shrink_iters: 200, ..Config::default() },
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        );
        let two = (proptest::array::uniform32(0_u8..12), proptest::array::uniform32(0_u8..12));
        const { assert!(CHOICES <= 32) };
        let handle = tokio::runtime::Handle::current();
        let result = tokio::task::block_in_place(|| {
            runner.run(&two, |(one, other)| {
                let brought = handle.block_on(bring(&session, &shape(&one), &shape(&other)));
                brought.map(|_| ()).map_err(proptest::test_runner::TestCaseError::fail)
            })
        });
        if let Err(TestError::Fail(reason, (one, other))) = result {
            panic!("{reason}\n\nfrom\n{}\n\nto\n{}", shape(&one), shape(&other));
        }
        result.unwrap();
    })
    .await;
}
