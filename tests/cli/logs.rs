use std::os::unix::fs::PermissionsExt;

use crate::{that_ran, world};

#[test]
fn a_run_that_works_on_services_leaves_a_private_log() {
    let world = world();
    let project = that_ran(&world, "logged");
    project.expect(0, &["stop"]);
    project.expect(0, &["env"]);
    let logs: Vec<_> = std::fs::read_dir(project.folder.join(".plattr/logs")).unwrap().map(|e| e.unwrap()).collect();
    assert_eq!(logs.len(), 1, "{logs:?}");
    assert_eq!(logs[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(logs[0].path()).unwrap();
    assert!(text.contains("plattr starts") && text.contains("Stop"), "{text}");
}

#[test]
fn verbose_talks_on_stderr_only() {
    let world = world();
    let project = that_ran(&world, "verbose");
    let said = project.expect(0, &["env", "-v"]);
    assert!(said.err.contains("plattr starts"), "{}", said.err);
    assert!(!said.out.contains("plattr starts"));
}

#[test]
fn a_service_that_the_stack_does_not_have_is_named() {
    let world = world();
    let project = that_ran(&world, "logs");
    let said = project.expect(2, &["logs", "postgres"]);
    assert!(said.err.contains("it has redis"), "{}", said.err);
    project.expect(2, &["logs", "--since", "yesterday"]);
}
