//! An order that works.

use std::collections::HashMap;

use super::Change;
use crate::catalog::{Dependency, Object, ObjectKind};

/// Brings changes into an order in which each comes after those that it needs.
pub fn needed_first(changes: Vec<Change>, dependencies: &[Dependency]) -> Vec<Change> {
    let needs = needs(&changes, dependencies);
    let mut starts: Vec<usize> = (0..changes.len()).collect();
    starts.sort_by_key(|&at| (rank(&changes[at]), at));
    let mut order = Vec::with_capacity(changes.len());
    let mut seen = vec![false; changes.len()];
    for start in starts {
        visit(start, &needs, &mut seen, &mut order);
    }
    let mut changes: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| changes[at].take()).collect()
}

/// Brings changes into an order in which each comes before those that it needs.
pub fn dependents_first(changes: Vec<Change>, dependencies: &[Dependency]) -> Vec<Change> {
    let mut ordered = needed_first(changes, dependencies);
    ordered.reverse();
    ordered
}

/// After what it needs, and only once: a circle is cut where it was entered.
fn visit(at: usize, needs: &[Vec<usize>], seen: &mut [bool], order: &mut Vec<usize>) {
    // Not by recursion: a chain of views may be long.
    let mut path = vec![(at, 0)];
    if std::mem::replace(&mut seen[at], true) {
        return;
    }
    while let Some((at, next)) = path.last_mut() {
        match needs[*at].get(*next) {
            Some(&need) => {
                *next += 1;
                if !std::mem::replace(&mut seen[need], true) {
                    path.push((need, 0));
                }
            }
            None => {
                order.push(*at);
                path.pop();
            }
        }
    }
}

/// For each change those that it needs.
fn needs(changes: &[Change], dependencies: &[Dependency]) -> Vec<Vec<usize>> {
    let mut about: HashMap<&Object, Vec<usize>> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        about.entry(&change.object).or_default().push(at);
    }
    let mut needs = vec![Vec::new(); changes.len()];
    let mut need = |from: &[usize], to: &[usize]| {
        for &a in from {
            needs[a].extend(to.iter().filter(|&&b| b != a));
        }
    };
    for (at, change) in changes.iter().enumerate() {
        if let Some(of) = &change.object.of {
            need(&[at], container(&about, of));
        }
    }
    let mut columns: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        if let (ObjectKind::Column | ObjectKind::Default, Some(of)) = (change.object.kind, &change.object.of) {
            columns.entry(of).or_default().push(at);
        }
    }
    for Dependency { dependent, on } in dependencies {
        // Who needs a table as such, as a partition does, needs its columns as they will be.
        if on.kind == ObjectKind::Table
            && dependent.of.as_ref() != Some(&on.name)
            && let Some(columns) = columns.get(on.name.as_str())
        {
            need(find(&about, dependent), columns);
        }
        // That a sequence goes with a column is said last, when both are there.
        if dependent.kind != ObjectKind::Sequence {
            need(find(&about, dependent), find(&about, on));
        }
    }
    needs
}

/// The changes about an object, or about the larger one whose change it is a part of.
fn find<'a>(about: &'a HashMap<&Object, Vec<usize>>, object: &Object) -> &'a [usize] {
    if let Some(found) = about.get(object) {
        return found;
    }
    let as_kind = |kind| about.get(&Object { kind, ..object.clone() });
    let larger = match object.kind {
        ObjectKind::Default => as_kind(ObjectKind::Column),
        ObjectKind::Index => as_kind(ObjectKind::Constraint),
        _ => None,
    };
    match (larger, &object.of) {
        (Some(found), _) => found,
        (None, Some(of)) => container(about, of),
        (None, None) => &[],
    }
}

fn container<'a>(about: &'a HashMap<&Object, Vec<usize>>, name: &str) -> &'a [usize] {
    let named = |kind| about.get(&super::object(kind, name));
    named(ObjectKind::Table).or_else(|| named(ObjectKind::View)).map_or(&[], Vec::as_slice)
}

/// What usually comes first, where nothing else is known.
fn rank(change: &Change) -> usize {
    match change.object.kind {
        ObjectKind::Schema => 0,
        ObjectKind::Extension => 1,
        ObjectKind::Type => 2,
        ObjectKind::Sequence => 3,
        ObjectKind::Routine => 4,
        ObjectKind::Table => 5,
        ObjectKind::Column => 6,
        ObjectKind::Default => 7,
        // Foreign keys need the keys and unique indexes that they point to.
        ObjectKind::Constraint if is_foreign_key(change) => 10,
        ObjectKind::Constraint => 8,
        ObjectKind::Index => 9,
        ObjectKind::Statistics => 11,
        ObjectKind::View => 12,
        ObjectKind::Rule => 13,
        ObjectKind::Trigger => 14,
        ObjectKind::Policy => 15,
    }
}

fn is_foreign_key(change: &Change) -> bool {
    change.sql.iter().any(|sql| sql.contains(" FOREIGN KEY "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Action, change, object, part};

    fn names(changes: Vec<Change>) -> Vec<String> {
        changes.into_iter().map(|c| c.object.name).collect()
    }

    fn create(object: Object) -> Change {
        change(Action::Create, object, vec![])
    }

    #[test]
    fn what_is_needed_comes_first_whatever_its_kind() {
        let (view, routine) = (object(ObjectKind::View, "v"), object(ObjectKind::Routine, "f()"));
        let table = object(ObjectKind::Table, "t");
        let column = part(ObjectKind::Column, "c", "t");
        let dependencies = [
            Dependency { dependent: routine.clone(), on: view.clone() },
            Dependency { dependent: view.clone(), on: column },
        ];
        let changes = || vec![create(routine.clone()), create(view.clone()), create(table.clone())];
        assert_eq!(names(needed_first(changes(), &dependencies)), ["t", "v", "f()"]);
        assert_eq!(names(dependents_first(changes(), &dependencies)), ["f()", "v", "t"]);
    }

    #[test]
    fn a_circle_ends() {
        let (a, b) = (object(ObjectKind::Routine, "a()"), object(ObjectKind::Table, "b"));
        let dependencies =
            [Dependency { dependent: a.clone(), on: b.clone() }, Dependency { dependent: b.clone(), on: a.clone() }];
        assert_eq!(names(needed_first(vec![create(a), create(b)], &dependencies)), ["b", "a()"]);
    }
}
