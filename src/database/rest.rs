//! PostgREST's view of the schema.

use std::time::{Duration, Instant};

use plattr_db::{Session, quote};
use reqwest::{Method, StatusCode};

use super::target::Local;
use crate::services::postgrest::Postgrest;
use crate::services::provisioning::http;
use crate::stack::Instance;

/// How long PostgREST may take to read the schema anew.
const WITHIN: Duration = Duration::from_secs(15);

/// Whether the stack has a PostgREST for the application.
pub fn serves(local: &Local) -> bool {
    local.open.state.ports.get(&instance(local).id(), "http") != 0
}

fn instance(local: &Local) -> Instance {
    Instance { service: &Postgrest, app: Some(local.app.name.clone()) }
}

/// Has PostgREST read the schema anew, and waits until it did: a view that was made for this is served then, and taken
/// away again. PostgREST is asked by OPTIONS, which it answers by what it read.
///
/// # Errors
/// What kept it from that.
pub async fn reload(local: &Local, session: &Session) -> Result<Duration, String> {
    let began = Instant::now();
    let name = format!("plattr_reload_{}", std::process::id());
    let said = |e: tokio_postgres::Error| plattr_db::SqlFailure::from(e).to_string();
    let notify =
        format!("SELECT pg_notify({}, 'reload schema')", plattr_db::literal(&local.app.names().notify_channel));
    // Nobody but its owner may read it, whatever default privileges say of new tables.
    let make = format!("CREATE OR REPLACE VIEW {view} AS SELECT 1 AS one; {notify}", view = quote(&name));
    session.client.batch_execute(&make).await.map_err(said)?;
    let served = wait(local, &name).await;
    let unmake = format!("DROP VIEW IF EXISTS {view}; {notify}", view = quote(&name));
    session.client.batch_execute(&unmake).await.map_err(said)?;
    served.map(|()| began.elapsed())
}

async fn wait(local: &Local, name: &str) -> Result<(), String> {
    let port = local.open.state.ports.get(&instance(local).id(), "http");
    let url = format!("http://{}:{port}/{name}", crate::services::LOOPBACK);
    let (deadline, mut pause) = (Instant::now() + WITHIN, Duration::from_millis(10));
    loop {
        let seen = match http().request(Method::OPTIONS, &url).send().await {
            Ok(response) if response.status() == StatusCode::OK => return Ok(()),
            Ok(response) => format!("it answers {}", response.status()),
            // It is not there at all: it reads the schema when it starts.
            Err(error) if error.is_connect() => return Err("it does not run".to_owned()),
            Err(error) => error.to_string(),
        };
        if Instant::now() > deadline {
            return Err(format!("{seen} after {} s", WITHIN.as_secs()));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
