//! Keycloak: sign-in, a realm for each application.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use plattr_api::application::ClientType;
use plattr_api::variables::AuthBinding;
use plattr_api::{AppName, ApplicationSpec, Variables};
use plattr_backends::{Check, Login, keycloak};
use tokio::sync::Mutex;

use super::image::{Build, Guest, Image};
use super::objects::Objects;
use super::probe::Probe;
use super::process::{Command, NativeFolders, Preparation, Preparing, Process, Step, StopSignal, Tools};
use super::provisioning::{LOCAL, asking, failed, http};
use super::{Context, Endpoint, LOCAL_PASSWORD, LOOPBACK, Provision, Provisioned, Scope, Service, postgres};
use crate::stack::{App, LocalUser};
use crate::ui::error::CommandResult;

/// The client of the realm `master` by which plattr administers Keycloak (X-14).
const SERVICE_CLIENT: &str = "plattr";

/// Keycloak takes two sign-ins of one person at the same time for an attack, so checks take turns.
static SIGN_IN: Mutex<()> = Mutex::const_new(());

/// Keycloak with its configuration built in: the step that `start` would otherwise repeat.
pub static BUILT: Preparation = Preparation {
    name: "keycloak",
    title: "building Keycloak",
    packages: &["keycloak", "java"],
    optional: false,
    steps: build,
};

/// A data folder of PostgreSQL in which Keycloak's tables are filled already.
pub static DATABASE: Preparation = Preparation {
    name: "keycloak-database",
    title: "filling Keycloak's database",
    packages: &["keycloak", "java", "postgres"],
    optional: true,
    steps: |at| {
        let mut steps = start_database(at, "postgres", &at.folder.join("data"));
        steps.extend([start(at, &[]), Step::Stop, Step::Stop]);
        steps
    },
};

/// What the Java machine learned about Keycloak in an earlier run (JEP 483, JEP 514).
pub static ARCHIVE: Preparation = Preparation {
    name: "keycloak-archive",
    title: "recording how Keycloak starts",
    packages: &["keycloak", "java", "postgres"],
    optional: true,
    steps: record,
};

/// What builds the configuration in. Health is served on the main port: the management port's default is MinIO's.
const BUILD: &[&str] = &[
    "/opt/keycloak/bin/kc.sh",
    "build",
    "--db=postgres",
    "--health-enabled=true",
    "--http-management-health-enabled=false",
];

/// Keycloak.
pub struct Keycloak;

#[async_trait]
impl Service for Keycloak {
    fn name(&self) -> &'static str {
        "keycloak"
    }

    fn title(&self) -> &'static str {
        "Keycloak"
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn wanted_by(&self, spec: &ApplicationSpec) -> bool {
        spec.auth.enabled
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[Endpoint { name: "http", scheme: "http", port: 8080, shown: true }]
    }

    fn needs(&self) -> &'static [&'static str] {
        &["postgres"]
    }

    fn environment_version(&self) -> Option<&'static str> {
        Some("26")
    }

    fn packages(&self) -> &'static [&'static str] {
        &["keycloak", "java"]
    }

    fn preparations(&self, _cx: Context<'_>) -> Vec<&'static Preparation> {
        vec![&BUILT, &postgres::DATABASE, &DATABASE, &ARCHIVE]
    }

    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process {
        let archive = folders.tools.prepared("keycloak-archive").join("keycloak.aot");
        let temporary = folders.config.join("tmp");
        Process {
            program: folders.tools.program("java", "java"),
            args: arguments(folders.tools, &temporary, &super::java_archive(folders.tools, &archive)),
            env: {
                let mut env = super::environment(&temporary);
                let (database, http) = (cx.ports.get("postgres", "sql"), cx.ports.get("keycloak", "http"));
                env.extend(variables((LOOPBACK, database), (LOOPBACK, http), http));
                env
            },
            files: Vec::new(),
            stale: Vec::new(),
            initialise: None,
            stop_signal: StopSignal::Term,
        }
    }

    fn image(&self) -> Image {
        Image::published("keycloak")
    }

    fn build(&self) -> Option<Build> {
        let argv = BUILD.iter().map(|arg| (*arg).to_owned()).collect();
        Some(Build { title: "building Keycloak", argv, user: None, guest: None })
    }

    fn objects(&self, cx: Context<'_>, _version: &str) -> CommandResult<Objects> {
        let mut objects = Objects::read(include_str!("../../manifests/local/keycloak.yaml"))?;
        objects.variables(in_container(("postgres", SQL), ("0.0.0.0", HTTP), cx.ports.get("keycloak", "http")));
        Ok(objects)
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        probe(cx.ports.get("keycloak", "http"))
    }

    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned> {
        let mut provisioned = Provisioned::default();
        let url = url(cx);
        let server = server(cx);
        for app in asking(self, cx) {
            let failed = failed::<keycloak::Error>(self, app);
            let desired = desired(app);
            let changes = match mode {
                Provision::Plan => {
                    keycloak::observe(&server, &desired).await.map(|seen| keycloak::plan(&desired, &seen))
                }
                Provision::Apply => keycloak::ensure(&server, &desired).await,
            }
            .map_err(&failed)?;
            provisioned.add(cx, app, &changes);
            provisioned.notes.extend(desired.notes());
            if mode == Provision::Apply {
                let keys = keycloak::jwks(http(), &url, &desired.realm).await.map_err(&failed)?;
                provisioned.facts.insert(keys_fact(&app.name), keys);
            }
        }
        Ok(provisioned)
    }

    async fn discard(&self, cx: Context<'_>, app: &App) -> CommandResult {
        keycloak::deprovision(&server(cx), &desired(app)).await.map_err(failed::<keycloak::Error>(self, app))
    }

    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check> {
        let _turn = SIGN_IN.lock().await;
        keycloak::verify(&server(cx), &desired(app)).await.0
    }

    fn variables(&self, cx: Context<'_>, app: &App) -> Variables {
        let desired = desired(app);
        AuthBinding {
            issuer_url: format!("{}/realms/{}", url(cx), desired.realm),
            client_id: desired.client_id,
            client_secret: desired.settings.client_secret,
        }
        .variables()
    }
}

