//! The rules: one table, from which findings, `--rule` and the reference are made.

mod access;
mod file;
mod schema;

use super::Severity;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which is stable. Those of squawk have squawk's names.
    pub name: &'static str,
    /// How much a finding matters.
    pub severity: Severity,
    /// What it looks at.
    pub subject: Subject,
    /// Whether it counts unless it is chosen or left out.
    pub on: bool,
    /// What is wrong and why that matters.
    pub why: &'static str,
    /// What to do instead.
    pub how: &'static str,
    /// Statements that break it.
    pub bad: &'static str,
    /// Statements to the same end that do not.
    pub good: &'static str,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Files of migrations.
    File,
    /// A schema in a database.
    Schema,
}

/// A rule that is on.
const fn on(
    name: &'static str,
    severity: Severity,
    subject: Subject,
    [why, how, bad, good]: [&'static str; 4],
) -> Rule {
    Rule { name, severity, subject, on: true, why, how, bad, good }
}

/// A rule that has to be chosen.
const fn off(name: &'static str, subject: Subject, [why, how, bad, good]: [&'static str; 4]) -> Rule {
    Rule { name, severity: Severity::Warning, subject, on: false, why, how, bad, good }
}

/// All rules, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    file::RULES.iter().chain(access::RULES).chain(schema::RULES)
}

/// The rule of a name.
pub fn get(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_different_and_texts_are_sentences() {
        let names: BTreeSet<&str> = all().map(|rule| rule.name).collect();
        assert_eq!(names.len(), all().count());
        for rule in all() {
            assert!(rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.name);
            for text in [rule.why, rule.how] {
                let begins = text.starts_with(|c: char| c.is_uppercase() || c == '`') || text.starts_with("plattr ");
                assert!(text.ends_with('.') && begins, "{}: {text}", rule.name);
            }
        }
    }
}
