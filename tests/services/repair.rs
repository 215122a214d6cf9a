//! Each provisioned object taken away in turn: `verify` fails, the next `dev` repairs it. Each service killed
//! in turn: the next `dev` repairs only it. And a run with nothing to do writes nothing.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{EVERYTHING, Project, World, alive, engine, eventually, signal};

/// The administrator's side of a project's services.
pub struct Admin<'p> {
    pub runtime: tokio::runtime::Runtime,
    pub variables: BTreeMap<String, String>,
    pub http: reqwest::Client,
    project: &'p Project<'p>,
}

impl<'p> Admin<'p> {
    pub fn new(project: &'p Project<'p>) -> Self {
        Self {
            runtime: tokio::runtime::Runtime::new().unwrap(),
            variables: project.variables(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            project,
        }
    }

    /// Runs SQL as the documented administrator, who is no superuser.
    pub fn sql(&self, statement: &str) {
        self.runtime.block_on(async {
            let mut config: tokio_postgres::Config = self.variables["DATABASE_URL"].parse().unwrap();
            config.user("plattr").password("localdev");
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        });
    }

    pub fn keycloak(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let base = self.variables["AUTH_ISSUER_URL"].split("/realms/").next().unwrap().to_owned();
        self.runtime.block_on(async {
            let form = [("grant_type", "client_credentials"), ("client_id", "plattr"), ("client_secret", "localdev")];
            let url = format!("{base}/realms/master/protocol/openid-connect/token");
            let token: Value = self.http.post(url).form(&form).send().await.unwrap().json().await.unwrap();
            let mut request = self
                .http
                .request(method, format!("{base}/admin/realms/{path}"))
                .bearer_auth(token["access_token"].as_str().unwrap());
            if let Some(body) = body {
                request = request.json(&body);
            }
            let response = request.send().await.unwrap();
            assert!(response.status().is_success(), "{path}: {}", response.status());
            response.json().await.unwrap_or_default()
        })
    }

    pub fn opensearch(&self, method: reqwest::Method, path: &str) {
        let url = format!("{}/{path}", self.variables["OPENSEARCH_URL"]);
        self.runtime.block_on(async {
            assert!(self.http.request(method, url).send().await.unwrap().status().is_success());
        });
    }

    /// A command as Redis's documented administrator.
    fn redis(&self, command: &str) {
        use std::io::{BufRead as _, BufReader};
        let address = self.variables["REDIS_URL"].rsplit_once('@').unwrap().1;
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "AUTH plattr localdev\r\n{command}\r\n").unwrap();
        let lines: Vec<String> = BufReader::new(stream).lines().take(2).map(Result::unwrap).collect();
        assert!(!lines[1].starts_with('-'), "{command}: {}", lines[1]);
    }

