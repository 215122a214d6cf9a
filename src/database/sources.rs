//! What a migrated and seeded database is made of, as far as files of the project say it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::digest;

/// Folders of tools and of what they make; nothing in them is the project's own.
const FOREIGN: [&str; 9] =
    ["node_modules", "target", "dist", "build", "vendor", "venv", "__pycache__", "coverage", "test-results"];
/// In the name of a file or of a folder above it, these mean migrations or seeds, whichever tool reads them.
const TELLING: [&str; 8] = ["migrat", "alembic", "versions", "drizzle", "prisma", "changelog", "seed", "fixture"];
/// How names of files begin that say how migrations are run.
const SETTINGS: [&str; 9] = [
    "alembic.ini",
    "atlas.hcl",
    "data-source.",
    "diesel.toml",
    "flyway.",
    "knexfile.",
    "liquibase.",
    "ormconfig.",
    "sqlx.toml",
];
/// A larger file is known by its size and its time: reading it would take longer than what it is read for.
const LARGE: u64 = 4_000_000;

/// One line for each file that migrations or seeds may be made of, and for those that the project names; another text
/// means that they may have changed. A file too many costs building something once more, a file too few would leave
/// something old in place.
pub fn sources(root: &Path, named: &[PathBuf]) -> String {
    let mut files = Vec::new();
    walk(root, Path::new(""), &|path| counts(path), &mut files);
    for path in named {
        let below = path.strip_prefix(root).unwrap_or(path);
        if path.is_dir() {
            walk(root, below, &|_| true, &mut files);
        } else {
            files.push(below.to_owned());
        }
    }
    files.sort();
    files.dedup();
    files.iter().map(|file| format!("{} {}\n", file.display(), identity(&root.join(file)))).collect()
}

fn walk(root: &Path, below: &Path, counts: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root.join(below)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = below.join(&name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) => {
                walk(root, &path, counts, files);
            }
            // A link to a file counts as the file; one to a folder may lead around in a circle.
            Ok(kind) if (kind.is_file() || entry.path().is_file()) && counts(&path) => files.push(path),
            _ => {}
        }
    }
}

fn counts(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase();
    let name = text.rsplit('/').next().unwrap_or_default();
    name.ends_with(".sql")
        || TELLING.iter().any(|part| text.contains(part))
        || SETTINGS.iter().any(|s| name.starts_with(s))
}

fn identity(path: &Path) -> String {
    let Ok(about) = fs::metadata(path) else { return "gone".into() };
    if about.len() <= LARGE {
        return fs::read(path).map_or_else(|_| "gone".into(), |bytes| digest::short(bytes, 16));
    }
    let changed = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{} {}", about.len(), changed.as_nanos())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn migrations_and_seeds_of_any_tool_count_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let ours = [
            "alembic/versions/1.py",
            "alembic.ini",
            "blog/migrations/0001_initial.py",
            "db/seeds.rb",
            "drizzle/0000_a.sql",
            "knexfile.ts",
            "prisma/schema.prisma",
            "sql/schema.sql",
            "src/migration/1-a.ts",
        ];
        let theirs = ["src/app.ts", "node_modules/knex/migrations/a.js", ".git/seed", "target/a.sql", "README.md"];
        ours.iter().chain(&theirs).for_each(|name| write(name, "1"));
        let sources = || sources(folder.path(), &[]);
        let before = sources();
        let names: Vec<&str> = before.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, ours);
        theirs.iter().for_each(|name| write(name, "2"));
        assert_eq!(sources(), before);
        write("blog/migrations/0001_initial.py", "2");
        assert_ne!(sources(), before);
    }

    #[test]
    fn what_the_project_names_counts_too() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("data/people.csv"), "1").unwrap();
        assert_eq!(sources(folder.path(), &[]), "");
        for named in ["data", "data/people.csv"] {
            assert!(sources(folder.path(), &[folder.path().join(named)]).starts_with("data/people.csv "), "{named}");
        }
    }
}
