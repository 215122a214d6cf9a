//! Tables as a whole.

use std::collections::HashSet;

use super::rights::{changed_comment, first_comment, grants, initial};
use super::{Action, Change, Plan, change, columns, object, part};
use crate::catalog::{Column, Constraint, ConstraintKind, ObjectKind, Table, TableKind};
use crate::quote;

/// Whether the one can become the other and keep its rows.
pub fn alterable(from: &Table, to: &Table) -> bool {
    from.kind == to.kind && from.partition_key == to.partition_key
}

/// Constraints that stand inside `CREATE TABLE`: those that need no other table to be there.
pub fn inline(table: &Table, constraint: &Constraint) -> bool {
    let kind = matches!(constraint.kind, ConstraintKind::Primary | ConstraintKind::Unique | ConstraintKind::Check);
    kind && constraint.valid && !constraint.inherited && table.partition_of.is_none()
}

fn on(table: &Table) -> String {
    format!("TABLE {}", quote(&table.name))
}

/// Storage parameters and options of views as `WITH` and `SET` have them.
pub fn options(options: &[String]) -> String {
    let pair = |option: &String| match option.split_once('=') {
        Some((name, value)) => format!("{name} = {}", crate::literal(value)),
        None => option.clone(),
    };
    options.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// The statements that make options of a table or view like others.
pub fn changed_options(alter: &str, from: &[String], to: &[String]) -> Vec<String> {
    let name = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    let set: Vec<String> = to.iter().filter(|o| !from.contains(o)).cloned().collect();
    let reset: Vec<String> = from.iter().map(name).filter(|n| !to.iter().any(|o| name(o) == *n)).collect();
    let mut sql = Vec::new();
    if !set.is_empty() {
        sql.push(format!("{alter} SET ({})", options(&set)));
    }
    if !reset.is_empty() {
        sql.push(format!("{alter} RESET ({})", reset.join(", ")));
    }
    sql
}

impl Plan<'_> {
    pub(super) fn tables(&mut self) {
        for before in self.from.tables.iter().filter(|t| t.kind != TableKind::Foreign) {
            if self.affected.relation_gone(&before.name) {
                let about = object(ObjectKind::Table, &before.name);
                let destroys = Some(match before.kind {
                    TableKind::Partitioned => format!("all rows of {} and its partitions", before.name),
                    _ => format!("all rows of {}", before.name),
                });
                let sql = vec![format!("DROP {}", on(before))];
                self.drops.push(Change { destroys, ..change(Action::Drop, about, sql) });
                self.keys_in_a_circle(before);
            }
        }
        for after in self.to.tables.iter().filter(|t| t.kind != TableKind::Foreign) {
            match self.from.table(&after.name).filter(|t| !self.affected.relation_gone(&t.name)) {
                Some(before) => {
                    self.alter_table(before, after);
                    self.columns(before, after);
                    self.table_parts(before, after);
                }
                None => {
                    self.create_table(after);
                    self.new_table_parts(after);
                }
            }
        }
    }

    /// Tables that point to each other cannot be dropped before their keys are.
    fn keys_in_a_circle(&mut self, table: &Table) {
        for (constraint, reference) in table.foreign_keys().filter(|(c, _)| !c.inherited) {
            if reference.table != table.name && self.leads_to(&reference.table, &table.name) {
                let sql = format!("ALTER {} DROP CONSTRAINT {}", on(table), quote(&constraint.name));
                let about = part(ObjectKind::Constraint, &constraint.name, &table.name);
                self.drops.push(change(Action::Drop, about, vec![sql]));
            }
        }
    }

    /// Whether foreign keys of tables that go lead from the one to the other.
    fn leads_to(&self, from: &str, to: &str) -> bool {
        let (mut seen, mut next) = (HashSet::new(), vec![from]);
        while let Some(name) = next.pop() {
            if name == to {
                return true;
            }
            if seen.insert(name) && self.affected.relation_gone(name) {
                let keys = self.from.table(name).into_iter().flat_map(Table::foreign_keys);
                next.extend(keys.map(|(_, reference)| reference.table.as_str()));
            }
        }
        false
    }

    fn create_table(&mut self, t: &Table) {
        let unlogged = if t.unlogged { "UNLOGGED " } else { "" };
        let name = quote(&t.name);
        let mut create = match &t.partition_of {
            Some(of) => format!("CREATE {unlogged}TABLE {name} PARTITION OF {} {}", quote(&of.parent), of.bound),
            None => {
                let own = |c: &&Column| !c.inherited || columns::of_parent(self.to, t, &c.name).is_none();
                let mut lines: Vec<String> =
                    t.columns.iter().filter(own).map(|c| columns::definition(self.to, &t.name, c)).collect();
                for constraint in t.constraints.iter().filter(|c| inline(t, c)) {
                    lines.push(format!("CONSTRAINT {} {}", quote(&constraint.name), constraint.definition));
                }
                let lines: Vec<String> = lines.iter().map(|line| format!("\n    {line}")).collect();
                let end = if lines.is_empty() { "" } else { "\n" };
                format!("CREATE {unlogged}TABLE {name} ({}{end})", lines.join(","))
            }
        };
        if !t.inherits.is_empty() {
            let parents: Vec<String> = t.inherits.iter().map(|p| quote(p)).collect();
            create += &format!(" INHERITS ({})", parents.join(", "));
        }
        if let Some(key) = &t.partition_key {
            create += &format!(" PARTITION BY {key}");
        }
        if !t.options.is_empty() {
            create += &format!(" WITH ({})", options(&t.options));
        }
        let mut sql = vec![create];
        sql.extend(t.columns.iter().flat_map(|column| self.unlike_parent(t, column)));
        sql.extend(first_comment(&on(t), t.comment.as_deref()));
        for column in &t.columns {
            sql.extend(columns::details(&t.name, None, column, self.from.server_version));
        }
        for constraint in t.constraints.iter().filter(|c| inline(t, c)) {
            let on = format!("CONSTRAINT {} ON {name}", quote(&constraint.name));
            sql.extend(first_comment(&on, constraint.comment.as_deref()));
        }
        sql.extend(row_security(t, false, false));
        sql.extend(grants(&on(t), "", &initial(self.from, "TABLES"), &t.grants));
        self.makes.push(change(Action::Create, object(ObjectKind::Table, &t.name), sql));
        if t.replica_identity.is_some() {
            self.replica_identity(t);
        }
    }

    /// What a new partition or child does not have from its parent.
    fn unlike_parent(&self, t: &Table, column: &Column) -> Vec<String> {
        let Some(parent) =
            columns::of_parent(self.to, t, &column.name).filter(|_| column.inherited || t.partition_of.is_some())
        else {
            return vec![];
        };
        let alter =
            |what: String| format!("ALTER TABLE ONLY {} ALTER COLUMN {} {what}", quote(&t.name), quote(&column.name));
        let mut sql = Vec::new();
        if parent.default != column.default {
            sql.push(alter(column.default.as_ref().map_or("DROP DEFAULT".into(), |d| format!("SET DEFAULT {d}"))));
        }
        if column.not_null && !parent.not_null {
            sql.push(alter("SET NOT NULL".into()));
        }
        sql
    }

    fn alter_table(&mut self, from: &Table, to: &Table) {
        let alter = format!("ALTER {}", on(to));
        let mut sql = Vec::new();
        if from.unlogged != to.unlogged {
            sql.push(format!("{alter} SET {}", if to.unlogged { "UNLOGGED" } else { "LOGGED" }));
        }
        sql.extend(changed_options(&alter, &from.options, &to.options));
        self.parents(from, to);
        sql.extend(row_security(to, from.row_security, from.force_row_security));
        sql.extend(changed_comment(&on(to), from.comment.as_deref(), to.comment.as_deref()));
        sql.extend(grants(&on(to), "", &from.grants, &to.grants));
        if !sql.is_empty() {
            self.makes.push(change(Action::Alter, object(ObjectKind::Table, &to.name), sql));
        }
        if from.replica_identity != to.replica_identity {
            self.replica_identity(to);
        }
    }

    /// Partitions and children that leave a parent or get another one.
    fn parents(&mut self, from: &Table, to: &Table) {
        let about = || object(ObjectKind::Table, &to.name);
        let lost = |parent: &String| self.affected.relation_gone(parent);
        let (mut leave, mut join) = (Vec::new(), Vec::new());
        if from.partition_of != to.partition_of || from.partition_of.as_ref().is_some_and(|p| lost(&p.parent)) {
            let detach = from
                .partition_of
                .as_ref()
                .map(|of| format!("ALTER TABLE {} DETACH PARTITION {}", quote(&of.parent), quote(&to.name)));
            let attach = to.partition_of.as_ref().map(|of| {
                format!("ALTER TABLE {} ATTACH PARTITION {} {}", quote(&of.parent), quote(&to.name), of.bound)
            });
            let same = matches!((&from.partition_of, &to.partition_of), (Some(a), Some(b)) if a.parent == b.parent && !lost(&a.parent));
            if same {
                // Only its bounds: it is back before its parent changes, and changes with it.
                self.detached.extend(detach.map(|sql| change(Action::Alter, about(), vec![sql])));
                self.attached.extend(attach.map(|sql| change(Action::Alter, about(), vec![sql])));
            } else {
                leave.extend(detach);
                join.extend(attach);
            }
        }
        for parent in from.inherits.iter().filter(|p| !to.inherits.contains(p) || lost(p)) {
            leave.push(format!("ALTER {} NO INHERIT {}", on(to), quote(parent)));
        }
        for parent in to.inherits.iter().filter(|p| !from.inherits.contains(p) || lost(p)) {
            join.push(format!("ALTER {} INHERIT {}", on(to), quote(parent)));
        }
        if !leave.is_empty() {
            self.drops.push(change(Action::Alter, about(), leave));
        }
        if !join.is_empty() {
            self.ends.push(change(Action::Alter, about(), join));
        }
    }

    /// At the end: it may name an index.
    fn replica_identity(&mut self, t: &Table) {
        let identity = t.replica_identity.as_deref().unwrap_or("DEFAULT");
        let sql = vec![format!("ALTER {} REPLICA IDENTITY {identity}", on(t))];
        self.ends.push(change(Action::Alter, object(ObjectKind::Table, &t.name), sql));
    }
}

fn row_security(t: &Table, enabled: bool, forced: bool) -> Vec<String> {
    let mut sql = Vec::new();
    if t.row_security != enabled {
        sql.push(format!("ALTER {} {} ROW LEVEL SECURITY", on(t), if t.row_security { "ENABLE" } else { "DISABLE" }));
    }
    if t.force_row_security != forced {
        let force = if t.force_row_security { "FORCE" } else { "NO FORCE" };
        sql.push(format!("ALTER {} {force} ROW LEVEL SECURITY", on(t)));
    }
    sql
}
