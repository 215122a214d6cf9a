//! A project with real services, started by plattr itself, in a world of its own.

#![allow(dead_code)] // Every test binary uses another part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The `plattr.yaml` of a project that asks for everything.
pub const EVERYTHING: &str = "\
version: 1
name: NAME
database:
  enabled: true
storage:
  enabled: true
  buckets:
    - name: uploads
    - name: pictures
      public: true
auth:
  enabled: true
  clientType: confidential
cache:
  enabled: true
search:
  enabled: true
  indices:
    - name: notes
";

/// The `plattr.yaml` of a project that is up in a second.
pub const CACHE_ONLY: &str = "version: 1\nname: NAME\ncache:\n  enabled: true\n";

/// Where the services of the tests run: `PLATTR_TEST_ENGINE`, else `native`. The same tests are run with both.
pub fn engine() -> &'static str {
    static ENGINE: OnceLock<String> = OnceLock::new();
    ENGINE.get_or_init(|| std::env::var("PLATTR_TEST_ENGINE").unwrap_or_else(|_| "native".into()))
}

/// A machine's user as plattr sees it: home, state and registry are its own; the package cache is shared
/// between tests, because filling it takes minutes.
pub struct World {
    folder: tempfile::TempDir,
    cache: Option<PathBuf>,
    projects: std::cell::RefCell<Vec<PathBuf>>,
    images: std::cell::RefCell<Option<PathBuf>>,
}

impl World {
    /// A new world.
    pub fn new() -> Self {
        Self {
            folder: tempfile::Builder::new().prefix("plattr-test-").tempdir().expect("a temporary folder"),
            cache: None,
            projects: std::cell::RefCell::default(),
            images: std::cell::RefCell::default(),
        }
    }

    /// A new world with a package cache of its own.
    pub fn with_cache(cache: &Path) -> Self {
        let mut world = Self::new();
        world.cache = Some(cache.to_owned());
        world
    }

    /// Gives it an empty package cache of its own.
    pub fn own_cache(&mut self) {
        self.cache = Some(self.path().join("cache"));
    }

    /// The program where other users of this machine may run it, too: cargo's folder may be in a home.
    pub fn program_for_everyone(&self) -> PathBuf {
        let copy = self.path().join("plattr");
        std::fs::copy(env!("CARGO_BIN_EXE_plattr"), &copy).expect("a copy of plattr");
        copy
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Has the Kind engine run an image of the rig, `postgres-16`, as the image `key`.
    pub fn run_image(&self, key: &str, name: &str) {
        let rig = PathBuf::from(std::env::var_os("PLATTR_RIG").expect("PLATTR_RIG, of the rig's env file"));
        let lock = std::fs::read_to_string(std::env::var_os("PLATTR_IMAGES_LOCK").expect("the rig's images.lock"));
        let image = std::fs::read_to_string(rig.join("images").join(name)).expect("an image of the rig");
        let others = lock.expect("the rig's images.lock");
        let others = others.lines().filter(|line| !line.starts_with(&format!("{key} = ")));
        let lock: String = others.map(|line| format!("{line}\n")).collect();
        let path = self.path().join("images.lock");
        std::fs::write(&path, format!("{lock}{key} = \"{}\"\n", image.trim())).expect("an images.lock");
        self.images.replace(Some(path));
    }

    /// Makes a project; `yaml` is its file with `NAME` for its name.
    pub fn project(&self, name: &str, yaml: &str) -> Project<'_> {
        let folder = self.path().join(name);
        std::fs::create_dir_all(&folder).expect("the project's folder");
        std::fs::write(folder.join("plattr.yaml"), yaml.replace("NAME", name)).expect("plattr.yaml");
        self.projects.borrow_mut().push(folder.clone());
        Project { world: self, folder, name: name.to_owned() }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for folder in self.projects.borrow().iter() {
            let project = Project { world: self, folder: folder.clone(), name: String::new() };
            let _ = project.plattr(&["destroy", "--yes", "--progress", "none"]).output();
        }
    }
}

