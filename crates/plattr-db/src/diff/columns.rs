//! Columns and their defaults.

use super::rights::{changed_comment, first_comment, grants};
use super::types::collate;
use super::{Action, Change, Plan, change, part, sequences};
use crate::catalog::{Catalog, Column, Identity, ObjectKind, Table, TypeKind, TypeRef};
use crate::{literal, quote};

/// Whether the one can become the other and keep its place in the table.
pub fn alterable(from: &Column, to: &Column, server_version: i32) -> bool {
    match (&from.generated, &to.generated) {
        (None, None) => true,
        (Some(from), None) => from.stored,
        (None, Some(_)) => false,
        (Some(from), Some(to)) => {
            from.stored == to.stored && (from.expression == to.expression || server_version >= 170_000)
        }
    }
}

/// Whether the values get another type.
pub fn retyped(from: &Column, to: &Column) -> bool {
    from.ty != to.ty || from.collation != to.collation
}

/// A column as `CREATE TABLE` and `ADD COLUMN` have it.
pub fn definition(catalog: &Catalog, table: &str, column: &Column) -> String {
    let mut sql = format!("{} {}{}", quote(&column.name), column.ty.sql, collate(column.collation.as_deref()));
    if let Some(generated) = &column.generated {
        let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
        sql += &format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression);
    }
    if let Some(identity) = column.identity {
        sql += &format!(" {}", as_identity(catalog, table, column, identity));
    }
    if let Some(default) = &column.default {
        sql += &format!(" DEFAULT {default}");
    }
    if column.not_null {
        sql += " NOT NULL";
    }
    sql
}

fn as_identity(catalog: &Catalog, table: &str, column: &Column, identity: Identity) -> String {
    let options = sequences::of_identity(catalog, table, &column.name)
        .map(|s| format!(" (SEQUENCE NAME {} {})", quote(&s.name), sequences::options(s)))
        .unwrap_or_default();
    format!("GENERATED {} AS IDENTITY{options}", when(identity))
}

fn when(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

/// What cannot be said where a column is made: storage, comment, rights. `from` is none for a new one.
pub fn details(table: &str, from: Option<&Column>, to: &Column, server_version: i32) -> Vec<String> {
    let alter = |what: String| format!("ALTER TABLE ONLY {} ALTER COLUMN {} {what}", quote(table), quote(&to.name));
    let was = |of: fn(&Column) -> Option<&String>| from.and_then(of);
    let mut sql = Vec::new();
    if was(|c| c.storage.as_ref()) != to.storage.as_ref() {
        let usual = match (server_version >= 160_000, to.ty.name.as_str()) {
            (true, _) => "DEFAULT",
            (false, "numeric") => "MAIN",
            (false, _) => "EXTENDED",
        };
        sql.push(alter(format!("SET STORAGE {}", to.storage.as_deref().unwrap_or(usual))));
    }
    if was(|c| c.compression.as_ref()) != to.compression.as_ref() {
        sql.push(alter(format!("SET COMPRESSION {}", to.compression.as_deref().unwrap_or("default"))));
    }
    if from.and_then(|c| c.statistics_target) != to.statistics_target {
        sql.push(alter(format!("SET STATISTICS {}", to.statistics_target.unwrap_or(-1))));
    }
    let on = format!("COLUMN {}.{}", quote(table), quote(&to.name));
    match from {
        Some(from) => sql.extend(changed_comment(&on, from.comment.as_deref(), to.comment.as_deref())),
        None => sql.extend(first_comment(&on, to.comment.as_deref())),
    }
    let had = from.map(|c| c.grants.as_slice()).unwrap_or_default();
    sql.extend(grants(&format!("TABLE {}", quote(table)), &format!(" ({})", quote(&to.name)), had, &to.grants));
    sql
}

/// The column that a partition or child has this one from.
pub fn of_parent<'a>(catalog: &'a Catalog, table: &Table, column: &str) -> Option<&'a Column> {
    let partition = table.partition_of.iter().map(|p| &p.parent);
    partition.chain(&table.inherits).find_map(|parent| catalog.table(parent)?.column(column))
}

