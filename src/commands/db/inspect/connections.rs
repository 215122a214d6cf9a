//! Who is connected, as text.

use plattr_db::inspect::connections::Connections;

use super::view::{View, percent, seconds};

/// How much of the server's limit is used, by whom, and in which state.
pub fn text(connections: &Connections, view: &View) -> String {
    let share = |used: u64, limit: u64| if limit == 0 { 1.0 } else { used as f64 / limit as f64 };
    let mut used = vec![[
        "all of the server".to_owned(),
        connections.used.to_string(),
        connections.limit.to_string(),
        percent(Some(share(connections.used, connections.limit))),
        view.bar(share(connections.used, connections.limit)),
    ]];
    used.extend(connections.logins.iter().map(|login| {
        let share = login.limit.map(|limit| share(login.used, limit));
        [
            login.name.clone(),
            login.used.to_string(),
            login.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            percent(share),
            share.map(|share| view.bar(share)).unwrap_or_default(),
        ]
    }));
    let groups = connections
        .groups
        .iter()
        .map(|group| {
            [
                group.login.clone(),
                group.application.clone().unwrap_or_default(),
                group.state.clone().unwrap_or_else(|| "hidden".to_owned()),
                group.count.to_string(),
                seconds(group.longest_seconds),
            ]
        })
        .collect::<Vec<_>>();
    let mut text = view.table(["LOGIN", "USED", "LIMIT", "SHARE", ""], used);
    if !groups.is_empty() {
        text += "\n";
        text += &view.table(["LOGIN", "PROGRAM", "STATE", "CONNECTIONS", "LONGEST"], groups);
    }
    let states: Vec<String> =
        connections.by_state().into_iter().map(|(state, count)| format!("{count} {state}")).collect();
    let here = if states.is_empty() { "no other connection to this database".to_owned() } else { states.join(", ") };
    let elsewhere = match connections.elsewhere {
        0 => String::new(),
        n => format!("; {n} to other databases of the server"),
    };
    text + &format!("{here}{elsewhere}\n")
}
