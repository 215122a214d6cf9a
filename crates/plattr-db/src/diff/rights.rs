//! Grants and comments.

use std::collections::BTreeMap;

use super::{Action, Plan, change, object};
use crate::catalog::{Catalog, Grant, ObjectKind, PUBLIC};
use crate::{literal, quote};

/// `COMMENT ON …`, which also takes a comment away.
pub fn comment(on: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {on} IS {}", text.map_or("NULL".to_owned(), literal))
}

/// The comment of something new.
pub fn first_comment(on: &str, text: Option<&str>) -> Option<String> {
    text.map(|_| comment(on, text))
}

/// The comment of something that was there.
pub fn changed_comment(on: &str, from: Option<&str>, to: Option<&str>) -> Option<String> {
    (from != to).then(|| comment(on, to))
}

/// A role as SQL has it.
pub fn role(name: &str) -> String {
    if name == PUBLIC { PUBLIC.to_owned() } else { quote(name) }
}

/// What is granted on a new object of a kind (`TABLES`, …) before anyone says anything: what PostgreSQL does by
/// itself, and the default privileges of the role that makes it, which is the schema's owner.
pub fn initial(catalog: &Catalog, on: &str) -> Vec<Grant> {
    let own = catalog.default_privileges.iter().filter(|d| d.on == on && d.role == catalog.owner);
    let mut grants = own.clone().find(|d| d.everywhere).map_or_else(|| built_in(on), |d| d.grants.clone());
    grants.extend(own.filter(|d| !d.everywhere).flat_map(|d| d.grants.clone()));
    grants
}

/// The statements by which the role that is logged in gives new objects what `login` gives them in a schema: what the
/// environment of a schema is, and no migration says.
pub fn environment(catalog: &Catalog, login: &str) -> Vec<String> {
    let own = catalog.default_privileges.iter().filter(|d| d.role == login);
    let sql = own.flat_map(|d| {
        let place = if d.everywhere { String::new() } else { format!("IN SCHEMA {} ", quote(&catalog.schema)) };
        let before = if d.everywhere { built_in(&d.on) } else { vec![] };
        statements(&format!("ALTER DEFAULT PRIVILEGES {place}"), "", &d.on, &before, &d.grants)
    });
    sql.collect()
}

/// What PostgreSQL grants by itself.
fn built_in(on: &str) -> Vec<Grant> {
    let to_all = |privilege: &str| Grant { grantee: PUBLIC.into(), privilege: privilege.into(), grantable: false };
    match on {
        "FUNCTIONS" => vec![to_all("EXECUTE")],
        "TYPES" => vec![to_all("USAGE")],
        _ => vec![],
    }
}

/// The statements that make grants like others. `on` is the object, as in `TABLE "a"`; `columns` is empty, or the
/// columns in brackets.
pub fn grants(on: &str, columns: &str, from: &[Grant], to: &[Grant]) -> Vec<String> {
    statements("", columns, on, from, to)
}

fn statements(prefix: &str, columns: &str, on: &str, from: &[Grant], to: &[Grant]) -> Vec<String> {
    let find = |grants: &[Grant], wanted: &Grant| -> Option<bool> {
        grants.iter().filter(|grant| grant.is_like(wanted)).map(|grant| grant.grantable).max()
    };
    // By role, so that one statement names all privileges.
    let mut revoked: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
    for grant in from {
        let only_option = match find(to, grant) {
            None => false,
            Some(false) if grant.grantable => true,
            Some(_) => continue,
        };
        revoked.entry((&grant.grantee, only_option)).or_default().push(format!("{}{columns}", grant.privilege));
    }
    let mut granted: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
    for grant in to {
        match find(from, grant) {
            Some(grantable) if grantable || !grant.grantable => {}
            _ => {
                let key = (grant.grantee.as_str(), grant.grantable);
                granted.entry(key).or_default().push(format!("{}{columns}", grant.privilege));
            }
        }
    }
    let list = |mut privileges: Vec<String>| {
        privileges.sort();
        privileges.dedup();
        privileges.join(", ")
    };
    let revoke = revoked.into_iter().map(|((grantee, option), privileges)| {
        let option = if option { "GRANT OPTION FOR " } else { "" };
        format!("{prefix}REVOKE {option}{} ON {on} FROM {}", list(privileges), role(grantee))
    });
    let grant = granted.into_iter().map(|((grantee, option), privileges)| {
        let option = if option { " WITH GRANT OPTION" } else { "" };
        format!("{prefix}GRANT {} ON {on} TO {}{option}", list(privileges), role(grantee))
    });
    revoke.chain(grant).collect()
}

impl Plan<'_> {
    /// Default privileges of the schema. They come last, so that what is new got what the schema gave before.
    pub(super) fn default_privileges(&mut self) {
        let key = |d: &crate::catalog::DefaultPrivilege| (d.role.clone(), d.on.clone());
        let of = |catalog: &Catalog| -> BTreeMap<(String, String), Vec<Grant>> {
            let inside = catalog.default_privileges.iter().filter(|d| !d.everywhere);
            inside.map(|d| (key(d), d.grants.clone())).collect()
        };
        let (from, to) = (of(self.from), of(self.to));
        let mut keys: Vec<_> = from.keys().chain(to.keys()).collect();
        keys.sort();
        keys.dedup();
        for key @ (maker, on) in keys {
            let none = Vec::new();
            let (before, after) = (from.get(key).unwrap_or(&none), to.get(key).unwrap_or(&none));
            let prefix =
                format!("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} ", role(maker), quote(&self.from.schema));
            let sql = statements(&prefix, "", on, before, after);
            if !sql.is_empty() {
                self.ends.push(change(Action::Alter, object(ObjectKind::Schema, &self.from.schema), sql));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(grantee: &str, privilege: &str, grantable: bool) -> Grant {
        Grant { grantee: grantee.into(), privilege: privilege.into(), grantable }
    }

    #[test]
    fn only_what_differs_is_granted_and_revoked() {
        let from = [grant("a", "SELECT", false), grant("b", "SELECT", true), grant(PUBLIC, "INSERT", false)];
        let to = [
            grant("a", "SELECT", true),
            grant("b", "SELECT", false),
            grant("c", "DELETE", false),
            grant("c", "UPDATE", false),
        ];
        assert_eq!(
            grants("TABLE \"t\"", "", &from, &to),
            [
                "REVOKE INSERT ON TABLE \"t\" FROM PUBLIC",
                "REVOKE GRANT OPTION FOR SELECT ON TABLE \"t\" FROM \"b\"",
                "GRANT SELECT ON TABLE \"t\" TO \"a\" WITH GRANT OPTION",
                "GRANT DELETE, UPDATE ON TABLE \"t\" TO \"c\"",
            ]
        );
        assert!(grants("TABLE \"t\"", "", &to, &to).is_empty());
    }

    #[test]
    fn a_column_is_named_after_the_privilege() {
        let sql = grants("TABLE \"t\"", " (\"c\")", &[], &[grant("a", "UPDATE", false)]);
        assert_eq!(sql, ["GRANT UPDATE (\"c\") ON TABLE \"t\" TO \"a\""]);
    }
}
