//! Templates of databases.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plattr_db::template::{self, Template, TemplateError};
use plattr_db::{Server, Session, SqlFailure};

use crate::support::on_every_server;

async fn maintenance(admin: &Server) -> Session {
    template::maintenance(admin).await.unwrap().connect().await.unwrap()
}

/// Fills a database with rows.
async fn fill(server: Server, rows: u32) -> Result<(), SqlFailure> {
    let session = server.connect().await?;
    let sql = format!("CREATE TABLE notes AS SELECT generate_series(1, {rows}) AS id");
    Ok(session.client.batch_execute(&sql).await?)
}

async fn rows(server: &Server) -> i64 {
    let session = server.connect().await.unwrap();
    session.client.query_one("SELECT count(*) FROM notes", &[]).await.unwrap().get(0)
}

/// Drops all databases of an owner.
async fn clean(admin: &Server, owner: &str) {
    let session = maintenance(admin).await;
    for prefix in ["plattr_template_", "plattr_building_", ""] {
        for name in template::named(&session, &format!("{prefix}{owner}")).await.unwrap() {
            template::drop(&session, &name).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_template_is_built_once_and_copied_in_a_moment() {
    on_every_server(async |admin| {
        clean(admin, "tpl_once").await;
        let wanted = Template::new("tpl_once", &["17", "0001.sql"]);
        assert!(wanted.ensure(admin, |server| fill(server, 1000)).await.unwrap());
        let built = wanted.ensure(admin, |_| async { Err::<(), &str>("built twice") }).await.unwrap();
        assert!(!built);

        let session = maintenance(admin).await;
        let began = Instant::now();
        for copy in ["tpl_once_1", "tpl_once_2"] {
            template::create(&session, copy, Some(&wanted.name())).await.unwrap();
            assert_eq!(rows(&admin.database(copy)).await, 1000);
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
        clean(admin, "tpl_once").await;
    })
    .await;
}

#[tokio::test]
async fn two_builders_at_once_build_one_template() {
    on_every_server(async |admin| {
        clean(admin, "tpl_two").await;
        let wanted = Template::new("tpl_two", &["17"]);
        let builds = AtomicUsize::new(0);
        let build = |server| {
            builds.fetch_add(1, Ordering::SeqCst);
            fill(server, 10)
        };
        let (one, two) = tokio::join!(wanted.ensure(admin, build), wanted.ensure(admin, build));
        assert!(one.unwrap() ^ two.unwrap());
        assert_eq!(builds.load(Ordering::SeqCst), 1);
        clean(admin, "tpl_two").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_finished_is_never_copied_and_does_not_stay() {
    on_every_server(async |admin| {
        clean(admin, "tpl_half").await;
        let wanted = Template::new("tpl_half", &["17"]);
        let failed = wanted.ensure(admin, |server| async move {
            fill(server, 10).await.unwrap();
            Err("the second migration fails")
        });
        assert!(matches!(failed.await, Err(TemplateError::Build("the second migration fails"))));
        let session = maintenance(admin).await;
        assert!(!template::exists(&session, &wanted.name()).await.unwrap());
        assert_eq!(template::named(&session, "plattr_building_tpl_half").await.unwrap(), [""; 0]);

        // A builder that was killed in the middle.
        let begun = tokio::sync::Notify::new();
        let killed = wanted.ensure(admin, |server| async {
            fill(server, 10).await?;
            begun.notify_one();
            std::future::pending::<Result<(), SqlFailure>>().await
        });
        tokio::select! {
            _ = killed => panic!("it ended"),
            () = begun.notified() => {}
        }
        assert!(!template::exists(&session, &wanted.name()).await.unwrap());
        assert!(wanted.ensure(admin, |server| fill(server, 3)).await.unwrap());
        assert_eq!(template::named(&session, "plattr_building_tpl_half").await.unwrap(), [""; 0]);
        template::create(&session, "tpl_half_1", Some(&wanted.name())).await.unwrap();
        assert_eq!(rows(&admin.database("tpl_half_1")).await, 3);
        clean(admin, "tpl_half").await;
    })
    .await;
}

#[tokio::test]
async fn old_templates_go_and_those_of_others_stay() {
    on_every_server(async |admin| {
        clean(admin, "tpl_old").await;
        let other = Template::new("tpl_old_er", &["0"]);
        other.ensure(admin, |server| fill(server, 1)).await.unwrap();
        for made_of in ["1", "2", "3", "4", "5"] {
            Template::new("tpl_old", &[made_of]).ensure(admin, |server| fill(server, 1)).await.unwrap();
        }
        let session = maintenance(admin).await;
        let mut left = Vec::new();
        for made_of in ["1", "2", "3", "4", "5"] {
            if template::exists(&session, &Template::new("tpl_old", &[made_of]).name()).await.unwrap() {
                left.push(made_of);
            }
        }
        assert_eq!(left, ["3", "4", "5"]);
        assert!(template::exists(&session, &other.name()).await.unwrap());
        clean(admin, "tpl_old").await;
    })
    .await;
}

#[tokio::test]
async fn a_database_is_exchanged_under_those_who_use_it() {
    on_every_server(async |admin| {
        clean(admin, "tpl_swap").await;
        let session = maintenance(admin).await;
        for (name, count) in [("tpl_swap", 1), ("tpl_swap_new", 2)] {
            template::create(&session, name, None).await.unwrap();
            fill(admin.database(name), count).await.unwrap();
        }
        let place = admin.database("tpl_swap");
        let user = place.connect().await.unwrap();
        // Whoever comes back at once must not keep it from happening, and never finds nothing.
        let busy = tokio::spawn({
            let place = place.clone();
            async move {
                let mut seen = Vec::new();
                while seen.last() != Some(&2) {
                    let Ok(session) = place.connect().await else { continue };
                    if let Ok(row) = session.client.query_one("SELECT count(*) FROM notes", &[]).await {
                        seen.push(row.get::<_, i64>(0));
                    }
                }
                seen
            }
        });
        let server = template::maintenance(admin).await.unwrap();
        template::swap(&server, "tpl_swap", "tpl_swap_new", "tpl_swap_aside").await.unwrap();
        let seen = tokio::time::timeout(Duration::from_secs(20), busy).await.unwrap().unwrap();
        assert!(seen.is_sorted(), "{seen:?}");
        assert!(user.client.query_one("SELECT 1", &[]).await.is_err(), "who was in the old one is out");
        assert_eq!(rows(&admin.database("tpl_swap_aside")).await, 1);
        clean(admin, "tpl_swap").await;
    })
    .await;
}
