//! JSON Schemas of rows, types, arguments and results.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::types::model::{Column, Function, Returns, Scalar, Schema, Type};
use crate::types::names::Scope;
use crate::types::text::comment;

/// The schemas of all types, by their names among the components.
pub struct Schemas<'s> {
    schema: &'s Schema,
    relations: HashMap<&'s str, String>,
    enums: HashMap<&'s str, String>,
    domains: HashMap<&'s str, String>,
    composites: HashMap<&'s str, String>,
}

impl<'s> Schemas<'s> {
    /// Gives each type a name.
    pub fn new(schema: &'s Schema) -> Self {
        let mut scope = Scope::new(&["Error"]);
        let mut claim = |name: &'s str, endings: &[&str]| (name, scope.claim(&component_name(name), endings));
        Self {
            relations: schema.relations.iter().map(|r| claim(&r.name, &["", ".insert", ".update"])).collect(),
            enums: schema.enums.iter().map(|e| claim(&e.name, &[""])).collect(),
            domains: schema.domains.iter().map(|d| claim(&d.name, &[""])).collect(),
            composites: schema.composites.iter().map(|c| claim(&c.name, &[""])).collect(),
            schema,
        }
    }

    /// The name of a relation's rows.
    pub fn relation(&self, name: &str) -> &str {
        self.relations.get(name).map_or("", String::as_str)
    }

    /// All of them.
    pub fn all(&self) -> Map<String, Value> {
        let mut all = Map::new();
        let mut add = |name: Option<&String>, schema: Value| {
            if let Some(name) = name {
                all.insert(name.clone(), schema);
            }
        };
        for e in &self.schema.enums {
            let schema = described(json!({ "type": "string", "enum": e.labels }), e.comment.as_deref());
            add(self.enums.get(e.name.as_str()), schema);
        }
        for d in &self.schema.domains {
            add(self.domains.get(d.name.as_str()), described(self.ty(&d.base, &d.sql), d.comment.as_deref()));
        }
        for c in &self.schema.composites {
            let attributes: Vec<_> = c.attributes.iter().map(|a| (a, false)).collect();
            add(self.composites.get(c.name.as_str()), described(self.object(&attributes), c.comment.as_deref()));
        }
        for r in &self.schema.relations {
            let name = self.relations.get(r.name.as_str());
            let all: Vec<_> = r.columns.iter().map(|c| (c, true)).collect();
            add(name, described(self.object(&all), r.comment.as_deref()));
            let written = |required: fn(&Column) -> bool| {
                self.object(&r.columns.iter().filter(|c| c.writable).map(|c| (c, required(c))).collect::<Vec<_>>())
            };
            if r.insert {
                add(name.map(|n| format!("{n}.insert")).as_ref(), written(|c| !c.optional()));
            }
            if r.update {
                add(name.map(|n| format!("{n}.update")).as_ref(), written(|_| false));
            }
        }
        let text = json!({ "type": ["string", "null"] });
        let error = json!({ "type": "object", "required": ["code", "message"], "properties":
            { "code": { "type": "string" }, "message": { "type": "string" }, "details": text, "hint": text } });
        all.insert("Error".into(), error);
        all
    }

    /// What a function is given.
    pub fn arguments(&self, function: &Function) -> Value {
        match function.arguments.as_slice() {
            [only] if only.name.is_empty() => self.ty(&only.ty, &only.sql),
            all => self.object(&all.iter().map(|a| (a, !a.default)).collect::<Vec<_>>()),
        }
    }

    /// An argument in a query.
    pub fn in_query(&self, argument: &Column) -> Value {
        json!({ "name": argument.name, "in": "query", "required": !argument.default,
            "schema": self.ty(&argument.ty, &argument.sql) })
    }

    /// What a function returns, if it returns anything.
    pub fn result(&self, function: &Function) -> Option<Value> {
        let one = match &function.returns {
            Returns::Nothing => return None,
            Returns::Value(ty) => self.ty(ty, ""),
            Returns::AnyRow => json!({ "type": "object" }),
            Returns::Columns(columns) => self.object(&columns.iter().map(|c| (c, true)).collect::<Vec<_>>()),
        };
        Some(if function.set { json!({ "type": "array", "items": one }) } else { one })
    }

