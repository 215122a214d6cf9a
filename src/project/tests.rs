//! What people see when their files are wrong, and what they get when they are right.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use proptest::prelude::*;

use super::load::{Input, Project, read_project, read_workspace, slug};
use super::problem::ConfigError;
use super::rules::KnownService;
use super::{reference, schema};

/// Uses everything that the format has.
const FULL: &str = include_str!("testdata/full.yaml");

fn known() -> Vec<KnownService> {
    [
        ("postgres", &["sql"][..]),
        ("postgrest", &["api"]),
        ("minio", &["api", "console"]),
        ("keycloak", &["http"]),
        ("redis", &["redis"]),
        ("opensearch", &["http"]),
    ]
    .map(|(name, endpoints)| KnownService { name, endpoints: endpoints.to_vec() })
    .to_vec()
}

fn input(name: &str, text: impl AsRef<[u8]>) -> Input {
    (PathBuf::from(name), text.as_ref().to_vec())
}

fn read(text: impl AsRef<[u8]>) -> Result<super::model::ProjectFile, ConfigError> {
    read_project(input("plattr.yaml", text), None, &known())
}

/// What is said of each file, one after the other.
fn said(files: &[&str]) -> String {
    let mut out = String::new();
    for file in files {
        let shown = file.replace('\t', "\\t");
        let _ = writeln!(out, "────\n{}\n", shown.trim_end());
        match read(file) {
            Ok(_) => out.push_str("ok\n"),
            Err(error) => {
                let codes: Vec<_> = error.problems.iter().map(|p| p.code).collect();
                let command = crate::ui::error::CommandError::from(error.clone());
                let _ = writeln!(out, "{error}\n\n[{}] hints: {:?}", codes.join(" "), command.hints);
            }
        }
    }
    out
}

const HEAD: &str = "version: 1\nname: todo\n";

fn with_head(parts: &[&str]) -> String {
    let files: Vec<String> = parts.iter().map(|p| format!("{HEAD}{p}")).collect();
    said(&files.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_file_that_uses_everything_is_read() {
    let file = read(FULL).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&file).unwrap());
}

#[test]
fn the_services_that_it_names_are_real_services() {
    read_project(input("plattr.yaml", FULL), None, &super::rules::known_services()).unwrap();
}

#[test]
fn the_least_file_is_read() {
    let file = read(HEAD).unwrap();
    assert_eq!(file.name.as_str(), "todo");
    assert!(!file.spec.database.enabled);
}

#[test]
fn unknown_keys_are_told_with_what_was_meant() {
    insta::assert_snapshot!(with_head(&[
        "storage:\n  enabled: true\n  bucktes:\n    - name: uploads\n",
        "databse:\n  enabled: true\n",
        "something: else\n",
        "environments:\n  prodution: {}\n",
        "storage: {enabled: true, buckets: [{name: a, pubilc: true}]}\n",
        "release: {command: [x], shell: true}\n",
        "\"\\e[31mred\": 1\n",
    ]));
}

#[test]
fn wrong_types_are_told_with_what_was_expected() {
    insta::assert_snapshot!(with_head(&[
        "database: true\n",
        "cache:\n  enabled: yes\n",
        "scaling:\n  min: two\n",
        "scaling:\n  min: 0\n",
        "local:\n  ports:\n    postgres: 70000\n",
        "local:\n  ports:\n    postgres: 99999999999999999999999\n",
        "local:\n  versions:\n    postgres: 16.10\n",
        "env:\n  - name: PORT\n    value: 8080\n",
        "env:\n  A: b\n",
        "database:\n",
        "storage:\n  enabled: true\n  buckets:\n    - uploads\n",
        "release:\n  command: npm run migrate\n",
        "release:\n  command: []\n",
        "processes:\n  web: {}\n",
    ]));
}

