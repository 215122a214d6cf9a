//! Seeds on real servers.

use std::path::Path;

use plattr_db::seed::{Kind, SeedError, Seeded, seed};
use plattr_db::{Server, Session};

use crate::support::{execute, on_every_server};

async fn take(session: &mut Session, file: &str, text: &str) -> Result<Seeded, SeedError> {
    let path = Path::new(file);
    seed(session, file, Kind::of(path).unwrap(), path, text, false).await
}

async fn rows(server: &Server, table: &str) -> String {
    let query = format!("SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '') FROM {table} t");
    server.connect().await.unwrap().client.query_one(&query, &[]).await.unwrap().get(0)
}

const TABLE: &str = "CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, born date)";

#[tokio::test]
async fn rows_are_added_once_and_brought_up_to_date() {
    on_every_server(async |server| {
        let mut session = server.connect().await.unwrap();
        execute(&session, TABLE).await;
        let csv = "id,name,born\n1,\"Ada, \"\"the\"\" first\",1815-12-10\n2,,\n";
        assert_eq!(take(&mut session, "01_people.csv", csv).await.unwrap(), Seeded::Rows(2));
        assert_eq!(take(&mut session, "01_people.csv", csv).await.unwrap(), Seeded::Rows(0));
        let json = r#"[{"id": 2, "name": "Bob's"}, {"id": 3, "name": "back\\slash"}]"#;
        assert_eq!(take(&mut session, "people.json", json).await.unwrap(), Seeded::Rows(2));
        assert_eq!(
            rows(server, "people").await,
            r#"(1,"Ada, ""the"" first",1815-12-10) (2,Bob's,) (3,"back\\slash",)"#
        );
        // What comes later does not meet the keys that were given.
        execute(&session, "INSERT INTO people (name) VALUES ('next')").await;
        assert!(rows(server, "people").await.contains("(4,next,)"));
    })
    .await;
}

#[tokio::test]
async fn what_a_row_does_not_name_is_left_to_the_table_and_any_type_is_compared() {
    on_every_server(async |server| {
        let mut session = server.connect().await.unwrap();
        execute(&session, "CREATE TABLE t (id int PRIMARY KEY, about json, place point, mood text DEFAULT 'fine', n numeric)")
            .await;
        let json = r#"[{"id": 1, "about": {"a": [1]}, "place": "(1,2)"}, {"id": 2, "mood": null}, {"id": 3, "n": 12345678901234567890.5}]"#;
        assert_eq!(take(&mut session, "t.json", json).await.unwrap(), Seeded::Rows(3));
        let all = r#"(1,"{""a"":[1]}","(1,2)",fine,) (2,,,,) (3,,,fine,12345678901234567890.5)"#;
        assert_eq!(rows(server, "t").await, all.replace(r#"{""a"":[1]}"#, r#"{""a"": [1]}"#));
        assert_eq!(take(&mut session, "t.json", json).await.unwrap(), Seeded::Rows(0));
        execute(&session, "UPDATE t SET mood = 'mine'").await;
        let other = r#"[{"id": 1, "about": {"a": [2]}}]"#;
        assert_eq!(take(&mut session, "t.json", other).await.unwrap(), Seeded::Rows(1));
        assert!(rows(server, "t").await.starts_with(r#"(1,"{""a"": [2]}","(1,2)",mine,)"#));
    })
    .await;
}

#[tokio::test]
async fn numbers_that_were_given_are_not_given_again() {
    on_every_server(async |server| {
        let mut session = server.connect().await.unwrap();
        execute(&session, TABLE).await;
        assert_eq!(take(&mut session, "people.csv", "id,name\n1,a\n").await.unwrap(), Seeded::Rows(1));
        execute(
            &session,
            "INSERT INTO people (name) SELECT 'x' FROM generate_series(1, 9); DELETE FROM people WHERE id > 1",
        )
        .await;
        assert_eq!(take(&mut session, "people.csv", "id,name\n1,b\n").await.unwrap(), Seeded::Rows(1));
        execute(&session, "INSERT INTO people (name) VALUES ('next')").await;
        assert!(rows(server, "people").await.contains("(11,next,)"));
    })
    .await;
}

#[tokio::test]
async fn two_runs_at_once_take_a_file_in_once() {
    on_every_server(async |server| {
        let session = server.connect().await.unwrap();
        execute(&session, "CREATE TABLE t (a int)").await;
        let run = async || {
            let mut session = server.connect().await.unwrap();
            take(&mut session, "t.sql", "INSERT INTO t VALUES (1); SELECT pg_sleep(0.3)").await.unwrap()
        };
        let (one, other) = futures::join!(run(), run());
        assert!(one != other, "{one:?} {other:?}");
        assert_eq!(rows(server, "t").await, "(1)");
    })
    .await;
}

#[tokio::test]
async fn statements_run_once_for_each_content() {
    on_every_server(async |server| {
        let mut session = server.connect().await.unwrap();
        execute(&session, "CREATE TABLE t (a int)").await;
        assert_eq!(take(&mut session, "t.sql", "INSERT INTO t VALUES (1)").await.unwrap(), Seeded::Ran);
        assert_eq!(take(&mut session, "t.sql", "INSERT INTO t VALUES (1)").await.unwrap(), Seeded::Unchanged);
        assert_eq!(take(&mut session, "t.sql", "INSERT INTO t VALUES (2)").await.unwrap(), Seeded::Ran);
        assert_eq!(rows(server, "t").await, "(1) (2)");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_taken_in_leaves_nothing_and_says_why() {
    on_every_server(async |server| {
        let mut session = server.connect().await.unwrap();
        execute(&session, TABLE).await;
        execute(&session, "CREATE TABLE keyless (a int)").await;
        for (file, text, said) in [
            ("people.csv", "id,born\n1,1815-12-10\n2,never\n", "line 3, column 1: invalid input syntax for type date"),
            ("people.csv", "id,nick\n1,a\n", "no column `nick`"),
            ("people.csv", "name\na\n", "`id`, which is part of the primary key"),
            ("people.json", "{}", "an array of objects"),
            ("nobody.json", r#"[{"id": 1}]"#, "no table `nobody`"),
            ("keyless.csv", "a\n1\n", "has no primary key"),
            ("people.sql", "INSERT INTO people (name) VALUES ('x');\nSELECT 1/0", "line 2, column 1: division by zero"),
            (
                "people.sql",
                "INSERT INTO people (name) VALUES ('x');\nCOMMIT;\nSELECT 1/0",
                "line 2: COMMIT: plattr takes",
            ),
            ("people.sql", "SELECT 1;\nCOPY people (name) FROM stdin;\nx\n\\.\n", "line 2: rows after COPY"),
        ] {
            let error = take(&mut session, file, text).await.unwrap_err().to_string();
            assert!(error.contains(said), "{file}: {error}");
        }
        assert_eq!(rows(server, "people").await, "");
    })
    .await;
}
