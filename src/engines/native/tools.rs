//! Which program serves: one on PATH, or that of a package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::lock::{Lock, Package, PathProgram, platform};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// Where a package's programs are on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What the package is called in the lock: each version has a name of its own.
    pub package: String,
    /// Version.
    pub version: String,
    /// Whether it is a program on PATH; then this is it.
    pub on_path: Option<PathBuf>,
}

/// What a person wants of the programs.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Packages whose program on PATH is to serve.
    pub use_path: BTreeSet<String>,
    /// Versions by package: `17` admits every 17.x.
    pub versions: BTreeMap<String, String>,
}

/// Decides which program serves for the package `name`. `find` looks up a program and its version on PATH.
///
/// # Errors
/// When there is neither a package nor a program on PATH that a person's wishes admit.
pub fn resolve(
    name: &str,
    lock: &Lock,
    wishes: &Wishes,
    find: &dyn Fn(&PathProgram) -> Option<(PathBuf, String)>,
) -> CommandResult<Resolved> {
    let wished = wishes.versions.get(name);
    let fits_wish = |version: &str| wished.is_none_or(|w| is_version_of(version, w));
    let usual = lock.get(name)?;
    let (own, package) = lock.version_of(name, wished.map(String::as_str))?;
    let resolved = |version: &str, on_path| Resolved { package: own.to_owned(), version: version.to_owned(), on_path };
    let packaged = package.go.is_some() || package.on.contains_key(&platform());
    let asked = wishes.use_path.contains(name);
    let look = asked || !packaged || !fits_wish(&package.version) || usual.path.as_ref().is_some_and(|p| p.prefer);
    let found = usual.path.as_ref().filter(|_| look).and_then(find);
    if let (Some(rules), Some((program, version))) = (&usual.path, &found)
        && accepts(rules, version)
        && fits_wish(version)
    {
        return Ok(resolved(version, Some(program.clone())));
    }
    if packaged && !asked && fits_wish(&package.version) {
        return Ok(resolved(&package.version, None));
    }
    let found = found.as_ref().map(|(path, version)| (path.as_path(), version.as_str()));
    Err(missing(name, usual, &lock.versions(name, &platform()), wished, found))
}

fn missing(
    name: &str,
    package: &Package,
    packaged: &[&str],
    wished: Option<&String>,
    found: Option<(&Path, &str)>,
) -> CommandError {
    let program = package.path.as_ref().map_or(name, |p| &p.program);
    let range = match (wished, &package.path) {
        (Some(wished), _) => format!(" {wished}"),
        (None, Some(PathProgram { from: Some(from), below: Some(below), .. })) => {
            format!(" {from} or later, below {below}")
        }
        _ => String::new(),
    };
    let why = match found {
        Some((path, version)) => format!("{} is version {version}", path.display()),
        None => format!("`{program}` is not on PATH"),
    };
    let package_says = match packaged {
        [] => format!("no registry has a package for {}", platform()),
        [version] => format!("plattr's own package is {version}"),
        versions => format!("plattr's own packages are {}", versions.join(", ")),
    };
    let message = format!("no {name}{range} to run: {why}, and {package_says}");
    let mut error = CommandError::new(ErrorKind::Environment, "program-missing", message)
        .hint(format!("install {name}{range} so that `{program}` is on PATH; see {}", package.home));
    if !packaged.is_empty() {
        error = error.hint(format!("or remove `{name}` from `local.usePath` and `local.versions` to use the package"));
    }
    error
}

/// Looks for a program on PATH and asks for its version.
pub fn find_on_path(rules: &PathProgram) -> Option<(PathBuf, String)> {
    let names = std::iter::once(&rules.program).chain(&rules.alternatives);
    let path = names.filter_map(|name| which::which(name).ok()).next()?;
    // A link, such as Debian's to its alternatives, leads to the folder where the other programs are.
    let path = path.canonicalize().unwrap_or(path);
    let output = Command::new(&path).args(&rules.args).stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some((path, version_in(&String::from_utf8_lossy(&text)).unwrap_or_default()))
}

