//! PostgreSQL: one server and database for the stack, a schema for each application.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use plattr_api::variables::DatabaseBinding;
use plattr_api::{ApplicationSpec, Variables};
use plattr_backends::{Check, Login, postgres};
use plattr_db::{Server, SqlFailure, template};

use super::image::{Build, Image};
use super::objects::Objects;
use super::probe::Probe;
use super::process::{
    Command, ConfigFile, Initialise, NativeFolders, Preparation, Preparing, Process, Step, StopSignal, Tools, Versioned,
};
use super::provisioning::{LOCAL, asking, failed, port};
use super::{Context, Endpoint, LOCAL_PASSWORD, LOOPBACK, Provision, Provisioned, Scope, Service, keycloak};
use crate::stack::{App, Stack};
use crate::ui::error::CommandResult;

/// The administrator, which is no superuser (as on Aurora, X-01), and its database.
pub const ADMIN: &str = "plattr";
/// Keycloak's login, and its database.
pub const KEYCLOAK: &str = "keycloak";

/// What moves data to another major version.
const UPGRADE: &str = "plattr db upgrade";

/// A data folder with the administrator and Keycloak's empty database in it.
pub static DATABASE: Preparation = Preparation {
    name: "postgres",
    title: "preparing a database",
    packages: &["postgres"],
    optional: true,
    steps: |at| create(&at.folder.join("data"), at.tools, at.scratch).into_iter().map(Step::Run).collect(),
};

/// What it runs in a cluster.
const MANIFEST: &str = include_str!("../../manifests/local/postgres.yaml");

/// PostgreSQL.
pub struct Postgres;

