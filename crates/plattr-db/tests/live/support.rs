//! A database for each test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plattr_db::{Server, Session, quote, template};

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Every server that was started.
pub fn servers() -> Vec<Server> {
    let servers: Vec<Server> = (15..=18)
        .filter_map(|major| std::env::var(format!("PLATTR_TEST_POSTGRES_{major}")).ok())
        .map(|url| Server::parse(&url).unwrap())
        .collect();
    assert!(!servers.is_empty(), "no server: run this by tests/support/with-postgres.sh");
    servers
}

/// Runs `test` with an empty database on each server that was started, and drops it afterwards.
pub async fn on_every_server(test: impl AsyncFn(&Server)) {
    for server in servers() {
        let name = format!("live_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let admin = server.connect().await.unwrap();
        execute(&admin, &format!("CREATE DATABASE {}", quote(&name))).await;
        test(&server.database(&name)).await;
        template::drop(&admin, &name).await.unwrap();
    }
}

/// Runs statements that have to work.
pub async fn execute(session: &Session, sql: &str) {
    if let Err(error) = session.client.batch_execute(sql).await {
        panic!("{}\nin\n{sql}", plattr_db::SqlFailure::new(&error, sql));
    }
}

/// A session in a new, empty schema, which is its search path.
pub async fn in_schema(server: &Server, schema: &str) -> Session {
    let session = server.connect().await.unwrap();
    let schema = quote(schema);
    execute(&session, &format!("CREATE SCHEMA {schema}; SET search_path TO {schema}")).await;
    session
}

/// Asks again and again until there is an answer, for ten seconds at most.
pub async fn eventually<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "it did not happen within ten seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
