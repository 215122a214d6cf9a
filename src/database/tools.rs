//! Where `pg_dump`, `pg_restore` and `psql` come from: this machine's own of the server's version, else a package.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use plattr_db::Server;
use plattr_db::server::Trust;
use tokio::process::Command;
use tokio_postgres::config::{Host, SslMode};

use crate::engines::native::tools::version_in;
use crate::project::Project;
use crate::services::process::Tools as _;
use crate::stack::open::native;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::globals::Globals;
use crate::ui::progress::Task;

/// The client programs that are used, which have to come from one folder.
pub const PROGRAMS: [&str; 4] = ["pg_dump", "pg_dumpall", "pg_restore", "psql"];

/// The first version of each major whose psql keeps a dump from running programs (CVE-2025-8714); all later majors do.
const SAFE_SINCE: [(u32, u32); 5] = [(13, 22), (14, 19), (15, 14), (16, 10), (17, 6)];

/// PostgreSQL's client programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Version: `17.10`.
    pub version: String,
    programs: BTreeMap<&'static str, PathBuf>,
}

/// Finds the client for a server of the version `major`: one of the same major version on this machine, else plattr's
/// package of it, else a newer one on this machine.
///
/// # Errors
/// When there is none, or the package cannot be had.
pub async fn find(globals: &Globals, major: u32, task: &dyn Task) -> CommandResult<Client> {
    let mut here = Vec::new();
    for folder in folders(std::env::var_os("PATH")) {
        here.extend(look_in(&folder).await);
    }
    if let Some(client) = choose(&here, |its| its == major) {
        return Ok(client.clone());
    }
    let newer = choose(&here, |its| its > major).cloned();
    let Some((package, suffix)) = package(major) else { return newer.ok_or_else(|| missing(major)) };
    let settings = Project::find(globals.project.as_deref()).ok().and_then(|project| project.settings().ok());
    let engine = native(settings.unwrap_or_default());
    match (engine.fetch(package, task).await, newer) {
        (Ok(_), _) => {
            let program = |name: &'static str| (name, engine.program(package, &format!("{name}{suffix}")));
            let programs: BTreeMap<_, _> = PROGRAMS.into_iter().map(program).collect();
            let version = version_of(&programs["pg_dump"]).await.ok_or_else(|| unusable(package))?;
            Ok(Client { version, programs })
        }
        (Err(_), Some(newer)) => Ok(newer),
        (Err(error), None) => Err(error.hint(format!("or install the client programs of PostgreSQL {major}"))),
    }
}

/// The package with the client for a server of a major version, and how its programs' names end in the lock. A client
/// reads servers that are older than itself.
pub fn package(major: u32) -> Option<(&'static str, &'static str)> {
    match major {
        ..=16 => Some(("postgres-client-16-18", "-16")),
        17 => Some(("postgres-client-17", "")),
        18 => Some(("postgres-client-16-18", "-18")),
        _ => None,
    }
}

/// Whether a package is one of those.
pub fn is_package(name: &str) -> bool {
    name.starts_with("postgres-client-")
}

/// Folders that may have the programs: those on PATH, and where the packages of systems put them.
fn folders(path: Option<OsString>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = path.iter().flat_map(std::env::split_paths).collect();
    for (above, below) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr/local/opt", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        let entries = std::fs::read_dir(above).into_iter().flatten().flatten();
        folders.extend(entries.map(|entry| entry.path().join(below)));
    }
    folders
}

/// The client in a folder, if all programs are there. Debian's wrapper, which chooses by clusters of this machine, is
/// not taken.
async fn look_in(folder: &Path) -> Option<Client> {
    let mut programs = BTreeMap::new();
    for name in PROGRAMS {
        let path = folder.join(name);
        let real = path.canonicalize().ok().filter(|real| real.is_file())?;
        if real.file_name().is_some_and(|name| name == "pg_wrapper") {
            return None;
        }
        programs.insert(name, path);
    }
    let version = version_of(&programs["pg_dump"]).await?;
    Some(Client { version, programs })
}

async fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// The newest of the clients whose major version fits, of those that are safe.
fn choose(clients: &[Client], fits: impl Fn(u32) -> bool) -> Option<&Client> {
    clients.iter().filter(|client| is_safe(client.numbers()) && fits(client.numbers().0)).max_by_key(|c| c.numbers())
}

fn is_safe((major, minor): (u32, u32)) -> bool {
    SAFE_SINCE.iter().find(|(since, _)| *since == major).map_or(major > 17, |(_, since)| minor >= *since)
}

fn missing(major: u32) -> CommandError {
    let message = format!("the server is PostgreSQL {major}, and there is no pg_dump {major} or later here");
    CommandError::new(ErrorKind::Environment, "client-missing", message)
        .hint(format!("install the client programs of PostgreSQL {major} so that they are on PATH"))
}

fn unusable(package: &str) -> CommandError {
    let message = format!("the programs of the package {package} do not run on this machine");
    CommandError::new(ErrorKind::Environment, "client-missing", message)
        .hint("install the client programs of PostgreSQL so that they are on PATH")
}

