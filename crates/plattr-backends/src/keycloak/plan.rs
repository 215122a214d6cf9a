//! What has to change; pure.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use keycloak::types::{
    ClientRepresentation, CredentialRepresentation, IdentityProviderRepresentation, ProtocolMapperRepresentation,
    RealmRepresentation, UserRepresentation,
};
use plattr_api::application::ClientType;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Desired, Observed, ProviderConfig, TestUser};
use crate::check::hex;

/// What will be sent. It may hold a secret, so it does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload<T>(pub(super) Box<T>);

impl<T> fmt::Debug for Payload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Create the realm.
    CreateRealm(Payload<RealmRepresentation>),
    /// Set fields of the realm.
    UpdateRealm(Vec<String>, Payload<RealmRepresentation>),
    /// Create the client with its mappers.
    CreateClient(Payload<ClientRepresentation>),
    /// Set fields of the client.
    UpdateClient(Vec<String>, Payload<ClientRepresentation>),
    /// Create a mapper of the client.
    CreateMapper(Payload<ProtocolMapperRepresentation>),
    /// Set fields of a mapper.
    UpdateMapper(Payload<ProtocolMapperRepresentation>),
    /// Create an identity provider.
    CreateProvider(Payload<IdentityProviderRepresentation>),
    /// Set fields of an identity provider.
    UpdateProvider(Vec<String>, Payload<IdentityProviderRepresentation>),
    /// Delete an identity provider that plattr made and that is not wanted any more.
    DeleteProvider {
        /// Alias.
        alias: String,
    },
    /// Create a test user, without a password.
    CreateUser(Payload<UserRepresentation>),
    /// Set fields of a test user.
    UpdateUser(Vec<String>, Payload<UserRepresentation>),
    /// Set the password of a test user.
    SetPassword {
        /// User.
        username: String,
    },
    /// Delete a test user that plattr made and that is not wanted any more.
    DeleteUser {
        /// User.
        username: String,
        /// Keycloak's id of the user.
        id: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        match self {
            Self::CreateRealm(to) => write!(f, "create realm {}", name(&to.0.realm)),
            Self::UpdateRealm(fields, to) => write!(f, "set {} of realm {}", fields.join(", "), name(&to.0.realm)),
            Self::CreateClient(to) => write!(f, "create client {}", name(&to.0.client_id)),
            Self::UpdateClient(fields, to) => {
                write!(f, "set {} of client {}", fields.join(", "), name(&to.0.client_id))
            }
            Self::CreateMapper(to) => write!(f, "create mapper {}", name(&to.0.name)),
            Self::UpdateMapper(to) => write!(f, "set mapper {}", name(&to.0.name)),
            Self::CreateProvider(to) => write!(f, "create identity provider {}", name(&to.0.alias)),
            Self::UpdateProvider(fields, to) => {
                write!(f, "set {} of identity provider {}", fields.join(", "), name(&to.0.alias))
            }
            Self::CreateUser(to) => write!(f, "create user {}", name(&to.0.username)),
            Self::UpdateUser(fields, to) => write!(f, "set {} of user {}", fields.join(", "), name(&to.0.username)),
            Self::SetPassword { username } => write!(f, "set the password of user {username}"),
            Self::DeleteProvider { alias } => write!(f, "delete identity provider {alias}"),
            Self::DeleteUser { username, .. } => write!(f, "delete user {username}"),
        }
    }
}

/// Attribute of a realm that names its owner.
pub(super) const OWNER_ATTRIBUTE: &str = "plattr.owner";
/// Attribute of a realm with the names of the test users that plattr made, as a JSON list. Not an attribute of
/// the users themselves: Keycloak drops those that the realm's user profile does not declare.
const USERS_ATTRIBUTE: &str = "plattr.users";
/// Field of a provider's configuration with the fingerprint of its secret; only plattr's providers have it.
const FINGERPRINT: &str = "plattrFingerprint";

