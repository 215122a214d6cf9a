//! What a schema cannot say: names, duplicates, and things that contradict each other.
//!
//! Every rule looks at the tree, so that it can say where; a value of a wrong type is skipped, because the
//! check of the structure has told it already.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use plattr_api::application::Scaling;
use plattr_api::variables::CONTRACT;
use plattr_api::{AppName, BucketName};

use super::check::{join, shown};
use super::problem::{Mark, Problem, choices, nearest};
use super::yaml::{Node, Value};

/// A service that a file may name.
#[derive(Debug, Clone)]
pub struct KnownService {
    /// Its name.
    pub name: &'static str,
    /// The names of its endpoints.
    pub endpoints: Vec<&'static str>,
}

/// The services that plattr has.
pub fn known_services() -> Vec<KnownService> {
    crate::services::ALL
        .iter()
        .map(|s| KnownService { name: s.name(), endpoints: s.endpoints().iter().map(|e| e.name).collect() })
        .collect()
}

/// Everything that breaks a rule in `plattr.yaml`, with `plattr.local.yaml` merged into it.
pub fn project(root: &Node, services: &[KnownService]) -> Vec<Problem> {
    let mut rules = Rules { services, problems: Vec::new() };
    rules.name::<AppName>(root.at(&["name"]), "name");
    rules.parts(root);
    rules.application(root);
    if let Some(local) = root.at(&["local"]) {
        rules.local(local);
    }
    rules.environments(root);
    rules.problems
}

/// Everything that breaks a rule in `plattr.workspace.yaml`.
pub fn workspace(root: &Node, services: &[KnownService]) -> Vec<Problem> {
    let mut rules = Rules { services, problems: Vec::new() };
    rules.name::<AppName>(root.at(&["stack"]), "stack");
    if let Some(local) = root.at(&["local"]) {
        rules.stack_settings(local);
    }
    rules.unique("apps", texts(root.at(&["apps"])), "the folder");
    rules.problems
}

/// Texts of a list with their index and place.
fn texts(list: Option<&Node>) -> impl Iterator<Item = (String, &str, &Mark)> {
    let items = list.map(Node::items).unwrap_or_default();
    items.iter().enumerate().filter_map(|(i, n)| n.text().map(|t| (format!("[{i}]"), t, &n.mark)))
}

/// The text at `key` of every mapping in a list.
fn texts_at<'a>(list: Option<&'a Node>, key: &'a str) -> impl Iterator<Item = (String, &'a str, &'a Mark)> {
    let items = list.map(Node::items).unwrap_or_default();
    items.iter().enumerate().filter_map(move |(i, n)| {
        let node = n.at(&[key])?;
        node.text().map(|t| (format!("[{i}].{key}"), t, &node.mark))
    })
}

struct Rules<'s> {
    services: &'s [KnownService],
    problems: Vec<Problem>,
}

