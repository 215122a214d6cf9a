//! The catalogue: what is in a schema, read from the server as plain values.
//!
//! | File | What it has |
//! |---|---|
//! | `model/` | the values |
//! | `sql/` | one query for each kind of object; never one for each object |
//! | `read.rs` | sends them all at once and puts together what comes back |

mod model;
mod read;

pub use model::*;