    fn object(&self, fields: &[(&Column, bool)]) -> Value {
        let mut properties = Map::new();
        for (column, _) in fields {
            let ty = self.ty(&column.ty, &column.sql);
            let ty = if column.nullable { or_null(ty) } else { ty };
            properties.insert(column.name.clone(), described(ty, column.comment.as_deref()));
        }
        let required: Vec<&str> = fields.iter().filter(|(_, r)| *r).map(|(c, _)| c.name.as_str()).collect();
        let mut object = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            object["required"] = required.into();
        }
        object
    }

    fn ty(&self, ty: &Type, sql: &str) -> Value {
        let reference = |names: &HashMap<&str, String>, name: &str| match names.get(name) {
            Some(name) => json!({ "$ref": format!("#/components/schemas/{name}") }),
            None => json!({}),
        };
        match ty {
            Type::Scalar(scalar) => of_scalar(*scalar, sql),
            Type::Array(inner) => json!({ "type": "array", "items": self.ty(inner, sql) }),
            Type::Enum(name) => reference(&self.enums, name),
            Type::Domain(name) => reference(&self.domains, name),
            Type::Composite(name) => reference(&self.composites, name),
            Type::Row(name) => reference(&self.relations, name),
        }
    }
}

fn of_scalar(scalar: Scalar, sql: &str) -> Value {
    match scalar {
        Scalar::Bool => json!({ "type": "boolean" }),
        Scalar::Int2 => json!({ "type": "integer", "minimum": i16::MIN, "maximum": i16::MAX }),
        Scalar::Int4 => json!({ "type": "integer", "format": "int32" }),
        Scalar::Int8 => json!({ "type": "integer", "format": "int64" }),
        Scalar::Float4 => json!({ "type": "number", "format": "float" }),
        Scalar::Float8 => json!({ "type": "number", "format": "double" }),
        Scalar::Numeric => json!({ "type": "number" }),
        Scalar::Uuid => json!({ "type": "string", "format": "uuid" }),
        Scalar::Date => json!({ "type": "string", "format": "date" }),
        Scalar::TimestampTz => json!({ "type": "string", "format": "date-time" }),
        Scalar::Json => json!({}),
        // The standard's formats of times all have a time zone.
        Scalar::Time | Scalar::Timestamp | Scalar::Text => match max_length(sql) {
            Some(length) => json!({ "type": "string", "maxLength": length }),
            None => json!({ "type": "string" }),
        },
    }
}

/// The length of `character varying(20)` and of lists of such.
fn max_length(sql: &str) -> Option<u32> {
    let rest = sql.strip_prefix("character varying(").or_else(|| sql.strip_prefix("character("))?;
    rest.split_once(')')?.0.parse().ok()
}

fn or_null(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        Some(ty) => {
            let mut schema = schema;
            schema["type"] = json!([ty, "null"]);
            schema
        }
        // Any value is NULL too.
        None if schema.as_object().is_some_and(Map::is_empty) => schema,
        None => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn described(mut schema: Value, text: Option<&str>) -> Value {
    let lines = comment(text);
    if !lines.is_empty() {
        schema["description"] = lines.join("\n").into();
    }
    schema
}

/// A name as components may have it: ASCII letters, digits and three signs.
pub fn component_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    if name.is_empty() { "_".to_owned() } else { name.chars().map(plain).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_texts_only() {
        assert_eq!(max_length("character varying(20)[]"), Some(20));
        assert_eq!(max_length("character(3)"), Some(3));
        assert_eq!(max_length("numeric(10,2)"), None);
        assert_eq!(max_length("text"), None);
    }

    #[test]
    fn names_of_components_are_ascii() {
        assert_eq!(component_name("größe/m"), "gr__e_m");
    }
}
