//! Reads YAML into a tree in which everything knows its place.
//!
//! This is the only module that knows which YAML library is used. The tree, rather than the types, is what is
//! merged and checked, so that every message can say file, line and column, and all of them come in one run.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Budget, DuplicateKeyPolicy, Error, Location, MergeKeyPolicy, Options, Spanned};

use super::problem::{ConfigError, Mark, Problem, Source};

/// Largest file that is read, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;
/// Deepest nesting; the deepest field of the model is at 6. The library recurses, at up to 40 KB of stack a
/// level in an unoptimised build, and threads have 2 MiB.
const MAX_DEPTH: usize = 16;
/// Most values in a file, aliases expanded.
const MAX_NODES: usize = 50_000;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place.
    pub mark: Mark,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its place.
    pub key_mark: Mark,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The entries, where this is a mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items, where this is a list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text, where this is text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where this is a whole number.
    pub fn int(&self) -> Option<i64> {
        match &self.value {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The entry called `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|e| e.key == key)
    }

    /// What is at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.entry(key).map(|e| &e.value))
    }

    /// Puts `over` on top: mappings are merged key by key, anything else is replaced, and an empty value
    /// takes the key away, which brings its default back.
    #[must_use]
    pub fn merged(self, over: Node) -> Node {
        match (self, over) {
            (Node { value: Value::Map(mut base), mark }, Node { value: Value::Map(over), .. }) => {
                for entry in over {
                    let place = base.iter().position(|e| e.key == entry.key);
                    match (place, &entry.value.value) {
                        (Some(i), Value::Null) => drop(base.remove(i)),
                        (Some(i), _) => {
                            let old = base[i].value.clone();
                            base[i] = Entry { value: old.merged(entry.value), ..entry };
                        }
                        (None, Value::Null) => {}
                        (None, _) => base.push(entry),
                    }
                }
                Node { value: Value::Map(base), mark }
            }
            (_, over) => over,
        }
    }

    /// The same as JSON, which the types are made of.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Int(n) => (*n).into(),
            Value::Float(n) => (*n).into(),
            Value::Text(t) => t.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect(),
        }
    }
}

/// Reads a file as the text of one YAML document; `path` is its name for people.
pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Node, ConfigError> {
    if bytes.len() > MAX_FILE {
        return Err(Problem::whole(
            path,
            "config-too-large",
            format!("the file has {} bytes; at most {MAX_FILE} are read", bytes.len()),
        )
        .into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        Problem::whole(path, "config-encoding", format!("the file is not UTF-8 text (line {line})"))
            .hint("save it as UTF-8")
    })?;
    let source = Arc::new(Source { path: path.into(), text });
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let only_comments = text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'));
    if only_comments {
        return Err(Problem::whole(path, "config-empty", "the file is empty").into());
    }
    match serde_saphyr::from_str_with_options::<Raw>(text, options()) {
        Ok(raw) => Ok(raw.placed(&source)),
        Err(error) => Err(explain(&error, &source).into()),
    }
}

/// Writes a value as YAML.
pub fn render(value: &serde_json::Value) -> Result<String, String> {
    serde_saphyr::to_string(value).map_err(|e| format!("the values cannot be written as YAML: {e}"))
}

fn options() -> Options {
    let mut budget = Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    budget.max_events = 2 * MAX_NODES;
    budget.max_aliases = 1000;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.merge_keys = MergeKeyPolicy::Merge;
    options.alias_limits.max_total_replayed_events = MAX_NODES;
    options.strict_booleans = true;
    options.with_snippet = false;
    options
}

/// What the library could not read, in our words.
fn explain(error: &Error, source: &Arc<Source>) -> Problem {
    let location = error.location();
    let error = match error.without_snippet() {
        Error::AliasError { error, .. } => error.without_snippet(),
        other => other,
    };
    let (code, message, hint) = match error {
        Error::DuplicateMappingKey { key, .. } => (
            "config-duplicate-key",
            match key {
                Some(key) => format!("`{key}` is there twice"),
                None => "a key is there twice".to_owned(),
            },
            None,
        ),
        Error::MultipleDocuments { .. } => {
            ("config-documents", "the file holds more than one document".to_owned(), Some("remove the line `---`"))
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => (
            "config-too-complex",
            "the file nests or repeats more than any configuration needs, so it is not read further".to_owned(),
            None,
        ),
        Error::UnknownAnchor { .. } => {
            ("config-syntax", "this refers to an anchor that the file does not define".to_owned(), None)
        }
        other => match plain_message(other) {
            text if text.contains("recursion limit") => {
                ("config-too-complex", "the file nests deeper than any configuration needs".to_owned(), None)
            }
            text if text == "expected string scalar" => ("config-type", "a key must be text".to_owned(), None),
            text => ("config-syntax", format!("this is not valid YAML: {text}"), None),
        },
    };
    let mark = location.filter(|l| *l != Location::UNKNOWN).map(|l| place(&l, source));
    let tab = mark.as_ref().is_some_and(|m| {
        let line = source.text.lines().nth(m.line.saturating_sub(1)).unwrap_or_default();
        code == "config-syntax" && line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t')
    });
    let (message, hint) = if tab {
        ("this line is indented with a tab, which YAML does not allow".to_owned(), Some("use spaces"))
    } else {
        (message, hint)
    };
    let problem = match &mark {
        Some(mark) => Problem::at(mark, code, "", message),
        None => Problem::whole(&source.path, code, message),
    };
    match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// The library's message without its own position.
fn plain_message(error: &Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let end = first.rfind(" at line ").unwrap_or(first.len());
    let text = first[..end].trim_start_matches("error: ");
    let text = match text.strip_prefix("line ") {
        Some(rest) => rest.split_once(": ").map_or(text, |(_, message)| message),
        None => text,
    };
    text.chars().filter(|c| !c.is_control()).collect()
}

fn place(location: &Location, source: &Arc<Source>) -> Mark {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).max(1);
    let length = usize::try_from(location.span().len()).unwrap_or(1);
    Mark { source: source.clone(), line: count(location.line()), column: count(location.column()), length }
}

/// A value and its place, as the library gives them.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Raw(Spanned<RawValue>);

#[derive(Debug)]
enum RawValue {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl Raw {
    fn placed(self, source: &Arc<Source>) -> Node {
        let mark = place(&self.0.referenced, source);
        let value = match self.0.value {
            RawValue::Null => Value::Null,
            RawValue::Bool(b) => Value::Bool(b),
            RawValue::Int(n) => Value::Int(n),
            RawValue::Float(n) => Value::Float(n),
            RawValue::Text(t) => Value::Text(t),
            RawValue::List(items) => Value::List(items.into_iter().map(|i| i.placed(source)).collect()),
            RawValue::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| Entry {
                        key_mark: place(&key.referenced, source),
                        key: key.value,
                        value: value.placed(source),
                    })
                    .collect(),
            ),
        };
        Node { value, mark }
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = RawValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<RawValue, E> {
                Ok(RawValue::Null)
            }
            fn visit_none<E>(self) -> Result<RawValue, E> {
                Ok(RawValue::Null)
            }
            fn visit_some<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<RawValue, D::Error> {
                deserializer.deserialize_any(self)
            }
            fn visit_bool<E>(self, value: bool) -> Result<RawValue, E> {
                Ok(RawValue::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<RawValue, E> {
                Ok(RawValue::Int(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<RawValue, E> {
                // Beyond i64 no field has a use for it; the check of ranges refuses it either way.
                Ok(RawValue::Int(i64::try_from(value).unwrap_or(i64::MAX)))
            }
            fn visit_i128<E>(self, value: i128) -> Result<RawValue, E> {
                Ok(RawValue::Int(if value < 0 { i64::MIN } else { i64::MAX }))
            }
            fn visit_u128<E>(self, _value: u128) -> Result<RawValue, E> {
                Ok(RawValue::Int(i64::MAX))
            }
            fn visit_f64<E>(self, value: f64) -> Result<RawValue, E> {
                Ok(RawValue::Float(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<RawValue, E> {
                Ok(RawValue::Text(value.to_owned()))
            }
            fn visit_string<E>(self, value: String) -> Result<RawValue, E> {
                Ok(RawValue::Text(value))
            }
            fn visit_bytes<E>(self, value: &[u8]) -> Result<RawValue, E> {
                Ok(RawValue::Text(String::from_utf8_lossy(value).into_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<RawValue, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(RawValue::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawValue, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(RawValue::Map(entries))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
