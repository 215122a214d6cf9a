//! Compares what a file says with the JSON Schema of the types and tells everything that does not fit.
//!
//! Only what the types of this project bring into a schema is understood; what a schema cannot say (names,
//! duplicates, things that contradict each other) is in [`super::rules`].

use serde_json::{Map, Value as Json};

use super::problem::{Problem, choices, nearest};
use super::yaml::{Node, Value};

/// Everything in `root` that does not fit `schema`.
pub fn structure(root: &Node, schema: &Json) -> Vec<Problem> {
    let mut check = Check { definitions: schema.get("$defs").and_then(Json::as_object), problems: Vec::new() };
    if let Some(schema) = schema.as_object() {
        check.node(root, schema, "");
    }
    check.problems
}

/// The key `key` below `path`.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

struct Check<'a> {
    definitions: Option<&'a Map<String, Json>>,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    /// Follows `$ref`, and leaves `null` out of a choice between it and one other schema. The flag tells
    /// whether nothing at all may stand here.
    fn resolve(&self, schema: &'a Map<String, Json>) -> (&'a Map<String, Json>, bool) {
        if let Some(name) = schema.get("$ref").and_then(Json::as_str).and_then(|r| r.strip_prefix("#/$defs/"))
            && let Some(found) = self.definitions.and_then(|d| d.get(name)).and_then(Json::as_object)
        {
            return self.resolve(found);
        }
        if let Some(options) = schema.get("anyOf").and_then(Json::as_array) {
            let is_null = |s: &&Json| s.get("type").and_then(Json::as_str) == Some("null");
            if let Some(other) = options.iter().find(|s| !is_null(s)).and_then(Json::as_object) {
                return (self.resolve(other).0, options.iter().any(|s| is_null(&s)));
            }
        }
        (schema, types(schema).contains(&"null"))
    }

    fn node(&mut self, node: &Node, schema: &'a Map<String, Json>, path: &str) {
        let (schema, nullable) = self.resolve(schema);
        if node.value == Value::Null && nullable {
            return;
        }
        if let Some(variants) = variants(schema) {
            return self.variant(node, &variants, path);
        }
        let fits = types(schema).iter().any(|t| fits(&node.value, t));
        if !types(schema).is_empty() && !fits {
            return self.wrong_type(node, schema, path);
        }
        match &node.value {
            Value::Map(_) => self.mapping(node, schema, path),
            Value::List(items) => {
                let fewest = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
                if u64::try_from(items.len()).unwrap_or(u64::MAX) < fewest {
                    self.problems.push(Problem::at(&node.mark, "config-value", path, format!("`{path}` is empty")));
                }
                if let Some(schema) = schema.get("items").and_then(Json::as_object) {
                    for (i, item) in items.iter().enumerate() {
                        self.node(item, schema, &format!("{path}[{i}]"));
                    }
                }
            }
            Value::Int(number) => self.range(node, *number, schema, path),
            _ => {}
        }
    }

    fn mapping(&mut self, node: &Node, schema: &'a Map<String, Json>, path: &str) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        for entry in node.entries() {
            let at = join(path, &entry.key);
            if let Some(schema) = properties.and_then(|p| p.get(&entry.key)) {
                match schema.as_object() {
                    Some(schema) => self.node(&entry.value, schema, &at),
                    None => continue,
                }
            } else if let Some(schema) = others.and_then(Json::as_object) {
                self.node(&entry.value, schema, &at);
            } else if others.and_then(Json::as_bool) == Some(false) {
                let known: Vec<&str> = properties.map(|p| p.keys().map(String::as_str).collect()).unwrap_or_default();
                let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
                let problem = Problem::at(
                    &entry.key_mark,
                    "config-unknown-key",
                    &at,
                    format!("unknown key `{}`{place}", shown(&entry.key)),
                );
                self.problems.push(match nearest(&entry.key, known.iter().copied()) {
                    Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
                    None => problem.hint(format!("the keys here are {}", choices(&known).replace(" or ", " and "))),
                });
            }
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for key in required {
            if node.entry(key).is_none() {
                let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
                let problem = Problem::at(
                    &node.mark,
                    "config-missing-key",
                    join(path, key),
                    format!("`{key}` is missing{place}"),
                );
                let description = properties.and_then(|p| p.get(key)?.get("description")?.as_str());
                self.problems.push(match (path, key, description) {
                    ("", "version", _) => problem.hint("start the file with `version: 1`"),
                    (_, _, Some(text)) => problem.hint(format!("{key}: {}", first_line(text))),
                    _ => problem,
                });
            }
        }
    }

    fn variant(&mut self, node: &Node, variants: &[&str], path: &str) {
        let given = match &node.value {
            Value::Text(text) if variants.contains(&text.as_str()) => return,
            Value::Text(text) => format!("`{}`", shown(text)),
            other => describe(other).to_owned(),
        };
        let message = format!("`{path}` cannot be {given}");
        let problem = Problem::at(&node.mark, "config-value", path, message);
        self.problems.push(match node.text().and_then(|t| nearest(t, variants.iter().copied())) {
            Some(meant) => problem.hint(format!("did you mean `{meant}`? It can be {}", choices(variants))),
            None => problem.hint(format!("it can be {}", choices(variants))),
        });
    }

    fn wrong_type(&mut self, node: &Node, schema: &Map<String, Json>, path: &str) {
        let wanted: Vec<&str> = types(schema).into_iter().filter(|t| *t != "null").map(type_name).collect();
        let place = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
        let given = match &node.value {
            Value::Float(_) if wanted == ["a whole number"] => "this one",
            other => describe(other),
        };
        let message = format!("{place} must be {}, not {given}", wanted.join(" or "));
        let problem = Problem::at(&node.mark, "config-type", path, message);
        let wants = |name: &str| types(schema).contains(&name);
        self.problems.push(match &node.value {
            Value::Int(_) | Value::Float(_) | Value::Bool(_) if wants("string") => {
                problem.hint("put it in quotation marks to make it text")
            }
            Value::Bool(_)
                if wants("object") && schema.get("properties").is_some_and(|p| p.get("enabled").is_some()) =>
            {
                problem.hint("write `enabled: true` below it")
            }
            Value::Text(text) if wants("boolean") && ["yes", "on", "y"].contains(&text.to_lowercase().as_str()) => {
                problem.hint("write `true`")
            }
            Value::Text(text) if wants("boolean") && ["no", "off", "n"].contains(&text.to_lowercase().as_str()) => {
                problem.hint("write `false`")
            }
            Value::Text(_) | Value::Map(_) if wants("array") => {
                problem.hint("write a list: one line for each item, starting with `- `")
            }
            Value::Null if wants("object") => problem.hint("say what is in it below, indented, or leave the key out"),
            _ => problem,
        });
    }

    fn range(&mut self, node: &Node, number: i64, schema: &Map<String, Json>, path: &str) {
        if let Some(only) = schema.get("const").and_then(Json::as_i64)
            && number != only
        {
            self.problems.push(Problem::at(&node.mark, "config-value", path, format!("`{path}` must be {only}")));
            return;
        }
        let bound = |key: &str| schema.get(key).and_then(|b| b.as_i64().or_else(|| b.as_f64().map(|f| f as i64)));
        let (low, high) = (bound("minimum"), bound("maximum"));
        if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
            let range = match (low, high) {
                (Some(low), Some(high)) => format!("between {low} and {high}"),
                (Some(low), None) => format!("at least {low}"),
                (None, Some(high)) => format!("at most {high}"),
                (None, None) => return,
            };
            self.problems.push(Problem::at(&node.mark, "config-value", path, format!("`{path}` must be {range}")));
        }
    }
}

/// The types that a schema allows.
fn types(schema: &Map<String, Json>) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The values of an enumeration.
pub fn variants(schema: &Map<String, Json>) -> Option<Vec<&str>> {
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return Some(values.iter().filter_map(Json::as_str).collect());
    }
    if let Some(only) = schema.get("const").and_then(Json::as_str) {
        return Some(vec![only]);
    }
    let options = schema.get("oneOf").and_then(Json::as_array)?;
    let mut all = Vec::new();
    for option in options {
        match (option.get("const").and_then(Json::as_str), option.get("enum").and_then(Json::as_array)) {
            (Some(value), _) => all.push(value),
            (None, Some(values)) => all.extend(values.iter().filter_map(Json::as_str)),
            (None, None) => return None,
        }
    }
    Some(all)
}

fn fits(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Null => wanted == "null",
        Value::Bool(_) => wanted == "boolean",
        Value::Int(_) => wanted == "integer" || wanted == "number",
        Value::Float(_) => wanted == "number",
        Value::Text(_) => wanted == "string",
        Value::List(_) => wanted == "array",
        Value::Map(_) => wanted == "object",
    }
}

fn type_name(name: &str) -> &str {
    match name {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        other => other,
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A key or a value as part of a message: not endless.
pub fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}
