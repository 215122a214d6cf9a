//! Using the database as the application does, directly and through PostgREST.

use std::time::{Duration, Instant};

use plattr_api::names::{quote_identifier, quote_literal};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

use super::apply::notify;
use super::{Desired, connect, reason, with_login};
use crate::check::{Check, Checks, is_leftover, temporary_name};

const POSTGRES: Checks = Checks("postgres");
const POSTGREST: Checks = Checks("postgrest");
const PREFIX: &str = "plattr_check_";
const REPAIR: &str = "provision again: `plattr dev` repairs roles and grants";

/// Logs in three times and tries what each login may and may not do, on a table that is dropped afterwards.
/// `server` says where the database is; its login is not used.
pub async fn verify(server: &Config, desired: &Desired) -> Vec<Check> {
    let login = async |login| connect(&with_login(server, login)).await;
    let (migrator, app, authenticator) =
        futures::join!(login(&desired.migrator), login(&desired.app), login(&desired.authenticator));
    let (migrator, app, authenticator) = match (migrator, app, authenticator) {
        (Ok(m), Ok(a), Ok(r)) => (m, a, r),
        (m, a, r) => {
            let errors: Vec<String> =
                [m.err(), a.err(), r.err()].into_iter().flatten().map(|e| e.to_string()).collect();
            return vec![POSTGRES.fail("login", errors.join("; "), REPAIR)];
        }
    };
    let mut checks = vec![POSTGRES.pass("login", "application, migrator and authenticator log in")];
    checks.push(POSTGRES.result("search-path", search_path(desired, [&app, &migrator]).await, REPAIR));

    let table = match check_table(&migrator, desired, "").await {
        Ok(table) => table,
        Err(error) => {
            checks.push(POSTGRES.fail("migrate", error, REPAIR));
            return checks;
        }
    };
    checks.push(POSTGRES.pass("migrate", "the migrator creates a table"));
    checks.push(POSTGRES.result("rows", rows(&app, &table).await, REPAIR));
    let schema = quote_identifier(&desired.schema);
    let ddl = [
        ("create a table", format!("CREATE TABLE {schema}.plattr_denied ()")),
        ("drop a table", format!("DROP TABLE {table}")),
        ("create a schema", "CREATE SCHEMA plattr_denied".into()),
    ];
    checks.push(POSTGRES.result("ddl-denied", denied(&app, &ddl).await, REPAIR));
    let set = format!("SET ROLE {}", quote_identifier(&desired.anon));
    let anon = [("read a table as anon", format!("{set}; SELECT * FROM {table}"))];
    checks.push(POSTGRES.result("anon-denied", denied(&authenticator, &anon).await, REPAIR));
    let _ = authenticator.batch_execute("RESET ROLE").await;
    // Both roles: a SET ROLE that is refused would also make `anon-denied` look right.
    let switch: String = [&desired.anon, &desired.authenticated]
        .map(|role| format!("SET ROLE {}; RESET ROLE;", quote_identifier(role)))
        .concat();
    checks.push(POSTGRES.result(
        "authenticator",
        match authenticator.batch_execute(&switch).await {
            Ok(()) => {
                let own = [
                    ("read a table before switching role", format!("SELECT * FROM {table}")),
                    ("become the migrator", format!("SET ROLE {}", quote_identifier(&desired.migrator.user))),
                ];
                denied(&authenticator, &own).await
            }
            Err(error) => Err(reason(&error)),
        },
        REPAIR,
    ));
    if let Err(error) = migrator.batch_execute(&format!("DROP TABLE IF EXISTS {table}")).await {
        checks.push(POSTGRES.fail("clean-up", reason(&error), ""));
    }
    checks
}

/// Makes a table as migrations do, with `extra` SQL in which `%T` is its name; removes those that killed runs
/// left. Returns its quoted name.
async fn check_table(migrator: &Client, desired: &Desired, extra: &str) -> Result<String, String> {
    let found = migrator
        .query("SELECT tablename::text FROM pg_tables WHERE schemaname = $1", &[&desired.schema])
        .await
        .map_err(|e| reason(&e))?;
    let schema = quote_identifier(&desired.schema);
    let mut sql = String::new();
    for row in found {
        let name: String = row.get(0);
        if is_leftover(&name, PREFIX, '_') {
            sql.push_str(&format!("DROP TABLE IF EXISTS {schema}.{};", quote_identifier(&name)));
        }
    }
    let table = format!("{schema}.{}", quote_identifier(&temporary_name(PREFIX, '_')));
    sql.push_str(&format!("CREATE TABLE {table} (id serial PRIMARY KEY, owner text, note text);"));
    sql.push_str(&extra.replace("%T", &table));
    migrator.batch_execute(&sql).await.map_err(|e| reason(&e))?;
    Ok(table)
}

