//! The image that a service runs in, and what is made of it.

use std::collections::BTreeMap;

use super::Service;

/// The image that a service runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    /// Its key in the image lock.
    pub key: &'static str,
    /// The package that a stand-in is made of where the image can be had nowhere: one static program.
    pub package: Option<&'static str>,
}

/// What is run in an image once per machine. The result is kept as the image that truly runs.
pub struct Build {
    /// What a person reads meanwhile.
    pub title: &'static str,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// `uid:gid`; the image's own unless given.
    pub user: Option<String>,
    /// Who needs the program for a while: it is told to end (SIGINT) when that one is done.
    pub guest: Option<Guest>,
}

/// A command in the image of another service, which reaches the first one by the loopback interface of both.
pub struct Guest {
    /// Whose image.
    pub service: &'static dyn Service,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
}

impl Image {
    /// An image as it is published.
    pub const fn published(key: &'static str) -> Self {
        Self { key, package: None }
    }
}
