//! Rust: serde structs.

use std::collections::HashSet;

use super::items::{Alias, Field, Item, Record, Target, TypeNames, items, uses};
use super::model::{Enum, Scalar, Schema, Type};
use super::names::{Scope, pascal, snake};
use super::text::{comment, header};

/// What a type of the file cannot be called, because the file itself means something else by it.
const RESERVED: &[&str] = &["Self", "String", "Vec", "Option", "Some", "None", "Result", "Ok", "Err", "Box"];

/// Words of the language.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The file.
pub fn render(schema: &Schema) -> String {
    let (items, names) = items(schema, pascal, RESERVED);
    let mut body = String::new();
    for item in &items {
        body.push('\n');
        match item {
            Item::Labels(name, labels) => enumerated(&mut body, name, labels),
            Item::Alias(alias) => named(&mut body, alias, &names),
            Item::Record(record) => structure(&mut body, record, &names),
        }
    }
    let (scalars, distinct) = uses(&items, |_| true);
    let mut out = format!("// {}\n// Needs {}.\n", header(&schema.name, "rust"), needs(&scalars).join(", "));
    out.push_str(&body);
    if distinct {
        out.push_str(GIVEN);
    }
    out
}

/// Tells `null` from a field that is not there, which serde by itself does not.
const GIVEN: &str = "
fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
";

/// The crates that the file uses.
fn needs(scalars: &HashSet<Scalar>) -> Vec<&'static str> {
    let paths: HashSet<&str> = scalars.iter().filter_map(|s| of_scalar(*s).split_once("::")).map(|(c, _)| c).collect();
    let crates = [
        ("jiff", "`jiff` (feature `serde`)"),
        ("rust_decimal", "`rust_decimal`"),
        ("serde_json", "`serde_json`"),
        ("uuid", "`uuid` (feature `serde`)"),
    ];
    let used = crates.into_iter().filter(|(name, _)| paths.contains(name)).map(|(_, what)| what);
    std::iter::once("the crates `serde` (feature `derive`)").chain(used).collect()
}

fn doc(out: &mut String, indent: &str, lines: &[String]) {
    for line in lines {
        // rustdoc would compile and run what it takes for an example.
        out.push_str(&format!("{indent}/// {}\n", line.replace("```", "'''").replace("~~~", "---")));
    }
}

fn derive(out: &mut String, more: &str) {
    out.push_str(&format!("#[derive(Debug, Clone, {more}PartialEq, serde::Serialize, serde::Deserialize)]\n"));
}

fn enumerated(out: &mut String, name: &str, labels: &Enum) {
    doc(out, "", &comment(labels.comment.as_deref()));
    derive(out, "Copy, Eq, Hash, ");
    let texts: Vec<&str> = labels.labels.iter().map(String::as_str).collect();
    if texts.is_empty() {
        out.push_str(&format!("pub enum {name} {{}}\n"));
        return;
    }
    let variants = Scope::new(&["Self"]).claim_all(&texts, pascal);
    out.push_str(&format!("pub enum {name} {{\n"));
    for (text, variant) in texts.iter().zip(&variants) {
        rename(out, text, variant);
        out.push_str(&format!("    {variant},\n"));
    }
    out.push_str("}\n");
}

fn rename(out: &mut String, name: &str, identifier: &str) {
    if name != identifier {
        out.push_str(&format!("    #[serde(rename = {name:?})]\n"));
    }
}

fn named(out: &mut String, alias: &Alias<'_>, names: &TypeNames<'_>) {
    doc(out, "", &alias.comment);
    let target = match &alias.target {
        Target::Type(ty) => of_type(ty, names),
        Target::Record(name) => name.clone(),
    };
    let target = if alias.list { format!("Vec<{target}>") } else { target };
    out.push_str(&format!("pub type {} = {target};\n", alias.name));
}

fn structure(out: &mut String, record: &Record<'_>, names: &TypeNames<'_>) {
    doc(out, "", &record.comment);
    derive(out, if record.fields.iter().all(|f| f.optional) { "Default, " } else { "" });
    if record.fields.is_empty() {
        out.push_str(&format!("pub struct {} {{}}\n", record.name));
        return;
    }
    out.push_str(&format!("pub struct {} {{\n", record.name));
    let columns: Vec<&str> = record.fields.iter().map(|f| f.name).collect();
    for (field, identifier) in record.fields.iter().zip(Scope::new(KEYWORDS).claim_all(&columns, snake)) {
        doc(out, "    ", &field.comment);
        rename(out, field.name, &identifier);
        if field.distinct {
            out.push_str("    #[serde(default, deserialize_with = \"given\")]\n");
        }
        if field.optional {
            out.push_str("    #[serde(skip_serializing_if = \"Option::is_none\")]\n");
        }
        out.push_str(&format!("    pub {identifier}: {},\n", of_field(field, names)));
    }
    out.push_str("}\n");
}

fn of_field(field: &Field<'_>, names: &TypeNames<'_>) -> String {
    let ty = of_type(field.ty, names);
    match (field.nullable || field.optional, field.distinct) {
        (false, _) => ty,
        (true, false) => format!("Option<{ty}>"),
        (true, true) => format!("Option<Option<{ty}>>"),
    }
}

fn of_type(ty: &Type, names: &TypeNames<'_>) -> String {
    match ty {
        Type::Array(inner) => format!("Vec<{}>", of_type(inner, names)),
        Type::Scalar(scalar) => of_scalar(*scalar).to_owned(),
        named => names.of(named).unwrap_or_else(|| of_scalar(Scalar::Json).to_owned()),
    }
}

fn of_scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::Int2 => "i16",
        Scalar::Int4 => "i32",
        Scalar::Int8 => "i64",
        Scalar::Float4 => "f32",
        Scalar::Float8 => "f64",
        Scalar::Numeric => "rust_decimal::Decimal",
        Scalar::Uuid => "uuid::Uuid",
        Scalar::Date => "jiff::civil::Date",
        Scalar::Time => "jiff::civil::Time",
        Scalar::Timestamp => "jiff::civil::DateTime",
        Scalar::TimestampTz => "jiff::Timestamp",
        Scalar::Json => "serde_json::Value",
        Scalar::Text => "String",
    }
}
