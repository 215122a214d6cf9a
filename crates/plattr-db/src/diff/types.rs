//! Enumerated types, domains, composite types and ranges.

use super::columns::of_parent;
use super::rights::{changed_comment, comment, first_comment, grants, initial};
use super::{Action, Change, Plan, change, object};
use crate::catalog::{Attribute, Catalog, Column, Composite, Domain, Enum, Grant, ObjectKind, Range};
use crate::{literal, quote};

/// A type of the schema.
#[derive(Clone, Copy)]
enum Definition<'a> {
    Enum(&'a Enum),
    Domain(&'a Domain),
    Composite(&'a Composite),
    Range(&'a Range),
}

impl<'a> Definition<'a> {
    fn all(catalog: &'a Catalog) -> Vec<Self> {
        let enums = catalog.enums.iter().map(Self::Enum);
        let domains = catalog.domains.iter().map(Self::Domain);
        let composites = catalog.composites.iter().map(Self::Composite);
        enums.chain(domains).chain(composites).chain(catalog.ranges.iter().map(Self::Range)).collect()
    }

    fn name(self) -> &'a str {
        match self {
            Self::Enum(t) => &t.name,
            Self::Domain(t) => &t.name,
            Self::Composite(t) => &t.name,
            Self::Range(t) => &t.name,
        }
    }

    fn comment(self) -> Option<&'a str> {
        match self {
            Self::Enum(t) => t.comment.as_deref(),
            Self::Domain(t) => t.comment.as_deref(),
            Self::Composite(t) => t.comment.as_deref(),
            Self::Range(t) => t.comment.as_deref(),
        }
    }

    fn grants(self) -> &'a [Grant] {
        match self {
            Self::Enum(t) => &t.grants,
            Self::Domain(t) => &t.grants,
            Self::Composite(t) => &t.grants,
            Self::Range(t) => &t.grants,
        }
    }

    /// As `DROP` and `COMMENT ON` name it.
    fn on(self) -> String {
        let word = if matches!(self, Self::Domain(_)) { "DOMAIN" } else { "TYPE" };
        format!("{word} {}", quote(self.name()))
    }

    fn create(self) -> String {
        let name = quote(self.name());
        match self {
            Self::Enum(t) => {
                let labels: Vec<String> = t.labels.iter().map(|l| literal(l)).collect();
                format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", "))
            }
            Self::Domain(t) => {
                let mut sql = format!("CREATE DOMAIN {name} AS {}{}", t.base.sql, collate(t.collation.as_deref()));
                if let Some(default) = &t.default {
                    sql += &format!(" DEFAULT {default}");
                }
                if t.not_null {
                    sql += " NOT NULL";
                }
                for check in &t.checks {
                    sql += &format!(" CONSTRAINT {} {}", quote(&check.name), check.definition);
                }
                sql
            }
            Self::Composite(t) => {
                let attributes: Vec<String> = t.attributes.iter().map(attribute).collect();
                format!("CREATE TYPE {name} AS ({})", attributes.join(", "))
            }
            Self::Range(t) => {
                let diff = t.subtype_diff.as_ref().map(|f| format!(", SUBTYPE_DIFF = {f}")).unwrap_or_default();
                let multirange = quote(&t.multirange);
                format!(
                    "CREATE TYPE {name} AS RANGE (SUBTYPE = {}{diff}, MULTIRANGE_TYPE_NAME = {multirange})",
                    t.subtype.sql
                )
            }
        }
    }

    /// Whether the one can become the other and keep its columns as they are.
    fn alterable(self, to: Self) -> bool {
        match (self, to) {
            (Self::Enum(a), Self::Enum(b)) => {
                let mut left = b.labels.iter();
                a.labels.iter().all(|label| left.any(|l| l == label))
            }
            (Self::Domain(a), Self::Domain(b)) => a.base == b.base && a.collation == b.collation,
            (Self::Composite(a), Self::Composite(b)) => a.attributes.iter().all(|old| {
                let new = b.attributes.iter().find(|n| n.name == old.name);
                new.is_none_or(|new| new.ty == old.ty && new.collation == old.collation)
            }),
            (Self::Range(a), Self::Range(b)) => {
                (&a.subtype, &a.multirange, &a.subtype_diff) == (&b.subtype, &b.multirange, &b.subtype_diff)
            }
            _ => false,
        }
    }
}

/// ` COLLATE …`
pub fn collate(collation: Option<&str>) -> String {
    collation.map(|c| format!(" COLLATE {c}")).unwrap_or_default()
}

