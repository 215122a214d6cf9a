//! A project without a stack, and a database for it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use plattr_db::{Server, Session, quote, template};
use tempfile::TempDir;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static NEXT: AtomicUsize = AtomicUsize::new(0);
/// Every run of `db diff` drops what a killed one left on the server: a test that looks for that has the server alone.
static SERVER: RwLock<()> = RwLock::const_new(());

/// A folder with migrations, and a database with the schema `app`.
pub struct Project {
    dir: TempDir,
    _shared: Option<RwLockReadGuard<'static, ()>>,
    /// Name of the database.
    pub name: String,
    /// URL of the database, of the login `plattr`.
    pub url: String,
}

/// The server's own database, in which nothing is made.
pub fn admin() -> String {
    std::env::var("PLATTR_TEST_POSTGRES").expect("run this by tests/support/with-postgres.sh")
}

pub async fn connect(url: &str) -> Session {
    Server::parse(url).unwrap().connect().await.unwrap()
}

/// Runs statements that have to work.
pub async fn execute(url: &str, sql: &str) {
    connect(url).await.client.batch_execute(sql).await.unwrap();
}

impl Project {
    pub async fn new() -> Self {
        let shared = SERVER.read().await;
        Self { _shared: Some(shared), ..Self::make().await }
    }

    /// While the guard is held, there are this project and those that come of it by [`Self::another`].
    pub async fn alone() -> (RwLockWriteGuard<'static, ()>, Self) {
        (SERVER.write().await, Self::make().await)
    }

    /// One more for the same test. (To ask for the lock again would wait for whoever waits to be alone.)
    pub async fn another(&self) -> Self {
        Self::make().await
    }

    async fn make() -> Self {
        let name = format!("diff_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = format!("{}/{name}", admin().rsplit_once('/').unwrap().0);
        execute(&admin(), &format!("CREATE DATABASE {}", quote(&name))).await;
        execute(&url, "CREATE SCHEMA app").await;
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("migrations")).unwrap();
        Self { dir, _shared: None, name, url }
    }

    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub fn migration(&self, version: u32, sql: &str) {
        fs::write(self.folder().join(format!("migrations/{version}_m.sql")), sql).unwrap();
    }

    /// Changes the schema by hand.
    pub async fn by_hand(&self, sql: &str) {
        execute(&self.url, &format!("SET search_path TO app; {sql}")).await;
    }

    /// `plattr db …` on the database.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plattr"));
        command.arg("db").args(args).current_dir(self.folder()).env_clear();
        command.env("HOME", self.folder()).env("PLATTR_DB_URL", &self.url).args(["--schema", "app"]);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs what has to work, and gives what it printed.
    pub fn printed(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub async fn drop(self) {
        template::drop(&connect(&admin()).await, &self.name).await.unwrap();
    }
}

/// What a command said to people.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The shadow databases that the process made.
pub async fn shadows(pid: u32) -> Vec<String> {
    template::named(&connect(&admin()).await, &format!("plattr_shadow_{pid:x}_")).await.unwrap()
}
