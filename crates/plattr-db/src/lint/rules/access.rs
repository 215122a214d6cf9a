//! Rules for who may see and change what is in a schema.

use super::Severity::{Error, Info, Warning};
use super::Subject::Schema;
use super::{Rule, on};

/// The rules.
pub(super) const RULES: &[Rule] = &[
    on(
        "anonymous-access-without-rls",
        Error,
        Schema,
        [
            "Everyone who can reach the API may read or change every row, without signing in.",
            "`ALTER TABLE … ENABLE ROW LEVEL SECURITY` and write policies; or take the grant away. If everyone is meant to, \
         `COMMENT ON TABLE … IS 'plattr:ignore anonymous-access-without-rls'`.",
            "CREATE TABLE todos (id int PRIMARY KEY);\nGRANT SELECT ON todos TO anon;",
            "CREATE TABLE todos (id int PRIMARY KEY, public bool);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY published ON todos FOR SELECT USING (public);\nGRANT SELECT ON todos TO anon;",
        ],
    ),
    on(
        "signed-in-access-without-rls",
        Warning,
        Schema,
        [
            "Everyone who is signed in may read or change every row, also those of others.",
            "`ALTER TABLE … ENABLE ROW LEVEL SECURITY` and write policies; or take the grant away. If everyone is meant to, \
         `COMMENT ON TABLE … IS 'plattr:ignore signed-in-access-without-rls'`.",
            "CREATE TABLE todos (id int PRIMARY KEY);\nGRANT SELECT, DELETE ON todos TO authenticated;",
            "CREATE TABLE todos (id int PRIMARY KEY, owner text);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY own ON todos USING (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');\n\
         GRANT SELECT, DELETE ON todos TO authenticated;",
        ],
    ),
    on(
        "policy-without-rls",
        Error,
        Schema,
        [
            "The table has policies, but row-level security is off, so they do nothing.",
            "`ALTER TABLE … ENABLE ROW LEVEL SECURITY`.",
            "CREATE TABLE todos (id int PRIMARY KEY, owner text);\nCREATE POLICY own ON todos USING (owner = current_user);",
            "CREATE TABLE todos (id int PRIMARY KEY, owner text);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY own ON todos USING (owner = current_user);",
        ],
    ),
    on(
        "policy-always-true",
        Warning,
        Schema,
        [
            "The policy lets everyone that it is for write every row, as if there was no row-level security.",
            "Say in `USING` and `WITH CHECK` which rows: `owner = current_setting('request.jwt.claims', true)::json ->> 'sub'`.",
            "CREATE TABLE todos (id int PRIMARY KEY);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY everyone ON todos FOR ALL USING (true);\nGRANT UPDATE ON todos TO authenticated;",
            "CREATE TABLE todos (id int PRIMARY KEY, owner text);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY everyone ON todos FOR SELECT USING (true);\n\
         CREATE POLICY own ON todos FOR UPDATE USING (owner = current_user);\nGRANT SELECT, UPDATE ON todos TO authenticated;",
        ],
    ),
    on(
        "rls-without-policy",
        Info,
        Schema,
        [
            "Row-level security is on and there is no policy: only the owner of the table sees rows.",
            "Write a policy, if others are meant to see some.",
            "CREATE TABLE todos (id int PRIMARY KEY);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;",
            "CREATE TABLE todos (id int PRIMARY KEY, public bool);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY published ON todos FOR SELECT USING (public);",
        ],
    ),
    on(
        "view-bypasses-rls",
        Warning,
        Schema,
        [
            "The view reads with the rights of its owner, so it shows rows that policies of its tables would hide.",
            "Make the view `WITH (security_invoker = true)`.",
            "CREATE TABLE todos (id int PRIMARY KEY, public bool);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY published ON todos FOR SELECT USING (public);\n\
         CREATE VIEW all_todos AS SELECT * FROM todos;\nGRANT SELECT ON all_todos TO anon;",
            "CREATE TABLE todos (id int PRIMARY KEY, public bool);\nALTER TABLE todos ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY published ON todos FOR SELECT USING (public);\n\
         CREATE VIEW all_todos WITH (security_invoker = true) AS SELECT * FROM todos;\n\
         GRANT SELECT ON all_todos, todos TO anon;",
        ],
    ),
    on(
        "security-definer-without-search-path",
        Warning,
        Schema,
        [
            "The function runs with the rights of its owner and finds tables by the search path of its caller, who can put \
         others in their place.",
            "`ALTER FUNCTION … SET search_path = ''` with names that have their schema, or `SET search_path = SCHEMA, pg_temp`.",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';",
        ],
    ),
];
