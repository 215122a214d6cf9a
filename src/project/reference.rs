//! The references in `docs/`, generated: the configuration from the schemas, the variables from the contract.

use std::fmt::Write;

use plattr_api::variables::CONTRACT;
use serde_json::{Map, Value as Json};

use super::check::{join, variants};
use super::schema;

const GENERATED: &str = "<!-- Generated; `UPDATE_GOLDEN=1 cargo test -p plattr reference` writes it anew. -->\n";

/// `docs/reference/configuration.md`.
pub fn configuration() -> String {
    let mut out = format!(
        "# Configuration reference\n\n{GENERATED}\n\
         `plattr.yaml` stands in the application's folder. `plattr.local.yaml` beside it holds one person's \
         overrides and is not committed: mappings are merged key by key, lists and values are replaced, and an \
         empty value brings the default back. Unknown keys are errors.\n\n\
         `plattr config validate` checks the files, `plattr config show` prints what they mean together, and \
         `plattr config schema` prints the JSON Schema that editors use.\n"
    );
    file(&mut out, "plattr.yaml", schema::project());
    file(&mut out, "plattr.workspace.yaml", schema::workspace());
    out
}

/// `docs/reference/variables.md`.
pub fn variables() -> String {
    let mut out = format!(
        "# Variables\n\n{GENERATED}\n\
         What the application sees, under the same names on a laptop and in every environment. A part that \
         `plattr.yaml` does not enable brings none. `*` stands for the name of a bucket in capitals. Secret values \
         are shown only when asked for.\n"
    );
    let mut part = "";
    for variable in CONTRACT {
        if variable.part != part {
            part = variable.part;
            let _ = write!(out, "\n## `{part}`\n\n| Variable | Secret | Meaning |\n|---|---|---|\n");
        }
        let secret = if variable.secret { "yes" } else { "" };
        let _ =
            writeln!(out, "| `{}` | {secret} | {} |", variable.name, cell(&schema::for_readers(variable.description)));
    }
    out
}

fn file(out: &mut String, name: &str, schema: &Json) {
    let Some(root) = schema.as_object() else { return };
    let _ = write!(out, "\n## {name}\n");
    section(out, root, root, "");
}

/// One table of the fields at `path`, then one for each field that has fields of its own.
fn section(out: &mut String, root: &Map<String, Json>, schema: &Map<String, Json>, path: &str) {
    let Some(properties) = schema.get("properties").and_then(Json::as_object) else { return };
    if !path.is_empty() {
        let _ = write!(out, "\n### `{path}`\n");
        if let Some(text) = schema.get("description").and_then(Json::as_str) {
            let _ = write!(out, "\n{text}\n");
        }
    }
    let required = |key: &str| {
        schema.get("required").and_then(Json::as_array).is_some_and(|r| r.iter().any(|k| k.as_str() == Some(key)))
    };
    out.push_str("\n| Field | Type | Default | Description |\n|---|---|---|---|\n");
    let mut below = Vec::new();
    for (key, property) in properties {
        let Some(property) = property.as_object() else { continue };
        let target = resolve(root, property);
        let default = match property.get("default") {
            _ if required(key) => "required".to_owned(),
            Some(Json::Object(_) | Json::Null) | None => String::new(),
            Some(Json::Array(items)) if items.is_empty() => String::new(),
            Some(value) => format!("`{value}`").replace('"', ""),
        };
        let text = property.get("description").or(target.get("description")).and_then(Json::as_str).unwrap_or_default();
        let _ = writeln!(out, "| `{key}` | {} | {default} | {} |", kind(root, property), cell(text));
        let at = join(path, key);
        if let Some((suffix, inner)) = inner(root, target) {
            below.push((format!("{at}{suffix}"), inner));
        }
    }
    for (at, inner) in below {
        section(out, root, inner, &at);
    }
}

/// The mapping with fields of its own that a field holds, and how its path goes on.
fn inner<'a>(
    root: &'a Map<String, Json>,
    schema: &'a Map<String, Json>,
) -> Option<(&'static str, &'a Map<String, Json>)> {
    if schema.contains_key("properties") {
        return Some(("", schema));
    }
    let (suffix, next) = match (schema.get("items"), schema.get("additionalProperties")) {
        (Some(items), _) => ("[]", items),
        (None, Some(values)) => (".NAME", values),
        (None, None) => return None,
    };
    let next = resolve(root, next.as_object()?);
    let mut all = std::iter::once(next).chain(options(next).map(|option| resolve(root, option)));
    all.find(|it| it.contains_key("properties")).map(|mapping| (suffix, mapping))
}

/// What a value may be, but for null.
fn options(schema: &Map<String, Json>) -> impl Iterator<Item = &Map<String, Json>> {
    let all = schema.get("anyOf").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object);
    all.filter(|option| option.get("type").and_then(Json::as_str) != Some("null"))
}

fn resolve<'a>(root: &'a Map<String, Json>, schema: &'a Map<String, Json>) -> &'a Map<String, Json> {
    let reference = schema.get("$ref").and_then(Json::as_str).and_then(|r| r.strip_prefix("#/$defs/"));
    if let Some(found) = reference.and_then(|name| root.get("$defs")?.get(name)?.as_object()) {
        return resolve(root, found);
    }
    let mut options = options(schema);
    match (options.next(), options.next()) {
        (Some(only), None) => resolve(root, only),
        _ => schema,
    }
}

fn kind(root: &Map<String, Json>, schema: &Map<String, Json>) -> String {
    let schema = resolve(root, schema);
    let options: Vec<String> = options(schema).map(|option| kind(root, option)).collect();
    if !options.is_empty() {
        return options.join(" or ");
    }
    if let Some(values) = variants(schema) {
        return values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", ");
    }
    let of = |key: &str| schema.get(key).and_then(Json::as_object).map(|s| kind(root, s));
    let name = match schema.get("type") {
        Some(Json::String(one)) => one.as_str(),
        Some(Json::Array(several)) => {
            several.iter().filter_map(Json::as_str).find(|t| *t != "null").unwrap_or_default()
        }
        _ => "",
    };
    match name {
        "array" => match of("items") {
            Some(items) if items == "mapping" => "list of mappings".into(),
            Some(items) => format!("list of {items}"),
            None => "list".into(),
        },
        "object" if schema.contains_key("properties") => "mapping".into(),
        "object" => match of("additionalProperties") {
            Some(values) if values == "mapping" => "mapping of names to mappings".into(),
            Some(values) => format!("mapping of names to {values}"),
            None => "mapping".into(),
        },
        "string" => "text".into(),
        "integer" => match (schema.get("minimum").and_then(Json::as_f64), schema.get("maximum").and_then(Json::as_f64))
        {
            (Some(low), Some(high)) if schema.get("const").is_none() => format!("{low} to {high}"),
            _ => "number".into(),
        },
        "boolean" => "`true`, `false`".into(),
        other => other.into(),
    }
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
