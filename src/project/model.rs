//! What the files of a project may say. The JSON Schema, the check with positions and the configuration
//! reference are all made of these types.

use std::collections::BTreeMap;

use plattr_api::application::EnvVar;
use plattr_api::{AppName, ApplicationSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::database::engines::Engine;

/// The version of `plattr.yaml` that this plattr understands.
pub const VERSION: i64 = 1;

/// plattr.yaml: what an application needs, and where it runs.
///
/// Unknown keys are found by the check against the schema, which knows their place in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "plattr.yaml", extend("additionalProperties" = false))]
pub struct ProjectFile {
    /// Version of this file's format.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// Name of the application: at most 30 lower-case letters, digits and hyphens, starting with a letter.
    pub name: AppName,
    /// What the application needs, wherever it runs.
    #[serde(flatten)]
    pub spec: ApplicationSpec,
    /// What is different on a developer's machine.
    #[serde(default)]
    pub local: Local,
    /// The environments that the application is deployed to.
    #[serde(default)]
    pub environments: Environments,
}

/// What is different on a developer's machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct Local {
    /// Name of the stack that the application joins, shared by all projects that name the same one. Its own,
    /// unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<AppName>,
    /// How the services of the stack run.
    #[serde(flatten)]
    pub settings: StackSettings,
    /// Services that are not started on this machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Named lists of services for `plattr dev --profile NAME`, which starts only these and what they need.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: BTreeMap<String, Vec<String>>,
    /// Origins from which browsers may sign in and reach buckets. Unless given, `localhost` and `127.0.0.1`
    /// with port 3000, the framework's usual port and the ports of `processes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origins: Option<Vec<String>>,
    /// People who can sign in. Unless given, `alice` and `bob`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Whether the search has a console, OpenSearch Dashboards. It needs the Kind engine.
    pub dashboards: bool,
    /// Where the credentials of identity providers come from.
    pub providers: Providers,
    /// The migrations that `plattr db` runs.
    pub migrations: Migrations,
    /// What `plattr db seed` runs, in this order: SQL, CSV and JSON files, folders of them, and commands. Unless given,
    /// `seed.sql` and the folder `seeds`, here or in `db`, and `supabase/seed.sql`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<Vec<Seed>>,
    /// Files of types that `plattr gen types` makes from the schema of the database.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<TypesFile>,
    /// How `plattr test` runs the tests, where the project's files do not say it.
    pub test: TestSettings,
}

/// How `plattr test` runs the tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct TestSettings {
    /// Program and arguments; no shell reads it. `{junit}` stands for the path of the JUnit report, `{shard}` and
    /// `{shards}` for the number of the part to run and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,
    /// The file that the command always writes its JUnit report to, relative to plattr.yaml.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub junit: Option<String>,
}

/// The migrations that `plattr db` runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct Migrations {
    /// What runs them. Unless given, it is found by the project's files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// Folder of the SQL files of the engine `sql`. Unless given, the first that exists of `migrations`, `db/migrations`
    /// and `supabase/migrations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// Something that `plattr db seed` runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Seed {
    /// A file, or a folder of files.
    Path(String),
    /// A command.
    Command(SeedCommand),
}

/// A command that brings data in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = false))]
pub struct SeedCommand {
    /// Program and arguments; no shell reads it.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
}

/// How the services of a stack run on a developer's machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct StackSettings {
    /// Where services run. Unless given, the engine that the project used last, else a Kind cluster where a
    /// Docker-compatible engine answers, else native processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineName>,
    /// Ports by service (`postgres`) or by service and endpoint (`minio.console`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ports: BTreeMap<String, Port>,
    /// Versions by service, in quotation marks: `postgres: "16.4"`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// Services for which a program on the PATH may serve.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub use_path: Vec<String>,
    /// Mirrors of image registries, by registry: `docker.io: https://mirror.example.com`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub image_mirrors: BTreeMap<String, String>,
    /// Mirrors of package registries.
    pub package_mirrors: PackageMirrors,
    /// The cluster of the Kind engine.
    pub kind: KindSettings,
}

/// Where services run on a developer's machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// Native processes, without containers.
    Native,
    /// A Kind cluster in the local Docker-compatible engine.
    Kind,
}