async fn rows(app: &Client, table: &str) -> Result<String, String> {
    let run = async {
        app.execute(&format!("INSERT INTO {table} (note) VALUES ('one')"), &[]).await?;
        app.execute(&format!("UPDATE {table} SET note = 'two'"), &[]).await?;
        let note: String = app.query_one(&format!("SELECT note FROM {table}"), &[]).await?.get(0);
        app.execute(&format!("DELETE FROM {table}"), &[]).await?;
        Ok::<_, tokio_postgres::Error>(note)
    };
    match run.await {
        Ok(note) if note == "two" => Ok("the application inserts, updates, selects and deletes".into()),
        Ok(note) => Err(format!("wrote `two`, read `{note}`")),
        Err(error) => Err(format!("the application cannot use a table of the migrator: {}", reason(&error))),
    }
}

/// Tries statements of which each must fail for lack of a privilege.
async fn denied(client: &Client, statements: &[(&str, String)]) -> Result<String, String> {
    for (what, sql) in statements {
        // In a transaction that is rolled back, so that a statement that wrongly succeeds leaves nothing.
        let result = client.batch_execute(&format!("BEGIN; {sql}")).await;
        let _ = client.batch_execute("ROLLBACK").await;
        match result {
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {}
            Err(error) => return Err(format!("could not try to {what}: {}", reason(&error))),
            Ok(()) => return Err(format!("could {what}, which must be denied")),
        }
    }
    let what: Vec<&str> = statements.iter().map(|(what, _)| *what).collect();
    Ok(format!("denied: {}", what.join(", ")))
}

/// The schema is where names without one are looked up (C-04).
async fn search_path(desired: &Desired, logins: [&Client; 2]) -> Result<String, String> {
    for client in logins {
        let row = client.query_one("SELECT current_schema()", &[]).await.map_err(|e| reason(&e))?;
        let found: Option<String> = row.get(0);
        if found.as_ref() != Some(&desired.schema) {
            let found = found.unwrap_or_else(|| "none".into());
            return Err(format!("names are looked up in schema {found}, not in {}", desired.schema));
        }
    }
    Ok(format!("names are looked up in schema {}", desired.schema))
}

/// Where PostgREST is, and two users' access tokens.
pub struct RestTarget<'a> {
    /// Client.
    pub http: &'a reqwest::Client,
    /// Base URL, without a slash at the end.
    pub url: &'a str,
    /// Access tokens of two different users of the application's realm.
    pub tokens: [&'a str; 2],
    /// How long PostgREST may take to see a new table.
    pub deadline: Duration,
}

/// Row-level security through PostgREST with real tokens: each user sees only their own rows, anonymous
/// requests see none, and a forged token is refused. `server` says where the database is.
pub async fn verify_rest(server: &Config, desired: &Desired, rest: &RestTarget<'_>) -> Vec<Check> {
    let migrator = match connect(&with_login(server, &desired.migrator)).await {
        Ok(client) => client,
        Err(error) => return vec![POSTGREST.fail("login", error.to_string(), REPAIR)],
    };
    let subject = "current_setting('request.jwt.claims', true)::json->>'sub'";
    let extra = format!(
        "ALTER TABLE %T ALTER owner SET DEFAULT {subject}; ALTER TABLE %T ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON %T USING (owner = {subject}) WITH CHECK (owner = {subject});
         GRANT SELECT, INSERT ON %T TO {role};
         DO $check$ BEGIN EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', pg_get_serial_sequence({literal}, 'id'), {role_literal}); END $check$;",
        role = quote_identifier(&desired.authenticated),
        literal = "'%T'",
        role_literal = quote_literal(&desired.authenticated),
    );
    let table = match check_table(&migrator, desired, &extra).await {
        Ok(table) => table,
        Err(error) => return vec![POSTGREST.fail("check-table", error, REPAIR)],
    };
    let checks = rest_checks(&migrator, desired, rest, &table).await;
    let _ = migrator.batch_execute(&format!("DROP TABLE IF EXISTS {table}")).await;
    // PostgREST forgets the table again; a failure here is no failure of the application's.
    let _ = notify(&migrator, &desired.notify_channel).await;
    checks
}

