//! Python: typed dictionaries, as JSON is read into, and string enumerations.

use super::items::{Alias, Field, Item, Record, Target, TypeNames, items};
use super::model::{Enum, Scalar, Schema, Type};
use super::names::{Scope, pascal, screaming};
use super::text::{comment, header, quoted};

/// What a type of the file cannot be called, because the file itself means something else by it.
const RESERVED: &[&str] =
    &["False", "Json", "Literal", "None", "NotRequired", "StrEnum", "True", "TypeAlias", "TypedDict"];

/// What no attribute of a class can be called: words of the language, and types that the attributes after it have.
const TAKEN: &[&str] = &[
    "and", "as", "assert", "async", "await", "bool", "break", "class", "continue", "def", "del", "dict", "elif",
    "else", "except", "finally", "float", "for", "from", "global", "if", "import", "in", "int", "is", "lambda", "list",
    "nonlocal", "not", "or", "pass", "raise", "return", "str", "try", "while", "with", "yield",
];

const TOP: &str = "# Needs Python 3.11.

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NotRequired, TypeAlias, TypedDict

Json: TypeAlias = \"dict[str, Json] | list[Json] | str | int | float | bool | None\"
";

/// The file.
pub fn render(schema: &Schema) -> String {
    let (items, names) = items(schema, pascal, RESERVED);
    let mut out = format!("# {}\n{TOP}", header(&schema.name, "python"));
    for item in &items {
        out.push_str("\n\n");
        match item {
            Item::Labels(name, labels) => enumerated(&mut out, name, labels),
            Item::Alias(alias) => named(&mut out, alias, &names),
            Item::Record(record) => dictionary(&mut out, record, &names),
        }
    }
    out
}

fn doc(out: &mut String, indent: &str, lines: &[String]) {
    lines.iter().for_each(|line| out.push_str(&format!("{indent}# {line}\n")));
}

/// Names for code, and the texts as JSON has them. Each name is one of the texts, but JSON has texts only.
fn enumerated(out: &mut String, name: &str, labels: &Enum) {
    doc(out, "", &comment(labels.comment.as_deref()));
    out.push_str(&format!("class {name}(StrEnum):\n"));
    let texts: Vec<&str> = labels.labels.iter().map(String::as_str).collect();
    if texts.is_empty() {
        out.push_str(&format!("    pass\n\n\n{name}Label: TypeAlias = \"str\"\n"));
        return;
    }
    for (text, member) in texts.iter().zip(Scope::default().claim_all(&texts, screaming)) {
        out.push_str(&format!("    {member} = {}\n", quoted(text)));
    }
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    out.push_str(&format!("\n\n{name}Label: TypeAlias = Literal[{}]\n", texts.join(", ")));
}

fn named(out: &mut String, alias: &Alias<'_>, names: &TypeNames<'_>) {
    doc(out, "", &alias.comment);
    let target = match &alias.target {
        Target::Type(ty) => of_type(ty, names, false),
        Target::Record(name) => name.clone(),
    };
    let target = if alias.list { format!("list[{target}]") } else { target };
    // In quotation marks, because what it means may come later in the file.
    out.push_str(&format!("{}: TypeAlias = \"{target}\"\n", alias.name));
}

fn dictionary(out: &mut String, record: &Record<'_>, names: &TypeNames<'_>) {
    doc(out, "", &record.comment);
    let as_class = record.fields.iter().all(|f| is_attribute(f.name));
    match as_class {
        true => out.push_str(&format!("class {}(TypedDict):\n", record.name)),
        // Keys that no attribute can have.
        false => out.push_str(&format!("{0} = TypedDict(\n    \"{0}\",\n    {{\n", record.name)),
    }
    for field in &record.fields {
        let ty = of_field(field, names, record.sent);
        match as_class {
            true => {
                doc(out, "    ", &field.comment);
                out.push_str(&format!("    {}: {ty}\n", field.name));
            }
            false => {
                doc(out, "        ", &field.comment);
                out.push_str(&format!("        {}: \"{ty}\",\n", quoted(field.name)));
            }
        }
    }
    match as_class {
        true if record.fields.is_empty() => out.push_str("    pass\n"),
        true => {}
        false => out.push_str("    },\n)\n"),
    }
}

/// Whether an attribute of a class can have the name. Two underscores in front would be changed by the compiler.
fn is_attribute(name: &str) -> bool {
    let plain = |c: char| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit();
    let first = name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    first && name.chars().all(plain) && !name.starts_with("__") && !TAKEN.contains(&name)
}

fn of_field(field: &Field<'_>, names: &TypeNames<'_>, sent: bool) -> String {
    let ty = of_type(field.ty, names, sent);
    let ty = if field.nullable { format!("{ty} | None") } else { ty };
    if field.optional { format!("NotRequired[{ty}]") } else { ty }
}

fn of_type(ty: &Type, names: &TypeNames<'_>, sent: bool) -> String {
    match (ty, names.of(ty)) {
        (Type::Enum(_), Some(name)) if sent => format!("{name} | {name}Label"),
        (Type::Enum(_), Some(name)) => format!("{name}Label"),
        (_, Some(name)) => name,
        (Type::Array(inner), None) => format!("list[{}]", of_type(inner, names, sent)),
        (Type::Scalar(scalar), None) => of_scalar(*scalar).to_owned(),
        (_, None) => of_scalar(Scalar::Json).to_owned(),
    }
}

fn of_scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::Int2 | Scalar::Int4 | Scalar::Int8 => "int",
        // Whole numbers are `int` in JSON, which type checkers take for a `float`.
        Scalar::Float4 | Scalar::Float8 | Scalar::Numeric => "float",
        Scalar::Json => "Json",
        Scalar::Uuid | Scalar::Date | Scalar::Time | Scalar::Timestamp | Scalar::TimestampTz | Scalar::Text => "str",
    }
}
