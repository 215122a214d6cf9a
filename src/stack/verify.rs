//! Proves that a stack works, end to end, as its applications would use it.

use futures::future::join_all;
use plattr_api::AppName;
use plattr_backends::Check;
use serde::Serialize;

use super::observe::{OpenStack, Scoped};

/// A [`Check`] and whose it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// The application.
    pub app: AppName,
    /// The service.
    pub service: &'static str,
    /// Stable identifier of the check within the service.
    pub check: &'static str,
    /// Whether it was as it should be.
    pub passed: bool,
    /// What was seen.
    pub detail: String,
    /// What to do, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Checks every service that `scope` names, for every application, side by side.
pub async fn verify(open: &OpenStack, scope: &Scoped) -> Vec<Verified> {
    let instances = open.instances();
    let checks = instances.iter().filter(|instance| scope.contains(instance)).flat_map(|instance| {
        open.stack
            .apps
            .values()
            .filter(|app| instance.app.as_ref().is_none_or(|owner| *owner == app.name))
            .filter(|app| instance.service.wanted_here(app))
            .map(move |app| async move {
                let checks: Vec<Check> = instance.service.verify(open.context(instance), app).await;
                (app.name.clone(), instance.service.name(), checks)
            })
    });
    join_all(checks)
        .await
        .into_iter()
        .flat_map(|(app, service, checks)| {
            checks.into_iter().map(move |check| Verified {
                app: app.clone(),
                service,
                check: check.name,
                passed: check.passed,
                detail: check.detail,
                hint: check.hint,
            })
        })
        .collect()
}
