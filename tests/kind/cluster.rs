//! One project, and its cluster damaged in every way.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::support::{CACHE_ONLY, Project, World, docker, eventually};

const CACHE_AND_DATABASE: &str = "version: 1\nname: NAME\ncache:\n  enabled: true\ndatabase:\n  enabled: true\n";

/// Does something when it goes.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// A command as the application, in Redis's protocol; what it answers.
pub fn redis(url: &str, command: &str) -> std::io::Result<String> {
    let (login, address) = url.trim_start_matches("redis://").split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    write!(stream, "AUTH {user} {password}\r\n{command}\r\n")?;
    let mut lines = BufReader::new(stream).lines();
    let mut line = || lines.next().unwrap_or_else(|| Err(std::io::ErrorKind::UnexpectedEof.into()));
    if line()? != "+OK" {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    let first = line()?;
    if first.starts_with('$') && first != "$-1" { line() } else { Ok(first) }
}

/// A row and a key that must survive.
fn remember(project: &Project<'_>) {
    sql(project, "CREATE TABLE kept (word text)");
    sql(project, "INSERT INTO kept VALUES ('row')");
    assert_eq!(redis(&project.variables()["REDIS_URL"], &format!("SET {}:kept key", project.name)).unwrap(), "+OK");
}

/// That they did.
#[track_caller]
fn remembers(project: &Project<'_>, after: &str) {
    assert_eq!(sql(project, "SELECT word FROM kept"), ["row"], "after {after}");
    let key = redis(&project.variables()["REDIS_URL"], &format!("GET {}:kept", project.name)).unwrap();
    assert_eq!(key, "key", "after {after}");
}

/// Runs a statement as the migrator; the first column of what it answers.
fn sql(project: &Project<'_>, statement: &str) -> Vec<String> {
    let url = project.variables()["MIGRATION_DATABASE_URL"].clone();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let rows = client.simple_query(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        let word = |message: tokio_postgres::SimpleQueryMessage| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        rows.into_iter().filter_map(word).collect()
    })
}

