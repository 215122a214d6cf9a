//! Tests against real servers. `tests/support/with-stack.sh` starts them. They find their servers by
//! environment variables; one that is not set is a failure, never a silent skip.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod keycloak;
mod opensearch;
mod postgres;
mod redis;
mod storage;

use plattr_api::{ApplicationSpec, Environment, Names};

/// The value of a variable that says where a server is.
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set. These tests use real servers: start them and set \
             PLATTR_TEST_POSTGRES_URL (postgresql://plattr:localdev@127.0.0.1:5432/plattr, a login with CREATEROLE \
             that owns the database), PLATTR_TEST_S3_URL (http://127.0.0.1:9000, MinIO with minioadmin), \
             PLATTR_TEST_REDIS (127.0.0.1:6379, ACL user plattr), PLATTR_TEST_KEYCLOAK_URL (http://127.0.0.1:8080, \
             service-account client plattr), PLATTR_TEST_OPENSEARCH_URL (http://127.0.0.1:9200), \
             PLATTR_TEST_POSTGREST (the program) and PLATTR_TEST_POSTGREST_PORT (a free port)"
        )
    })
}

/// An application on a laptop.
pub fn application(name: &str) -> (Names, ApplicationSpec) {
    (Names::new(&name.parse().expect("a valid name"), Environment::Local), ApplicationSpec::default())
}

/// Fails with every check that did not pass.
pub fn all_passed(checks: &[plattr_backends::Check]) {
    let failed: Vec<_> = checks.iter().filter(|c| !c.passed).collect();
    assert!(!checks.is_empty() && failed.is_empty(), "{failed:#?}");
}
