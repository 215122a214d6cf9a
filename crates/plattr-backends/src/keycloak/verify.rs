//! Signing in as an application's users do.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plattr_api::application::ClientType;
use reqwest::Client;
use serde_json::Value;

use super::plan::deletions;
use super::{Desired, Error, Server, TestUser, observe};
use crate::check::{Check, Checks, random_hex};

const KEYCLOAK: Checks = Checks("keycloak");
const REPAIR: &str = "provision again: `plattr dev` repairs the realm, its client, providers and test users";

/// What Keycloak says to a wrong password, and to whom it does not let in for now.
const REFUSED: &str = "Invalid user credentials";
/// When to try again. Two failures within Keycloak's `quickLoginCheckMilliSeconds`, a second, lock a person out for a minute.
const ACCOUNTED_FOR: Duration = Duration::from_millis(1200);

/// Access tokens of test users, in the order of `Settings::users`.
pub type Tokens = Vec<String>;

async fn get(http: &Client, url: &str) -> Result<String, String> {
    let response = http.get(url).send().await.and_then(reqwest::Response::error_for_status);
    response.map_err(|e| e.to_string())?.text().await.map_err(|e| e.to_string())
}

/// The realm's public keys, as PostgREST takes them.
///
/// # Errors
/// [`Error::Fetch`] when Keycloak does not answer with them.
pub async fn jwks(http: &Client, base_url: &str, realm: &str) -> Result<String, Error> {
    get(http, &format!("{base_url}/realms/{realm}/protocol/openid-connect/certs"))
        .await
        .map_err(|reason| Error::Fetch { what: "the public keys", realm: realm.into(), reason })
}

/// Exchanges a password for an access token, in one try.
async fn password_token(
    http: &Client,
    base_url: &str,
    desired: &Desired,
    username: &str,
    password: &str,
) -> Result<String, Error> {
    let failed = |reason| Error::Fetch { what: "a user's token", realm: desired.realm.clone(), reason };
    let mut form = vec![
        ("grant_type", "password"),
        ("client_id", desired.client_id.as_str()),
        ("username", username),
        ("password", password),
        ("scope", "openid"),
    ];
    if let (ClientType::Confidential, Some(secret)) = (desired.client_type, &desired.settings.client_secret) {
        form.push(("client_secret", secret));
    }
    let url = format!("{base_url}/realms/{}/protocol/openid-connect/token", desired.realm);
    let response = http.post(url).form(&form).send().await.map_err(|e| failed(e.to_string()))?;
    let answer: Value = response.json().await.map_err(|e| failed(e.to_string()))?;
    match answer["access_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(failed(answer["error_description"].as_str().unwrap_or("no token in the answer").to_owned())),
    }
}

/// Exchanges a user's password, which ought to be right, for an access token; works where the client has direct access
/// grants. Keycloak refuses a person while an earlier sign-in of theirs is still being accounted for, which may be after
/// that one was answered (its `DefaultBlockingBruteForceProtector`), so a refusal is followed by other tries.
///
/// # Errors
/// [`Error::Fetch`] with what Keycloak said last.
pub async fn sign_in(http: &Client, base_url: &str, desired: &Desired, user: &TestUser) -> Result<String, Error> {
    let mut tries = 0;
    loop {
        match password_token(http, base_url, desired, &user.username, &user.password).await {
            Err(Error::Fetch { reason, .. }) if reason.contains(REFUSED) && tries < 3 => tries += 1,
            other => return other,
        }
        tokio::time::sleep(ACCOUNTED_FOR).await;
    }
}

/// Whether everybody who was removed from `plattr.yaml`, and every provider, is gone.
async fn removed(server: &Server, desired: &Desired) -> Result<String, String> {
    let observed = observe(server, desired).await.map_err(|e| e.to_string())?;
    let left: Vec<String> = deletions(desired, &observed).iter().map(ToString::to_string).collect();
    if left.is_empty() {
        return Ok("nobody signs in who was removed from plattr.yaml".into());
    }
    Err(format!("what was removed from plattr.yaml is still there: to do: {}", left.join(", ")))
}