#[async_trait]
impl Service for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn title(&self) -> &'static str {
        "PostgreSQL"
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn wanted_by(&self, spec: &ApplicationSpec) -> bool {
        // Keycloak keeps its users in it.
        spec.database.enabled || spec.auth.enabled
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &[Endpoint { name: "sql", scheme: "postgresql", port: 5432, shown: true }]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn environment_version(&self) -> Option<&'static str> {
        Some("16")
    }

    fn reads(&self, wrote: &str, runs: &str) -> bool {
        super::major(wrote) == super::major(runs)
    }

    fn upgraded_by(&self) -> Option<&'static str> {
        Some(UPGRADE)
    }

    fn packages(&self) -> &'static [&'static str] {
        &["postgres"]
    }

    fn preparations(&self, cx: Context<'_>) -> Vec<&'static Preparation> {
        if wants_keycloak(cx.stack) { vec![&DATABASE, &keycloak::BUILT, &keycloak::DATABASE] } else { vec![&DATABASE] }
    }

    fn process(&self, cx: Context<'_>, folders: &NativeFolders<'_>) -> Process {
        let version = folders.tools.version("postgres");
        let major = major(&version);
        // Another major version cannot read the data of this one.
        let (target, staging) = (folders.data.join(major), folders.data.join(format!("{major}.new")));
        let templates = [("keycloak-database", wants_keycloak(cx.stack)), ("postgres", true)]
            .into_iter()
            .filter(|(_, wanted)| *wanted)
            .map(|(name, _)| folders.tools.prepared(name).join("data"))
            .collect();
        let temporary = folders.config.join("tmp");
        Process {
            program: folders.tools.program("postgres", "postgres"),
            args: serving(&target, folders.config),
            env: super::environment(&temporary),
            files: files(folders.config, cx.ports.get("postgres", "sql"), folders.tools),
            // The number in it may belong to another process by now, for which PostgreSQL would wait.
            stale: vec![target.join("postmaster.pid")],
            initialise: Some(Initialise {
                commands: create(&staging, folders.tools, &temporary),
                target,
                versioned: Some(Versioned { title: "PostgreSQL", package: "postgres", upgrade: UPGRADE }),
                staging,
                templates,
                files: Vec::new(),
            }),
            stop_signal: StopSignal::Int,
        }
    }

    fn image(&self) -> Image {
        Image::published("postgres")
    }

    fn filled(&self, cx: Context<'_>, version: &str) -> Option<Build> {
        if !wants_keycloak(cx.stack) {
            return None;
        }
        Some(Build {
            title: "filling Keycloak's database",
            argv: ["sh", "-c", &filled(major(version))].map(str::to_owned).into(),
            user: container_user().ok().map(|(user, group)| format!("{user}:{group}")),
            guest: Some(keycloak::filling()),
        })
    }

    fn objects(&self, _cx: Context<'_>, version: &str) -> CommandResult<Objects> {
        let mut objects = Objects::read(MANIFEST)?;
        let major = major(version);
        let (config, data) = (Path::new("/plattr/config"), PathBuf::from(format!("/data/{major}")));
        objects.add("postgresql.conf", settings("*", 5432, major, true));
        objects.add("pg_hba.conf", access("all"));
        objects.add("initialise.sh", initialise(major));
        objects.add("template0.sql", COUNTING);
        objects.add("template1.sql", first_statements(true));
        if let Some(container) = objects.pod().containers.first_mut() {
            container.args = Some(serving(&data, config));
        }
        Ok(objects)
    }

    fn probe(&self, cx: Context<'_>) -> Probe {
        probe(cx.ports.get("postgres", "sql"))
    }

    async fn provision(&self, cx: Context<'_>, mode: Provision) -> CommandResult<Provisioned> {
        let mut provisioned = Provisioned::default();
        for app in asking(self, cx) {
            let (admin, desired) = (admin_of(cx, app), desired(app));
            let changes = match mode {
                Provision::Plan => match postgres::connect(&admin).await {
                    Ok(client) => {
                        postgres::observe(&client, &admin, &desired).await.map(|seen| postgres::plan(&desired, &seen))
                    }
                    Err(error) => Err(error),
                },
                Provision::Apply => postgres::ensure(&admin, &desired).await,
            }
            .map_err(failed(self, app))?;
            provisioned.add(cx, app, &changes);
        }
        Ok(provisioned)
    }

    async fn discard(&self, cx: Context<'_>, app: &App) -> CommandResult {
        if app.local.isolated.is_none() {
            return Ok(());
        }
        let dropped = async {
            let session = template::maintenance(&Server::plain(admin(cx))).await?.connect().await?;
            template::drop(&session, app.database()).await
        };
        dropped.await.map_err(failed::<SqlFailure>(self, app))
    }

    async fn verify(&self, cx: Context<'_>, app: &App) -> Vec<Check> {
        postgres::verify(&admin_of(cx, app), &desired(app)).await
    }

    fn variables(&self, cx: Context<'_>, app: &App) -> Variables {
        let names = app.names();
        let login = |user: &str| Login { user: user.to_owned(), password: LOCAL_PASSWORD.to_owned() };
        DatabaseBinding {
            host: LOOPBACK.to_owned(),
            port: port(self, cx, "sql"),
            database: app.database().to_owned(),
            schema: names.schema.clone(),
            app: login(&names.app_role),
            migrator: login(&names.migrator_role),
            ssl_mode: None,
        }
        .variables()
    }
}

fn wants_keycloak(stack: &Stack) -> bool {
    stack.apps.values().any(|app| keycloak::Keycloak.wanted_here(app))
}

fn probe(port: u16) -> Probe {
    Probe::Postgres { url: format!("postgresql://{ADMIN}:{LOCAL_PASSWORD}@{LOOPBACK}:{port}/{ADMIN}") }
}

/// Starts a server on a copy of a prepared data folder, as a part of another preparation.
pub fn start_in_preparation(at: &Preparing<'_>, data: PathBuf, port: u16) -> Vec<Step> {
    let command = Command {
        program: at.tools.program("postgres", "postgres"),
        args: arguments(&data, at.scratch),
        env: super::environment(at.scratch),
        ..Command::default()
    };
    let mut steps: Vec<Step> = files(at.scratch, port, at.tools).into_iter().map(Step::Write).collect();
    let timeout = Duration::from_secs(60);
    steps.push(Step::Start { command, probe: probe(port), stop: StopSignal::Int, timeout });
    steps
}