/// A project.
pub struct Project<'w> {
    world: &'w World,
    /// Its folder.
    pub folder: PathBuf,
    /// Its application's name.
    pub name: String,
}

impl Project<'_> {
    /// Moves its folder to another name, whatever runs.
    pub fn move_to(&mut self, name: &str) {
        let there = self.world.path().join(name);
        std::fs::rename(&self.folder, &there).expect("a folder that can be moved");
        for folder in self.world.projects.borrow_mut().iter_mut().filter(|folder| **folder == self.folder) {
            *folder = there.clone();
        }
        self.folder = there;
    }

    /// plattr, in the project's folder, with nothing of this machine's environment but PATH.
    pub fn plattr(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plattr"));
        self.isolate(&mut command);
        command.args(args);
        command
    }

    /// Any program, in the same world.
    pub fn isolate(&self, command: &mut Command) {
        let home = self.world.path().join("home");
        std::fs::create_dir_all(&home).expect("a home");
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("RUST_BACKTRACE", "0")
            .env("PLATTR_ENGINE", engine())
            .envs(RIG.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))))
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        if let Some(images) = &*self.world.images.borrow() {
            command.env("PLATTR_IMAGES_LOCK", images);
        }
        match &self.world.cache {
            Some(cache) => command.env("PLATTR_CACHE_DIR", cache),
            None => command.env("PLATTR_CACHE_DIR", shared_cache()),
        };
    }

    /// Runs plattr; panics with what it said unless it ends with `code`.
    #[track_caller]
    pub fn expect(&self, code: i32, args: &[&str]) -> Said {
        let output = self.plattr(args).output().expect("plattr starts");
        let said = Said::from(output);
        assert_eq!(
            said.code,
            Some(code),
            "plattr {}\n--- stdout\n{}\n--- stderr\n{}",
            args.join(" "),
            said.out,
            said.err
        );
        said
    }

    /// `plattr dev --yes`, which must succeed.
    #[track_caller]
    pub fn dev(&self) -> Value {
        self.expect(0, &["dev", "--yes", "--progress", "plain", "-o", "json"]).json()
    }

    /// What `plattr status` says of each service.
    #[track_caller]
    pub fn status(&self) -> BTreeMap<String, Value> {
        let status = self.expect(0, &["status", "-o", "json"]).json();
        let services = status["services"].as_array().expect("services").clone();
        services.into_iter().map(|s| (s["id"].as_str().expect("an id").to_owned(), s)).collect()
    }

    /// What runs, by service: something that is another after a restart.
    #[track_caller]
    pub fn running(&self) -> BTreeMap<String, String> {
        if engine() == "native" {
            return self.pids().into_iter().map(|(id, pid)| (id, pid.to_string())).collect();
        }
        let pods = self.kubectl(&["get", "pods", "-o", "json"]);
        let pods: Value = serde_json::from_str(&pods).expect("pods");
        let of = |pod: &Value| {
            let metadata = &pod["metadata"];
            let runs = metadata["deletionTimestamp"].is_null() && pod["status"]["phase"] == "Running";
            let id = metadata["labels"]["platform.internal/instance"].as_str()?;
            let container = pod["status"]["containerStatuses"][0]["containerID"].as_str()?;
            runs.then(|| (id.to_owned(), container.to_owned()))
        };
        pods["items"].as_array().expect("items").iter().filter_map(of).collect()
    }

    /// What `plattr ps` and the rest of the machine need not know: kubectl in the stack's cluster, in the namespace of
    /// the services. Panics with what it said when it fails.
    #[track_caller]
    pub fn kubectl(&self, args: &[&str]) -> String {
        let config = self.expect(0, &["kubeconfig", "--path"]).out;
        let mut command = Command::new("kubectl");
        self.isolate(&mut command);
        let output = command
            .args(["--kubeconfig", config.trim(), "--namespace", "plattr-local"])
            .args(args)
            .output()
            .expect("kubectl, which tests/rig/up makes");
        let said = Said::from(output);
        assert_eq!(said.code, Some(0), "kubectl {}: {}{}", args.join(" "), said.out, said.err);
        said.out
    }

    /// Whether something that [`Project::running`] told still runs.
    pub fn still_runs(&self, id: &str, what: &str) -> bool {
        if engine() == "native" {
            return alive(what.parse().expect("a process id"));
        }
        let node = self.node();
        let node = docker(&["inspect", "--format", "{{.State.Running}}", &node]);
        node.is_some_and(|running| running.trim() == "true") && self.running().get(id).is_some_and(|now| now == what)
    }

    /// The container of the stack's cluster.
    #[track_caller]
    pub fn node(&self) -> String {
        let config = self.expect(0, &["kubeconfig", "-o", "json"]).json();
        let name = config["contexts"][0]["name"].as_str().expect("a context").to_owned();
        format!("{}-control-plane", name.strip_prefix("kind-").expect("kind's context"))
    }

    /// Process ids by service.
    #[track_caller]
    pub fn pids(&self) -> BTreeMap<String, u32> {
        self.status().into_iter().filter_map(|(id, s)| Some((id, u32::try_from(s["pid"].as_u64()?).ok()?))).collect()
    }

    /// The variables of the application.
    #[track_caller]
    pub fn variables(&self) -> BTreeMap<String, String> {
        serde_json::from_value(self.expect(0, &["env", "-o", "json"]).json()).expect("variables")
    }

    /// The ids of the checks of `plattr verify` that failed; empty when all passed.
    pub fn failed_checks(&self) -> Vec<String> {
        let output = self.plattr(&["verify", "-o", "json", "--progress", "none"]).output().expect("plattr starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr));
        });
        report["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .filter(|check| check["passed"] == false)
            .map(|check| {
                format!("{}/{}", check["service"].as_str().unwrap_or(""), check["check"].as_str().unwrap_or(""))
            })
            .collect()
    }
}

