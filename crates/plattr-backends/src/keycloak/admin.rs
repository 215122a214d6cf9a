//! Talking to Keycloak's admin API.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use keycloak::types::{CredentialRepresentation, UserRepresentation};
use keycloak::{
    KeycloakAdmin, KeycloakError, KeycloakServiceAccountAdminTokenRetriever as Retriever, KeycloakTokenSupplier,
};
use tokio::sync::Mutex;

use super::plan::{OWNER_ATTRIBUTE, label, made_users, wanted_users};
use super::{Change, Desired, Error, Observed, reason};
use crate::Login;

/// Where Keycloak is, and the service account that administers it.
pub struct Server {
    pub(super) http: reqwest::Client,
    pub(super) url: String,
    tokens: Tokens,
    admin: KeycloakAdmin<Tokens>,
}

/// A token that is asked for once and then kept for nearly as long as it is valid.
#[derive(Clone)]
struct Tokens {
    retriever: Retriever,
    cached: std::sync::Arc<Mutex<Option<(String, Instant)>>>,
}

#[async_trait]
impl KeycloakTokenSupplier for Tokens {
    async fn get(&self, url: &str) -> Result<String, KeycloakError> {
        let mut cached = self.cached.lock().await;
        if let Some((token, until)) = &*cached
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let fresh = self.retriever.acquire(url).await?;
        // Leave a request the time to arrive.
        let valid = Duration::from_secs(fresh.expires_in() as u64).saturating_sub(Duration::from_secs(10));
        let token = fresh.access_token().to_owned();
        *cached = Some((token.clone(), Instant::now() + valid));
        Ok(token)
    }
}

impl Server {
    /// `url` has no slash at the end; `service` is the id and the secret of a client of the realm `master` whose
    /// service account may create realms.
    pub fn new(http: reqwest::Client, url: impl Into<String>, service: &Login) -> Self {
        let url = url.into();
        let retriever = Retriever::create(&service.user, &service.password, http.clone());
        let tokens = Tokens { retriever, cached: Default::default() };
        let admin = KeycloakAdmin::new(&url, tokens.clone(), http.clone());
        Self { http, url, tokens, admin }
    }

    async fn user(&self, realm: &str, username: &str) -> Result<Option<UserRepresentation>, KeycloakError> {
        let username = Some(username.to_lowercase());
        let found = self
            .admin
            .realm_users_get(
                realm,
                None,
                None,
                None,
                None,
                None,
                None,
                Some(true),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                username,
            )
            .await?;
        Ok(found.into_iter().next())
    }

    async fn password(&self, realm: &str, user: &str) -> Result<Option<CredentialRepresentation>, KeycloakError> {
        let credentials = self.admin.realm_users_with_user_id_credentials_get(realm, user).await?;
        Ok(credentials.into_iter().find(|c| c.type_.as_deref() == Some("password")))
    }

    async fn client_uuid(&self, desired: &Desired) -> Result<String, String> {
        let id = Some(desired.client_id.clone());
        let found = self.admin.realm_clients_get(&desired.realm, id, None, None, None, None, None).await;
        let found = found.map_err(|e| reason(&e))?;
        found.into_iter().find_map(|c| c.id).ok_or_else(|| format!("there is no client {}", desired.client_id))
    }
}

/// Reads the realm with what plattr manages in it. Logs in nobody but the service account.
///
/// # Errors
/// [`Error::NotOurs`] when the realm belongs to someone else.
pub async fn observe(server: &Server, desired: &Desired) -> Result<Observed, Error> {
    let realm = desired.realm.as_str();
    let failed = |what| move |e: KeycloakError| Error::Observe { what, realm: realm.to_owned(), reason: reason(&e) };
    let found = match server.admin.realm_get(realm).await {
        Ok(found) => found,
        Err(KeycloakError::HttpFailure { status: 404, .. }) => return Ok(Observed::default()),
        Err(error) => return Err(failed("the settings")(error)),
    };
    let owner = found.attributes.as_ref().and_then(|a| a.get(OWNER_ATTRIBUTE));
    if owner != Some(&desired.owner) {
        let found = owner.map_or("it has no owner".into(), |o| format!("it belongs to `{o}`"));
        return Err(Error::NotOurs { realm: realm.to_owned(), found, expected: desired.owner.clone() });
    }

    let wanted = desired.settings.users.iter().map(|user| user.username.clone());
    let former: Vec<String> = made_users(&found).difference(&wanted_users(desired)).cloned().collect();
    let users = wanted.chain(former).map(async |username: String| {
        let Some(user) = server.user(realm, &username).await? else { return Ok(None) };
        let credential = match &user.id {
            Some(id) => server.password(realm, id).await?,
            None => None,
        };
        Ok(Some((username, (user, credential))))
    });
    let id = Some(desired.client_id.clone());
    let (clients, providers, users) = futures::join!(
        server.admin.realm_clients_get(realm, id, None, None, None, None, None),
        server.admin.realm_identity_provider_instances_get(realm, None, None, None, None, None, None, None),
        futures::future::try_join_all(users),
    );
    let providers = providers.map_err(failed("the identity providers"))?;
    Ok(Observed {
        realm: Some(found),
        client: clients.map_err(failed("the client"))?.into_iter().next(),
        providers: providers.into_iter().filter_map(|p| Some((p.alias.clone()?, p))).collect(),
        users: users.map_err(failed("the users"))?.into_iter().flatten().collect::<BTreeMap<_, _>>(),
    })
}

