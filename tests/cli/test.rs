use serde_json::json;

use crate::support::{CACHE_ONLY, Project, World};
use crate::world;

fn project<'w>(world: &'w World, files: &[(&str, &str)]) -> Project<'w> {
    let project = world.project("test", CACHE_ONLY);
    for (name, text) in files {
        std::fs::write(project.folder.join(name), text).unwrap();
    }
    project
}

#[test]
fn a_dry_run_says_what_would_run_and_why() {
    let world = world();
    let project = project(&world, &[("package.json", r#"{"scripts": {"test": "vitest"}}"#), ("pnpm-lock.yaml", "")]);
    let said = project.expect(0, &["test", "--dry-run", "--", "-t", "a b"]);
    assert_eq!(said.out, "pnpm run test --run -t 'a b'\n");
    assert!(said.err.contains("vitest") && said.err.contains("pnpm-lock.yaml"), "{}", said.err);
    let args = ["test", "--dry-run", "--ci", "--shards", "2", "--junit", "out/report.xml", "-o", "json"];
    let report = project.expect(0, &args).json();
    assert_eq!((&report["runner"], &report["isolated"]), (&json!("vitest"), &json!(true)));
    assert_eq!(report["junit"], json!(project.folder.canonicalize().unwrap().join("out/report.xml")));
    assert!(report["commands"][1].to_string().contains("--shard=2/2"), "{report}");
    assert!(!project.folder.join(".plattr").exists());
}

#[test]
fn every_runner_is_listed_with_what_it_can() {
    let world = world();
    let project = project(&world, &[("go.mod", "module x"), ("pom.xml", "")]);
    let said = project.expect(0, &["test", "--list-runners"]);
    assert!(said.out.contains("go.mod") && said.out.contains("pom.xml"), "{}", said.out);
    let list = project.expect(0, &["test", "--list-runners", "-o", "json"]).json();
    let go = list.as_array().unwrap().iter().find(|one| one["runner"] == "go").unwrap();
    assert_eq!((&go["foundBy"], &go["shards"]), (&json!("go.mod"), &json!("by package")));
    // The first is taken, unless another one is named.
    let first = project.expect(0, &["test", "--dry-run"]);
    assert!(first.out.starts_with("go test") && first.err.contains("--runner"), "{}{}", first.out, first.err);
    let second = project.expect(0, &["test", "--dry-run", "--runner", "maven"]);
    assert_eq!(second.out, "mvn --batch-mode test\n");
}

#[test]
fn what_cannot_be_is_said_before_anything_is_started() {
    let world = world();
    let project = project(&world, &[]);
    let nothing = project.expect(3, &["test"]);
    assert!(nothing.err.contains("local: {test: {command: [make, check]}}"), "{}", nothing.err);
    std::fs::write(project.folder.join("pom.xml"), "").unwrap();
    let shards = project.expect(3, &["test", "--ci", "--shards", "2"]);
    assert!(shards.err.contains("maven cannot run a part") && shards.err.contains("vitest"), "{}", shards.err);
    let other = project.expect(3, &["test", "--runner", "jest"]);
    assert!(other.err.contains("--list-runners"), "{}", other.err);
    for args in
        [&["test", "--shards", "2"][..], &["test", "--ci", "--shards", "9"], &["test", "--list-runners", "--ci"]]
    {
        project.expect(2, args);
    }
    let stopped = project.expect(4, &["test"]);
    assert!(stopped.err.contains("Redis") && stopped.err.contains("plattr dev"), "{}", stopped.err);
}