fn attribute(a: &Attribute) -> String {
    format!("{} {}{}", quote(&a.name), a.ty.sql, collate(a.collation.as_deref()))
}

/// Types of `from` that are not in `to`, or are so different that they have to be made anew.
pub fn incompatible<'a>(from: &'a Catalog, to: &'a Catalog) -> Vec<&'a str> {
    let all = Definition::all(to);
    let alterable = |a: &Definition<'_>| all.iter().any(|b| b.name() == a.name() && a.alterable(*b));
    Definition::all(from).into_iter().filter(|a| !alterable(a)).map(Definition::name).collect()
}

/// The other name.
fn old(name: &str) -> String {
    let mut short = name.to_owned();
    // Names have 63 bytes.
    while short.len() > 63 - "__old".len() {
        short.pop();
    }
    quote(&format!("{short}__old"))
}

impl Plan<'_> {
    pub(super) fn types(&mut self) {
        let (from, to) = (Definition::all(self.from), Definition::all(self.to));
        for &before in &from {
            let about = object(ObjectKind::Type, before.name());
            let after = to.iter().copied().find(|t| t.name() == before.name());
            match after {
                Some(after) if !self.affected.gone(&about) => self.alter_type(before, after),
                Some(after) => self.replace_type(before, after),
                None => self.last_drops.push(change(Action::Drop, about, vec![format!("DROP {}", before.on())])),
            }
        }
        for after in to {
            if !from.iter().any(|t| t.name() == after.name()) {
                let sql = self.create_type(after);
                self.makes.push(change(Action::Create, object(ObjectKind::Type, after.name()), sql));
            }
        }
    }

    /// Another type of the same name, to which columns change.
    fn replace_type(&mut self, from: Definition<'_>, to: Definition<'_>) {
        let about = object(ObjectKind::Type, from.name());
        let mut sql = match from {
            // Functions that a range type came with have its name, and nobody may rename them.
            Definition::Range(range) => {
                let mut sql = self.columns_to_text(range);
                sql.push(format!("DROP {}", from.on()));
                sql
            }
            // It waits under another name for its last column to leave it.
            _ => {
                let word = if matches!(from, Definition::Domain(_)) { "DOMAIN" } else { "TYPE" };
                let drop = vec![format!("DROP {word} {}", old(from.name()))];
                self.last_drops.push(change(Action::Drop, about.clone(), drop));
                vec![format!("ALTER {} RENAME TO {}", from.on(), old(from.name()))]
            }
        };
        sql.extend(self.create_type(to));
        self.makes.push(change(Action::Alter, about, sql));
    }

    fn columns_to_text(&self, range: &Range) -> Vec<String> {
        let mut sql = Vec::new();
        for table in &self.from.tables {
            let of_type = |c: &&Column| {
                c.ty.name == range.name
                    && c.ty.schema == self.from.schema
                    && self.affected.retyped(&table.name, &c.name)
                    && of_parent(self.from, table, &c.name).is_none()
            };
            for column in table.columns.iter().filter(of_type) {
                sql.push(format!("ALTER TABLE {} ALTER COLUMN {} TYPE text", quote(&table.name), quote(&column.name)));
            }
        }
        sql
    }

    fn create_type(&self, ty: Definition<'_>) -> Vec<String> {
        let mut sql = vec![ty.create()];
        sql.extend(first_comment(&ty.on(), ty.comment()));
        if let Definition::Composite(composite) = ty {
            sql.extend(composite.attributes.iter().filter_map(|a| {
                first_comment(&format!("COLUMN {}.{}", quote(&composite.name), quote(&a.name)), a.comment.as_deref())
            }));
        }
        let on = format!("TYPE {}", quote(ty.name()));
        sql.extend(grants(&on, "", &initial(self.from, "TYPES"), ty.grants()));
        sql
    }

    fn alter_type(&mut self, from: Definition<'_>, to: Definition<'_>) {
        let (mut sql, destroys) = match (from, to) {
            (Definition::Enum(a), Definition::Enum(b)) => (add_labels(a, b), None),
            (Definition::Domain(a), Definition::Domain(b)) => (alter_domain(a, b), None),
            (Definition::Composite(a), Definition::Composite(b)) => alter_composite(a, b),
            _ => (vec![], None),
        };
        sql.extend(changed_comment(&to.on(), from.comment(), to.comment()));
        sql.extend(grants(&format!("TYPE {}", quote(to.name())), "", from.grants(), to.grants()));
        if !sql.is_empty() {
            let about = object(ObjectKind::Type, to.name());
            self.makes.push(Change { destroys, ..change(Action::Alter, about, sql) });
        }
    }
}

