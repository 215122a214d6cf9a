//! OpenAPI 3.1: what PostgREST serves for a schema. PostgREST itself describes it as Swagger 2.0, without types of
//! results that code can be generated from.

mod parameters;
mod schemas;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::parameters::{filters, reference, shared};
use self::schemas::Schemas;
use super::model::{Function, Relation, Schema};
use super::text::{comment, header};

/// The file.
pub fn render(schema: &Schema) -> String {
    let schemas = Schemas::new(schema);
    let mut paths = Map::new();
    let mut parameters = shared();
    for relation in &schema.relations {
        paths.insert(path(&relation.name), relation_path(relation, &schemas, &mut parameters));
    }
    for (name, all) in overloads(schema) {
        paths.insert(format!("/rpc{}", path(name)), function_path(name, &all, &schemas));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": schema.name, "description": header(&schema.name, "openapi"), "version": "1" },
        "paths": paths,
        "components": {
            "schemas": schemas.all(),
            "parameters": parameters,
            "responses": { "Error": {
                "description": "The request was refused.",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
            } },
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
        },
        // Without a token a request is the anonymous role's.
        "security": [{}, { "token": [] }],
    });
    format!("{document:#}\n")
}

/// A path of one name, in which no letter means anything else.
fn path(name: &str) -> String {
    let encoded = name.bytes().fold(String::new(), |mut out, b| {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
            _ => out.push_str(&format!("%{b:02X}")),
        }
        out
    });
    format!("/{encoded}")
}

fn relation_path(relation: &Relation, schemas: &Schemas<'_>, parameters: &mut Map<String, Value>) -> Value {
    let name = &relation.name;
    let component = schemas.relation(name);
    let filters = filters(relation, component, parameters);
    let with =
        |more: &[&str]| -> Vec<Value> { filters.iter().cloned().chain(more.iter().map(|m| reference(m))).collect() };
    let row = || json!({ "$ref": format!("#/components/schemas/{component}") });
    let rows = |description: &str| rows(description, &row());
    let mut operations = Map::new();
    operations.insert("summary".into(), name.as_str().into());
    if let Some(text) = text(relation.comment.as_deref()) {
        operations.insert("description".into(), text.into());
    }
    let reading = ["select", "order", "limit", "offset", "range", "preferCount"];
    let found =
        json!({ "200": rows("All rows that were asked for."), "206": rows("Some of them."), "default": refused() });
    let operation = |summary: String, parameters: Vec<Value>, responses: Value| json!({ "tags": [name], "summary": summary, "parameters": parameters, "responses": responses });
    operations.insert("get".into(), operation(format!("Read rows of {name}"), with(&reading), found));
    if relation.insert {
        let body = json!({ "$ref": format!("#/components/schemas/{component}.insert") });
        let list = json!({ "oneOf": [body, { "type": "array", "items": body }] });
        let parameters = ["columns", "onConflict", "select", "preferInsert"].map(reference).to_vec();
        let made = json!({ "201": written("The rows were added.", &row()), "default": refused() });
        let mut post = operation(format!("Add rows to {name}"), parameters, made);
        post["requestBody"] = request(&list);
        operations.insert("post".into(), post);
    }
    if relation.update {
        let body = json!({ "$ref": format!("#/components/schemas/{component}.update") });
        let done = changed("The rows were changed.", &row());
        let mut patch = operation(format!("Change rows of {name}"), with(&["columns", "select", "preferWrite"]), done);
        patch["requestBody"] = request(&body);
        operations.insert("patch".into(), patch);
    }
    if relation.delete {
        let done = changed("The rows were deleted.", &row());
        let delete = operation(format!("Delete rows of {name}"), with(&["select", "preferWrite"]), done);
        operations.insert("delete".into(), delete);
    }
    Value::Object(operations)
}

fn function_path(name: &str, all: &[&Function], schemas: &Schemas<'_>) -> Value {
    let either = |mut schemas: Vec<Value>| {
        schemas.dedup();
        if schemas.len() == 1 { schemas.swap_remove(0) } else { json!({ "anyOf": schemas }) }
    };
    let results = || -> Vec<Value> { all.iter().filter_map(|f| schemas.result(f)).collect() };
    let responses = || match results() {
        none if none.is_empty() => json!({ "204": { "description": "It was called." }, "default": refused() }),
        some => json!({
            "200": { "description": "What it returns.", "content": { "application/json": { "schema": either(some) } } },
            "default": refused(),
        }),
    };
    let operation = |parameters: Vec<Value>| {
        let mut operation = json!({ "tags": ["rpc"], "summary": format!("Call {name}") });
        if let Some(text) = all.iter().find_map(|f| text(f.comment.as_deref())) {
            operation["description"] = text.into();
        }
        operation["parameters"] = parameters.into();
        operation["responses"] = responses();
        operation
    };
    let mut post = operation(Vec::new());
    post["requestBody"] = request(&either(all.iter().map(|f| schemas.arguments(f)).collect()));
    let mut operations = Map::new();
    if let [one] = all
        && one.reads_only
        && one.arguments.iter().all(|a| !a.name.is_empty())
    {
        operations.insert("get".into(), operation(one.arguments.iter().map(|a| schemas.in_query(a)).collect()));
    }
    operations.insert("post".into(), post);
    Value::Object(operations)
}

fn overloads(schema: &Schema) -> BTreeMap<&str, Vec<&Function>> {
    schema.functions.iter().fold(BTreeMap::new(), |mut all: BTreeMap<_, Vec<_>>, f| {
        all.entry(f.name.as_str()).or_default().push(f);
        all
    })
}

fn text(of: Option<&str>) -> Option<String> {
    let lines = comment(of);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn request(schema: &Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

fn rows(description: &str, row: &Value) -> Value {
    json!({
        "description": description,
        "headers": { "Content-Range": {
            "description": "Which rows these are, and of how many where that was asked for.",
            "schema": { "type": "string" },
        } },
        "content": {
            "application/json": { "schema": { "type": "array", "items": row } },
            "application/vnd.pgrst.object+json": { "schema": row },
        },
    })
}

/// The rows are in it with `Prefer: return=representation`.
fn written(description: &str, row: &Value) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": { "type": "array", "items": row } } } })
}

fn changed(description: &str, row: &Value) -> Value {
    json!({ "200": written(description, row), "204": { "description": description }, "default": refused() })
}

fn refused() -> Value {
    json!({ "$ref": "#/components/responses/Error" })
}
