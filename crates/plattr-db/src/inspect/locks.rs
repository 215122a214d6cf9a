//! Who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tokio_postgres::GenericClient;

use crate::SqlFailure;

/// Every session of this database that waits for a lock, and every one that is waited for, by process id.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Locks {
    /// The sessions.
    pub sessions: Vec<LockSession>,
}

/// A session that waits or is waited for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LockSession {
    /// Its process on the server; 0 stands for a prepared transaction, which has none.
    pub pid: i32,
    /// Login.
    pub login: Option<String>,
    /// What the program calls itself.
    pub application: Option<String>,
    /// Address of the client; none on the server's own machine, or where hidden.
    pub address: Option<String>,
    /// Such as `active` or `idle in transaction`; none where the server hides it from this login.
    pub state: Option<String>,
    /// Its statement, or its last one; none where hidden.
    pub query: Option<String>,
    /// How long its transaction is open.
    pub transaction_seconds: Option<f64>,
    /// How long it has been in its state.
    pub state_seconds: Option<f64>,
    /// What it waits for; none if it only blocks others.
    pub waits: Option<Wait>,
}

/// What a session waits for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// Kind of what is locked: `relation`, `transactionid` (a row that another transaction changed), `advisory`, ….
    pub kind: String,
    /// How it is to be locked: `AccessExclusiveLock`, ….
    pub mode: String,
    /// The table or index, if it is one or a row of one.
    pub relation: Option<String>,
    /// How long it has waited.
    pub seconds: Option<f64>,
    /// Sessions that have to go first: holders, and those before it in the queue.
    pub blocked_by: Vec<i32>,
}

/// A session and those that wait for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// The session.
    pub session: &'a LockSession,
    /// Those that wait for it.
    pub waiting: Vec<Node<'a>>,
}

/// `pg_locks` hides nothing, while `pg_stat_activity` shows statements only to members of the login that runs them.
const SQL: &str = "
    WITH waiting AS MATERIALIZED (
      SELECT l.pid, pg_blocking_pids(l.pid) AS blocked_by, l.locktype AS kind, l.mode,
             -- Who waits for a row waits for the transaction that changed it, and holds the row's place in the queue.
             coalesce(l.relation, (SELECT min(t.relation) FROM pg_locks t
                                    WHERE t.pid = l.pid AND t.locktype = 'tuple' AND t.granted))::regclass::text AS relation,
             extract(epoch FROM clock_timestamp() - l.waitstart)::float8 AS seconds
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE NOT l.granted AND a.datname = current_database()),
    involved AS (SELECT pid FROM waiting UNION SELECT unnest(blocked_by) FROM waiting)
    SELECT i.pid, a.usename::text AS login, nullif(a.application_name, '') AS application,
           host(a.client_addr) AS address, a.state, nullif(a.query, '<insufficient privilege>') AS query,
           extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_seconds,
           extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS state_seconds,
           w.kind, w.mode, w.relation, w.seconds, w.blocked_by
      FROM involved i LEFT JOIN pg_stat_activity a USING (pid) LEFT JOIN waiting w USING (pid)
     ORDER BY i.pid";

/// Reads who waits for whom in this database, whatever the schema.
///
/// # Errors
/// When the server refuses.
pub async fn locks(client: &impl GenericClient) -> Result<Locks, SqlFailure> {
    let rows = client.query(SQL, &[]).await?;
    // A session may be listed with several locks; one row says enough.
    let sessions: BTreeMap<i32, LockSession> = rows
        .iter()
        .map(|row| {
            let waits = row.get::<_, Option<String>>("kind").map(|kind| Wait {
                kind,
                mode: row.get("mode"),
                relation: row.get("relation"),
                seconds: row.get("seconds"),
                blocked_by: distinct(row.get("blocked_by")),
            });
            let session = LockSession {
                pid: row.get("pid"),
                login: row.get("login"),
                application: row.get("application"),
                address: row.get("address"),
                state: row.get("state"),
                query: row.get("query"),
                transaction_seconds: row.get("transaction_seconds"),
                state_seconds: row.get("state_seconds"),
                waits,
            };
            (session.pid, session)
        })
        .collect();
    Ok(Locks { sessions: sessions.into_values().collect() })
}

/// Parallel workers make the server name a session more than once.
fn distinct(pids: Vec<i32>) -> Vec<i32> {
    pids.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

impl Locks {
    /// The sessions as trees: those that wait for nobody at the top, those that wait below the one they wait for.
    ///
    /// Who waits for several is shown once, below one that does not wait itself if there is such a one. In a deadlock,
    /// which the server ends after a second, everyone waits: the lowest process id is then at the top.
    pub fn trees(&self) -> Vec<Node<'_>> {
        let waiting: BTreeSet<i32> = self.sessions.iter().filter(|s| s.waits.is_some()).map(|s| s.pid).collect();
        let known: BTreeSet<i32> = self.sessions.iter().map(|s| s.pid).collect();
        let mut below: BTreeMap<i32, Vec<&LockSession>> = BTreeMap::new();
        let mut tops = Vec::new();
        for session in &self.sessions {
            let blockers = session.waits.iter().flat_map(|w| &w.blocked_by).filter(|pid| known.contains(pid));
            let blockers: Vec<i32> = blockers.copied().collect();
            match blockers.iter().find(|pid| !waiting.contains(pid)).or(blockers.first()) {
                Some(parent) => below.entry(*parent).or_default().push(session),
                None => tops.push(session),
            }
        }
        let mut seen = BTreeSet::new();
        let mut trees: Vec<_> = tops.into_iter().map(|session| node(session, &below, &mut seen)).collect();
        for session in &self.sessions {
            if !seen.contains(&session.pid) {
                trees.push(node(session, &below, &mut seen));
            }
        }
        trees
    }
}

fn node<'a>(
    session: &'a LockSession,
    below: &BTreeMap<i32, Vec<&'a LockSession>>,
    seen: &mut BTreeSet<i32>,
) -> Node<'a> {
    seen.insert(session.pid);
    let mut waiting = Vec::new();
    for next in below.get(&session.pid).into_iter().flatten() {
        if !seen.contains(&next.pid) {
            waiting.push(node(next, below, seen));
        }
    }
    Node { session, waiting }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pid: i32, blocked_by: &[i32]) -> LockSession {
        let waits = (!blocked_by.is_empty()).then(|| Wait { blocked_by: blocked_by.to_vec(), ..Wait::default() });
        LockSession { pid, waits, ..LockSession::default() }
    }

    fn shape(nodes: &[Node<'_>]) -> String {
        let all: Vec<String> = nodes
            .iter()
            .map(|node| match node.waiting.as_slice() {
                [] => node.session.pid.to_string(),
                below => format!("{}({})", node.session.pid, shape(below)),
            })
            .collect();
        all.join(" ")
    }

    #[test]
    fn who_waits_stands_below_whom_it_waits_for() {
        let locks = Locks { sessions: vec![session(1, &[]), session(2, &[1]), session(3, &[2]), session(4, &[1, 2])] };
        assert_eq!(shape(&locks.trees()), "1(2(3) 4)");
    }

    #[test]
    fn a_deadlock_is_shown_once() {
        let locks = Locks { sessions: vec![session(1, &[2]), session(2, &[1]), session(3, &[2])] };
        assert_eq!(shape(&locks.trees()), "1(2(3))");
    }

    #[test]
    fn a_prepared_transaction_is_at_the_top() {
        let locks = Locks { sessions: vec![session(0, &[]), session(7, &[0])] };
        assert_eq!(shape(&locks.trees()), "0(7)");
    }
}
