//! Keycloak for real, and PostgREST with its tokens.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use plattr_api::Environment;
use plattr_api::application::{ClientType, Provider, TableAccess};
use plattr_backends::Login;
use plattr_backends::keycloak::{self, Desired, Error, Server, Settings, TestUser};
use plattr_backends::postgres;
use serde_json::{Value, json};
use tokio_postgres::Config;

use crate::{all_passed, application, variable};

fn user(name: &str) -> TestUser {
    TestUser {
        username: name.into(),
        email: format!("{name}@example.test"),
        first_name: name.into(),
        last_name: "Example".into(),
        password: format!("{name}-password"),
    }
}

fn settings() -> Settings {
    Settings {
        client_secret: Some("client-secret".into()),
        redirect_uris: vec!["http://localhost:3000/*".into(), "http://127.0.0.1:3000/*".into()],
        web_origins: vec!["http://localhost:3000".into()],
        direct_access_grants: true,
        providers: BTreeMap::from([(Provider::Google, ("google-id".into(), "google-secret".into()))]),
        users: vec![user("alice"), user("bob")],
    }
}

fn desired(name: &str, client_type: ClientType) -> Desired {
    let (names, mut spec) = application(name);
    spec.auth.client_type = client_type;
    spec.auth.providers = vec![Provider::Google, Provider::Github];
    Desired::new(&names, Environment::Local, &spec, settings())
}

fn server() -> (Server, String) {
    let url = variable("PLATTR_TEST_KEYCLOAK_URL");
    let service = Login { user: "plattr".into(), password: "localdev".into() };
    (Server::new(reqwest::Client::new(), &url, &service), url)
}

/// The admin API as a person with the console would use it.
struct Console {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Console {
    async fn open(url: &str, realm: &str) -> Self {
        let http = reqwest::Client::new();
        let form = [("grant_type", "client_credentials"), ("client_id", "plattr"), ("client_secret", "localdev")];
        let token = format!("{url}/realms/master/protocol/openid-connect/token");
        let answer: Value = http.post(token).form(&form).send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self { http, url: format!("{url}/admin/realms/{realm}"), token }
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn put(&self, path: &str, body: Value) {
        let request = self.http.put(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        request.send().await.unwrap().error_for_status().unwrap();
    }

    async fn delete(&self, path: &str) {
        let request = self.http.delete(format!("{}{path}", self.url)).bearer_auth(&self.token);
        request.send().await.unwrap().error_for_status().unwrap();
    }
}

#[tokio::test]
async fn a_realm_from_nothing_that_is_repaired() {
    let (server, url) = server();
    let wanted = desired("backends-kc", ClientType::Confidential);
    keycloak::deprovision(&server, &wanted).await.unwrap();
    let lines = async || {
        let changes = keycloak::ensure(&server, &wanted).await.unwrap();
        changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        lines().await,
        [
            "create realm backends-kc",
            "create client backends-kc",
            "create identity provider google",
            "create identity provider github",
            "create user alice",
            "set the password of user alice",
            "create user bob",
            "set the password of user bob",
        ]
    );
    assert_eq!(
        wanted.notes(),
        ["sign-in with github stays disabled unless its client id and secret were given before"]
    );
    let console = Console::open(&url, "backends-kc").await;

    // Zero writes, counted where they would land.
    console.put("", json!({ "adminEventsEnabled": true })).await;
    console.delete("/admin-events").await;
    let started = Instant::now();
    assert!(lines().await.is_empty());
    println!("keycloak: warm ensure {:?}", started.elapsed());
    assert_eq!(console.get("/admin-events").await, json!([]));
    all_passed(&keycloak::verify(&server, &wanted).await.0);

    // What a person changed is repaired, and nothing else is touched.
    let client = console.get("/clients?clientId=backends-kc").await[0].clone();
    let client_path = format!("/clients/{}", client["id"].as_str().unwrap());
    console.put("", json!({ "sslRequired": "none", "displayName": "Mine", "loginTheme": "keycloak" })).await;
    assert_eq!(lines().await, ["set displayName, sslRequired of realm backends-kc"]);
    assert_eq!(console.get("").await["loginTheme"], "keycloak");
    let mut changed = client.clone();
    changed["redirectUris"] = json!(["https://evil.example/*"]);
    changed["secret"] = json!("changed");
    console.put(&client_path, changed).await;
    assert!(keycloak::verify(&server, &wanted).await.0.iter().any(|c| !c.passed));
    assert_eq!(lines().await, ["set redirectUris, secret of client backends-kc"]);
    let mapper = client["protocolMappers"].as_array().unwrap().iter().find(|m| m["name"] == "plattr-role").unwrap();
    console.delete(&format!("{client_path}/protocol-mappers/models/{}", mapper["id"].as_str().unwrap())).await;
    assert!(keycloak::verify(&server, &wanted).await.0.iter().any(|c| c.name == "token" && !c.passed));
    assert_eq!(lines().await, ["create mapper plattr-role"]);
    let alice = console.get("/users?username=alice").await[0].clone();
    let alice_path = format!("/users/{}", alice["id"].as_str().unwrap());
    let password = json!({ "type": "password", "value": "other", "temporary": false });
    console.put(&format!("{alice_path}/reset-password"), password).await;
    assert!(keycloak::verify(&server, &wanted).await.0.iter().any(|c| c.name == "sign-in" && !c.passed));
    assert_eq!(lines().await, ["set the password of user alice"]);
    console.delete(&alice_path).await;
    assert_eq!(lines().await, ["create user alice", "set the password of user alice"]);
    console.delete(&client_path).await;
    assert!(keycloak::verify(&server, &wanted).await.0.iter().any(|c| !c.passed));
    assert_eq!(lines().await, ["create client backends-kc"]);
    console.delete("/identity-provider/instances/google").await;
    assert_eq!(lines().await, ["create identity provider google"]);
    all_passed(&keycloak::verify(&server, &wanted).await.0);

    // New credentials in plattr.yaml.
    let mut changed = wanted.clone();
    changed.settings.users[1].password = "new-password".into();
    changed.providers[1].credentials = Some(("github-id".into(), "github-secret".into()));
    let changes = keycloak::ensure(&server, &changed).await.unwrap();
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["set config, enabled of identity provider github", "set the password of user bob"]);

    // Whoever was removed from plattr.yaml cannot sign in any more.
    let mut fewer = changed.clone();
    fewer.settings.users.truncate(1);
    fewer.providers.truncate(1);
    assert!(keycloak::verify(&server, &fewer).await.0.iter().any(|c| c.name == "removed" && !c.passed));
    let changes = keycloak::ensure(&server, &fewer).await.unwrap();
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["delete identity provider github", "delete user bob", "set attributes of realm backends-kc"]);
    all_passed(&keycloak::verify(&server, &fewer).await.0);
    assert_eq!(console.get("/users?username=bob").await, json!([]));

