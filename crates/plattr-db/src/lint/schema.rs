//! Linting a schema as it is.

mod access;
mod structure;

use super::facts::Facts;
use super::{Choice, Finding, Object, Place, ignore, rules};
use crate::catalog::Catalog;

/// Something in a schema.
struct Found<'a> {
    rule: &'static str,
    kind: &'static str,
    /// Name; of a part with its table before it.
    name: String,
    /// What it is in this case, as a sentence.
    detail: String,
    /// What to do in this case.
    help: Option<String>,
    /// Comments (`COMMENT ON`) of the object and of what it belongs to.
    comments: Vec<Option<&'a str>>,
}

/// Finds what is unsafe, slow or broken in a schema, the worst first.
pub fn lint(catalog: &Catalog, facts: &Facts, choice: &Choice) -> Vec<Finding> {
    let found = access::find(catalog, facts).into_iter().chain(structure::find(catalog, facts));
    let mut findings: Vec<Finding> = found.filter_map(|found| finding(found, &catalog.schema, choice)).collect();
    let place = |finding: &Finding| match &finding.place {
        Place::Object { object } => Some(object.clone()),
        Place::File(_) => None,
    };
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.rule.cmp(b.rule)).then_with(|| place(a).cmp(&place(b))));
    findings
}

fn finding(found: Found<'_>, schema: &str, choice: &Choice) -> Option<Finding> {
    let rule = rules::get(found.rule).filter(|rule| choice.wants(rule))?;
    if found.comments.iter().any(|comment| ignore::of_object(*comment).contains(rule.name)) {
        return None;
    }
    let message = if found.detail.is_empty() { rule.why.to_owned() } else { format!("{} {}", found.detail, rule.why) };
    Some(Finding {
        rule: rule.name,
        severity: rule.severity,
        message,
        help: found.help.unwrap_or_else(|| rule.how.to_owned()),
        place: Place::Object { object: Object { kind: found.kind, schema: schema.to_owned(), name: found.name } },
    })
}
