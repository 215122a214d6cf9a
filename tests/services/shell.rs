//! `plattr db shell` on the project's own database.

use crate::support::World;

const WITH_TABLES: &str = "\
version: 1
name: NAME
database:
  enabled: true
  api:
    authenticated: read
";

#[test]
fn policies_are_seen_as_each_of_the_applications_roles_sees_them() {
    let world = World::new();
    let project = world.project("seen", WITH_TABLES);
    project.dev();
    let make = "create table notes (owner text, text text);
        alter table notes enable row level security;
        create policy own on notes using (owner = current_setting('request.jwt.claims')::json ->> 'sub');
        insert into notes values ('7', 'mine'), ('8', 'theirs')";
    project.expect(0, &["db", "shell", "-c", make]);
    let shell = |code: i32, args: &[&str], sql: &str| {
        project.expect(code, &[&["db", "shell", "-o", "csv", "-c", sql], args].concat())
    };
    let who = |args: &[&str]| shell(0, args, "select current_user as who, current_schema as schema").out;
    assert_eq!(who(&[]), "who,schema\nseen_migrator,seen\n");
    assert_eq!(who(&["--as", "app"]), "who,schema\nseen_app,seen\n");
    assert_eq!(who(&["--as", "authenticator"]), "who,schema\nseen_authenticator,\n");
    assert_eq!(who(&["--as", "anon"]), "who,schema\nseen_anon,seen\n");

    let notes = "select text from notes";
    assert_eq!(shell(0, &[], notes).out, "text\nmine\ntheirs\n");
    let signed_in = ["--as", "authenticated", "--claims", r#"{"sub": "7"}"#];
    assert_eq!(shell(0, &signed_in, notes).out, "text\nmine\n");
    assert_eq!(shell(0, &["--as", "authenticated"], notes).out, "text\n");
    let refused = shell(1, &["--as", "anon"], notes).err;
    assert!(refused.contains("permission denied for table notes"), "{refused}");

    // psql gets the same session.
    let args =
        ["db", "shell", "--as", "authenticated", "--claims", r#"{"sub": "8"}"#, "--", "-X", "-A", "-t", "-c", notes];
    assert_eq!(project.expect(0, &args).out, "theirs\n");
}
