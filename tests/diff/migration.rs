//! What comes out of a difference.

use std::fs;

use super::support::{Project, admin, execute, said};

const TODOS: &str = "CREATE TABLE todos (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL);";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_differs_after_a_migration() {
    let project = Project::new().await;
    project.migration(1, TODOS);
    project.printed(&["migrate"]);
    let output = project.run(&["diff", "--exit-code"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{}", said(&output));
    assert!(said(&output).contains("no difference"), "{}", said(&output));
    project.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_by_hand_becomes_a_migration_that_this_database_has_and_others_get() {
    let project = Project::new().await;
    project.migration(1, TODOS);
    project.printed(&["migrate"]);
    let change = "ALTER TABLE todos ADD due date; CREATE INDEX todos_due ON todos (due)";
    project.by_hand(change).await;

    let sql = "ALTER TABLE \"todos\" ADD COLUMN \"due\" date;\n\nCREATE INDEX todos_due ON todos USING btree (due);\n";
    let output = project.run(&["diff", "--exit-code"]);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).as_ref()), (Some(1), sql));

    let file = project.printed(&["diff", "due date", "--mark-applied"]);
    assert!(file.trim_end().ends_with("_due_date.sql"), "{file}");
    assert_eq!(fs::read_to_string(project.folder().join(file.trim_end())).unwrap(), sql);
    assert!(said(&project.run(&["migrate"])).contains("nothing to apply"));
    assert!(said(&project.run(&["diff"])).contains("no difference"));

    // A colleague's database, where nobody did anything by hand.
    project.by_hand("DROP SCHEMA app CASCADE; CREATE SCHEMA app").await;
    project.printed(&["migrate"]);
    assert!(said(&project.run(&["diff"])).contains("no difference"));
    project.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_destroys_data_says_so_to_people_and_programs() {
    let project = Project::new().await;
    project.migration(1, TODOS);
    project.printed(&["migrate"]);
    project.by_hand("ALTER TABLE todos DROP title").await;
    let output = project.run(&["diff"]);
    let sql = "-- WARNING: this destroys the values of todos.title\nALTER TABLE \"todos\" DROP COLUMN \"title\";\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), sql);
    assert!(said(&output).contains("1 change destroys data"), "{}", said(&output));
    let report: serde_json::Value = serde_json::from_str(&project.printed(&["diff", "-o", "json"])).unwrap();
    let change = &report["changes"][0];
    assert_eq!(change["action"], "drop");
    assert_eq!(change["object"], serde_json::json!({"kind": "column", "name": "title", "of": "todos"}));
    assert_eq!(change["destroys"], "the values of todos.title");
    assert_eq!(report["sql"], sql);
    project.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn default_privileges_of_the_environment_are_no_difference() {
    let project = Project::new().await;
    let privileges = "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
                      ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT USAGE ON SEQUENCES TO PUBLIC";
    project.by_hand(privileges).await;
    project.migration(1, TODOS);
    project.printed(&["migrate"]);
    assert!(said(&project.run(&["diff"])).contains("no difference"));
    // What is not one of them is.
    project.by_hand("GRANT INSERT ON todos TO PUBLIC").await;
    assert_eq!(project.printed(&["diff"]), "GRANT INSERT ON TABLE \"todos\" TO PUBLIC;\n");
    project.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_migrations_are_not_undone() {
    let project = Project::new().await;
    project.migration(1, TODOS);
    let output = project.run(&["diff"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("1 migration is not applied"), "{}", said(&output));
    project.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_live_databases_are_compared() {
    let one = Project::new().await;
    let other = one.another().await;
    other.by_hand("CREATE TABLE a (id integer)").await;
    let diff = |from: &Project, to: &Project| {
        let urls = ["--from-url", &from.url, "--from-schema", "app", "--to-url", &to.url, "--to-schema", "app"];
        from.printed(&[&["diff"], urls.as_slice()].concat())
    };
    let sql = diff(&one, &other);
    assert_eq!(sql, "CREATE TABLE \"a\" (\n    \"id\" integer\n);\n");
    one.by_hand(&sql).await;
    assert_eq!(diff(&one, &other), "");
    one.drop().await;
    other.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_may_make_no_database_is_told_of_the_way_out() {
    let project = Project::new().await;
    let role = format!("{}_owner", project.name);
    let quoted = plattr_db::quote(&role);
    execute(&admin(), &format!("CREATE ROLE {quoted} LOGIN PASSWORD 'x'; GRANT {quoted} TO plattr")).await;
    let grant = format!("GRANT ALL ON DATABASE {0} TO {quoted}; GRANT ALL ON SCHEMA app TO {quoted}", project.name);
    execute(&project.url, &grant).await;
    let url = project.url.replace("plattr:localdev@", &format!("{role}:x@"));
    let lent = project.another().await;
    execute(&lent.url, &format!("DROP SCHEMA app; GRANT ALL ON DATABASE {} TO {quoted}", lent.name)).await;
    let lent_url = lent.url.replace("plattr:localdev@", &format!("{role}:x@"));
    project.migration(1, TODOS);
    let run = |args: &[&str]| project.command(args).env("PLATTR_DB_URL", &url).output().unwrap();
    assert!(run(&["migrate"]).status.success());

    let denied = run(&["diff"]);
    assert_eq!(denied.status.code(), Some(1));
    assert!(said(&denied).contains("may not make a shadow database"), "{}", said(&denied));
    assert!(said(&denied).contains("--shadow-url"), "{}", said(&denied));
    let output = run(&["diff", "--shadow-url", &lent_url]);
    assert!(output.status.success() && said(&output).contains("no difference"), "{}", said(&output));

    // One that is used is not emptied.
    execute(&lent.url, "CREATE SCHEMA app; CREATE TABLE app.precious (id integer)").await;
    let refused = project.run(&["diff", "--shadow-url", &lent.url]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("has something in the schema `app`"), "{}", said(&refused));
    execute(&lent.url, "SELECT FROM app.precious").await;
    project.drop().await;
    lent.drop().await;
    execute(&admin(), &format!("DROP ROLE {quoted}")).await;
}