fn probe(port: u16) -> Probe {
    Probe::Http { url: format!("http://{LOOPBACK}:{port}/health/ready"), contains: Some("\"UP\"".into()) }
}

fn build(at: &Preparing<'_>) -> Vec<Step> {
    let tree = at.folder.join("tree");
    let mut env = super::environment(at.scratch);
    env.insert("JAVA_HOME".into(), at.tools.package("java").display().to_string());
    let build = Command {
        program: tree.join("bin/kc.sh"),
        args: BUILD[1..].iter().map(|arg| (*arg).to_owned()).collect(),
        env,
        ..Command::default()
    };
    vec![Step::Copy { from: at.tools.package("keycloak"), to: tree }, Step::Run(build)]
}

fn start_database(at: &Preparing<'_>, template: &str, data: &Path) -> Vec<Step> {
    let mut steps = vec![Step::Copy { from: at.tools.prepared(template).join("data"), to: data.to_owned() }];
    steps.extend(postgres::start_in_preparation(at, data.to_owned(), at.ports["a"]));
    steps
}

fn command(at: &Preparing<'_>, extra: &[String]) -> Command {
    Command {
        program: at.tools.program("java", "java"),
        args: arguments(at.tools, at.scratch, extra),
        env: {
            let mut env = super::environment(at.scratch);
            env.extend(variables((LOOPBACK, at.ports["a"]), (LOOPBACK, at.ports["b"]), at.ports["b"]));
            env
        },
        ..Command::default()
    }
}

fn start(at: &Preparing<'_>, extra: &[String]) -> Step {
    let timeout = Duration::from_secs(300);
    Step::Start { command: command(at, extra), probe: probe(at.ports["b"]), stop: StopSignal::Term, timeout }
}

fn record(at: &Preparing<'_>) -> Vec<Step> {
    let recording = at.scratch.join("keycloak.aotconf");
    let Some([learn, write]) = super::java_recording(at.tools, &recording, &at.folder.join("keycloak.aot")) else {
        return Vec::new();
    };
    let mut steps = start_database(at, "keycloak-database", &at.scratch.join("data"));
    steps.extend([start(at, &learn), Step::Stop, Step::Stop, Step::Run(command(at, &write))]);
    steps
}

/// What fills Keycloak's tables in a database that listens on the loopback interface, and ends.
pub fn filling() -> Guest {
    let mut env = in_container((LOOPBACK, SQL), (LOOPBACK, HTTP), HTTP);
    env.extend([("PORT", HTTP), ("DATABASE_PORT", SQL)].map(|(name, port)| (name.to_owned(), port.to_string())));
    Guest { service: &Keycloak, argv: ["bash", "-c", FILL].map(str::to_owned).into(), env }
}

