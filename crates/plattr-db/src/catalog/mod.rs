//! The catalogue: what is in a schema, read from the server as plain values.
//!
//! | File | What it has |
//! |---|---|
//! | `model/` | the values |

mod model;

pub use model::*;
