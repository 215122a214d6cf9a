//! What `plattr db lint` finds in a schema.

use plattr_db::catalog::Catalog;
use plattr_db::lint::facts::{self, ApiRole};
use plattr_db::lint::rules::{self, Subject};
use plattr_db::lint::{Choice, Finding, Place, schema};
use plattr_db::{Session, sql};

use crate::support::{execute, in_schema, on_every_server};

/// Runs statements one by one, as a file that is marked `plattr:no-transaction`. They may fail.
async fn one_by_one(session: &Session, text: &str) -> Vec<String> {
    let mut failed = Vec::new();
    for range in sql::statements(text) {
        if let Err(error) = session.client.batch_execute(&text[range.clone()]).await {
            failed.push(format!("{}: {error:?}", &text[range]));
        }
    }
    failed
}

async fn lint(session: &Session) -> Vec<Finding> {
    let roles = [("anon", true), ("authenticated", false)];
    let roles = roles.map(|(name, anonymous)| ApiRole { name: name.to_owned(), anonymous });
    let catalog = Catalog::read(&session.client, "app", &["ignored"]).await.unwrap();
    let facts = facts::read(&session.client, "app", &roles).await.unwrap();
    schema::lint(&catalog, &facts, &Choice::default())
}

/// Rule and object of each finding.
async fn found(session: &Session) -> Vec<String> {
    let name = |finding: &Finding| match &finding.place {
        Place::Object { object } => format!("{}: {} {}", finding.rule, object.kind, object.name),
        Place::File(_) => panic!("{finding:?}"),
    };
    lint(session).await.iter().map(name).collect()
}

/// An empty schema that the roles of an API may use.
async fn api(server: &plattr_db::Server) -> Session {
    let session = in_schema(server, "app").await;
    for role in ["anon", "authenticated"] {
        let make =
            format!("BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END");
        execute(&session, &format!("DO $x$ {make} $x$; GRANT USAGE ON SCHEMA app TO {role}")).await;
    }
    session
}

#[tokio::test]
async fn every_rule_finds_its_bad_example_and_nothing_in_its_good_one() {
    let of_schemas: Vec<_> = rules::all().filter(|rule| rule.subject == Subject::Schema).collect();
    assert!(of_schemas.len() > 10);
    on_every_server(async |server| {
        let session = api(server).await;
        for rule in &of_schemas {
            for (example, expected) in [(rule.bad, vec![rule.name]), (rule.good, vec![])] {
                execute(
                    &session,
                    "BEGIN; SET LOCAL client_min_messages = error; DROP SCHEMA app CASCADE; CREATE SCHEMA app;
                                   GRANT USAGE ON SCHEMA app TO anon, authenticated; COMMIT",
                )
                .await;
                let failed = one_by_one(&session, example).await;
                let meant_to_fail = rule.name == "invalid-index" && !expected.is_empty();
                assert_eq!(failed.len(), usize::from(meant_to_fail), "{failed:?}");
                let found: Vec<_> = lint(&session).await.iter().map(|finding| finding.rule).collect();
                assert_eq!(found, expected, "{example}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_way_to_reach_a_table_counts() {
    on_every_server(async |server| {
        let session = api(server).await;
        execute(
            &session,
            "CREATE TABLE columns (id int PRIMARY KEY, secret text); GRANT SELECT (id) ON columns TO anon;
             CREATE TABLE public_ (id int PRIMARY KEY); GRANT SELECT ON public_ TO PUBLIC;
             CREATE TABLE signed_in (id int PRIMARY KEY); GRANT SELECT, UPDATE ON signed_in TO authenticated;
             CREATE TABLE both_ (id int PRIMARY KEY); GRANT SELECT ON both_ TO anon; GRANT ALL ON both_ TO authenticated;
             CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
             CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
             ALTER TABLE parts ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON parts USING (id < 10);
             GRANT SELECT ON parts, parts_1 TO anon;
             CREATE TABLE nobody (id int PRIMARY KEY);
             CREATE TABLE ignored (id int PRIMARY KEY); GRANT ALL ON ignored TO anon;",
        )
        .await;
        assert_eq!(
            found(&session).await,
            [
                "anonymous-access-without-rls: table both_",
                "anonymous-access-without-rls: table columns",
                "anonymous-access-without-rls: table parts_1",
                "anonymous-access-without-rls: table public_",
                "signed-in-access-without-rls: table both_",
                "signed-in-access-without-rls: table signed_in",
            ]
        );
        execute(&session, "REVOKE USAGE ON SCHEMA app FROM anon, authenticated").await;
        assert_eq!(found(&session).await, [""; 0], "without the schema its tables cannot be reached");
    })
    .await;
}

#[tokio::test]
async fn a_comment_on_an_object_says_what_is_meant_to_be_so() {
    on_every_server(async |server| {
        let session = api(server).await;
        execute(
            &session,
            "CREATE TABLE news (id int PRIMARY KEY, at timestamp); GRANT SELECT ON news TO anon;
             CREATE INDEX again ON news (id);",
        )
        .await;
        assert_eq!(found(&session).await.len(), 3);
        execute(
            &session,
            "COMMENT ON TABLE news IS E'What is new.\nplattr:ignore anonymous-access-without-rls -- everyone may read it';
             COMMENT ON COLUMN news.at IS 'plattr:ignore timestamp-without-time-zone';
             COMMENT ON INDEX again IS 'plattr:ignore duplicate-index';",
        )
        .await;
        assert_eq!(found(&session).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn what_others_restrict_is_not_open() {
    on_every_server(async |server| {
        let session = api(server).await;
        execute(
            &session,
            "CREATE TABLE todos (id int PRIMARY KEY, owner text); ALTER TABLE todos ENABLE ROW LEVEL SECURITY;
             GRANT SELECT, INSERT, UPDATE ON todos TO authenticated;
             CREATE POLICY insert_all ON todos FOR INSERT WITH CHECK (true);
             CREATE POLICY update_all ON todos FOR UPDATE USING (true) WITH CHECK (owner = 'me');
             CREATE POLICY delete_all ON todos FOR DELETE USING (true);
             CREATE TABLE limited (id int PRIMARY KEY); ALTER TABLE limited ENABLE ROW LEVEL SECURITY;
             GRANT INSERT ON limited TO authenticated;
             CREATE POLICY insert_all ON limited FOR INSERT WITH CHECK (true);
             CREATE POLICY positive ON limited AS RESTRICTIVE FOR ALL USING (id > 0);",
        )
        .await;
        assert_eq!(found(&session).await, ["policy-always-true: policy todos.insert_all"]);
    })
    .await;
}

#[tokio::test]
async fn a_view_over_a_view_is_looked_through() {
    on_every_server(async |server| {
        let session = api(server).await;
        execute(
            &session,
            "CREATE TABLE todos (id int PRIMARY KEY, title text); ALTER TABLE todos ENABLE ROW LEVEL SECURITY;
             CREATE POLICY few ON todos USING (id < 10);
             CREATE TABLE free (id int PRIMARY KEY);
             CREATE VIEW inner_ AS SELECT count(*) AS n FROM todos;
             CREATE VIEW outer_ AS SELECT n FROM inner_;
             CREATE VIEW of_free AS SELECT * FROM free;
             GRANT SELECT ON outer_, of_free TO anon;",
        )
        .await;
        assert_eq!(found(&session).await, ["view-bypasses-rls: view outer_"]);
    })
    .await;
}
