//! What goes wrong on real machines: ports, packages, networks, disks, kills. Each ends in a clear error or in
//! a run that converges.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/stack.rs"]
mod support;

mod folders;
mod kills;
mod network;
mod ports;