impl EngineName {
    /// Its name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Kind => "kind",
        }
    }
}

/// The cluster of the Kind engine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct KindSettings {
    /// Changes to the configuration that plattr gives to `kind` (its `v1alpha4` format): objects are merged, lists
    /// get longer, `null` takes away.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub config: serde_json::Map<String, serde_json::Value>,
}

/// A TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Port(#[schemars(range(min = 1, max = 65535))] pub u16);

/// Mirrors of package registries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct PackageMirrors {
    /// URL of a mirror of Maven Central.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maven: Option<String>,
    /// URL of a mirror of the npm registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npm: Option<String>,
    /// URL of a mirror of the Python package index, without `/simple`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pypi: Option<String>,
    /// Go module proxies, as in `GOPROXY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goproxy: Option<String>,
}

/// Someone who can sign in on a developer's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = false))]
pub struct User {
    /// User name.
    pub username: String,
    /// Password; `localdev` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// E-mail address; the user name at `example.test` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Where the credentials of identity providers come from on a developer's machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct Providers {
    /// Google
    #[serde(skip_serializing_if = "Option::is_none")]
    pub google: Option<ProviderVariables>,
    /// GitHub
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github: Option<ProviderVariables>,
}

/// A file of types that is made from the schema of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = false))]
pub struct TypesFile {
    /// Language of the file.
    pub lang: Language,
    /// The file, from the folder of the application on.
    pub file: String,
}

/// A language that types are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// TypeScript, in the shape that Supabase's clients know
    Typescript,
    /// Rust, structs with serde
    Rust,
    /// Python, typed dictionaries
    Python,
    /// Go, structs with tags
    Go,
    /// OpenAPI 3.1, what the REST API serves
    Openapi,
}

/// Names of the environment variables that hold a provider's credentials. The project's `.env` counts too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("additionalProperties" = false))]
pub struct ProviderVariables {
    /// Name of the variable that holds the client's id.
    pub client_id_from: String,
    /// Name of the variable that holds the client's secret. The secret itself never stands in a file of the
    /// project.
    pub client_secret_from: String,
}

/// The environments that an application is deployed to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct Environments {
    /// Staging.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staging: Option<Environment>,
    /// User acceptance tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uat: Option<Environment>,
    /// Production.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production: Option<Environment>,
    /// Previews of pull requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Environment>,
}

/// One environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct Environment {
    /// Domain below which applications get their host names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_domain: Option<String>,
    /// Context of the kubeconfig.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_context: Option<String>,
    /// Registry and repository that images are pushed to, such as `registry.example.com/apps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Replicas, where they differ from `scaling`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<ScalingOverride>,
    /// Variables that are added here, or have another value here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
}

/// Replicas of one environment; what is not given is as in `scaling`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("additionalProperties" = false))]
pub struct ScalingOverride {
    /// Fewest replicas.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Most replicas.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Average CPU use, in per cent of what is requested, above which replicas are added.
    #[serde(rename = "targetCPU", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub target_cpu: Option<u32>,
}

/// plattr.workspace.yaml: several applications in one running stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "plattr.workspace.yaml", extend("additionalProperties" = false))]
pub struct WorkspaceFile {
    /// Version of this file's format.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// Name of the stack; made of the folder's name unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<AppName>,
    /// Folders of the applications, relative to this file.
    #[schemars(length(min = 1))]
    pub apps: Vec<String>,
    /// How the services run; wins over what the applications say.
    #[serde(default)]
    pub local: StackSettings,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A new field of the application must be thought of here: it is part of plattr.yaml, and the checks
    /// that span fields may have to know it.
    #[test]
    fn every_field_of_an_application_is_a_key_of_the_file() {
        let ApplicationSpec {
            repository: _,
            framework: _,
            database: _,
            storage: _,
            auth: _,
            cache: _,
            search: _,
            scaling: _,
            env: _,
            release: _,
            processes: _,
        } = ApplicationSpec::default();
        let schema = serde_json::to_value(schemars::schema_for!(ProjectFile)).unwrap();
        let application = serde_json::to_value(schemars::schema_for!(ApplicationSpec)).unwrap();
        for key in application["properties"].as_object().unwrap().keys() {
            assert!(schema["properties"].get(key).is_some(), "{key}");
        }
    }
}