fn arguments(data: &Path, config: &Path) -> Vec<String> {
    let setting = |name: &str, file: &str| format!("{name}={}", config.join(file).display());
    vec![
        "-D".into(),
        data.display().to_string(),
        "-c".into(),
        setting("config_file", "postgresql.conf"),
        "-c".into(),
        setting("hba_file", "pg_hba.conf"),
    ]
}

/// The arguments of a server that a developer uses.
fn serving(data: &Path, config: &Path) -> Vec<String> {
    let mut args = arguments(data, config);
    // What changed the schema, and when. plattr's own statements have no passwords in them.
    args.extend(["-c", "log_statement=ddl"].map(str::to_owned));
    args
}

fn files(config: &Path, port: u16, tools: &dyn Tools) -> Vec<ConfigFile> {
    let settings = settings(LOOPBACK, port, major(&tools.version("postgres")), counts(tools));
    vec![
        ConfigFile { path: config.join("postgresql.conf"), contents: settings },
        ConfigFile { path: config.join("pg_hba.conf"), contents: access("127.0.0.1/32") },
    ]
}

/// The major version, as folders are named by it.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

/// Whether the server has the extension that counts statements: plattr's package and the official image have all of
/// PostgreSQL's own; a program on PATH may have come without, and does not start when it is to load it.
pub fn counts(tools: &dyn Tools) -> bool {
    let program = tools.program("postgres", "postgres");
    let program = program.canonicalize().unwrap_or(program);
    let above = program.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    let libraries = ["lib", "lib/postgresql"].map(|folder| above.join(folder).join("pg_stat_statements"));
    tools.is_package("postgres")
        || libraries.iter().any(|path| ["so", "dylib"].iter().any(|end| path.with_extension(end).exists()))
}

/// postgresql.conf of a server of a major version that listens on the addresses `listen`.
fn settings(listen: &str, port: u16, major: &str, counts: bool) -> String {
    // A self-granted role lets an administrator that is no superuser act as the owner of a schema. Before 16, CREATEROLE
    // alone did, and the setting is unknown.
    let self_grant = match major.parse::<u32>() {
        Ok(..16) => "",
        _ => "createrole_self_grant = 'set, inherit'\n",
    };
    // As on Aurora, where it is the default.
    let preload = if counts { "shared_preload_libraries = 'pg_stat_statements'\n" } else { "" };
    format!(
        "listen_addresses = '{listen}'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 100\n\
         shared_buffers = '32MB'\nmin_wal_size = '32MB'\nmax_wal_size = '256MB'\n\
         {preload}{self_grant}password_encryption = 'scram-sha-256'\n\
         log_line_prefix = '%m [%p] '\nlog_timezone = 'UTC'\ntimezone = 'UTC'\n"
    )
}

/// pg_hba.conf: everyone with a password from the addresses `from`, and the superuser from nowhere.
fn access(from: &str) -> String {
    format!(
        "# The superuser never gets in over the network.\n\
         host all postgres all reject\n\
         host all all {from} scram-sha-256\n"
    )
}

/// What fills an empty data folder. The single-user mode needs neither a port nor a password.
fn create(data: &Path, tools: &dyn Tools, temporary: &Path) -> Vec<Command> {
    let program = |name| tools.program("postgres", name);
    let data = data.display().to_string();
    let initdb = initdb(&data, major(&tools.version("postgres")));
    let env = super::environment(temporary);
    let statements = |database: &str, statements: String| Command {
        program: program("postgres"),
        args: single(&data, database),
        env: env.clone(),
        stdin: Some(statements),
        fails_on: Some("ERROR:"),
    };
    let counts = counts(tools);
    let template0 = counts.then(|| statements("template0", COUNTING.to_owned()));
    let initdb = Command { program: program("initdb"), args: initdb, env: env.clone(), ..Command::default() };
    let template1 = statements("template1", first_statements(counts));
    [Some(initdb), template0, Some(template1)].into_iter().flatten().collect()
}

