//! `plattr db upgrade`: data moves to a newer PostgreSQL, or stays as it was.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use crate::support::{Project, World, engine};

const ROWS: i64 = 20_000;

/// Has a project run a version. In a cluster, that is the version of an image; the rig has 16 and 17.
fn choose(world: &World, project: &Project<'_>, major: u32) {
    if engine() == "kind" {
        world.run_image("postgres", if major == 17 { "postgres" } else { "postgres-16" });
        return;
    }
    let yaml = format!(
        "version: 1\nname: {}\ndatabase:\n  enabled: true\nlocal:\n  versions:\n    postgres: \"{major}\"\n",
        project.name
    );
    std::fs::write(project.folder.join("plattr.yaml"), yaml).unwrap();
}

/// A project that runs a version.
fn project<'w>(world: &'w World, name: &str, major: u32) -> Project<'w> {
    let project = world.project(name, "version: 1\nname: NAME\ndatabase:\n  enabled: true\n");
    choose(world, &project, major);
    project
}

/// Runs statements as the owner of the schema, and gives the first column of the last row.
pub fn sql(project: &Project<'_>, statements: &str) -> String {
    let url = project.variables()["MIGRATION_DATABASE_URL"].clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let messages = client.simple_query(statements).await.unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.last().unwrap_or_default()
    })
}

fn fill(project: &Project<'_>) {
    sql(
        project,
        &format!(
            "CREATE TYPE mood AS ENUM ('sad', 'o''k');
             CREATE TABLE \"odd Name\" (id bigserial PRIMARY KEY, what text NOT NULL, m mood,
                                        len int GENERATED ALWAYS AS (length(what)) STORED);
             ALTER TABLE \"odd Name\" ENABLE ROW LEVEL SECURITY;
             CREATE POLICY all_of_them ON \"odd Name\" USING (true);
             CREATE VIEW short AS SELECT * FROM \"odd Name\" WHERE len < 5;
             CREATE MATERIALIZED VIEW stale AS SELECT count(*) FROM \"odd Name\";
             CREATE MATERIALIZED VIEW empty AS SELECT 1 WITH NO DATA;
             CREATE EXTENSION pgcrypto;
             INSERT INTO \"odd Name\" (what, m) SELECT E'ü\\n\\t' || i, 'sad' FROM generate_series(1, {ROWS}) i;"
        ),
    );
}

fn sum(project: &Project<'_>) -> String {
    sql(project, "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM \"odd Name\" t")
}

fn data(project: &Project<'_>) -> Vec<String> {
    // Root's services have their data elsewhere; a link leads there.
    let folder: PathBuf = project.folder.join(".plattr/data/postgres");
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap()).collect();
    // What a server holds while it has the data.
    names.retain(|name| name != ".lock");
    names.sort();
    names
}

#[test]
fn data_moves_and_what_ran_runs_again() {
    let versions: &[(u32, u32)] = if engine() == "kind" { &[(16, 17)] } else { &[(15, 17), (16, 18)] };
    for (from, to) in versions {
        moves(*from, *to);
    }
}