#[test]
fn values_outside_a_choice_are_told_with_the_choice() {
    insta::assert_snapshot!(with_head(&[
        "framework: next\n",
        "framework: Django\n",
        "local:\n  engine: docker\n",
        "auth:\n  enabled: true\n  providers: [google, facebook]\n",
        "auth:\n  enabled: true\n  clientType: 7\n",
    ]));
}

#[test]
fn what_is_not_yaml_is_told_with_its_place() {
    insta::assert_snapshot!(said(&[
        "",
        "# nothing\n\n",
        "version: 1\nname: [todo\n",
        "version: 1\nname: todo\ndatabase:\n\tenabled: true\n",
        "version: 1\nname: todo\nname: other\n",
        "version: 1\nname: todo\n---\nversion: 1\n",
        "version: 1\nname: *nobody\n",
        "version: 1\nname: 'todo\n",
        "version: 1\nname: todo: list\n",
        "- version: 1\n",
        "just text\n",
        "version: 1\nname: todo\n? [a]\n: b\n",
    ]));
}

#[test]
fn another_version_is_told_and_nothing_else() {
    insta::assert_snapshot!(said(&[
        "version: 2\nname: todo\nunheard: of\n",
        "version: '1'\nname: todo\n",
        "name: todo\n",
        "version: 1\n",
        "version: 0\n",
    ]));
}

