//! Provisioning: what one application in one environment needs from PostgreSQL, S3, Keycloak, Redis and
//! OpenSearch.
//!
//! `plattr dev` and the operator call the same functions. Every backend is one module with the same steps:
//!
//! - `observe` reads what is there and writes nothing;
//! - `plan` compares it with what is desired. It is pure, and an empty plan means zero writes;
//! - `apply` does what the plan says; a step that was killed half-way is simply run again;
//! - `ensure` is the three together, and looks once more afterwards;
//! - `verify` uses the service as the application would, and tries what must be refused.
//!
//! No error, change or check carries a secret.

pub mod keycloak;
pub mod minio;
pub mod opensearch;
pub mod postgres;
pub mod redis;
pub mod s3;

mod check;

pub use check::Check;
pub use plattr_api::variables::Login;

use plattr_api::{Environment, Names};

/// Who owns an object: written on schemas, realms, buckets and indices, and compared before one that
/// already exists is used (X-06).
///
/// ```
/// use plattr_api::{Environment, Names};
/// let names = Names::new(&"todo".parse().unwrap(), Environment::Preview { pr: 7 });
/// assert_eq!(plattr_backends::owner(&names, Environment::Preview { pr: 7 }), "application todo in preview-pr7");
/// ```
pub fn owner(names: &Names, environment: Environment) -> String {
    let place = match environment {
        Environment::Local => "local".into(),
        Environment::Production => "production".into(),
        Environment::Staging => "staging".into(),
        Environment::Uat => "uat".into(),
        Environment::Preview { pr } => format!("preview-pr{pr}"),
    };
    format!("application {} in {place}", names.app)
}
