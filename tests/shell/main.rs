//! `plattr db shell` on a real server, which `tests/support/with-postgres.sh` starts.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod prompt;
mod psql;
mod scripts;
mod support;
