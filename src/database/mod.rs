//! What `plattr db`, `plattr gen` and `plattr test` know of stacks: which database is meant, and how to reach it.

pub mod dump;
pub mod engines;
pub mod fresh;
pub mod migrate;
pub mod rest;
pub mod restore;
mod script;
pub mod seed;
pub mod shadow;
pub mod shell;
pub mod sources;
pub mod target;
pub mod tools;
pub mod upgrade;
