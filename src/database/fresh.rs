//! The application's database as it is right after all migrations and seeds: made once, and copied.

use plattr_api::Variables;
use plattr_backends::postgres as schemas;
use plattr_db::template::{Template, TemplateError};
use plattr_db::{Server, SqlFailure, quote};

use super::migrate::{self, Options, Source};
use super::seed::{self, Item};
use super::sources::sources;
use super::target::{Target, own};
use crate::project::Project;
use crate::services::{postgres, provisioning};
use crate::stack::observe::OpenStack;
use crate::stack::{App, Instance};
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Raised when a template of before would no longer be made as it was.
const LAYOUT: &str = "1";

/// What a database of an application is filled with.
pub struct Fresh<'a> {
    /// Where migrations say what they do.
    pub ui: &'a Ui,
    /// The project.
    pub project: &'a Project,
    /// Its stack.
    pub open: &'a OpenStack,
    /// Its application.
    pub app: &'a App,
    /// Whether the database is seeded.
    pub seed: bool,
}

impl Fresh<'_> {
    /// Makes sure that there is a template with all migrations and seeds; says whether it had to be built.
    ///
    /// # Errors
    /// What the server refused, or the migration or seed that failed. Nothing half made stays.
    pub async fn template(&self, task: &dyn Task) -> CommandResult<(Template, bool)> {
        let extensions = extensions(&self.admin()).await.map_err(refused)?;
        let template = Template::new(&self.app.names().schema, &self.made_of(&extensions)?);
        let build = |server: Server| {
            task.doing("migrating a new template");
            let database = server.config.get_dbname().unwrap_or_default().to_owned();
            async move { self.fill(&database).await }
        };
        match template.ensure(&self.admin(), build).await {
            Ok(built) => Ok((template, built)),
            Err(TemplateError::Build(error)) => Err(error),
            Err(TemplateError::Server(failure)) => Err(refused(failure)),
        }
    }

    /// Provisions, migrates and seeds an empty database.
    ///
    /// # Errors
    /// What the server refused, or the migration or seed that failed.
    pub async fn fill(&self, database: &str) -> CommandResult {
        let target: Target = own(self.project)?.in_database(database);
        self.provision(database).await?;
        self.extend(database).await.map_err(refused)?;
        let source = Source::of(Some(self.project), None)?;
        migrate::run(self.ui, &target, &source, &Options::default()).await?;
        let rows: Vec<Item> = self.seeds()?.into_iter().filter(|item| !is_object(item)).collect();
        self.seed_with(&target, &rows).await
    }

    /// Puts what is for buckets into those of `app`, which may be a throw-away state of the application.
    ///
    /// # Errors
    /// What could not be written.
    pub async fn fill_buckets(&self, variables: &Variables) -> CommandResult {
        let objects: Vec<Item> = self.seeds()?.into_iter().filter(is_object).collect();
        match objects.is_empty() {
            true => Ok(()),
            false => {
                let root = &self.app.root;
                seed::run(self.ui, &own(self.project)?, root, &objects, variables, false).await.map(drop)
            }
        }
    }

    async fn seed_with(&self, target: &Target, items: &[Item]) -> CommandResult {
        let Some(local) = target.local.as_ref().filter(|_| !items.is_empty()) else { return Ok(()) };
        seed::run(self.ui, target, &self.app.root, items, &local.variables(), false).await.map(drop)
    }

    /// What is seeded; nothing where that is not wanted.
    fn seeds(&self) -> CommandResult<Vec<Item>> {
        if !self.seed {
            return Ok(Vec::new());
        }
        let said = migrate::current(self.project).and_then(|app| app.local.seed.clone());
        seed::items(&self.app.root, said.as_deref())
    }

    /// Makes the schema and all rights in a database, as far as they are not there: no copy has them all.
    ///
    /// # Errors
    /// What the server refused.
    pub async fn provision(&self, database: &str) -> CommandResult {
        let app = self.app.in_database(database);
        let admin = postgres::admin_of(self.open.context(&instance()), &app);
        let made = schemas::ensure(&admin, &postgres::desired(&app)).await;
        made.map(drop).map_err(provisioning::failed(&postgres::Postgres, &app))
    }

    fn admin(&self) -> Server {
        Server::plain(postgres::admin(self.open.context(&instance())))
    }

    /// Gives a database the extensions of the application's own: who made them there was no migration, which may not.
    async fn extend(&self, database: &str) -> Result<(), SqlFailure> {
        let wanted = extensions(&self.admin()).await?;
        let session = self.admin().database(database).connect().await?;
        for (name, schema) in wanted {
            let sql = format!("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE", quote(&name), quote(&schema));
            if let Err(error) = session.client.batch_execute(&sql).await {
                // A migration that needs it says so.
                tracing::warn!(%error, name, "an extension of the database is not in its copy");
            }
        }
        Ok(())
    }

    /// Everything that decides what a template has in it.
    fn made_of(&self, extensions: &[(String, String)]) -> CommandResult<[String; 6]> {
        let source = Source::of(Some(self.project), None)?;
        let (mut named, mut commands) = (vec![source.folder], Vec::new());
        for item in self.seeds()? {
            match item {
                Item::File(path, _) => named.push(path),
                Item::Command(words) => {
                    // What it runs, `scripts/demo.js`, is in none of the usual places.
                    named.extend(words.iter().map(|word| self.app.root.join(word)).filter(|path| path.is_file()));
                    commands.push(words);
                }
                // No template has buckets.
                Item::Object(..) => {}
            }
        }
        named.retain(|path| path.starts_with(&self.app.root));
        Ok([
            LAYOUT.into(),
            self.open.engine.version(&instance())?,
            serde_json::json!([self.app.spec.database, extensions]).to_string(),
            source.engine.to_string(),
            serde_json::json!([self.seed, commands]).to_string(),
            sources(&self.app.root, &named),
        ])
    }
}

fn is_object(item: &Item) -> bool {
    matches!(item, Item::Object(..))
}

fn instance() -> Instance {
    Instance { service: &postgres::Postgres, app: None }
}

/// The extensions of a database with their schemas, but for the one that every database has.
async fn extensions(server: &Server) -> Result<Vec<(String, String)>, SqlFailure> {
    let sql =
        "SELECT e.extname::text, n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
               WHERE e.extname <> 'plpgsql' ORDER BY 1";
    let rows = server.connect().await?.client.query(sql, &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn refused(failure: SqlFailure) -> CommandError {
    CommandError::new(ErrorKind::Failed, "template", "cannot make a copy of the database")
        .because(failure)
        .hint("`plattr status` shows whether PostgreSQL runs; `plattr logs postgres` what it said")
}
