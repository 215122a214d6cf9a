//! What belongs to people: their kubeconfig, and files that they may not delete themselves.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::process::Command;

use crate::support::{CACHE_ONLY, World};

/// Somebody without rights of root.
const SOMEBODY: u32 = 23_456;

#[test]
fn the_kubeconfig_of_a_person_is_touched_only_when_asked_to() {
    let world = World::new();
    let project = world.project("mine", CACHE_ONLY);
    let own = world.path().join("home/.kube/config");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: work\nclusters: []\nusers: []\ncontexts:\n- name: work\n  context: {cluster: work, user: me}\n";
    std::fs::write(&own, text).unwrap();
    project.dev();
    project.expect(0, &["kubeconfig"]);
    project.expect(0, &["stop"]);
    project.dev();
    assert_eq!(std::fs::read_to_string(&own).unwrap(), text);

    project.expect(0, &["kubeconfig", "--merge"]);
    let mut kubectl = Command::new("kubectl");
    project.isolate(&mut kubectl);
    let nodes = kubectl.args(["--context", "kind-plattr-mine", "get", "nodes", "-o", "name"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&nodes.stdout).trim(), "node/plattr-mine-control-plane");
    let merged = std::fs::read_to_string(&own).unwrap();
    assert!(merged.contains("current-context: work") && merged.contains("name: work"), "{merged}");
}

#[test]
fn somebody_without_rights_of_root_destroys_what_containers_wrote() {
    let world = World::new();
    let project = world.project("user", CACHE_ONLY);
    for folder in [world.path(), &world.path().join("home"), &project.folder] {
        std::fs::create_dir_all(folder).unwrap();
        chown(folder, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    }
    // What the rig has made is root's own.
    let bin = world.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let path = std::env::var("PATH").unwrap();
    let kind = std::env::split_paths(&path).map(|folder| folder.join("kind")).find(|file| file.is_file());
    std::fs::copy(kind.expect("kind, which tests/rig/up makes"), bin.join("kind")).unwrap();
    let mut rig = Vec::new();
    for name in ["PLATTR_IMAGES_LOCK", "PLATTR_KIND_CONFIG"] {
        let file = bin.join(name);
        std::fs::copy(std::env::var(name).expect("the rig's variables"), &file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        rig.push((name, file));
    }
    let group = std::fs::metadata("/var/run/docker.sock").expect("Docker's socket").gid();
    let plattr = world.program_for_everyone();
    let run = |args: &[&str]| {
        let mut command = Command::new("setpriv");
        project.isolate(&mut command);
        let (user, groups) = (SOMEBODY.to_string(), format!("{SOMEBODY},{group}"));
        command.args(["--reuid", &user, "--regid", &user, "--groups", &groups, "--"]).arg(&plattr).args(args);
        command
            .env("PLATTR_CACHE_DIR", world.path().join("home/cache"))
            .envs(rig.iter().map(|(name, file)| (name, file)));
        command.env("PATH", format!("{}:{path}", bin.display()));
        let output = command.output().expect("setpriv");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "plattr {}: {said}", args.join(" "));
    };
    run(&["dev", "--yes", "--progress", "plain"]);
    let data = project.folder.join(".plattr/data/redis");
    assert_ne!(std::fs::metadata(&data).unwrap().uid(), SOMEBODY, "redis has a user of its own");
    run(&["destroy", "--yes"]);
    assert!(!project.folder.join(".plattr/data").exists());
    let left: Vec<_> = std::fs::read_dir(project.folder.join(".plattr")).unwrap().flatten().map(|e| e.path()).collect();
    assert!(left.iter().all(|path| !path.to_string_lossy().contains(".trash")), "{left:?}");
}
