//! What is slow, broken or near its end.

use super::Found;
use crate::catalog::{Catalog, Table, TableKind};
use crate::lint::facts::Facts;

/// A sequence that has used more of its numbers is near its end.
const NEAR: f64 = 0.75;

pub(super) fn find<'a>(catalog: &'a Catalog, facts: &Facts) -> Vec<Found<'a>> {
    let mut found: Vec<Found<'a>> = catalog.tables.iter().flat_map(of_table).collect();
    found.extend(of_keys(catalog, facts));
    found.extend(of_indexes(catalog, facts));
    found.extend(of_sequences(catalog, facts));
    found
}

fn of_table(table: &Table) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    // A partition has the key and the columns of its table.
    let own = table.partition_of.is_none();
    let part = |rule, kind, name: String, comment| Found {
        rule,
        kind,
        name,
        detail: String::new(),
        help: None,
        comments: vec![comment, table.comment.as_deref()],
    };
    if own && table.kind != TableKind::Foreign && table.primary_key().is_none() {
        found.push(part("table-without-primary-key", "table", table.name.clone(), None));
    }
    for constraint in &table.constraints {
        // One that is not enforced is not meant to be validated.
        if !constraint.valid && !constraint.inherited && !constraint.definition.contains("NOT ENFORCED") {
            let name = format!("{}.{}", table.name, constraint.name);
            found.push(part("constraint-not-validated", "constraint", name, constraint.comment.as_deref()));
        }
    }
    for column in table.columns.iter().filter(|column| own && !column.inherited) {
        if column.ty.schema == "pg_catalog" && column.ty.name == "timestamp" {
            let name = format!("{}.{}", table.name, column.name);
            found.push(part("timestamp-without-time-zone", "column", name, column.comment.as_deref()));
        }
    }
    found
}

fn of_keys<'a>(catalog: &'a Catalog, facts: &Facts) -> Vec<Found<'a>> {
    let keys = facts.missing.iter().filter_map(|key| {
        let table = catalog.table(&key.table)?;
        let constraint = table.constraints.iter().find(|constraint| constraint.name == key.constraint);
        Some(Found {
            rule: "foreign-key-without-index",
            kind: "constraint",
            name: format!("{}.{}", key.table, key.constraint),
            detail: format!("({}) refers to {}.", key.columns.join(", "), key.references),
            help: Some(format!("`{}`, in a file that begins with `-- plattr:no-transaction`.", key.create_index())),
            comments: vec![constraint.and_then(|it| it.comment.as_deref()), table.comment.as_deref()],
        })
    });
    keys.collect()
}

fn of_indexes<'a>(catalog: &'a Catalog, facts: &Facts) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for index in &facts.indexes {
        let table = catalog.table(&index.table);
        let own = table.and_then(|table| table.indexes.iter().find(|it| it.name == index.name));
        // What belongs to a partitioned table's index cannot be dropped by itself.
        if own.is_some_and(|it| it.inherited) {
            continue;
        }
        let comments = vec![own.and_then(|it| it.comment.as_deref()), table.and_then(|table| table.comment.as_deref())];
        let name = format!("{}.{}", index.table, index.name);
        let of = |rule, detail| Found {
            rule,
            kind: "index",
            name: name.clone(),
            detail,
            help: None,
            comments: comments.clone(),
        };
        if !index.valid && !index.building {
            found.push(of("invalid-index", String::new()));
        }
        if let Some(other) = &index.duplicate_of {
            found.push(of("duplicate-index", format!("It is the same as `{other}`.")));
        }
    }
    found
}

fn of_sequences<'a>(catalog: &'a Catalog, facts: &Facts) -> Vec<Found<'a>> {
    let near = facts.sequences.iter().filter(|it| it.limit > 0 && it.last as f64 / it.limit as f64 >= NEAR);
    let found = near.map(|sequence| {
        let table = sequence.column.as_ref().and_then(|(table, _)| catalog.table(table));
        let own = catalog.sequences.iter().find(|it| it.name == sequence.name);
        let (kind, name) = match &sequence.column {
            Some((table, column)) => ("column", format!("{table}.{column}")),
            None => ("sequence", sequence.name.clone()),
        };
        let used = 100.0 * sequence.last as f64 / sequence.limit as f64;
        Found {
            rule: "sequence-near-its-end",
            kind,
            name,
            detail: format!("{} of {} ({used:.0}%) are used.", sequence.last, sequence.limit),
            help: None,
            comments: vec![own.and_then(|it| it.comment.as_deref()), table.and_then(|table| table.comment.as_deref())],
        }
    });
    found.collect()
}
