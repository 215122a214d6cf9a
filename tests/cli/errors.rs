use serde_json::Value;

use crate::support::CACHE_ONLY;
use crate::{that_ran, world};

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_wrong_command_line_is_2() {
    let world = world();
    let project = world.project("wrong", CACHE_ONLY);
    let said = project.expect(2, &["staus"]);
    assert!(said.err.contains("'status'"), "{}", said.err);
    assert_eq!(said.out, "");
    project.expect(2, &["dev", "--no-such-flag"]);
    project.expect(2, &["verify", "mongodb"]);
    project.expect(2, &["env", "--override-name", "A"]);
    project.expect(2, &["stop", "-o", "docker"]);
    project.expect(2, &[]);
}

#[test]
fn a_wrong_command_line_is_json_where_json_was_asked_for() {
    let world = world();
    let project = world.project("wrong", CACHE_ONLY);
    let error = json(&project.expect(2, &["staus", "-o", "json"]).err);
    assert_eq!((&error["code"], &error["exit"]), (&"usage".into(), &2.into()));
    assert_eq!(error["hint"], "did you mean `status`?");
}

#[test]
fn no_project_is_3() {
    let world = world();
    let project = world.project("gone", CACHE_ONLY);
    std::fs::remove_file(project.folder.join("plattr.yaml")).unwrap();
    let said = project.expect(3, &["status"]);
    assert!(said.err.starts_with("error: ") && said.err.contains("\n\nhint: "), "{}", said.err);
    let error = json(&project.expect(3, &["status", "-o", "json"]).err);
    for field in ["code", "message", "hint", "docs"] {
        assert!(error[field].is_string(), "{field}: {error}");
    }
}

#[test]
fn a_wrong_file_is_3_with_its_place() {
    let world = world();
    let project = world.project("wrong", "version: 1\nname: wrong\ncahce:\n  enabled: true\n");
    let said = project.expect(3, &["config", "validate"]);
    assert!(said.err.contains("plattr.yaml:3:1") && said.err.contains("`cache`"), "{}", said.err);
}

#[test]
fn a_state_of_a_newer_plattr_is_4() {
    let world = world();
    let project = that_ran(&world, "newer");
    std::fs::write(project.folder.join(".plattr/stack.json"), r#"{"version": 99}"#).unwrap();
    let error = json(&project.expect(4, &["status", "-o", "json"]).err);
    assert_eq!(error["code"], "state-version");
    std::fs::remove_file(project.folder.join(".plattr/stack.json")).unwrap();
}

#[test]
fn errors_are_readable_without_colour_and_the_same_with_it() {
    let world = world();
    let project = world.project("colour", CACHE_ONLY);
    let plain = project.expect(1, &["env"]).err;
    let coloured = project.expect(1, &["env", "--color", "always"]).err;
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}["));
    assert!(plain.starts_with("error: ") && plain.contains("hint: run `plattr dev` first"), "{plain}");
}

#[test]
fn another_folder_is_named_with_project() {
    let world = world();
    let project = that_ran(&world, "named");
    let elsewhere = world.project("elsewhere", CACHE_ONLY);
    let folder = project.folder.display().to_string();
    assert!(elsewhere.expect(0, &["env", "--project", &folder]).out.contains("6390"));
}
