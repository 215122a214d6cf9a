//! Docker that is not there, does not let us in, is too old, or goes away.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::{CACHE_ONLY, World, eventually, signal};

#[test]
fn without_docker_the_error_says_where_it_was_looked_for_and_what_else_works() {
    let world = World::new();
    let project = world.project("none", CACHE_ONLY);
    let socket = world.path().join("docker.sock");
    let endpoint = format!("unix://{}", socket.display());
    let dev = |endpoint: &str| {
        let output = project.plattr(&["dev", "--yes"]).env("DOCKER_HOST", endpoint).output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = dev(&endpoint);
    assert!(said.contains(&endpoint) && said.contains("--engine native"), "{said}");

    // The way out that it names is one, although Docker was tried first.
    let mut native = project.plattr(&["dev", "--yes", "--engine", "native", "-o", "json"]);
    let output = native.env("DOCKER_HOST", &endpoint).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    project.expect(0, &["destroy", "--yes"]);

    // Somebody else's socket.
    let project = world.project("shut", CACHE_ONLY);
    std::fs::remove_dir_all(world.path().join("home")).unwrap();
    std::fs::create_dir(world.path().join("home")).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o000)).unwrap();
    let plattr = world.program_for_everyone();
    let mut command = Command::new("setpriv");
    project.isolate(&mut command);
    for folder in [world.path(), &world.path().join("home"), &project.folder] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    command.args(["--reuid", "23456", "--regid", "23456", "--clear-groups", "--"]).arg(plattr).args(["dev", "--yes"]);
    // What the rig has made is root's own.
    command.env_remove("PLATTR_IMAGES_LOCK").env_remove("PLATTR_KIND_CONFIG");
    let output = command.env("DOCKER_HOST", &endpoint).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("may not use") && said.contains("docker"), "{said}");
}

/// The rig's own Docker Engine is stopped and started: what ran comes back with its data.
#[test]
fn docker_goes_away_and_comes_back() {
    let rig = std::env::var("PLATTR_RIG").expect("the rig's folder; source the file `env` that tests/rig/up writes");
    let pid = std::fs::read_to_string(format!("{rig}/docker.pid"))
        .expect("a Docker Engine that the rig has started: another one is not for a test to stop");
    let world = World::new();
    let project = world.project("back", CACHE_ONLY);
    project.dev();
    let url = project.variables()["REDIS_URL"].clone();
    assert_eq!(crate::cluster::redis(&url, "SET back:kept key").unwrap(), "+OK");
    // The append-only file is written every second; a sudden end may take that second with it.
    eventually("it is on the disk", || {
        crate::cluster::redis(&url, "WAITAOF 0 0 0").is_ok()
            && std::fs::read_dir(project.folder.join(".plattr/data/redis/appendonlydir")).is_ok_and(|files| {
                files.flatten().any(|f| {
                    std::fs::read(f.path()).is_ok_and(|bytes| bytes.windows(9).any(|word| word == b"back:kept"))
                })
            })
    });

    signal(pid.trim().parse().unwrap(), "TERM");
    eventually("Docker is gone", || !std::path::Path::new(&format!("/proc/{}", pid.trim())).exists());
    let said = project.expect(4, &["status"]);
    assert!(said.err.contains("docker") || said.err.contains("Docker"), "{}", said.err);
    project.expect(4, &["dev"]);

    let started = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/docker/start")).status().unwrap();
    assert!(started.success());
    project.dev();
    assert_eq!(project.variables()["REDIS_URL"], url);
    assert_eq!(crate::cluster::redis(&url, "GET back:kept").unwrap(), "key");
}
