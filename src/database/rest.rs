//! PostgREST's view of the schema.

use std::time::{Duration, Instant};

use plattr_db::{Session, quote};
use reqwest::{Method, StatusCode};

use super::target::Local;
use crate::engines::native::process_table;
use crate::services::postgrest::Postgrest;
use crate::services::provisioning::http;
use crate::stack::Instance;

/// How long PostgREST may take to read the schema anew.
const WITHIN: Duration = Duration::from_secs(15);

/// How the names of views begin that are made for this; the process that made one follows.
const PREFIX: &str = "plattr_reload_";

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
    let name = format!("{PREFIX}{}_{}", std::process::id(), jiff::Timestamp::now().as_millisecond());
    let said = |e: tokio_postgres::Error| plattr_db::SqlFailure::from(e).to_string();
    let notify =
        format!("SELECT pg_notify({}, 'reload schema')", plattr_db::literal(&local.app.names().notify_channel));
    // Nobody but its owner may read it, whatever default privileges say of new tables.
    let mut make = String::new();
    for old in left_behind(session).await.map_err(said)? {
        make += &format!("DROP VIEW IF EXISTS {};", quote(&old));
    }
    make += &format!("CREATE VIEW {view} AS SELECT 1 AS one; {notify}", view = quote(&name));
    session.client.batch_execute(&make).await.map_err(said)?;
    let served = wait(local, &name).await;
    let unmake = format!("DROP VIEW IF EXISTS {view}; {notify}", view = quote(&name));
    session.client.batch_execute(&unmake).await.map_err(said)?;
    served.map(|()| began.elapsed())
}

/// Views of runs that were killed while they waited: their process is not there any more.
async fn left_behind(session: &Session) -> Result<Vec<String>, tokio_postgres::Error> {
    let views = "SELECT viewname::text FROM pg_views
                  WHERE schemaname = current_schema() AND starts_with(viewname::text, $1)";
    let rows = session.client.query(views, &[&PREFIX]).await?;
    let maker = |name: &str| name.strip_prefix(PREFIX)?.split('_').next()?.parse().ok();
    let names = rows.iter().map(|row| row.get::<_, String>(0));
    Ok(names.filter(|name| maker(name).is_none_or(|pid| process_table::alive(pid).is_none())).collect())
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
