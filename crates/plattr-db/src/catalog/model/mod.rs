//! What a schema consists of, as plain values.
//!
//! All SQL in here is as the server prints it while the schema is the only one in the search path: names of the schema
//! itself come without it, so the text means the same in a schema of another name.

mod part;
mod schema;
mod table;
mod types;

pub use part::*;
pub use schema::*;
pub use table::*;
pub use types::*;