/// What makes `observed` as `desired`; empty when it is.
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Change> {
    // First of all: updating the realm forgets who was made earlier.
    let mut changes = deletions(desired, observed);
    match &observed.realm {
        None => {
            let attributes = HashMap::from([(OWNER_ATTRIBUTE.to_owned(), desired.owner.clone())]);
            let new = RealmRepresentation { attributes: Some(attributes), ..RealmRepresentation::default() };
            changes.push(Change::CreateRealm(payload(realm(desired, new))));
        }
        Some(found) => {
            let to = realm(desired, found.clone());
            changes.extend(differing(found, &to).map(|fields| Change::UpdateRealm(fields, payload(to))));
        }
    }
    match &observed.client {
        None => {
            let mut to = client(desired, ClientRepresentation::default());
            to.protocol_mappers = Some(mappers(desired).into());
            changes.push(Change::CreateClient(payload(to)));
        }
        Some(found) => {
            let to = client(desired, found.clone());
            changes.extend(differing(found, &to).map(|fields| Change::UpdateClient(fields, payload(to))));
            changes.extend(mapper_changes(desired, found));
        }
    }
    for config in &desired.providers {
        match observed.providers.get(config.provider.alias()) {
            None => changes.push(Change::CreateProvider(payload(provider(config, Default::default())))),
            // Another project's run does not know the credentials, which are never written to disk.
            Some(_) if config.credentials.is_none() => {}
            Some(found) => {
                let to = provider(config, found.clone());
                changes.extend(differing(found, &to).map(|fields| Change::UpdateProvider(fields, payload(to))));
            }
        }
    }
    for wanted in &desired.settings.users {
        let found = observed.users.get(&wanted.username);
        match found {
            None => changes.push(Change::CreateUser(payload(user(wanted, Default::default())))),
            Some((found, _)) => {
                let to = user(wanted, found.clone());
                changes.extend(differing(found, &to).map(|fields| Change::UpdateUser(fields, payload(to))));
            }
        }
        let credential = found.and_then(|(_, credential)| credential.as_ref());
        if !credential.is_some_and(|c| c.user_label.is_some() && c.user_label == label(c, &wanted.password)) {
            changes.push(Change::SetPassword { username: wanted.username.clone() });
        }
    }
    changes
}

/// What deletes the providers and test users that plattr made and that are not wanted any more.
pub(super) fn deletions(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let mut changes = Vec::new();
    for (alias, found) in &observed.providers {
        let ours = found.config.as_ref().is_some_and(|config| config.contains_key(FINGERPRINT));
        if ours && !desired.providers.iter().any(|wanted| wanted.provider.alias() == alias) {
            changes.push(Change::DeleteProvider { alias: alias.clone() });
        }
    }
    let made = observed.realm.as_ref().map(made_users).unwrap_or_default();
    for username in made.difference(&wanted_users(desired)) {
        if let Some((UserRepresentation { id: Some(id), .. }, _)) = observed.users.get(username) {
            changes.push(Change::DeleteUser { username: username.clone(), id: id.clone() });
        }
    }
    changes
}

/// Names of the test users that plattr made, in lower case as Keycloak keeps them.
pub(super) fn made_users(realm: &RealmRepresentation) -> BTreeSet<String> {
    let recorded = realm.attributes.as_ref().and_then(|a| a.get(USERS_ATTRIBUTE));
    recorded.and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default()
}

/// Names of the test users that are wanted, in lower case as Keycloak keeps them.
pub(super) fn wanted_users(desired: &Desired) -> BTreeSet<String> {
    desired.settings.users.iter().map(|user| user.username.to_lowercase()).collect()
}

fn payload<T>(to: T) -> Payload<T> {
    Payload(Box::new(to))
}

/// Names of the fields that differ; `None` when none do.
fn differing<T: Serialize>(found: &T, wanted: &T) -> Option<Vec<String>> {
    let object = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (found, wanted) = (object(found), object(wanted));
    let fields: Vec<String> =
        wanted.iter().filter(|(name, v)| found.get(*name) != Some(v)).map(|(n, _)| n.clone()).collect();
    (!fields.is_empty()).then_some(fields)
}

fn realm(desired: &Desired, mut to: RealmRepresentation) -> RealmRepresentation {
    to.realm = Some(desired.realm.clone());
    to.enabled = Some(true);
    to.display_name = Some(desired.display_name.clone());
    // Plain HTTP from private addresses only: loopback and the cluster.
    to.ssl_required = Some("external".into());
    to.brute_force_protected = Some(true);
    let users = wanted_users(desired);
    if made_users(&to) != users {
        let list = serde_json::json!(users).to_string();
        to.attributes.get_or_insert_default().insert(USERS_ATTRIBUTE.into(), list);
    }
    to
}

