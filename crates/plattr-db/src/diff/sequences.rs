//! Sequences.

use super::rights::{changed_comment, first_comment, grants, initial};
use super::{Action, Change, Plan, change, object};
use crate::catalog::{Catalog, ObjectKind, Sequence};
use crate::quote;

/// What is said of a sequence where it is made or changed, without its type and name.
pub fn options(s: &Sequence) -> String {
    format!(
        "INCREMENT BY {} MINVALUE {} MAXVALUE {} START WITH {} CACHE {}{}",
        s.increment,
        s.min,
        s.max,
        s.start,
        s.cache,
        if s.cycle { " CYCLE" } else { " NO CYCLE" },
    )
}

/// The sequence inside an identity column.
pub fn of_identity<'a>(catalog: &'a Catalog, table: &str, column: &str) -> Option<&'a Sequence> {
    let inside = |s: &&Sequence| {
        s.identity && s.owned_by.as_ref().is_some_and(|o| (o.table.as_str(), o.column.as_str()) == (table, column))
    };
    catalog.sequences.iter().find(inside)
}

fn on(s: &Sequence) -> String {
    format!("SEQUENCE {}", quote(&s.name))
}

impl Plan<'_> {
    pub(super) fn sequences(&mut self) {
        let (from, to) = (self.from, self.to);
        for before in &from.sequences {
            let about = object(ObjectKind::Sequence, &before.name);
            if before.identity || to.sequences.iter().any(|s| s.name == before.name && !s.identity) {
                continue;
            }
            // With a column that goes, its sequence goes.
            let with_column = before
                .owned_by
                .as_ref()
                .is_some_and(|o| self.affected.gone(&super::part(ObjectKind::Column, &o.column, &o.table)));
            if !with_column {
                let sql = vec![format!("DROP {}", on(before))];
                let destroys = Some(format!("how far the sequence {} has counted", before.name));
                let drop = Change { destroys, ..change(Action::Drop, about, sql) };
                // An identity column wants the name.
                let taken = to.sequences.iter().any(|s| s.name == before.name);
                if taken { self.drops.push(drop) } else { self.last_drops.push(drop) }
            }
        }
        for after in &to.sequences {
            let before = from.sequences.iter().find(|s| s.name == after.name && s.identity == after.identity);
            let before = before.filter(|s| !self.affected.gone(&object(ObjectKind::Sequence, &s.name)));
            match before {
                Some(before) => self.alter_sequence(before, after),
                None if after.identity => self.identity_of_new_column(after),
                None => self.create_sequence(after),
            }
        }
    }

    fn create_sequence(&mut self, s: &Sequence) {
        let unlogged = if s.unlogged { "UNLOGGED " } else { "" };
        let mut sql = vec![format!("CREATE {unlogged}SEQUENCE {} AS {} {}", quote(&s.name), s.ty, options(s))];
        sql.extend(first_comment(&on(s), s.comment.as_deref()));
        sql.extend(grants(&on(s), "", &initial(self.from, "SEQUENCES"), &s.grants));
        self.makes.push(change(Action::Create, object(ObjectKind::Sequence, &s.name), sql));
        self.own_sequence(s);
    }

    /// The column makes the sequence; what is left is what cannot be said there.
    fn identity_of_new_column(&mut self, s: &Sequence) {
        let mut sql: Vec<String> = first_comment(&on(s), s.comment.as_deref()).into_iter().collect();
        sql.extend(grants(&on(s), "", &initial(self.from, "SEQUENCES"), &s.grants));
        if !sql.is_empty() {
            self.ends.push(change(Action::Alter, object(ObjectKind::Sequence, &s.name), sql));
        }
    }

    fn alter_sequence(&mut self, from: &Sequence, to: &Sequence) {
        let mut sql = Vec::new();
        // The sequence of an identity column has the column's type.
        if from.ty != to.ty && !to.identity {
            sql.push(format!("ALTER {} AS {}", on(to), to.ty));
        }
        if options(from) != options(to) {
            sql.push(format!("ALTER {} {}", on(to), options(to)));
        }
        if from.unlogged != to.unlogged && !to.identity {
            sql.push(format!("ALTER {} SET {}", on(to), if to.unlogged { "UNLOGGED" } else { "LOGGED" }));
        }
        sql.extend(changed_comment(&on(to), from.comment.as_deref(), to.comment.as_deref()));
        sql.extend(grants(&on(to), "", &from.grants, &to.grants));
        let about = object(ObjectKind::Sequence, &to.name);
        if from.owned_by != to.owned_by && !to.identity {
            if to.owned_by.is_none() {
                self.drops.push(change(Action::Alter, about.clone(), vec![format!("ALTER {} OWNED BY NONE", on(to))]));
            }
            self.own_sequence(to);
        }
        if !sql.is_empty() {
            // The column that it serves may have to change first.
            self.ends.push(change(Action::Alter, about, sql));
        }
    }

    fn own_sequence(&mut self, s: &Sequence) {
        if let Some(owner) = &s.owned_by {
            let sql = format!("ALTER {} OWNED BY {}.{}", on(s), quote(&owner.table), quote(&owner.column));
            self.ends.push(change(Action::Alter, object(ObjectKind::Sequence, &s.name), vec![sql]));
        }
    }
}