    /// A request to MinIO, signed with the root's documented key by plattr's own backend crate.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let root = plattr_backends::Login { user: "minioadmin".into(), password: "minioadmin".into() };
        plattr_backends::s3::client(&self.variables["S3_ENDPOINT"], "us-east-1", &root)
    }

    pub fn bucket(&self, name: &str) -> String {
        self.variables[&format!("S3_BUCKET_{name}")].clone()
    }

    fn delete_bucket(&self, name: &str) {
        self.runtime.block_on(async { self.s3().delete_bucket().bucket(self.bucket(name)).send().await }).unwrap();
    }

    fn delete_policy(&self, name: &str) {
        self.runtime
            .block_on(async { self.s3().delete_bucket_policy().bucket(self.bucket(name)).send().await })
            .unwrap();
    }

    fn minio(&self) -> plattr_backends::minio::Server {
        plattr_backends::minio::Server {
            http: self.http.clone(),
            url: self.variables["S3_ENDPOINT"].clone(),
            region: "us-east-1".into(),
            admin: plattr_backends::Login { user: "minioadmin".into(), password: "minioadmin".into() },
        }
    }

    /// MinIO's own trace of what it is asked from now on, S3 and administration.
    fn trace_minio(&self) -> Trace {
        let server = self.minio();
        let query = [("s3", "true"), ("internal", "true")];
        let request = server.request(&server.admin, reqwest::Method::GET, "/minio/admin/v3/trace", &query, vec![]);
        // MinIO answers with its first sign of life, by when it traces.
        let mut response =
            self.runtime.block_on(async { request.unwrap().send().await.unwrap().error_for_status().unwrap() });
        let trace = Trace::default();
        let bytes = Arc::clone(&trace.0);
        self.runtime.spawn(async move {
            while let Ok(Some(chunk)) = response.chunk().await {
                bytes.lock().unwrap().extend_from_slice(&chunk);
            }
        });
        trace
    }

    /// Lets Redis write down every command from now on, in its slow log: 6.2 counts no subcommands.
    fn watch_redis(&self) {
        self.redis("CONFIG SET slowlog-max-len 100000");
        self.redis("CONFIG SET slowlog-log-slower-than 0");
        self.redis("SLOWLOG RESET");
    }

    /// The words of all commands since then, in lower case.
    fn redis_commands(&self) -> Vec<String> {
        let address = self.variables["REDIS_URL"].rsplit_once('@').unwrap().1;
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(b"AUTH plattr localdev\r\nSLOWLOG GET 100000\r\nQUIT\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said.lines().map(str::to_lowercase).collect()
    }

    /// Puts a mark into PostgreSQL's statement log.
    fn mark_log(&self, mark: &str) {
        self.sql(&format!("COMMENT ON DATABASE plattr IS '{mark}'"));
    }

    /// PostgreSQL's statement log: every statement that changes what there is, of anyone.
    fn logged_statements(&self) -> Vec<String> {
        let log = self.project.expect(0, &["logs", "postgres"]).out;
        let said = log.lines().filter_map(|line| Some(line.split_once("LOG:  ")?.1));
        said.filter(|said| said.starts_with("statement: ") || said.starts_with("execute ")).map(str::to_owned).collect()
    }

    fn delete_storage_user(&self) {
        let server = self.minio();
        let user = self.variables["AWS_ACCESS_KEY_ID"].clone();
        let key = plattr_backends::Login { user, password: String::new() };
        let desired = plattr_backends::minio::Desired { key, buckets: Vec::new() };
        self.runtime.block_on(plattr_backends::minio::deprovision(&server, &desired)).unwrap();
    }

    fn client_uuid(&self) -> String {
        let found = self.keycloak(reqwest::Method::GET, &format!("{0}/clients?clientId={0}", self.project.name), None);
        found[0]["id"].as_str().unwrap().to_owned()
    }
}

/// What MinIO traced so far: JSON objects with blanks between them.
#[derive(Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Trace {
    /// Method and path of the requests that write.
    fn writes(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap();
        // The last one may have come in part.
        let traced = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>().map_while(Result::ok);
        traced
            .filter_map(|one| {
                let request = &one["http"]["request"];
                let method = request["method"].as_str()?;
                let writes = ["PUT", "POST", "DELETE"].contains(&method);
                writes.then(|| format!("{method} {}", request["path"].as_str().unwrap_or_default()))
            })
            .collect()
    }
}

