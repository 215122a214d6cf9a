//! The environment variables that an application sees, the same names everywhere (checklist 4, with C-04,
//! C-07 and C-08).
//!
//! [`CONTRACT`] is the list; the `Binding` types are what an environment knows about its services; their
//! `variables` functions are the only place where one becomes the other.

use std::collections::BTreeMap;

use crate::names::BucketName;

/// One variable of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Name; a trailing `*` stands for the name of a bucket.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Whether its value is a secret, which is never printed unasked.
    pub secret: bool,
    /// Part of `plattr.yaml` that brings it.
    pub part: &'static str,
}

const fn variable(part: &'static str, name: &'static str, secret: bool, description: &'static str) -> Variable {
    Variable { name, description, secret, part }
}

/// Every variable that plattr gives.
pub const CONTRACT: &[Variable] = &[
    variable(
        "database",
        "DATABASE_URL",
        true,
        "The application's login: reads and writes rows, cannot change tables. A URL that libpq accepts (C-04).",
    ),
    variable("database", "MIGRATION_DATABASE_URL", true, "The migrations' login, which owns the schema (X-10)."),
    variable(
        "database",
        "DATABASE_SCHEMA",
        false,
        "The application's schema, already first in the search path of its logins.",
    ),
    variable("database", "PGHOST", false, "Host, for libpq programs."),
    variable("database", "PGPORT", false, "Port, for libpq programs."),
    variable("database", "PGDATABASE", false, "Database, for libpq programs."),
    variable("database", "PGUSER", false, "The application's login, for libpq programs."),
    variable("database", "PGPASSWORD", true, "Its password, for libpq programs."),
    variable("database", "JDBC_DATABASE_URL", true, "DATABASE_URL in JDBC's form."),
    variable(
        "database",
        "PRISMA_DATABASE_URL",
        true,
        "MIGRATION_DATABASE_URL with `schema=`, which Prisma needs and libpq refuses (C-04).",
    ),
    variable("database", "POSTGREST_URL", false, "The REST API of the application's schema."),
    variable("database", "POSTGREST_INTERNAL_URL", false, "The same from inside the pod; not set on a laptop."),
    variable("storage", "S3_ENDPOINT", false, "Where S3 is; not set on AWS."),
    variable(
        "storage",
        "AWS_ENDPOINT_URL_S3",
        false,
        "The same, for AWS SDKs, which read it by themselves; not set on AWS.",
    ),
    variable("storage", "S3_FORCE_PATH_STYLE", false, "`true` where buckets are addressed in the path, as with MinIO."),
    variable("storage", "S3_BUCKET_*", false, "The real name of each bucket: `uploads` is in S3_BUCKET_UPLOADS."),
    variable("storage", "AWS_REGION", false, "Region."),
    variable(
        "storage",
        "AWS_ACCESS_KEY_ID",
        false,
        "A key that reaches the application's buckets only; not set on AWS, where the pod has an identity (C-06).",
    ),
    variable("storage", "AWS_SECRET_ACCESS_KEY", true, "Its secret; not set on AWS."),
    variable("auth", "AUTH_ISSUER_URL", false, "OpenID Connect issuer."),
    variable("auth", "AUTH_CLIENT_ID", false, "OpenID Connect client."),
    variable("auth", "AUTH_CLIENT_SECRET", true, "Its secret, where `auth.clientType` is `confidential`."),
    variable("cache", "REDIS_URL", true, "Redis, with the application's user."),
    variable("cache", "REDIS_PREFIX", false, "Every key and channel must start with it; others are refused."),
    variable("search", "OPENSEARCH_URL", false, "OpenSearch."),
    variable("search", "OPENSEARCH_INDEX_PREFIX", false, "Every index of the application starts with it."),
];

/// Variables with their values, in the order of the contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(Vec<(String, String)>);

impl Variables {
    /// No variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a variable or replaces its value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Variables) {
        for (name, value) in other.0 {
            self.set(name, value);
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether the value of the variable `name` is a secret.
pub fn is_secret(name: &str) -> bool {
    CONTRACT.iter().any(|v| v.secret && v.name == name)
}

/// A login of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
}

/// What an environment knows about the application's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseBinding {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Database.
    pub database: String,
    /// Schema.
    pub schema: String,
    /// The application's login.
    pub app: Login,
    /// The migrations' login.
    pub migrator: Login,
    /// libpq's `sslmode`, where TLS is used (C-05).
    pub ssl_mode: Option<String>,
}

