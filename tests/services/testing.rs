//! `plattr test`: a runner with the variables, and states of their own that leave nothing behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{Project, World, admin, alive, eventually, signal};

/// A project with everything that a state consists of and that is up soon.
const YAML: &str = "\
version: 1
name: NAME
database:
  enabled: true
  api:
    anonTables: [notes]
storage:
  enabled: true
  buckets:
    - name: uploads
cache:
  enabled: true
";

const MIGRATION: &str = "CREATE TABLE notes (id int PRIMARY KEY, text text NOT NULL);
INSERT INTO notes VALUES (1, 'first'), (2, 'second');
";

/// Reads rows through the REST API, writes a key and an object, and leaves its variables in a file.
const TEST: &str = r#"
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');

test('rows NAME', async () => {
  const answer = await fetch(`${process.env.POSTGREST_URL}/notes`);
  assert.deepEqual((await answer.json()).map(row => row.text), ['first', 'second']);
});

test('keys NAME', async () => {
  const url = new URL(process.env.REDIS_URL);
  const socket = net.connect(Number(url.port), url.hostname);
  socket.write(`AUTH ${decodeURIComponent(url.username)} ${url.password}\r\nSET ${process.env.REDIS_PREFIX}key NAME\r\nQUIT\r\n`);
  let heard = '';
  for await (const chunk of socket) heard += chunk;
  assert.match(heard, /^\+OK\r\n\+OK\r\n/);
  fs.writeFileSync('seen-NAME.json', JSON.stringify(process.env));
});
"#;

fn write(project: &Project<'_>, name: &str, text: &str) {
    let path = project.folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A project with a migration and two test files.
fn project<'w>(world: &'w World, name: &str) -> Project<'w> {
    let project = world.project(name, YAML);
    write(&project, "migrations/1_notes.sql", MIGRATION);
    write(&project, "package.json", r#"{"scripts": {"test": "node --test *.test.js"}}"#);
    for file in ["one", "two"] {
        write(&project, &format!("{file}.test.js"), &TEST.replace("NAME", file));
    }
    project
}

/// As [`project`], whose tests are this shell script.
fn with_script<'w>(world: &'w World, name: &str, script: &str) -> Project<'w> {
    let project = project(world, name);
    let command = serde_json::json!(["sh", "-c", script]);
    write(&project, "plattr.yaml", &format!("{}local:\n  test:\n    command: {command}\n", YAML.replace("NAME", name)));
    project
}

/// Databases of states and of templates.
fn databases(project: &Project<'_>) -> BTreeSet<String> {
    let sql = "SELECT datname FROM pg_database WHERE datname ~ '^plattr_(test|building|next|before)_?'";
    admin(project, "plattr", sql).into_iter().collect()
}

fn records(project: &Project<'_>) -> Vec<Value> {
    let folders = fs::read_dir(project.folder.join(".plattr/tests")).into_iter().flatten().flatten();
    let records = folders.filter_map(|entry| fs::read_to_string(entry.path().join("state.json")).ok());
    records.map(|text| serde_json::from_str(&text).unwrap()).collect()
}

/// The states on record, and whether each only waits for a run.
fn states(project: &Project<'_>) -> Vec<bool> {
    records(project).iter().map(|record| record["prepared"] == true).collect()
}

/// The databases of states that do not only wait for a run.
fn in_use(project: &Project<'_>) -> BTreeSet<String> {
    let used = records(project).into_iter().filter(|record| record["prepared"] == false);
    used.map(|record| record["app"]["local"]["database"].as_str().unwrap().to_owned()).collect()
}

fn seen(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join(format!("seen-{name}.json"))).unwrap()).unwrap()
}

fn port(url: &Value) -> u16 {
    url.as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap()
}

