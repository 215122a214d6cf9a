//! `plattr db diff` on a real server, which `tests/support/with-postgres.sh` starts.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod faults;
mod migration;
mod support;
