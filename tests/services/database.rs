//! The database workflow on a stack: migrations that PostgREST serves, data, and what goes wrong.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc::RecvTimeoutError;

use serde_json::Value;

use crate::support::{Project, World, admin, signal};

const YAML: &str = "\
version: 1
name: NAME
database:
  enabled: true
  api:
    authenticated: none
    anonTables: [todos]
storage:
  enabled: true
  buckets:
    - name: uploads
";

fn write(project: &Project<'_>, name: &str, text: &str) {
    let path = project.folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// What PostgREST gives to anyone.
fn get(project: &Project<'_>, path: &str) -> (i32, String) {
    let url = format!("{}/{path}", project.variables()["POSTGREST_URL"]);
    let output = std::process::Command::new("curl").args(["-s", "-w", "\n%{http_code}", &url]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (body, code) = said.rsplit_once('\n').unwrap();
    (code.parse().unwrap(), body.to_owned())
}

#[test]
fn migrations_are_applied_served_and_taken_back() {
    let world = World::new();
    let project = world.project("workflow", YAML);
    // Nothing can be migrated before there is a database, and that is said.
    write(&project, "migrations/1_todos.sql", "CREATE TABLE todos (id int PRIMARY KEY, title text NOT NULL);");
    let said = project.expect(1, &["db", "migrate"]);
    assert!(said.err.contains("`plattr dev` starts it"), "{}", said.err);
    project.dev();

    let said = project.expect(0, &["db", "migrate", "--dry-run"]);
    assert!(said.out.contains("todos"), "{}", said.out);
    let report = project.expect(0, &["db", "migrate", "-o", "json"]).json();
    assert_eq!(report["applied"][0]["file"], "1_todos.sql");
    // By the time that the command ends the REST API has the table, for those that plattr.yaml names.
    assert_eq!(get(&project, "todos"), (200, "[]".to_owned()));
    // The history is for nobody else.
    assert_ne!(get(&project, "plattr_migrations").0, 200);

    // A column is served as soon as it is there.
    write(&project, "migrations/2_done.sql", "ALTER TABLE todos ADD done boolean NOT NULL DEFAULT false;");
    write(&project, "migrations/2_done.down.sql", "ALTER TABLE todos DROP done;");
    project.expect(0, &["db", "migrate"]);
    assert_eq!(get(&project, "todos?select=done").0, 200);
    let said = project.expect(0, &["db", "migrate"]);
    assert!(said.err.contains("nothing to apply"), "{}", said.err);
    let status = project.expect(0, &["db", "migrate", "--status", "-o", "json"]).json();
    assert!(status["migrations"].as_array().unwrap().iter().all(|m| m["applied"].is_string()), "{status}");

    // What the server ran is counted, that of the migrator too.
    let seen = project.expect(0, &["db", "inspect", "statements", "--limit", "0", "-o", "json"]).json();
    assert_eq!(seen["statements"]["source"], "available", "{seen}");
    let counted = |text: &str| {
        let statements = seen["statements"]["statements"].as_array().unwrap();
        statements.iter().any(|it| it["query"].as_str().is_some_and(|query| query.contains(text)))
    };
    assert!(counted("ALTER TABLE todos ADD done"), "{seen}");

    // Taking back asks, and without anybody to ask wants to be told.
    let said = project.expect(2, &["db", "rollback"]);
    assert!(said.err.contains("--yes"), "{}", said.err);
    project.expect(0, &["db", "rollback", "--yes"]);
    assert_eq!(get(&project, "todos?select=done").0, 400);
    let said = project.expect(1, &["db", "rollback", "--yes"]);
    assert!(said.err.contains("1_todos.sql has no file that takes it back"), "{}", said.err);

    // A mistake is told with its place, and nothing of the file is there.
    write(&project, "migrations/3_wrong.sql", "CREATE TABLE half ();\nALTER TABLE gone ADD a int;\n");
    let said = project.expect(1, &["db", "migrate"]);
    assert!(said.err.contains("3_wrong.sql:2:1 failed; nothing of it is applied"), "{}", said.err);
    assert!(said.err.contains("relation \"gone\" does not exist"), "{}", said.err);
    // A file that was changed is told by its name.
    std::fs::remove_file(project.folder.join("migrations/3_wrong.sql")).unwrap();
    write(&project, "migrations/1_todos.sql", "CREATE TABLE todos (id bigint PRIMARY KEY);");
    let said = project.expect(1, &["db", "migrate"]);
    assert!(said.err.contains("1_todos.sql was changed after it was applied"), "{}", said.err);

    // Where nothing runs, that is said.
    project.expect(0, &["stop"]);
    let said = project.expect(4, &["db", "migrate"]);
    assert!(said.err.contains("cannot connect to the database of workflow"), "{}", said.err);
}

#[test]
fn data_comes_in_once_also_into_buckets() {
    let world = World::new();
    let project = world.project("seeded", YAML);
    write(&project, "migrations/1_todos.sql", "CREATE TABLE todos (id int PRIMARY KEY, title text NOT NULL);");
    write(&project, "seeds/todos.csv", "id,title\n1,first\n2,second\n");
    write(&project, "seeds/more.sql", "INSERT INTO todos VALUES (3, 'third');");
    write(&project, "seeds/buckets/uploads/a/b.txt", "content");
    project.dev();
    let said = project.expect(1, &["db", "seed"]);
    assert!(said.err.contains("todos"), "{}", said.err);
    project.expect(0, &["db", "migrate"]);
    let first = project.expect(0, &["db", "seed", "-o", "json"]).json();
    let changed = |report: &Value| {
        let of = |seed: &Value| (seed["seed"].as_str().unwrap().to_owned(), seed["changed"] == true);
        report["seeds"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let all = |changed| {
        ["seeds/more.sql", "seeds/todos.csv", "uploads/a/b.txt"].map(|name| (name.to_owned(), changed)).to_vec()
    };
    assert_eq!(changed(&first), all(true));
    assert_eq!(changed(&project.expect(0, &["db", "seed", "-o", "json"]).json()), all(false));
    // What plattr remembers them by is no part of the schema.
    project.expect(0, &["db", "diff", "--exit-code"]);
    let rows: Value = serde_json::from_str(&get(&project, "todos?select=id&order=id").1).unwrap();
    assert_eq!(rows, serde_json::json!([{ "id": 1 }, { "id": 2 }, { "id": 3 }]));
}

#[test]
fn what_is_revoked_stays_revoked_and_can_become_a_migration() {
    let world = World::new();
    let project = world.project("audited", YAML);
    write(&project, "migrations/1_audit.sql", "CREATE TABLE audit (id int); CREATE TABLE todos (id int);");
    write(&project, "migrations/2_fixed.sql", "REVOKE DELETE ON audit FROM audited_app;");
    project.dev();
    project.expect(0, &["db", "migrate"]);
    project.dev();
    let may = |privilege: &str| {
        admin(&project, "plattr", &format!("SELECT has_table_privilege('audited_app', 'audited.audit', '{privilege}')"))
    };
    assert_eq!((may("INSERT"), may("DELETE")), (vec!["t".to_owned()], vec!["f".to_owned()]));
    project.expect(0, &["db", "diff", "--exit-code"]);
    project.expect(0, &["db", "shell", "-c", "REVOKE UPDATE ON audit FROM audited_app"]);
    project.dev();
    assert_eq!(may("UPDATE"), ["f"]);
    let said = project.expect(0, &["db", "diff"]);
    assert_eq!(said.out, "REVOKE UPDATE ON TABLE \"audit\" FROM \"audited_app\";\n");
    // What has to be made anew gets what is new, and loses it again.
    project.expect(0, &["db", "shell", "-c", "GRANT UPDATE ON audit TO audited_app"]);
    write(&project, "migrations/3_view.sql", "CREATE VIEW seen AS SELECT id FROM audit;");
    project.expect(0, &["db", "migrate"]);
    let remade =
        "DROP VIEW seen; CREATE VIEW seen AS SELECT id::text AS id FROM audit; REVOKE DELETE ON seen FROM audited_app";
    project.expect(0, &["db", "shell", "-c", remade]);
    let said = project.expect(0, &["db", "diff"]);
    let rights: Vec<&str> =
        said.out.lines().filter(|line| line.starts_with("GRANT") || line.starts_with("REVOKE")).collect();
    assert_eq!(rights, ["REVOKE DELETE ON TABLE \"seen\" FROM \"audited_app\";"], "{}", said.out);
    // What plattr gave, although the migrations say otherwise, is no difference.
    project
        .expect(0, &["db", "shell", "-c", "GRANT DELETE ON audit TO audited_app; GRANT DELETE ON seen TO audited_app"]);
    let said = project.expect(0, &["db", "diff"]);
    assert!(
        said.out.contains("CREATE VIEW") && !said.out.contains("GRANT") && !said.out.contains("REVOKE"),
        "{}",
        said.out
    );
    // A table of somebody else has nothing by default privileges, and nobody took it away.
    admin(&project, "plattr", "CREATE TABLE audited.strange (id int)");
    let said = project.expect(0, &["db", "diff"]);
    assert!(
        said.out.contains("CREATE TABLE \"strange\"") && !said.out.contains("ON TABLE \"strange\""),
        "{}",
        said.out
    );
}

#[test]
fn watching_applies_migrations_as_they_are_written() {
    let world = World::new();
    let project = world.project("watched", YAML);
    write(&project, "migrations/1_todos.sql", "CREATE TABLE todos (id int PRIMARY KEY);");
    let mut child = project.plattr(&["dev", "--watch", "--yes"]).stderr(Stdio::piped()).spawn().unwrap();
    // It would not end by itself, and then the lines below would be waited for as long as CI has.
    let (pid, done) = (child.id(), std::sync::mpsc::channel::<()>());
    let too_long = std::thread::spawn(move || {
        if done.1.recv_timeout(std::time::Duration::from_secs(300)) == Err(RecvTimeoutError::Timeout) {
            signal(pid, "KILL");
        }
    });
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut until = |what: &str| {
        let mut heard = Vec::new();
        for line in said.by_ref() {
            heard.push(line);
            if heard.last().is_some_and(|line| line.contains(what)) {
                return;
            }
        }
        panic!("never heard {what:?}: {heard:#?}");
    };
    until("watching plattr.yaml");
    write(&project, "migrations/2_done.sql", "ALTER TABLE todos ADD done boolean;");
    until("2_done.sql");
    until("serves the schema");
    assert_eq!(get(&project, "todos?select=done").0, 200);
    // One that was just made, and is about to be written.
    write(&project, "migrations/3_wrong.sql", "");
    until("3_wrong.sql has no statement yet");
    // A mistake ends nothing.
    write(&project, "migrations/3_wrong.sql", "SELECT nonsense");
    until("3_wrong.sql:1:8 failed");
    write(&project, "migrations/3_wrong.sql", "ALTER TABLE todos ADD late date;");
    until("serves the schema");
    drop(done.0);
    too_long.join().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}
