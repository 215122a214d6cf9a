//! plattr killed in the middle, and process ids that came to mean something else.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::support::{CACHE_ONLY, EVERYTHING, World, alive, signal};

/// Starts `plattr dev` and kills it as soon as it says a line for which `when` holds. Returns whether it got
/// that far.
fn dev_killed(project: &crate::support::Project<'_>, when: impl Fn(&str) -> bool) -> bool {
    let mut command = project.plattr(&["dev", "--yes", "--progress", "plain"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    for line in stderr.lines().map_while(Result::ok) {
        if when(&line) {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
    }
    child.wait().unwrap();
    false
}

#[test]
fn a_run_killed_after_any_step_is_repaired_by_the_next() {
    let world = World::new();
    let project = world.project("cut", EVERYTHING);
    for step in [
        "postgres: preparing its data",
        "postgres: starting",
        "postgres: provisioning",
        "minio: provisioning",
        "opensearch: waiting",
        "keycloak: starting",
        "keycloak: provisioning",
        "postgrest-cut: starting",
        "postgrest-cut: ready",
        "verify: making",
    ] {
        let got_there = dev_killed(&project, |line| line.contains(step));
        assert!(got_there, "no run said `{step}`");
        let report = project.dev();
        assert_eq!(report["services"].as_array().unwrap().len(), 6, "after {step}");
        let checks = report["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["passed"] == true), "after {step}: {checks:?}");
        assert_eq!(copies_of_redis(&project.folder), 1, "after {step}: no service may run twice");
        // From nothing again, so that every step happens.
        project.expect(0, &["destroy", "--yes"]);
    }
}

/// How many redis-servers work for this project.
fn copies_of_redis(folder: &std::path::Path) -> usize {
    let marker = folder.to_string_lossy().into_owned();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|process| {
            let comm = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            let environ = std::fs::read(process.path().join("environ")).unwrap_or_default();
            comm.starts_with("redis") && String::from_utf8_lossy(&environ).contains(&marker)
        })
        .count()
}

#[test]
fn a_process_id_that_now_belongs_to_another_program_is_never_signalled() {
    let world = World::new();
    let project = world.project("stale", CACHE_ONLY);
    project.dev();
    let redis = project.pids()["redis"];
    signal(redis, "KILL");
    crate::support::eventually("redis is dead", || !alive(redis));

    // A stranger gets the number: as good as, by writing its number where redis's was.
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    let file = project.folder.join(".plattr/run/redis.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace(&redis.to_string(), &stranger.id().to_string())).unwrap();

    project.expect(0, &["stop", "--yes"]);
    assert!(stranger.try_wait().unwrap().is_none(), "stop was to leave the stranger alone");
    project.dev();
    assert!(stranger.try_wait().unwrap().is_none(), "dev was to leave the stranger alone");
    project.expect(0, &["destroy", "--yes"]);
    assert!(stranger.try_wait().unwrap().is_none(), "destroy was to leave the stranger alone");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_service_that_hangs_is_restarted() {
    let world = World::new();
    let project = world.project("hung", CACHE_ONLY);
    project.dev();
    let redis = project.pids()["redis"];
    signal(redis, "STOP");
    project.dev();
    assert_ne!(project.pids()["redis"], redis);
    assert!(!alive(redis));
}

#[test]
fn ctrl_c_ends_with_130_and_says_what_was_left() {
    let world = World::new();
    let project = world.project("halt", EVERYTHING);
    let mut command = project.plattr(&["dev", "--yes", "--progress", "plain"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("starting") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    signal(child.id(), "INT");
    for line in stderr.lines().map_while(Result::ok) {
        said.push_str(&line);
    }
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("run the same command again"), "{said}");
    project.dev();
}
