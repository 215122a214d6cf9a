//! What makes one schema like another: pure.
//!
//! | File | What it does |
//! |---|---|
//! | `affected.rs` | which objects have to go, for good or for a while, because something that they need changes |
//! | `order.rs` | brings changes into an order that works |
//! | `types.rs`, `sequences.rs`, `tables.rs`, `columns.rs`, `parts.rs`, `views.rs`, `routines.rs` | the changes of each kind of object |
//! | `rights.rs` | grants and comments |
//! | `script.rs` | the changes as a migration |
//!
//! Nothing is known of how a schema came about, so a renamed table is one that goes and one that comes; changes that
//! destroy something say what.
//!
//! Columns are compared by name: their order cannot be changed. Left out are owners, the comment and the rights of the
//! schema itself (they belong to the environment), names of NOT NULL constraints, names of what a partition has from
//! its parent, and [`crate::catalog::Other`] objects.

mod affected;
mod columns;
mod order;
mod parts;
mod rights;
mod routines;
mod script;
mod sequences;
mod tables;
mod types;
mod views;

use serde::Serialize;

use crate::catalog::{Catalog, Object, ObjectKind};
use affected::Affected;

pub use rights::environment;
pub use script::script;

/// One thing that has to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What happens to it.
    pub action: Action,
    /// What it is about.
    pub object: Object,
    /// Statements without semicolons. Names of the schema come without it.
    pub sql: Vec<String>,
    /// Data that is lost by it.
    pub destroys: Option<String>,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It comes.
    Create,
    /// It changes.
    Alter,
    /// It goes, perhaps to come again.
    Drop,
}

/// What makes the schema `from` like `to`, in an order that works. Empty where they are alike.
pub fn diff(from: &Catalog, to: &Catalog) -> Vec<Change> {
    let affected = Affected::of(from, to);
    let mut plan = Plan::new(from, to, &affected);
    plan.extensions();
    plan.types();
    plan.sequences();
    plan.tables();
    plan.views();
    plan.routines();
    plan.default_privileges();
    let Plan { drops, detached, attached, makes, ends, last_drops, .. } = plan;
    let mut changes = order::dependents_first(drops, &from.dependencies);
    changes.extend(detached.into_iter().chain(attached));
    changes.extend(order::needed_first(makes, &to.dependencies));
    changes.extend(ends);
    changes.extend(order::dependents_first(last_drops, &from.dependencies));
    changes
}

/// Objects that are in only one of the two and that [`diff`] knows nothing more about, for people.
pub fn unknown(from: &Catalog, to: &Catalog) -> Vec<String> {
    let only = |a: &Catalog, b: &Catalog| -> Vec<String> {
        a.others.iter().filter(|o| !b.others.contains(o)).map(|o| format!("{} {}", o.kind, o.name)).collect()
    };
    let mut names = [only(from, to), only(to, from)].concat();
    names.sort();
    names.dedup();
    names
}

/// The changes found so far.
struct Plan<'a> {
    from: &'a Catalog,
    to: &'a Catalog,
    affected: &'a Affected,
    /// What has to go first.
    drops: Vec<Change>,
    /// Partitions that leave their parent, all before one comes back with other bounds.
    detached: Vec<Change>,
    /// Partitions that come back.
    attached: Vec<Change>,
    /// What comes or changes then.
    makes: Vec<Change>,
    /// What needs all that to be there.
    ends: Vec<Change>,
    /// What can only go when nothing uses it any more.
    last_drops: Vec<Change>,
}

impl<'a> Plan<'a> {
    fn new(from: &'a Catalog, to: &'a Catalog, affected: &'a Affected) -> Self {
        let none = Vec::new;
        Self {
            from,
            to,
            affected,
            drops: none(),
            detached: none(),
            attached: none(),
            makes: none(),
            ends: none(),
            last_drops: none(),
        }
    }

    fn extensions(&mut self) {
        for extension in &self.to.extensions {
            let inside = extension.schema == self.to.schema;
            let there = self.from.extensions.iter().any(|e| e.name == extension.name);
            if there || !(inside || extension.used) {
                continue;
            }
            let place = if inside { String::new() } else { format!(" SCHEMA {}", crate::quote(&extension.schema)) };
            let sql = format!("CREATE EXTENSION IF NOT EXISTS {}{place}", crate::quote(&extension.name));
            self.makes.push(change(Action::Create, object(ObjectKind::Extension, &extension.name), vec![sql]));
        }
        for extension in self.from.extensions.iter().filter(|e| e.schema == self.from.schema) {
            if !self.to.extensions.iter().any(|e| e.name == extension.name) {
                let sql = format!("DROP EXTENSION {}", crate::quote(&extension.name));
                self.last_drops.push(change(Action::Drop, object(ObjectKind::Extension, &extension.name), vec![sql]));
            }
        }
    }
}

fn object(kind: ObjectKind, name: &str) -> Object {
    Object { kind, name: name.to_owned(), of: None }
}

fn part(kind: ObjectKind, name: &str, of: &str) -> Object {
    Object { kind, name: name.to_owned(), of: Some(of.to_owned()) }
}

fn change(action: Action, object: Object, sql: Vec<String>) -> Change {
    Change { action, object, sql, destroys: None }
}