fn moves(from: u32, to: u32) {
    let world = World::new();
    let project = project(&world, "moved", from);
    let refused = project.expect(1, &["db", "upgrade"]);
    assert!(refused.err.contains("never ran"), "{}", refused.err);
    project.dev();
    fill(&project);
    let before = sum(&project);

    choose(&world, &project, to);
    let refused = project.expect(4, &["dev", "--yes", "--progress", "none"]);
    assert!(refused.err.contains("`plattr db upgrade` moves it"), "{}", refused.err);

    let report = project.expect(0, &["db", "upgrade", "--yes", "-o", "json", "--progress", "none"]).json();
    assert_eq!((report["from"].as_u64(), report["to"].as_u64()), (Some(u64::from(from)), Some(u64::from(to))));
    assert_eq!(report["rows"].as_i64(), Some(ROWS), "{report}");
    assert!(sql(&project, "SHOW server_version").starts_with(&format!("{to}.")));
    assert_eq!(sum(&project), before);
    let next = sql(&project, "INSERT INTO \"odd Name\" (what) VALUES ('x') RETURNING id");
    assert_eq!(next, (ROWS + 1).to_string());
    assert_eq!(project.failed_checks(), Vec::<String>::new());
    assert_eq!(data(&project), [format!("{from}.before-upgrade"), to.to_string()]);

    // The administrator still administers: provisioning finds all as it is.
    let dev = project.dev();
    assert!(dev["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true), "{dev}");
    let again = project.expect(0, &["db", "upgrade", "-o", "json"]).json();
    assert!(again["from"].is_null(), "{again}");

    // Between its last two steps there is data of both. The old does not serve again, and the next run finishes.
    project.expect(0, &["stop", "--yes"]);
    let folder = project.folder.join(".plattr/data/postgres");
    std::fs::rename(folder.join(format!("{from}.before-upgrade")), folder.join(from.to_string())).unwrap();
    choose(&world, &project, from);
    let refused = project.expect(4, &["dev", "--yes", "--progress", "none"]);
    assert!(refused.err.contains(&format!("the data is of PostgreSQL {to}")), "{}", refused.err);
    choose(&world, &project, to);
    project.expect(0, &["db", "upgrade"]);
    assert_eq!(data(&project), [format!("{from}.before-upgrade"), to.to_string()]);
    project.expect(2, &["db", "upgrade", "--delete-old"]);
    project.expect(0, &["db", "upgrade", "--delete-old", "--yes"]);
    assert_eq!(data(&project), [to.to_string()]);

    choose(&world, &project, from);
    let back = project.expect(4, &["db", "upgrade"]);
    assert!(back.err.contains("no way back"), "{}", back.err);
    choose(&world, &project, to);
}

#[test]
fn what_the_new_version_does_not_take_leaves_the_old_one_serving() {
    let world = World::new();
    let project = project(&world, "kept", 16);
    project.dev();
    fill(&project);
    let before = sum(&project);
    // 17 has no such column.
    sql(&project, "CREATE VIEW gone AS SELECT buffers_backend FROM pg_stat_bgwriter");

    choose(&world, &project, 17);
    let failed = project.expect(1, &["db", "upgrade", "--yes", "--progress", "none"]);
    assert!(failed.err.contains("buffers_backend"), "{}", failed.err);
    assert!(failed.err.contains("the data is as it was, of PostgreSQL 16"), "{}", failed.err);
    assert!(failed.err.contains("what ran runs again"), "{}", failed.err);
    assert!(sql(&project, "SHOW server_version").starts_with("16."));
    assert_eq!((sum(&project), data(&project)), (before.clone(), vec!["16".to_owned()]));

    // With the obstacle gone, it moves.
    sql(&project, "DROP VIEW gone");
    project.expect(0, &["db", "upgrade", "--yes", "--progress", "none"]);
    assert_eq!(sum(&project), before);
}

/// Runs the upgrade and kills plattr as soon as it says a line with `step` in it.
fn killed(project: &Project<'_>, step: &str) {
    let mut command = project.plattr(&["db", "upgrade", "--yes", "--progress", "plain"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    assert!(stderr.lines().map_while(Result::ok).any(|line| line.contains(step)), "nothing said `{step}`");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_kill_at_any_step_leaves_the_old_data_serving_and_the_next_run_succeeds() {
    let world = World::new();
    let project = project(&world, "cut", 16);
    project.dev();
    fill(&project);
    let before = sum(&project);
    for step in [
        "postgres: stopping",
        "upgrade: starting PostgreSQL",
        "upgrade: copying roles",
        "upgrade: copying the database plattr",
        "upgrade: comparing rows",
    ] {
        choose(&world, &project, 17);
        killed(&project, step);
        choose(&world, &project, 16);
        project.dev();
        assert!(sql(&project, "SHOW server_version").starts_with("16."), "after {step}");
        assert_eq!(sum(&project), before, "after {step}");
    }
    choose(&world, &project, 17);
    killed(&project, "upgrade: switching");
    project.expect(0, &["db", "upgrade", "--yes", "--progress", "none"]);
    project.dev();
    assert!(sql(&project, "SHOW server_version").starts_with("17."));
    assert_eq!((sum(&project), data(&project)), (before, vec!["16.before-upgrade".to_owned(), "17".to_owned()]));
}
