//! The old server and the new one while both run, as their superuser reaches them.

use async_trait::async_trait;

use crate::ui::error::CommandResult;
use crate::ui::progress::Task;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server of the old version, on the data that is there.
    Old,
    /// The server of the new version.
    New,
}

/// Rows as texts.
pub type Rows = Vec<Vec<String>>;
/// Why a server could not be asked.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Both servers.
#[async_trait]
pub trait Pair: Send + Sync {
    /// Runs a statement, or asks for rows; NULL is no text.
    async fn query(&self, side: Side, database: &str, sql: &str) -> Result<Rows, Cause>;

    /// Copies roles with their passwords, as hashes, and what each is a member of. The superuser is there.
    async fn copy_roles(&self) -> CommandResult;

    /// Copies one database, with its owner, its settings and what is granted on it.
    async fn copy_database(&self, name: &str, task: &dyn Task) -> CommandResult;
}

/// Arguments of `pg_dumpall` for roles.
pub const ROLES: [&str; 2] = ["--globals-only", "--no-password"];
/// The line of its output that is of no use: the new server has its superuser.
pub const SUPERUSER: &str = "CREATE ROLE postgres;";
/// Arguments of `pg_dump` for one database.
pub const DATABASE: [&str; 3] = ["--create", "--format=plain", "--no-password"];
/// Arguments of `psql`, which stops at the first error.
pub const PSQL: [&str; 4] = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"];