/// Bash without anything else, because the image has little else. The tables are there, and whom plattr signs in as,
/// when it is ready to serve.
const FILL: &str = r#"answers() ( exec 3<>"/dev/tcp/127.0.0.1/$1" ) 2>/dev/null
until answers "$DATABASE_PORT"; do
  [ "$SECONDS" -lt 300 ] || { echo 'the database was not there within five minutes' >&2; exit 1; }
  sleep 0.1
done
/opt/keycloak/bin/kc.sh start --optimized --cache=local & server=$!
ready() (
  exec 3<>"/dev/tcp/127.0.0.1/$PORT" && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 &&
    IFS= read -r line <&3 && [[ $line == *' 200 '* ]]
) 2>/dev/null
until ready; do
  kill -0 "$server" 2>/dev/null || exit 1
  [ "$SECONDS" -lt 600 ] || { echo 'it was not ready within ten minutes' >&2; exit 1; }
  sleep 0.2
done
kill "$server"
wait "$server"
exit 0
"#;

/// Where it listens in a container, and the database in its own.
const HTTP: u16 = 8080;
const SQL: u16 = 5432;

/// The variables of a container.
fn in_container(database: (&str, u16), at: (&str, u16), outside: u16) -> BTreeMap<String, String> {
    let mut env = variables(database, at, outside);
    env.insert("JAVA_OPTS_KC_HEAP".into(), HEAP.join(" "));
    env.insert("JAVA_OPTS_APPEND".into(), OPTIONS.join(" "));
    env.insert("TZ".into(), "UTC".into());
    env
}

/// The variables of a server with its database at `database` that listens at `at`, and that people reach at
/// the port `outside` of this machine.
fn variables(database: (&str, u16), at: (&str, u16), outside: u16) -> BTreeMap<String, String> {
    [
        ("KC_DB_URL", format!("jdbc:postgresql://{}:{}/keycloak", database.0, database.1)),
        ("KC_DB_USERNAME", "keycloak".into()),
        ("KC_DB_PASSWORD", LOCAL_PASSWORD.into()),
        ("KC_DB_POOL_INITIAL_SIZE", "1".into()),
        ("KC_DB_POOL_MIN_SIZE", "1".into()),
        ("KC_DB_POOL_MAX_SIZE", "20".into()),
        // Made at the first start only: a person for the console, a client for plattr.
        ("KC_BOOTSTRAP_ADMIN_USERNAME", "admin".into()),
        ("KC_BOOTSTRAP_ADMIN_PASSWORD", LOCAL_PASSWORD.into()),
        ("KC_BOOTSTRAP_ADMIN_CLIENT_ID", SERVICE_CLIENT.into()),
        ("KC_BOOTSTRAP_ADMIN_CLIENT_SECRET", LOCAL_PASSWORD.into()),
        ("KC_HTTP_ENABLED", "true".into()),
        ("KC_HTTP_HOST", at.0.into()),
        ("KC_HTTP_PORT", at.1.to_string()),
        ("KC_HTTP_POOL_MAX_THREADS", "16".into()),
        ("KC_HOSTNAME", format!("http://{LOOPBACK}:{outside}")),
        // Else each look at its health is a line.
        ("KC_LOG_LEVEL", "info,io.smallrye.health:off".into()),
    ]
    .map(|(name, value): (&str, String)| (name.to_owned(), value))
    .into()
}

/// Its memory, sized for one person.
const HEAP: [&str; 2] = ["-Xms64m", "-Xmx320m"];
/// What makes it start sooner and do with less.
const OPTIONS: [&str; 7] = [
    "-Xss512k",
    "-XX:-UseG1GC",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dquarkus.transaction-manager.enable-recovery=false",
    // Keycloak's own folder is read-only; its transaction store would try three times for ten seconds.
    "-Dquarkus.transaction-manager.object-store.directory=/tmp/transactions",
    // When PostgreSQL was restarted, the connections to the old one are of no use.
    "-Dquarkus.datasource.jdbc.validate-on-borrow=true",
];

