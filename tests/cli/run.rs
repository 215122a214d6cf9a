use crate::{that_ran, world};

#[test]
fn the_program_has_the_variables_and_its_exit_code_is_kept() {
    let world = world();
    let project = that_ran(&world, "run");
    let said = project.expect(7, &["run", "--", "sh", "-c", "printf %s \"$REDIS_PREFIX\"; exit 7"]);
    assert_eq!(said.out, "run:");
    assert_eq!(said.err, "");
    assert_eq!(project.expect(0, &["run", "printf", "%s", "-o"]).out, "-o");
}

#[test]
fn a_program_that_is_not_there_is_said() {
    let world = world();
    let project = that_ran(&world, "run");
    let said = project.expect(1, &["run", "--", "no-such-program"]);
    assert!(said.err.contains("there is no program `no-such-program`") && said.err.contains("hint: "), "{}", said.err);
}

#[test]
fn signals_reach_the_program() {
    use std::os::unix::process::ExitStatusExt;
    let world = world();
    let project = that_ran(&world, "run");
    let mut child = project.plattr(&["run", "--", "sleep", "60"]).spawn().unwrap();
    let name = || std::fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap_or_default();
    crate::support::eventually("plattr has become sleep", || name().trim() == "sleep");
    crate::support::signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().signal(), Some(15));
}
