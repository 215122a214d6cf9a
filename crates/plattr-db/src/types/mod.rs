//! Types of a schema for the languages that clients are written in.
//!
//! `Catalog` → [`Schema`] (what a client sees of it) → a file. All types are those of the JSON that PostgREST takes and
//! gives, which is what `to_json` of PostgreSQL makes.
//!
//! | File | What it has |
//! |---|---|
//! | `model.rs` | the schema as a client sees it |
//! | `read.rs` | from the catalogue to it |
//! | `names.rs`, `text.rs` | identifiers, literals, comments |
//! | `items.rs` | declarations, as Rust, Python and Go share them |
//! | `typescript.rs`, `rust.rs`, `python.rs`, `go.rs`, `openapi.rs` | one language each |

mod go;
mod items;
pub mod model;
mod names;
mod openapi;
mod python;
pub mod read;
mod rust;
#[cfg(test)]
mod tests;
mod text;
mod typescript;

use std::path::Path;

pub use model::Schema;
use tokio_postgres::Client;

use crate::catalog::Catalog;
use crate::{OWN_TABLES, SqlFailure};

/// A language that types can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// TypeScript, in the shape that Supabase's clients know.
    Typescript,
    /// Rust, with serde.
    Rust,
    /// Python, as typed dictionaries.
    Python,
    /// Go, with tags.
    Go,
    /// An OpenAPI 3.1 document of what PostgREST serves.
    Openapi,
}

/// Reads what a client sees of a schema.
///
/// # Errors
/// When the server refuses or is lost.
pub async fn read(client: &Client, schema: &str) -> Result<Schema, SqlFailure> {
    let catalog = Catalog::read(client, schema, &OWN_TABLES).await?;
    let extras = read::Extras::read(client, schema).await?;
    Ok(read::schema(&catalog, &extras))
}

/// The file of a language. Same schema, same text. `output` is where it will stand, by which Go's package is called.
pub fn render(language: Language, schema: &Schema, output: Option<&Path>) -> String {
    match language {
        Language::Typescript => typescript::render(schema),
        Language::Rust => rust::render(schema),
        Language::Python => python::render(schema),
        Language::Go => go::render(schema, output),
        Language::Openapi => openapi::render(schema),
    }
}
