//! Snapshots of a whole stack: everything comes back as it was, and a kill at any moment loses nothing.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};

use crate::lifecycle::{read_key, write_key};
use crate::repair::Admin;
use crate::support::{CACHE_ONLY, EVERYTHING, Project, World};

#[test]
fn everything_comes_back_as_it_was() {
    let world = World::new();
    let project = world.project("snap", EVERYTHING);
    project.dev();
    let admin = Admin::new(&project);
    admin.sql("SET ROLE snap_migrator; CREATE TABLE snap.things (name text); INSERT INTO snap.things VALUES ('one')");
    put(&admin, "one");
    write_key(&project, "one");
    index(&admin, "one");
    admin.keycloak(Method::POST, "snap/users", Some(json!({"username": "one", "enabled": true})));
    let before = Seen::look(&admin);
    assert_eq!(before.row, "one");

    let ran = project.running();
    let report = project.expect(0, &["snapshot", "save", "before", "-m", "one of each", "-o", "json"]).json();
    assert_eq!(report["restarted"].as_array().unwrap().len(), 6);
    assert_eq!(report["snapshot"]["services"].as_object().unwrap().len(), 6);
    let after = project.running();
    assert!(after.len() == 6 && ran.iter().all(|(id, what)| after[id] != *what));
    let folder = project.folder.join(".plattr/snapshots/before");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["snapshot.json", "data.tar.gz"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }

    admin.sql("SET ROLE snap_migrator; UPDATE snap.things SET name = 'two'; CREATE TABLE snap.later ()");
    put(&admin, "two");
    write_key(&project, "two");
    index(&admin, "two");
    let user = &admin.keycloak(Method::GET, "snap/users?username=one", None)[0]["id"];
    admin.keycloak(Method::DELETE, &format!("snap/users/{}", user.as_str().unwrap()), None);
    assert_eq!(Seen::look(&admin).row, "two");

    let report = project.expect(0, &["snapshot", "restore", "before", "--yes", "-o", "json"]).json();
    let checks = report["dev"]["checks"].as_array().unwrap();
    assert!(checks.len() > 20 && checks.iter().all(|check| check["passed"] == true), "{checks:?}");
    assert_eq!(report["dev"]["changes"], json!([]), "nothing was to be provisioned again");
    assert_eq!(Seen::look(&admin), before);
    assert_eq!(read_key(&project), "one");
}

fn put(admin: &Admin<'_>, text: &str) {
    let put = admin.s3().put_object().bucket(admin.bucket("UPLOADS")).key("thing");
    admin.runtime.block_on(put.body(text.as_bytes().to_vec().into()).send()).unwrap();
}

fn index(admin: &Admin<'_>, text: &str) {
    let url = format!("{}/snap-notes/_doc/1", admin.variables["OPENSEARCH_URL"]);
    let put = admin.http.put(url).json(&json!({"text": text}));
    assert!(admin.runtime.block_on(put.send()).unwrap().status().is_success());
}

/// What is in the services.
#[derive(Debug, PartialEq)]
struct Seen {
    row: String,
    tables: i64,
    object: Vec<u8>,
    document: Value,
    users: Value,
}

impl Seen {
    fn look(admin: &Admin<'_>) -> Self {
        let users = admin.keycloak(Method::GET, "snap/users", None);
        admin.runtime.block_on(async {
            let mut config: tokio_postgres::Config = admin.variables["DATABASE_URL"].parse().unwrap();
            config.user("snap_app");
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let query = "SELECT name, (SELECT count(*) FROM pg_tables WHERE schemaname = 'snap') FROM snap.things";
            let row = client.query_one(query, &[]).await.unwrap();
            let get = admin.s3().get_object().bucket(admin.bucket("UPLOADS")).key("thing").send().await.unwrap();
            let url = format!("{}/snap-notes/_doc/1", admin.variables["OPENSEARCH_URL"]);
            let document: Value = admin.http.get(url).send().await.unwrap().json().await.unwrap();
            Self {
                row: row.get(0),
                tables: row.get(1),
                object: get.body.collect().await.unwrap().to_vec(),
                document: document["_source"].clone(),
                users,
            }
        })
    }
}

