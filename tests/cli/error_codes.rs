//! The reference of error codes against the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The source files of the program, without tests.
fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let tests = Regex::new(r"#\[cfg\(test\)\]\s*(pub(\(\w+\))? )?mod \w+ \{").unwrap();
    let (mut folders, mut sources) = (vec![root.clone()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && !["tests.rs", "real.rs"].contains(&name) {
                let text = fs::read_to_string(&path).unwrap();
                // Tests are the last thing of a file.
                let end = tests.find(&text).map_or(text.len(), |tests| tests.start());
                sources.insert(path.strip_prefix(&root).unwrap().to_owned(), text[..end].to_owned());
            }
        }
    }
    sources
}

/// All that `pattern` finds in the files below `folder`.
fn found(sources: &BTreeMap<PathBuf, String>, folder: &str, pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    let below = sources.iter().filter(|(path, _)| path.starts_with(folder));
    below.flat_map(|(_, text)| pattern.captures_iter(text).map(|found| found[1].to_owned())).collect()
}

#[test]
fn every_code_is_in_the_reference_and_nothing_else() {
    let sources = sources();
    let mut codes = found(&sources, "", r#"\b(?:Error)?Kind::\w+(?:\(\w+\))?,\s*"([a-z0-9-]+)""#);
    // Functions that take the code and make the rest.
    codes.extend(found(&sources, "", r#"\b(?:told|refused|environment)\(\s*"([a-z0-9-]+)""#));
    codes.extend(found(&sources, "project", r#""((?:config|dotenv)-[a-z-]+)""#));
    codes.extend(found(&sources, "stack/state.rs", r#"if full \{ "[a-z-]+" \} else \{ "([a-z0-9-]+)""#));
    for name in found(&sources, "", r"CommandError::new\(\s*[^,]+,\s*(?:\w+::)*([A-Z_]{2,}),") {
        codes.extend(found(&sources, "", &format!(r#"const {name}: &str = "([a-z0-9-]+)""#)));
    }
    // Nobody sees that the reader of stdout went away.
    assert!(codes.remove("broken-pipe"));

    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/errors.md");
    let row = Regex::new(r"(?m)^\| `([a-z0-9-]+)` \| [^|]+ \| [^|]+ \|$").unwrap();
    let reference = fs::read_to_string(reference).unwrap();
    let listed: Vec<String> = row.captures_iter(&reference).map(|row| row[1].to_owned()).collect();
    let unique: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), unique.len(), "a code is listed twice");
    let (missing, gone): (Vec<_>, Vec<_>) = (codes.difference(&unique).collect(), unique.difference(&codes).collect());
    assert!(missing.is_empty(), "docs/reference/errors.md does not have {missing:?}");
    assert!(gone.is_empty(), "docs/reference/errors.md has {gone:?}, and nothing in src");
}

#[test]
fn a_code_is_said_where_the_error_is_made() {
    // Else the test above does not see it. Each of these passes on a code that it sees.
    let known = [
        "database/migrate.rs",
        "database/target.rs",
        "engines/kind/docker.rs",
        "program.rs",
        "project/problem.rs",
        "stack/snapshot/mod.rs",
        "stack/state.rs",
    ];
    let indirect = Regex::new(r"CommandError::new\(\s*[^,]+,\s*(?:[a-z_.]+,|if )").unwrap();
    let sources = sources();
    let found: Vec<&str> =
        sources.iter().filter(|(_, text)| indirect.is_match(text)).map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(found, known);
}
