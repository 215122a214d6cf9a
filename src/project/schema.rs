//! The JSON Schemas of the project's files, generated from the types.

use std::sync::LazyLock;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value as Json;

use super::model::{ProjectFile, WorkspaceFile};

/// Where editors find the schema of `plattr.yaml`.
pub const URL: &str = "https://raw.githubusercontent.com/plattr/plattr/main/assets/plattr.schema.json";

/// The schema of `plattr.yaml`.
pub fn project() -> &'static Json {
    static SCHEMA: LazyLock<Json> = LazyLock::new(|| {
        let mut schema = generate::<ProjectFile>();
        if let Some(object) = schema.as_object_mut() {
            object.insert("$id".into(), URL.into());
        }
        schema
    });
    &SCHEMA
}

/// The schema of `plattr.workspace.yaml`.
pub fn workspace() -> &'static Json {
    static SCHEMA: LazyLock<Json> = LazyLock::new(generate::<WorkspaceFile>);
    &SCHEMA
}

/// The schema of `plattr.yaml` as a file.
pub fn text() -> String {
    format!("{:#}\n", project())
}

fn generate<T: JsonSchema>() -> Json {
    let mut schema = SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>().to_value();
    join_lines(&mut schema);
    schema
}

/// Documentation comments are wrapped at the width of the code; descriptions are not.
fn join_lines(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            for (key, value) in map {
                match value {
                    Json::String(text) if key == "description" => {
                        let paragraphs: Vec<String> = text.split("\n\n").map(|p| p.replace('\n', " ")).collect();
                        *text = for_readers(&paragraphs.join("\n\n"));
                    }
                    other => join_lines(other),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(join_lines),
        _ => {}
    }
}

/// A documentation comment without its references to rows of the specification, such as ` (X-04)`, which mean
/// nothing to a reader of the file.
pub fn for_readers(text: &str) -> String {
    let is_row = |inside: &str| {
        let label = inside.split([',', ' ']).next().unwrap_or_default();
        let numbered = label.strip_prefix("C-").or(label.strip_prefix("X-"));
        label == "checklist" || numbered.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (") {
        out.push_str(before);
        match after.split_once(')') {
            Some((inside, behind)) if is_row(inside) => rest = behind,
            _ => {
                out.push_str(" (");
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::for_readers;

    #[test]
    fn readers_see_no_rows_of_the_specification() {
        assert_eq!(for_readers("Access (X-04). Rows (of all) stay (C-04, C-07)."), "Access. Rows (of all) stay.");
        assert_eq!(for_readers("Replicas (checklist 3.2)."), "Replicas.");
        assert_eq!(for_readers("An open (one"), "An open (one");
    }
}
