//! Which migration engines the files of a project speak of.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::Engine;

/// An engine that the project seems to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The engine.
    pub engine: Engine,
    /// What says so: a file, or a package in a file.
    pub because: String,
}

/// Endings of files of JavaScript and TypeScript.
const SCRIPTS: &[&str] = &["ts", "js", "mts", "mjs", "cts", "cjs"];

/// Folders where goose's migrations usually are.
const GOOSE_FOLDERS: &[&str] =
    &["migrations", "db/migrations", "sql/migrations", "internal/db/migrations", "db", "sql"];

/// Looks at a folder. Several are found where several are used, or where one was left behind; none is a guess: the
/// built-in engine has to look for its own files. What cannot be read counts as not there.
pub fn detect(root: &Path) -> Vec<Found> {
    let files = Files { root };
    let clues: [(Engine, Option<String>); 11] = [
        (Engine::Prisma, prisma(&files)),
        (Engine::Drizzle, files.script("drizzle.config").or_else(|| files.file("drizzle.config.json"))),
        (Engine::Knex, files.script("knexfile")),
        (Engine::Typeorm, files.package("typeorm")),
        (Engine::Sequelize, files.file(".sequelizerc").or_else(|| files.package("sequelize-cli"))),
        (Engine::Alembic, files.file("alembic.ini").or_else(|| files.line("pyproject.toml", "[tool.alembic"))),
        (Engine::Django, files.says("manage.py", "django")),
        (Engine::Rails, files.folder("db/migrate").filter(|_| files.says("Gemfile", "rails").is_some())),
        (Engine::Flyway, flyway(&files)),
        (Engine::Liquibase, files.file("liquibase.properties")),
        (Engine::Goose, goose_folder(root).map(|folder| format!("`-- +goose Up` in `{folder}`"))),
    ];
    clues.into_iter().filter_map(|(engine, because)| Some(Found { engine, because: because? })).collect()
}

fn prisma(files: &Files) -> Option<String> {
    ["prisma/schema.prisma", "schema.prisma"]
        .iter()
        .find_map(|name| files.file(name))
        .or_else(|| files.folder("prisma/schema"))
        .or_else(|| files.script("prisma.config"))
        // The name that `prisma init` of 7.10 writes.
        .or_else(|| files.script("prisma7.config"))
}

fn flyway(files: &Files) -> Option<String> {
    ["flyway.toml", "flyway.conf", "conf/flyway.conf", "conf/flyway.toml"]
        .iter()
        .find_map(|name| files.file(name))
        .or_else(|| files.says("pom.xml", "flyway-maven-plugin"))
}

/// The folder of goose's migrations, by what stands in its files.
pub fn goose_folder(root: &Path) -> Option<&'static str> {
    let has_goose = |folder: &Path| {
        let entries = fs::read_dir(folder).ok()?;
        let mut files = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sql"));
        // The mark is the first thing in the file but for comments; all files of a folder are of one tool.
        files.next().and_then(|file| fs::read_to_string(file).ok()).filter(|text| text.contains("-- +goose Up"))
    };
    GOOSE_FOLDERS.iter().copied().find(|folder| has_goose(&root.join(folder)).is_some())
}

/// Where TypeORM's connection is described.
pub fn data_source(root: &Path) -> Option<String> {
    let folders = ["", "src/", "src/db/", "src/database/", "src/config/", "db/", "database/", "config/"];
    let names = ["data-source", "datasource", "dataSource", "ormconfig"];
    let all = folders.iter().flat_map(|folder| names.map(|name| format!("{folder}{name}")));
    all.flat_map(|stem| SCRIPTS.iter().map(move |end| format!("{stem}.{end}"))).find(|name| root.join(name).is_file())
}

/// The files of a project. Each question is answered with what to tell a person.
struct Files<'a> {
    root: &'a Path,
}

impl Files<'_> {
    fn file(&self, name: &str) -> Option<String> {
        self.root.join(name).is_file().then(|| format!("`{name}`"))
    }

    fn folder(&self, name: &str) -> Option<String> {
        self.root.join(name).is_dir().then(|| format!("`{name}`"))
    }

    fn script(&self, stem: &str) -> Option<String> {
        SCRIPTS.iter().find_map(|end| self.file(&format!("{stem}.{end}")))
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.root.join(name)).ok()
    }

    fn says(&self, name: &str, word: &str) -> Option<String> {
        self.text(name)?.contains(word).then(|| format!("`{word}` in `{name}`"))
    }

    fn line(&self, name: &str, start: &str) -> Option<String> {
        let text = self.text(name)?;
        let line = text.lines().find(|line| line.starts_with(start))?;
        Some(format!("`{}` in `{name}`", line.trim_end()))
    }

    fn package(&self, name: &str) -> Option<String> {
        let json: Json = serde_json::from_str(&self.text("package.json")?).ok()?;
        let has = |kind: &str| json.get(kind).and_then(|list| list.get(name)).is_some();
        (has("dependencies") || has("devDependencies")).then(|| format!("`{name}` in `package.json`"))
    }
}