    let stranger = Desired { owner: "application other in local".into(), ..wanted.clone() };
    assert!(matches!(keycloak::ensure(&server, &stranger).await, Err(Error::NotOurs { .. })));
    keycloak::deprovision(&server, &wanted).await.unwrap();
}

struct PostgRest(Child);

impl Drop for PostgRest {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn two_users_tokens_see_their_own_rows_through_postgrest() {
    let (server, url) = server();
    let http = reqwest::Client::new();
    let auth = desired("backends-rest", ClientType::Public);
    keycloak::ensure(&server, &auth).await.unwrap();
    let (checks, tokens) = keycloak::verify(&server, &auth).await;
    all_passed(&checks);

    let postgres_url = variable("PLATTR_TEST_POSTGRES_URL");
    let admin: Config = postgres_url.parse().unwrap();
    let (names, mut spec) = application("backends-rest");
    spec.database.api.authenticated = TableAccess::None;
    let passwords = postgres::Passwords { app: "a".into(), migrator: "m".into(), authenticator: "r".into() };
    let database = postgres::Desired::new(&names, Environment::Local, &spec, passwords);
    postgres::ensure(&admin, &database).await.unwrap();

    let place = postgres_url.split_once('@').unwrap().1;
    let rest = format!("http://127.0.0.1:{}", variable("PLATTR_TEST_POSTGREST_PORT"));
    let _postgrest = PostgRest(
        Command::new(variable("PLATTR_TEST_POSTGREST"))
            .env("PGRST_DB_URI", format!("postgresql://{}:r@{place}", names.authenticator_role))
            .env("PGRST_DB_SCHEMAS", &names.schema)
            .env("PGRST_DB_ANON_ROLE", &names.anon_role)
            .env("PGRST_DB_CHANNEL", &names.notify_channel)
            .env("PGRST_JWT_SECRET", keycloak::jwks(&http, &url, &names.realm).await.unwrap())
            .env("PGRST_JWT_AUD", &names.client_id)
            .env("PGRST_SERVER_HOST", "127.0.0.1")
            .env("PGRST_SERVER_PORT", variable("PLATTR_TEST_POSTGREST_PORT"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let target = postgres::RestTarget {
        http: &http,
        url: &rest,
        tokens: [&tokens[0], &tokens[1]],
        deadline: Duration::from_secs(15),
    };
    let started = Instant::now();
    all_passed(&postgres::verify_rest(&admin, &database, &target).await);
    println!("postgrest: first verify {:?}", started.elapsed());
    let started = Instant::now();
    all_passed(&postgres::verify_rest(&admin, &database, &target).await);
    println!("postgrest: second verify {:?}", started.elapsed());

    let mut client = postgres::connect(&admin).await.unwrap();
    postgres::deprovision(&mut client, &database).await.unwrap();
    keycloak::deprovision(&server, &auth).await.unwrap();
}
