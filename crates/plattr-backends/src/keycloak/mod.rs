//! Keycloak: a realm for the application with its client, identity providers and, on a laptop, test users.
//!
//! The admin is a service-account client of the realm `master`, never a person's password. Only the
//! fields that plattr sets are compared; everything else in the realm is a person's to change. An object is
//! written back as it was read with those fields set, which is what Keycloak's own console does.
//!
//! Three secrets cannot be read back. The client's can. A provider's is masked, so that a fingerprint of it lies
//! beside it in the provider's configuration. For a test user's password, the label of the credential holds the
//! time at which plattr set it and a short fingerprint: a password that a person changed has another time and
//! no label, and nobody has to log in, which costs Keycloak a password hash, to find that out.
//!
//! What plattr made is deleted when it is not wanted any more, so that nobody signs in who was removed: a provider
//! with a fingerprint is plattr's, and an attribute of the realm lists the test users.

mod admin;
mod plan;
mod verify;

use std::collections::BTreeMap;
use std::fmt;

use keycloak::KeycloakError;
use keycloak::types::{
    ClientRepresentation, CredentialRepresentation, IdentityProviderRepresentation, RealmRepresentation,
    UserRepresentation,
};
use plattr_api::application::{ClientType, Provider};
use plattr_api::{ApplicationSpec, Environment, Names};

pub use admin::{Server, apply, deprovision, observe};
pub use plan::{Change, Payload, plan};
pub use verify::{Tokens, jwks, sign_in, verify};

/// Why provisioning Keycloak failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The realm could not be read.
    #[error("cannot read {what} of realm `{realm}`: {reason}")]
    Observe {
        /// What was read.
        what: &'static str,
        /// Realm.
        realm: String,
        /// What Keycloak or the network said.
        reason: String,
    },
    /// The realm belongs to someone else.
    #[error("the realm `{realm}` exists and is not ours: {found}, but `{expected}` was expected")]
    NotOurs {
        /// Realm.
        realm: String,
        /// What its attribute says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// A change was refused.
    #[error("cannot {what}: {reason}")]
    Apply {
        /// What was to be done.
        what: String,
        /// What Keycloak said.
        reason: String,
    },
    /// Something that an application reads could not be fetched.
    #[error("cannot get {what} of realm `{realm}`: {reason}")]
    Fetch {
        /// What was fetched.
        what: &'static str,
        /// Realm.
        realm: String,
        /// What Keycloak or the network said.
        reason: String,
    },
    /// Everything was applied, and something still differs.
    #[error("Keycloak still differs after provisioning: {}", remaining.join(", "))]
    NotConverged {
        /// What the new plan would do.
        remaining: Vec<String>,
    },
}

/// What Keycloak said, without the wrapper's words.
fn reason(error: &KeycloakError) -> String {
    match error {
        KeycloakError::ReqwestFailure(error) => error.to_string(),
        KeycloakError::HttpFailure { status, body, text } => {
            let message = body.as_ref().and_then(|b| b.message()).unwrap_or_else(|| text.as_str().into());
            format!("{status} {message}")
        }
    }
}

/// A person who can sign in, on a laptop.
#[derive(Clone, PartialEq, Eq)]
pub struct TestUser {
    /// Name to sign in with.
    pub username: String,
    /// Address; counts as verified.
    pub email: String,
    /// First name; Keycloak asks for one at the first login of a user who has none.
    pub first_name: String,
    /// Last name; the same.
    pub last_name: String,
    /// Password.
    pub password: String,
}

/// An identity provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Which.
    pub provider: Provider,
    /// Client id and secret; without them a missing provider is made disabled, and an existing one left alone.
    pub credentials: Option<(String, String)>,
}

/// What an environment adds to the application's description.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Secret of a confidential client.
    pub client_secret: Option<String>,
    /// Where Keycloak may send a person back to.
    pub redirect_uris: Vec<String>,
    /// Origins whose pages may ask for tokens.
    pub web_origins: Vec<String>,
    /// Whether a password can be exchanged for a token without a browser; for tests on a laptop only.
    pub direct_access_grants: bool,
    /// Client ids and secrets of identity providers.
    pub providers: BTreeMap<Provider, (String, String)>,
    /// Test users.
    pub users: Vec<TestUser>,
}

/// What one application needs from Keycloak.
#[derive(Clone, PartialEq, Eq)]
pub struct Desired {
    /// Who owns the realm.
    pub owner: String,
    /// Realm.
    pub realm: String,
    /// Its name on the sign-in page.
    pub display_name: String,
    /// OpenID Connect client, which is also the audience of its tokens.
    pub client_id: String,
    /// Whether the client has a secret.
    pub client_type: ClientType,
    /// PostgreSQL role that PostgREST switches to for a token of this realm.
    pub role: String,
    /// Identity providers.
    pub providers: Vec<ProviderConfig>,
    /// What the environment adds.
    pub settings: Settings,
}

impl Desired {
    /// What `spec` needs under `names`.
    pub fn new(names: &Names, environment: Environment, spec: &ApplicationSpec, settings: Settings) -> Self {
        let provider = |p: &Provider| ProviderConfig { provider: *p, credentials: settings.providers.get(p).cloned() };
        Self {
            owner: crate::owner(names, environment),
            realm: names.realm.clone(),
            display_name: names.app.to_string(),
            client_id: names.client_id.clone(),
            client_type: spec.auth.client_type,
            role: names.authenticated_role.clone(),
            providers: spec.auth.providers.iter().map(provider).collect(),
            settings,
        }
    }

    /// What a person should know, although nothing is wrong.
    pub fn notes(&self) -> Vec<String> {
        let without = self.providers.iter().filter(|p| p.credentials.is_none());
        without
            .map(|p| {
                let alias = p.provider.alias();
                format!("sign-in with {alias} stays disabled unless its client id and secret were given before")
            })
            .collect()
    }
}

/// What is there. Has no `Debug`: representations carry secrets.
#[derive(Clone, Default, PartialEq)]
pub struct Observed {
    /// The realm.
    pub realm: Option<RealmRepresentation>,
    /// The client, with its mappers.
    pub client: Option<ClientRepresentation>,
    /// Identity providers, by alias.
    pub providers: BTreeMap<String, IdentityProviderRepresentation>,
    /// Those of the test users that exist, with their password's credential; also those that plattr made earlier
    /// and that are not wanted any more.
    pub users: BTreeMap<String, (UserRepresentation, Option<CredentialRepresentation>)>,
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").field("realm", &self.realm.is_some()).finish_non_exhaustive()
    }
}

/// Makes Keycloak as `desired`, and says what was done.
///
/// # Errors
/// [`Error::NotOurs`] when the realm belongs to someone else; otherwise what could not be read or done.
pub async fn ensure(server: &Server, desired: &Desired) -> Result<Vec<Change>, Error> {
    let changes = plan(desired, &observe(server, desired).await?);
    if changes.is_empty() {
        return Ok(changes);
    }
    apply(server, desired, &changes).await?;
    let remaining = plan(desired, &observe(server, desired).await?);
    if !remaining.is_empty() {
        return Err(Error::NotConverged { remaining: remaining.iter().map(ToString::to_string).collect() });
    }
    Ok(changes)
}
