//! What `plattr db`, `plattr gen` and `plattr test` know of stacks: which database is meant, and how to reach it.

pub mod engines;
pub mod target;
