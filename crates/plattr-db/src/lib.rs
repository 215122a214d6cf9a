//! The database workflow: everything between a developer's files and a PostgreSQL schema.
//!
//! Works on any server that it gets a [`Server`] for, and knows nothing of stacks, engines or terminals: `plattr db`
//! is a thin layer above it.
//!
//! | Module | What it does |
//! |---|---|
//! | [`catalog`] | what is in a schema, read from the server |
//! | [`diff`] | what makes one schema like another |
//! | [`emptying`] | drops everything in a schema |
//! | [`server`] | connects, with or without TLS, and hands out what the server says meanwhile |
//! | [`types`] | a schema as types of a client's language |
//! | [`inspect`] | what a database is busy with and what it is made of |
//! | [`lint`] | what is unsafe in migrations and in a schema |
//! | [`failure`] | what the server refused: file, line, message, hint |
//! | [`migrate`] | applies migrations from SQL files, and takes them back |
//! | [`seed`] | takes data in from SQL, CSV and JSON |
//! | [`shell`] | statements, results and completion of a prompt |
//! | [`sql`] | tells statements apart |
//! | [`template`] | databases that are copied instead of filled |

pub mod catalog;
pub mod diff;
pub mod emptying;
pub mod failure;
pub mod inspect;
pub mod lint;
pub mod migrate;
pub mod seed;
pub mod server;
pub mod shell;
pub mod sql;
pub mod template;
pub mod types;

/// Tables of plattr in an application's schema, which are no part of it.
pub const OWN_TABLES: [&str; 2] = [migrate::HISTORY, seed::HISTORY];

pub use failure::SqlFailure;
pub use server::{Server, Session};

/// A name as SQL has it, in quotation marks.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL has it, in quotation marks.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}
