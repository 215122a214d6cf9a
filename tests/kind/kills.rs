//! plattr killed in the middle.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{CACHE_ONLY, Project, World, docker};

/// Starts `plattr dev` and kills it as soon as it says `step`. Panics if it never does.
fn dev_killed_at(project: &Project<'_>, step: &str) {
    let mut command = project.plattr(&["dev", "--yes", "--progress", "plain"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
        if line.contains(step) {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
        said += &format!("{line}\n");
    }
    child.wait().unwrap();
    panic!("no run said `{step}`:\n{said}");
}

#[test]
fn a_run_killed_at_any_step_is_repaired_by_the_next() {
    let world = World::new();
    let project = world.project("cut", CACHE_ONLY);
    let ports = || {
        let state = std::fs::read_to_string(project.folder.join(".plattr/stack.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&state).unwrap()["ports"].clone()
    };
    let mut chosen = None;
    // Each run gets as far as the one before, and further.
    for step in [
        "cluster: making the cluster",
        "cluster: preparing nodes",
        "cluster: starting control-plane",
        "cluster: preparing the cluster",
    ] {
        dev_killed_at(&project, step);
        assert_eq!(*chosen.get_or_insert_with(ports), ports(), "after {step}: ports that were chosen stay");
    }
    dev_killed_at(&project, "redis: starting");
    let report = project.dev();
    assert_eq!(report["services"].as_array().unwrap().len(), 1);
    assert_eq!(project.failed_checks(), Vec::<String>::new());

    // And on the way down.
    let mut command = project.plattr(&["destroy", "--yes", "--progress", "plain"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut killed = false;
    for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
        if line.contains("removing the cluster") {
            child.kill().unwrap();
            killed = true;
            break;
        }
    }
    child.wait().unwrap();
    assert!(killed, "destroy was to say that it removes the cluster");
    project.expect(0, &["destroy", "--yes"]);
    assert!(!project.folder.join(".plattr/data").exists());
    assert!(!project.folder.join(".plattr/kind").exists());

    // Begun again, and given up: what the killed run had asked the engine for must not come afterwards.
    dev_killed_at(&project, "cluster: preparing nodes");
    project.expect(0, &["destroy", "--yes"]);
    let nodes = ["ps", "--all", "--quiet", "--filter", "label=io.x-k8s.kind.cluster=plattr-cut"];
    assert_eq!(docker(&nodes).as_deref(), Some(""));
}
