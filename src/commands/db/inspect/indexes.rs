//! What is wrong with indexes, as text.

use plattr_db::inspect::indexes::{Index, Indexes};

use super::view::{View, number, percent};
use crate::ui::units;

/// A line for each index with what is wrong with it, those that lack, and how much was in memory.
pub fn text(indexes: &Indexes, view: &View) -> String {
    let mut text = String::new();
    if indexes.indexes.is_empty() {
        text += "There are no indexes.\n";
    } else {
        let all: u64 = indexes.indexes.iter().map(|index| index.bytes).sum();
        let rows = indexes
            .indexes
            .iter()
            .map(|index| {
                let share = if all == 0 { 0.0 } else { index.bytes as f64 / all as f64 };
                [
                    view.name(&index.schema, &index.table),
                    index.name.clone(),
                    units::bytes(index.bytes),
                    view.bar(share),
                    number(index.scans),
                    percent(index.hit_share),
                    note(index, view),
                ]
            })
            .collect();
        text += &view.table(["TABLE", "INDEX", "SIZE", "", "USED", "IN MEMORY", "NOTE"], rows);
    }
    for key in indexes.missing.iter().take(view.limit) {
        text += &format!(
            "{} {} refers to {} by ({}) without an index:\n  {};\n",
            view.style.warning("missing:"),
            view.name(&key.schema, &key.table),
            key.references,
            key.columns.join(", "),
            key.create_index()
        );
    }
    let more = indexes.missing.len().saturating_sub(view.limit);
    if more > 0 {
        text += &format!("… and {more} more without an index; `--limit 0` shows all\n");
    }
    let unused: Vec<&Index> = indexes.indexes.iter().filter(|index| index.unused).collect();
    if !unused.is_empty() {
        let since = match indexes.since {
            Some(_) => format!("since the counters were reset {}", view.ago(indexes.since)),
            None => "since the server began to count".to_owned(),
        };
        let bytes = units::bytes(unused.iter().map(|index| index.bytes).sum());
        let indexes = if unused.len() == 1 { "index" } else { "indexes" };
        text += &format!("{} {indexes} never used {since}: {bytes}\n", unused.len());
    }
    let hits = [("tables", indexes.table_hit_share), ("indexes", indexes.index_hit_share)];
    let hits: Vec<String> = hits
        .iter()
        .filter(|(_, share)| share.is_some())
        .map(|(of, share)| format!("{of} {}", percent(*share)))
        .collect();
    if !hits.is_empty() {
        text += &format!("read from memory: {}\n", hits.join(", "));
    }
    text
}

fn note(index: &Index, view: &View) -> String {
    let mut notes = Vec::new();
    if index.building {
        notes.push("is being built".to_owned());
    } else if !index.valid {
        notes.push(view.style.bad("invalid"));
    }
    if let Some(other) = &index.duplicate_of {
        notes.push(view.style.warning(&format!("same as {other}")));
    }
    if index.unused {
        notes.push(view.style.warning("unused"));
    }
    notes.join(", ")
}
