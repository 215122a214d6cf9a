//! Which objects have to go, for good or for a while, because something that they need goes or changes.

use std::collections::HashSet;

use super::{columns, object, part, parts, routines, tables, types, views};
use crate::catalog::{Catalog, ConstraintKind, Dependency, Object, ObjectKind, Table};

/// What becomes of the objects of `from`.
pub struct Affected {
    /// Dropped; those that `to` has too are made again.
    gone: HashSet<Object>,
    /// Columns that get another type and keep their values.
    retyped: HashSet<Object>,
}

impl Affected {
    /// Finds them.
    pub fn of(from: &Catalog, to: &Catalog) -> Self {
        let mut affected = Self { gone: HashSet::new(), retyped: HashSet::new() };
        affected.at_first(from, to);
        // Each round finds what depends on what the round before found; the sets only grow.
        loop {
            let before = (affected.gone.len(), affected.retyped.len());
            for dependency in &from.dependencies {
                affected.follow(dependency, from, to);
            }
            for table in &from.tables {
                affected.keys_of_retyped_columns(table);
            }
            if before == (affected.gone.len(), affected.retyped.len()) {
                return affected;
            }
        }
    }

    /// Whether the object is dropped, alone or with what it is a part of.
    pub fn gone(&self, object: &Object) -> bool {
        self.gone.contains(object) || object.of.as_ref().is_some_and(|of| self.relation_gone(of))
    }

    /// Whether the table or view is dropped.
    pub fn relation_gone(&self, name: &str) -> bool {
        [ObjectKind::Table, ObjectKind::View].iter().any(|&kind| self.gone.contains(&object(kind, name)))
    }

    /// Whether the column gets another type.
    pub fn retyped(&self, table: &str, column: &str) -> bool {
        self.retyped.contains(&part(ObjectKind::Column, column, table))
    }

    /// What is not in `to`, or so different that it has to be made anew.
    fn at_first(&mut self, from: &Catalog, to: &Catalog) {
        for name in types::incompatible(from, to) {
            self.gone.insert(object(ObjectKind::Type, name));
        }
        for sequence in &from.sequences {
            if !to.sequences.iter().any(|s| s.name == sequence.name && s.identity == sequence.identity) {
                self.gone.insert(object(ObjectKind::Sequence, &sequence.name));
            }
        }
        for routine in &from.routines {
            let same = to.routines.iter().find(|r| r.signature == routine.signature);
            if same.is_none_or(|to| !routines::replaceable(routine, to)) {
                self.gone.insert(object(ObjectKind::Routine, &routine.signature));
            }
        }
        for view in &from.views {
            match to.view(&view.name) {
                Some(to) if views::replaceable(view, to) => {
                    self.parts(&view.name, parts::incompatible_of_view(view, to));
                }
                _ => {
                    self.gone.insert(object(ObjectKind::View, &view.name));
                }
            }
        }
        for table in &from.tables {
            match to.table(&table.name) {
                Some(to_table) if tables::alterable(table, to_table) => {
                    self.parts(&table.name, parts::incompatible_of_table(table, to_table));
                    self.columns(table, to_table, from.server_version);
                }
                _ => {
                    self.gone.insert(object(ObjectKind::Table, &table.name));
                }
            }
        }
    }

    fn parts(&mut self, of: &str, incompatible: Vec<(ObjectKind, &str)>) {
        self.gone.extend(incompatible.into_iter().map(|(kind, name)| part(kind, name, of)));
    }

    fn columns(&mut self, from: &Table, to: &Table, server_version: i32) {
        for column in &from.columns {
            let place = part(ObjectKind::Column, &column.name, &from.name);
            match to.column(&column.name) {
                Some(to) if columns::alterable(column, to, server_version) => {
                    if columns::retyped(column, to) {
                        self.retyped.insert(place);
                    }
                }
                _ => {
                    self.gone.insert(place);
                }
            }
        }
    }

    fn follow(&mut self, dependency: &Dependency, from: &Catalog, to: &Catalog) {
        let Dependency { dependent, on } = dependency;
        let constraint = |index: &Object| Object { kind: ObjectKind::Constraint, ..index.clone() };
        let gone = self.gone(on) || on.kind == ObjectKind::Index && self.gone.contains(&constraint(on));
        let retyped = self.retyped.contains(on);
        if !(gone || retyped) || self.gone(dependent) {
            return;
        }
        match dependent.kind {
            ObjectKind::View | ObjectKind::Routine | ObjectKind::Policy | ObjectKind::Trigger | ObjectKind::Rule => {
                self.lose(dependent)
            }
            // Those of a retyped column are made anew by the server itself; foreign keys are looked at elsewhere.
            ObjectKind::Constraint if gone || is_foreign_key(from, dependent) => self.lose(dependent),
            ObjectKind::Index | ObjectKind::Statistics if gone => self.lose(dependent),
            ObjectKind::Sequence if gone => self.lose(dependent),
            ObjectKind::Type if gone && on.kind == ObjectKind::Type => self.lose(dependent),
            ObjectKind::Column if gone && on.kind == ObjectKind::Type => {
                let stays = |of: &String| to.table(of).is_some_and(|t| t.column(&dependent.name).is_some());
                if dependent.of.as_ref().is_some_and(stays) {
                    self.retyped.insert(dependent.clone());
                }
            }
            ObjectKind::Default => {
                let generated =
                    dependent.of.as_ref().and_then(|of| from.table(of)?.column(&dependent.name)?.generated.as_ref());
                if generated.is_some() {
                    self.gone.insert(Object { kind: ObjectKind::Column, ..dependent.clone() });
                } else if gone {
                    self.lose(dependent);
                }
            }
            _ => {}
        }
    }

    fn lose(&mut self, object: &Object) {
        self.gone.insert(object.clone());
    }

    fn keys_of_retyped_columns(&mut self, table: &Table) {
        for constraint in table.constraints.iter().filter(|c| c.kind == ConstraintKind::Foreign) {
            if constraint.columns.iter().any(|column| self.retyped(&table.name, column)) {
                self.gone.insert(part(ObjectKind::Constraint, &constraint.name, &table.name));
            }
        }
    }
}

fn is_foreign_key(catalog: &Catalog, constraint: &Object) -> bool {
    let table = constraint.of.as_ref().and_then(|of| catalog.table(of));
    table.is_some_and(|t| t.foreign_keys().any(|(c, _)| c.name == constraint.name))
}
