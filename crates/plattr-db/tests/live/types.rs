//! Types of a schema that has everything, as each server describes it.

use std::time::{Duration, Instant};

use plattr_db::types::{self, Language, render};

use super::support::{execute, in_schema, on_every_server};

/// The schema that `tests/support/types.sh` gives to compilers.
const EVERYTHING: &str = include_str!("../../../../tests/support/types/schema.sql");

#[tokio::test]
async fn every_server_gives_the_same_types() {
    on_every_server(async |server| {
        let session = in_schema(server, "types").await;
        execute(&session, EVERYTHING).await;
        let schema = types::read(&session.client, "types").await.unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("types.ts", render(Language::Typescript, &schema, None));
        });
        // The order in which columns came into the table is not seen.
        execute(&session, "ALTER TABLE book DROP title CASCADE; ALTER TABLE book ADD title text NOT NULL DEFAULT 'x'")
            .await;
        let moved = types::read(&session.client, "types").await.unwrap();
        let book = |schema: &types::Schema| -> Vec<String> {
            let book = schema.relations.iter().find(|r| r.name == "book").unwrap();
            book.columns.iter().map(|c| c.name.clone()).collect()
        };
        assert_eq!(book(&moved), book(&schema));
    })
    .await;
}

#[tokio::test]
async fn a_thousand_tables_take_no_time_worth_speaking_of() {
    on_every_server(async |server| {
        let session = in_schema(server, "many").await;
        let table = |i: usize| {
            format!(
                "CREATE TABLE t{i} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, owner uuid,
                     at timestamptz DEFAULT now(), tags text[], data jsonb, price numeric, parent bigint REFERENCES t{});",
                i / 2
            )
        };
        // In parts, because a transaction can only hold so many locks.
        for part in 0..10 {
            execute(&session, &(part * 100..part * 100 + 100).map(table).collect::<String>()).await;
        }
        let began = Instant::now();
        let schema = types::read(&session.client, "many").await.unwrap();
        assert_eq!(schema.relations.len(), 1000);
        for language in [Language::Typescript, Language::Rust, Language::Python, Language::Go, Language::Openapi] {
            assert!(render(language, &schema, None).contains("t999"));
        }
        // Generous, because tests run unoptimised and beside others; work that grows with the square takes minutes.
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    })
    .await;
}