fn add_labels(from: &Enum, to: &Enum) -> Vec<String> {
    let mut sql = Vec::new();
    for (at, label) in to.labels.iter().enumerate() {
        if from.labels.contains(label) {
            continue;
        }
        // All before it are there by now.
        let place = match (at.checked_sub(1).and_then(|before| to.labels.get(before)), from.labels.first()) {
            (Some(before), _) => format!(" AFTER {}", literal(before)),
            (None, Some(first)) => format!(" BEFORE {}", literal(first)),
            (None, None) => String::new(),
        };
        sql.push(format!("ALTER TYPE {} ADD VALUE {}{place}", quote(&to.name), literal(label)));
    }
    sql
}

fn alter_domain(from: &Domain, to: &Domain) -> Vec<String> {
    let alter = |what: String| format!("ALTER DOMAIN {} {what}", quote(&to.name));
    let mut sql = Vec::new();
    let same = |check: &&crate::catalog::DomainCheck, of: &Domain| of.checks.contains(check);
    for check in from.checks.iter().filter(|c| !same(c, to)) {
        sql.push(alter(format!("DROP CONSTRAINT {}", quote(&check.name))));
    }
    for check in to.checks.iter().filter(|c| !same(c, from)) {
        sql.push(alter(format!("ADD CONSTRAINT {} {}", quote(&check.name), check.definition)));
    }
    if from.default != to.default {
        sql.push(alter(to.default.as_ref().map_or("DROP DEFAULT".to_owned(), |d| format!("SET DEFAULT {d}"))));
    }
    if from.not_null != to.not_null {
        sql.push(alter(format!("{} NOT NULL", if to.not_null { "SET" } else { "DROP" })));
    }
    sql
}

fn alter_composite(from: &Composite, to: &Composite) -> (Vec<String>, Option<String>) {
    let alter = |what: String| format!("ALTER TYPE {} {what}", quote(&to.name));
    let (mut sql, mut lost) = (Vec::new(), Vec::new());
    for new in &to.attributes {
        let on = || format!("COLUMN {}.{}", quote(&to.name), quote(&new.name));
        match from.attributes.iter().find(|a| a.name == new.name) {
            None => {
                sql.push(alter(format!("ADD ATTRIBUTE {} CASCADE", attribute(new))));
                sql.extend(first_comment(&on(), new.comment.as_deref()));
            }
            Some(old) if old.comment != new.comment => sql.push(comment(&on(), new.comment.as_deref())),
            Some(_) => {}
        }
    }
    for old in &from.attributes {
        if !to.attributes.iter().any(|a| a.name == old.name) {
            sql.push(alter(format!("DROP ATTRIBUTE {} CASCADE", quote(&old.name))));
            lost.push(old.name.as_str());
        }
    }
    let destroys = (!lost.is_empty()).then(|| format!("{} in all values of the type {}", lost.join(", "), to.name));
    (sql, destroys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mood(labels: &[&str]) -> Enum {
        Enum { name: "mood".into(), labels: labels.iter().map(|&l| l.into()).collect(), comment: None, grants: vec![] }
    }

    #[test]
    fn labels_come_where_they_belong() {
        let (from, to) = (mood(&["b", "d"]), mood(&["a", "b", "c", "d", "e", "f"]));
        assert_eq!(
            add_labels(&from, &to),
            [
                "ALTER TYPE \"mood\" ADD VALUE 'a' BEFORE 'b'",
                "ALTER TYPE \"mood\" ADD VALUE 'c' AFTER 'b'",
                "ALTER TYPE \"mood\" ADD VALUE 'e' AFTER 'd'",
                "ALTER TYPE \"mood\" ADD VALUE 'f' AFTER 'e'",
            ]
        );
    }

    #[test]
    fn labels_that_go_or_change_places_make_another_type() {
        let alterable = |a: &[&str], b: &[&str]| Definition::Enum(&mood(a)).alterable(Definition::Enum(&mood(b)));
        assert!(alterable(&["a", "b"], &["a", "x", "b"]));
        assert!(!alterable(&["a", "b"], &["b", "a"]));
        assert!(!alterable(&["a", "b"], &["a"]));
    }
}