/// The first thing in a text that looks like a version: digits with at least one dot, or a MinIO release.
pub fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '(' | ')' | '='));
    for word in words {
        if let Some(release) = word.strip_prefix("RELEASE.") {
            return Some(release.split('T').next().unwrap_or(release).to_owned());
        }
        // `go version go1.26.8`; others tell which Go built them.
        let word = if text.starts_with("go version") { word.strip_prefix("go").unwrap_or(word) } else { word };
        let word = word.strip_prefix('v').unwrap_or(word);
        let version: String = word.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let version = version.trim_end_matches('.');
        if version.contains('.') && version.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(version.to_owned());
        }
    }
    None
}

fn accepts(rules: &PathProgram, version: &str) -> bool {
    let numbers = numbers(version);
    rules.from.as_deref().is_none_or(|from| numbers >= self::numbers(from))
        && rules.below.as_deref().is_none_or(|below| numbers < self::numbers(below))
}

/// The numbers in a version, to compare versions by.
pub fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-']).map_while(|n| n.parse().ok()).collect()
}

/// Whether `version` is `wanted` or one of its patches: `16.4` is one of `16`, `1.60` is none of `1.6`.
pub fn is_version_of(version: &str, wanted: &str) -> bool {
    numbers(version).starts_with(&numbers(wanted))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::lock::LOCK;
    use super::*;

    fn plan(name: &str, wishes: &Wishes, found: Option<&str>) -> CommandResult<Resolved> {
        let find = |_: &PathProgram| found.map(|v| (PathBuf::from("/usr/bin/it"), v.to_owned()));
        resolve(name, &LOCK, wishes, &find)
    }

    fn wish(name: &str) -> Wishes {
        Wishes { use_path: [name.to_owned()].into(), ..Wishes::default() }
    }

    #[test]
    fn a_package_serves_unless_path_is_asked_for() {
        assert_eq!(plan("postgres", &Wishes::default(), Some("16.4")).unwrap().on_path, None);
        assert_eq!(plan("postgres", &wish("postgres"), Some("16.4")).unwrap().version, "16.4");
    }

    #[test]
    fn a_program_on_path_of_an_unfit_version_is_named() {
        let error = plan("postgres", &wish("postgres"), Some("14.9")).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Environment);
        assert!(error.message.contains("/usr/bin/it is version 14.9"), "{}", error.message);
        assert!(plan("redis", &wish("redis"), None).unwrap_err().message.contains("`redis-server` is not on PATH"));
    }

    #[test]
    fn minio_on_path_saves_the_build_and_without_it_minio_is_built() {
        assert!(plan("minio", &Wishes::default(), Some("2025-09-07")).unwrap().on_path.is_some());
        assert!(plan("minio", &Wishes::default(), None).unwrap().on_path.is_none());
    }

    #[test]
    fn another_version_is_a_package_of_its_own_or_must_be_on_path() {
        let of = |version: &str| Wishes {
            versions: [("postgres".to_owned(), version.to_owned())].into(),
            ..Wishes::default()
        };
        let packaged = plan("postgres", &of("16"), Some("18.1")).unwrap();
        assert_eq!((packaged.package.as_str(), packaged.on_path), ("postgres-16", None));
        assert_eq!(plan("postgres", &of("16.4"), Some("16.4")).unwrap().version, "16.4");
        let error = plan("postgres", &of("16.4"), Some("18.1")).unwrap_err();
        assert!(error.message.contains("plattr's own packages are 15.19, 16.15, 17.6, 18.6"), "{}", error.message);
        assert!(plan("postgres", &of("14"), None).is_err());
    }

    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (text, version) in [
            ("postgres (PostgreSQL) 17.6", "17.6"),
            ("Redis server v=7.0.15 sha=00000000:0", "7.0.15"),
            ("openjdk version \"25.0.2\" 2026-01-20", "25.0.2"),
            ("go version go1.26.8 linux/amd64", "1.26.8"),
            ("minio version RELEASE.2025-09-07T16-13-09Z (commit-id=x)", "2025-09-07"),
            ("PostgREST 12.0.2", "12.0.2"),
        ] {
            assert_eq!(version_in(text).as_deref(), Some(version), "{text}");
        }
        assert_eq!(version_in("minio version DEVELOPMENT.GOGET\nRuntime: go1.26.8 linux/amd64"), None);
    }
}
