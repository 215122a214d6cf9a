//! Every byte that a person or a script reads.

pub mod error;
pub mod progress;
