//! Migrations on real servers.

use std::time::Duration;

use plattr_db::migrate::{self, ApplyError, Migrations, Plan, Refusal, Wish, history, lock, plan};
use plattr_db::{Server, Session, SqlFailure};
use tempfile::TempDir;

use crate::support::{execute, on_every_server};

const PATIENT: Duration = Duration::from_secs(10);

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, files);
    folder
}

fn write(folder: &TempDir, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
}

async fn planned(session: &Session, folder: &TempDir, wish: Wish) -> Result<Plan, Refusal> {
    let applied = history::applied(&session.client).await.unwrap();
    plan::plan(&Migrations::read(folder.path()).unwrap(), &applied, wish)
}

async fn migrate(server: &Server, folder: &TempDir, limit: Duration) -> Result<usize, ApplyError> {
    let mut session = server.connect().await.unwrap();
    let plan = planned(&session, folder, Wish::default()).await.unwrap();
    let applied = migrate::apply(server, &mut session, &plan, limit, &mut |_, _| {}).await?;
    Ok(applied.len())
}

async fn one<T: for<'a> tokio_postgres::types::FromSql<'a>>(server: &Server, query: &str) -> T {
    server.connect().await.unwrap().client.query_one(query, &[]).await.unwrap().get(0)
}

fn refused(result: Result<usize, ApplyError>) -> (SqlFailure, Vec<lock::Blocker>, bool) {
    match result {
        Err(ApplyError::Refused { failure, blockers, half }) => (failure, blockers, half),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_are_applied_once_and_in_order() {
    on_every_server(async |server| {
        let folder = folder(&[
            ("2_rows.sql", "INSERT INTO todos (title) SELECT 'row ' || n FROM generate_series(1, 3) n; -- the end"),
            ("1_todos.sql", "CREATE TABLE todos (id serial PRIMARY KEY, title text)"),
        ]);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 2);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 0);
        assert_eq!(one::<i64>(server, "SELECT count(*) FROM todos").await, 3);
        let session = server.connect().await.unwrap();
        let applied = history::applied(&session.client).await.unwrap();
        assert!(applied.iter().all(|record| record.at.is_some()), "{applied:?}");
        // refinery itself reads what was written.
        let names: Vec<&str> = applied.iter().map(|record| record.name.as_str()).collect();
        assert_eq!(names, ["todos", "rows"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_file_sets_ends_with_it() {
    on_every_server(async |server| {
        let folder = folder(&[
            ("1_dump.sql", "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a ();"),
            ("2_other.sql", "CREATE SCHEMA audit; SET search_path TO audit; CREATE TABLE b ()"),
            ("3_alone.sql", "-- plattr:no-transaction\nSET search_path TO audit;\nCREATE TABLE c ();"),
            ("4_home.sql", "CREATE TABLE d ()"),
        ]);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 4);
        let places = "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE length(tablename) = 1";
        assert_eq!(one::<String>(server, places).await, "public.a audit.b audit.c public.d");
        assert_eq!(one::<i64>(server, "SELECT count(*) FROM public.plattr_migrations").await, 4);
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_fails_leaves_nothing_of_its_file_and_says_where() {
    on_every_server(async |server| {
        let folder = folder(&[
            ("1_good.sql", "CREATE TABLE good ()"),
            ("2_bad.sql", "CREATE TABLE half ();\n\n  SELECT * FROM ünknown;\n"),
            ("3_never.sql", "CREATE TABLE never ()"),
        ]);
        let (failure, _, half) = refused(migrate(server, &folder, PATIENT).await);
        assert!(failure.to_string().contains("2_bad.sql:3:17: relation \"ünknown\" does not exist"), "{failure}");
        assert!(!half);
        let there =
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('good', 'half', 'never')";
        assert_eq!(one::<String>(server, there).await, "good");
        // On the first line the place is that of the file, not of what was sent.
        write(&folder, &[("2_bad.sql", "SELECT nothing")]);
        let (failure, ..) = refused(migrate(server, &folder, PATIENT).await);
        assert_eq!(failure.at, Some((1, 8)));
        // Where the server names no place, it is that of the statement.
        write(&folder, &[("2_bad.sql", "SELECT 1;;\n-- note\n  ALTER TABLE gone ADD a int;\nSELECT 2;")]);
        let (failure, ..) = refused(migrate(server, &folder, PATIENT).await);
        assert_eq!(failure.at, Some((3, 3)), "{failure}");
        // Mended, the rest is applied.
        write(&folder, &[("2_bad.sql", "CREATE TABLE half ()")]);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_file_outside_a_transaction_may_do_what_no_transaction_may() {
    on_every_server(async |server| {
        let concurrently = "-- plattr:no-transaction\nCREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);";
        let folder = folder(&[("1_index.sql", concurrently)]);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 1);
        write(&folder, &[("2_half.sql", "-- plattr:no-transaction\nCREATE TABLE u ();\nCREATE TABLE u ();")]);
        let (failure, _, half) = refused(migrate(server, &folder, PATIENT).await);
        assert!(half);
        assert_eq!(failure.at, Some((3, 1)), "{failure}");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_was_changed_after_it_was_applied_is_refused() {
    on_every_server(async |server| {
        let folder = folder(&[("1_a.sql", "SELECT 1")]);
        migrate(server, &folder, PATIENT).await.unwrap();
        let session = server.connect().await.unwrap();
        // Other line ends are no change.
        write(&folder, &[("1_a.sql", "SELECT 1")]);
        assert!(planned(&session, &folder, Wish::default()).await.is_ok());
        write(&folder, &[("1_a.sql", "SELECT 2")]);
        let error = planned(&session, &folder, Wish::default()).await.unwrap_err();
        assert!(error.to_string().starts_with("1_a.sql was changed after it was applied on 20"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_lock_that_is_not_to_be_had_ends_the_run_and_names_who_holds_it() {
    on_every_server(async |server| {
        let folder = folder(&[("1_t.sql", "CREATE TABLE t ()"), ("2_t.sql", "ALTER TABLE t ADD a int")]);
        let holder = server.connect().await.unwrap();
        let created = planned(&holder, &folder, Wish { to: Some(1), ..Wish::default() }).await.unwrap();
        let mut session = server.connect().await.unwrap();
        migrate::apply(server, &mut session, &created, PATIENT, &mut |_, _| {}).await.unwrap();
        execute(&holder, "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE").await;
        let (failure, blockers, half) = refused(migrate(server, &folder, Duration::from_secs(4)).await);
        assert_eq!((failure.code.as_deref(), half), (Some("55P03"), false), "{failure}");
        let [blocker] = blockers.as_slice() else { panic!("{blockers:?}") };
        assert_eq!(blocker.state, "idle in transaction");
        assert!(blocker.query.contains("LOCK TABLE t"), "{blocker}");
        execute(&holder, "COMMIT").await;
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_runs_at_once_apply_each_file_once() {
    on_every_server(async |server| {
        let folder = folder(&[("1_slow.sql", "SELECT pg_sleep(0.5); CREATE TABLE once ()")]);
        let run = async || {
            let mut session = server.connect().await.unwrap();
            lock::schema(&session, "public", PATIENT, |_| {}).await.unwrap();
            let plan = planned(&session, &folder, Wish::default()).await.unwrap();
            migrate::apply(server, &mut session, &plan, PATIENT, &mut |_, _| {}).await.unwrap().len()
        };
        let (one, other) = futures::join!(run(), run());
        assert_eq!(one + other, 1);
        // Another schema of the same database waits for nobody.
        let (first, second) = (server.connect().await.unwrap(), server.connect().await.unwrap());
        lock::schema(&first, "shop", PATIENT, |_| {}).await.unwrap();
        lock::schema(&second, "blog", PATIENT, |_| panic!("it waits")).await.unwrap();
        let third = server.connect().await.unwrap();
        let mut seen = None;
        let held = lock::schema(&third, "shop", Duration::from_millis(100), |holder| seen = holder).await;
        assert_eq!(held.unwrap_err().code.as_deref(), Some("55P03"));
        let pid: i32 = first.client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
        assert_eq!(seen.unwrap().pid, pid);
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_lost_in_the_middle_leaves_nothing_half_applied() {
    on_every_server(async |server| {
        let folder = folder(&[("1_t.sql", "CREATE TABLE t (); SELECT pg_sleep(60)")]);
        let end = async {
            let other = server.connect().await.unwrap();
            let query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                          WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND datname = current_database()";
            while other.client.query(query, &[]).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let (ended, ()) = futures::join!(migrate(server, &folder, PATIENT), end);
        refused(ended);
        assert!(one::<bool>(server, "SELECT to_regclass('t') IS NULL").await);
        write(&folder, &[("1_t.sql", "CREATE TABLE t ()")]);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_has_a_down_file_is_taken_back() {
    on_every_server(async |server| {
        let folder = folder(&[
            ("1_t.sql", "CREATE TABLE t ()"),
            ("2_u.sql", "CREATE TABLE u ()"),
            ("2_u.down.sql", "DROP TABLE u"),
        ]);
        migrate(server, &folder, PATIENT).await.unwrap();
        let mut session = server.connect().await.unwrap();
        let migrations = Migrations::read(folder.path()).unwrap();
        let applied = history::applied(&session.client).await.unwrap();
        let no_file = migrate::NotBack::NoFile("1_t.sql".into());
        assert_eq!(migrate::to_take_back(&migrations, &applied, 2, None).unwrap_err(), no_file);
        // A version of which digits are missing is none.
        assert_eq!(migrate::to_take_back(&migrations, &applied, 1, Some(9)).unwrap_err(), migrate::NotBack::Unknown(9));
        let back = migrate::to_take_back(&migrations, &applied, 1, None).unwrap();
        migrate::rollback(server, &mut session, &back, PATIENT, &mut |_, _| {}).await.unwrap();
        assert!(one::<bool>(server, "SELECT to_regclass('u') IS NULL").await);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_file_of_a_hundred_megabytes_is_applied() {
    on_every_server(async |server| {
        // A word as in statements that no migration may have, which makes plattr look closer.
        let row = format!("INSERT INTO t VALUES ('begin {}');\n", "x".repeat(1_000_000));
        let folder = folder(&[("1_big.sql", &format!("CREATE TABLE t (a text);\n{}", row.repeat(100)))]);
        assert_eq!(migrate(server, &folder, PATIENT).await.unwrap(), 1);
        assert_eq!(one::<i64>(server, "SELECT count(*) FROM t").await, 100);
    })
    .await;
}
