//! What the catalogue says of a schema that has nearly everything.

use std::time::{Duration, Instant};

use plattr_db::catalog::{ArgumentMode, Catalog, ConstraintKind, Identity, Object, ObjectKind, TableKind, TypeKind};
use plattr_db::{Server, quote};

use super::support::{execute, in_schema, on_every_server};

/// A schema with most of what PostgreSQL has.
pub const SHOP: &str = include_str!("schemas/shop.sql");

async fn shop(server: &Server, schema: &str) -> Catalog {
    let session = in_schema(server, schema).await;
    execute(&session, &SHOP.replace(":schema", &quote(schema))).await;
    Catalog::read(&session.client, schema, &[]).await.unwrap()
}

#[tokio::test]
async fn tables_are_read_with_all_their_parts() {
    on_every_server(async |server| {
        let shop = shop(server, "My Shop").await;
        assert_eq!((shop.schema.as_str(), shop.comment.as_deref()), ("My Shop", Some("a shop")));
        let names: Vec<&str> = shop.tables.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(
            names,
            ["User", "animal", "cart", "dog", "event", "event_2026", "event_note", "event_rest", "product", "scratch"]
        );
        let user = shop.table("User").unwrap();
        assert_eq!(user.comment.as_deref(), Some("someone who buys"));
        let id = user.column("id").unwrap();
        assert_eq!((id.identity, id.not_null, id.ty.sql.as_str()), (Some(Identity::Always), true, "bigint"));
        let name = user.column("full name").unwrap();
        assert_eq!(name.default.as_deref(), Some("'nobody'::text"));
        assert_eq!(name.comment.as_deref(), Some("it's shown"));
        let moods = &user.column("moods").unwrap().ty;
        assert_eq!((moods.sql.as_str(), moods.array, moods.kind), ("mood[]", true, TypeKind::Enum));
        assert_eq!(shop.enumeration(moods).unwrap().labels, ["sad", "ok", "happy"]);
        assert_eq!(shop.domain(&user.column("email").unwrap().ty).unwrap().base.sql, "text");
        assert_eq!(shop.composite(&user.column("home").unwrap().ty).unwrap().attributes.len(), 3);
        let generated = user.column("doubled").unwrap().generated.as_ref().unwrap();
        assert_eq!((generated.expression.as_str(), generated.stored), ("double(10)", true));
        let note = user.column("note").unwrap();
        assert_eq!((note.ty.sql.as_str(), note.ty.name.as_str()), ("character varying(20)", "varchar"));
        assert_eq!(note.collation.as_deref(), Some("\"C\""));

        let lower = user.indexes.iter().find(|i| i.name == "user_lower").unwrap();
        assert!(lower.unique && lower.columns == [None] && lower.include == ["id"] && lower.constraint.is_none());
        assert!(lower.definition.starts_with("CREATE UNIQUE INDEX user_lower ON \"User\" USING btree"), "{lower:?}");
        let touched = &user.triggers[0];
        assert!(touched.definition.contains(" ON \"User\" "), "no schema in {}", touched.definition);

        let product = shop.table("product").unwrap();
        assert_eq!(product.options, ["fillfactor=80"]);
        assert_eq!(product.column("name").unwrap().storage.as_deref(), Some("EXTERNAL"));
        assert_eq!(product.column("name").unwrap().statistics_target, Some(500));
        assert_eq!(product.statistics.len(), 1);
        assert_eq!(product.primary_key().unwrap().columns, ["id"]);

        let cart = shop.table("cart").unwrap();
        assert!(cart.row_security && cart.force_row_security);
        assert_eq!(cart.policies.iter().map(|p| p.command.as_str()).collect::<Vec<_>>(), ["ALL", "UPDATE"]);
        assert_eq!(cart.grants.iter().map(|g| g.privilege.as_str()).collect::<Vec<_>>(), ["INSERT", "SELECT"]);
        assert_eq!(cart.column("amount").unwrap().grants.len(), 1);
        let keys: Vec<_> =
            cart.foreign_keys().map(|(c, r)| (c.name.as_str(), r.on_delete.as_str(), c.deferred)).collect();
        assert_eq!(keys, [("cart_product", "NO ACTION", true), ("cart_user_id_fkey", "CASCADE", false)]);
        assert!(cart.constraints.iter().any(|c| c.kind == ConstraintKind::Exclusion));
    })
    .await;
}

#[tokio::test]
async fn partitions_and_children_know_their_parents() {
    on_every_server(async |server| {
        let shop = shop(server, "shop").await;
        let event = shop.table("event").unwrap();
        assert_eq!((event.kind, event.partition_key.as_deref()), (TableKind::Partitioned, Some("RANGE (at)")));
        let what = event.indexes.iter().find(|i| i.name == "event_what").unwrap();
        assert_eq!(what.definition, "CREATE INDEX event_what ON event USING btree (what)");
        let part = shop.table("event_2026").unwrap();
        let of = part.partition_of.as_ref().unwrap();
        assert_eq!(of.parent, "event");
        assert_eq!(of.bound, "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')");
        assert!(part.indexes.iter().all(|i| i.inherited) && part.columns.iter().all(|c| c.inherited));
        let keys: Vec<_> = shop.table("event_note").unwrap().foreign_keys().collect();
        assert_eq!(keys.len(), 1, "what is inside a foreign key to a partitioned table is not one: {keys:?}");
        let dog = shop.table("dog").unwrap();
        assert_eq!(dog.inherits, ["animal"]);
        assert!(dog.column("name").unwrap().inherited && !dog.column("tricks").unwrap().inherited);
    })
    .await;
}