impl DatabaseBinding {
    /// A URL that libpq accepts, with nothing in it that only some drivers know (C-04).
    pub fn url(&self, login: &Login) -> String {
        let query = self.ssl_mode.as_ref().map(|m| format!("?sslmode={m}")).unwrap_or_default();
        format!("postgresql://{}{query}", self.authority(login))
    }

    fn authority(&self, login: &Login) -> String {
        format!(
            "{}:{}@{}:{}/{}",
            percent_encode(&login.user),
            percent_encode(&login.password),
            self.host,
            self.port,
            percent_encode(&self.database)
        )
    }

    /// The variables.
    pub fn variables(&self) -> Variables {
        let mut v = Variables::new();
        v.set("DATABASE_URL", self.url(&self.app));
        v.set("MIGRATION_DATABASE_URL", self.url(&self.migrator));
        v.set("DATABASE_SCHEMA", &self.schema);
        v.set("PGHOST", &self.host);
        v.set("PGPORT", self.port.to_string());
        v.set("PGDATABASE", &self.database);
        v.set("PGUSER", &self.app.user);
        v.set("PGPASSWORD", &self.app.password);
        let ssl = self.ssl_mode.as_ref().map(|m| format!("&sslmode={m}")).unwrap_or_default();
        v.set(
            "JDBC_DATABASE_URL",
            format!(
                "jdbc:postgresql://{}:{}/{}?user={}&password={}&currentSchema={}{ssl}",
                self.host,
                self.port,
                percent_encode(&self.database),
                percent_encode(&self.app.user),
                percent_encode(&self.app.password),
                percent_encode(&self.schema)
            ),
        );
        v.set(
            "PRISMA_DATABASE_URL",
            format!("postgresql://{}?schema={}{ssl}", self.authority(&self.migrator), percent_encode(&self.schema)),
        );
        v
    }
}

/// What an environment knows about the application's REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestBinding {
    /// From outside.
    pub url: String,
    /// From the same pod.
    pub internal_url: Option<String>,
}

impl RestBinding {
    /// The variables.
    pub fn variables(&self) -> Variables {
        let mut v = Variables::new();
        v.set("POSTGREST_URL", &self.url);
        if let Some(url) = &self.internal_url {
            v.set("POSTGREST_INTERNAL_URL", url);
        }
        v
    }
}

/// What an environment knows about the application's object storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageBinding {
    /// Endpoint, where it is not AWS.
    pub endpoint: Option<String>,
    /// Region.
    pub region: String,
    /// Access key, where the pod has no identity.
    pub key: Option<Login>,
    /// Short and real names of the buckets.
    pub buckets: Vec<(BucketName, String)>,
}

impl StorageBinding {
    /// The variables.
    pub fn variables(&self) -> Variables {
        let mut v = Variables::new();
        if let Some(endpoint) = &self.endpoint {
            v.set("S3_ENDPOINT", endpoint);
            v.set("AWS_ENDPOINT_URL_S3", endpoint);
            v.set("S3_FORCE_PATH_STYLE", "true");
        }
        for (bucket, name) in &self.buckets {
            v.set(format!("S3_BUCKET_{}", bucket.variable()), name);
        }
        v.set("AWS_REGION", &self.region);
        if let Some(key) = &self.key {
            v.set("AWS_ACCESS_KEY_ID", &key.user);
            v.set("AWS_SECRET_ACCESS_KEY", &key.password);
        }
        v
    }
}

/// What an environment knows about the application's sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthBinding {
    /// Issuer.
    pub issuer_url: String,
    /// Client.
    pub client_id: String,
    /// Secret of a confidential client.
    pub client_secret: Option<String>,
}

impl AuthBinding {
    /// The variables.
    pub fn variables(&self) -> Variables {
        let mut v = Variables::new();
        v.set("AUTH_ISSUER_URL", &self.issuer_url);
        v.set("AUTH_CLIENT_ID", &self.client_id);
        if let Some(secret) = &self.client_secret {
            v.set("AUTH_CLIENT_SECRET", secret);
        }
        v
    }
}

/// What an environment knows about the application's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheBinding {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The application's user.
    pub login: Login,
    /// Its prefix.
    pub prefix: String,
}