/// Does `changes`.
///
/// # Errors
/// The change that was refused.
pub async fn apply(server: &Server, desired: &Desired, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        tracing::debug!(%change, "Keycloak");
        apply_one(server, desired, change).await.map_err(|reason| Error::Apply { what: change.to_string(), reason })?;
    }
    Ok(())
}

async fn apply_one(server: &Server, desired: &Desired, change: &Change) -> Result<(), String> {
    let (admin, realm) = (&server.admin, desired.realm.as_str());
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    let result = match change {
        Change::CreateRealm(to) => {
            let result = admin.post((*to.0).clone()).await;
            // The right to the new realm is in new tokens only.
            *server.tokens.cached.lock().await = None;
            result
        }
        Change::UpdateRealm(_, to) => admin.realm_put(realm, (*to.0).clone()).await,
        Change::CreateClient(to) => admin.realm_clients_post(realm, (*to.0).clone()).await,
        Change::UpdateClient(_, to) => {
            admin.realm_clients_with_client_uuid_put(realm, &id(&to.0.id), (*to.0).clone()).await
        }
        Change::CreateMapper(to) => {
            let client = server.client_uuid(desired).await?;
            admin.realm_clients_with_client_uuid_protocol_mappers_models_post(realm, &client, (*to.0).clone()).await
        }
        Change::UpdateMapper(to) => {
            let client = server.client_uuid(desired).await?;
            admin
                .realm_clients_with_client_uuid_protocol_mappers_models_with_id_put(
                    realm,
                    &client,
                    &id(&to.0.id),
                    (*to.0).clone(),
                )
                .await
        }
        Change::CreateProvider(to) => admin.realm_identity_provider_instances_post(realm, (*to.0).clone()).await,
        Change::UpdateProvider(_, to) => {
            admin.realm_identity_provider_instances_with_alias_put(realm, &id(&to.0.alias), (*to.0).clone()).await
        }
        Change::CreateUser(to) => admin.realm_users_post(realm, (*to.0).clone()).await,
        Change::UpdateUser(_, to) => admin.realm_users_with_user_id_put(realm, &id(&to.0.id), (*to.0).clone()).await,
        Change::SetPassword { username } => return set_password(server, desired, username).await,
        Change::DeleteProvider { alias } => {
            admin.realm_identity_provider_instances_with_alias_delete(realm, alias).await
        }
        Change::DeleteUser { id, .. } => admin.realm_users_with_user_id_delete(realm, id).await,
    };
    match result {
        Ok(_) => Ok(()),
        Err(KeycloakError::HttpFailure { status: 404, .. }) if is_deletion(change) => Ok(()),
        // Another run was faster; what differs, the next plan will say.
        Err(KeycloakError::HttpFailure { status: 409, .. }) if is_creation(change) => Ok(()),
        Err(error) => Err(reason(&error)),
    }
}

fn is_creation(change: &Change) -> bool {
    matches!(
        change,
        Change::CreateRealm(_)
            | Change::CreateClient(_)
            | Change::CreateMapper(_)
            | Change::CreateProvider(_)
            | Change::CreateUser(_)
    )
}

fn is_deletion(change: &Change) -> bool {
    matches!(change, Change::DeleteProvider { .. } | Change::DeleteUser { .. })
}

/// Sets the password, then labels the credential, so that a run that is killed between the two sets it again.
async fn set_password(server: &Server, desired: &Desired, username: &str) -> Result<(), String> {
    let realm = desired.realm.as_str();
    let user = server.user(realm, username).await.map_err(|e| reason(&e))?.and_then(|u| u.id);
    let user = user.ok_or_else(|| format!("there is no user {username}"))?;
    let Some(wanted) = desired.settings.users.iter().find(|u| u.username == username) else {
        return Err(format!("{username} is not a test user"));
    };
    let credential = CredentialRepresentation {
        type_: Some("password".into()),
        value: Some(wanted.password.clone()),
        temporary: Some(false),
        ..Default::default()
    };
    let set = server.admin.realm_users_with_user_id_reset_password_put(realm, &user, credential).await;
    set.map_err(|e| reason(&e))?;
    let credential = server.password(realm, &user).await.map_err(|e| reason(&e))?;
    let Some((id, label)) = credential.and_then(|c| Some((c.id.clone()?, label(&c, &wanted.password)?))) else {
        return Err("the password was set, but there is no credential".into());
    };
    let url = format!("{}/admin/realms/{realm}/users/{user}/credentials/{id}/userLabel", server.url);
    let token = server.tokens.get(&server.url).await.map_err(|e| reason(&e))?;
    // By hand: Keycloak wants text/plain here, and the client library sends no content type.
    let request = server.http.put(url).bearer_auth(token).header("content-type", "text/plain").body(label);
    let response = request.send().await.and_then(reqwest::Response::error_for_status);
    response.map(drop).map_err(|e| e.to_string())
}

/// Deletes the realm with everybody in it. One that is gone already is fine.
///
/// # Errors
/// [`Error::NotOurs`] when the realm belongs to someone else.
pub async fn deprovision(server: &Server, desired: &Desired) -> Result<(), Error> {
    if observe(server, desired).await?.realm.is_none() {
        return Ok(());
    }
    let what = || format!("delete realm {}", desired.realm);
    let deleted = server.admin.realm_delete(&desired.realm).await;
    deleted.map(drop).map_err(|e| Error::Apply { what: what(), reason: reason(&e) })
}
