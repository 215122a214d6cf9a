//! Everything in a schema goes; the schema, extensions and what is elsewhere stay.

use plattr_db::emptying::{Contents, contents, emptying};

use crate::support::{execute, in_schema, on_every_server};

const SCHEMA: &str = "od.d \"sch";

/// Things that need each other in every direction, in the order in which they can be made.
const THINGS: &str = r#"
    CREATE EXTENSION citext WITH SCHEMA "od.d ""sch";
    CREATE TYPE "mo od" AS ENUM ('sad');
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE TYPE pair AS (a positive, b "mo od");
    CREATE DOMAIN "pa ir" AS pair;
    CREATE TYPE span AS RANGE (subtype = float8);
    CREATE FUNCTION "f(x)"(pair, citext) RETURNS positive LANGUAGE sql IMMUTABLE AS 'SELECT 1::positive';
    CREATE FUNCTION add_up(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
    CREATE AGGREGATE total(int) (SFUNC = add_up, STYPE = int);
    CREATE PROCEDURE "do it"() LANGUAGE sql AS 'SELECT 1';
    CREATE OPERATOR @@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = add_up);
    CREATE COLLATION "co l" (provider = libc, locale = 'C');
    CREATE TEXT SEARCH CONFIGURATION "wo rds" (COPY = simple);
    CREATE TEXT SEARCH DICTIONARY "di ct" (TEMPLATE = simple);
    CREATE SEQUENCE alone;
    CREATE TABLE "pa rent" (id bigserial PRIMARY KEY, n int DEFAULT nextval('alone'), m "mo od", p pair, s span, c citext,
                            t text COLLATE "co l", g int GENERATED ALWAYS AS ("f(x)"(NULL, 'x')) STORED);
    CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES "pa rent");
    ALTER TABLE "pa rent" ADD COLUMN favourite int REFERENCES child;
    CREATE TABLE parts (day date) PARTITION BY RANGE (day);
    CREATE TABLE part PARTITION OF parts DEFAULT;
    CREATE TABLE heir () INHERITS (child);
    CREATE VIEW v AS SELECT total(n), max(c) AS c FROM (SELECT n, c FROM "pa rent") q;
    CREATE MATERIALIZED VIEW mv AS SELECT * FROM "pa rent" WITH NO DATA;
    CREATE FUNCTION rows() RETURNS SETOF "pa rent" LANGUAGE sql AS 'SELECT * FROM "pa rent"';
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER touched BEFORE UPDATE ON "pa rent" FOR EACH ROW EXECUTE FUNCTION touch();
    CREATE POLICY "po l" ON "pa rent" USING (id > 0);
    CREATE STATISTICS "st at" ON n, t FROM "pa rent";
    COMMENT ON SCHEMA "od.d ""sch" IS 'plattr: me';
"#;

#[tokio::test]
async fn a_schema_of_everything_is_emptied_and_can_be_filled_again() {
    on_every_server(async |server| {
        let session = in_schema(server, SCHEMA).await;
        execute(&session, "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.stays (id int)").await;
        assert!(contents(&session.client, SCHEMA).await.unwrap().is_empty());
        for _ in 0..2 {
            execute(&session, THINGS).await;
            assert_eq!(contents(&session.client, SCHEMA).await.unwrap().tables, 5);
            execute(&session, &emptying(SCHEMA)).await;
            assert_eq!(contents(&session.client, SCHEMA).await.unwrap(), Contents::default());
            let sql = "SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'citext'),
                              obj_description(quote_ident(current_schema())::regnamespace),
                              to_regclass('elsewhere.stays') IS NOT NULL";
            let row = session.client.query_one(sql, &[]).await.unwrap();
            assert_eq!((row.get::<_, i64>(0), row.get::<_, &str>(1), row.get::<_, bool>(2)), (1, "plattr: me", true));
            execute(&session, "DROP EXTENSION citext").await;
        }
    })
    .await;
}