impl CacheBinding {
    /// The variables.
    pub fn variables(&self) -> Variables {
        let mut v = Variables::new();
        let (user, password) = (percent_encode(&self.login.user), percent_encode(&self.login.password));
        v.set("REDIS_URL", format!("redis://{user}:{password}@{}:{}", self.host, self.port));
        v.set("REDIS_PREFIX", &self.prefix);
        v
    }
}

/// What an environment knows about the application's search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchBinding {
    /// URL.
    pub url: String,
    /// Prefix of its indices.
    pub prefix: String,
}

impl SearchBinding {
    /// The variables.
    pub fn variables(&self) -> Variables {
        let mut v = Variables::new();
        v.set("OPENSEARCH_URL", &self.url);
        v.set("OPENSEARCH_INDEX_PREFIX", &self.prefix);
        v
    }
}

/// Orders variables as the contract does; the application's own come last, by name.
pub fn in_contract_order(variables: &Variables) -> Variables {
    let position = |name: &str| {
        CONTRACT.iter().position(|v| match v.name.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => v.name == name,
        })
    };
    let mut sorted = BTreeMap::new();
    for (name, value) in variables.iter() {
        sorted.insert((position(name).unwrap_or(CONTRACT.len()), name.to_owned()), value.to_owned());
    }
    Variables(sorted.into_iter().map(|((_, name), value)| (name, value)).collect())
}

/// Percent-encodes everything outside RFC 3986's unreserved characters.
pub fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn login(user: &str) -> Login {
        Login { user: user.into(), password: "localdev".into() }
    }

    fn everything() -> Variables {
        let mut v = Variables::new();
        v.extend(SearchBinding { url: "http://127.0.0.1:9200".into(), prefix: "my-app-".into() }.variables());
        v.extend(
            DatabaseBinding {
                host: "127.0.0.1".into(),
                port: 5432,
                database: "plattr".into(),
                schema: "my_app".into(),
                app: login("my_app_app"),
                migrator: login("my_app_migrator"),
                ssl_mode: None,
            }
            .variables(),
        );
        v.extend(RestBinding { url: "http://127.0.0.1:3001".into(), internal_url: None }.variables());
        v.extend(
            StorageBinding {
                endpoint: Some("http://127.0.0.1:9000".into()),
                region: "us-east-1".into(),
                key: Some(login("plattr-my-app")),
                buckets: vec![("uploads".parse().unwrap(), "my-app-uploads".into())],
            }
            .variables(),
        );
        v.extend(
            AuthBinding {
                issuer_url: "http://127.0.0.1:8080/realms/my-app".into(),
                client_id: "my-app".into(),
                client_secret: Some("localdev".into()),
            }
            .variables(),
        );
        v.extend(
            CacheBinding { host: "127.0.0.1".into(), port: 6379, login: login("my-app"), prefix: "my-app:".into() }
                .variables(),
        );
        in_contract_order(&v)
    }

    #[test]
    fn the_variables_of_a_laptop() {
        let text: String = everything().iter().map(|(n, v)| format!("{n}={v}\n")).collect();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_variable_is_in_the_contract() {
        for (name, _) in everything().iter() {
            assert!(
                CONTRACT
                    .iter()
                    .any(|v| v.name == name || v.name.strip_suffix('*').is_some_and(|p| name.starts_with(p))),
                "{name}"
            );
        }
    }

    #[test]
    fn the_database_url_has_nothing_that_libpq_refuses() {
        let v = everything();
        assert!(!v.get("DATABASE_URL").unwrap().contains("search_path"));
        assert!(!v.get("DATABASE_URL").unwrap().contains("schema="));
    }

    #[test]
    fn a_password_with_every_delimiter_survives_a_url() {
        let mut binding = login("a");
        binding.password = "p@ss:/?#[]%'\" é".into();
        let url = DatabaseBinding {
            host: "h".into(),
            port: 1,
            database: "d".into(),
            schema: "s".into(),
            app: binding.clone(),
            migrator: binding.clone(),
            ssl_mode: Some("verify-full".into()),
        }
        .url(&binding);
        assert_eq!(url, "postgresql://a:p%40ss%3A%2F%3F%23%5B%5D%25%27%22%20%C3%A9@h:1/d?sslmode=verify-full");
    }
}
