//! Where an engine's tool is: the project's own before the machine's, as its package manager has it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Engine, Place, detect};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};

/// A tool that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The program to start: the tool, or what runs it.
    pub program: PathBuf,
    /// What stands before the words for the tool.
    pub before: Vec<String>,
    /// Whether it is a plugin of Maven, which has its own way of writing words.
    pub maven: bool,
}

impl Tool {
    fn direct(program: PathBuf) -> Self {
        Self::through(program, &[])
    }

    fn through(program: PathBuf, before: &[&str]) -> Self {
        Self { program, before: before.iter().map(|&word| word.to_owned()).collect(), maven: false }
    }

    /// The arguments of the program for these words.
    pub fn args(&self, words: Vec<String>) -> Vec<String> {
        let for_maven = |word: String| match word.strip_prefix('-') {
            Some(option) => format!("-Dflyway.{option}"),
            None => format!("flyway:{word}"),
        };
        let words = words.into_iter().map(|word| if self.maven { for_maven(word) } else { word });
        self.before.iter().cloned().chain(words).collect()
    }
}

/// Finds the tool of an engine.
///
/// # Errors
/// When it is not there, with how to get it.
pub fn find(engine: Engine, place: &Place) -> CommandResult<Tool> {
    let found = match engine {
        Engine::Sql => None,
        Engine::Prisma => node(place, "prisma"),
        Engine::Drizzle => node(place, "drizzle-kit"),
        Engine::Knex => node(place, "knex"),
        Engine::Typeorm => node(place, typeorm(&place.root)),
        Engine::Sequelize => node(place, "sequelize-cli"),
        Engine::Alembic => python(place, "alembic"),
        Engine::Django => python(place, "python").map(|tool| {
            let before: Vec<_> = tool.before.iter().map(String::as_str).chain(["manage.py"]).collect();
            Tool::through(tool.program.clone(), &before)
        }),
        Engine::Rails => rails(place),
        Engine::Flyway => in_path(place, "flyway").map(Tool::direct).or_else(|| maven(place)),
        Engine::Liquibase => in_path(place, "liquibase").map(Tool::direct),
        Engine::Goose => go(place, "goose", "github.com/pressly/goose"),
    };
    found.ok_or_else(|| {
        CommandError::new(
            ErrorKind::Environment,
            "tool-missing",
            format!("the tool of the engine {engine} is not there"),
        )
        .hint(missing_hint(engine, &place.root))
    })
}

/// Options that the tool cannot do without, from the project's files.
///
/// # Errors
/// When the files do not say it.
pub fn options(engine: Engine, root: &Path) -> CommandResult<Vec<String>> {
    if engine != Engine::Typeorm {
        return Ok(Vec::new());
    }
    let file = detect::data_source(root).ok_or_else(|| {
        CommandError::new(ErrorKind::Config, "engine-options", "there is no data source of TypeORM")
            .hint("export a `DataSource` from `src/data-source.ts`, as `typeorm init` does")
    })?;
    Ok(vec!["-d".to_owned(), file])
}

/// How to get the tool of an engine.
pub fn missing_hint(engine: Engine, root: &Path) -> String {
    match engine {
        Engine::Sql => "it is part of plattr".to_owned(),
        Engine::Prisma => add_to_node(root, "prisma"),
        Engine::Drizzle => add_to_node(root, "drizzle-kit"),
        Engine::Knex => add_to_node(root, "knex"),
        Engine::Typeorm => add_to_node(root, "typeorm"),
        Engine::Sequelize => add_to_node(root, "sequelize-cli"),
        Engine::Alembic => match managed(root) {
            Some("uv") => "`uv add alembic` adds it to the project".to_owned(),
            Some("poetry") => "`poetry add alembic` adds it to the project".to_owned(),
            _ => "`python3 -m venv .venv && .venv/bin/pip install alembic` puts it into the project".to_owned(),
        },
        Engine::Django => "install Python 3, and Django into `.venv`".to_owned(),
        Engine::Rails => "install Ruby, then `bundle install`".to_owned(),
        Engine::Flyway => "put Flyway's `flyway` on PATH, or `flyway-maven-plugin` into pom.xml".to_owned(),
        Engine::Liquibase => "put Liquibase's `liquibase` on PATH, with PostgreSQL's driver in its `lib`".to_owned(),
        Engine::Goose => "`go install github.com/pressly/goose/v3/cmd/goose@latest` installs it".to_owned(),
    }
}

fn in_path(place: &Place, name: &str) -> Option<PathBuf> {
    which::which_in(name, place.path.as_ref(), &place.root).ok()
}