/// What plattr said.
#[derive(Debug)]
pub struct Said {
    /// Exit code.
    pub code: Option<i32>,
    /// stdout
    pub out: String,
    /// stderr
    pub err: String,
}

impl Said {
    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// What the rig says of itself by variables; see tests/rig.
const RIG: [&str; 3] = ["PLATTR_IMAGES_LOCK", "PLATTR_KIND_CONFIG", "DOCKER_HOST"];

/// Runs docker; `None` when it fails.
pub fn docker(args: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(args).output().expect("docker, which tests/rig/up installs");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The package cache that tests share: plattr's own of this user.
pub fn shared_cache() -> PathBuf {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    let ask = || {
        let output = Command::new(env!("CARGO_BIN_EXE_plattr")).args(["cache", "ls", "-o", "json"]).output();
        let listing: Value = serde_json::from_slice(&output.expect("plattr").stdout).expect("plattr cache ls");
        listing["folder"].as_str().expect("a folder").into()
    };
    CACHE.get_or_init(|| std::env::var_os("PLATTR_TEST_CACHE").map_or_else(ask, PathBuf::from)).clone()
}

/// Waits until `condition` holds; panics after two minutes.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "still not: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The first column of what a query tells, asked by the administrator of the project's PostgreSQL.
#[track_caller]
pub fn admin(project: &Project<'_>, database: &str, sql: &str) -> Vec<String> {
    let url = format!("postgresql://plattr:localdev@127.0.0.1:{}/{database}", project.variables()["PGPORT"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("PostgreSQL");
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await.expect("the query");
        let value = |message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        messages.into_iter().filter_map(value).collect()
    })
}

/// Sends a signal.
pub fn signal(pid: u32, signal: &str) {
    let status = Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status().expect("kill");
    assert!(status.success(), "kill -{signal} {pid}");
}

/// Whether a process exists and is no zombie.
pub fn alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}
