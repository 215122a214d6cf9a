//! Who waits for whom, as a tree.

use plattr_db::inspect::locks::{LockSession, Locks, Node};

use super::view::{View, one_line, seconds};

/// Each session that blocks others with those that wait for it below, and how to end it.
pub fn text(locks: &Locks, view: &View) -> String {
    if locks.sessions.is_empty() {
        return "Nobody waits for a lock.\n".to_owned();
    }
    let mut lines = Vec::new();
    for tree in locks.trees() {
        lines.extend(node(&tree, view));
        if !tree.waiting.is_empty() {
            lines.push(format!("{} {}", view.style.hint("to end it:"), end(tree.session)));
        }
        lines.push(String::new());
    }
    lines.pop();
    lines.join("\n") + "\n"
}

fn node(node: &Node<'_>, view: &View) -> Vec<String> {
    let mut lines = session(node.session, view);
    for (n, below) in node.waiting.iter().enumerate() {
        let (first, others) = view.plot.branch(n + 1 == node.waiting.len());
        let below = self::node(below, view);
        lines.extend(
            below.into_iter().enumerate().map(|(n, line)| format!("{}{line}", if n == 0 { first } else { others })),
        );
    }
    lines
}

/// Who it is, what it does or waits for, and its statement.
fn session(it: &LockSession, view: &View) -> Vec<String> {
    if it.pid == 0 {
        return vec![format!("{}  holds its locks until it is ended", view.style.bad("a prepared transaction"))];
    }
    let mut who = view.style.nth(3, &it.pid.to_string());
    who += &format!("  {}", it.login.as_deref().unwrap_or("unknown"));
    let from: Vec<&str> = [&it.application, &it.address].into_iter().filter_map(Option::as_deref).collect();
    if !from.is_empty() {
        who += &view.style.dim(&format!(" ({})", from.join(", ")));
    }
    let doing = match &it.waits {
        Some(wait) => {
            let what = match (wait.kind.as_str(), &wait.relation) {
                ("relation", Some(relation)) => relation.clone(),
                ("transactionid" | "tuple", Some(relation)) => format!("a row of {relation}"),
                ("transactionid", None) => "a row that another transaction changed".to_owned(),
                (kind, Some(relation)) => format!("{kind} of {relation}"),
                (kind, None) => kind.to_owned(),
            };
            let time = wait.seconds.map(|s| format!(" {}", seconds(Some(s)))).unwrap_or_default();
            format!("waits{time} for {what} ({})", wait.mode)
        }
        None => {
            let state = it.state.as_deref().unwrap_or("state hidden");
            let since = it.state_seconds.map(|s| format!(" for {}", seconds(Some(s)))).unwrap_or_default();
            let open = it.transaction_seconds.map(|s| format!(", transaction open for {}", seconds(Some(s))));
            format!("{state}{since}{}", open.unwrap_or_default())
        }
    };
    let mut lines = vec![format!("{who}  {doing}")];
    if let Some(query) = it.query.as_deref().filter(|query| !query.is_empty()) {
        // Nothing runs in an idle session: what is shown is what it ran last.
        let last = it.state.as_deref().is_some_and(|state| state.starts_with("idle"));
        let label = if last { view.style.dim("last: ") } else { String::new() };
        lines.push(format!("    {label}{}", one_line(query, 96)));
    }
    lines
}

/// What ends a session that blocks others. Cancelling does nothing to one that is idle.
fn end(session: &LockSession) -> String {
    match (session.pid, session.state.as_deref()) {
        (0, _) => "ROLLBACK PREPARED 'ID';  (`SELECT gid FROM pg_prepared_xacts;` lists the IDs)".to_owned(),
        (pid, Some("active")) => {
            format!(
                "SELECT pg_cancel_backend({pid});  (its statement) or SELECT pg_terminate_backend({pid});  (its session)"
            )
        }
        (pid, _) => format!("SELECT pg_terminate_backend({pid});"),
    }
}