#[test]
fn whatever_is_taken_away_is_noticed_and_repaired() {
    let world = World::new();
    let project = world.project("fix", EVERYTHING);
    project.dev();
    assert_eq!(project.failed_checks(), Vec::<String>::new());
    let admin = Admin::new(&project);

    type Damage<'a> = (&'a str, Box<dyn Fn() + 'a>);
    let damages: Vec<Damage<'_>> = vec![
        (
            "a grant of the application",
            Box::new(|| {
                admin.sql(
                    "ALTER DEFAULT PRIVILEGES FOR ROLE fix_migrator IN SCHEMA fix REVOKE ALL ON TABLES FROM fix_app",
                );
            }),
        ),
        (
            "the right to become authenticated",
            Box::new(|| admin.sql("REVOKE fix_authenticated FROM fix_authenticator")),
        ),
        ("a password", Box::new(|| admin.sql("ALTER ROLE fix_app PASSWORD 'another'"))),
        ("the search path", Box::new(|| admin.sql("ALTER ROLE fix_app IN DATABASE plattr RESET search_path"))),
        ("the schema", Box::new(|| admin.sql("DROP SCHEMA fix CASCADE"))),
        ("a role", Box::new(|| admin.sql("DROP OWNED BY fix_app; DROP ROLE fix_app"))),
        ("too much: anyone may create tables", Box::new(|| admin.sql("GRANT CREATE ON SCHEMA fix TO fix_app"))),
        ("a bucket", Box::new(|| admin.delete_bucket("UPLOADS"))),
        ("the policy of the public bucket", Box::new(|| admin.delete_policy("PICTURES"))),
        ("the access key", Box::new(|| admin.delete_storage_user())),
        (
            "the OpenID Connect client",
            Box::new(|| {
                admin.keycloak(reqwest::Method::DELETE, &format!("fix/clients/{}", admin.client_uuid()), None);
            }),
        ),
        (
            "the client's secret",
            Box::new(|| {
                let path = format!("fix/clients/{}", admin.client_uuid());
                let mut client = admin.keycloak(reqwest::Method::GET, &path, None);
                client["secret"] = json!("another");
                admin.keycloak(reqwest::Method::PUT, &path, Some(client));
            }),
        ),
        (
            "a person",
            Box::new(|| {
                let found = admin.keycloak(reqwest::Method::GET, "fix/users?username=alice&exact=true", None);
                admin.keycloak(
                    reqwest::Method::DELETE,
                    &format!("fix/users/{}", found[0]["id"].as_str().unwrap()),
                    None,
                );
            }),
        ),
        (
            "the realm",
            Box::new(|| {
                admin.keycloak(reqwest::Method::DELETE, "fix", None);
            }),
        ),
        ("the cache's user", Box::new(|| admin.redis("ACL DELUSER fix"))),
        ("too much: a key outside the prefix", Box::new(|| admin.redis("ACL SETUSER fix ~*"))),
        ("an index", Box::new(|| admin.opensearch(reqwest::Method::DELETE, "fix-notes"))),
        ("the index template", Box::new(|| admin.opensearch(reqwest::Method::DELETE, "_index_template/plattr-fix"))),
    ];
    for (what, damage) in damages {
        damage();
        assert_ne!(project.failed_checks(), Vec::<String>::new(), "verify did not notice: {what}");
        let report = project.dev();
        assert!(!report["changes"].as_array().unwrap().is_empty(), "dev did not repair: {what}");
        assert_eq!(project.failed_checks(), Vec::<String>::new(), "after dev: {what}");
    }
}