fn listens(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn tests_run_with_the_variables_and_their_exit_code_is_kept() {
    let world = World::new();
    let project = with_script(&world, "plain", "printf %s \"$REDIS_PREFIX\"; exit 7");
    let refused = project.expect(4, &["test"]);
    assert!(refused.err.contains("plattr dev") && refused.err.contains("PostgreSQL"), "{}", refused.err);
    project.dev();
    let said = project.expect(7, &["test"]);
    assert_eq!(said.out, "plain:");
    assert!(said.err.contains("local.test.command"), "{}", said.err);
    // What this machine leaves out is not missed.
    let yaml = fs::read_to_string(project.folder.join("plattr.yaml")).unwrap();
    write(&project, "plattr.yaml", &format!("{yaml}  without: [minio]\n"));
    project.expect(0, &["stop"]);
    project.dev();
    assert!(!project.running().contains_key("minio"));
    project.expect(7, &["test"]);
    project.expect(7, &["test", "--ci"]);
    let missing = project.expect(3, &["test", "--junit", "report.xml"]);
    assert!(missing.err.contains("{junit}"), "{}", missing.err);
}

#[test]
fn a_state_of_their_own_is_made_for_the_tests_and_removed() {
    let world = World::new();
    let project = project(&world, "clean");
    // Nothing runs yet.
    let report = project.expect(0, &["test", "--ci", "--junit", "out/report.xml", "-o", "json"]).json();
    assert_eq!((&report["runner"], &report["exitCodes"]), (&"node-test".into(), &serde_json::json!([0])));
    let variables = seen(&project.folder, "one");
    assert!(
        variables["DATABASE_URL"].as_str().unwrap().contains("/plattr_test_clean_t"),
        "{}",
        variables["DATABASE_URL"]
    );
    assert_eq!(variables["DATABASE_SCHEMA"], "clean");
    assert_eq!(variables["PLATTR_DB_URL"], variables["MIGRATION_DATABASE_URL"]);
    assert_eq!(variables["CI"], "true");
    let own = project.variables();
    for name in ["POSTGREST_URL", "REDIS_URL", "REDIS_PREFIX", "S3_BUCKET_UPLOADS", "AWS_ACCESS_KEY_ID"] {
        assert_ne!(variables[name].as_str().unwrap(), own[name], "{name}");
    }
    let junit = fs::read_to_string(project.folder.join("out/report.xml")).unwrap();
    assert!(junit.contains("rows one") && junit.contains("keys two"), "{junit}");

    // Of the state nothing is left; another one waits for the next run.
    let waiting = databases(&project);
    assert!(waiting.len() == 1 && !variables["DATABASE_URL"].as_str().unwrap().ends_with(waiting.first().unwrap()));
    assert!(!listens(port(&variables["POSTGREST_URL"])));
    assert_eq!(states(&project), [true]);

    // The application's own database has not even been migrated.
    let rows = admin(&project, "plattr", "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'clean'");
    assert_eq!(rows, ["0"]);

    // The next run uses what waits, and another migration means another template.
    write(&project, "migrations/2_more.sql", "UPDATE notes SET text = 'changed' WHERE id = 2;");
    let failed = project.expect(1, &["test", "--ci"]);
    assert!(failed.out.contains("changed"), "{}{}", failed.out, failed.err);
    assert!(databases(&project).is_disjoint(&waiting));
    assert_eq!(states(&project), [true]);
}

#[test]
fn shards_have_a_state_each_and_one_report() {
    let world = World::new();
    let project = project(&world, "shards");
    let said = project.expect(0, &["test", "--ci", "--shards", "2", "--junit", "report.xml"]);
    assert!(said.out.contains("1/2 | ") && said.out.contains("2/2 | "), "{}", said.out);
    let (one, two) = (seen(&project.folder, "one"), seen(&project.folder, "two"));
    for name in ["DATABASE_URL", "POSTGREST_URL", "REDIS_PREFIX", "S3_BUCKET_UPLOADS"] {
        assert_ne!(one[name], two[name], "{name}");
    }
    let junit = fs::read_to_string(project.folder.join("report.xml")).unwrap();
    assert!(junit.contains("rows one") && junit.contains("rows two"), "{junit}");
    assert_eq!((databases(&project).len(), states(&project)), (2, vec![true, true]));
    // A failure of one part is a failure.
    write(&project, "two.test.js", "process.exit(1)");
    project.expect(1, &["test", "--ci", "--shards", "2"]);
}

/// Starts `plattr test --ci` whose tests never end, and waits until they run. Their process id is in the file `pid`.
fn endless(project: &Project<'_>) -> (Child, u32) {
    let mut command = project.plattr(&["test", "--ci", "--progress", "plain"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let file = project.folder.join("pid");
    let read = || fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u32>().ok());
    eventually("the tests run", || read().is_some());
    let pid = read().unwrap();
    fs::remove_file(file).unwrap();
    (child, pid)
}

const ENDLESS: &str = "echo $POSTGREST_URL > rest; sleep 1000 & echo $! > child; echo $$ > pid; wait";

#[test]
fn what_a_killed_run_leaves_the_next_command_removes() {
    let world = World::new();
    let project = with_script(&world, "killed", ENDLESS);
    for next in [&["test", "--ci", "--", "never"][..], &["dev", "--yes"], &["stop"], &["destroy", "--yes"]] {
        project.dev();
        let (mut child, pid) = endless(&project);
        child.kill().unwrap();
        child.wait().unwrap();
        let rest = port(&fs::read_to_string(project.folder.join("rest")).unwrap().trim().into());
        let left = in_use(&project);
        // One that it was about to prepare for the next run may be among it.
        assert!(!left.is_empty(), "the killed run left something to remove");
        assert!(alive(pid) && listens(rest));

        if next[0] == "test" {
            // Ends at once.
            let yaml = fs::read_to_string(project.folder.join("plattr.yaml")).unwrap();
            write(&project, "plattr.yaml", &yaml.replace(ENDLESS, "exit 0"));
            project.expect(0, next);
            write(&project, "plattr.yaml", &yaml);
        } else {
            project.expect(0, next);
        }
        assert!(!alive(pid), "{next:?}");
        assert!(!listens(rest), "{next:?}");
        assert_eq!(in_use(&project), BTreeSet::new(), "{next:?}");
        project.dev();
        assert!(databases(&project).is_disjoint(&left), "{next:?}");
    }
}

#[test]
fn a_database_that_was_made_too_late_to_be_removed_is_dropped() {
    let world = World::new();
    let project = with_script(&world, "late", "exit 0");
    project.dev();
    // As if its run had been killed while the server made it.
    admin(&project, "plattr", "CREATE DATABASE plattr_test_late_tffffff");
    admin(&project, "plattr", "CREATE DATABASE plattr_test_later_tffffff");
    project.expect(0, &["test", "--ci"]);
    let left = databases(&project);
    assert!(!left.contains("plattr_test_late_tffffff") && left.contains("plattr_test_later_tffffff"), "{left:?}");
}

#[test]
fn ctrl_c_ends_the_tests_and_removes_their_state() {
    let world = World::new();
    let project = with_script(&world, "break", ENDLESS);
    project.dev();
    for name in ["INT", "TERM"] {
        let (mut child, pid) = endless(&project);
        signal(child.id(), name);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{name}");
        assert!(!alive(pid), "{name}");
        // What the tests started ends with them.
        let started = fs::read_to_string(project.folder.join("child")).unwrap();
        assert!(!alive(started.trim().parse().unwrap()), "{name}");
        assert_eq!(in_use(&project), BTreeSet::new(), "{name}");
        assert!(databases(&project).len() <= 1, "{name}: {:?}", databases(&project));
    }
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let world = World::new();
    let project =
        with_script(&world, "both", "echo $DATABASE_URL >> urls; while [ $(wc -l < urls) -lt 2 ]; do sleep 0.05; done");
    project.dev();
    let start = || project.plattr(&["test", "--ci"]).stdout(Stdio::null()).spawn().unwrap();
    let runs = [start(), start()];
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let urls = fs::read_to_string(project.folder.join("urls")).unwrap();
    assert_eq!(urls.lines().collect::<BTreeSet<_>>().len(), 2, "{urls}");
    assert_eq!(in_use(&project), BTreeSet::new());
}