/// Reads what an application reads to get started, signs in up to two test users, tries a wrong password, and
/// looks for what was removed. Returns their tokens too, for checks of other services.
pub async fn verify(server: &Server, desired: &Desired) -> (Vec<Check>, Tokens) {
    let (http, base_url) = (&server.http, server.url.as_str());
    let realm = &desired.realm;
    let issuer = format!("{base_url}/realms/{realm}");
    let mut checks = Vec::new();
    let discovery = get(http, &format!("{issuer}/.well-known/openid-configuration")).await;
    let found = discovery.map(|text| serde_json::from_str::<Value>(&text).unwrap_or_default()["issuer"].clone());
    checks.push(match found {
        Ok(found) if found == issuer.as_str() => KEYCLOAK.pass("issuer", format!("the issuer is {issuer}")),
        Ok(found) => KEYCLOAK.fail(
            "issuer",
            format!("the issuer is {found}, not {issuer}"),
            "Keycloak's `hostname` must be the address that applications and browsers use",
        ),
        Err(error) => KEYCLOAK.fail("issuer", error, REPAIR),
    });
    let keys: Value = match jwks(http, base_url, realm).await {
        Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
        Err(error) => {
            checks.push(KEYCLOAK.fail("keys", error.to_string(), REPAIR));
            return (checks, vec![]);
        }
    };
    checks.push(KEYCLOAK.result("removed", removed(server, desired).await, REPAIR));
    let users: Vec<&TestUser> = desired.settings.users.iter().take(2).collect();
    let mut tokens = Tokens::new();
    if !desired.settings.direct_access_grants || users.is_empty() {
        return (checks, tokens);
    }
    for user in &users {
        match sign_in(http, base_url, desired, user).await {
            Ok(token) => tokens.push(token),
            Err(error) => checks.push(KEYCLOAK.fail("sign-in", format!("{}: {error}", user.username), REPAIR)),
        }
    }
    if tokens.len() == users.len() {
        checks.push(KEYCLOAK.pass("sign-in", format!("{} test users sign in", users.len())));
    }
    if let Some(token) = tokens.first() {
        checks.push(KEYCLOAK.result("token", token_fits(token, desired, &issuer, &keys), REPAIR));
    }
    if let Some(user) = users.first() {
        // One try only: brute force protection counts them.
        let wrong = password_token(http, base_url, desired, &user.username, &random_hex(8)).await;
        checks.push(match wrong {
            Err(Error::Fetch { reason, .. }) if reason.contains(REFUSED) => {
                KEYCLOAK.pass("wrong-password", "a wrong password is refused")
            }
            Err(error) => KEYCLOAK.fail("wrong-password", error.to_string(), ""),
            Ok(_) => KEYCLOAK.fail("wrong-password", "a wrong password was accepted", REPAIR),
        });
    }
    (checks, tokens)
}

/// What PostgREST and the application need in a token.
fn token_fits(token: &str, desired: &Desired, issuer: &str, keys: &Value) -> Result<String, String> {
    let part = |n: usize| -> Value {
        let part = token.split('.').nth(n).unwrap_or_default();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    };
    let (header, claims) = (part(0), part(1));
    if claims["iss"] != issuer {
        return Err(format!("the token's issuer is {}", claims["iss"]));
    }
    if claims["role"] != desired.role.as_str() {
        return Err(format!("the token's role is {}, not {}", claims["role"], desired.role));
    }
    let audience = &claims["aud"];
    let for_client = audience.as_str() == Some(&desired.client_id)
        || audience.as_array().is_some_and(|all| all.iter().any(|a| a == desired.client_id.as_str()));
    if !for_client {
        return Err(format!("the token's audience is {audience}, without {}", desired.client_id));
    }
    if claims["sub"].as_str().is_none_or(str::is_empty) {
        return Err("the token has no subject".into());
    }
    let known = keys["keys"].as_array().is_some_and(|all| all.iter().any(|key| key["kid"] == header["kid"]));
    if !known {
        return Err("the key that signed the token is not among the realm's public keys".into());
    }
    Ok(format!("a token has role {}, audience {} and a published key", desired.role, desired.client_id))
}