#[test]
fn each_killed_service_is_started_again_and_no_other() {
    let world = World::new();
    let project = world.project("kill", EVERYTHING);
    project.dev();
    let mut before = project.running();
    for victim in before.keys().cloned().collect::<Vec<_>>() {
        if engine() == "native" {
            let pid = before[&victim].parse().unwrap();
            signal(pid, "KILL");
            eventually("the service is dead", || !alive(pid));
            assert_eq!(project.status()[&victim]["state"], "died", "{victim}");
        } else {
            // A pod that dies comes back by itself; tests/kind has that.
            project.kubectl(&["delete", "deployment", &victim, "--cascade=foreground"]);
            assert_eq!(project.status()[&victim]["state"], "stopped", "{victim}");
        }
        let report = project.dev();
        assert!(report["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));
        let after = project.running();
        for (service, what) in &before {
            if *service == victim {
                assert_ne!(after[service], *what, "{victim} was to be started again");
            } else {
                assert_eq!(after[service], *what, "{service} was to be left alone when {victim} died");
            }
        }
        before = after;
    }
}

#[test]
fn a_run_with_nothing_to_do_writes_nothing() {
    let world = World::new();
    let project = world.project("calm", EVERYTHING);
    project.dev();
    let admin = Admin::new(&project);
    // The statement log has what was provisioned just now, and no password.
    let provisioned = admin.logged_statements().join("\n");
    assert!(provisioned.contains("ALTER ROLE \"calm_app\""), "{provisioned}");
    assert!(!provisioned.contains("localdev"), "{provisioned}");

    // Where writes would land: PostgreSQL's statement log, MinIO's trace, Keycloak's admin events, Redis's
    // statistics, and what PostgreSQL's catalogue and OpenSearch say of themselves.
    let realm = json!({"adminEventsEnabled": true, "adminEventsDetailsEnabled": true});
    admin.keycloak(reqwest::Method::PUT, "calm", Some(realm));
    admin.keycloak(reqwest::Method::DELETE, "calm/admin-events", None);
    let trace = admin.trace_minio();
    admin.watch_redis();
    let before = Written::look(&admin);
    admin.mark_log("begin");

    project.dev();

    admin.mark_log("end");
    let statements = admin.logged_statements();
    let begin = statements.iter().position(|s| s.contains("IS 'begin'")).expect("the first mark");
    assert_eq!(statements[begin + 1..], ["statement: COMMENT ON DATABASE plattr IS 'end'"]);
    assert_eq!(Written::look(&admin), before);
    let commands = admin.redis_commands();
    assert!(commands.iter().any(|word| word == "getuser"), "dev was to look: {commands:?}");
    for write in ["setuser", "deluser", "save", "load", "set", "del"] {
        assert!(!commands.iter().any(|word| word == write), "{write}: {commands:?}");
    }
    // One write of the test's own shows that the trace shows writes.
    let bucket = admin.bucket("UPLOADS");
    let delete = admin.s3().delete_object().bucket(&bucket).key("nothing");
    admin.runtime.block_on(delete.send()).unwrap();
    eventually("MinIO's trace has the test's own write", || !trace.writes().is_empty());
    assert_eq!(trace.writes(), [format!("DELETE /{bucket}/nothing")]);
    let events = admin.keycloak(reqwest::Method::GET, "calm/admin-events", None);
    let others: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|event| event["operationType"] != "ACTION").collect();
    assert!(others.is_empty(), "{others:?}");
}

/// Everything that a write would change.
#[derive(Debug, PartialEq)]
struct Written {
    catalogue: Vec<String>,
    index: Value,
}

impl Written {
    fn look(admin: &Admin<'_>) -> Self {
        let catalogue = admin.runtime.block_on(async {
            let mut config: tokio_postgres::Config = admin.variables["DATABASE_URL"].parse().unwrap();
            config.user("plattr").password("localdev");
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            // xmin is the transaction that last wrote a row: any write of a catalogue row changes it.
            let query = "SELECT 'role ' || rolname || ' ' || (SELECT coalesce(max(m.xmin::text::bigint), 0) FROM pg_auth_members m WHERE m.member = r.oid) FROM pg_roles r
                UNION ALL SELECT 'schema ' || nspname || ' ' || xmin::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_temp%' AND nspname NOT LIKE 'pg\\_toast%'
                UNION ALL SELECT 'database ' || datname || ' ' || xmin::text FROM pg_database
                UNION ALL SELECT 'default ' || oid || ' ' || xmin::text FROM pg_default_acl
                UNION ALL SELECT 'class ' || count(*) || ' ' || coalesce(max(xmin::text::bigint), 0) FROM pg_class WHERE relnamespace = 'calm'::regnamespace
                UNION ALL SELECT 'comment ' || objoid || ' ' || xmin::text FROM pg_description WHERE classoid = 'pg_namespace'::regclass
                ORDER BY 1";
            client.query(query, &[]).await.unwrap().iter().map(|row| row.get::<_, String>(0)).collect()
        });
        let index = admin.runtime.block_on(async {
            let url = format!("{}/_cluster/state/metadata?filter_path=metadata.templates,metadata.indices.*.version,metadata.indices.*.settings_version,metadata.indices.*.mapping_version,metadata.index_template", admin.variables["OPENSEARCH_URL"]);
            admin.http.get(url).send().await.unwrap().json().await.unwrap()
        });
        Self { catalogue, index }
    }
}