/// Arguments of `initdb` of a major version.
pub fn initdb(data: &str, major: &str) -> Vec<String> {
    let mut args = ["-D", data, "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=reject", "--no-sync"]
        .map(str::to_owned)
        .to_vec();
    args.push("--no-instructions".into());
    if major.parse::<u32>().is_ok_and(|m| m >= 17) {
        // Sorts as C does, and knows upper and lower case of all letters.
        args.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"].map(str::to_owned));
    }
    args
}

/// Arguments of a server that reads statements for a database from its standard input, and serves nobody.
pub fn single(data: &str, database: &str) -> Vec<String> {
    ["--single", "-F", "-D", data, "-c", "exit_on_error=on", database].map(str::to_owned).into()
}

/// What both templates have, and so every database, whichever it is made of: the counting of statements. An
/// extension that is made in single-user mode counts as the server's own, and is in no dump.
pub const COUNTING: &str = "CREATE EXTENSION pg_stat_statements;\n";

/// What `template1` begins with, before anything is in it that is of use to anybody.
pub fn beginning(counts: bool) -> String {
    format!("{}{CLOSED}", if counts { COUNTING } else { "" })
}

/// The administrator and Keycloak's login, with their databases.
fn first_statements(counts: bool) -> String {
    let beginning = beginning(counts);
    format!(
        "{beginning}\
         CREATE ROLE {ADMIN} LOGIN CREATEROLE CREATEDB NOSUPERUSER PASSWORD '{LOCAL_PASSWORD}';\n\
         CREATE ROLE {KEYCLOAK} LOGIN PASSWORD '{LOCAL_PASSWORD}';\n\
         CREATE DATABASE {ADMIN} OWNER {ADMIN};\n\
         CREATE DATABASE {KEYCLOAK} OWNER {KEYCLOAK};\n\
         REVOKE CONNECT ON DATABASE {KEYCLOAK} FROM PUBLIC;\n\
         REVOKE CONNECT ON DATABASE {ADMIN} FROM PUBLIC;\n\
         GRANT pg_read_all_stats TO {ADMIN};\n"
    )
}

/// Nobody but the superuser gets into the databases that every cluster has.
const CLOSED: &str = "REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;\n\
                          REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;\n";

/// Fills an empty data folder in a pod: built beside its place and then renamed, so that a pod that was killed
/// leaves nothing half made. Data of another major version is never passed over in silence, and what is left of one
/// whose data has moved on does not serve again. It waits for a server that still has the data: the one of the pod that
/// this one replaces, which may take a minute to end.
fn initialise(major: &str) -> String {
    let (staging, filled) = (format!("/data/{major}.new"), format!("{FILLED}/{major}"));
    let fill = fill(&staging, major, "/plattr/config");
    format!(
        "set -eu\n\
         exec 9>/data/.lock\n\
         flock 9\n\
         for other in /data/*; do\n\
         \x20 other=${{other##*/}}\n\
         \x20 case $other in {major} | *[!0-9]*) continue;; esac\n\
         \x20 [ \"$other\" -gt {major} ] || [ ! -d /data/{major} ] || continue\n\
         \x20 echo \"the data is of PostgreSQL $other, and this is PostgreSQL {major}\" >&2\n\
         \x20 exit 1\n\
         done\n\
         rm -f /data/{major}/postmaster.pid\n\
         [ -d /data/{major} ] && exit 0\n\
         if [ -d {filled} ]; then\n\
         rm -rf {staging}\n\
         cp -a {filled} {staging}\n\
         else\n\
         {fill}\
         fi\n\
         sync\n\
         mv {staging} /data/{major}\n"
    )
}

/// Where an image has data folders of PostgreSQL with Keycloak's tables in them. (A folder that everyone may write and
/// no image has as a volume, which would stay out of what is made of it.)
const FILLED: &str = "/var/tmp/plattr";