/// Runs plattr and kills it as soon as it says a line with `step` in it.
fn killed(project: &Project<'_>, args: &[&str], step: &str) {
    let mut command = project.plattr(&[args, &["--yes", "--progress", "plain"]].concat());
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    assert!(stderr.lines().map_while(Result::ok).any(|line| line.contains(step)), "nothing said `{step}`");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_kill_leaves_the_old_or_the_new_and_the_next_dev_repairs() {
    let world = World::new();
    let project = world.project("cut", CACHE_ONLY);
    project.dev();
    write_key(&project, "saved");
    project.expect(0, &["snapshot", "save", "good"]);
    write_key(&project, "later");

    let snapshots = || {
        let entries = std::fs::read_dir(project.folder.join(".plattr/snapshots")).unwrap().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    for step in ["redis: stopping", "snapshot: saving the data"] {
        killed(&project, &["snapshot", "save", "half"], step);
        let listed = project.expect(0, &["snapshot", "list", "-o", "json"]).json();
        // The kill may come when the new one is whole; it is never half.
        let found = listed["snapshots"].as_array().unwrap().len();
        assert!(found == 1 || (found == 2 && step == "snapshot: saving the data"), "after {step}: {listed}");
        project.dev();
        if found == 2 {
            project.expect(0, &["snapshot", "delete", "half", "--yes"]);
        }
        assert_eq!((read_key(&project).as_str(), snapshots()), ("later", vec!["good".to_owned()]), "after {step}");
    }
    // A snapshot that is being replaced stays until the other is whole.
    killed(&project, &["snapshot", "save", "good", "--force"], "snapshot: saving the data");
    project.dev();
    assert_eq!(snapshots(), ["good"]);

    for step in ["snapshot: checking", "redis: stopping", "snapshot: replacing", "redis: starting"] {
        write_key(&project, "later");
        killed(&project, &["snapshot", "restore", "good"], step);
        let report = project.dev();
        assert!(report["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true), "after {step}");
        let key = read_key(&project);
        match step {
            "snapshot: replacing" => assert!(key == "later" || key == "saved", "after {step}: {key}"),
            "redis: starting" => assert_eq!(key, "saved", "after {step}"),
            _ => assert_eq!(key, "later", "after {step}"),
        }
        let home = std::fs::read_dir(project.folder.join(".plattr")).unwrap().flatten();
        let trash: Vec<_> = home.map(|e| e.file_name()).filter(|n| n.to_string_lossy().contains("trash")).collect();
        assert!(trash.is_empty(), "after {step}: {trash:?}");
    }
}

#[test]
fn what_is_refused_changes_nothing_and_what_is_replaced_can_be_kept() {
    let world = World::new();
    let project = world.project("kept", CACHE_ONLY);
    project.dev();
    write_key(&project, "one");
    project.expect(0, &["snapshot", "save", "one"]);
    write_key(&project, "two");

    // Neither a damaged archive nor one of a newer version touches what runs.
    let before = project.running();
    let folder = project.folder.join(".plattr/snapshots/one");
    let archive = std::fs::read(folder.join("data.tar.gz")).unwrap();
    let mut damaged = archive.clone();
    *damaged.last_mut().unwrap() ^= 1;
    std::fs::write(folder.join("data.tar.gz"), damaged).unwrap();
    let said = project.expect(4, &["snapshot", "restore", "one", "--yes"]);
    assert!(said.err.contains("is not what was saved"), "{}", said.err);
    std::fs::write(folder.join("data.tar.gz"), archive).unwrap();
    let manifest = std::fs::read_to_string(folder.join("snapshot.json")).unwrap();
    let version = serde_json::from_str::<Value>(&manifest).unwrap()["services"]["redis"].as_str().unwrap().to_owned();
    std::fs::write(folder.join("snapshot.json"), manifest.replace(&version, "99.1")).unwrap();
    let said = project.expect(4, &["snapshot", "restore", "one", "--yes"]);
    assert!(said.err.contains("Redis 99.1") && said.err.contains(&version), "{}", said.err);
    std::fs::write(folder.join("snapshot.json"), manifest).unwrap();
    assert_eq!((project.running(), read_key(&project).as_str()), (before, "two"));

    // What is there now is kept where that is asked for, and comes back.
    project.expect(0, &["snapshot", "restore", "one", "--save-current", "two", "--yes"]);
    assert_eq!(read_key(&project), "one");
    // Also after everything was destroyed, and where nothing runs.
    project.expect(0, &["destroy", "--keep-snapshots", "--yes"]);
    project.expect(0, &["snapshot", "restore", "two", "--yes"]);
    assert_eq!(read_key(&project), "two");
    project.expect(0, &["stop"]);
    project.expect(0, &["snapshot", "save", "three"]);
    assert!(project.status().values().all(|service| service["state"] == "stopped"), "what did not run stays stopped");
}