async fn rest_checks(migrator: &Client, desired: &Desired, rest: &RestTarget<'_>, table: &str) -> Vec<Check> {
    let name = table.rsplit('.').next().unwrap_or_default().trim_matches('"');
    let url = format!("{}/{name}", rest.url);
    let get = async |token: Option<&str>| request(rest.http, Method::GET, &url, token, None).await;

    let started = Instant::now();
    let mut seen = Err("was not asked".to_owned());
    while started.elapsed() < rest.deadline {
        // Again in every round: PostgREST loses a notification while it reconnects.
        if let Err(error) = notify(migrator, &desired.notify_channel).await {
            return vec![POSTGREST.fail("reload", error.to_string(), REPAIR)];
        }
        for _ in 0..10 {
            // OPTIONS asks PostgREST's cache. A GET would not: it is answered for any table of the database.
            seen = request(rest.http, Method::OPTIONS, &url, Some(rest.tokens[0]), None).await;
            if !not_yet(&seen) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        if !not_yet(&seen) {
            break;
        }
    }
    let hint = "check that PostgREST runs with this database, its JWT secret is the realm's JWKS and \
                `db-channel` is the application's";
    match &seen {
        Ok((StatusCode::OK, _)) => {}
        Ok((status, body)) => {
            let name = if not_yet(&seen) { "reload" } else { "token" };
            return vec![POSTGREST.fail(name, format!("a request with a user's token got {status}: {body}"), hint)];
        }
        Err(error) => return vec![POSTGREST.fail("reload", error.clone(), hint)],
    }
    let mut checks =
        vec![POSTGREST.pass("reload", format!("a new table is served after {} ms", started.elapsed().as_millis()))];
    checks.push(POSTGREST.result("rls", row_level_security(rest, &url).await, hint));
    checks.push(match get(None).await {
        Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => {
            POSTGREST.pass("anon-denied", "a request without a token is refused")
        }
        Ok((StatusCode::OK, body)) if body == json!([]) => {
            POSTGREST.pass("anon-denied", "a request without a token sees no rows")
        }
        Ok((status, body)) => POSTGREST.fail("anon-denied", format!("without a token: {status}: {body}"), REPAIR),
        Err(error) => POSTGREST.fail("anon-denied", error, ""),
    });
    checks.push(match get(Some(&forge(rest.tokens))).await {
        Ok((StatusCode::UNAUTHORIZED, _)) => POSTGREST.pass("forged-token", "a forged token is refused"),
        Ok((status, _)) => POSTGREST.fail("forged-token", format!("a forged token got {status}, not 401"), hint),
        Err(error) => POSTGREST.fail("forged-token", error, ""),
    });
    checks
}

/// Whether PostgREST may still give another answer: it is not up, has not read the schema, or has not read it
/// again.
fn not_yet(seen: &Result<(StatusCode, Value), String>) -> bool {
    matches!(seen, Ok((StatusCode::NOT_FOUND | StatusCode::SERVICE_UNAVAILABLE, _)) | Err(_))
}

async fn row_level_security(rest: &RestTarget<'_>, url: &str) -> Result<String, String> {
    for (token, note) in rest.tokens.iter().zip(["first", "second"]) {
        let (status, body) = request(rest.http, Method::POST, url, Some(token), Some(json!({ "note": note }))).await?;
        if status != StatusCode::CREATED {
            return Err(format!("the {note} user could not insert a row: {status}: {body}"));
        }
    }
    for (token, note) in rest.tokens.iter().zip(["first", "second"]) {
        let (status, body) = request(rest.http, Method::GET, url, Some(token), None).await?;
        let notes: Vec<&Value> =
            body.as_array().map(|rows| rows.iter().map(|row| &row["note"]).collect()).unwrap_or_default();
        if status != StatusCode::OK || notes != [&json!(note)] {
            return Err(format!("the {note} user should see one row of their own, and got {status}: {body}"));
        }
    }
    Ok("each of two users sees only their own row".into())
}

/// The first user's token with the second one's claims: well-formed, with a signature that does not fit.
fn forge(tokens: [&str; 2]) -> String {
    let part = |token: &str, n: usize| token.split('.').nth(n).unwrap_or_default().to_owned();
    format!("{}.{}.{}", part(tokens[0], 0), part(tokens[1], 1), part(tokens[0], 2))
}

async fn request(
    http: &reqwest::Client,
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<Value>,
) -> Result<(StatusCode, Value), String> {
    let mut request = http.request(method, url).timeout(Duration::from_secs(10));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.map_err(|e| format!("{url} does not answer: {e}"))?;
    let status = response.status();
    let text = response.text().await.map_err(|e| e.to_string())?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}
