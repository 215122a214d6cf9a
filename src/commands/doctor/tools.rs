//! Programs on PATH. All are optional: what is missing is said with what it would be for.

use std::path::PathBuf;

use super::Finding;

/// Programs, and what each is for.
const TOOLS: [(&str, &str); 6] = [
    ("java", "Optional: Keycloak and OpenSearch run on it; plattr fetches one where it is missing."),
    ("go", "Optional: builds MinIO where no `minio` is on PATH; plattr fetches one where it is missing."),
    ("docker", "Optional: for the Kind engine and for building images. The native engine needs none."),
    ("psql", "Optional: a nicer prompt for your database."),
    ("kubectl", "Optional: to look into clusters yourself. plattr speaks to them directly."),
    ("helm", "Optional: to look at the operator's release yourself."),
];

pub fn findings() -> Vec<Finding> {
    TOOLS.iter().map(|(name, why)| finding(name, why, which::which(name).ok())).collect()
}

fn finding(name: &str, why: &'static str, found: Option<PathBuf>) -> Finding {
    let detail = match found {
        Some(path) => path.display().to_string(),
        None => format!("not on PATH. {why}"),
    };
    Finding::ok(name, why, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_what_it_would_be_for() {
        assert_eq!(finding("go", "Optional: x.", None).detail, "not on PATH. Optional: x.");
        assert_eq!(finding("go", "Optional: x.", Some("/usr/bin/go".into())).detail, "/usr/bin/go");
    }
}
