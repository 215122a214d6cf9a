//! Folders that cannot be written, state that is not ours, questions without anyone to answer.

use std::process::Command;

use crate::support::{CACHE_ONLY, World};

#[test]
fn a_read_only_project_folder() {
    let world = World::new();
    let project = world.project("fixed", CACHE_ONLY);
    // A bind mount is read-only for root too.
    let bind =
        |args: &[&str]| assert!(Command::new("mount").args(args).arg(&project.folder).status().unwrap().success());
    let folder = project.folder.to_string_lossy().into_owned();
    bind(&["--bind", &folder]);
    bind(&["-o", "remount,bind,ro"]);
    let said = project.plattr(&["dev", "--yes", "--progress", "plain"]).output().unwrap();
    assert!(Command::new("umount").arg(&project.folder).status().unwrap().success());
    let err = String::from_utf8_lossy(&said.stderr).into_owned();
    assert_eq!(said.status.code(), Some(4), "{err}");
    assert!(err.contains("cannot write") || err.contains("Read-only") || err.contains("read-only"), "{err}");
    assert!(err.contains(".plattr"), "it was to name the folder: {err}");
}

#[test]
fn state_of_a_newer_plattr_is_refused_and_untouched() {
    let world = World::new();
    let project = world.project("future", CACHE_ONLY);
    project.dev();
    let file = project.folder.join(".plattr/stack.json");
    let ours = std::fs::read_to_string(&file).unwrap();
    let newer = ours.replacen("\"version\": 1", "\"version\": 99", 1);
    assert_ne!(ours, newer);
    std::fs::write(&file, &newer).unwrap();
    for command in [&["dev", "--yes"][..], &["status"], &["stop", "--yes"], &["destroy", "--yes"]] {
        let said = project.expect(4, command);
        assert!(said.err.contains("layout 99"), "{command:?}: {}", said.err);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), newer);
    std::fs::write(&file, ours).unwrap();
}

#[test]
fn destroy_without_a_terminal_and_without_yes_keeps_everything() {
    let world = World::new();
    let project = world.project("asked", CACHE_ONLY);
    project.dev();
    let pids = project.pids();
    let said = project.expect(2, &["destroy"]);
    assert!(said.err.contains("--yes"), "{}", said.err);
    assert_eq!(project.pids(), pids);
    assert!(project.folder.join(".plattr/data").exists());
}
