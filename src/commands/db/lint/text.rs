//! Findings as a compiler shows them.

use std::collections::BTreeMap;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use plattr_db::lint::{FilePlace, Finding, Place, Severity};

use crate::ui::style::Style;

/// Each finding with its lines of the file, or the object that it is about. `sources` are the files' texts by path.
pub fn findings(findings: &[Finding], sources: &BTreeMap<&str, &str>, style: Style) -> String {
    let renderer = if style.colour() { Renderer::styled() } else { Renderer::plain() };
    findings.iter().map(|finding| format!("{}\n\n", renderer.render(&[group(finding, sources)]))).collect()
}

fn group<'a>(finding: &'a Finding, sources: &BTreeMap<&'a str, &'a str>) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let group = Group::with_title(level.primary_title(&finding.message).id(finding.rule));
    let group = match &finding.place {
        Place::File(place) => {
            let sql = sources.get(place.file.as_str()).copied().unwrap_or_default();
            let (start, lines) = lines(sql, place);
            let span = place.span.start - start..place.span.end - start;
            let snippet = Snippet::source(lines).path(&place.file).line_start(place.line);
            group.element(snippet.annotation(AnnotationKind::Primary.span(span)))
        }
        Place::Object { object } => {
            group.element(Origin::path(format!("{} {}.{}", object.kind, object.schema, object.name)))
        }
    };
    group.element(Level::HELP.message(&finding.help))
}

/// The lines that a finding is in, and the byte that they begin at.
fn lines<'a>(sql: &'a str, place: &FilePlace) -> (usize, &'a str) {
    let start = sql[..place.span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = sql[place.span.end..].find('\n').map_or(sql.len(), |at| place.span.end + at);
    (start, &sql[start..end])
}
