//! A project without a stack, and a database for it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use plattr_db::{Server, Session, quote};
use tempfile::TempDir;

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A folder with migrations, and a database with the schema `app`.
pub struct Project {
    dir: TempDir,
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
        let name = format!("diff_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = format!("{}/{name}", admin().rsplit_once('/').unwrap().0);
        execute(&admin(), &format!("CREATE DATABASE {}", quote(&name))).await;
        execute(&url, "CREATE SCHEMA app").await;
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("migrations")).unwrap();
        Self { dir, name, url }
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
        execute(&admin(), &format!("DROP DATABASE {} WITH (FORCE)", quote(&self.name))).await;
    }
}

/// What a command said to people.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The shadow databases that the process made.
pub async fn shadows(pid: u32) -> Vec<String> {
    let query = "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, 'plattr_shadow_')
                 AND starts_with(shobj_description(oid, 'pg_database'), 'plattr shadow pid=' || $1 || ' ')";
    let rows = connect(&admin()).await.client.query(query, &[&pid.to_string()]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
