//! Services as pods of a cluster in a Docker-compatible engine, made by `kind`.
#![allow(dead_code)]

pub mod containers;
mod credentials;
pub mod docker;
pub mod images;
pub mod preflight;
pub mod registry;

#[cfg(all(test, feature = "real-services"))]
mod real;
