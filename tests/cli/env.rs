use std::process::Command;

use crate::support::CACHE_ONLY;
use crate::{that_ran, world};

#[test]
fn a_project_that_never_ran_has_no_variables_yet() {
    let world = world();
    let project = world.project("fresh", CACHE_ONLY);
    assert!(project.expect(1, &["env"]).err.contains("plattr dev"));
    project.expect(1, &["run", "--", "true"]);
}

#[test]
fn variables_are_printed_in_every_format() {
    let world = world();
    let project = that_ran(&world, "formats");
    let env = project.expect(0, &["env"]).out;
    assert!(env.contains("REDIS_PREFIX='formats:'\n"), "{env}");
    assert!(project.expect(0, &["env", "-o", "direnv"]).out.contains("export REDIS_PREFIX='formats:'\n"));
    assert!(project.expect(0, &["env", "-o", "docker"]).out.contains("REDIS_PREFIX=formats:\n"));
    assert!(project.expect(0, &["env", "-o", "yaml"]).out.contains("REDIS_PREFIX: "));
    let json = project.expect(0, &["env", "-o", "json"]).json();
    assert_eq!(json["REDIS_PREFIX"], "formats:");
    assert!(json["REDIS_URL"].as_str().unwrap().contains("127.0.0.1:6390"));
}

#[test]
fn a_shell_reads_them() {
    let world = world();
    let project = that_ran(&world, "shell");
    let mut shell = Command::new("sh");
    project.isolate(&mut shell);
    let script = "eval \"$(\"$1\" env)\" && printf %s \"$REDIS_PREFIX\"";
    let output = shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_plattr")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "shell:");
}

#[test]
fn variables_can_have_other_names() {
    let world = world();
    let project = that_ran(&world, "renamed");
    let json = project.expect(0, &["env", "-o", "json", "--override-name", "REDIS_URL=CACHE_URL"]).json();
    assert!(json.get("REDIS_URL").is_none() && json["CACHE_URL"].is_string());
    let said = project.expect(2, &["env", "--override-name", "NO_SUCH=X"]);
    assert!(said.err.contains("NO_SUCH"), "{}", said.err);
    project.expect(2, &["env", "--override-name", "REDIS_URL=REDIS_PREFIX"]);
}

#[test]
fn a_service_that_is_new_has_no_port_yet() {
    let world = world();
    let project = that_ran(&world, "newer");
    let yaml = format!("{}search:\n  enabled: true\n", CACHE_ONLY.replace("NAME", "newer"));
    std::fs::write(project.folder.join("plattr.yaml"), yaml).unwrap();
    let said = project.expect(1, &["env"]);
    assert!(said.err.contains("OpenSearch is new") && said.err.contains("plattr dev"), "{}", said.err);
    project.expect(1, &["run", "--", "true"]);
}