/// `to` where it holds the same values in another order.
fn set(found: Option<Vec<String>>, wanted: &[String]) -> Option<Vec<String>> {
    let same = found.as_ref().is_some_and(|f| f.iter().collect::<BTreeSet<_>>() == wanted.iter().collect());
    if same { found } else { Some(wanted.to_vec()) }
}

fn client(desired: &Desired, mut to: ClientRepresentation) -> ClientRepresentation {
    let settings = &desired.settings;
    let confidential = desired.client_type == ClientType::Confidential;
    to.client_id = Some(desired.client_id.clone());
    to.enabled = Some(true);
    to.protocol = Some("openid-connect".into());
    to.public_client = Some(!confidential);
    to.standard_flow_enabled = Some(true);
    to.implicit_flow_enabled = Some(false);
    to.service_accounts_enabled = Some(false);
    to.direct_access_grants_enabled = Some(settings.direct_access_grants);
    to.redirect_uris = set(to.redirect_uris.take(), &settings.redirect_uris);
    to.web_origins = set(to.web_origins.take(), &settings.web_origins);
    if confidential && let Some(secret) = &settings.client_secret {
        to.secret = Some(secret.clone());
    }
    let attributes = to.attributes.get_or_insert_default();
    attributes.insert("pkce.code.challenge.method".into(), "S256".into());
    // After signing out, people may be sent to where they may be sent after signing in.
    attributes.insert("post.logout.redirect.uris".into(), "+".into());
    to
}