#[tokio::test]
async fn views_and_routines_are_read_with_what_they_need() {
    on_every_server(async |server| {
        let shop = shop(server, "shop").await;
        let happy = shop.view("happy_user").unwrap();
        assert!(happy.definition.contains("FROM \"User\"") && !happy.definition.contains("shop."), "{happy:?}");
        assert_eq!(happy.options, ["security_barrier=true"]);
        assert_eq!(happy.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["id", "email", "six"]);
        assert!(shop.view("totals").unwrap().materialized && shop.view("totals").unwrap().indexes.len() == 1);

        let routine = |signature: &str| shop.routines.iter().find(|r| r.signature == signature).unwrap();
        let search = routine("search(text, integer)");
        let modes: Vec<_> = search.arguments.iter().map(|a| (a.mode, a.has_default)).collect();
        assert_eq!(
            modes,
            [
                (ArgumentMode::In, false),
                (ArgumentMode::In, true),
                (ArgumentMode::Out, false),
                (ArgumentMode::Out, false)
            ]
        );
        assert!(search.definition.starts_with("CREATE OR REPLACE FUNCTION search(q text, "), "{}", search.definition);
        let happy = routine("happy()");
        assert!(happy.security_definer && happy.grants.is_empty() && happy.settings == ["search_path=shop"]);
        assert!(routine("product_of(integer)").definition.contains("SFUNC = int4mul, STYPE = integer"));
        assert_eq!(routine("clear_carts(bigint)").returns, None);

        let object = |kind, name: &str| Object { kind, name: name.into(), of: None };
        let needs = |dependent: Object, on: Object| {
            shop.dependencies
                .iter()
                .any(|d| d.dependent == dependent && (d.on == on || d.on.of.as_ref() == Some(&on.name)))
        };
        assert!(needs(object(ObjectKind::View, "happy_cart"), object(ObjectKind::View, "happy_user")));
        assert!(needs(object(ObjectKind::View, "happy_user"), object(ObjectKind::Routine, "double(integer)")));
        assert!(needs(object(ObjectKind::Routine, "happy()"), object(ObjectKind::View, "happy_user")));
    })
    .await;
}

#[tokio::test]
async fn extensions_and_ignored_tables_leave_nothing_behind() {
    on_every_server(async |server| {
        let session = in_schema(server, "app").await;
        let sql = "CREATE EXTENSION hstore; CREATE EXTENSION citext;
                   CREATE TABLE plattr_migrations (id serial PRIMARY KEY); CREATE TABLE t (tags hstore)";
        execute(&session, sql).await;
        let app = Catalog::read(&session.client, "app", &["plattr_migrations"]).await.unwrap();
        assert_eq!(app.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["t"]);
        assert!(app.sequences.is_empty() && app.routines.is_empty() && app.others.is_empty(), "{app:?}");
        let used = |name: &str| app.extensions.iter().find(|e| e.name == name).unwrap().used;
        assert!(used("hstore") && !used("citext"));
        assert_eq!(app.table("t").unwrap().columns[0].ty.schema, "app");
    })
    .await;
}

#[tokio::test]
async fn the_session_is_as_before_and_a_schema_that_is_not_there_is_an_error() {
    on_every_server(async |server| {
        let session = in_schema(server, "one").await;
        execute(&session, "SET timezone TO 'Asia/Tokyo'").await;
        let failure = Catalog::read(&session.client, "two", &[]).await.unwrap_err();
        assert_eq!((failure.message.as_str(), failure.code.as_deref()), ("there is no schema \"two\"", Some("3F000")));
        Catalog::read(&session.client, "one", &[]).await.unwrap();
        let sql = "SELECT current_setting('search_path'), current_setting('timezone'), current_setting('transaction_isolation')";
        let row = session.client.query_one(sql, &[]).await.unwrap();
        assert_eq!((row.get(0), row.get(1), row.get(2)), ("one", "Asia/Tokyo", "read committed"));
    })
    .await;
}

#[tokio::test]
async fn five_thousand_tables_are_read_in_seconds() {
    on_every_server(async |server| {
        let session = in_schema(server, "big").await;
        // In parts: one transaction would need as many locks.
        for part in 0..10 {
            let sql = format!(
                "DO $$ BEGIN FOR i IN {}..{} LOOP
                     EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, a text NOT NULL, b integer DEFAULT 0,
                                     c timestamptz)', i);
                 END LOOP; END $$",
                part * 500 + 1,
                part * 500 + 500
            );
            execute(&session, &sql).await;
        }
        let began = Instant::now();
        let big = Catalog::read(&session.client, "big", &[]).await.unwrap();
        let took = began.elapsed();
        assert_eq!((big.tables.len(), big.tables.iter().map(|t| t.columns.len()).sum::<usize>()), (5000, 20_000));
        // Work that grows with the square takes minutes.
        assert!(took < Duration::from_secs(60), "{took:?}");
    })
    .await;
}
