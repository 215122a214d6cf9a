//! JUnit reports: several made one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::{Reader, Writer};

use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Makes one report of several: everything below their outermost elements, in this order.
///
/// # Errors
/// When one of them is no XML.
pub fn merged(reports: &[String]) -> Result<String, quick_xml::Error> {
    let mut counts = [("tests", 0_u64), ("failures", 0), ("errors", 0), ("skipped", 0)];
    let mut inside = Writer::new(Vec::new());
    for report in reports {
        let mut reader = Reader::from_str(report);
        let mut depth = 0_usize;
        loop {
            let event = reader.read_event()?;
            let outermost = match &event {
                Event::Eof => break,
                Event::Decl(_) | Event::DocType(_) => true,
                Event::Start(tag) | Event::Empty(tag) => {
                    let outermost = tag.name().as_ref() == "testsuites";
                    if depth == 0 && tag.name().as_ref() == "testsuite" {
                        add(&mut counts, tag);
                    }
                    depth += usize::from(!outermost && matches!(event, Event::Start(_)));
                    outermost
                }
                Event::End(tag) => {
                    let outermost = tag.name().as_ref() == "testsuites";
                    depth -= usize::from(!outermost && depth > 0);
                    outermost
                }
                _ => false,
            };
            if !outermost {
                inside.write_event(event)?;
            }
        }
    }
    let mut root = BytesStart::new("testsuites");
    counts.iter().for_each(|(name, count)| root.push_attribute((*name, count.to_string().as_str())));
    let mut writer = Writer::new(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec());
    writer.write_event(Event::Start(root))?;
    writer.get_mut().extend(inside.into_inner());
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Adds what a suite says of itself.
fn add(counts: &mut [(&str, u64)], suite: &BytesStart<'_>) {
    for attribute in suite.attributes().flatten() {
        let value = attribute.value.parse::<u64>().ok();
        let count = counts.iter_mut().find(|(name, _)| *name == attribute.key.as_ref());
        if let (Some((_, count)), Some(value)) = (count, value) {
            *count += value;
        }
    }
}

/// Writes one report made of those in `files`. Without files nothing is written.
///
/// # Errors
/// When one cannot be read or is no XML, or the report cannot be written.
pub fn merge(files: &[PathBuf], into: &Path) -> CommandResult {
    if files.is_empty() {
        return Ok(());
    }
    let read = |path: &PathBuf| fs::read_to_string(path).map_err(|e| CommandError::io("read", path, e));
    let reports = files.iter().map(read).collect::<CommandResult<Vec<_>>>()?;
    let report = merged(&reports).map_err(|error| {
        CommandError::new(ErrorKind::Failed, "junit-damaged", "the runner wrote a JUnit report that is no XML")
            .because(error)
    })?;
    fs::write(into, report).map_err(|e| CommandError::io("write", into, e))
}

/// The reports that were written since `began` into folders called `name` anywhere below `folder`.
pub fn written_since(folder: &Path, name: &str, began: SystemTime) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, name, false, &mut found);
    found.retain(|path| modified(path).is_ok_and(|at| at >= began));
    found.sort();
    found
}

fn collect(folder: &Path, name: &str, inside: bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, own) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !own.starts_with('.') && own != "node_modules" => {
                collect(&path, name, inside || own == name, found);
            }
            Ok(kind) if kind.is_file() && inside && own.starts_with("TEST-") && own.ends_with(".xml") => {
                found.push(path)
            }
            _ => {}
        }
    }
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn suites_of_several_reports_stand_in_one() {
        let reports = [
            "<?xml version=\"1.0\"?>\n<testsuites name=\"x\"><testsuite name=\"a\" tests=\"2\" failures=\"1\"><testcase name=\"1\"><failure>&lt;no&gt;</failure></testcase></testsuite></testsuites>",
            "<testsuite name=\"b\" tests=\"1\"><testsuite name=\"inner\" tests=\"1\"/></testsuite>",
            "<testsuites><testcase name=\"alone\"/></testsuites>",
        ];
        let merged = merged(&reports.map(str::to_owned)).unwrap();
        insta::assert_snapshot!(merged, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites tests="3" failures="1" errors="0" skipped="0">
        <testsuite name="a" tests="2" failures="1"><testcase name="1"><failure>&lt;no&gt;</failure></testcase></testsuite><testsuite name="b" tests="1"><testsuite name="inner" tests="1"/></testsuite><testcase name="alone"/></testsuites>
        "#);
    }

    #[test]
    fn a_report_that_is_no_xml_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (damaged, out) = (folder.path().join("a.xml"), folder.path().join("out.xml"));
        fs::write(&damaged, "<testsuites><a></b>").unwrap();
        assert_eq!(merge(&[damaged], &out).unwrap_err().code, "junit-damaged");
        assert!(!out.exists());
    }

    #[test]
    fn only_reports_of_this_run_count() {
        let folder = tempfile::tempdir().unwrap();
        let reports = folder.path().join("core/target/surefire-reports");
        fs::create_dir_all(&reports).unwrap();
        for name in ["TEST-a.xml", "a.txt"] {
            fs::write(reports.join(name), "<testsuite/>").unwrap();
        }
        fs::write(folder.path().join("TEST-elsewhere.xml"), "").unwrap();
        let began = modified(&reports.join("TEST-a.xml")).unwrap();
        assert_eq!(written_since(folder.path(), "surefire-reports", began), [reports.join("TEST-a.xml")]);
        let later = began + std::time::Duration::from_secs(1);
        assert_eq!(written_since(folder.path(), "surefire-reports", later), Vec::<PathBuf>::new());
    }
}
