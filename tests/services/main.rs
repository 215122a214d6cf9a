//! Real services, started by plattr itself: what they are provisioned with, what `verify` catches, what the
//! next `dev` repairs.
//!
//! Behind the feature `real-services`: the first run on a machine fetches and prepares packages.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/stack.rs"]
mod support;

mod database;
mod dump;
mod lifecycle;
mod repair;
mod reset;
mod sharing;
mod shell;
mod snapshots;
mod testing;
mod upgrade;