/// The same, of a parent that the table has in both: what happens to its column happens to the child's.
fn of_kept_parent<'a>(catalog: &'a Catalog, from: &Table, to: &Table, column: &str) -> Option<&'a Column> {
    let partition = from
        .partition_of
        .iter()
        .map(|p| &p.parent)
        .filter(|parent| to.partition_of.iter().any(|p| p.parent == **parent));
    let child = from.inherits.iter().filter(|parent| to.inherits.contains(parent));
    partition.chain(child).find_map(|parent| catalog.table(parent)?.column(column))
}

impl Plan<'_> {
    /// The columns of a table that stays.
    pub(super) fn columns(&mut self, from: &Table, to: &Table) {
        for before in &from.columns {
            let about = part(ObjectKind::Column, &before.name, &from.name);
            if self.affected.gone(&about) && of_kept_parent(self.from, from, to, &before.name).is_none() {
                let sql = format!("ALTER TABLE {} DROP COLUMN {}", quote(&from.name), quote(&before.name));
                let computed =
                    before.generated.is_some() && to.column(&before.name).is_none_or(|c| c.generated.is_some());
                let destroys = (!computed).then(|| format!("the values of {}.{}", from.name, before.name));
                self.drops.push(Change { destroys, ..change(Action::Drop, about, vec![sql]) });
            }
        }
        for after in &to.columns {
            let about = part(ObjectKind::Column, &after.name, &to.name);
            match from.column(&after.name).filter(|_| !self.affected.gone(&about)) {
                Some(before) => self.alter_column(from, to, before, after),
                None => {
                    let mut sql = Vec::new();
                    if of_kept_parent(self.to, from, to, &after.name).is_none() {
                        let column = definition(self.to, &to.name, after);
                        sql.push(format!("ALTER TABLE {} ADD COLUMN {column}", quote(&to.name)));
                    }
                    sql.extend(details(&to.name, None, after, self.from.server_version));
                    if !sql.is_empty() {
                        self.makes.push(change(Action::Create, about, sql));
                    }
                }
            }
        }
    }

    fn alter_column(&mut self, from_table: &Table, to_table: &Table, from: &Column, to: &Column) {
        let name = &to_table.name;
        let alter = |what: String| format!("ALTER TABLE {} ALTER COLUMN {} {what}", quote(name), quote(&to.name));
        let parent = |catalog| of_kept_parent(catalog, from_table, to_table, &to.name);
        let parents = (parent(self.from), parent(self.to));
        let (mut sql, mut destroys) = (Vec::new(), None);

        let retyped = self.affected.retyped(name, &to.name);
        if retyped && parents.1.is_none() {
            let using = match using(&from.ty, &to.ty) {
                Conversion::Assignment => String::new(),
                Conversion::Cast => format!(" USING {}::{}", quote(&to.name), to.ty.sql),
                Conversion::Text => format!(" USING {}::text::{}", quote(&to.name), to.ty.sql),
            };
            sql.push(alter(format!("TYPE {}{}{using}", to.ty.sql, collate(to.collation.as_deref()))));
            if from.ty != to.ty && !widens(&from.ty, &to.ty) {
                destroys = Some(format!("what {} cannot hold of the values of {name}.{}", to.ty.sql, to.name));
            }
        }
        // What a parent does, it does to its children.
        let by_parent = parents.1.is_some_and(|parent| parent.generated == to.generated);
        match (&from.generated, &to.generated) {
            _ if by_parent => {}
            (Some(_), None) => sql.push(alter("DROP EXPRESSION".into())),
            (Some(before), Some(after)) if before != after => {
                sql.push(alter(format!("SET EXPRESSION AS ({})", after.expression)));
            }
            _ => {}
        }
        let of_parent = matches!(parents, (Some(a), Some(b)) if a.not_null != b.not_null && b.not_null == to.not_null);
        if from.not_null != to.not_null && !of_parent {
            sql.push(alter(format!("{} NOT NULL", if to.not_null { "SET" } else { "DROP" })));
        }
        match (from.identity, to.identity) {
            (None, Some(identity)) => {
                sql.push(alter(format!("ADD {}", as_identity(self.to, name, to, identity))));
                // It goes on where the rows that are there end.
                sql.push(format!(
                    "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({column}), 0) + 1, false) FROM {}",
                    literal(&quote(name)),
                    literal(&to.name),
                    quote(name),
                    column = quote(&to.name),
                ));
            }
            (Some(_), None) => {
                let about = part(ObjectKind::Column, &to.name, name);
                // Before another sequence takes its name.
                self.drops.push(change(Action::Alter, about, vec![alter("DROP IDENTITY".into())]));
            }
            (Some(a), Some(b)) if a != b => sql.push(alter(format!("SET GENERATED {}", when(b)))),
            _ => {}
        }
        sql.extend(details(name, Some(from), to, self.from.server_version));
        if !sql.is_empty() {
            let about = part(ObjectKind::Column, &to.name, name);
            self.makes.push(Change { destroys, ..change(Action::Alter, about, sql) });
        }
        self.default(name, from, to, retyped);
    }

    fn default(&mut self, table: &str, from: &Column, to: &Column, retyped: bool) {
        let about = part(ObjectKind::Default, &to.name, table);
        let alter = |what: String| format!("ALTER TABLE ONLY {} ALTER COLUMN {} {what}", quote(table), quote(&to.name));
        // The server may not know how to turn the old default into the new type; identity refuses one.
        let away = from.default.is_some()
            && (self.affected.gone(&about) || retyped || to.default.is_none() || to.identity.is_some());
        if away {
            self.drops.push(change(Action::Drop, about.clone(), vec![alter("DROP DEFAULT".into())]));
        }
        match &to.default {
            Some(default) if away || from.default != to.default => {
                self.makes.push(change(Action::Alter, about, vec![alter(format!("SET DEFAULT {default}"))]));
            }
            _ => {}
        }
    }
}

