//! What a person writes: where to forward to, and which ports.

use std::fmt;
use std::str::FromStr;

/// What is forwarded to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An instance of a service: `postgres`, `postgrest-todo`.
    Instance(String),
    /// The pods of an application.
    App(String),
    /// The pods of a Deployment.
    Deployment(String),
    /// The pods of a Service; ports are the Service's.
    Service(String),
    /// One pod, ready or not.
    Pod(String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((kind, name)) = text.split_once('/') else { return name(text).map(Self::Instance) };
        let name = name_of(kind, name)?;
        match kind {
            "app" => Ok(Self::App(name)),
            "deployment" => Ok(Self::Deployment(name)),
            "service" => Ok(Self::Service(name)),
            "pod" => Ok(Self::Pod(name)),
            _ => Err(format!("there is no kind `{kind}`: use app, deployment, service or pod")),
        }
    }
}

fn name_of(kind: &str, text: &str) -> Result<String, String> {
    name(text).map_err(|_| format!("`{text}` is no name of a {kind}"))
}

/// A name as Kubernetes has them, so that it can stand in selectors and paths.
fn name(text: &str) -> Result<String, String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let whole = !text.is_empty() && text.len() <= 253 && text.chars().all(good) && !text.starts_with(['-', '.']);
    if whole { Ok(text.to_owned()) } else { Err(format!("`{text}` is no name: write `postgres`, or `app/todo`")) }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(name) => f.write_str(name),
            Self::App(name) => write!(f, "app/{name}"),
            Self::Deployment(name) => write!(f, "deployment/{name}"),
            Self::Service(name) => write!(f, "service/{name}"),
            Self::Pod(name) => write!(f, "pod/{name}"),
        }
    }
}

/// A port of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// By number.
    Number(u16),
    /// By its name in the pod.
    Name(String),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl FromStr for Port {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<u64>().is_ok() {
            return number(text).map(Self::Number);
        }
        // IANA_SVC_NAME, as Kubernetes checks it.
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let whole = text.len() <= 15 && text.chars().all(good) && text.chars().any(|c| c.is_ascii_lowercase());
        if whole { Ok(Self::Name(text.to_owned())) } else { Err(format!("`{text}` is no number or name of a port")) }
    }
}

fn number(text: &str) -> Result<u16, String> {
    let number = text.parse::<u16>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{text}` is no port: use a number from 1 to 65535"))
}

/// The port that listens on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// The same number as in the pod.
    Same,
    /// This one.
    Port(u16),
    /// Any free one.
    Free,
}

/// `[LOCAL:]PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// On this machine.
    pub local: Local,
    /// In the pod.
    pub port: Port,
}

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (local, port) = match text.split_once(':') {
            None => (Local::Same, text),
            Some(("", port)) => (Local::Free, port),
            Some((local, port)) => (Local::Port(number(local)?), port),
        };
        Ok(Self { local, port: port.parse()? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_written() {
        for text in ["postgres", "postgrest-todo", "app/todo", "deployment/web", "service/web", "pod/web-0"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        for wrong in ["", "app/", "node/a", "a b", "app/a,b=c", "pod/../x", "-a"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ports_have_a_local_side_and_a_side_in_the_pod() {
        let read = |text: &str| text.parse::<Ports>().map(|p| (p.local, p.port.to_string()));
        assert_eq!(read("5432"), Ok((Local::Same, "5432".into())));
        assert_eq!(read("15432:sql"), Ok((Local::Port(15432), "sql".into())));
        assert_eq!(read(":http"), Ok((Local::Free, "http".into())));
        for wrong in ["", ":", "0", "1:0", "0:1", "65536", "a:1", "1:2:3", "A", "a-very-long-port-name"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