impl Client {
    fn numbers(&self) -> (u32, u32) {
        let mut numbers = self.version.split('.').map_while(|number| number.parse().ok());
        (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
    }

    /// A command that runs one of the programs against a server. It is killed when nobody waits for it any more.
    pub fn command(&self, program: &'static str, server: &Server) -> Command {
        let mut command = Command::new(self.programs.get(program).map_or(Path::new(program), PathBuf::as_path));
        for name in own_variables() {
            command.env_remove(name);
        }
        command.envs(environment(server)).env("LC_ALL", "C").kill_on_drop(true);
        command
    }
}

/// What a person has set for their own psql, which would lead elsewhere.
pub fn own_variables() -> Vec<OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("PG")).collect()
}

/// The variables by which libpq finds a server. A password is not among the arguments, which everyone may read.
pub fn environment(server: &Server) -> BTreeMap<&'static str, OsString> {
    let config = &server.config;
    let host = |host: &Host| match host {
        Host::Tcp(name) => OsString::from(name),
        Host::Unix(path) => path.clone().into_os_string(),
    };
    let hosts: Vec<OsString> = config.get_hosts().iter().map(host).collect();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    let mode = match (config.get_ssl_mode(), &server.trust) {
        (SslMode::Disable, _) => "disable",
        (_, Trust::Certified { .. }) => "verify-full",
        (SslMode::Prefer, _) => "prefer",
        _ => "require",
    };
    let mut variables = BTreeMap::from([
        ("PGHOST", hosts.join(std::ffi::OsStr::new(","))),
        ("PGPORT", ports.join(",").into()),
        ("PGSSLMODE", mode.into()),
        ("PGGSSENCMODE", "disable".into()),
        ("PGAPPNAME", "plattr".into()),
        ("PGCONNECT_TIMEOUT", "10".into()),
        ("PGOPTIONS", "-c client_min_messages=warning".into()),
        // Neither of the person's own.
        ("PGPASSFILE", "/dev/null".into()),
        ("PGSERVICEFILE", "/dev/null".into()),
    ]);
    if let Trust::Certified { roots } = &server.trust {
        let system = || "system".into();
        variables.insert("PGSSLROOTCERT", roots.as_ref().map_or_else(system, |path| path.clone().into_os_string()));
    }
    if let Some(user) = config.get_user() {
        variables.insert("PGUSER", user.into());
    }
    if let Some(database) = config.get_dbname() {
        variables.insert("PGDATABASE", database.into());
    }
    if let Some(password) = config.get_password() {
        variables.insert("PGPASSWORD", String::from_utf8_lossy(password).into_owned().into());
    }
    // Where it is given it is what is connected to, and the host only a name.
    let addresses: Vec<String> = config.get_hostaddrs().iter().map(ToString::to_string).collect();
    variables.insert("PGHOSTADDR", addresses.join(",").into());
    variables.retain(|_, value| !value.is_empty());
    variables
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engines::native::lock::LOCK;

    fn client(version: &str) -> Client {
        Client { version: version.to_owned(), programs: BTreeMap::new() }
    }

    #[test]
    fn the_newest_client_of_the_servers_version_is_chosen() {
        let here = ["15.18", "17.6", "17.10", "18.1"].map(client);
        let chosen = |major: u32| choose(&here, |its| its == major).map(|client| client.version.as_str());
        assert_eq!([15, 16, 17, 18].map(chosen), [Some("15.18"), None, Some("17.10"), Some("18.1")]);
    }

    #[test]
    fn a_client_that_lets_dumps_run_programs_is_not_taken() {
        let here = ["15.13", "16.9", "17.5", "12.22"].map(client);
        assert_eq!(choose(&here, |_| true), None);
        assert!(is_safe((19, 0)) && is_safe((17, 6)));
    }

    #[test]
    fn every_major_of_today_has_a_package_with_all_programs() {
        for major in 15..=18 {
            let (name, suffix) = package(major).unwrap();
            let package = LOCK.get(name).unwrap();
            for program in PROGRAMS {
                assert!(package.programs.contains_key(&format!("{program}{suffix}")), "{program} of {major}");
            }
        }
        assert_eq!(package(19), None);
    }

    #[test]
    fn libpq_is_told_by_variables_what_a_url_says() {
        let server = Server::parse("postgresql://me:s%20cret@db.example.com:6432/shop?sslmode=verify-full").unwrap();
        let told = environment(&server);
        for (name, value) in [
            ("PGHOST", "db.example.com"),
            ("PGPORT", "6432"),
            ("PGUSER", "me"),
            ("PGDATABASE", "shop"),
            ("PGPASSWORD", "s cret"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "system"),
        ] {
            assert_eq!(told[name], value, "{name}");
        }
        assert!(!told.contains_key("PGHOSTADDR"));
        let tunnel = Server::parse("postgresql://me@db.example.com/shop?hostaddr=127.0.0.1").unwrap();
        assert_eq!(environment(&tunnel)["PGHOSTADDR"], "127.0.0.1");
        let several = Server::parse("postgresql://me@a:1,b:2/shop").unwrap();
        assert_eq!(
            (&environment(&several)["PGHOST"], &environment(&several)["PGPORT"]),
            (&"a,b".into(), &"1,2".into())
        );
    }

    #[tokio::test]
    async fn a_folder_without_all_programs_has_no_client() {
        assert_eq!(look_in(tempfile::tempdir().unwrap().path()).await, None);
    }
}