/// Shell that makes a data folder in an image, and serves it until it is told to end.
fn filled(major: &str) -> String {
    let data = format!("{FILLED}/{major}");
    let files = [
        ("template0.sql", COUNTING.to_owned()),
        ("template1.sql", first_statements(true)),
        ("postgresql.conf", settings(LOOPBACK, 5432, major, true)),
        ("pg_hba.conf", access("127.0.0.1/32")),
    ];
    let files: String = files
        .iter()
        .map(|(name, text)| format!("cat > {FILLED}/{name} <<'END OF {name}'\n{text}END OF {name}\n"))
        .collect();
    let (fill, serve) = (fill(&data, major, FILLED), arguments(Path::new(&data), Path::new(FILLED)).join(" "));
    // One that nobody tells to end, because plattr was killed, does so itself.
    format!("set -eu\nmkdir -p {FILLED}\n{files}{fill}exec timeout -s INT 1200 postgres {serve}\n")
}

/// Shell that makes the data folder `data` anew, with what statements put into its templates: those of the files
/// `template0.sql` and `template1.sql` in `folder`.
pub fn fill(data: &str, major: &str, folder: &str) -> String {
    let (initdb, single) = (initdb(data, major).join(" "), single(data, "\"$database\"").join(" "));
    format!(
        "rm -rf {data}\n\
         initdb {initdb}\n\
         for database in template0 template1; do\n\
         \x20 said=$(postgres {single} < \"{folder}/$database.sql\" 2>&1) || {{ echo \"$said\" >&2; exit 1; }}\n\
         \x20 # Not every version tells by its exit code.\n\
         \x20 case \"$said\" in *ERROR:* | *FATAL:*) echo \"$said\" >&2; exit 1;; esac\n\
         done\n"
    )
}

/// The user of its containers, and the group.
///
/// # Errors
/// When the manifest is not what it should be; a test reads it.
pub fn container_user() -> CommandResult<(i64, i64)> {
    let mut objects = Objects::read(MANIFEST)?;
    let user = objects.pod().security_context.clone().unwrap_or_default();
    Ok((user.run_as_user.unwrap_or_default(), user.run_as_group.unwrap_or_default()))
}

/// Where the database is, with its administrator's login, who is no superuser.
pub fn admin(cx: Context<'_>) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config
        .host(LOOPBACK)
        .port(cx.ports.get("postgres", "sql"))
        .dbname(ADMIN)
        .user(ADMIN)
        .password(LOCAL_PASSWORD)
        .application_name("plattr")
        .connect_timeout(Duration::from_secs(10));
    config
}

/// The administrator's login in the database of an application.
pub fn admin_of(cx: Context<'_>, app: &App) -> tokio_postgres::Config {
    let mut config = admin(cx);
    config.dbname(app.database());
    config
}

/// What an application needs from PostgreSQL.
pub fn desired(app: &App) -> postgres::Desired {
    let passwords = postgres::Passwords {
        app: LOCAL_PASSWORD.to_owned(),
        migrator: LOCAL_PASSWORD.to_owned(),
        authenticator: LOCAL_PASSWORD.to_owned(),
    };
    postgres::Desired::new(&app.names(), LOCAL, &app.spec, passwords)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::stack::{Facts, LocalApp, Ports};

    fn is_script(shell: &str, script: &str) {
        let mut child = Command::new(shell).arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{shell}: {script}");
    }

    #[test]
    fn what_containers_run_is_shell() {
        for major in ["15", "17"] {
            is_script("sh", &initialise(major));
            is_script("sh", &filled(major));
        }
        is_script("bash", &keycloak::filling().argv[2]);
    }

    #[test]
    fn an_image_has_keycloaks_tables_where_people_sign_in() {
        let mut app = App {
            name: "todo".parse().unwrap(),
            root: "/todo".into(),
            spec: ApplicationSpec::default(),
            local: LocalApp::default(),
        };
        for wants in [false, true] {
            app.spec.auth.enabled = wants;
            let apps = [(app.name.clone(), app.clone())].into();
            let stack = Stack { name: "todo".into(), root: "/s".into(), home: "/s".into(), apps };
            let (ports, facts) = (Ports::default(), Facts::new());
            let cx = Context { stack: &stack, app: None, ports: &ports, facts: &facts };
            assert_eq!(Postgres.filled(cx, "17.6").is_some(), wants);
        }
    }
}
