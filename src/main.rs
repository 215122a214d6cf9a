//! plattr: one file, one command, and an application has its platform.

mod commands;
mod engines;
mod project;
mod services;
mod stack;
mod ui;

fn main() {}