#[test]
fn names_follow_the_rules_of_every_service() {
    let long = "a".repeat(64);
    let names = ["My App", "a.b", "it's", "'a\"b'", &long, "prod-x", "preview", "x-pr42", "-a", "pg-x", "''", "über"];
    let files: Vec<String> = names.iter().map(|n| format!("version: 1\nname: {n}\n")).collect();
    insta::assert_snapshot!(said(&files.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[test]
fn all_problems_come_in_one_run() {
    insta::assert_snapshot!(said(&["version: 1
name: Prod
storage:
  buckets: [{name: uploads}, {name: uploads}, {name: Bad_Name}]
auth:
  enabled: true
  providers: [google, google]
scaling:
  min: 5
  max: 2
database:
  enabled: true
  api:
    anonTables: [todos, public.todos, '', todos]
env:
  - {name: 1A, value: x}
  - {name: DATABASE_URL, value: x}
  - {name: S3_BUCKET_MINE, value: x}
  - {name: MODE, value: a}
  - {name: MODE, value: b}
release:
  command: ['']
processes:
  web: {command: [a], port: 3000}
  Worker: {command: [b], port: 3000}
  none: {command: [''], port: 0}
unknown: 1
local:
  stack: Bad Stack
  ports: {postgres: 5433, redis: 5433, minio.consol: 1, postgras: 5, nothing: 6}
  versions: {postgres: 'a b', redsi: '7'}
  usePath: [postgres, postgres, psql]
  without: [elastic]
  profiles: {small: [], Big: [postgres]}
  imageMirrors: {docker.io: mirror.example.com}
  packageMirrors: {npm: 'ftp://x', goproxy: 'https://goproxy.io,direct'}
  origins: ['*', 'http://localhost:3000/', 'http://localhost:3000/x', 'http://localhost:3000', 'http://localhost:3000']
  users:
    - {username: alice}
    - {username: Alice, email: nobody}
    - {username: 'a b', password: ''}
  providers:
    google: {clientIdFrom: GOOGLE_ID, clientSecretFrom: GOCSPX-verysecret}
  types: [{lang: go, file: a.go}, {lang: rust, file: a.go}, {lang: cobol, file: b}, {lang: go, file: db/}, {lang: go}]
environments:
  production:
    baseDomain: https://example.com
    registry: https://registry.example.com
    scaling: {max: 1}
    env: [{name: A-B, value: x}]
"]));
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let error = read(format!(
        "{HEAD}local:\n  providers:\n    google: {{clientIdFrom: A, clientSecretFrom: GOCSPX-verysecret}}\n"
    ));
    assert!(!error.unwrap_err().to_string().contains("verysecret"));
}

#[test]
fn hostile_files_are_refused_quickly() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (of, name) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "g"), ("g", "h")] {
        let list = vec![format!("*{of}"); 9].join(",");
        let _ = writeln!(bomb, "{name}: &{name} [{list}]");
    }
    for (bytes, code) in [
        (bomb.into_bytes(), "config-too-complex"),
        ("[".repeat(100_000).into_bytes(), "config-too-complex"),
        ("{a: ".repeat(100_000).into_bytes(), "config-too-complex"),
        ("- ".repeat(100_000).into_bytes(), "config-too-complex"),
        ((0..1000).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>().into_bytes(), "config-too-complex"),
        ("- 1\n".repeat(100_000).into_bytes(), "config-too-complex"),
        ("a".repeat(1024 * 1024 + 1).into_bytes(), "config-too-large"),
        (b"version: 1\nname: \xff\n".to_vec(), "config-encoding"),
        (b"version: 1\nname: \0\n".to_vec(), "config-syntax"),
    ] {
        let start = std::time::Instant::now();
        let error = read(&bytes).unwrap_err();
        assert_eq!(error.problems[0].code, code, "{}", error.to_string().chars().take(300).collect::<String>());
        assert!(start.elapsed() < std::time::Duration::from_secs(5));
    }
}

#[test]
fn messages_hold_no_control_characters() {
    let text = read(format!("{HEAD}\"a\\e[2Jb\": 1\nframework: \"\\e[31m\"\n# \u{1b}[2J\n")).unwrap_err().to_string();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

mod overrides {
    use super::*;

    fn merged(over: &str) -> Result<super::super::model::ProjectFile, ConfigError> {
        let main = "version: 1\nname: todo\ncache:\n  enabled: true\nlocal:\n  ports:\n    postgres: 5433\n    redis: 6380\n  without: [redis]\n";
        read_project(input("plattr.yaml", main), Some(input("plattr.local.yaml", over)), &known())
    }

    #[test]
    fn mappings_are_merged_and_lists_replaced() {
        let file = merged("local:\n  ports:\n    redis: 6390\n  without: [opensearch]\n").unwrap();
        let ports: Vec<_> = file.local.settings.ports.iter().map(|(n, p)| (n.as_str(), p.0)).collect();
        assert_eq!(ports, [("postgres", 5433), ("redis", 6390)]);
        assert_eq!(file.local.without, ["opensearch"]);
    }

    #[test]
    fn an_endpoint_has_one_port() {
        let error = merged("local:\n  ports:\n    postgres.sql: 5434\n").unwrap_err();
        assert!(
            error.to_string().contains("`local.ports.postgres.sql` and `local.ports.postgres` are the same endpoint")
        );
    }

    #[test]
    fn an_empty_value_brings_the_default_back() {
        let file = merged("local:\n  ports:\n    redis:\n  without:\n").unwrap();
        assert!(!file.local.settings.ports.contains_key("redis"));
        assert!(file.local.without.is_empty());
    }

    #[test]
    fn a_file_of_comments_overrides_nothing() {
        assert!(merged("# local:\n").unwrap().spec.cache.enabled);
    }

    #[test]
    fn errors_name_the_file_that_is_wrong() {
        for (over, position) in [
            ("local:\n  ports:\n    redis: 5433\n", "plattr.local.yaml:3:12"),
            ("cahce:\n  enabled: false\n", "plattr.local.yaml:1:1"),
            ("name: other\n", "plattr.local.yaml:1:1"),
            ("- a\n", "plattr.local.yaml:1:1"),
            ("local: [\n", "plattr.local.yaml:1:8"),
        ] {
            let error = merged(over).unwrap_err();
            assert_eq!(error.problems[0].position(), position, "{error}");
        }
    }
}

mod projects {
    use super::*;

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        (folder, root)
    }

    #[test]
    fn one_application_is_its_own_stack() {
        let (_guard, root) = folder();
        write(&root, &[("plattr.yaml", HEAD)]);
        let project = Project::load(&root).unwrap();
        let stack = project.stack().unwrap();
        assert_eq!((stack.name.as_str(), stack.root), ("todo", root.join(".plattr")));
        assert_eq!(project.current.unwrap().as_str(), "todo");
        assert_eq!(stack.apps.len(), 1);
    }

    #[test]
    fn a_shared_stack_is_kept_with_the_user() {
        let (_guard, root) = folder();
        write(&root, &[("plattr.yaml", "version: 1\nname: todo\nlocal:\n  stack: team\n")]);
        let stack = Project::load(&root).unwrap().stack().unwrap();
        assert_eq!(stack.name, "team");
        assert!(stack.root.ends_with("plattr/stacks/team"), "{}", stack.root.display());
    }

    #[test]
    fn a_workspace_brings_all_its_applications() {
        let (_guard, root) = folder();
        write(
            &root,
            &[
                (
                    "plattr.workspace.yaml",
                    "version: 1\nstack: shop\napps: [web, admin]\nlocal:\n  versions: {postgres: \"17\"}\n",
                ),
                ("web/plattr.yaml", "version: 1\nname: web\nlocal:\n  versions: {postgres: \"16\"}\n"),
                ("admin/plattr.yaml", "version: 1\nname: office\n"),
                ("other/plattr.yaml", "version: 1\nname: other\n"),
            ],
        );
        let project = Project::load(&root.join("web")).unwrap();
        assert_eq!(project.root, root);
        assert_eq!(project.current.as_ref().unwrap().as_str(), "web");
        let stack = project.stack().unwrap();
        assert_eq!((stack.name.as_str(), stack.root), ("shop", root.join(".plattr")));
        assert_eq!(stack.apps.keys().map(|n| n.as_str()).collect::<Vec<_>>(), ["office", "web"]);
        assert_eq!(project.settings().unwrap().versions["postgres"], "17");
        assert_eq!(Project::load(&root).unwrap().current, None);
        assert!(Project::load(&root.join("other")).unwrap().workspace.is_none());
    }

    #[test]
    fn a_service_is_left_out_when_every_application_leaves_it_out() {
        let (_guard, root) = folder();
        write(
            &root,
            &[
                ("plattr.workspace.yaml", "version: 1\nstack: shop\napps: [a, b]\n"),
                ("a/plattr.yaml", "version: 1\nname: a\n"),
                ("b/plattr.yaml", "version: 1\nname: b\n"),
            ],
        );
        let mut project = Project::load(&root).unwrap();
        project.apps[0].local.without = vec!["redis".into(), "minio".into()];
        assert!(project.without().is_empty());
        project.apps[1].local.without = vec!["redis".into()];
        assert_eq!(project.without(), ["redis"]);
    }

    #[test]
    fn profiles_are_found_by_name() {
        let (_guard, root) = folder();
        write(&root, &[("plattr.yaml", HEAD)]);
        let mut project = Project::load(&root).unwrap();
        project.apps[0].local.profiles.insert("small".into(), vec!["redis".into(), "postgres".into()]);
        assert_eq!(project.profile("small").unwrap(), ["postgres", "redis"]);
        assert_eq!(project.profile("smal").unwrap_err().hints, ["did you mean `small`?"]);
    }

    #[test]
    fn a_workspace_does_not_guess_between_its_applications() {
        let (_guard, root) = folder();
        write(
            &root,
            &[
                ("plattr.workspace.yaml", "version: 1\nstack: shop\napps: [a, b]\n"),
                ("a/plattr.yaml", "version: 1\nname: web\nlocal:\n  versions: {postgres: \"16\"}\n"),
                (
                    "b/plattr.yaml",
                    "version: 1\nname: web\nlocal:\n  versions: {postgres: \"17\"}\n  stack: elsewhere\n",
                ),
            ],
        );
        let error = Project::load(&root).unwrap_err().message;
        assert!(
            error.contains("has the same name, `web`") && error.contains("`local.stack` is `elsewhere`"),
            "{error}"
        );
        fs::write(root.join("b/plattr.yaml"), "version: 1\nname: api\nlocal:\n  versions: {postgres: \"17\"}\n")
            .unwrap();
        let error = Project::load(&root).unwrap_err();
        assert!(error.message.contains("`local.versions.postgres` is not what the other applications"), "{error}");
    }

    #[test]
    fn a_workspace_names_the_folders_that_hold_no_application() {
        let (_guard, root) = folder();
        write(&root, &[("plattr.workspace.yaml", "version: 1\nstack: shop\napps: [nowhere]\n")]);
        assert!(Project::load(&root).unwrap_err().message.contains("there is no plattr.yaml in `nowhere`"));
        let error = read_workspace(input("w", "version: 1\napps: []\nlocla: {}\n"), &known()).unwrap_err();
        assert_eq!(error.problems.len(), 2, "{error}");
    }

    #[test]
    fn no_project_is_told_with_the_way_out() {
        let (_guard, root) = folder();
        let error = Project::find(Some(&root)).unwrap_err();
        assert_eq!((error.code, error.hints[0].as_str()), ("config-not-found", "run `plattr init` to write one"));
        write(&root, &[("plattr.yml", HEAD)]);
        assert!(Project::find(Some(&root)).unwrap_err().hints[0].starts_with("rename "));
        assert_eq!(Project::find(Some(&root.join("gone"))).unwrap_err().code, "config-not-found");
        fs::create_dir(root.join("plattr.yaml")).unwrap();
        assert!(Project::find(Some(&root)).is_err());
    }

    #[test]
    fn the_file_itself_can_be_named() {
        let (_guard, root) = folder();
        write(&root, &[("plattr.yaml", HEAD)]);
        assert_eq!(Project::find(Some(&root.join("plattr.yaml"))).unwrap().root, root);
    }

    #[test]
    fn people_and_origins_have_defaults() {
        let (_guard, root) = folder();
        write(
            &root,
            &[(
                "plattr.yaml",
                "version: 1\nname: todo\nframework: django\nprocesses:\n  web: {command: [x], port: 3000}\n",
            )],
        );
        let app = Project::load(&root).unwrap().stack().unwrap().apps.into_values().next().unwrap();
        assert_eq!(
            app.local.origins,
            ["http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:8000", "http://127.0.0.1:8000"]
        );
        let users: Vec<_> =
            app.local.users.iter().map(|u| (u.username.as_str(), u.password.as_str(), u.email.as_str())).collect();
        assert_eq!(users, [("alice", "localdev", "alice@example.test"), ("bob", "localdev", "bob@example.test")]);
    }

    #[test]
    fn credentials_of_providers_come_from_dotenv() {
        let (_guard, root) = folder();
        write(
            &root,
            &[
                (
                    "plattr.yaml",
                    "version: 1\nname: todo\nauth: {enabled: true, providers: [google, github]}\nlocal:\n  providers:\n    google: {clientIdFrom: PLATTR_TEST_ID, clientSecretFrom: PLATTR_TEST_SECRET}\n",
                ),
                (".env", "PLATTR_TEST_ID=id\nPLATTR_TEST_SECRET='a b'\nOTHER=x\n"),
            ],
        );
        let credentials = Project::load(&root).unwrap().apps[0].provider_credentials().unwrap();
        let google = &credentials[&plattr_api::application::Provider::Google];
        assert_eq!((google.0.as_str(), google.1.as_str()), ("id", "a b"));
        assert!(!credentials.contains_key(&plattr_api::application::Provider::Github));
        write(&root, &[(".env", "this is: secret\n")]);
        let error = Project::load(&root).unwrap().apps[0].provider_credentials().map(drop).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn any_folder_gives_a_name_or_nothing() {
        for (folder, name) in
            [("My Shop!", "my-shop"), ("2048", ""), ("Übung-1", "bung-1"), ("a__b", "a-b"), ("x-", "x")]
        {
            assert_eq!(slug(folder), name);
        }
    }
}

mod generated {
    use super::*;

    /// Compares with a committed file, or writes it where `UPDATE_GOLDEN` is set.
    fn current(path: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{} is not current; run with UPDATE_GOLDEN=1", path.display());
    }

    #[test]
    fn the_schema_is_current() {
        current("assets/plattr.schema.json", &schema::text());
    }

    #[test]
    fn the_configuration_reference_is_current() {
        current("docs/reference/configuration.md", &reference::configuration());
    }

    #[test]
    fn the_variables_reference_is_current() {
        current("docs/reference/variables.md", &reference::variables());
    }

    fn as_json(text: &str) -> serde_json::Value {
        super::super::yaml::parse(Path::new("f"), text.into()).unwrap().to_json()
    }

    #[test]
    fn editors_agree_with_plattr() {
        let validator = jsonschema::validator_for(schema::project()).unwrap();
        for text in [HEAD, FULL, include_str!("../../examples/todo/plattr.yaml")] {
            read(text).unwrap();
            let errors: Vec<_> = validator.iter_errors(&as_json(text)).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }
        for wrong in [
            "name: todo\n",
            "version: 2\nname: todo\n",
            "version: 1\nname: Todo\n",
            "version: 1\nname: todo\ndatabse: {}\n",
            "version: 1\nname: todo\ndatabase: true\n",
            "version: 1\nname: todo\nlocal: {engine: docker}\n",
            "version: 1\nname: todo\nlocal: {ports: {postgres: 0}}\n",
            "version: 1\nname: todo\nenvironments: {prod: {}}\n",
            "version: 1\nname: todo\nrelease: {command: []}\n",
        ] {
            assert!(!validator.is_valid(&as_json(wrong)), "{wrong}");
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(jsonschema::meta::is_valid(schema::project()));
    }
}

/// What must hold for any file: no panic, and either a position or a message about the whole file that says
/// what to do. `config-invalid` would mean that the checks let something through that the types refuse.
fn holds(bytes: &[u8]) {
    if let Err(error) = read(bytes) {
        assert!(!error.problems.is_empty());
        for problem in &error.problems {
            assert_ne!(problem.code, "config-invalid", "{problem}");
            let whole = ["config-empty", "config-encoding", "config-too-large", "config-syntax", "config-too-complex"];
            assert!(problem.mark.is_some() || whole.contains(&problem.code), "{problem:?}");
            assert!(!problem.to_string().chars().any(|c| c.is_control() && c != '\n'), "{problem}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        holds(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,200}") {
        holds(text.as_bytes());
    }

    #[test]
    fn any_yaml_like_text_is_read_or_refused(text in r"([a-z*&!|>'{}\[\],:?#%@ \t\n-]|version: 1\n|name: |local:\n  ){0,60}") {
        holds(text.as_bytes());
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(
        at in 0..FULL.len(),
        length in 0usize..40,
        with in prop_oneof![
            "[ -~]{0,8}", Just("\n".to_owned()), Just("\t".to_owned()), Just(" -".to_owned()), Just(": ".to_owned()),
            Just("null".to_owned()), Just("-1".to_owned()), Just("1e99".to_owned()), Just("[]".to_owned()), Just("{}".to_owned()),
            Just("99999999999999999999".to_owned()), Just("true".to_owned()), Just("\u{0}".to_owned()), Just("é".to_owned()),
        ],
    ) {
        let mut bytes = FULL.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, with.into_bytes());
        holds(&bytes);
    }

    #[test]
    fn a_changed_value_is_read_or_refused(line in 0..FULL.lines().count(), value in "(null|~|true|-?[0-9]{1,22}|[0-9]\\.[0-9]|\\[\\]|\\{\\}|''|x|\\[x\\]|\\{a: 1\\})") {
        let changed: Vec<String> = FULL
            .lines()
            .enumerate()
            .map(|(i, l)| match l.split_once(": ").filter(|_| i == line) {
                Some((key, _)) => format!("{key}: {value}"),
                None => l.to_owned(),
            })
            .collect();
        holds(changed.join("\n").as_bytes());
    }
}
