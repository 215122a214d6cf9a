//! Every name that plattr makes, in one place (checklist 3.12, C-07, C-13, C-26, X-06).
//!
//! Nothing else in the code base concatenates a prefix and an application's name. Golden tests below pin the
//! results, because a changed name is lost data.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// PostgreSQL truncates longer identifiers silently (NAMEDATALEN - 1).
const MAX_IDENTIFIER_BYTES: usize = 63;
/// Longest name of an application (X-06): leaves room for prefixes in DNS labels, buckets and identifiers.
pub const MAX_APP_NAME: usize = 30;
/// Prefixes that would make the names of one application those of another in an environment (X-06).
pub const RESERVED_PREFIXES: [&str; 5] = ["prod-", "production-", "staging-", "uat-", "preview-"];
/// Names that mean something to PostgreSQL, Keycloak or plattr itself.
///
/// An application `prod` would make the preview schema `prod_pr7`, which is production's schema of `pr7`.
pub const RESERVED_NAMES: [&str; 13] = [
    "plattr",
    "postgres",
    "keycloak",
    "master",
    "public",
    "pg",
    "information-schema",
    "admin",
    "prod",
    "production",
    "staging",
    "uat",
    "preview",
];

/// Why a name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty.
    #[error("a name cannot be empty")]
    Empty,
    /// Too long.
    #[error("`{name}` has {length} characters; at most {max} fit", length = name.len())]
    TooLong {
        /// The name.
        name: String,
        /// The limit.
        max: usize,
    },
    /// Not a DNS-1035 label.
    #[error(
        "`{name}` is not a usable name: {found:?} is not allowed at position {position}; use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen"
    )]
    Character {
        /// The name.
        name: String,
        /// The first offending character.
        found: char,
        /// Its position, counted from 1.
        position: usize,
    },
    /// Would collide with names that plattr makes.
    #[error("`{name}` is reserved: {reason}")]
    Reserved {
        /// The name.
        name: String,
        /// What it would collide with.
        reason: String,
    },
}

/// Checks a DNS-1035 label: `[a-z]([-a-z0-9]*[a-z0-9])?`.
fn check_label(name: &str, max: usize) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.len() > max {
        return Err(NameError::TooLong { name: name.into(), max });
    }
    let last = name.chars().count() - 1;
    for (at, c) in name.chars().enumerate() {
        let allowed = match c {
            'a'..='z' => true,
            '0'..='9' => at > 0,
            '-' => at > 0 && at < last,
            _ => false,
        };
        if !allowed {
            return Err(NameError::Character { name: name.into(), found: c, position: at + 1 });
        }
    }
    Ok(())
}

/// Whether a name ends in `-pr` and digits, as the objects of previews do (C-26).
fn looks_like_preview(name: &str) -> bool {
    name.rsplit_once("-pr").is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The name of an application: a DNS-1035 label of at most 30 characters that cannot be mistaken for
/// another application's name in some environment (X-06).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct AppName(#[schemars(regex(pattern = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"), length(min = 1, max = 30))] String);

impl AppName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        check_label(name, MAX_APP_NAME)?;
        let reserved = |reason: String| Err(NameError::Reserved { name: name.into(), reason });
        if let Some(prefix) = RESERVED_PREFIXES.iter().find(|p| name.starts_with(*p)) {
            return reserved(format!("names starting with `{prefix}` belong to an environment"));
        }
        if RESERVED_NAMES.contains(&name) {
            return reserved("plattr or one of its services uses it".into());
        }
        if name.starts_with("pg-") {
            return reserved("PostgreSQL keeps schema names starting with `pg_` for itself".into());
        }
        if looks_like_preview(name) {
            return reserved("names ending in `-pr` and a number belong to previews of pull requests".into());
        }
        Ok(Self(name.into()))
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AppName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Longest name of a snapshot: that of a DNS label.
const MAX_SNAPSHOT_NAME: usize = 63;

/// The name of a snapshot of a stack: a DNS-1035 label of at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SnapshotName(String);

impl SnapshotName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SnapshotName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        check_label(name, MAX_SNAPSHOT_NAME)?;
        Ok(Self(name.into()))
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The short name of a bucket or an index: a DNS-1035 label of at most 25 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct BucketName(#[schemars(regex(pattern = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"), length(min = 1, max = 25))] String);

impl BucketName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in a variable: `profile-pictures` is `PROFILE_PICTURES`.
    pub fn variable(&self) -> String {
        self.0.to_ascii_uppercase().replace('-', "_")
    }
}

impl FromStr for BucketName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        check_label(name, 25)?;
        Ok(Self(name.into()))
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BucketName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where an application runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// A developer's machine.
    Local,
    /// `production`
    Production,
    /// `staging`
    Staging,
    /// `uat`
    Uat,
    /// The preview of a pull request.
    Preview {
        /// Its number.
        pr: u32,
    },
}

