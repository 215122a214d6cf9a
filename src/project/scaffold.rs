//! The files that `plattr init` writes, as text.

use std::fmt::Write;

use plattr_api::application::{Framework, Provider};
use plattr_api::{AppName, BucketName};

use super::detect::Tests;
use super::load::{LOCAL_FILE, STATE};
use super::schema;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Name of the application.
    pub name: AppName,
    /// Its framework.
    pub framework: Option<Framework>,
    /// PostgreSQL and PostgREST.
    pub database: bool,
    /// Buckets; none means no object storage.
    pub buckets: Vec<BucketName>,
    /// Sign-in with these providers.
    pub auth: Option<Vec<Provider>>,
    /// Redis.
    pub cache: bool,
    /// OpenSearch.
    pub search: bool,
}

/// The name of a framework in `plattr.yaml`.
pub fn framework_name(framework: Framework) -> &'static str {
    FRAMEWORKS.iter().find(|(f, _)| *f == framework).map_or("other", |(_, name)| name)
}

/// Frameworks by their names in `plattr.yaml`.
pub const FRAMEWORKS: [(Framework, &str); 12] = [
    (Framework::Nextjs, "nextjs"),
    (Framework::Remix, "remix"),
    (Framework::Sveltekit, "sveltekit"),
    (Framework::Nuxt, "nuxt"),
    (Framework::Node, "node"),
    (Framework::Django, "django"),
    (Framework::Fastapi, "fastapi"),
    (Framework::Rails, "rails"),
    (Framework::Spring, "spring"),
    (Framework::Go, "go"),
    (Framework::Rust, "rust"),
    (Framework::Other, "other"),
];

/// `plattr.yaml`.
pub fn project_file(answers: &Answers) -> String {
    let Answers { name, framework, database, buckets, auth, cache, search } = answers;
    let mut out = format!(
        "# yaml-language-server: $schema={}\n\
         # What this application needs, wherever it runs. Everything that can stand here:\n\
         # {REPOSITORY}/blob/main/docs/reference/configuration.md\n\
         version: 1\n\
         name: {name}\n",
        schema::URL
    );
    if let Some(framework) = framework {
        let _ = writeln!(out, "framework: {}", framework_name(*framework));
    }
    if *database {
        out.push_str(
            "\n# PostgreSQL, with a REST API in front (PostgREST): DATABASE_URL, POSTGREST_URL and others.\n\
             database:\n  enabled: true\n  api:\n\
             \x20   # What signed-in users may do with tables through the REST API: none, read or write.\n\
             \x20   # Enable row-level security on the tables first.\n\
             \x20   authenticated: none\n",
        );
    }
    if !buckets.is_empty() {
        out.push_str(
            "\n# Object storage: MinIO on a laptop, S3 elsewhere. S3_BUCKET_… holds each bucket's real name.\n",
        );
        out.push_str("storage:\n  enabled: true\n  buckets:\n");
        for bucket in buckets {
            let _ = writeln!(out, "    - name: {bucket}");
        }
    }
    if let Some(providers) = auth {
        out.push_str(
            "\n# Sign-in with Keycloak: AUTH_ISSUER_URL, AUTH_CLIENT_ID. On a laptop alice and bob can sign in.\n",
        );
        out.push_str("auth:\n  enabled: true\n");
        if !providers.is_empty() {
            let names: Vec<_> = providers.iter().map(|p| p.alias()).collect();
            let _ = writeln!(out, "  providers: [{}]", names.join(", "));
        }
    }
    if *cache {
        out.push_str("\n# Redis: REDIS_URL; keys start with REDIS_PREFIX.\ncache:\n  enabled: true\n");
    }
    if *search {
        out.push_str(
            "\n# OpenSearch: OPENSEARCH_URL; indices start with OPENSEARCH_INDEX_PREFIX.\nsearch:\n  enabled: true\n",
        );
    }
    if let Some(providers) = auth.as_ref().filter(|p| !p.is_empty()) {
        out.push_str("\nlocal:\n  # The providers' credentials on a laptop come from these variables, or from .env.\n  providers:\n");
        for provider in providers {
            let (alias, upper) = (provider.alias(), provider.alias().to_uppercase());
            let _ = write!(
                out,
                "    {alias}:\n      clientIdFrom: {upper}_CLIENT_ID\n      clientSecretFrom: {upper}_CLIENT_SECRET\n"
            );
        }
    }
    out
}

