//! `plattr forward` to the pods of a stack that runs. `project` is a folder after `plattr dev --engine kind` with a
//! database and a cache.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What PostgreSQL is asked first by clients that want TLS: it answers with one byte, `S` or `N`.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A `plattr forward` that runs.
struct Forward {
    child: Child,
    /// Ports of this machine, in the order in which they were asked for.
    ports: Vec<u16>,
}

impl Drop for Forward {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn plattr(project: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plattr"));
    command.arg("--project").arg(project).args(args).stdin(Stdio::null());
    command
}

/// Starts `plattr forward TARGET PORT…` and waits until it listens.
fn forward(project: &Path, target: &str, ports: &[&str]) -> Forward {
    let mut command = plattr(project, &["forward", target, "-o", "json"]);
    let mut child = command.args(ports).stdout(Stdio::piped()).spawn().expect("plattr starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines();
    let listening = ports.iter().map(|port| {
        let line = lines.next().unwrap_or_else(|| panic!("no line for {port}")).expect("a line");
        let event: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(event["event"], "listening", "{line}");
        u16::try_from(event["local"].as_u64().expect("a port")).expect("a port")
    });
    let ports = listening.collect();
    // Nobody reads what comes later, but it must be possible to write it.
    std::thread::spawn(move || lines.for_each(drop));
    Forward { child, ports }
}

/// Says something and returns the beginning of the answer.
fn ask(port: u16, question: &[u8]) -> std::io::Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(question)?;
    let mut answer = vec![0; 256];
    let read = stream.read(&mut answer)?;
    answer.truncate(read);
    Ok((stream, answer))
}

/// The forwards that `status` shows.
fn shown(project: &Path) -> Vec<Value> {
    let output = plattr(project, &["status", "-o", "json"]).output().expect("plattr starts");
    let status: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    status["forwards"].as_array().expect("forwards").clone()
}

/// The database answers the first question of TLS, `status` tells of the forward, and Ctrl-C ends it.
pub fn a_forward_reaches_the_database_until_it_is_interrupted(project: &Path) {
    let mut forward = forward(project, "postgres", &[":sql", ":5432"]);
    for port in &forward.ports {
        let (_, answer) = ask(*port, &SSL_REQUEST).expect("an answer");
        assert!(matches!(answer.as_slice(), b"S" | b"N"), "{answer:?}");
    }
    let rows = shown(project);
    let own = |row: &&Value| row["pid"] == forward.child.id() && row["local"] == forward.ports[0];
    let row = rows.iter().find(own).unwrap_or_else(|| panic!("{rows:?}"));
    assert_eq!((row["target"].as_str(), row["port"].as_str()), (Some("postgres"), Some("sql")));
    assert!(row["pod"].as_str().is_some_and(|pod| pod.starts_with("postgres-")), "{row}");

    let pid = forward.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    assert!(forward.child.wait().expect("its end").success());
    let rows = shown(project);
    assert!(rows.iter().all(|row| row["pid"] != forward.child.id()), "{rows:?}");
}

/// A connection ends with its pod; the next one is served by the pod that takes its place.
pub fn a_pod_that_is_replaced_is_followed(project: &Path) {
    let forward = forward(project, "redis", &[":tcp"]);
    let (mut held, answer) = ask(forward.ports[0], b"PING\r\n").expect("an answer");
    assert!(answer.starts_with(b"+PONG") || answer.starts_with(b"-NOAUTH"), "{answer:?}");
    let deleted = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(project.join(".plattr/kind/kubeconfig"))
        .args(["-n", "plattr-local", "delete", "pod", "-l", "platform.internal/instance=redis", "--wait=false"])
        .stdout(Stdio::null())
        .status()
        .expect("kubectl");
    assert!(deleted.success());
    held.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    assert!(matches!(held.read(&mut [0; 64]), Ok(0) | Err(_)), "the pod still talks");
    // Each attempt waits by itself for a pod, up to the deadline.
    let began = Instant::now();
    while !ask(forward.ports[0], b"PING\r\n").is_ok_and(|(_, answer)| !answer.is_empty()) {
        assert!(began.elapsed() < Duration::from_secs(60), "no pod answers");
    }
}

/// What cannot work is told before anything listens.
pub fn what_cannot_be_forwarded_is_told(project: &Path) {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let local = format!("{}:sql", taken.local_addr().expect("its address").port());
    let cases: [(&[&str], i32, &str); 4] = [
        (&["forward", "postgres", &local], 4, "port-taken"),
        (&["forward", "postgres", ":nosuch"], 2, "port-unknown"),
        (&["forward", "nosuch", ":1"], 2, "unknown-service"),
        (&["forward", "deployment/nosuch", ":1"], 2, "target-unknown"),
    ];
    for (args, code, told) in cases {
        let output = plattr(project, args).args(["-o", "json"]).output().expect("plattr starts");
        let error: Value = serde_json::from_slice(&output.stderr).expect("JSON");
        assert_eq!((output.status.code(), error["code"].as_str()), (Some(code), Some(told)), "{error}");
    }
}