/// How values come from one type to another.
#[derive(Debug, PartialEq, Eq)]
enum Conversion {
    /// As when they are inserted; what does not fit is an error.
    Assignment,
    /// By a cast that has to be asked for.
    Cast,
    /// By their text.
    Text,
}

const NUMBERS: [&str; 6] = ["int2", "int4", "int8", "numeric", "float4", "float8"];
const TEXTS: [&str; 4] = ["text", "varchar", "bpchar", "name"];
const MOMENTS: [&str; 3] = ["date", "timestamp", "timestamptz"];
const CLOCKS: [&str; 2] = ["time", "timetz"];
const JSONS: [&str; 2] = ["json", "jsonb"];

fn using(from: &TypeRef, to: &TypeRef) -> Conversion {
    let both = |group: &[&str]| group.contains(&from.name.as_str()) && group.contains(&to.name.as_str());
    let base = |ty: &TypeRef| ty.kind == TypeKind::Base;
    if from.array != to.array {
        let text = if to.array { from } else { to };
        return if TEXTS.contains(&text.name.as_str()) { assignment_or_cast(to) } else { Conversion::Text };
    }
    if !(base(from) && base(to)) {
        // A type that was made anew under its name is not the same to the server.
        return if base(to) && !to.array { assignment_or_cast(to) } else { Conversion::Text };
    }
    let same = from.name == to.name && from.schema == to.schema;
    if same || both(&NUMBERS) || both(&TEXTS) || both(&MOMENTS) || both(&JSONS) {
        Conversion::Assignment
    } else if TEXTS.contains(&to.name.as_str()) {
        assignment_or_cast(to)
    } else if TEXTS.contains(&from.name.as_str()) || both(&["int4", "bool"]) {
        Conversion::Cast
    } else {
        Conversion::Text
    }
}

