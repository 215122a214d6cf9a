use crate::support::CACHE_ONLY;
use crate::{that_ran, world};

#[test]
fn what_does_nothing_leaves_nothing() {
    let world = world();
    let project = world.project("untouched", CACHE_ONLY);
    project.plattr(&["dev", "--dry-run"]).output().unwrap();
    project.expect(0, &["stop"]);
    project.expect(1, &["verify"]);
    project.expect(0, &["destroy", "--yes"]);
    assert!(!project.folder.join(".plattr").exists());
}

#[test]
fn a_stack_has_logs_of_runs() {
    let world = world();
    let project = that_ran(&world, "logged");
    project.expect(1, &["verify"]);
    assert_eq!(std::fs::read_dir(project.folder.join(".plattr/logs")).unwrap().count(), 1);
}
