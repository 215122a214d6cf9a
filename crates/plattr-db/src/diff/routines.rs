//! Functions, procedures and aggregates.

use super::rights::{changed_comment, first_comment, grants, initial};
use super::{Action, Plan, change, object};
use crate::catalog::{ObjectKind, Routine};

/// Whether `CREATE OR REPLACE` makes the one the other.
pub fn replaceable(from: &Routine, to: &Routine) -> bool {
    let arguments = from.arguments.len() == to.arguments.len()
        && from.arguments.iter().zip(&to.arguments).all(|(a, b)| {
            // A default may come, but not go.
            (&a.name, a.mode, &a.ty) == (&b.name, b.mode, &b.ty) && (!a.has_default || b.has_default)
        });
    from.kind == to.kind && from.returns == to.returns && from.returns_set == to.returns_set && arguments
}

fn on(routine: &Routine) -> String {
    // The catalogue quotes names where it has to.
    format!("ROUTINE {}", routine.signature)
}

impl Plan<'_> {
    pub(super) fn routines(&mut self) {
        for before in &self.from.routines {
            let about = object(ObjectKind::Routine, &before.signature);
            if self.affected.gone(&about) {
                self.drops.push(change(Action::Drop, about, vec![format!("DROP {}", on(before))]));
            }
        }
        for after in &self.to.routines {
            let about = object(ObjectKind::Routine, &after.signature);
            let before = self.from.routines.iter().find(|r| r.signature == after.signature);
            match before.filter(|_| !self.affected.gone(&about)) {
                Some(before) => {
                    let mut sql = Vec::new();
                    if before.definition != after.definition {
                        sql.push(after.definition.clone());
                    }
                    sql.extend(changed_comment(&on(after), before.comment.as_deref(), after.comment.as_deref()));
                    sql.extend(grants(&on(after), "", &before.grants, &after.grants));
                    if !sql.is_empty() {
                        self.makes.push(change(Action::Alter, about, sql));
                    }
                }
                None => {
                    let mut sql = vec![after.definition.clone()];
                    sql.extend(first_comment(&on(after), after.comment.as_deref()));
                    sql.extend(grants(&on(after), "", &initial(self.from, "FUNCTIONS"), &after.grants));
                    self.makes.push(change(Action::Create, about, sql));
                }
            }
        }
    }
}
