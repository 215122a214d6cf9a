//! What belongs to a table or view: constraints, indexes, triggers, rules, policies, statistics.

use super::rights::{changed_comment, first_comment, role};
use super::tables::inline;
use super::{Action, Plan, change, part};
use crate::catalog::{Constraint, Firing, Index, ObjectKind, Policy, Rule, Statistics, Table, Trigger, View};
use crate::quote;

/// A part in the same words for all kinds.
struct Part<'a> {
    kind: ObjectKind,
    name: &'a str,
    /// The statement that makes it.
    create: String,
    /// The statement that takes it away.
    drop: String,
    /// As `COMMENT ON` names it, and what it says; rules have none worth keeping.
    comment: Option<(String, Option<&'a str>)>,
    /// The statement that brings it into its state, where that is not the usual one.
    state: Option<String>,
    /// The statement that brings it back to the usual state.
    usual: String,
    /// Whether it comes with the parent's.
    inherited: bool,
    /// Whether `CREATE TABLE` has it already.
    inline: bool,
}

/// What `pg_get_constraintdef` prints at the end of a constraint that was never checked.
const NOT_VALID: &str = " NOT VALID";

impl Part<'_> {
    fn is(&self, other: &Part<'_>) -> bool {
        self.kind == other.kind && self.name == other.name
    }

    /// Whether the one can become the other: they are the same, or only a check of old rows is missing.
    fn alterable(&self, to: &Part<'_>) -> bool {
        self.create == to.create || self.unchecked(to) || (self.inherited && to.inherited)
    }

    fn unchecked(&self, to: &Part<'_>) -> bool {
        self.kind == ObjectKind::Constraint && self.create.strip_suffix(NOT_VALID) == Some(to.create.as_str())
    }
}

fn of_table(t: &Table) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = t.constraints.iter().map(|c| constraint(t, c)).collect();
    parts.extend(t.indexes.iter().filter(|i| i.constraint.is_none()).map(|i| index(&t.name, i)));
    parts.extend(t.statistics.iter().map(statistics));
    parts.extend(t.rules.iter().map(|r| rule(&t.name, r)));
    parts.extend(t.triggers.iter().map(|g| trigger(&t.name, g)));
    parts.extend(t.policies.iter().map(|p| policy(&t.name, p)));
    parts
}

fn of_view(v: &View) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = v.indexes.iter().map(|i| index(&v.name, i)).collect();
    parts.extend(v.rules.iter().map(|r| rule(&v.name, r)));
    parts.extend(v.triggers.iter().map(|g| trigger(&v.name, g)));
    parts
}

fn constraint<'a>(t: &Table, c: &'a Constraint) -> Part<'a> {
    let (table, name) = (quote(&t.name), quote(&c.name));
    Part {
        kind: ObjectKind::Constraint,
        name: &c.name,
        create: format!("ALTER TABLE {table} ADD CONSTRAINT {name} {}", c.definition),
        drop: format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
        comment: Some((format!("CONSTRAINT {name} ON {table}"), c.comment.as_deref())),
        state: None,
        usual: format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
        inherited: c.inherited,
        inline: inline(t, c),
    }
}

fn index<'a>(table: &str, i: &'a Index) -> Part<'a> {
    let (table, name) = (quote(table), quote(&i.name));
    Part {
        kind: ObjectKind::Index,
        name: &i.name,
        create: i.definition.clone(),
        drop: format!("DROP INDEX {name}"),
        comment: Some((format!("INDEX {name}"), i.comment.as_deref())),
        state: i.clustered.then(|| format!("ALTER TABLE {table} CLUSTER ON {name}")),
        usual: format!("ALTER TABLE {table} SET WITHOUT CLUSTER"),
        inherited: i.inherited,
        inline: false,
    }
}

fn statistics(s: &Statistics) -> Part<'_> {
    let name = quote(&s.name);
    Part {
        kind: ObjectKind::Statistics,
        name: &s.name,
        create: s.definition.clone(),
        drop: format!("DROP STATISTICS {name}"),
        comment: Some((format!("STATISTICS {name}"), s.comment.as_deref())),
        state: None,
        usual: String::new(),
        inherited: false,
        inline: false,
    }
}

/// `ENABLE …` or `DISABLE …`, where it is not as usual.
fn firing(table: &str, what: &str, firing: Firing) -> Option<String> {
    let verb = match firing {
        Firing::Origin => return None,
        Firing::Disabled => "DISABLE",
        Firing::Replica => "ENABLE REPLICA",
        Firing::Always => "ENABLE ALWAYS",
    };
    Some(format!("ALTER TABLE {table} {verb} {what}"))
}

fn rule<'a>(table: &str, r: &'a Rule) -> Part<'a> {
    let (table, name) = (quote(table), quote(&r.name));
    let what = format!("RULE {name}");
    Part {
        kind: ObjectKind::Rule,
        name: &r.name,
        create: r.definition.trim_end_matches(';').to_owned(),
        drop: format!("DROP RULE {name} ON {table}"),
        comment: None,
        state: firing(&table, &what, r.enabled),
        usual: format!("ALTER TABLE {table} ENABLE {what}"),
        inherited: false,
        inline: false,
    }
}

