//! Redis and Valkey: an ACL user that reaches only the keys and channels under the application's prefix.
//!
//! The user may run every command except those of `@admin` and `@dangerous`, with what clients need while
//! connecting: `INFO` (ioredis' ready check, BullMQ's version check) and the harmless parts of `CLIENT`.
//! `KEYS` stays refused (`@dangerous`); applications use `SCAN`. Both would show other applications' key
//! *names*, which no ACL can prevent for `SCAN`; values stay out of reach. `FUNCTION` is refused where it
//! exists, because libraries belong to the whole server.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plattr_api::Names;
use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, ErrorKind, RedisError, Value, cmd};
use sha2::{Digest, Sha256};

use crate::Login;
use crate::check::{Check, Checks, hex, random_hex};

/// Why provisioning Redis failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection, or the login was refused.
    #[error("cannot connect to Redis at {host}:{port} as `{user}`: {reason}")]
    Connect {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// User.
        user: String,
        /// What the server or the network said.
        reason: String,
    },
    /// The ACL could not be read.
    #[error("cannot read {what} from Redis: {reason}")]
    Observe {
        /// What was read.
        what: &'static str,
        /// What the server said.
        reason: String,
    },
    /// The ACL could not be written.
    #[error("cannot {what}: {reason}")]
    Apply {
        /// What was to be done.
        what: String,
        /// What the server said.
        reason: String,
    },
    /// Everything was applied, and something still differs.
    #[error("Redis still differs after provisioning: {}", remaining.join(", "))]
    NotConverged {
        /// What the new plan would do.
        remaining: Vec<String>,
    },
}

/// What one application needs from Redis.
#[derive(Clone, PartialEq, Eq)]
pub struct Desired {
    /// Its ACL user.
    pub user: Login,
    /// Prefix of its keys and channels.
    pub prefix: String,
}

impl Desired {
    /// What is needed under `names`.
    pub fn new(names: &Names, password: impl Into<String>) -> Self {
        Self {
            user: Login { user: names.redis_user.clone(), password: password.into() },
            prefix: names.redis_prefix.clone(),
        }
    }
}

/// The ACL of a user, in the server's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acl {
    /// Such as `on`.
    pub flags: BTreeSet<String>,
    /// SHA-256 of the passwords.
    pub passwords: BTreeSet<String>,
    /// Rules, such as `-@admin`, in their order.
    pub commands: Vec<String>,
    /// Key patterns.
    pub keys: BTreeSet<String>,
    /// Channel patterns.
    pub channels: BTreeSet<String>,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// Version, such as (7, 2).
    pub version: (u32, u32),
    /// The commands of the categories that the rules name.
    pub categories: BTreeMap<String, BTreeSet<String>>,
    /// The application's user.
    pub user: Option<Acl>,
}

/// One thing to do. The user is always written as a whole, because a partial rule would add to what a person
/// had given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Create the user.
    CreateUser {
        /// User.
        user: String,
        /// Its rules for commands.
        commands: Vec<&'static str>,
    },
    /// Write the user anew.
    ResetUser {
        /// User.
        user: String,
        /// What differs.
        because: Vec<&'static str>,
        /// Its rules for commands.
        commands: Vec<&'static str>,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateUser { user, .. } => write!(f, "create Redis user {user}"),
            Self::ResetUser { user, because, .. } => {
                write!(f, "reset Redis user {user}: its {} differ", because.join(", "))
            }
        }
    }
}

/// Opens a connection.
///
/// # Errors
/// [`Error::Connect`] when the server cannot be reached or refuses the login.
pub async fn connect(host: &str, port: u16, login: &Login) -> Result<MultiplexedConnection, Error> {
    try_connect(host, port, login).await.map_err(|e| Error::Connect {
        host: host.into(),
        port,
        user: login.user.clone(),
        reason: e.to_string(),
    })
}