impl Rules<'_> {
    fn add(
        &mut self,
        mark: &Mark,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Problem {
        self.problems.push(Problem::at(mark, code, path, message));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    fn name<N: FromStr<Err: Display>>(&mut self, node: Option<&Node>, path: &str) {
        if let Some(node) = node
            && let Some(Err(error)) = node.text().map(str::parse::<N>)
        {
            self.add(&node.mark, "config-name", path, format!("`{path}`: {error}"));
        }
    }

    /// Tells each item that was there before.
    fn unique<'a>(&mut self, path: &str, items: impl Iterator<Item = (String, &'a str, &'a Mark)>, what: &str) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (at, text, mark) in items {
            if let Some(line) = seen.get(text) {
                let message = format!("{what} `{}` is there twice, first in line {line}", shown(text));
                self.add(mark, "config-duplicate", format!("{path}{at}"), message);
            } else {
                seen.insert(text, mark.line);
            }
        }
    }

    /// A part with contents that nobody turned on is a mistake, not a wish.
    fn parts(&mut self, root: &Node) {
        for (part, contents) in [
            ("database", &["api"][..]),
            ("storage", &["buckets"]),
            ("auth", &["providers", "clientType"]),
            ("search", &["indices"]),
        ] {
            let Some(node) = root.at(&[part]) else { continue };
            if node.entry("enabled").is_none()
                && let Some(entry) = node.entries().iter().find(|e| contents.contains(&e.key.as_str()))
            {
                let message = format!("`{part}` has `{}` but is not enabled", entry.key);
                self.add(&entry.key_mark, "config-not-enabled", join(part, &entry.key), message).hint =
                    Some(format!("add `enabled: true` to `{part}`, or `enabled: false` to leave it off"));
            }
        }
    }

    fn application(&mut self, root: &Node) {
        let buckets = root.at(&["storage", "buckets"]);
        let indices = root.at(&["search", "indices"]);
        for (path, list, what) in [("storage.buckets", buckets, "the bucket"), ("search.indices", indices, "the index")]
        {
            for (i, item) in list.map(Node::items).unwrap_or_default().iter().enumerate() {
                self.name::<BucketName>(item.at(&["name"]), &format!("{path}[{i}].name"));
            }
            self.unique(path, texts_at(list, "name"), what);
        }
        self.unique("auth.providers", texts(root.at(&["auth", "providers"])), "the provider");
        self.tables(root.at(&["database", "api", "anonTables"]));
        self.scaling(root.at(&["scaling"]), "scaling", &Scaling::default());
        self.env(root.at(&["env"]), "env");
        self.command(root.at(&["release", "command"]), "release.command");
        self.processes(root.at(&["processes"]));
    }

    fn tables(&mut self, list: Option<&Node>) {
        let path = "database.api.anonTables";
        for (at, table, mark) in texts(list) {
            if table.is_empty() {
                self.add(mark, "config-name", format!("{path}{at}"), "the name of the table is empty");
                continue;
            }
            let reason = if table.len() > 63 {
                format!("has {} bytes; PostgreSQL's names have at most 63", table.len())
            } else if table.contains('.') {
                "names a schema; tables are always those of the application's own schema".to_owned()
            } else if table == "*" || table.chars().any(char::is_control) {
                "is not the name of a table".to_owned()
            } else {
                continue;
            };
            self.add(mark, "config-name", format!("{path}{at}"), format!("`{}` {reason}", shown(table)));
        }
        self.unique(path, texts(list), "the table");
    }

    fn scaling(&mut self, node: Option<&Node>, path: &str, base: &Scaling) {
        let Some(node) = node else { return };
        let value = |key: &str| node.at(&[key]).and_then(Node::int);
        let min = value("min").unwrap_or_else(|| base.min.into());
        let max = value("max").unwrap_or_else(|| base.max.into());
        if min > max {
            let place = node.at(&["min"]).or(node.at(&["max"])).unwrap_or(node);
            let message = format!("`{path}`: the fewest replicas, {min}, are more than the most, {max}");
            self.add(&place.mark, "config-value", join(path, "min"), message);
        }
    }

    fn env(&mut self, list: Option<&Node>, path: &str) {
        for (at, name, mark) in texts_at(list, "name") {
            let at = format!("{path}{at}");
            if !is_variable_name(name) {
                let message = format!(
                    "`{}` is not the name of a variable: letters, digits and underscores, not starting with a digit",
                    shown(name)
                );
                self.add(mark, "config-name", at, message);
            } else if belongs_to_contract(name) {
                self.add(mark, "config-reserved", at, format!("plattr gives `{name}` itself")).hint =
                    Some("choose another name; `plattr env --override-name OLD=NEW` renames plattr's".into());
            }
        }
        for (at, value, mark) in texts_at(list, "value") {
            if value.contains('\0') {
                self.add(mark, "config-value", format!("{path}{at}"), "a variable cannot hold a NUL character");
            }
        }
        self.unique(path, texts_at(list, "name"), "the variable");
    }

    fn command(&mut self, node: Option<&Node>, path: &str) {
        if let Some(first) = node.and_then(|n| n.items().first())
            && first.text().is_some_and(|t| t.trim().is_empty())
        {
            self.add(&first.mark, "config-value", format!("{path}[0]"), "the name of the program is empty");
        }
    }

    fn processes(&mut self, node: Option<&Node>) {
        let mut ports = HashMap::new();
        for entry in node.map(Node::entries).unwrap_or_default() {
            let path = join("processes", &entry.key);
            if let Err(error) = entry.key.parse::<BucketName>() {
                self.add(&entry.key_mark, "config-name", &path, format!("`processes`: {error}"));
            }
            self.command(entry.value.at(&["command"]), &join(&path, "command"));
            if let Some(node) = entry.value.at(&["port"]) {
                self.port(node, &join(&path, "port"), &mut ports);
            }
        }
    }

    /// No two of the same kind may have one port.
    fn port(&mut self, node: &Node, path: &str, seen: &mut HashMap<i64, String>) {
        let Some(port) = node.int() else { return };
        if port == 0 {
            self.add(&node.mark, "config-value", path, format!("`{path}` must be between 1 and 65535"));
        } else if let Some(other) = seen.get(&port) {
            let message = format!("`{path}` and `{other}` have the same port, {port}");
            self.add(&node.mark, "config-duplicate", path, message);
        } else {
            seen.insert(port, path.to_owned());
        }
    }

    fn service(&mut self, name: &str, mark: &Mark, path: String) -> bool {
        let names: Vec<&str> = self.services.iter().map(|s| s.name).collect();
        if names.contains(&name) {
            return true;
        }
        let hint = match nearest(name, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the services are {}", choices(&names).replace(" or ", " and ")),
        };
        self.add(mark, "config-unknown-service", path, format!("there is no service `{}`", shown(name))).hint =
            Some(hint);
        false
    }

    fn services(&mut self, list: Option<&Node>, path: &str) {
        for (at, name, mark) in texts(list) {
            self.service(name, mark, format!("{path}{at}"));
        }
        self.unique(path, texts(list), "the service");
    }

    fn stack_settings(&mut self, local: &Node) {
        let mut seen = HashMap::new();
        let mut endpoints: HashMap<(&str, &str), &str> = HashMap::new();
        for entry in local.at(&["ports"]).map(Node::entries).unwrap_or_default() {
            let path = join("local.ports", &entry.key);
            let (service, endpoint) =
                entry.key.split_once('.').map_or((entry.key.as_str(), None), |(s, e)| (s, Some(e)));
            if self.service(service, &entry.key_mark, path.clone())
                && let Some(endpoint) = endpoint
            {
                let known =
                    self.services.iter().find(|s| s.name == service).map(|s| s.endpoints.clone()).unwrap_or_default();
                if !known.contains(&endpoint) {
                    let message = format!("`{service}` has no endpoint `{}`", shown(endpoint));
                    self.add(&entry.key_mark, "config-unknown-service", &path, message).hint =
                        Some(format!("it has {}", choices(&known).replace(" or ", " and ")));
                }
            }
            let first = || self.services.iter().find(|s| s.name == service)?.endpoints.first().copied();
            if let Some(endpoint) = endpoint.or_else(first)
                && let Some(other) = endpoints.insert((service, endpoint), &entry.key)
            {
                let message = format!("`{path}` and `local.ports.{other}` are the same endpoint");
                self.add(&entry.key_mark, "config-duplicate", &path, message);
            }
            self.port(&entry.value, &path, &mut seen);
        }
        for entry in local.at(&["versions"]).map(Node::entries).unwrap_or_default() {
            self.service(&entry.key, &entry.key_mark, join("local.versions", &entry.key));
            let usable = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c));
            if entry.value.text().is_some_and(|t| !usable(t)) {
                let message = format!("`{}` is not a version", shown(entry.value.text().unwrap_or_default()));
                self.add(&entry.value.mark, "config-value", join("local.versions", &entry.key), message);
            }
        }
        self.services(local.at(&["usePath"]), "local.usePath");
        for (map, go) in [("imageMirrors", false), ("packageMirrors", true)] {
            for entry in local.at(&[map]).map(Node::entries).unwrap_or_default() {
                let list = go && entry.key == "goproxy";
                let path = join(&join("local", map), &entry.key);
                let Some(text) = entry.value.text() else { continue };
                let parts: Vec<&str> = if list { text.split([',', '|']).collect() } else { vec![text] };
                for part in parts {
                    if list && ["direct", "off"].contains(&part) {
                        continue;
                    }
                    if web_url(part).is_none() {
                        let message = format!("`{path}` is not a URL that starts with `https://` or `http://`");
                        self.add(&entry.value.mark, "config-value", &path, message);
                    }
                }
            }
        }
    }

    fn local(&mut self, local: &Node) {
        self.name::<AppName>(local.at(&["stack"]), "local.stack");
        self.stack_settings(local);
        self.services(local.at(&["without"]), "local.without");
        for entry in local.at(&["profiles"]).map(Node::entries).unwrap_or_default() {
            let path = join("local.profiles", &entry.key);
            if let Err(error) = entry.key.parse::<BucketName>() {
                self.add(&entry.key_mark, "config-name", &path, format!("`local.profiles`: {error}"));
            }
            if matches!(&entry.value.value, Value::List(items) if items.is_empty()) {
                self.add(&entry.value.mark, "config-value", &path, format!("`{path}` names no service"));
            }
            self.services(Some(&entry.value), &path);
        }
        for (at, origin, mark) in texts(local.at(&["origins"])) {
            let path = format!("local.origins{at}");
            let bare = web_url(origin)
                .is_some_and(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none());
            if !bare || origin.ends_with('/') {
                let message = format!("`{}` is not an origin", shown(origin));
                self.add(mark, "config-value", path, message).hint =
                    Some("an origin is a scheme, a host and a port, such as `http://localhost:3000`".into());
            }
        }
        self.unique("local.origins", texts(local.at(&["origins"])), "the origin");
        self.users(local.at(&["users"]));
        self.providers(local.at(&["providers"]));
        for (at, file, mark) in texts_at(local.at(&["types"]), "file") {
            if file.is_empty() || file.ends_with('/') {
                let message = format!("`{}` is not the name of a file", shown(file));
                self.add(mark, "config-value", format!("local.types{at}"), message);
            }
        }
        self.unique("local.types", texts_at(local.at(&["types"]), "file"), "the file");
    }

    fn users(&mut self, list: Option<&Node>) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (at, name, mark) in texts_at(list, "username") {
            let path = format!("local.users{at}");
            if name.is_empty() || name.len() > 255 || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
                self.add(mark, "config-name", &path, format!("`{}` is not a user name", shown(name)));
            }
            // Keycloak keeps user names and addresses in lower case.
            if let Some(line) = seen.insert(name.to_lowercase(), mark.line) {
                let message = format!("the user `{}` is there twice, first in line {line}", shown(name));
                self.add(mark, "config-duplicate", path, message);
            }
        }
        for (at, email, mark) in texts_at(list, "email") {
            let path = format!("local.users{at}");
            let usable = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
            if !usable || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
                self.add(mark, "config-value", path, format!("`{}` is not an e-mail address", shown(email)));
            }
        }
        self.unique("local.users", texts_at(list, "email"), "the address");
        for (at, password, mark) in texts_at(list, "password") {
            if password.is_empty() {
                self.add(mark, "config-value", format!("local.users{at}"), "the password is empty");
            }
        }
    }

    fn providers(&mut self, node: Option<&Node>) {
        for entry in node.map(Node::entries).unwrap_or_default() {
            for field in entry.value.entries() {
                if field.value.text().is_some_and(|t| !is_variable_name(t)) {
                    let path = join(&join("local.providers", &entry.key), &field.key);
                    let message = format!("`{path}` must be the name of an environment variable, not the value itself");
                    let problem = Problem::at(&field.value.mark, "config-name", path, message)
                        .hint("put the value into `.env`, and its name here")
                        .hide_line();
                    self.problems.push(problem);
                }
            }
        }
    }

    fn environments(&mut self, root: &Node) {
        let base = root.at(&["scaling"]);
        let number = |key: &str| base.and_then(|b| b.at(&[key])?.int()).and_then(|n| u32::try_from(n).ok());
        let default = Scaling::default();
        let base = Scaling {
            min: number("min").unwrap_or(default.min),
            max: number("max").unwrap_or(default.max),
            target_cpu: default.target_cpu,
        };
        for entry in root.at(&["environments"]).map(Node::entries).unwrap_or_default() {
            let path = join("environments", &entry.key);
            self.scaling(entry.value.at(&["scaling"]), &join(&path, "scaling"), &base);
            self.env(entry.value.at(&["env"]), &join(&path, "env"));
            if let Some(node) = entry.value.at(&["baseDomain"])
                && node.text().is_some_and(|t| !is_domain(t))
            {
                let message = format!("`{}` is not a domain", shown(node.text().unwrap_or_default()));
                self.add(&node.mark, "config-value", join(&path, "baseDomain"), message).hint =
                    Some("write it without scheme and port, such as `apps.example.com`".into());
            }
            if let Some(node) = entry.value.at(&["registry"])
                && node.text().is_some_and(|t| t.is_empty() || t.contains("://") || t.chars().any(char::is_whitespace))
            {
                let message = format!("`{}` is not a registry", shown(node.text().unwrap_or_default()));
                self.add(&node.mark, "config-value", join(&path, "registry"), message).hint =
                    Some("write it without scheme, such as `registry.example.com/apps`".into());
            }
        }
    }
}

fn web_url(text: &str) -> Option<reqwest::Url> {
    reqwest::Url::parse(text).ok().filter(|u| ["http", "https"].contains(&u.scheme()) && u.has_host())
}

fn is_domain(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// Whether a text can be the name of an environment variable.
pub fn is_variable_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn belongs_to_contract(name: &str) -> bool {
    CONTRACT.iter().any(|v| match v.name.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => v.name == name,
    })
}
