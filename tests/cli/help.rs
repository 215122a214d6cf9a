use crate::support::CACHE_ONLY;
use crate::world;

const COMMANDS: [&[&str]; 34] = [
    &[],
    &["init"],
    &["dev"],
    &["stop"],
    &["destroy"],
    &["status"],
    &["verify"],
    &["env"],
    &["run"],
    &["test"],
    &["db", "reset"],
    &["logs"],
    &["forward"],
    &["ps"],
    &["snapshot"],
    &["snapshot", "save"],
    &["snapshot", "restore"],
    &["snapshot", "list"],
    &["snapshot", "delete"],
    &["config"],
    &["config", "validate"],
    &["config", "schema"],
    &["config", "show"],
    &["doctor"],
    &["cache"],
    &["cache", "ls"],
    &["cache", "prune"],
    &["kubeconfig"],
    &["bundle"],
    &["bundle", "create"],
    &["bundle", "load"],
    &["bundle", "show"],
    &["completions"],
    &["man"],
];

#[test]
fn every_command_has_help_with_examples_on_stdout() {
    let world = world();
    let project = world.project("help", CACHE_ONLY);
    for command in COMMANDS {
        let said = project.expect(0, &[command, &["--help"]].concat());
        assert!(said.out.contains("Examples:") && said.out.contains("Usage: plattr"), "{command:?}: {}", said.out);
        assert_eq!(said.err, "");
    }
}

#[test]
fn help_needs_no_project_and_no_valid_one() {
    let world = world();
    let project = world.project("help", "this is: [no");
    project.expect(0, &["dev", "-h"]);
    std::fs::remove_file(project.folder.join("plattr.yaml")).unwrap();
    assert!(project.expect(0, &["--version"]).out.starts_with("plattr "));
}

#[test]
fn help_has_no_colours_unless_asked_for() {
    let world = world();
    let project = world.project("help", CACHE_ONLY);
    assert!(!project.expect(0, &["--help"]).out.contains('\u{1b}'));
    assert!(project.expect(0, &["--help", "--color", "always"]).out.contains('\u{1b}'));
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let world = world();
    let project = world.project("help", CACHE_ONLY);
    for (shell, sign) in [("bash", "complete -F"), ("zsh", "#compdef plattr"), ("fish", "complete -c plattr")] {
        assert!(project.expect(0, &["completions", shell]).out.contains(sign), "{shell}");
    }
    assert!(project.expect(0, &["man"]).out.contains(".TH plattr 1"));
    project.expect(0, &["man", "--dir", "pages"]);
    assert!(project.folder.join("pages/plattr-cache-prune.1").is_file());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let world = world();
    let project = world.project("help", CACHE_ONLY);
    let mut child = project.plattr(&["completions", "bash"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
