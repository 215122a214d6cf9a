use crate::support::CACHE_ONLY;
use crate::{that_ran, world};

#[test]
fn status_of_what_does_not_run_is_stopped() {
    let world = world();
    let project = that_ran(&world, "asleep");
    let said = project.expect(0, &["status"]);
    assert!(said.out.contains("redis") && said.out.contains("stopped"), "{}", said.out);
    assert_eq!(project.expect(0, &["status", "-o", "json"]).json()["services"][0]["state"], "stopped");
    project.expect(1, &["status", "--exit-code"]);
}

#[test]
fn verify_of_what_does_not_run_says_so() {
    let world = world();
    let said = that_ran(&world, "asleep").expect(1, &["verify"]);
    assert!(said.err.contains("plattr dev"), "{}", said.err);
}

#[test]
fn a_machine_without_stacks_has_none() {
    let world = world();
    let project = world.project("none", CACHE_ONLY);
    assert_eq!(project.expect(0, &["ps", "-o", "json"]).json()["stacks"], serde_json::json!([]));
    assert!(project.expect(0, &["ps"]).err.contains("no stacks"));
}

#[test]
fn an_empty_cache_is_empty() {
    let world = world();
    let project = world.project("none", CACHE_ONLY);
    let listing = project.expect(0, &["cache", "ls", "-o", "json"]).json();
    assert_eq!((&listing["bytes"], &listing["entries"]), (&0.into(), &serde_json::json!([])));
    project.expect(0, &["cache", "prune"]);
    assert!(project.expect(2, &["cache", "prune", "--all"]).err.contains("--yes"));
}

#[test]
fn doctor_looks_at_the_machine_with_and_without_a_project() {
    let world = world();
    let project = world.project("doctor", CACHE_ONLY);
    let checks = |project: &crate::support::Project<'_>| {
        let output = project.plattr(&["doctor", "-o", "json"]).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 4)));
        let findings: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
        findings.iter().map(|f| f["check"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let with = checks(&project);
    for check in ["platform", "cache", "disk-cache", "disk-data", "memory", "open-files", "clock", "redis"] {
        assert!(with.iter().any(|c| c == check), "{check}: {with:?}");
    }
    std::fs::remove_file(project.folder.join("plattr.yaml")).unwrap();
    assert!(!checks(&project).contains(&"disk-data".to_owned()));
}