async fn try_connect(host: &str, port: u16, login: &Login) -> Result<MultiplexedConnection, RedisError> {
    use redis::{ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo};
    let settings = RedisConnectionInfo::default().set_username(&login.user).set_password(&login.password);
    let info = ConnectionAddr::Tcp(host.into(), port).into_connection_info()?.set_redis_settings(settings);
    Client::open(info)?.get_multiplexed_async_connection().await
}

/// Reads the user and the server's version.
///
/// # Errors
/// [`Error::Observe`] with what the server said.
pub async fn observe(connection: &mut MultiplexedConnection, desired: &Desired) -> Result<Observed, Error> {
    let failed = |what| move |e: RedisError| Error::Observe { what, reason: e.to_string() };
    let info: String = cmd("INFO").arg("server").query_async(connection).await.map_err(failed("the version"))?;
    let version = info
        .lines()
        .find_map(|line| line.strip_prefix("redis_version:"))
        .map(|v| {
            let mut parts = v.trim().split('.').map(|p| p.parse().unwrap_or(0));
            (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
        })
        .unwrap_or_default();
    let user: Value = cmd("ACL")
        .arg("GETUSER")
        .arg(&desired.user.user)
        .query_async(connection)
        .await
        .map_err(failed("the ACL user"))?;
    let mut categories = BTreeMap::new();
    for category in ["admin", "dangerous"] {
        let commands: BTreeSet<String> =
            cmd("ACL").arg("CAT").arg(category).query_async(connection).await.map_err(failed("command categories"))?;
        categories.insert(category.to_owned(), commands);
    }
    Ok(Observed { version, categories, user: parse_acl(user) })
}

/// Reads the answer of `ACL GETUSER`: pairs of a name and a list (6.2) or a string (7).
fn parse_acl(answer: Value) -> Option<Acl> {
    let pairs: Vec<(Value, Value)> = match answer {
        Value::Array(items) => {
            let mut items = items.into_iter();
            std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect()
        }
        Value::Map(pairs) => pairs,
        _ => return None,
    };
    let mut acl = Acl::default();
    for (name, value) in pairs {
        let texts = strings(&value);
        let words = || texts.iter().flat_map(|text| text.split_whitespace());
        let without = |sigil: char| words().map(|word| word.trim_start_matches(sigil).to_owned()).collect();
        match strings(&name).first().map(String::as_str) {
            Some("flags") => acl.flags = without(' '),
            Some("passwords") => acl.passwords = without('#'),
            Some("commands") => acl.commands = words().map(str::to_owned).collect(),
            Some("keys") => acl.keys = without('~'),
            Some("channels") => acl.channels = without('&'),
            _ => {}
        }
    }
    Some(acl)
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::BulkString(bytes) => vec![String::from_utf8_lossy(bytes).into_owned()],
        Value::SimpleString(text) => vec![text.clone()],
        Value::Array(items) | Value::Set(items) => items.iter().flat_map(strings).collect(),
        _ => vec![],
    }
}

/// Rules for commands; which names exist depends on the version.
fn commands(version: (u32, u32)) -> Vec<&'static str> {
    let mut rules = vec!["+@all", "-@admin", "-@dangerous", "+info"];
    if version < (7, 0) {
        // Before 7.0 all of CLIENT is one command of @admin.
        rules.extend(["+client|setname", "+client|getname", "+client|id"]);
    } else {
        rules.push("-function");
    }
    rules
}

/// What rules come to.
#[derive(Default, PartialEq, Eq)]
struct Effect {
    denied: BTreeSet<String>,
    allowed_parts: BTreeSet<String>,
    /// Rules that are not ours, so that their effect need not be known.
    other: BTreeSet<String>,
}