/// The names that belong to one application in one environment.
///
/// ```
/// use plattr_api::{Environment, Names};
/// let names = Names::new(&"my-app".parse().unwrap(), Environment::Staging);
/// assert_eq!(names.schema, "staging_my_app");
/// assert_eq!(names.app_role, "staging_my_app_app");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The application.
    pub app: AppName,
    /// PostgreSQL schema.
    pub schema: String,
    /// Login of the application: reads and writes rows (C-03).
    pub app_role: String,
    /// Login that owns the schema and runs migrations (X-10).
    pub migrator_role: String,
    /// Login of PostgREST: NOINHERIT, can only become one of the next two (X-04).
    pub authenticator_role: String,
    /// Role of requests without a token.
    pub anon_role: String,
    /// Role of requests with a valid token.
    pub authenticated_role: String,
    /// NOTIFY channel on which PostgREST hears of a changed schema (C-29).
    pub notify_channel: String,
    /// Keycloak realm (C-07).
    pub realm: String,
    /// OpenID Connect client (C-08).
    pub client_id: String,
    /// Prefix of every Redis key and channel.
    pub redis_prefix: String,
    /// Redis ACL user.
    pub redis_user: String,
    /// Prefix of every OpenSearch index.
    pub index_prefix: String,
    bucket_prefix: String,
}

impl Names {
    /// Makes the names.
    pub fn new(app: &AppName, environment: Environment) -> Self {
        // Hyphens become underscores in SQL (checklist 3.12). AppName admits no underscore, so no two
        // applications meet.
        let sql = app.as_str().replace('-', "_");
        let (schema, scoped, bucket_prefix) = match environment {
            Environment::Local => (sql, app.to_string(), format!("{app}-")),
            Environment::Production => (format!("prod_{sql}"), format!("prod-{app}"), format!("plattr-prod-{app}-")),
            Environment::Staging => {
                (format!("staging_{sql}"), format!("staging-{app}"), format!("plattr-staging-{app}-"))
            }
            Environment::Uat => (format!("uat_{sql}"), format!("uat-{app}"), format!("plattr-uat-{app}-")),
            Environment::Preview { pr } => {
                (format!("{sql}_pr{pr}"), format!("{app}-pr{pr}"), format!("plattr-preview-{app}-pr{pr}-"))
            }
        };
        let role = |suffix: &str| fit(&format!("{schema}_{suffix}"), MAX_IDENTIFIER_BYTES);
        Self {
            app: app.clone(),
            app_role: role("app"),
            migrator_role: role("migrator"),
            authenticator_role: role("authenticator"),
            anon_role: role("anon"),
            authenticated_role: role("authenticated"),
            notify_channel: fit(&format!("pgrst_{schema}"), MAX_IDENTIFIER_BYTES),
            schema,
            realm: scoped.clone(),
            client_id: app.to_string(),
            redis_prefix: format!("{scoped}:"),
            redis_user: scoped.clone(),
            index_prefix: format!("{scoped}-"),
            bucket_prefix,
        }
    }

    /// The names of a throw-away state of the application, as a test run has it: the same schema, roles and client,
    /// which its code and its migrations know, in the database [`Names::isolated_database`], and everything else under
    /// another name. The dot in it keeps it from every application's.
    #[must_use]
    pub fn isolated(&self, id: &str) -> Self {
        let scoped = format!("{}.{id}", self.realm);
        Self {
            redis_prefix: format!("{scoped}:"),
            redis_user: scoped.clone(),
            index_prefix: format!("{scoped}-"),
            bucket_prefix: format!("{scoped}-"),
            realm: scoped,
            ..self.clone()
        }
    }

    /// The database of the throw-away state `id`.
    pub fn isolated_database(&self, id: &str) -> String {
        fit(&format!("plattr_test_{}_{id}", self.schema), MAX_IDENTIFIER_BYTES)
    }

    /// The real name of a bucket.
    pub fn bucket(&self, bucket: &BucketName) -> String {
        // S3 admits 63 characters, the same as PostgreSQL.
        fit(&format!("{}{bucket}", self.bucket_prefix), MAX_IDENTIFIER_BYTES)
    }

    /// The real name of an index.
    pub fn index(&self, index: &BucketName) -> String {
        format!("{}{index}", self.index_prefix)
    }

    /// The access key (and MinIO user) that reaches only this application's buckets.
    pub fn storage_user(&self) -> String {
        format!("plattr-{}", self.realm)
    }
}

/// Shortens a name that is too long, keeping it unique by a hash of the whole (C-13).
fn fit(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.into();
    }
    let separator = if name.contains('-') { '-' } else { '_' };
    let digest = Sha256::digest(name.as_bytes());
    let hash: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("{}{separator}{hash}", &name[..max - hash.len() - 1])
}

