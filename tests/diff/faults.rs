//! A run that does not come to its end leaves nothing for long.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::support::{Project, admin, connect, said, shadows};

/// A migration that is quick in the database and takes long in a shadow.
const SLOW: &str = "SELECT CASE WHEN current_database() LIKE 'plattr\\_shadow\\_%' THEN pg_sleep(60) END;";

async fn eventually<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{what} does not happen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A run that is replaying in its shadow database.
async fn replaying(project: &Project) -> (Child, String) {
    project.migration(1, SLOW);
    project.printed(&["migrate"]);
    let child = project.command(&["diff"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let shadow = eventually("a replay", async || {
        let name = shadows(pid).await.pop()?;
        let query = "SELECT FROM pg_stat_activity WHERE datname = $1 AND query LIKE '%pg_sleep%'";
        let sleeps = connect(&admin()).await.client.query_opt(query, &[&name]).await.unwrap().is_some();
        sleeps.then_some(name)
    });
    (child, shadow.await)
}

async fn exists(database: &str) -> bool {
    let query = "SELECT FROM pg_database WHERE datname = $1";
    connect(&admin()).await.client.query_opt(query, &[&database]).await.unwrap().is_some()
}

fn signal(child: &Child, signal: &str) {
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_drops_its_shadow() {
    let project = Project::new().await;
    let (child, shadow) = replaying(&project).await;
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(said(&output).contains("the shadow database is dropped"), "{}", said(&output));
    assert!(!exists(&shadow).await);
    project.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_drops_the_shadow_of_a_killed_one_and_not_that_of_one_that_runs() {
    let (_alone, killed) = Project::alone().await;
    let (running, next) = (killed.another().await, killed.another().await);
    let (mut child, left) = replaying(&killed).await;
    let (other, kept) = replaying(&running).await;
    signal(&child, "-KILL");
    child.wait().unwrap();
    assert!(exists(&left).await);

    let output = next.run(&["diff"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains(&left) && !said(&output).contains(&kept), "{}", said(&output));
    assert!(!exists(&left).await && exists(&kept).await);

    signal(&other, "-TERM");
    other.wait_with_output().unwrap();
    assert!(!exists(&kept).await);
    for project in [killed, running, next] {
        project.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_in_the_shadow_names_file_and_line_and_leaves_nothing() {
    let project = Project::new().await;
    // It worked once, because somebody had made the table by hand.
    project.by_hand("CREATE TABLE by_hand (id integer)").await;
    project.migration(1, "CREATE VIEW v AS\nSELECT id FROM by_hand;");
    project.printed(&["migrate"]);
    let child = project.command(&["diff"]).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("1_m.sql:2:16 failed"), "{}", said(&output));
    assert!(said(&output).contains("this was in the shadow database"), "{}", said(&output));
    assert!(shadows(pid).await.is_empty());
    project.drop().await;
}
