//! A database for each test, plattr on it, and a terminal to type in.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A server that was started, of this major version; of any, where none is named.
#[track_caller]
pub fn server(major: Option<&str>) -> String {
    let name = major.map_or_else(|| "PLATTR_TEST_POSTGRES".to_owned(), |major| format!("PLATTR_TEST_POSTGRES_{major}"));
    std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run this by tests/support/with-postgres.sh"))
}

/// An empty database. It is dropped with this value.
pub struct Database {
    server: String,
    name: String,
    folder: tempfile::TempDir,
}

impl Database {
    pub fn new() -> Self {
        Self::on(server(None))
    }

    pub fn on(server: String) -> Self {
        let name = format!("shell_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { server, name, folder: tempfile::tempdir().unwrap() };
        let made = database.on_server(&format!("create database {}", database.name));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        database
    }

    /// A database with these objects in it.
    pub fn with(sql: &str) -> Self {
        let database = Self::new();
        database.must(&["-c", sql]);
        database
    }

    fn on_server(&self, sql: &str) -> Output {
        self.command_at(&self.server, &["-c", sql]).output().unwrap()
    }

    /// Where files of this test are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and gives its path.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    /// `plattr db shell` on it, with nothing of this machine's environment but PATH.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_at(&self.url(), args)
    }

    fn command_at(&self, url: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plattr"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("XDG_STATE_HOME", self.folder().join("state"))
            .env("PLATTR_DB_URL", url)
            .args(["db", "shell"])
            .args(args)
            .current_dir(self.folder())
            .stdin(Stdio::null());
        command
    }

    /// Runs it: exit code, stdout, stderr.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        said(&self.command(args).output().unwrap())
    }

    /// Runs it with something on its standard input.
    pub fn fed(&self, args: &[&str], input: &str) -> (i32, String, String) {
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        said(&child.wait_with_output().unwrap())
    }

    /// Runs what has to work; gives stdout.
    #[track_caller]
    pub fn must(&self, args: &[&str]) -> String {
        let (code, out, err) = self.run(args);
        assert_eq!(code, 0, "{args:?}\n--- stdout\n{out}\n--- stderr\n{err}");
        out
    }

    /// A terminal with plattr's own prompt in it.
    pub fn terminal(&self, args: &str) -> Terminal {
        self.terminal_with(args, &[])
    }

    /// As [`Database::terminal`], with more variables set.
    pub fn terminal_with(&self, args: &str, variables: &[(&str, &str)]) -> Terminal {
        let command = format!(
            "stty cols 100 rows 30; exec {} db shell --builtin --color never {args}",
            env!("CARGO_BIN_EXE_plattr")
        );
        let mut shell = self.command(&[]);
        let mut script = Command::new("script");
        for (name, value) in shell.env("TERM", "xterm").env("PAGER", "").get_envs() {
            script.env(name, value.unwrap_or_default());
        }
        let child = script
            .envs(variables.iter().copied())
            .args(["-qfec", &command, "/dev/null"])
            .current_dir(self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("script, of util-linux");
        Terminal::new(child)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = self.on_server(&format!("drop database {} with (force)", self.name));
        if !std::thread::panicking() {
            assert!(dropped.status.success(), "{}", String::from_utf8_lossy(&dropped.stderr));
        }
    }
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A terminal that a test types in.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Arc<(Mutex<Vec<u8>>, Condvar)>,
    /// What is before it was expected already.
    seen: usize,
}

impl Terminal {
    fn new(mut child: Child) -> Self {
        let keys = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let screen = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut part) {
                shown.0.lock().unwrap().extend_from_slice(&part[..n]);
                shown.1.notify_all();
            }
        });
        Self { child, keys, screen, seen: 0 }
    }

    /// Types.
    pub fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until a text is shown, after everything that was expected before.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        if !self.shows_within(text, Duration::from_secs(60)) {
            let rest = self.screen.0.lock().unwrap()[self.seen..].to_vec();
            panic!("{text:?} is not shown after: {:?}", String::from_utf8_lossy(&rest));
        }
    }

    /// Whether a text is shown in time.
    pub fn shows_within(&mut self, text: &str, time: Duration) -> bool {
        let (screen, changed) = &*self.screen;
        let deadline = Instant::now() + time;
        let mut shown = screen.lock().unwrap();
        loop {
            let found = shown[self.seen..].windows(text.len()).position(|window| window == text.as_bytes());
            if let Some(at) = found {
                self.seen += at + text.len();
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            shown = changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Waits until the shell has ended; its exit code.
    pub fn ends(mut self) -> i32 {
        drop(self.keys);
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}
