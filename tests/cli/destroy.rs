use crate::support::CACHE_ONLY;
use crate::{that_ran, world};

#[test]
fn nothing_is_deleted_without_a_terminal_and_without_yes() {
    let world = world();
    let project = that_ran(&world, "kept");
    let said = project.expect(2, &["destroy"]);
    assert!(said.err.contains("The stack `kept`") && said.err.contains("--yes"), "{}", said.err);
    project.expect(2, &["destroy", "--non-interactive"]);
    assert!(project.folder.join(".plattr/stack.json").is_file());
}

#[test]
fn with_yes_what_is_remembered_is_gone_and_the_persons_files_stay() {
    let world = world();
    let project = that_ran(&world, "gone");
    project.expect(0, &["destroy", "--yes"]);
    assert!(!project.folder.join(".plattr/stack.json").exists());
    assert!(project.folder.join("plattr.yaml").is_file());
    assert!(project.expect(0, &["destroy", "--yes"]).err.contains("nothing to delete"));
}

#[test]
fn stopping_what_does_not_run_is_no_error() {
    let world = world();
    let project = world.project("idle", CACHE_ONLY);
    for _ in 0..2 {
        assert!(project.expect(0, &["stop"]).err.contains("nothing was running"));
    }
    assert_eq!(project.expect(0, &["stop", "-o", "json"]).json()["stopped"], serde_json::json!([]));
}