/// What `kc.sh start --optimized` runs, without the two shells and the second Java machine that it starts
/// before; sized for one person.
fn arguments(tools: &dyn Tools, temporary: &Path, extra: &[String]) -> Vec<String> {
    let tree = tools.prepared("keycloak").join("tree");
    let tree = tree.display();
    let mut args: Vec<String> = [
        "-Xms64m",
        "-Xmx320m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:MaxMetaspaceSize=256m",
        "-XX:+ExitOnOutOfMemoryError",
    ]
    .map(str::to_owned)
    .into();
    args.extend_from_slice(extra);
    args.extend([
        "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory".into(),
        "-Dfile.encoding=UTF-8".into(),
        "-Dstdout.encoding=UTF-8".into(),
        "-Dstderr.encoding=UTF-8".into(),
        "-Djava.security.egd=file:/dev/urandom".into(),
        "-Djdk.tls.rejectClientInitiatedRenegotiation=true".into(),
        "-Duser.language=en".into(),
        "-Duser.country=US".into(),
        "--add-opens=java.base/java.util=ALL-UNNAMED".into(),
        "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED".into(),
        "--add-opens=java.base/java.security=ALL-UNNAMED".into(),
        "--add-opens=java.base/java.lang=ALL-UNNAMED".into(),
        "--enable-native-access=ALL-UNNAMED".into(),
        format!("-Djava.io.tmpdir={}", temporary.display()),
        // Keycloak's own folder is read-only; its transaction store would try three times for ten seconds.
        format!("-Dquarkus.transaction-manager.object-store.directory={}", temporary.join("transactions").display()),
        "-Dquarkus.transaction-manager.enable-recovery=false".into(),
        // When PostgreSQL was restarted, the connections to the old one are of no use.
        "-Dquarkus.datasource.jdbc.validate-on-borrow=true".into(),
        format!("-Dkc.home.dir={tree}"),
        format!("-Djboss.server.config.dir={tree}/conf"),
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager".into(),
        "-Dquarkus-log-max-startup-records=10000".into(),
        "-Dpicocli.disable.closures=true".into(),
        "-cp".into(),
        format!("{tree}/lib/quarkus-run.jar"),
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint".into(),
        "start".into(),
        "--optimized".into(),
        "--cache=local".into(),
    ]);
    args
}

/// Access tokens of two people, as the application would get them.
///
/// # Errors
/// What Keycloak said.
pub async fn tokens(cx: Context<'_>, app: &App, people: [&LocalUser; 2]) -> Result<[String; 2], keycloak::Error> {
    let _turn = SIGN_IN.lock().await;
    let (url, realm) = (url(cx), desired(app));
    let token = |person: &LocalUser| {
        let (url, realm, user) = (&url, &realm, test_user(person));
        async move { keycloak::sign_in(http(), url, realm, &user).await }
    };
    let (one, two) = futures::try_join!(token(people[0]), token(people[1]))?;
    Ok([one, two])
}

/// The name under which PostgREST finds the public keys of an application's realm.
pub fn keys_fact(app: &AppName) -> String {
    format!("keycloak.jwks.{app}")
}

/// Where Keycloak is.
pub fn url(cx: Context<'_>) -> String {
    format!("http://{LOOPBACK}:{}", cx.ports.get("keycloak", "http"))
}

/// Keycloak, as plattr administers it.
fn server(cx: Context<'_>) -> keycloak::Server {
    let service = Login { user: SERVICE_CLIENT.to_owned(), password: LOCAL_PASSWORD.to_owned() };
    keycloak::Server::new(http().clone(), url(cx), &service)
}

/// What an application needs from Keycloak.
pub fn desired(app: &App) -> keycloak::Desired {
    let confidential = app.spec.auth.client_type == ClientType::Confidential;
    let settings = keycloak::Settings {
        client_secret: confidential.then(|| LOCAL_PASSWORD.to_owned()),
        // Development servers move to another port when theirs is taken; Keycloak ignores the port of a
        // loopback address (RFC 8252, section 7.3).
        redirect_uris: app
            .local
            .origins
            .iter()
            .map(|origin| format!("{origin}/*"))
            .chain(["http://localhost/*".to_owned(), "http://127.0.0.1/*".to_owned()])
            .collect(),
        web_origins: app.local.origins.clone(),
        direct_access_grants: true,
        providers: app.local.providers.clone(),
        users: app.local.users.iter().map(test_user).collect(),
    };
    keycloak::Desired::new(&app.names(), LOCAL, &app.spec, settings)
}

fn test_user(user: &LocalUser) -> keycloak::TestUser {
    keycloak::TestUser {
        username: user.username.clone(),
        email: user.email.clone(),
        first_name: capitalised(&user.username),
        last_name: "Example".to_owned(),
        password: user.password.clone(),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
