use serde_json::{Value, json};

use crate::support::{CACHE_ONLY, Project};
use crate::{that_ran, world};

/// Puts a snapshot where plattr looks for it, changed by `change`.
fn snapshot(project: &Project<'_>, name: &str, change: impl FnOnce(&mut Value)) {
    let folder = project.folder.join(".plattr/snapshots").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("data.tar.gz"), "data").unwrap();
    let mut manifest = json!({
        "format": 1, "name": name, "createdAt": "2026-01-01T00:00:00Z", "message": "a test", "plattr": "0.1.0",
        "engine": "native", "platform": format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        "stack": project.name, "applications": [project.name], "services": {"redis": "6.0.0"}, "facts": {},
        "dataBytes": 2_000_000, "archive": {"bytes": 4, "sha256": "00"},
    });
    change(&mut manifest);
    std::fs::write(folder.join("snapshot.json"), manifest.to_string()).unwrap();
}

#[test]
fn names_are_labels() {
    let world = world();
    let project = that_ran(&world, "named");
    for wrong in ["", "../x", "a/b", ".hidden", "Upper", "1st", "a b", "-x"] {
        for command in [&["snapshot", "save", "--", wrong][..], &["snapshot", "restore", "--", wrong]] {
            project.expect(2, command);
        }
    }
    let said = project.expect(2, &["snapshot", "save", "Before"]);
    assert!(said.err.contains("use lower-case letters, digits and hyphens"), "{}", said.err);
}

#[test]
fn what_never_ran_has_nothing_to_save_and_no_snapshots() {
    let world = world();
    let project = world.project("fresh", CACHE_ONLY);
    let said = project.expect(1, &["snapshot", "save", "x"]);
    assert!(said.err.contains("never ran") && said.err.contains("plattr dev"), "{}", said.err);
    assert!(project.expect(0, &["snapshot", "list"]).err.contains("no snapshots"));
    assert_eq!(project.expect(0, &["snapshot", "ls", "-o", "json"]).json(), json!({"snapshots": []}));
    for command in ["restore", "delete"] {
        let said = project.expect(1, &["snapshot", command, "x", "--yes"]);
        assert!(said.err.contains("there is no snapshot `x`"), "{}", said.err);
    }
}

#[test]
fn what_does_not_run_is_saved_and_stays_stopped() {
    let world = world();
    let project = that_ran(&world, "idle");
    std::fs::create_dir_all(project.folder.join(".plattr/data/redis")).unwrap();
    std::fs::write(project.folder.join(".plattr/data/redis/dump"), vec![0; 100_000]).unwrap();
    let report = project.expect(0, &["snapshot", "save", "one", "-m", "first", "-o", "json"]).json();
    assert_eq!((&report["restarted"], &report["snapshot"]["message"]), (&json!([]), &json!("first")));
    assert!(report["snapshot"]["services"]["redis"].is_string(), "{report}");
    let said = project.expect(1, &["snapshot", "save", "one"]);
    assert!(said.err.contains("already") && said.err.contains("--force"), "{}", said.err);
    project.expect(0, &["snapshot", "save", "one", "--force"]);
    let said = project.expect(0, &["snapshot", "save", "two"]);
    assert!(said.err.contains("idle: saved `two`"), "{}", said.err);
    let listed = project.expect(0, &["snapshot", "list", "-o", "json"]).json();
    let names: Vec<&Value> = listed["snapshots"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(std::fs::read_dir(project.folder.join(".plattr/snapshots")).unwrap().count(), 2);
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_asked() {
    let world = world();
    let project = that_ran(&world, "unlike");
    snapshot(&project, "newer", |it| it["services"]["redis"] = json!("99.1"));
    snapshot(&project, "other", |it| it["engine"] = json!("kind"));
    snapshot(&project, "future", |it| it["format"] = json!(99));
    snapshot(&project, "damaged", |_| {});
    for (name, code, part) in [
        ("newer", "snapshot-version", "Redis 99.1"),
        ("other", "snapshot-engine", "`kind`"),
        ("future", "snapshot-format", "layout 99"),
        ("damaged", "snapshot-checksum", "not what was saved"),
    ] {
        let said = project.expect(4, &["snapshot", "restore", name, "--yes", "--progress", "none", "-o", "json"]);
        let error: Value = serde_json::from_str(said.err.lines().last().unwrap()).unwrap();
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].as_str().unwrap().contains(part) && error["hint"].is_string(), "{error}");
    }
}

#[test]
fn restoring_and_deleting_want_a_yes() {
    let world = world();
    let project = that_ran(&world, "asked");
    snapshot(&project, "old", |it| it["applications"] = json!(["another"]));
    let said = project.expect(2, &["snapshot", "restore", "old"]);
    assert!(said.err.contains("`asked`") && said.err.contains("--yes"), "{}", said.err);
    assert!(said.err.contains("no data of `asked`") && said.err.contains("--save-current"), "{}", said.err);
    project.expect(1, &["snapshot", "restore", "old", "--yes", "--save-current", "old"]);
    project.expect(2, &["snapshot", "delete", "old"]);
    project.expect(0, &["snapshot", "delete", "old", "--yes"]);
    project.expect(1, &["snapshot", "delete", "old", "--yes"]);
}

#[test]
fn destroy_names_the_snapshots_and_keeps_them_if_asked_to() {
    let world = world();
    let project = that_ran(&world, "kept");
    snapshot(&project, "old", |_| {});
    let said = project.expect(2, &["destroy"]);
    assert!(said.err.contains("snapshots     old ("), "{}", said.err);
    let said = project.expect(0, &["destroy", "--keep-snapshots", "--yes"]);
    assert!(said.err.contains("old (which are kept)"), "{}", said.err);
    assert!(!project.folder.join(".plattr/stack.json").exists());
    assert!(project.expect(0, &["snapshot", "list"]).out.contains("a test"));
    assert!(project.expect(0, &["destroy", "--keep-snapshots", "--yes"]).err.contains("nothing to delete"));
    project.expect(0, &["destroy", "--yes"]);
    assert!(!project.folder.join(".plattr/snapshots").exists());
    assert!(project.expect(0, &["destroy", "--yes"]).err.contains("nothing to delete"));
}
