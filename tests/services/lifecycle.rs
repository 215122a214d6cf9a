//! From nothing to six verified services, and back.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::{CACHE_ONLY, EVERYTHING, World, alive, docker, engine};

#[test]
fn a_project_lives_through_dev_stop_dev_and_destroy() {
    let world = World::new();
    let project = world.project("life", EVERYTHING);

    // A dry run starts nothing.
    let plan = project.expect(0, &["dev", "--dry-run", "-o", "json"]).json();
    assert!(plan["actions"].as_array().unwrap().iter().all(|action| action["kind"] == "start"));
    assert!(!project.folder.join(".plattr/stack.json").exists());

    // The first run gives six services, every check passed.
    let report = project.dev();
    assert_eq!(report["services"].as_array().unwrap().len(), 6);
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 20, "{checks:?}");
    assert!(checks.iter().all(|check| check["passed"] == true), "{checks:?}");

    // The variables are there, for the owner only.
    let file = project.folder.join(".plattr/life.env");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let variables = project.variables();
    for name in [
        "DATABASE_URL",
        "MIGRATION_DATABASE_URL",
        "POSTGREST_URL",
        "S3_BUCKET_UPLOADS",
        "AUTH_ISSUER_URL",
        "REDIS_URL",
        "OPENSEARCH_URL",
    ] {
        assert!(variables.contains_key(name), "{name}");
    }
    // A program gets them.
    let said = project.expect(0, &["run", "--", "sh", "-c", "printf %s \"$DATABASE_URL\""]);
    assert_eq!(said.out, variables["DATABASE_URL"]);
    // A shell too.
    let mut shell = std::process::Command::new("sh");
    project.isolate(&mut shell);
    let sourced = shell.args(["-c", ". .plattr/life.env && printf %s \"$DATABASE_URL\""]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&sourced.stdout), variables["DATABASE_URL"]);

    // Everything listens on loopback only.
    let running = project.running();
    assert_eq!(running.len(), 6);
    if engine() == "native" {
        for address in listening(&project.pids().values().copied().collect::<Vec<_>>()) {
            assert!(
                address == "0100007F" || address.ends_with("01000000") || address == "0000000000000000FFFF00000100007F",
                "{address}"
            );
        }
    } else {
        let published = docker(&["port", &project.node()]).unwrap();
        assert!(published.lines().count() > 6, "{published}");
        assert!(published.lines().all(|line| line.contains("-> 127.0.0.1:")), "{published}");
    }

    // A second run does nothing: the same processes, no change, no check repeated.
    let again = project.dev();
    assert!(again["services"].as_array().unwrap().iter().all(|service| service["action"] == "keep"));
    assert!(again["changes"].as_array().unwrap().is_empty());
    assert_eq!(project.running(), running);
    let plan = project.expect(0, &["dev", "--dry-run", "-o", "json"]).json();
    assert!(plan["actions"].as_array().unwrap().iter().all(|action| action["kind"] == "keep"));
    assert!(plan["changes"].as_array().unwrap().is_empty());

    // `ps` sees it from anywhere.
    let stacks = project.expect(0, &["ps", "-o", "json"]).json();
    assert_eq!(stacks["stacks"][0]["name"], "life");

    // `logs` has something to say of each.
    let logs = project.expect(0, &["logs", "--tail", "3"]);
    assert!(logs.out.contains("postgres"), "{}", logs.out);

    // Data survives `stop`, twice said.
    write_key(&project, "kept");
    project.expect(0, &["stop", "--yes"]);
    assert!(running.iter().all(|(id, what)| !project.still_runs(id, what)));
    project.expect(0, &["stop", "--yes"]);
    let report = project.dev();
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));
    assert!(
        report["changes"].as_array().unwrap().is_empty(),
        "nothing was to be provisioned again: {}",
        report["changes"]
    );
    assert_eq!(read_key(&project), "kept");

    // `destroy` wants a yes, and then leaves nothing.
    let refused = project.expect(2, &["destroy"]);
    assert!(refused.err.contains("--yes"), "{}", refused.err);
    let (pids, node) = (project.pids(), (engine() == "kind").then(|| project.node()));
    project.expect(0, &["destroy", "--yes"]);
    assert!(pids.values().all(|pid| !alive(*pid)));
    if let Some(node) = node {
        assert_eq!(docker(&["inspect", &node]), None);
    }
    assert!(!project.folder.join(".plattr/data").exists());
    assert!(project.expect(0, &["ps", "-o", "json"]).json()["stacks"].as_array().unwrap().is_empty());
}