/// Quotes an SQL identifier: `a"b` becomes `"a""b"`.
pub fn quote_identifier(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Quotes an SQL literal for statements that take no parameters (`ALTER ROLE … PASSWORD`, `COMMENT ON`).
pub fn quote_literal(literal: &str) -> String {
    let quoted = literal.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    fn names(environment: Environment) -> Names {
        Names::new(&"my-app".parse().unwrap(), environment)
    }

    #[test]
    fn local_names_have_no_prefix() {
        insta::assert_debug_snapshot!(names(Environment::Local));
    }

    #[test]
    fn production_names_start_with_prod() {
        insta::assert_debug_snapshot!(names(Environment::Production));
    }

    #[test]
    fn preview_names_carry_the_pull_request() {
        insta::assert_debug_snapshot!(names(Environment::Preview { pr: 42 }));
    }

    #[test]
    fn a_throw_away_state_shares_what_migrations_name_and_nothing_else() {
        let (own, isolated) = (names(Environment::Local), names(Environment::Local).isolated("t1a2b"));
        assert_eq!((&isolated.schema, &isolated.app_role), (&own.schema, &own.app_role));
        assert_eq!(isolated.client_id, own.client_id);
        let apart = |n: &Names| {
            let bucket = n.bucket(&"uploads".parse().unwrap());
            [
                n.realm.clone(),
                n.redis_prefix.clone(),
                n.redis_user.clone(),
                n.index_prefix.clone(),
                bucket,
                n.storage_user(),
            ]
        };
        assert_eq!(
            apart(&isolated),
            [
                "my-app.t1a2b",
                "my-app.t1a2b:",
                "my-app.t1a2b",
                "my-app.t1a2b-",
                "my-app.t1a2b-uploads",
                "plattr-my-app.t1a2b"
            ]
        );
        assert_eq!(own.isolated_database("t1a2b"), "plattr_test_my_app_t1a2b");
    }

    #[test]
    fn buckets_are_named_as_in_the_specification() {
        let bucket: BucketName = "uploads".parse().unwrap();
        let made = [
            Environment::Local,
            Environment::Production,
            Environment::Staging,
            Environment::Uat,
            Environment::Preview { pr: 42 },
        ]
        .map(|e| names(e).bucket(&bucket));
        assert_eq!(
            made,
            [
                "my-app-uploads",
                "plattr-prod-my-app-uploads",
                "plattr-staging-my-app-uploads",
                "plattr-uat-my-app-uploads",
                "plattr-preview-my-app-pr42-uploads",
            ]
        );
    }

    #[test]
    fn names_that_would_collide_are_refused() {
        for name in ["prod-x", "staging-x", "uat-x", "preview-x", "x-pr42", "plattr", "pg-x", "master"] {
            assert!(matches!(name.parse::<AppName>(), Err(NameError::Reserved { .. })), "{name}");
        }
        assert!("x-pr".parse::<AppName>().is_ok());
        assert!("x-pro42".parse::<AppName>().is_ok());
    }

    #[test]
    fn names_that_no_service_could_take_are_refused() {
        for name in ["", "../a", "a/b", ".a", "1a", &"a".repeat(64)] {
            assert!(name.parse::<SnapshotName>().is_err(), "{name}");
        }
        assert!("prod-2".parse::<SnapshotName>().is_ok());
        for name in
            ["", "A", "a.b", "a_b", "a\"b", "a'b", "-a", "a-", "1a", "a b", "ä", &"a".repeat(31), &"a".repeat(64)]
        {
            assert!(name.parse::<AppName>().is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_accepted_name_makes_identifiers_that_fit(name in "[a-z]([-a-z0-9]{0,28}[a-z0-9])?", pr in 0u32..) {
            let Ok(app) = name.parse::<AppName>() else { return Ok(()) };
            for environment in [Environment::Local, Environment::Uat, Environment::Preview { pr }] {
                let n = Names::new(&app, environment);
                for identifier in [&n.schema, &n.app_role, &n.migrator_role, &n.authenticator_role, &n.anon_role, &n.authenticated_role, &n.notify_channel] {
                    prop_assert!(identifier.len() <= 63);
                }
                prop_assert!(n.bucket(&"abcdefghijklmnopqrstuvwxy".parse().unwrap()).len() <= 63);
            }
        }

        #[test]
        fn two_applications_never_share_a_name(a in "[a-z]([-a-z0-9]{0,28}[a-z0-9])?", b in "[a-z]([-a-z0-9]{0,28}[a-z0-9])?") {
            prop_assume!(a != b);
            let (Ok(a), Ok(b)) = (a.parse::<AppName>(), b.parse::<AppName>()) else { return Ok(()) };
            let (a, b) = (Names::new(&a, Environment::Preview { pr: 7 }), Names::new(&b, Environment::Production));
            prop_assert_ne!(a.schema, b.schema);
            prop_assert_ne!(a.app_role, b.app_role);
        }

        #[test]
        fn quoting_an_identifier_leaves_no_way_out(text in ".*") {
            let quoted = quote_identifier(&text);
            let inside = &quoted[1..quoted.len() - 1];
            prop_assert_eq!(inside.replace("\"\"", "").matches('"').count(), 0);
        }
    }
}