fn mappers(desired: &Desired) -> [ProtocolMapperRepresentation; 2] {
    let mapper = |name: &str, kind: &str, config: &[(&str, &str)]| ProtocolMapperRepresentation {
        name: Some(name.into()),
        protocol: Some("openid-connect".into()),
        protocol_mapper: Some(kind.into()),
        config: Some(config.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
        ..Default::default()
    };
    [
        // PostgREST becomes the role that this claim names.
        mapper(
            "plattr-role",
            "oidc-hardcoded-claim-mapper",
            &[
                ("claim.name", "role"),
                ("claim.value", &desired.role),
                ("jsonType.label", "String"),
                ("access.token.claim", "true"),
                ("id.token.claim", "false"),
                ("userinfo.token.claim", "false"),
            ],
        ),
        mapper(
            "plattr-audience",
            "oidc-audience-mapper",
            &[
                ("included.client.audience", &desired.client_id),
                ("access.token.claim", "true"),
                ("id.token.claim", "false"),
            ],
        ),
    ]
}

fn mapper_changes(desired: &Desired, client: &ClientRepresentation) -> Vec<Change> {
    let mut changes = Vec::new();
    for wanted in mappers(desired) {
        let found = client.protocol_mappers.iter().flatten().find(|m| m.name == wanted.name);
        let Some(found) = found else {
            changes.push(Change::CreateMapper(payload(wanted)));
            continue;
        };
        let mut to = found.clone();
        to.protocol_mapper = wanted.protocol_mapper;
        to.config.get_or_insert_default().extend(wanted.config.into_iter().flatten());
        if to != *found {
            changes.push(Change::UpdateMapper(payload(to)));
        }
    }
    changes
}

fn provider(wanted: &ProviderConfig, mut to: IdentityProviderRepresentation) -> IdentityProviderRepresentation {
    let alias = wanted.provider.alias();
    to.alias = Some(alias.into());
    to.provider_id = Some(alias.into());
    to.enabled = Some(wanted.credentials.is_some());
    let config = to.config.get_or_insert_default();
    // Keycloak refuses a provider without an id, even a disabled one.
    let (id, secret) = wanted.credentials.clone().unwrap_or_else(|| ("not-given".into(), "not-given".into()));
    let fingerprint = hex(&Sha256::digest(secret.as_bytes())[..8]);
    config.insert("clientId".into(), id);
    if config.get(FINGERPRINT) != Some(&fingerprint) {
        config.insert("clientSecret".into(), secret);
        config.insert(FINGERPRINT.into(), fingerprint);
    }
    to
}

fn user(wanted: &TestUser, mut to: UserRepresentation) -> UserRepresentation {
    to.username = Some(wanted.username.clone());
    to.email = Some(wanted.email.clone());
    to.email_verified = Some(true);
    to.first_name = Some(wanted.first_name.clone());
    to.last_name = Some(wanted.last_name.clone());
    to.enabled = Some(true);
    to.required_actions = Some(vec![]);
    to
}

/// The label of a credential whose password plattr set. Four bytes of hash tell a changed `plattr.yaml` from an
/// unchanged one and tell a reader of the label next to nothing.
pub(super) fn label(credential: &CredentialRepresentation, password: &str) -> Option<String> {
    let (id, created) = (credential.id.as_ref()?, credential.created_date?);
    let digest = Sha256::digest(format!("{id}\0{password}").as_bytes());
    Some(format!("plattr {created} {}", hex(&digest[..4])))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use plattr_api::application::Provider;

    use super::super::Settings;
    use super::*;

    fn desired() -> Desired {
        Desired {
            owner: "application todo in local".into(),
            realm: "todo".into(),
            display_name: "todo".into(),
            client_id: "todo".into(),
            client_type: ClientType::Confidential,
            role: "todo_authenticated".into(),
            providers: vec![
                ProviderConfig { provider: Provider::Google, credentials: Some(("id".into(), "secret".into())) },
                ProviderConfig { provider: Provider::Github, credentials: None },
            ],
            settings: Settings {
                client_secret: Some("client-secret".into()),
                redirect_uris: vec!["http://localhost:3000/*".into(), "http://127.0.0.1:3000/*".into()],
                web_origins: vec!["http://localhost:3000".into()],
                direct_access_grants: true,
                providers: BTreeMap::new(),
                users: vec![TestUser {
                    username: "alice".into(),
                    email: "alice@example.test".into(),
                    first_name: "Alice".into(),
                    last_name: "Example".into(),
                    password: "password".into(),
                }],
            },
        }
    }

    fn credential() -> CredentialRepresentation {
        let mut credential =
            CredentialRepresentation { id: Some("c".into()), created_date: Some(1), ..Default::default() };
        credential.user_label = label(&credential, "password");
        credential
    }

    /// What Keycloak has after the whole plan was done.
    fn complete() -> Observed {
        let mut observed = Observed::default();
        for change in plan(&desired(), &Observed::default()) {
            match change {
                Change::CreateRealm(to) => observed.realm = Some(*to.0),
                Change::CreateClient(to) => observed.client = Some(*to.0),
                Change::CreateProvider(mut to) => {
                    // As Keycloak shows it.
                    to.0.config.get_or_insert_default().insert("clientSecret".into(), "**********".into());
                    observed.providers.insert(to.0.alias.clone().unwrap(), *to.0);
                }
                Change::CreateUser(to) => {
                    observed.users.insert("alice".into(), (*to.0, Some(credential())));
                }
                _ => {}
            }
        }
        observed
    }

    fn lines(desired: &Desired, observed: &Observed) -> Vec<String> {
        plan(desired, observed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_there_means_everything_to_do() {
        insta::assert_snapshot!(lines(&desired(), &Observed::default()).join("\n"));
    }

    #[test]
    fn everything_there_means_nothing_to_do() {
        assert!(lines(&desired(), &complete()).is_empty());
    }

    #[test]
    fn each_difference_is_one_change() {
        let after = |change: fn(&mut Observed)| {
            let mut observed = complete();
            change(&mut observed);
            lines(&desired(), &observed)
        };
        assert_eq!(after(|o| o.client = None), ["create client todo"]);
        assert_eq!(after(|o| drop(o.providers.remove("google"))), ["create identity provider google"]);
        assert_eq!(
            after(|o| o.realm.as_mut().unwrap().ssl_required = Some("none".into())),
            ["set sslRequired of realm todo"]
        );
        assert_eq!(
            after(|o| o.client.as_mut().unwrap().redirect_uris = Some(vec!["*".into()])),
            ["set redirectUris of client todo"]
        );
        assert_eq!(
            after(|o| o.client.as_mut().unwrap().protocol_mappers = Some(vec![])),
            ["create mapper plattr-role", "create mapper plattr-audience"]
        );
        assert_eq!(after(|o| o.users.clear()), ["create user alice", "set the password of user alice"]);
        let password = ["set the password of user alice"];
        assert_eq!(after(|o| o.users.get_mut("alice").unwrap().1 = None), password);
        // A person changed it: Keycloak gives the credential a new time and no label.
        assert_eq!(after(|o| o.users.get_mut("alice").unwrap().1.as_mut().unwrap().created_date = Some(2)), password);
    }

    #[test]
    fn who_was_removed_can_not_sign_in_any_more() {
        let mut observed = complete();
        observed.users.get_mut("alice").unwrap().0.id = Some("1".into());
        // Somebody's own, which plattr did not make.
        let own = IdentityProviderRepresentation { alias: Some("own".into()), ..Default::default() };
        observed.providers.insert("own".into(), own);
        assert!(lines(&desired(), &observed).is_empty());
        let mut fewer = desired();
        fewer.settings.users.clear();
        fewer.providers.remove(0);
        let wanted = ["delete identity provider google", "delete user alice", "set attributes of realm todo"];
        assert_eq!(lines(&fewer, &observed), wanted);
        // A run that was killed after the deletions.
        observed.users.clear();
        observed.providers.remove("google");
        assert_eq!(lines(&fewer, &observed), ["set attributes of realm todo"]);
        let [Change::UpdateRealm(_, to)] = &plan(&fewer, &observed)[..] else { panic!("one change") };
        assert_eq!(to.0.attributes.as_ref().unwrap()[OWNER_ATTRIBUTE], fewer.owner);
        observed.realm = Some((*to.0).clone());
        assert!(lines(&fewer, &observed).is_empty());
    }

    #[test]
    fn a_user_that_plattr_did_not_make_is_kept() {
        let mut observed = complete();
        let bob = UserRepresentation { id: Some("2".into()), ..Default::default() };
        observed.users.insert("bob".into(), (bob, None));
        assert!(lines(&desired(), &observed).is_empty());
    }

    #[test]
    fn another_case_of_a_name_is_the_same_user() {
        let mut wanted = desired();
        wanted.settings.users[0].username = "Alice".into();
        assert_eq!(wanted_users(&wanted), made_users(complete().realm.as_ref().unwrap()));
        assert!(deletions(&wanted, &complete()).is_empty());
    }

    #[test]
    fn the_order_of_redirect_uris_means_nothing() {
        let mut observed = complete();
        observed.client.as_mut().unwrap().redirect_uris.as_mut().unwrap().reverse();
        assert!(lines(&desired(), &observed).is_empty());
    }

    #[test]
    fn what_plattr_does_not_manage_is_kept() {
        let mut observed = complete();
        observed.realm.as_mut().unwrap().login_theme = Some("mine".into());
        assert!(lines(&desired(), &observed).is_empty());
        observed.realm.as_mut().unwrap().display_name = Some("Mine".into());
        let [Change::UpdateRealm(_, to)] = &plan(&desired(), &observed)[..] else { panic!("one change") };
        assert_eq!(to.0.login_theme.as_deref(), Some("mine"));
    }

    #[test]
    fn a_new_secret_is_noticed_although_keycloak_hides_the_old_one() {
        let mut wanted = desired();
        wanted.providers[0].credentials = Some(("id".into(), "another".into()));
        assert_eq!(lines(&wanted, &complete()), ["set config of identity provider google"]);
        wanted = desired();
        wanted.settings.users[0].password = "another".into();
        assert_eq!(lines(&wanted, &complete()), ["set the password of user alice"]);
    }

    #[test]
    fn without_credentials_an_existing_provider_is_left_alone() {
        let mut unknowing = desired();
        unknowing.providers[0].credentials = None;
        assert!(lines(&unknowing, &complete()).is_empty());
        let mut observed = complete();
        observed.providers.remove("google");
        let [Change::CreateProvider(to)] = &plan(&unknowing, &observed)[..] else { panic!("one change") };
        assert_eq!(to.0.enabled, Some(false));
    }

    #[test]
    fn a_provider_that_was_made_without_credentials_is_enabled_with_them() {
        let mut wanted = desired();
        wanted.providers[1].credentials = Some(("id".into(), "secret".into()));
        assert_eq!(lines(&wanted, &complete()), ["set config, enabled of identity provider github"]);
    }

    #[test]
    fn a_change_shows_no_secret() {
        let shown = format!("{:?}", plan(&desired(), &Observed::default()));
        for secret in ["client-secret", "password\"", "\"secret\""] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
