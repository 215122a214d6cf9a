//! Networks that are gone, packages that are not what they should be, disks that are full.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::support::{CACHE_ONLY, Project, Said, World};

/// Runs a shell line as plattr's user in a network that has loopback only.
fn without_network(project: &Project<'_>, line: &str) -> Said {
    let mut command = Command::new("unshare");
    project.isolate(&mut command);
    command.args(["--net", "--map-root-user", "sh", "-c", &format!("ip link set lo up && {line}")]);
    if rustix::process::geteuid().is_root() {
        let mut as_root = Command::new("unshare");
        project.isolate(&mut as_root);
        as_root.args(["--net", "sh", "-c", &format!("ip link set lo up && {line}")]);
        command = as_root;
    }
    command.output().unwrap().into()
}

#[test]
fn everything_cached_and_no_network() {
    let world = World::new();
    let project = world.project("offline", CACHE_ONLY);
    // So that the package is in the cache.
    project.dev();
    project.expect(0, &["destroy", "--yes"]);
    let plattr = env!("CARGO_BIN_EXE_plattr");
    let said = without_network(
        &project,
        &format!("{plattr} dev --yes --progress plain && {plattr} verify && {plattr} destroy --yes"),
    );
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
}

#[test]
fn nothing_cached_and_no_network() {
    let cache = tempfile::tempdir().unwrap();
    let world = World::with_cache(cache.path());
    let project = world.project("bare", CACHE_ONLY);
    let said = without_network(&project, &format!("{} dev --yes --progress plain", env!("CARGO_BIN_EXE_plattr")));
    assert_eq!(said.code, Some(5), "{}", said.err);
    assert!(said.err.contains("redis"), "it was to name the package: {}", said.err);
    assert!(said.err.contains("hint:"), "{}", said.err);
}

/// A registry mirror that answers every request with `body`.
fn mirror(body: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(body);
        }
    });
    url
}

#[test]
fn a_package_with_another_digest_is_refused() {
    let cache = tempfile::tempdir().unwrap();
    let world = World::with_cache(cache.path());
    let yaml = format!("{CACHE_ONLY}local:\n  packageMirrors:\n    pypi: {}\n", mirror(b"not what was pinned"));
    let project = world.project("forged", &yaml);
    let said = project.expect(5, &["dev", "--yes", "--progress", "plain"]);
    assert!(said.err.contains("digest"), "{}", said.err);
    // Nothing of it stays: neither the download nor anything unpacked.
    let left: Vec<_> = ["downloads", "packages"].iter().flat_map(|folder| files(&cache.path().join(folder))).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_disk_that_is_full_while_unpacking() {
    if !rustix::process::geteuid().is_root() {
        panic!("this test mounts a small file system and needs root; run ./test.sh as root, as CI does");
    }
    let small = tempfile::tempdir().unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m,mode=0755", "tmpfs"]).arg(small.path()).status();
    assert!(mounted.unwrap().success());
    let world = World::with_cache(small.path());
    let project = world.project("full", CACHE_ONLY);
    let said = project.expect(4, &["dev", "--yes", "--progress", "plain"]);
    assert!(said.err.to_lowercase().contains("space") || said.err.contains("disk"), "{}", said.err);
    assert!(said.err.contains("cache"), "{}", said.err);
    // With room, the next run goes on.
    assert!(Command::new("mount").args(["-o", "remount,size=512m"]).arg(small.path()).status().unwrap().success());
    project.dev();
    project.expect(0, &["destroy", "--yes"]);
    drop(world);
    assert!(Command::new("umount").arg(small.path()).status().unwrap().success());
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => found.push(path.to_string_lossy().into_owned()),
        }
    }
    found
}