/// `node_modules` of the project or, in a workspace, of a folder above it; Yarn's Plug'n'Play; the machine's.
fn node(place: &Place, bin: &str) -> Option<Tool> {
    let own = place.root.ancestors().map(|folder| folder.join("node_modules/.bin").join(bin)).find(|p| p.is_file());
    if let Some(own) = own {
        return Some(Tool::direct(own));
    }
    if above(&place.root, ".pnp.cjs") {
        return in_path(place, "yarn").map(|yarn| Tool::through(yarn, &["run", bin]));
    }
    in_path(place, bin).map(Tool::direct)
}

/// Compiled sources need nothing; TypeScript needs the runner of its kind of modules.
fn typeorm(root: &Path) -> &'static str {
    let typescript = detect::data_source(root).is_some_and(|file| file.ends_with("ts"));
    let package = fs::read_to_string(root.join("package.json")).unwrap_or_default();
    let package: serde_json::Value = serde_json::from_str(&package).unwrap_or_default();
    match (typescript, package.get("type").and_then(|kind| kind.as_str())) {
        (false, _) => "typeorm",
        (true, Some("module")) => "typeorm-ts-node-esm",
        (true, _) => "typeorm-ts-node-commonjs",
    }
}

/// The project's virtual environment, the manager whose lock file is there, or the machine's.
fn python(place: &Place, bin: &str) -> Option<Tool> {
    let own =
        [".venv", "venv"].iter().map(|folder| place.root.join(folder).join("bin").join(bin)).find(|p| p.is_file());
    if let Some(own) = own {
        return Some(Tool::direct(own));
    }
    let managed = managed(&place.root).and_then(|manager| Some(Tool::through(in_path(place, manager)?, &["run", bin])));
    let names = if bin == "python" { &["python", "python3"][..] } else { &[bin][..] };
    managed.or_else(|| names.iter().find_map(|name| in_path(place, name)).map(Tool::direct))
}

/// The manager of a Python project, by its lock file.
fn managed(root: &Path) -> Option<&'static str> {
    let managers = [("uv", "uv.lock"), ("poetry", "poetry.lock"), ("pdm", "pdm.lock"), ("pipenv", "Pipfile.lock")];
    managers.into_iter().find(|(_, lock)| above(root, lock)).map(|(manager, _)| manager)
}

fn rails(place: &Place) -> Option<Tool> {
    let own = place.root.join("bin/rails");
    if own.is_file() {
        return Some(Tool::direct(own));
    }
    in_path(place, "bundle").map(|bundle| Tool::through(bundle, &["exec", "rails"]))
}

fn maven(place: &Place) -> Option<Tool> {
    let build = fs::read_to_string(place.root.join("pom.xml")).ok()?;
    if !build.contains("flyway-maven-plugin") {
        return None;
    }
    let wrapper = place.root.join("mvnw");
    let program = if wrapper.is_file() { wrapper } else { in_path(place, "mvn")? };
    Some(Tool { maven: true, ..Tool::through(program, &["--batch-mode"]) })
}

/// What the module's `go.mod` names as a tool, in the version that it pins; or the machine's.
fn go(place: &Place, bin: &str, module: &str) -> Option<Tool> {
    let pinned = fs::read_to_string(place.root.join("go.mod")).is_ok_and(|text| {
        let path = format!("/cmd/{bin}");
        text.lines().map(str::trim).any(|line| line.contains(module) && line.ends_with(&path))
    });
    let tool = || in_path(place, "go").map(|go| Tool::through(go, &["tool", bin]));
    if pinned { tool() } else { in_path(place, bin).map(Tool::direct) }
}

/// Adding a package, in the words of the project's package manager.
fn add_to_node(root: &Path, package: &str) -> String {
    let managers = [
        ("pnpm add -D", "pnpm install", "pnpm-lock.yaml"),
        ("yarn add -D", "yarn install", "yarn.lock"),
        ("bun add -d", "bun install", "bun.lock"),
        ("bun add -d", "bun install", "bun.lockb"),
    ];
    let (add, install, _) = managers.into_iter().find(|(_, _, lock)| above(root, lock)).unwrap_or((
        "npm install --save-dev",
        "npm install",
        "package-lock.json",
    ));
    let known =
        fs::read_to_string(root.join("package.json")).is_ok_and(|text| text.contains(&format!("\"{package}\"")));
    if known {
        format!("`{install}` puts the project's packages in place")
    } else {
        format!("`{add} {package}` adds it to the project")
    }
}

/// Whether a file stands in a folder or in one above it.
fn above(root: &Path, name: &str) -> bool {
    root.ancestors().any(|folder| folder.join(name).is_file())
}