#[test]
fn whatever_happens_to_the_cluster_dev_repairs_it_and_no_data_is_lost() {
    let world = World::new();
    let mut project = world.project("hard", CACHE_AND_DATABASE);
    project.dev();
    remember(&project);
    let (node, variables) = (project.node(), project.variables());

    // A pod is deleted under load: the same address answers again, and plattr has nothing to do.
    let (running, answered) = (AtomicBool::new(true), AtomicU32::new(0));
    std::thread::scope(|scope| {
        // Also where something below panics: the scope waits for the load to end.
        let ends = OnDrop(|| running.store(false, Ordering::SeqCst));
        scope.spawn(|| {
            while running.load(Ordering::SeqCst) {
                if redis(&variables["REDIS_URL"], "GET hard:kept").is_ok_and(|answer| answer == "key") {
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        eventually("there is load", || answered.load(Ordering::SeqCst) > 20);
        let before = project.running()["redis"].clone();
        project.kubectl(&["delete", "pod", "-l", "platform.internal/instance=redis"]);
        eventually("another pod runs", || project.running().get("redis").is_some_and(|now| *now != before));
        let so_far = answered.load(Ordering::SeqCst);
        eventually("it answers", || answered.load(Ordering::SeqCst) > so_far + 20);
        drop(ends);
    });
    let report = project.dev();
    assert!(report["services"].as_array().unwrap().iter().all(|s| s["action"] == "keep"), "{report}");

    // Forwards to its pods.
    crate::forward::a_forward_reaches_the_database_until_it_is_interrupted(&project.folder);
    crate::forward::a_pod_that_is_replaced_is_followed(&project.folder);
    crate::forward::what_cannot_be_forwarded_is_told(&project.folder);

    // A stop is killed while a server still ends: no other one gets at its data before it has.
    for service in ["deployment/redis", "deployment/postgres"] {
        project.kubectl(&["exec", service, "--", "sh", "-c", "! flock --nonblock /data/.lock true"]);
    }
    let pod = |field: &str| {
        let path = format!("jsonpath={{.items[*].metadata.{field}}}");
        project.kubectl(&["get", "pods", "--selector", "platform.internal/instance=redis", "-o", &path])
    };
    docker(&["exec", &node, "pkill", "-STOP", "-x", "redis-server"]).unwrap();
    let mut stop = project.plattr(&["stop", "--yes"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("redis is told to end", || !pod("deletionTimestamp").is_empty());
    stop.kill().unwrap();
    stop.wait().unwrap();
    // When Kubernetes loses patience with it.
    let ended = pod("deletionTimestamp");
    project.dev();
    assert!(pod("creationTimestamp") >= ended, "{} and {ended}", pod("creationTimestamp"));
    remembers(&project, "a stop that was killed");

    // A Deployment is changed by hand: it is said, and repaired.
    project.kubectl(&["set", "env", "deployment/redis", "STRANGE=yes"]);
    let plan = project.expect(0, &["dev", "--dry-run"]);
    assert!(plan.out.contains("changed by hand") && plan.out.contains("kubectl"), "{}", plan.out);
    let report = project.dev();
    let repaired = report["services"].as_array().unwrap().iter().find(|s| s["name"] == "redis").unwrap();
    assert_eq!(repaired["action"], "restart");
    assert!(!project.kubectl(&["get", "deployment", "redis", "-o", "yaml"]).contains("STRANGE"));
    remembers(&project, "an edit by hand");

    // The registry is gone: it comes back with what it had.
    let catalogue = || {
        let port = docker(&["port", "plattr-registry", "5000"]).unwrap_or_default();
        let port = port.trim().rsplit(':').next().unwrap_or_default().to_owned();
        let output =
            std::process::Command::new("curl").args(["-sf", &format!("127.0.0.1:{port}/v2/_catalog")]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let had = catalogue();
    assert!(had.contains("library/redis"), "{had}");
    docker(&["rm", "--force", "plattr-registry"]).unwrap();
    project.dev();
    assert_eq!(catalogue(), had);

    // The node restarts.
    docker(&["restart", "--time", "3", &node]).unwrap();
    project.dev();
    remembers(&project, "a restart of the node");

    // The node is gone: the cluster is made again around the data.
    docker(&["rm", "--force", "--volumes", &node]).unwrap();
    let said = project.expect(0, &["dev", "--yes", "--progress", "plain"]);
    assert!(said.err.contains("its node is gone, the data is not"), "{}", said.err);
    remembers(&project, "the loss of the node");
    assert_eq!(project.variables(), variables, "ports stay");

    // The cluster is one of an older plattr.
    let record = project.folder.join(".plattr/kind/cluster.json");
    let mut older: serde_json::Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    (older["hash"], older["plattr"]) = ("of another time".into(), "0.0.1".into());
    std::fs::write(&record, older.to_string()).unwrap();
    let said = project.expect(0, &["dev", "--yes", "--progress", "plain"]);
    assert!(said.err.contains("making the cluster anew"), "{}", said.err);
    remembers(&project, "the change from an older plattr");

    // The folder is moved while all runs: no second server gets at the data, and the cluster is made for the new place.
    project.move_to("moved");
    let said = project.expect(0, &["dev", "--yes", "--progress", "plain"]);
    assert!(said.err.contains("making the cluster anew"), "{}", said.err);
    assert_eq!(project.variables(), variables, "ports stay");
    assert_eq!(project.node(), node);
    remembers(&project, "a move of the folder");

    // The policies are enforced, by the rig's network: each service reaches what it needs (PostgREST its database, as
    // `dev` has shown), this machine reaches all, and nothing else reaches anything.
    let reaches = |from: &str, to: &str, port: u16| {
        let ask = format!("exec 3<>/dev/tcp/{to}/{port}");
        let mut command = std::process::Command::new("kubectl");
        project.isolate(&mut command);
        let config = project.folder.join(".plattr/kind/kubeconfig");
        command.arg("--kubeconfig").arg(config).args(["--namespace", "plattr-local", "exec", from, "--"]);
        command.args(["timeout", "4", "bash", "-c", &ask]).status().unwrap().success()
    };
    project.kubectl(&["exec", "deployment/redis", "--", "getent", "hosts", "postgres"]);
    assert!(reaches("deployment/redis", "127.0.0.1", 6379), "it was to reach itself");
    // A policy holds once Felix has seen it.
    eventually("redis does not reach the database", || !reaches("deployment/redis", "postgres", 5432));
    eventually("the database does not reach redis", || !reaches("deployment/postgres", "redis", 6379));
    eventually("redis does not reach the cluster's API", || !reaches("deployment/redis", "kubernetes.default", 443));
}

#[test]
fn a_port_that_is_taken_while_the_cluster_is_made() {
    let world = World::new();
    let project = world.project("late", CACHE_ONLY);
    let planned = project.expect(0, &["dev", "--dry-run", "-o", "json"]).json();
    let port = planned["ports"]["redis.tcp"].as_u64().unwrap_or_else(|| panic!("{planned}"));
    let mut command = project.plattr(&["dev", "--yes", "--progress", "plain"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stranger = None;
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
        if stranger.is_none() && line.contains("cluster: making the cluster") {
            stranger = Some(TcpListener::bind(("127.0.0.1", u16::try_from(port).unwrap())).unwrap());
        }
        said += &format!("{line}\n");
    }
    assert_eq!(child.wait().unwrap().code(), Some(4), "{said}");
    assert!(said.contains("was taken meanwhile") && said.contains("run `plattr dev` again"), "{said}");
    // The stranger stays, and the next run finds another port.
    project.dev();
    assert!(!project.variables()["REDIS_URL"].ends_with(&format!(":{port}")));
}

#[test]
fn an_image_that_nobody_publishes_is_made_of_the_package() {
    let world = World::new();
    let yaml = "version: 1\nname: NAME\nstorage:\n  enabled: true\n  buckets:\n    - name: uploads\n";
    let project = world.project("made", yaml);
    let lock = std::fs::read_to_string(std::env::var("PLATTR_IMAGES_LOCK").expect("the rig's lock")).unwrap();
    // A digest that no registry has.
    let nowhere = format!("minio = \"localhost:1/minio/minio:none@sha256:{:064}\"", 7);
    let lock: Vec<&str> = lock.lines().filter(|line| !line.starts_with("minio")).chain([nowhere.as_str()]).collect();
    let file = world.path().join("images.lock");
    std::fs::write(&file, lock.join("\n")).unwrap();
    let dev = |args: &[&str]| {
        let output = project.plattr(args).env("PLATTR_IMAGES_LOCK", &file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    dev(&["dev", "--yes", "--progress", "plain"]);
    eventually("MinIO answers", || project.status()["minio"]["state"] == "healthy");
}