fn trigger<'a>(table: &str, g: &'a Trigger) -> Part<'a> {
    let (table, name) = (quote(table), quote(&g.name));
    let what = format!("TRIGGER {name}");
    Part {
        kind: ObjectKind::Trigger,
        name: &g.name,
        create: g.definition.clone(),
        drop: format!("DROP TRIGGER {name} ON {table}"),
        comment: Some((format!("TRIGGER {name} ON {table}"), g.comment.as_deref())),
        state: firing(&table, &what, g.enabled),
        usual: format!("ALTER TABLE {table} ENABLE {what}"),
        inherited: g.inherited,
        inline: false,
    }
}

fn policy<'a>(table: &str, p: &'a Policy) -> Part<'a> {
    let (table, name) = (quote(table), quote(&p.name));
    let roles: Vec<String> = p.roles.iter().map(|r| role(r)).collect();
    let mut create = format!("CREATE POLICY {name} ON {table}");
    if !p.permissive {
        create += " AS RESTRICTIVE";
    }
    create += &format!(" FOR {} TO {}", p.command, roles.join(", "));
    if let Some(using) = &p.using {
        create += &format!(" USING ({using})");
    }
    if let Some(check) = &p.check {
        create += &format!(" WITH CHECK ({check})");
    }
    Part {
        kind: ObjectKind::Policy,
        name: &p.name,
        create,
        drop: format!("DROP POLICY {name} ON {table}"),
        comment: Some((format!("POLICY {name} ON {table}"), p.comment.as_deref())),
        state: None,
        usual: String::new(),
        inherited: false,
        inline: false,
    }
}

/// Parts of a table that stays which are not in `to`, or not the same there.
pub fn incompatible_of_table<'a>(from: &'a Table, to: &'a Table) -> Vec<(ObjectKind, &'a str)> {
    incompatible(of_table(from), &of_table(to))
}

/// Parts of a view that stays which are not in `to`, or not the same there.
pub fn incompatible_of_view<'a>(from: &'a View, to: &'a View) -> Vec<(ObjectKind, &'a str)> {
    incompatible(of_view(from), &of_view(to))
}

fn incompatible<'a>(from: Vec<Part<'a>>, to: &[Part<'a>]) -> Vec<(ObjectKind, &'a str)> {
    let stays = |a: &Part<'_>| match to.iter().find(|b| a.is(b)) {
        Some(b) => a.alterable(b),
        None => a.inherited,
    };
    from.into_iter().filter(|a| !stays(a)).map(|a| (a.kind, a.name)).collect()
}

impl Plan<'_> {
    /// The parts of a table that stays.
    pub(super) fn table_parts(&mut self, from: &Table, to: &Table) {
        self.parts(&to.name, &of_table(from), &of_table(to));
    }

    /// The parts of a view that stays.
    pub(super) fn view_parts(&mut self, from: &View, to: &View) {
        self.parts(&to.name, &of_view(from), &of_view(to));
    }

    /// The parts of a table that `CREATE TABLE` does not make.
    pub(super) fn new_table_parts(&mut self, t: &Table) {
        let new: Vec<Part<'_>> = of_table(t).into_iter().filter(|p| !p.inline).collect();
        self.parts(&t.name, &[], &new);
    }

    /// The parts of a view that `CREATE VIEW` does not make.
    pub(super) fn new_view_parts(&mut self, v: &View) {
        self.parts(&v.name, &[], &of_view(v));
    }

    fn parts(&mut self, of: &str, from: &[Part<'_>], to: &[Part<'_>]) {
        for before in from {
            let about = part(before.kind, before.name, of);
            // What came with a parent's goes with it.
            if self.affected.gone(&about) && !before.inherited {
                self.drops.push(change(Action::Drop, about, vec![before.drop.clone()]));
            }
        }
        for after in to {
            let about = part(after.kind, after.name, of);
            match from.iter().find(|before| before.is(after)).filter(|_| !self.affected.gone(&about)) {
                Some(before) => self.alter_part(of, before, after),
                None if after.inherited => {}
                None => {
                    let mut sql = vec![after.create.clone()];
                    sql.extend(after.comment.as_ref().and_then(|(on, text)| first_comment(on, *text)));
                    sql.extend(after.state.clone());
                    self.makes.push(change(Action::Create, about, sql));
                }
            }
        }
    }

    fn alter_part(&mut self, of: &str, from: &Part<'_>, to: &Part<'_>) {
        let mut sql = Vec::new();
        if from.unchecked(to) {
            sql.push(to.usual.clone());
        }
        if from.state != to.state {
            sql.push(to.state.clone().unwrap_or_else(|| to.usual.clone()));
        }
        if let (Some((_, before)), Some((on, after))) = (&from.comment, &to.comment) {
            sql.extend(changed_comment(on, *before, *after));
        }
        if !sql.is_empty() {
            self.makes.push(change(Action::Alter, part(to.kind, to.name, of), sql));
        }
    }
}