/// `.gitignore` with what plattr keeps to one machine; `None` if it is there already.
pub fn gitignore(old: &str) -> Option<String> {
    let missing: Vec<String> = [format!("{STATE}/"), LOCAL_FILE.to_owned()]
        .into_iter()
        .filter(|wanted| {
            let bare = wanted.trim_end_matches('/');
            !old.lines().any(|l| l.trim().trim_start_matches('/').trim_end_matches('/') == bare)
        })
        .collect();
    if missing.is_empty() {
        return None;
    }
    let gap = match old {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    Some(format!("{old}{gap}# plattr: state of this machine, and one person's overrides\n{}\n", missing.join("\n")))
}

/// `.github/workflows/plattr-deploy.yml`: the same platform in continuous integration. `folder` is the
/// application's, in a repository that holds more than it.
pub fn workflow(name: &AppName, folder: Option<&str>, tests: Option<&Tests>) -> String {
    let mut out = format!(
        "# Written by `plattr init`; yours to change.\n\
         name: plattr {name}\n\n\
         on:\n  push:\n  pull_request:\n\n\
         permissions:\n  contents: read\n\n\
         concurrency:\n  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}\n  cancel-in-progress: true\n\n\
         jobs:\n  verify:\n    runs-on: ubuntu-latest\n    timeout-minutes: 20\n"
    );
    if let Some(folder) = folder {
        let folder = serde_json::Value::from(folder);
        let _ = write!(out, "    defaults:\n      run:\n        working-directory: {folder}\n");
    }
    out.push_str(
        "    steps:\n      - uses: actions/checkout@v6\n        with:\n          persist-credentials: false\n",
    );
    let raw = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/");
    let _ = write!(
        out,
        "      - name: Keep what plattr downloads\n        uses: actions/cache@v5\n        with:\n\
         \x20         path: ~/.cache/plattr\n\
         \x20         key: plattr-${{{{ runner.os }}}}-${{{{ runner.arch }}}}-{VERSION}\n\
         \x20     - name: Install plattr {VERSION}\n        run: |\n\
         \x20         curl --proto '=https' --tlsv1.2 -fsSL {raw}/v{VERSION}/install.sh | bash -s -- --version {VERSION}\n\
         \x20         echo \"$HOME/.local/bin\" >> \"$GITHUB_PATH\"\n\
         \x20     - run: plattr config validate\n\
         \x20     - run: plattr dev --yes --progress plain\n\
         \x20     - run: plattr verify\n"
    );
    let Some(Tests { setup, install, run }) = tests else { return out };
    if let Some((action, inputs)) = setup {
        let _ = writeln!(out, "      - uses: {action}");
        if !inputs.is_empty() || folder.is_some() {
            out.push_str("        with:\n");
        }
        for (key, value) in inputs {
            let value = match (*key, folder) {
                ("go-version-file", Some(folder)) => format!("{folder}/{value}"),
                _ => (*value).to_owned(),
            };
            let _ = writeln!(out, "          {key}: {}", serde_json::Value::from(value));
        }
        if let ("ruby/setup-ruby@v1", Some(folder)) = (*action, folder) {
            let _ = writeln!(out, "          working-directory: {}", serde_json::Value::from(folder));
        }
    }
    if let Some(install) = install {
        let _ = writeln!(out, "      - run: {install}");
    }
    let _ = writeln!(out, "      - run: plattr run -- {run}");
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::{Path, PathBuf};

    use super::super::load::read_project;
    use super::super::yaml;
    use super::*;

    fn answers(everything: bool) -> Answers {
        Answers {
            name: "shop".parse().unwrap(),
            framework: Some(Framework::Nextjs),
            database: true,
            buckets: if everything { vec!["uploads".parse().unwrap(), "pictures".parse().unwrap()] } else { vec![] },
            auth: everything.then(|| vec![Provider::Google, Provider::Github]),
            cache: everything,
            search: everything,
        }
    }

    #[test]
    fn the_file_says_what_was_answered() {
        let text = project_file(&answers(true));
        insta::assert_snapshot!(text);
        let file = read_project((PathBuf::from("plattr.yaml"), text.clone().into()), None, &[]).unwrap();
        assert_eq!(file.spec.storage.buckets.len(), 2);
        assert_eq!(file.spec.auth.providers, [Provider::Google, Provider::Github]);
        assert!(file.spec.database.enabled && file.spec.cache.enabled && file.spec.search.enabled);
        let json = yaml::parse(Path::new("f"), text.into()).unwrap().to_json();
        assert!(jsonschema::validator_for(schema::project()).unwrap().is_valid(&json));
    }

    #[test]
    fn every_choice_makes_a_valid_file() {
        for (framework, name) in FRAMEWORKS {
            assert_eq!(serde_json::to_value(framework).unwrap(), name);
            for providers in [None, Some(vec![]), Some(vec![Provider::Github])] {
                let mut answers = answers(false);
                (answers.framework, answers.auth, answers.database) = (Some(framework), providers, false);
                let text = project_file(&answers);
                read_project((PathBuf::from("plattr.yaml"), text.into()), None, &[]).unwrap();
            }
        }
    }

    #[test]
    fn gitignore_gets_only_what_is_missing() {
        let fresh = gitignore("").unwrap();
        assert_eq!(gitignore(&fresh), None);
        assert_eq!(gitignore("/.plattr\nplattr.local.yaml\n"), None);
        assert!(gitignore("node_modules").unwrap().starts_with("node_modules\n\n# plattr"));
        assert!(!gitignore(".plattr/\n").unwrap().contains("\n.plattr/\nplattr"));
    }

    #[test]
    fn the_workflow_has_the_steps_that_exist() {
        let tests = Tests {
            setup: Some(("actions/setup-node@v6", vec![("node-version", "lts/*")])),
            install: Some("npm ci"),
            run: "npm test",
        };
        let name = "shop".parse().unwrap();
        let text = workflow(&name, Some("apps/shop"), Some(&tests));
        insta::assert_snapshot!(text);
        for text in [text, workflow(&name, None, None)] {
            let tree = yaml::parse(Path::new("w"), text.into()).unwrap();
            assert!(tree.at(&["jobs", "verify", "steps"]).unwrap().items().len() >= 6);
            assert_eq!(tree.at(&["permissions", "contents"]).unwrap().text(), Some("read"));
        }
    }
}
