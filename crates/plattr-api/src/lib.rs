//! What plattr promises, as values: the fields of an application, the names of everything that is made for
//! it, and the environment variables that it sees. Nothing here reads, writes or connects.
//!
//! The command line and the operator both build on this crate, so that the same file gives the same names
//! and the same variables on a laptop and in production.

pub mod application;
pub mod labels;
pub mod names;
pub mod variables;

pub use application::ApplicationSpec;
pub use names::{AppName, BucketName, Environment, Names, SnapshotName};
pub use variables::{Variable, Variables};
