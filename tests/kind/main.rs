//! What goes wrong with a real Kind cluster: Docker, the node, the registry, pods and ports taken away or changed
//! under plattr. Each ends in a clear error or in a run that converges, and loses no data.
//!
//! Behind the feature `real-services`; needs Docker and what `tests/rig/up` makes, and `PLATTR_TEST_ENGINE=kind`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/stack.rs"]
mod support;

mod cluster;
mod docker;
mod forward;
mod kills;
mod people;
