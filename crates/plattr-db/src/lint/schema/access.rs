//! Who may see and change what.

use std::collections::BTreeSet;

use super::Found;
use crate::catalog::{Catalog, ObjectKind, PUBLIC, Policy, Table, View};
use crate::lint::facts::{Facts, Reach};
use crate::quote;

pub(super) fn find<'a>(catalog: &'a Catalog, facts: &Facts) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for table in &catalog.tables {
        let reach: Vec<&Reach> = facts.reach.iter().filter(|reach| reach.relation == table.name).collect();
        if table.row_security {
            found.extend(without_policy(table));
            found.extend(table.policies.iter().filter_map(|policy| always_true(table, policy, &reach)));
        } else {
            found.extend(open(catalog, table, &reach));
            found.extend(policy_without_rls(table));
        }
    }
    for view in catalog.views.iter().filter(|view| !view.materialized) {
        found.extend(bypasses(catalog, view, facts));
    }
    found.extend(catalog.routines.iter().filter(|it| it.security_definer).filter_map(|routine| {
        let set = routine.settings.iter().any(|setting| setting.starts_with("search_path="));
        (!set).then(|| Found {
            rule: "security-definer-without-search-path",
            kind: "function",
            name: routine.signature.clone(),
            detail: String::new(),
            help: None,
            comments: vec![routine.comment.as_deref()],
        })
    }));
    found
}

fn on_table<'a>(rule: &'static str, table: &'a Table, detail: String) -> Found<'a> {
    Found {
        rule,
        kind: "table",
        name: table.name.clone(),
        detail,
        help: None,
        comments: vec![table.comment.as_deref()],
    }
}

/// A finding for those who are not signed in; one for those who are only if they may do more.
fn open<'a>(catalog: &Catalog, table: &'a Table, reach: &[&Reach]) -> Vec<Found<'a>> {
    let anyone: BTreeSet<&String> =
        reach.iter().filter(|reach| reach.role.anonymous).flat_map(|reach| &reach.may).collect();
    let found = reach.iter().filter_map(|reach| {
        let more = reach.may.iter().any(|what| !anyone.contains(what));
        let rule = match reach.role.anonymous {
            true => "anonymous-access-without-rls",
            false if more => "signed-in-access-without-rls",
            false => return None,
        };
        let detail = format!("`{}` may {} without row-level security.", reach.role.name, reach.may.join(", "));
        let help = format!(
            "`ALTER TABLE {}.{} ENABLE ROW LEVEL SECURITY` and write policies; or take the grant away. If it is meant \
             to be so, write `plattr:ignore {rule}` into the table's comment.",
            quote(&catalog.schema),
            quote(&table.name)
        );
        Some(Found { help: Some(help), ..on_table(rule, table, detail) })
    });
    found.collect()
}

fn policy_without_rls(table: &Table) -> Option<Found<'_>> {
    let first = table.policies.first()?;
    Some(on_table("policy-without-rls", table, format!("Such as `{}`.", first.name)))
}

fn without_policy(table: &Table) -> Option<Found<'_>> {
    table.policies.is_empty().then(|| on_table("rls-without-policy", table, String::new()))
}

/// A policy that lets a role of the API write every row. One that others restrict is only one half of a rule.
fn always_true<'a>(table: &'a Table, policy: &'a Policy, reach: &[&Reach]) -> Option<Found<'a>> {
    let applies = |other: &Policy| other.command == "ALL" || policy.command == "ALL" || other.command == policy.command;
    if !policy.permissive || table.policies.iter().any(|other| !other.permissive && applies(other)) {
        return None;
    }
    let yes =
        |expression: &Option<String>| expression.as_deref().is_some_and(|text| text.trim_matches(['(', ')']) == "true");
    let (writes, always): (&[&str], bool) = match policy.command.as_str() {
        "INSERT" => (&["INSERT"], yes(&policy.check)),
        "UPDATE" => (&["UPDATE"], yes(&policy.using) && (policy.check.is_none() || yes(&policy.check))),
        "DELETE" => (&["DELETE"], yes(&policy.using)),
        "ALL" => {
            (&["INSERT", "UPDATE", "DELETE"], yes(&policy.using) && (policy.check.is_none() || yes(&policy.check)))
        }
        _ => return None,
    };
    let reached = reach.iter().find(|reach| {
        let meant = policy.roles.iter().any(|role| role == PUBLIC || *role == reach.role.name);
        meant && reach.may.iter().any(|what| writes.contains(&what.as_str()))
    })?;
    let what: Vec<&str> = writes.iter().copied().filter(|what| reached.may.iter().any(|may| may == what)).collect();
    always.then(|| Found {
        rule: "policy-always-true",
        kind: "policy",
        name: format!("{}.{}", table.name, policy.name),
        detail: format!("`{}` may {} any row.", reached.role.name, what.join(", ")),
        help: None,
        comments: vec![policy.comment.as_deref(), table.comment.as_deref()],
    })
}

/// A view with its owner's rights over tables whose rows are protected.
fn bypasses<'a>(catalog: &'a Catalog, view: &'a View, facts: &Facts) -> Option<Found<'a>> {
    let reached = facts.reach.iter().find(|reach| reach.relation == view.name)?;
    if is_invoker(view) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let protected = protected(catalog, &view.name, &mut seen)?;
    Some(Found {
        rule: "view-bypasses-rls",
        kind: "view",
        name: view.name.clone(),
        detail: format!("`{}` may {} the view over `{protected}`.", reached.role.name, reached.may.join(", ")),
        help: None,
        comments: vec![view.comment.as_deref()],
    })
}

fn is_invoker(view: &View) -> bool {
    view.options
        .iter()
        .any(|option| matches!(option.as_str(), "security_invoker=true" | "security_invoker=on" | "security_invoker=1"))
}

/// A table with row-level security that a view reads, itself or through other views.
fn protected(catalog: &Catalog, view: &str, seen: &mut BTreeSet<String>) -> Option<String> {
    if !seen.insert(view.to_owned()) {
        return None;
    }
    let of_view = |it: &&crate::catalog::Dependency| {
        it.dependent.kind == ObjectKind::View && it.dependent.name == view && it.dependent.of.is_none()
    };
    let read: BTreeSet<&str> = catalog
        .dependencies
        .iter()
        .filter(of_view)
        .map(|dependency| dependency.on.of.as_deref().unwrap_or(&dependency.on.name))
        .collect();
    read.into_iter().find_map(|name| match catalog.table(name) {
        Some(table) => table.row_security.then(|| table.name.clone()),
        None => catalog.view(name).and_then(|view| protected(catalog, &view.name, seen)),
    })
}
