use crate::world;

#[test]
fn what_is_left_out_is_not_ill() {
    let world = world();
    let yaml = "version: 1\nname: NAME\ncache:\n  enabled: true\nlocal:\n  without: [redis]\n";
    let project = world.project("without", yaml);
    let said = project.expect(0, &["status", "--exit-code", "-o", "json"]);
    assert_eq!(said.json()["services"][0]["state"], "leftOut");
    let said = project.expect(0, &["status"]);
    assert!(said.out.contains("left out") && said.out.contains("0 of 0 healthy"), "{}", said.out);
}
