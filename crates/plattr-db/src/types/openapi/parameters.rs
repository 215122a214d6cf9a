//! Parameters of requests: what PostgREST understands of the query and the headers.

use serde_json::{Map, Value, json};

use super::schemas::component_name;
use crate::types::model::Relation;

/// Names in a query that are no columns.
const RESERVED: [&str; 10] =
    ["and", "columns", "limit", "not.and", "not.or", "offset", "on_conflict", "or", "order", "select"];

/// The parameters that do not depend on the table.
pub fn shared() -> Map<String, Value> {
    let query = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    let prefer = |description: &str, values: &[&str]| {
        json!({ "name": "Prefer", "in": "header", "description": description,
            "schema": { "type": "string", "examples": values } })
    };
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let returned = ["return=minimal", "return=headers-only", "return=representation"];
    let parameters = [
        ("select", query("select", "Columns and related rows, such as `id,title,author(name)`", text())),
        ("order", query("order", "Order of the rows, such as `title.asc,id.desc`", text())),
        ("limit", query("limit", "How many rows at most", count())),
        ("offset", query("offset", "How many rows are passed over", count())),
        ("columns", query("columns", "Columns of the body that count", text())),
        ("onConflict", query("on_conflict", "Columns of a unique key by which rows that are there are found", text())),
        (
            "range",
            json!({ "name": "Range", "in": "header", "description": "Which rows, from 0 on", "schema":
                { "type": "string", "examples": ["0-9"] } }),
        ),
        ("preferCount", prefer("Whether rows are counted", &["count=exact", "count=planned", "count=estimated"])),
        ("preferWrite", prefer("What comes back", &returned)),
        (
            "preferInsert",
            prefer(
                "What comes back, and what becomes of rows that are there",
                &[&returned[..], &["resolution=merge-duplicates", "resolution=ignore-duplicates", "missing=default"]]
                    .concat(),
            ),
        ),
    ];
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// One for each column that rows can be chosen by; adds them to the components and returns references to them.
pub fn filters(relation: &Relation, component: &str, components: &mut Map<String, Value>) -> Vec<Value> {
    let mut references = Vec::new();
    for column in relation.columns.iter().filter(|c| !RESERVED.contains(&c.name.as_str())) {
        let mut key = format!("filter.{component}.{}", component_name(&column.name));
        while components.contains_key(&key) {
            key.push('_');
        }
        let parameter = json!({
            "name": column.name, "in": "query",
            "description": format!("Rows by `{}`: an operator and a value, such as `eq.1`", column.name),
            "schema": { "type": "string" },
        });
        references.push(reference(&key));
        components.insert(key, parameter);
    }
    references
}

/// A reference to a parameter.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}
