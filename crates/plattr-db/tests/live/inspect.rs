//! What `plattr db inspect` finds.

use plattr_db::inspect::statements::Source;
use plattr_db::inspect::{self, bloat, connections, indexes, locks, sizes, statements, vacuum};
use plattr_db::{Server, Session};
use tokio_postgres::error::SqlState;

use crate::support::{eventually, execute as run, on_every_server, servers};

/// Counters are written out when a session is idle for a second, or at once.
async fn flush(session: &Session) {
    run(session, "SELECT pg_stat_force_next_flush()").await;
}

async fn looking(server: &Server) -> Session {
    let session = server.connect().await.unwrap();
    inspect::prepare(&session.client).await.unwrap();
    session
}

#[tokio::test]
async fn a_partitioned_table_is_as_large_as_its_partitions() {
    on_every_server(async |server| {
        let session = server.connect().await.unwrap();
        run(
            &session,
            "CREATE SCHEMA app; CREATE SCHEMA other; SET search_path TO app;
             CREATE TABLE empty (id int);
             CREATE TABLE big (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
             CREATE TABLE big_1 PARTITION OF big FOR VALUES FROM (0) TO (1000);
             CREATE TABLE big_2 PARTITION OF big FOR VALUES FROM (1000) TO (9000);
             ALTER TABLE big_2 ALTER COLUMN note SET STORAGE EXTERNAL;
             INSERT INTO big SELECT n, repeat('x', 3000) FROM generate_series(1, 2000) n;
             CREATE TABLE other.elsewhere AS SELECT 1 AS id;
             ANALYZE big;",
        )
        .await;
        let looking = looking(server).await;
        let sizes = sizes::sizes(&looking.client, Some("app")).await.unwrap();
        let names: Vec<_> = sizes.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["big", "empty"]);
        let big = &sizes.tables[0];
        assert_eq!((big.partitions, big.rows), (2, Some(2000)));
        assert!(big.toast_bytes > 2_000_000 && big.index_bytes > 0, "{big:?}");
        assert_eq!(big.total_bytes, big.table_bytes + big.toast_bytes + big.index_bytes);
        assert_eq!((sizes.tables[1].rows, sizes.tables[1].table_bytes), (None, 0));
        assert!(sizes.database_bytes > big.total_bytes);
        let all = inspect::sizes::sizes(&looking.client, None).await.unwrap();
        assert!(all.tables.iter().any(|table| (table.schema.as_str(), table.name.as_str()) == ("other", "elsewhere")));
        assert!(all.tables.iter().all(|table| !table.schema.starts_with("pg_")), "{all:?}");
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_being_altered_is_not_waited_for() {
    on_every_server(async |server| {
        let altering = server.connect().await.unwrap();
        run(&altering, "CREATE TABLE todos (id int)").await;
        run(&altering, "BEGIN; LOCK TABLE todos").await;
        let looking = looking(server).await;
        let failure = sizes::sizes(&looking.client, Some("public")).await.unwrap_err();
        assert!(failure.is(&SqlState::LOCK_NOT_AVAILABLE), "{failure}");
    })
    .await;
}

#[tokio::test]
async fn who_waits_stands_below_whom_it_waits_for() {
    on_every_server(async |server| {
        let holder = server.connect().await.unwrap();
        run(&holder, "CREATE TABLE todos (id int); INSERT INTO todos VALUES (1)").await;
        run(&holder, "BEGIN; UPDATE todos SET id = 2").await;
        let (altering, reading) = (server.connect().await.unwrap(), server.connect().await.unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move { altering.client.batch_execute("ALTER TABLE todos ADD COLUMN title text").await });
        let looking = looking(server).await;
        let waiting = async |n: usize| {
            let found = locks::locks(&looking.client).await.unwrap();
            (found.sessions.len() == n).then_some(found)
        };
        eventually(async || waiting(2).await).await;
        tasks.spawn(async move { reading.client.batch_execute("SELECT FROM todos").await });
        let found = eventually(async || waiting(3).await).await;

        let trees = found.trees();
        assert_eq!(trees.len(), 1, "{trees:?}");
        let top = trees[0].session;
        assert_eq!(top.state.as_deref(), Some("idle in transaction"));
        assert_eq!(top.query.as_deref().map(|q| q.ends_with("UPDATE todos SET id = 2")), Some(true), "{top:?}");
        assert_eq!(top.application.as_deref(), Some("plattr"));
        let altering = &trees[0].waiting[0];
        let wait = altering.session.waits.as_ref().unwrap();
        assert_eq!((wait.mode.as_str(), wait.relation.as_deref()), ("AccessExclusiveLock", Some("todos")));
        assert!(wait.seconds.is_some_and(|s| s < 10.0), "{wait:?}");
        assert_eq!(altering.waiting[0].session.query.as_deref(), Some("SELECT FROM todos"));

        run(&holder, "ROLLBACK").await;
        while let Some(done) = tasks.join_next().await {
            done.unwrap().unwrap();
        }
        assert!(locks::locks(&looking.client).await.unwrap().sessions.is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_a_row_waits_for_its_table() {
    on_every_server(async |server| {
        let holder = server.connect().await.unwrap();
        run(&holder, "CREATE TABLE todos (id int); INSERT INTO todos VALUES (1)").await;
        run(&holder, "BEGIN; UPDATE todos SET id = 2").await;
        let second = server.connect().await.unwrap();
        let task = tokio::spawn(async move { second.client.batch_execute("DELETE FROM todos").await });
        let looking = looking(server).await;
        let found = eventually(async || {
            let found = locks::locks(&looking.client).await.unwrap();
            (!found.sessions.is_empty()).then_some(found)
        })
        .await;
        let wait = found.sessions.iter().find_map(|session| session.waits.as_ref()).unwrap();
        assert_eq!((wait.kind.as_str(), wait.relation.as_deref()), ("transactionid", Some("todos")));
        run(&holder, "ROLLBACK").await;
        task.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_index_that_nobody_uses_is_told_from_one_that_is_used_or_needed() {
    on_every_server(async |server| {
        let session = server.connect().await.unwrap();
        run(
            &session,
            "CREATE TABLE lists (id int PRIMARY KEY);
             CREATE TABLE todos (id int PRIMARY KEY, list_id int REFERENCES lists, owner_id int REFERENCES lists,
                                 parent_id int REFERENCES lists, title text, due date);
             CREATE INDEX used ON todos (title);
             CREATE INDEX unused ON todos (due);
             CREATE INDEX again ON todos (title);
             CREATE INDEX backwards ON todos (title DESC);
             CREATE INDEX owners ON todos (owner_id, due);
             CREATE INDEX parents ON todos (parent_id) WHERE parent_id IS NOT NULL;
             CREATE INDEX late ON todos (list_id) WHERE due IS NOT NULL;
             INSERT INTO lists VALUES (1); INSERT INTO todos SELECT n, 1, 1, 1, 'title ' || n FROM generate_series(1, 5000) n;
             ANALYZE todos; SET enable_seqscan = off; SET enable_bitmapscan = off;",
        )
        .await;
        // Three indexes would do: which one it is, the server says.
        let plan = session.client.query_one("EXPLAIN (FORMAT JSON) SELECT FROM todos WHERE title = 'title 7'", &[]);
        let plan: serde_json::Value = plan.await.unwrap().get(0);
        let used = plan[0]["Plan"]["Index Name"].as_str().unwrap();
        run(&session, "SELECT FROM todos WHERE title = 'title 7'").await;
        flush(&session).await;

        let found = indexes::indexes(&looking(server).await.client, Some("public")).await.unwrap();
        let index = |name: &str| found.indexes.iter().find(|index| index.name == name).unwrap();
        assert!(index("unused").unused && index("unused").scans == 0);
        assert!(!index(used).unused && index(used).scans == 1, "{:?}", index(used));
        assert!(!index("todos_pkey").unused && index("todos_pkey").constraint);
        assert_eq!(index("used").duplicate_of.as_deref(), Some("again"));
        assert_eq!((&index("again").duplicate_of, &index("backwards").duplicate_of), (&None, &None));
        assert!(index("unused").definition.starts_with("CREATE INDEX unused ON "), "{:?}", index("unused"));
        let missing: Vec<_> = found.missing.iter().map(|key| key.columns.join(", ")).collect();
        assert_eq!(missing, ["list_id"], "an index in another order, a longer one and one without nulls are enough");
        assert_eq!(
            found.missing[0].create_index(),
            r#"CREATE INDEX CONCURRENTLY ON "public"."todos" ("list_id")"#
        );
        assert!(found.index_hit_share.is_some_and(|share| (0.0..=1.0).contains(&share)));
    })
    .await;
}

#[tokio::test]
async fn deleted_rows_are_wasted_space_until_they_are_vacuumed() {
    on_every_server(async |server| {
        let session = server.connect().await.unwrap();
        run(
            &session,
            "CREATE TABLE todos (id int, title text) WITH (autovacuum_enabled = off, fillfactor = 90);
             CREATE TABLE lists (id int);
             INSERT INTO todos SELECT n, 'title ' || n FROM generate_series(1, 20000) n; ANALYZE todos;",
        )
        .await;
        let looking = looking(server).await;
        let before = bloat::bloat(&looking.client, Some("public")).await.unwrap();
        assert!(before.tables[0].wasted_share.is_some_and(|share| share < 0.1), "{before:?}");

        run(&session, "DELETE FROM todos WHERE id > 1000").await;
        flush(&session).await;
        let dead = bloat::bloat(&looking.client, Some("public")).await.unwrap();
        assert_eq!((dead.tables[0].live_rows, dead.tables[0].dead_rows), (1000, 19000));
        let due = vacuum::vacuum(&looking.client, Some("public")).await.unwrap();
        let todos = &due.tables[0];
        assert_eq!((todos.name.as_str(), todos.automatic, todos.dead_rows), ("todos", false, 19000));
        assert_eq!(todos.dead_rows_limit, 50 + 20000 / 5);
        assert_eq!((todos.last_vacuum, todos.last_analyze.is_some()), (None, true));
    })
    .await;
}

#[tokio::test]
async fn pages_that_a_vacuum_emptied_are_wasted() {
    on_every_server(async |server| {
        let session = server.connect().await.unwrap();
        run(
            &session,
            "CREATE TABLE todos (id int, title text) WITH (autovacuum_enabled = off);
             INSERT INTO todos SELECT n, 'title ' || n FROM generate_series(1, 20000) n;
             DELETE FROM todos WHERE id BETWEEN 2 AND 19000;",
        )
        .await;
        flush(&session).await;
        run(&session, "VACUUM (ANALYZE) todos").await;
        flush(&session).await;
        let looking = looking(server).await;
        let found = bloat::bloat(&looking.client, Some("public")).await.unwrap();
        let todos = &found.tables[0];
        assert!(todos.wasted_share.is_some_and(|share| share > 0.9), "{todos:?}");
        assert_eq!((todos.dead_rows, todos.last_vacuum.is_some()), (0, true));
        let vacuum = vacuum::vacuum(&looking.client, Some("public")).await.unwrap();
        assert!(vacuum.tables[0].last_vacuum.is_some() && vacuum.tables[0].last_autovacuum.is_none());
        assert!(vacuum.freeze_max_age > 1_000_000);
    })
    .await;
}

#[tokio::test]
async fn connections_are_counted_by_login_program_and_state() {
    on_every_server(async |server| {
        let mut other = server.clone();
        other.config.application_name("webshop");
        let (idle, open) = (other.connect().await.unwrap(), other.connect().await.unwrap());
        run(&idle, "SELECT 1").await;
        run(&open, "BEGIN; SELECT 1").await;
        let found = connections::connections(&looking(server).await.client).await.unwrap();
        let states: Vec<_> = found
            .groups
            .iter()
            .filter(|group| group.application.as_deref() == Some("webshop"))
            .map(|group| (group.login.as_str(), group.state.as_deref(), group.count))
            .collect();
        assert_eq!(states, [("plattr", Some("idle"), 1), ("plattr", Some("idle in transaction"), 1)]);
        assert!(found.used >= 3 && found.limit == 97, "{found:?}");
        assert_eq!((found.logins[0].name.as_str(), found.logins[0].limit), ("plattr", None));
    })
    .await;
}

#[tokio::test]
async fn statements_are_counted_where_the_extension_is() {
    for server in servers() {
        let session = server.connect().await.unwrap();
        run(&session, "SELECT 'inspect me' AS mark, pg_sleep(0.01)").await;
        let found = statements::statements(&session.client, None).await.unwrap();
        assert_eq!(found.source, Source::Available);
        let mine = found.statements.iter().find(|it| it.query.contains("AS mark, pg_sleep")).unwrap();
        assert!(mine.calls >= 1 && mine.total_ms >= 10.0 && mine.login == "plattr", "{mine:?}");
        assert!(!mine.query.contains("inspect me"), "constants are left out: {mine:?}");
        assert!(found.statements.is_sorted_by(|a, b| a.total_ms >= b.total_ms));
        let nobody = statements::statements(&session.client, Some("no_such_schema")).await.unwrap();
        assert!(nobody.statements.is_empty());
    }
    on_every_server(async |server| {
        let found = statements::statements(&looking(server).await.client, None).await.unwrap();
        assert_eq!(found.source, Source::NotCreated);
    })
    .await;
}
