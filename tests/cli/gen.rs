use crate::support::CACHE_ONLY;
use crate::world;

#[test]
fn it_has_to_be_said_what_types_are_for() {
    let world = world();
    let project = world.project("untyped", CACHE_ONLY);
    assert!(project.expect(2, &["gen", "types"]).err.contains("local.types"));
    assert!(project.expect(2, &["gen", "types", "--lang", "go", "--check"]).err.contains("--file"));
    assert!(project.expect(2, &["gen", "types", "--lang", "cobol"]).err.contains("typescript"));
    assert!(project.expect(2, &["gen", "types", "--file", "a.go"]).err.contains("--lang"));
    assert!(project.expect(3, &["gen", "types", "--lang", "go"]).err.contains("has no database"));
}