/// Rules have many spellings: 6.2 answers `-@dangerous` with the commands of it that are still denied. Only what
/// they come to can be compared.
fn effect<'a>(rules: impl Iterator<Item = &'a str>, categories: &BTreeMap<String, BTreeSet<String>>) -> Effect {
    let mut effect = Effect::default();
    for rule in rules {
        if let Some(commands) = rule.strip_prefix("-@").and_then(|category| categories.get(category)) {
            effect.denied.extend(commands.iter().cloned());
        } else if rule == "+@all" {
            effect = Effect::default();
        } else if rule.contains('@') {
            effect.other.insert(rule.to_owned());
        } else if let Some(command) = rule.strip_prefix('-') {
            effect.denied.insert(command.to_owned());
        } else if let Some(command) = rule.strip_prefix('+')
            && !effect.denied.remove(command)
            && command.contains('|')
        {
            effect.allowed_parts.insert(command.to_owned());
        }
    }
    effect
}

/// What makes `observed` as `desired`; empty when it is.
pub fn plan(desired: &Desired, observed: &Observed) -> Vec<Change> {
    let user = desired.user.user.clone();
    let commands = commands(observed.version);
    let Some(found) = &observed.user else { return vec![Change::CreateUser { user, commands }] };
    let pattern = BTreeSet::from([format!("{}*", desired.prefix)]);
    let password = BTreeSet::from([hex(&Sha256::digest(desired.user.password.as_bytes()))]);
    let wanted = effect(commands.iter().copied(), &observed.categories);
    let has = effect(found.commands.iter().map(String::as_str), &observed.categories);
    let everything_first = found.commands.first().is_some_and(|rule| rule == "+@all");
    let flags_fit = found.flags.contains("on") && !found.flags.contains("nopass");
    let because: Vec<&'static str> = [
        ("flags", flags_fit),
        ("passwords", found.passwords == password),
        ("commands", everything_first && has == wanted),
        ("keys", found.keys == pattern),
        ("channels", found.channels == pattern),
    ]
    .into_iter()
    .filter_map(|(what, fits)| (!fits).then_some(what))
    .collect();
    if because.is_empty() { vec![] } else { vec![Change::ResetUser { user, because, commands }] }
}

/// Does `changes`, and saves the ACL where the server has a file for it; a server without one forgets the user
/// when it restarts, and the next run makes it again.
///
/// # Errors
/// [`Error::Apply`] with what the server said.
pub async fn apply(connection: &mut MultiplexedConnection, desired: &Desired, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        tracing::debug!(%change, "Redis");
        let (Change::CreateUser { user, commands } | Change::ResetUser { user, commands, .. }) = change;
        // The hash, so that no MONITOR and no slow log has the password.
        let password = format!("#{}", hex(&Sha256::digest(desired.user.password.as_bytes())));
        cmd("ACL")
            .arg("SETUSER")
            .arg(user)
            // 6.2 starts every user with all channels, and refuses a pattern after them.
            .arg(&["reset", "resetchannels", "on", &password])
            .arg(format!("~{}*", desired.prefix))
            .arg(format!("&{}*", desired.prefix))
            .arg(commands)
            .query_async::<()>(connection)
            .await
            .map_err(|e| Error::Apply { what: change.to_string(), reason: e.to_string() })?;
    }
    if !changes.is_empty()
        && let Err(error) = cmd("ACL").arg("SAVE").query_async::<()>(connection).await
    {
        tracing::debug!(%error, "Redis keeps its ACL in memory only");
    }
    Ok(())
}

/// Makes Redis as `desired`, and says what was done.
///
/// # Errors
/// What could not be read or done.
pub async fn ensure(connection: &mut MultiplexedConnection, desired: &Desired) -> Result<Vec<Change>, Error> {
    let changes = plan(desired, &observe(connection, desired).await?);
    if changes.is_empty() {
        return Ok(changes);
    }
    apply(connection, desired, &changes).await?;
    let remaining = plan(desired, &observe(connection, desired).await?);
    if !remaining.is_empty() {
        return Err(Error::NotConverged { remaining: remaining.iter().map(ToString::to_string).collect() });
    }
    Ok(changes)
}

