//! Views and materialised views.

use super::rights::{changed_comment, first_comment, grants, initial};
use super::{Action, Plan, change, columns, object, tables};
use crate::catalog::{Column, ObjectKind, View};
use crate::quote;

/// Whether the one can become the other without being dropped: PostgreSQL adds columns to the end of a view and does
/// nothing else to them.
pub fn replaceable(from: &View, to: &View) -> bool {
    let same = |at: usize| {
        let (a, b) = (&from.columns[at], to.columns.get(at));
        b.is_some_and(|b| a.name == b.name && a.ty == b.ty && a.collation == b.collation)
    };
    from.materialized == to.materialized
        && if to.materialized { from.definition == to.definition } else { (0..from.columns.len()).all(same) }
}

fn kind(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

fn create(view: &View, verb: &str) -> String {
    let with = match view.options.as_slice() {
        [] => String::new(),
        options => format!(" WITH ({})", tables::options(options)),
    };
    format!("{verb} {} {}{with} AS\n{}", kind(view), quote(&view.name), view.definition)
}

/// What rows get that are inserted through a view; `from` is none for a new column.
fn default(view: &View, from: Option<&Column>, to: &Column) -> Option<String> {
    let what = match (from.and_then(|c| c.default.as_ref()), &to.default) {
        (had, has) if had == has.as_ref() => return None,
        (_, Some(default)) => format!("SET DEFAULT {default}"),
        (_, None) => "DROP DEFAULT".to_owned(),
    };
    Some(format!("ALTER VIEW {} ALTER COLUMN {} {what}", quote(&view.name), quote(&to.name)))
}

impl Plan<'_> {
    pub(super) fn views(&mut self) {
        for before in &self.from.views {
            if self.affected.relation_gone(&before.name) {
                let sql = vec![format!("DROP {} {}", kind(before), quote(&before.name))];
                self.drops.push(change(Action::Drop, object(ObjectKind::View, &before.name), sql));
            }
        }
        for after in &self.to.views {
            match self.from.view(&after.name).filter(|v| !self.affected.relation_gone(&v.name)) {
                Some(before) => {
                    self.alter_view(before, after);
                    self.view_parts(before, after);
                }
                None => {
                    self.create_view(after);
                    self.new_view_parts(after);
                }
            }
        }
    }

    fn create_view(&mut self, v: &View) {
        let mut sql = vec![create(v, "CREATE")];
        sql.extend(first_comment(&format!("{} {}", kind(v), quote(&v.name)), v.comment.as_deref()));
        for column in &v.columns {
            sql.extend(columns::details(&v.name, None, column, self.from.server_version));
            sql.extend(default(v, None, column));
        }
        sql.extend(grants(&format!("TABLE {}", quote(&v.name)), "", &initial(self.from, "TABLES"), &v.grants));
        self.makes.push(change(Action::Create, object(ObjectKind::View, &v.name), sql));
    }

    fn alter_view(&mut self, from: &View, to: &View) {
        let on = format!("{} {}", kind(to), quote(&to.name));
        let mut sql = Vec::new();
        if from.definition != to.definition {
            sql.push(create(to, "CREATE OR REPLACE"));
        } else {
            sql.extend(tables::changed_options(&format!("ALTER {on}"), &from.options, &to.options));
        }
        sql.extend(changed_comment(&on, from.comment.as_deref(), to.comment.as_deref()));
        for column in &to.columns {
            let before = from.columns.iter().find(|c| c.name == column.name);
            sql.extend(columns::details(&to.name, before, column, self.from.server_version));
            sql.extend(default(to, before, column));
        }
        sql.extend(grants(&format!("TABLE {}", quote(&to.name)), "", &from.grants, &to.grants));
        if !sql.is_empty() {
            self.makes.push(change(Action::Alter, object(ObjectKind::View, &to.name), sql));
        }
    }
}
