//! Who is connected, and how many more may be.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio_postgres::GenericClient;

use super::count;
use crate::SqlFailure;

/// The connections of a server.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connections {
    /// Connections that the server takes, without those that it keeps for administrators.
    pub limit: u64,
    /// Those that are open, to any database.
    pub used: u64,
    /// Those to other databases.
    pub elsewhere: u64,
    /// Logins that are connected to this database, the busiest first.
    pub logins: Vec<Login>,
    /// The connections to this database by login, program and state.
    pub groups: Vec<Group>,
}

/// The connections of a login, to any database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    /// Login.
    pub name: String,
    /// Its connections.
    pub used: u64,
    /// How many it may have; none where only the server's limit counts.
    pub limit: Option<u64>,
}

/// Connections that are alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Login.
    pub login: String,
    /// What the program calls itself.
    pub application: Option<String>,
    /// Such as `active`, `idle` or `idle in transaction`; none where the server hides it from this login.
    pub state: Option<String>,
    /// How many.
    pub count: u64,
    /// How long the oldest of them has been in that state.
    pub longest_seconds: Option<f64>,
}

/// `reserved_connections` came with PostgreSQL 16.
const SERVER: &str = "
    SELECT current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
             - coalesce(current_setting('reserved_connections', true)::bigint, 0) AS server_limit,
           count(*) AS used, count(*) FILTER (WHERE datname <> current_database()) AS elsewhere
      FROM pg_stat_activity WHERE backend_type = 'client backend'";

const LOGINS: &str = "
    SELECT a.usename::text AS login, count(*) AS used, max(r.rolconnlimit)::bigint AS login_limit
      FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
     WHERE a.backend_type = 'client backend' GROUP BY 1
    HAVING bool_or(a.datname = current_database()) ORDER BY 2 DESC, 1";

/// The session that asks is not counted.
const GROUPS: &str = "
    SELECT coalesce(usename::text, '') AS login, nullif(application_name, '') AS application, state, count(*) AS count,
           max(extract(epoch FROM clock_timestamp() - state_change))::float8 AS longest_seconds
      FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
     GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3";

/// Reads who is connected to this server, and in which state in this database.
///
/// # Errors
/// When the server refuses.
pub async fn connections(client: &impl GenericClient) -> Result<Connections, SqlFailure> {
    let server = client.query_one(SERVER, &[]).await?;
    let logins = client.query(LOGINS, &[]).await?;
    let groups = client.query(GROUPS, &[]).await?;
    Ok(Connections {
        limit: count(&server, "server_limit"),
        used: count(&server, "used"),
        elsewhere: count(&server, "elsewhere"),
        logins: logins
            .iter()
            .map(|row| Login {
                name: row.get("login"),
                used: count(row, "used"),
                // -1 is no limit.
                limit: u64::try_from(row.get::<_, i64>("login_limit")).ok(),
            })
            .collect(),
        groups: groups
            .iter()
            .map(|row| Group {
                login: row.get("login"),
                application: row.get("application"),
                state: row.get("state"),
                count: count(row, "count"),
                longest_seconds: row.get("longest_seconds"),
            })
            .collect(),
    })
}

impl Connections {
    /// Connections by state, the most frequent first.
    pub fn by_state(&self) -> Vec<(&str, u64)> {
        let mut states: BTreeMap<&str, u64> = BTreeMap::new();
        for group in &self.groups {
            *states.entry(group.state.as_deref().unwrap_or("hidden")).or_default() += group.count;
        }
        let mut states: Vec<_> = states.into_iter().collect();
        states.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        states
    }
}
