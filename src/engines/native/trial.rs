//! All six services for real, through the engine alone: `cargo test -p plattr trial -- --ignored --nocapture`.
//! The first run on a machine fetches and prepares everything. `PLATTR_CACHE_DIR` says where.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::net::TcpListener;
use std::time::Instant;

use super::*;
use crate::services::{self, LOCAL_PASSWORD, Scope};
use crate::stack::{App, Facts, LocalApp, Ports};
use crate::ui::progress::Silent;

const EVERYTHING: &str = r#"{"database": {"enabled": true}, "storage": {"enabled": true}, "auth": {"enabled": true},
    "cache": {"enabled": true}, "search": {"enabled": true}}"#;

struct Fixture {
    stack: Stack,
    ports: Ports,
    instances: Vec<Instance>,
    engine: NativeEngine,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join(".plattr");
        let app = App {
            name: "todo".parse().unwrap(),
            root: folder.path().into(),
            spec: serde_json::from_str(EVERYTHING).unwrap(),
            local: LocalApp::default(),
        };
        let instances: Vec<Instance> = services::ALL
            .iter()
            .map(|service| Instance {
                service: *service,
                app: (service.scope() == Scope::Application).then(|| app.name.clone()),
            })
            .collect();
        let mut ports = Ports::default();
        let mut held = Vec::new();
        for instance in &instances {
            for endpoint in instance.service.endpoints() {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let name = format!("{}.{}", instance.id(), endpoint.name);
                ports.0.insert(name, listener.local_addr().unwrap().port());
                held.push(listener);
            }
        }
        let home = user::home_for(&root);
        let stack = Stack { name: "todo".into(), root, home, apps: [(app.name.clone(), app)].into() };
        Self { stack, ports, instances, engine: NativeEngine::new(NativeConfig::default()), _folder: folder }
    }

    fn ids(&self) -> Vec<String> {
        self.instances.iter().map(Instance::id).collect()
    }

    async fn start(&self, name: &str) {
        let instance = self.instances.iter().find(|i| i.service.name() == name).unwrap();
        let facts = Facts::new();
        let app = instance.app.as_ref().and_then(|app| self.stack.apps.get(app));
        let cx = Context { stack: &self.stack, app, ports: &self.ports, facts: &facts };
        let begun = Instant::now();
        self.engine.start(instance, cx, &Silent).await.unwrap();
        let started = begun.elapsed();
        if let Err(error) = instance.service.probe(cx).wait(Duration::from_secs(120)).await {
            let log = logs::last_lines(&log_file(&self.stack.home, &instance.id()), 30).join("\n");
            panic!("{name}: {}\n{log}", error.0);
        }
        eprintln!("{name:12} started after {started:.2?}, answers after {:.2?}", begun.elapsed());
    }

    async fn start_all(&self) {
        let begun = Instant::now();
        let database = async {
            self.start("postgres").await;
            let names = self.stack.apps.values().next().unwrap().names();
            let url =
                format!("postgresql://plattr:{LOCAL_PASSWORD}@127.0.0.1:{}/plattr", self.ports.get("postgres", "sql"));
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let sql = format!(
                "DO $$ BEGIN CREATE ROLE {anon}; CREATE ROLE {login} LOGIN NOINHERIT PASSWORD '{LOCAL_PASSWORD}';
                 GRANT {anon} TO {login}; GRANT CONNECT ON DATABASE plattr TO {login};
                 CREATE SCHEMA {schema}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                anon = names.anon_role,
                login = names.authenticator_role,
                schema = names.schema
            );
            client.batch_execute(&sql).await.unwrap();
            tokio::join!(self.start("keycloak"), self.start("postgrest"));
        };
        tokio::join!(database, self.start("opensearch"), self.start("minio"), self.start("redis"));
        eprintln!("all six      {:.2?}", begun.elapsed());
    }

    async fn stop_all(&self) {
        let begun = Instant::now();
        let stops = self.instances.iter().map(|i| async move {
            self.engine.stop(&self.stack, &i.id(), &Silent).await.unwrap();
        });
        futures::future::join_all(stops).await;
        eprintln!("stopped      {:.2?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "fetches packages and starts six real services"]
async fn trial_of_all_six() {
    let fixture = Fixture::new();
    let facts = Facts::new();
    let begun = Instant::now();
    let prepared = fixture.instances.iter().map(|instance| {
        let app = instance.app.as_ref().and_then(|app| fixture.stack.apps.get(app));
        let cx = Context { stack: &fixture.stack, app, ports: &fixture.ports, facts: &facts };
        let engine = &fixture.engine;
        async move {
            let begun = Instant::now();
            prepare_one(engine, instance, cx).await;
            eprintln!("prepared     {} {:.2?}", instance.id(), begun.elapsed());
        }
    });
    futures::future::join_all(prepared).await;
    eprintln!("all prepared {:.2?}", begun.elapsed());
    for round in ["empty data", "kept data"] {
        eprintln!("--- {round}");
        fixture.start_all().await;
        let begun = Instant::now();
        let observed = fixture.engine.observe(&fixture.stack, &fixture.ids()).await.unwrap();
        eprintln!("observed in  {:.2?}", begun.elapsed());
        let mut sum = 0;
        for seen in &observed {
            let Condition::Running { memory, version, source, .. } = &seen.condition else { panic!("{seen:?}") };
            eprintln!("  {:16} {version:12} {source:8} {}", seen.id, cache::megabytes(*memory));
            sum += memory;
        }
        eprintln!("  resident together {}", cache::megabytes(sum));
        let begun = Instant::now();
        for (instance, seen) in fixture.instances.iter().zip(&observed) {
            let app = instance.app.as_ref().and_then(|app| fixture.stack.apps.get(app));
            let cx = Context { stack: &fixture.stack, app, ports: &fixture.ports, facts: &facts };
            let wanted = fixture.engine.desired_hash(instance, cx).unwrap();
            assert!(matches!(&seen.condition, Condition::Running { hash, .. } if *hash == wanted), "{}", seen.id);
        }
        eprintln!("all hashes   {:.2?}", begun.elapsed());
        fixture.stop_all().await;
    }
    let observed = fixture.engine.observe(&fixture.stack, &fixture.ids()).await.unwrap();
    assert!(observed.iter().all(|o| o.condition == Condition::Stopped));
    fixture.engine.destroy(&fixture.stack, &Silent).await.unwrap();
    assert!(!fixture.stack.home.join("data").exists());
}

async fn prepare_one(engine: &NativeEngine, instance: &Instance, cx: Context<'_>) {
    if let Err(error) = engine.prepare(instance, cx, &Silent).await {
        panic!("{}: {error}: {:?} {:?}", instance.id(), error.source, error.hints);
    }
}