/// Everything can be assigned to a text, nothing else is sure.
fn assignment_or_cast(to: &TypeRef) -> Conversion {
    if TEXTS.contains(&to.name.as_str()) && !to.array { Conversion::Assignment } else { Conversion::Text }
}

/// Digits of a second, as `timestamp(3) with time zone` has them.
fn fraction(ty: &TypeRef) -> u32 {
    let digits = ty.sql.split_once('(').and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
    digits.unwrap_or(6)
}

/// Whether every value of the one is one of the other.
fn widens(from: &TypeRef, to: &TypeRef) -> bool {
    let limited = |ty: &TypeRef| ty.sql.contains('(');
    if from.kind != TypeKind::Base || to.kind != TypeKind::Base {
        // A type that was made anew; what is not in it any more is an error.
        return from.name == to.name || to.name == "text";
    }
    let place = |group: &[&str], ty: &TypeRef| group.iter().position(|n| *n == ty.name);
    let grows = |group: &[&str]| matches!((place(group, from), place(group, to)), (Some(a), Some(b)) if a <= b);
    match to.name.as_str() {
        "text" => true,
        // A limit may be smaller than before, and then it is an error, except where decimals are cut.
        "varchar" => !limited(to) || from.name != "numeric",
        // Digits of a second that there is no room for are rounded away.
        _ if MOMENTS.contains(&to.name.as_str()) || CLOCKS.contains(&to.name.as_str()) => {
            (from.name == to.name || grows(&MOMENTS)) && (from.name == "date" || fraction(from) <= fraction(to))
        }
        "interval" => from.name == to.name && (from.sql == to.sql || to.sql == "interval"),
        _ if from.name == to.name => !limited(to) || to.name != "numeric",
        "numeric" if limited(to) => false,
        _ => {
            grows(&["int2", "int4", "int8", "numeric"])
                || grows(&["int2", "int4", "float8"])
                || grows(&["float4", "float8"])
                || grows(&JSONS)
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn ty(sql: &str, name: &str) -> TypeRef {
        TypeRef { sql: sql.into(), name: name.into(), schema: "pg_catalog".into(), ..TypeRef::default() }
    }

    #[rstest]
    #[case(("integer", "int4"), ("bigint", "int8"), Conversion::Assignment, true)]
    #[case(("bigint", "int8"), ("integer", "int4"), Conversion::Assignment, false)]
    #[case(("integer", "int4"), ("text", "text"), Conversion::Assignment, true)]
    #[case(("text", "text"), ("uuid", "uuid"), Conversion::Cast, false)]
    #[case(("timestamp(3) without time zone", "timestamp"), ("timestamp(0) without time zone", "timestamp"), Conversion::Assignment, false)]
    #[case(("timestamp(3) without time zone", "timestamp"), ("timestamp with time zone", "timestamptz"), Conversion::Assignment, true)]
    #[case(("date", "date"), ("timestamp(0) without time zone", "timestamp"), Conversion::Assignment, true)]
    #[case(("time without time zone", "time"), ("time(0) without time zone", "time"), Conversion::Assignment, false)]
    #[case(("interval", "interval"), ("interval day", "interval"), Conversion::Assignment, false)]
    #[case(("timestamp with time zone", "timestamptz"), ("date", "date"), Conversion::Assignment, false)]
    #[case(("numeric(10,2)", "numeric"), ("numeric(8,1)", "numeric"), Conversion::Assignment, false)]
    #[case(("integer", "int4"), ("uuid", "uuid"), Conversion::Text, false)]
    fn a_conversion_is_asked_for_where_it_has_to_be(
        #[case] from: (&str, &str),
        #[case] to: (&str, &str),
        #[case] conversion: Conversion,
        #[case] wider: bool,
    ) {
        let (from, to) = (ty(from.0, from.1), ty(to.0, to.1));
        assert_eq!((using(&from, &to), widens(&from, &to)), (conversion, wider));
    }
}