#[test]
fn a_service_that_nobody_asks_for_any_more_is_stopped() {
    let world = World::new();
    let project = world.project("less", &format!("{CACHE_ONLY}database:\n  enabled: true\n"));
    project.dev();
    let before = project.running();
    std::fs::write(project.folder.join("plattr.yaml"), CACHE_ONLY.replace("NAME", "less")).unwrap();
    project.dev();
    assert_eq!(project.running().keys().collect::<Vec<_>>(), ["redis"]);
    // The cluster publishes fewer ports now, so it is another one.
    assert!(engine() != "native" || project.still_runs("redis", &before["redis"]));
}

#[test]
fn only_and_without_leave_the_others_alone() {
    let world = World::new();
    let project = world.project("part", EVERYTHING);
    project.expect(0, &["dev", "--yes", "--only", "redis"]);
    assert_eq!(project.running().keys().collect::<Vec<_>>(), ["redis"]);
    // Nobody can sign in then, which is no fault of PostgREST's.
    project.expect(0, &["dev", "--yes", "--without", "keycloak,opensearch,minio"]);
    assert_eq!(project.running().keys().collect::<Vec<_>>(), ["postgres", "postgrest-part", "redis"]);
}

#[test]
fn the_command_after_dev_has_the_variables_and_its_own_exit_code() {
    let world = World::new();
    let project = world.project("after", CACHE_ONLY);
    let said = project.expect(7, &["dev", "--yes", "--", "sh", "-c", "printf %s \"$REDIS_PREFIX\"; exit 7"]);
    assert!(said.out.ends_with("after:"), "{}", said.out);
}

/// Writes a key as the application, through redis-server's own protocol.
pub fn write_key(project: &crate::support::Project<'_>, value: &str) {
    assert!(redis(project, &format!("SET {}:key {value}", project.name)).starts_with("+OK"));
}

/// Reads the key of [`write_key`].
pub fn read_key(project: &crate::support::Project<'_>) -> String {
    redis(project, &format!("GET {}:key", project.name)).lines().nth(1).unwrap_or_default().to_owned()
}

fn redis(project: &crate::support::Project<'_>, command: &str) -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let url = project.variables()["REDIS_URL"].clone();
    let (login, address) = url.trim_start_matches("redis://").split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    write!(stream, "AUTH {user} {password}\r\n{command}\r\n").unwrap();
    let mut line = || {
        let mut text = String::new();
        lines.read_line(&mut text).unwrap();
        text
    };
    assert_eq!(line().trim(), "+OK");
    let first = line();
    if first.starts_with('$') { format!("{first}{}", line()) } else { first }
}

/// The addresses, as the kernel writes them, on which processes listen.
fn listening(pids: &[u32]) -> Vec<String> {
    let mut inodes = Vec::new();
    for pid in pids {
        for fd in std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten() {
            if let Ok(target) = std::fs::read_link(fd.path())
                && let Some(inode) = target.to_string_lossy().strip_prefix("socket:[").and_then(|t| t.strip_suffix(']'))
            {
                inodes.push(inode.to_owned());
            }
        }
    }
    let mut addresses = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in std::fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            if fields[3] == "0A" && inodes.iter().any(|inode| inode == fields[9]) {
                addresses.push(fields[1].rsplit_once(':').unwrap().0.to_owned());
            }
        }
    }
    assert!(!addresses.is_empty());
    addresses
}
