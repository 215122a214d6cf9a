//! What plattr-db does with real servers; `tests/support/with-postgres.sh` starts them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod catalog;
mod diff;
mod emptying;
mod inspect;
mod lint;
mod migrate;
mod seed;
mod shapes;
mod support;
mod template;
mod types;
