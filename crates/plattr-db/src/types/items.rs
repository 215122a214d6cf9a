//! What Rust, Python and Go all have a word for: sets of labels, other names for types, and records, each with an
//! identifier of its own. Their generators only say how these look.

use std::collections::{HashMap, HashSet};

use super::model::{Column, Enum, Function, Relation, Returns, Scalar, Schema, Type};
use super::names::Scope;
use super::text::comment;

/// One declaration.
pub enum Item<'s> {
    /// A set of labels.
    Labels(String, &'s Enum),
    /// Another name for a type.
    Alias(Alias<'s>),
    /// A record.
    Record(Record<'s>),
}

/// Another name for a type.
pub struct Alias<'s> {
    /// Identifier.
    pub name: String,
    /// Lines of its comment.
    pub comment: Vec<String>,
    /// What it means.
    pub target: Target<'s>,
    /// Whether it is a list of that.
    pub list: bool,
}

/// What an alias means.
pub enum Target<'s> {
    /// A type.
    Type(&'s Type),
    /// A record, by its identifier.
    Record(String),
}

/// Columns under one name.
pub struct Record<'s> {
    /// Identifier.
    pub name: String,
    /// Lines of its comment.
    pub comment: Vec<String>,
    /// Fields.
    pub fields: Vec<Field<'s>>,
    /// Whether it is sent to the server, not read from it.
    pub sent: bool,
}

/// A column in a record.
pub struct Field<'s> {
    /// Name of the column.
    pub name: &'s str,
    /// Its type.
    pub ty: &'s Type,
    /// Lines of its comment.
    pub comment: Vec<String>,
    /// Whether it can be NULL.
    pub nullable: bool,
    /// Whether it can be left out.
    pub optional: bool,
    /// Whether to leave it out means something else than NULL does.
    pub distinct: bool,
}

/// The simple types that fields and aliases have, and whether a field tells NULL from nothing.
pub fn uses(items: &[Item<'_>], counts: impl Fn(&Field<'_>) -> bool) -> (HashSet<Scalar>, bool) {
    fn scalar(ty: &Type) -> Option<Scalar> {
        match ty {
            Type::Scalar(scalar) => Some(*scalar),
            Type::Array(inner) => scalar(inner),
            _ => None,
        }
    }
    let mut scalars = HashSet::new();
    let mut distinct = false;
    for item in items {
        match item {
            Item::Labels(..) | Item::Alias(Alias { target: Target::Record(_), .. }) => {}
            Item::Alias(Alias { target: Target::Type(ty), .. }) => scalars.extend(scalar(ty)),
            Item::Record(record) => {
                for field in record.fields.iter().filter(|f| counts(f)) {
                    scalars.extend(scalar(field.ty));
                    distinct |= field.distinct;
                }
            }
        }
    }
    (scalars, distinct)
}

/// Identifiers of the types of a schema, by their names there.
#[derive(Default)]
pub struct TypeNames<'s> {
    enums: HashMap<&'s str, String>,
    domains: HashMap<&'s str, String>,
    composites: HashMap<&'s str, String>,
    relations: HashMap<&'s str, String>,
}

impl TypeNames<'_> {
    /// The identifier of a type that has one.
    pub fn of(&self, ty: &Type) -> Option<String> {
        match ty {
            Type::Scalar(_) | Type::Array(_) => None,
            Type::Enum(name) => self.enums.get(name.as_str()).cloned(),
            Type::Domain(name) => self.domains.get(name.as_str()).cloned(),
            Type::Composite(name) => self.composites.get(name.as_str()).cloned(),
            Type::Row(name) => self.relations.get(name.as_str()).map(|n| format!("{n}Row")),
        }
    }
}

static ANY_ROW: Type = Type::Scalar(Scalar::Json);

