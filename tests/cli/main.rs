//! The command line from outside, without services: help, mistakes, exit codes, formats, refusals.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/stack.rs"]
mod support;

mod bundle;
mod db_lint;
mod destroy;
mod env;
mod error_codes;
mod errors;
mod folders;
mod r#gen;
mod help;
mod logs;
mod offline;
mod run;
mod snapshot;
mod status;
mod test;

use support::{CACHE_ONLY, Project, World};

/// A world that starts nothing, so its cache stays empty.
pub fn world() -> World {
    let folder = std::env::temp_dir().join(format!("plattr-cli-cache-{}", std::process::id()));
    World::with_cache(&folder)
}

/// A project of which plattr remembers that Redis had port 6390.
pub fn that_ran<'w>(world: &'w World, name: &str) -> Project<'w> {
    let project = world.project(name, CACHE_ONLY);
    let state = project.folder.join(".plattr");
    std::fs::create_dir_all(&state).unwrap();
    let json = serde_json::json!({
        "version": 1, "name": name, "engine": "native", "ports": {"redis.tcp": 6390}, "apps": {}, "facts": {},
    });
    std::fs::write(state.join("stack.json"), json.to_string()).unwrap();
    project
}
