//! Ports that others have.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::Stdio;

use crate::support::{CACHE_ONLY, EVERYTHING, World};

#[test]
fn every_default_port_taken_by_a_stranger() {
    let world = World::new();
    let project = world.project("crowd", EVERYTHING);
    let strangers: Vec<TcpListener> = [5432, 3001, 9000, 9001, 8080, 6379, 9200]
        .into_iter()
        .filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok())
        .collect();
    assert!(!strangers.is_empty());

    // Without a person and without --yes: an error that names each port, who has it, and the way out.
    let refused = project.expect(4, &["dev"]);
    for stranger in &strangers {
        let port = stranger.local_addr().unwrap().port();
        assert!(refused.err.contains(&port.to_string()), "{port}: {}", refused.err);
    }
    assert!(refused.err.contains("--yes") && refused.err.contains("local.ports"), "{}", refused.err);
    let pid = std::process::id();
    assert!(refused.err.contains(&format!("process {pid}")), "it was to name us: {}", refused.err);
    assert!(project.pids().is_empty(), "nothing was to be started");

    // With --yes: other ports, said, remembered and written everywhere.
    let said = project.expect(0, &["dev", "--yes", "--progress", "plain"]);
    assert!(said.err.contains("will be used from now on"), "{}", said.err);
    let variables = project.variables();
    assert!(!variables["DATABASE_URL"].contains(":5432/"));
    assert_eq!(variables["PGPORT"], variables["DATABASE_URL"].rsplit(':').next().unwrap().split('/').next().unwrap());
    drop(strangers);
    project.dev();
    assert_eq!(project.variables(), variables, "a port that was chosen stays");
    assert_eq!(project.failed_checks(), Vec::<String>::new());
}

#[test]
fn a_port_of_another_plattr_project_is_named_as_such() {
    let world = World::new();
    let (first, second) = (world.project("first", CACHE_ONLY), world.project("second", CACHE_ONLY));
    first.dev();
    let port = first.variables()["REDIS_URL"].rsplit(':').next().unwrap().to_owned();
    let yaml = format!("{CACHE_ONLY}local:\n  ports:\n    redis: {port}\n").replace("NAME", "second");
    std::fs::write(second.folder.join("plattr.yaml"), yaml).unwrap();
    let refused = second.expect(4, &["dev"]);
    assert!(refused.err.contains("plattr stack `first`"), "{}", refused.err);
}

#[test]
fn a_remembered_port_that_a_stranger_took_meanwhile() {
    let world = World::new();
    let project = world.project("moved", CACHE_ONLY);
    project.dev();
    let port: u16 = project.variables()["REDIS_URL"].rsplit(':').next().unwrap().parse().unwrap();
    project.expect(0, &["stop", "--yes"]);
    let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    project.expect(4, &["dev"]);
    project.dev();
    assert!(!project.variables()["REDIS_URL"].ends_with(&format!(":{port}")));
    assert_eq!(project.failed_checks(), Vec::<String>::new());
}

#[test]
fn a_port_that_a_stranger_took_while_the_stack_was_starting() {
    let world = World::new();
    let project = world.project("late", "version: 1\nname: NAME\ndatabase:\n  enabled: true\n");
    project.dev();
    let port: u16 = project.variables()["POSTGREST_URL"].rsplit(':').next().unwrap().parse().unwrap();
    project.expect(0, &["stop", "--yes"]);

    // The ports are looked at before anything starts, and PostgREST waits for PostgreSQL.
    let mut dev = project.plattr(&["dev", "--progress", "plain"]);
    let mut dev = dev.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(dev.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("postgres: starting") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "PostgreSQL was not started");
    }
    let stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!(dev.wait().unwrap().code(), Some(4), "{rest}");
    assert!(rest.contains(&format!("port {port}, which was chosen for PostgREST, was taken by")), "{rest}");
    assert!(rest.contains(&format!("process {}", std::process::id())), "{rest}");

    project.dev();
    assert!(!project.variables()["POSTGREST_URL"].ends_with(&format!(":{port}")));
    assert_eq!(project.failed_checks(), Vec::<String>::new());
    drop(stranger);
}
