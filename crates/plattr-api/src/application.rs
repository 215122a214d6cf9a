//! The application part of `plattr.yaml`, which is also `Application.spec` (checklist 3.2, C-32).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::BucketName;

/// What an application needs, wherever it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ApplicationSpec {
    /// Source repository, such as `github.com/myorg/my-frontend`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Web framework, such as `nextjs`; chooses defaults only, never behaviour that cannot be overridden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<Framework>,
    /// PostgreSQL, and PostgREST in front of it.
    pub database: Database,
    /// Object storage: MinIO on a laptop, S3 elsewhere.
    pub storage: Storage,
    /// Sign-in with Keycloak.
    pub auth: Auth,
    /// A Redis-compatible cache.
    pub cache: Cache,
    /// OpenSearch.
    pub search: Search,
    /// Replicas in an environment; a laptop runs one.
    pub scaling: Scaling,
    /// Plain variables of the application, given to it everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// What runs once before a new version takes traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// Named processes of the application; `web` is the one that serves requests.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub processes: BTreeMap<String, Process>,
}

/// Web frameworks that plattr recognises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Framework {
    /// Next.js
    Nextjs,
    /// Remix or React Router
    Remix,
    /// SvelteKit
    Sveltekit,
    /// Nuxt
    Nuxt,
    /// Any other Node.js program
    Node,
    /// Django
    Django,
    /// FastAPI
    Fastapi,
    /// Ruby on Rails
    Rails,
    /// Spring Boot
    Spring,
    /// Go
    Go,
    /// Rust
    Rust,
    /// Anything else
    Other,
}

/// PostgreSQL: a schema of its own, and three logins (application, PostgREST, migrations).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Database {
    /// Whether the application has a database.
    pub enabled: bool,
    /// What the REST API (PostgREST) shows.
    pub api: Api,
}

/// Access through PostgREST (X-04). Rows are always for row-level security to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Api {
    /// What a signed-in user may do with the tables that migrations create. Enable row-level security on
    /// them before choosing anything but `none`.
    pub authenticated: TableAccess,
    /// Tables that anyone may read without signing in. Empty means none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anon_tables: Vec<String>,
}

/// Rights on tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TableAccess {
    /// Nothing, until a migration grants it.
    #[default]
    None,
    /// `SELECT`
    Read,
    /// `SELECT`, `INSERT`, `UPDATE` and `DELETE`
    Write,
}

/// Object storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Storage {
    /// Whether the application has object storage.
    pub enabled: bool,
    /// Its buckets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bucket {
    /// Short name; the real bucket's name adds the application and the environment.
    pub name: BucketName,
    /// Whether anyone may read its objects (never list or write them).
    #[serde(default)]
    pub public: bool,
}

/// Sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Auth {
    /// Whether the application has a Keycloak realm.
    pub enabled: bool,
    /// Identity providers offered on the sign-in page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
    /// `public` for a browser application (PKCE, no secret), `confidential` for one with a server that can
    /// keep a secret.
    pub client_type: ClientType,
}

/// Identity providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Google
    Google,
    /// GitHub
    Github,
}

impl Provider {
    /// The alias of the provider in Keycloak, which is also its provider id.
    pub fn alias(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Github => "github",
        }
    }
}

/// Kind of OpenID Connect client (RFC 6749, section 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientType {
    /// Has no secret.
    #[default]
    Public,
    /// Has a secret.
    Confidential,
}

/// Cache.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cache {
    /// Whether the application has a cache.
    pub enabled: bool,
}

/// Search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Search {
    /// Whether the application has full-text search.
    pub enabled: bool,
    /// Indices that exist before the application first runs; it may create others under its prefix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<Index>,
}

/// An OpenSearch index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Index {
    /// Short name; the real one adds the application's prefix. Lower-case letters, digits and hyphens.
    pub name: BucketName,
}

/// Replicas (checklist 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scaling {
    /// Fewest replicas.
    #[schemars(range(min = 1, max = 1000))]
    pub min: u32,
    /// Most replicas.
    #[schemars(range(min = 1, max = 1000))]
    pub max: u32,
    /// Average CPU use, in per cent of what is requested, above which replicas are added.
    #[serde(rename = "targetCPU")]
    #[schemars(range(min = 1, max = 100))]
    pub target_cpu: u32,
}

impl Default for Scaling {
    fn default() -> Self {
        Self { min: 2, max: 20, target_cpu: 70 }
    }
}

/// A plain variable (C-32). Secrets do not belong here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvVar {
    /// Name: letters, digits and underscores, not starting with a digit.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub name: String,
    /// Value.
    pub value: String,
}

/// The release step: migrations, mostly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Release {
    /// Program and arguments, such as `["npm", "run", "migrate"]`; no shell reads it.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
}

/// One process of the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Process {
    /// Program and arguments; no shell reads it.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Port on which it serves HTTP, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}