/// All that a file has to declare, in its order, with identifiers that a language is content with: `convert` makes
/// them, and none of the words in `reserved` is one.
pub fn items<'s>(
    schema: &'s Schema,
    convert: fn(&str) -> String,
    reserved: &[&'static str],
) -> (Vec<Item<'s>>, TypeNames<'s>) {
    let mut scope = Scope::new(reserved);
    let mut claim = |name: &'s str, endings: &[&str]| (name, scope.claim(&convert(name), endings));
    // Tables come first, because their types are used most and should have the plainest names.
    let names = TypeNames {
        relations: schema.relations.iter().map(|r| claim(&r.name, &["Row", "Insert", "Update"])).collect(),
        enums: schema.enums.iter().map(|e| claim(&e.name, &["", "Label"])).collect(),
        domains: schema.domains.iter().map(|d| claim(&d.name, &[""])).collect(),
        composites: schema.composites.iter().map(|c| claim(&c.name, &[""])).collect(),
    };
    let name = |of: &HashMap<&str, String>, name: &str| of.get(name).cloned().unwrap_or_default();
    let mut items = Vec::new();
    items.extend(schema.enums.iter().map(|e| Item::Labels(name(&names.enums, &e.name), e)));
    items.extend(schema.domains.iter().map(|d| {
        let (name, comment) = (name(&names.domains, &d.name), comment(d.comment.as_deref()));
        Item::Alias(Alias { name, comment, target: Target::Type(&d.base), list: false })
    }));
    items.extend(schema.composites.iter().map(|c| {
        let (name, comment) = (name(&names.composites, &c.name), comment(c.comment.as_deref()));
        Item::Record(Record { name, comment, fields: c.attributes.iter().map(read).collect(), sent: false })
    }));
    for relation in &schema.relations {
        items.extend(rows(&name(&names.relations, &relation.name), relation));
    }
    for function in &schema.functions {
        let (_, name) = claim(&function.name, &["Args", "Returns", "Row"]);
        items.extend(call(&name, function));
    }
    (items, names)
}

/// What is read from a relation and written to it.
fn rows<'s>(name: &str, relation: &'s Relation) -> Vec<Item<'s>> {
    let what = if relation.view { "view" } else { "table" };
    let shown = shown(&relation.name);
    let mut lines = vec![format!("A row of the {what} {shown}.")];
    lines.extend(comment(relation.comment.as_deref()));
    let fields = relation.columns.iter().map(read).collect();
    let mut items = vec![Item::Record(Record { name: format!("{name}Row"), comment: lines, fields, sent: false })];
    let writable = || relation.columns.iter().filter(|c| c.writable);
    let mut sent = |ending: &str, line: String, fields: Vec<Field<'s>>| {
        items.push(Item::Record(Record { name: format!("{name}{ending}"), comment: vec![line], fields, sent: true }));
    };
    if relation.insert {
        let fields = writable().map(|c| Field { optional: c.optional(), distinct: c.nullable && c.default, ..read(c) });
        sent("Insert", format!("A new row of {shown}."), fields.collect());
    }
    if relation.update {
        let fields = writable().map(|c| Field { optional: true, distinct: c.nullable, ..read(c) });
        sent("Update", format!("A change of rows of {shown}."), fields.collect());
    }
    items
}

/// What a function is given and what it returns.
fn call<'s>(name: &str, function: &'s Function) -> Vec<Item<'s>> {
    let shown = shown(&function.name);
    let mut items = Vec::new();
    // A single argument without a name is the request itself.
    if function.arguments.iter().any(|a| !a.name.is_empty()) {
        let mut lines = vec![format!("Arguments of the function {shown}.")];
        lines.extend(comment(function.comment.as_deref()));
        let fields = function.arguments.iter().map(|a| Field { optional: a.default, ..read(a) }).collect();
        items.push(Item::Record(Record { name: format!("{name}Args"), comment: lines, fields, sent: true }));
    }
    let target = match &function.returns {
        Returns::Nothing => return items,
        Returns::Value(ty) => Target::Type(ty),
        Returns::AnyRow => Target::Type(&ANY_ROW),
        Returns::Columns(columns) => {
            let record = Record {
                name: format!("{name}Row"),
                comment: vec![format!("A row that the function {shown} returns.")],
                fields: columns.iter().map(read).collect(),
                sent: false,
            };
            items.push(Item::Record(record));
            Target::Record(format!("{name}Row"))
        }
    };
    let lines = vec![format!("What the function {shown} returns.")];
    items.push(Item::Alias(Alias { name: format!("{name}Returns"), comment: lines, target, list: function.set }));
    items
}

/// A column as it is read.
fn read(column: &Column) -> Field<'_> {
    Field {
        name: &column.name,
        ty: &column.ty,
        comment: comment(column.comment.as_deref()),
        nullable: column.nullable,
        optional: false,
        distinct: false,
    }
}

/// A name in a comment.
fn shown(name: &str) -> String {
    format!("`{}`", comment(Some(name)).join(" "))
}
