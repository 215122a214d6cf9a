//! Migrations in SQL files: found, planned, applied, remembered.
//!
//! A file is `VERSION_name.sql`; `VERSION_name.down.sql` beside it takes it back. The history and its checksums are
//! those of the library refinery, in the table [`HISTORY`] of the application's own schema. What this module adds is
//! what a developer needs around it: one round trip and one transaction a file, files that want none, a lock of the
//! schema, a limit for waiting on locks that says who holds them, and errors with file and line.
//!
//! observe ([`history::applied`]) → plan ([`plan::plan`]) → apply ([`apply::apply`]).

pub mod apply;
pub mod files;
pub mod history;
pub mod lock;
pub mod plan;

pub use apply::{Applied, ApplyError, NotBack, apply, mark, rollback, to_take_back};
pub use files::{FileError, Migration, Migrations};
pub use history::{HISTORY, Record};
pub use plan::{Plan, Refusal, Wish};