/// Deletes the user and every key under its prefix. What is gone already is fine.
///
/// # Errors
/// [`Error::Apply`] with what the server said.
pub async fn deprovision(connection: &mut MultiplexedConnection, desired: &Desired) -> Result<(), Error> {
    let failed = |what: &str| {
        let what = format!("{what} {}", desired.user.user);
        move |e: RedisError| Error::Apply { what, reason: e.to_string() }
    };
    // The user first: then nobody writes any more.
    cmd("ACL")
        .arg("DELUSER")
        .arg(&desired.user.user)
        .query_async::<()>(connection)
        .await
        .map_err(failed("delete user"))?;
    let pattern = format!("{}*", glob(&desired.prefix));
    let mut cursor = 0_u64;
    loop {
        let (next, keys): (u64, Vec<Vec<u8>>) = cmd("SCAN")
            .arg(cursor)
            .arg("MATCH")
            .arg(&pattern)
            .arg("COUNT")
            .arg(1000)
            .query_async(connection)
            .await
            .map_err(failed("find the keys of"))?;
        if !keys.is_empty() {
            cmd("UNLINK").arg(keys).query_async::<()>(connection).await.map_err(failed("delete the keys of"))?;
        }
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    if let Err(error) = cmd("ACL").arg("SAVE").query_async::<()>(connection).await {
        tracing::debug!(%error, "Redis keeps its ACL in memory only");
    }
    Ok(())
}

/// A text as a pattern that only it matches.
fn glob(text: &str) -> String {
    let special = |c| matches!(c, '*' | '?' | '[' | ']' | '\\');
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Uses Redis as the application does, and tries what must be refused.
pub async fn verify(host: &str, port: u16, desired: &Desired) -> Vec<Check> {
    const REDIS: Checks = Checks("redis");
    const REPAIR: &str = "provision again: `plattr dev` repairs the ACL user";
    let mut app = match connect(host, port, &desired.user).await {
        Ok(connection) => connection,
        Err(error) => return vec![REDIS.fail("login", error.to_string(), REPAIR)],
    };
    let mut checks = vec![REDIS.pass("login", "the application's user logs in")];

    let key = format!("{}plattr-check-{}", desired.prefix, random_hex(4));
    let round_trip = async {
        // EX: a run that is killed here leaves nothing for long.
        cmd("SET").arg(&key).arg("one").arg("EX").arg(60).query_async::<()>(&mut app).await?;
        let read: String = cmd("GET").arg(&key).query_async(&mut app).await?;
        let expires: i64 = cmd("TTL").arg(&key).query_async(&mut app).await?;
        cmd("DEL").arg(&key).query_async::<()>(&mut app).await?;
        Ok::<_, RedisError>((read, expires))
    };
    let round_trip = match round_trip.await {
        Ok((read, 1..=60)) if read == "one" => Ok("sets, gets, expires and deletes a key".to_owned()),
        Ok((read, expires)) => Err(format!("wrote `one`, read `{read}` that expires in {expires} s")),
        Err(error) => Err(error.to_string()),
    };
    checks.push(REDIS.result("keys", round_trip, REPAIR));

    let foreign = format!("plattr-foreign:{}", random_hex(4));
    let mut refused = async |name, what: &str, command: &Cmd| {
        let seen = match command.query_async::<Value>(&mut app).await {
            Err(error) if error.code() == Some("NOPERM") => Ok(format!("{what} is refused")),
            Err(error) => Err(format!("{what}: {error}")),
            Ok(_) => Err(format!("{what} was allowed")),
        };
        REDIS.result(name, seen, REPAIR)
    };
    checks.push(refused("foreign-key", "a key outside the prefix", cmd("GET").arg(&foreign)).await);
    checks
        .push(refused("foreign-channel", "a channel outside the prefix", cmd("PUBLISH").arg(&foreign).arg("x")).await);
    checks.push(refused("admin-denied", "an admin command", cmd("ACL").arg("LIST")).await);

    let wrong = Login { user: desired.user.user.clone(), password: format!("wrong-{}", random_hex(8)) };
    checks.push(match try_connect(host, port, &wrong).await {
        Err(error) if error.kind() == ErrorKind::AuthenticationFailed || error.code() == Some("WRONGPASS") => {
            REDIS.pass("wrong-password", "a wrong password is refused")
        }
        Err(error) => REDIS.fail("wrong-password", error.to_string(), ""),
        Ok(_) => REDIS.fail("wrong-password", "a wrong password was accepted", REPAIR),
    });
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desired() -> Desired {
        Desired { user: Login { user: "todo".into(), password: "secret".into() }, prefix: "todo:".into() }
    }

    fn observed(version: (u32, u32)) -> Observed {
        let set = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<BTreeSet<_>>();
        let categories = BTreeMap::from([
            ("admin".to_owned(), set(&["acl", "client"])),
            ("dangerous".to_owned(), set(&["acl", "info", "keys"])),
        ]);
        let user = Acl {
            flags: set(&["on", "sanitize-payload"]),
            passwords: set(&[&hex(&Sha256::digest(b"secret"))]),
            commands: commands(version).iter().map(|c| (*c).to_owned()).collect(),
            keys: set(&["todo:*"]),
            channels: set(&["todo:*"]),
        };
        Observed { version, categories, user: Some(user) }
    }

    /// What the plan would do to a user in which `change` changed something.
    fn because<T>(change: impl FnOnce(&mut Acl) -> T) -> Vec<String> {
        let mut observed = observed((7, 2));
        if let Some(user) = &mut observed.user {
            change(user);
        }
        plan(&desired(), &observed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_missing_user_is_created_and_a_fitting_one_left_alone() {
        let missing = Observed { user: None, ..observed((7, 2)) };
        assert!(matches!(plan(&desired(), &missing)[..], [Change::CreateUser { .. }]));
        assert_eq!(plan(&desired(), &observed((7, 2))), []);
        assert_eq!(plan(&desired(), &observed((6, 2))), []);
    }

    #[test]
    fn each_thing_that_differs_is_named() {
        let reset = |what: &str| [format!("reset Redis user todo: its {what} differ")];
        assert_eq!(because(|u| u.flags.insert("nopass".into())), reset("flags"));
        assert_eq!(because(|u| u.flags.remove("on")), reset("flags"));
        assert_eq!(because(|u| u.passwords.insert("another".into())), reset("passwords"));
        assert_eq!(because(|u| u.commands.push("+acl".into())), reset("commands"));
        assert_eq!(because(|u| u.commands.push("-get".into())), reset("commands"));
        assert_eq!(because(|u| u.commands.push("+@admin".into())), reset("commands"));
        assert_eq!(because(|u| u.keys.insert("*".into())), reset("keys"));
        assert_eq!(because(|u| u.channels.clear()), reset("channels"));
    }

    #[test]
    fn the_spelling_of_6_2_is_recognised() {
        let mut observed = observed((6, 2));
        let spelled = "+@all -@admin -keys +client|setname +client|getname +client|id";
        observed.user.iter_mut().for_each(|u| u.commands = spelled.split(' ').map(str::to_owned).collect());
        assert_eq!(plan(&desired(), &observed), []);
    }

    #[test]
    fn a_prefix_is_a_pattern_of_itself_only() {
        assert_eq!(glob("todo:"), "todo:");
        assert_eq!(glob("a*[b]?\\"), "a\\*\\[b\\]\\?\\\\");
    }

    #[test]
    fn both_forms_of_an_answer_are_read() {
        let text = |t: &str| Value::BulkString(t.into());
        let six = Value::Array(vec![text("keys"), Value::Array(vec![text("a:*")])]);
        let seven = Value::Map(vec![(text("keys"), text("~a:*"))]);
        assert_eq!(parse_acl(six), parse_acl(seven));
        assert_eq!(parse_acl(Value::Nil), None);
    }
}
