//! Several projects on one machine, and several applications in one stack.

use crate::support::{CACHE_ONLY, Project, World, eventually};

#[test]
fn two_projects_started_at_once_do_not_meet() {
    let world = World::new();
    let (one, two) = (world.project("one", CACHE_ONLY), world.project("two", CACHE_ONLY));
    let start = |project: &Project<'_>| project.plattr(&["dev", "--yes", "--progress", "plain"]).spawn().unwrap();
    let (mut first, mut second) = (start(&one), start(&two));
    assert!(first.wait().unwrap().success());
    assert!(second.wait().unwrap().success());
    let (a, b) = (one.variables(), two.variables());
    assert_ne!(a["REDIS_URL"].rsplit(':').next(), b["REDIS_URL"].rsplit(':').next(), "two ports");
    assert_eq!(one.failed_checks(), Vec::<String>::new());
    assert_eq!(two.failed_checks(), Vec::<String>::new());

    let stacks = one.expect(0, &["ps", "-o", "json"]).json();
    assert_eq!(stacks["stacks"].as_array().unwrap().len(), 2);

    // Stopping one leaves the other.
    let other = two.running()["redis"].clone();
    one.expect(0, &["stop", "--yes"]);
    assert!(two.still_runs("redis", &other));
}

#[test]
fn two_runs_in_one_project_take_turns() {
    let world = World::new();
    let project = world.project("turns", CACHE_ONLY);
    crate::support::shared_cache();
    let start = || {
        let mut command = project.plattr(&["dev", "--yes", "--progress", "plain"]);
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let runs = [start(), start(), start()].map(|child| child.wait_with_output().unwrap());
    for run in &runs {
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
    assert_eq!(project.running().len(), 1);
    let waited =
        runs.iter().filter(|run| String::from_utf8_lossy(&run.stderr).contains("waiting for another plattr")).count();
    assert!(waited >= 1, "at least one run was to say that it waits");
}

#[test]
fn projects_that_name_one_stack_share_its_services() {
    let world = World::new();
    let yaml = format!("{CACHE_ONLY}local:\n  stack: together\n");
    let (one, two) = (world.project("left", &yaml), world.project("right", &yaml));
    one.dev();
    two.dev();
    assert_eq!(one.running(), two.running());
    // Each has its own prefix, and verify proves that it cannot leave it.
    assert_eq!(one.variables()["REDIS_PREFIX"], "left:");
    assert_eq!(two.variables()["REDIS_PREFIX"], "right:");
    assert_eq!(two.failed_checks(), Vec::<String>::new());
    // Destroying says who else is in it, and takes everything.
    let refused = one.expect(2, &["destroy"]);
    assert!(refused.err.contains("right"), "{}", refused.err);
    let address = one.variables()["REDIS_URL"].rsplit_once('@').unwrap().1.to_owned();
    one.expect(0, &["destroy", "--yes"]);
    eventually("the shared service is gone", || std::net::TcpStream::connect(&address).is_err());
}

#[test]
fn a_workspace_runs_its_applications_in_one_stack() {
    let world = World::new();
    let database = "version: 1\nname: NAME\ndatabase:\n  enabled: true\n";
    let (shop, admin) = (world.project("shop", database), world.project("back-office", database));
    std::fs::write(
        world.path().join("plattr.workspace.yaml"),
        "version: 1\nstack: office\napps: [shop, back-office]\n",
    )
    .unwrap();
    let report = shop.dev();
    let names: Vec<&str> = report["services"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["postgres", "postgrest-back-office", "postgrest-shop"]);
    assert_eq!(admin.variables()["DATABASE_SCHEMA"], "back_office");
    assert_eq!(shop.variables()["DATABASE_SCHEMA"], "shop");
    assert_ne!(shop.variables()["POSTGREST_URL"], admin.variables()["POSTGREST_URL"]);
    assert_eq!(admin.failed_checks(), Vec::<String>::new());
}
