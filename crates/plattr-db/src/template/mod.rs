//! Databases that are copied instead of filled.
//!
//! A template is a database that was provisioned, migrated and seeded once. PostgreSQL copies it in a fraction of a
//! second, however many migrations there were. It is named after everything that it was made of, so that a changed
//! migration, another version of the server or another seed means another template.
//!
//! Nothing half made is ever copied: a template is built under another name and renamed when it is whole. One builder
//! works at a time (an advisory lock); others wait and then find what it made. What a killed builder left is dropped
//! by the next one.

mod databases;

use std::future::Future;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use databases::{MAINTENANCE, create, drop, exists, maintenance, named, swap};

use crate::{Server, Session, SqlFailure, literal, quote};

/// So many templates of an application are kept: those of the branches that a person goes back and forth between.
const KEPT: usize = 3;
/// How the names of templates begin.
const READY: &str = "plattr_template_";
/// How the names of databases begin in which a template is being built.
const BUILDING: &str = "plattr_building_";
/// Digits at the end of both names.
const DIGITS: usize = 12;
/// Advisory locks are told apart from those of others by this number; any would do.
const LOCK: i64 = 0x706c_6174_7472_7470;

/// Which template is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    owner: String,
    key: String,
}

/// Why there is no template.
#[derive(Debug)]
pub enum TemplateError<E> {
    /// The server refused.
    Server(SqlFailure),
    /// What was to fill it failed.
    Build(E),
}

impl<E> From<SqlFailure> for TemplateError<E> {
    fn from(failure: SqlFailure) -> Self {
        Self::Server(failure)
    }
}

/// What a template's comment says.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// When it was made.
    made: Timestamp,
    /// How long that took, in milliseconds.
    took: u64,
}

/// How a comment on a template begins.
const COMMENT: &str = "plattr template ";

impl Template {
    /// The template of `owner`, a schema of at most 30 characters. `made_of` is all that decides what is in it: another
    /// text means another template.
    pub fn new(owner: &str, made_of: &[impl AsRef<[u8]>]) -> Self {
        let mut digest = Sha256::new();
        for part in made_of {
            let part = part.as_ref();
            // With its length, so that no two lists of parts give the same text.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let key: String = digest.finalize().iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
        Self { owner: owner.to_owned(), key }
    }

    /// The name of its database.
    pub fn name(&self) -> String {
        format!("{READY}{}_{}", self.owner, self.key)
    }

    /// The names of all databases of this owner that begin with `prefix`.
    async fn siblings(&self, session: &Session, prefix: &str) -> Result<Vec<String>, SqlFailure> {
        let prefix = format!("{prefix}{}_", self.owner);
        // The owner `a` must not find the databases of the owner `a_b`.
        let length = prefix.len() + DIGITS;
        Ok(named(session, &prefix).await?.into_iter().filter(|name| name.len() == length).collect())
    }

    /// Makes sure that the template is there; says whether it had to be built. `admin` may make databases. `build` fills the
    /// empty database that it is given.
    ///
    /// # Errors
    /// What the server refused, or what `build` said; there is no template then.
    pub async fn ensure<E, B>(&self, admin: &Server, build: impl FnOnce(Server) -> B) -> Result<bool, TemplateError<E>>
    where
        B: Future<Output = Result<(), E>>,
    {
        let session = maintenance(admin).await?.connect().await?;
        let name = self.name();
        if exists(&session, &name).await? {
            return Ok(false);
        }
        // Until the session ends, however it ends.
        let lock = format!("SELECT pg_advisory_lock(hashtextextended({}, {LOCK}))", literal(&self.owner));
        session.client.batch_execute(&lock).await.map_err(SqlFailure::from)?;
        if exists(&session, &name).await? {
            return Ok(false);
        }
        let building = format!("{BUILDING}{}_{}", self.owner, self.key);
        for left in self.siblings(&session, BUILDING).await? {
            drop(&session, &left).await?;
        }
        let began = Timestamp::now();
        create(&session, &building, None).await?;
        if let Err(error) = build(admin.database(&building)).await {
            if let Err(failure) = drop(&session, &building).await {
                tracing::warn!(%failure, building, "left behind; the next builder drops it");
            }
            return Err(TemplateError::Build(error));
        }
        self.finish(&session, &building, began).await?;
        self.drop_old(&session).await?;
        Ok(true)
    }

    /// Closes what was built and gives it its name.
    async fn finish(&self, session: &Session, building: &str, began: Timestamp) -> Result<(), SqlFailure> {
        let made = Timestamp::now();
        let took = u64::try_from(made.duration_since(began).as_millis()).unwrap_or_default();
        let comment = format!("{COMMENT}{}", serde_json::json!(Record { made, took }));
        let sql = format!(
            // A database that someone uses cannot be copied, so nobody gets in any more.
            "ALTER DATABASE {from} ALLOW_CONNECTIONS false; COMMENT ON DATABASE {from} IS {comment};",
            from = quote(building),
            comment = literal(&comment),
        );
        session.client.batch_execute(&sql).await?;
        databases::end_sessions(session, building).await?;
        let rename = format!("ALTER DATABASE {} RENAME TO {}", quote(building), quote(&self.name()));
        Ok(session.client.batch_execute(&rename).await?)
    }

    /// Drops all but the newest.
    async fn drop_old(&self, session: &Session) -> Result<(), SqlFailure> {
        let mut others = self.siblings(session, READY).await?;
        others.retain(|name| *name != self.name());
        let sql = "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database
                   WHERE datname = ANY($1::text[])";
        let rows = session.client.query(sql, &[&others]).await?;
        let mut others: Vec<(Option<Timestamp>, String)> =
            rows.iter().map(|row| (row.get::<_, Option<String>>(1).and_then(|text| made(&text)), row.get(0))).collect();
        others.sort();
        for (_, name) in others.iter().rev().skip(KEPT - 1) {
            drop(session, name).await?;
        }
        Ok(())
    }
}

/// When the template with this comment was made.
fn made(comment: &str) -> Option<Timestamp> {
    let record: Record = serde_json::from_str(comment.strip_prefix(COMMENT)?).ok()?;
    Some(record.made)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_part_counts_and_so_does_where_it_ends() {
        let name = |parts: &[&str]| Template::new("todo", parts).name();
        assert_eq!(name(&["17", "a"]), name(&["17", "a"]));
        assert_ne!(name(&["17", "a"]), name(&["17", "b"]));
        assert_ne!(name(&["1", "7a"]), name(&["17", "a"]));
        assert!(name(&["17"]).starts_with("plattr_template_todo_"));
    }

    #[test]
    fn a_comment_says_when_a_template_was_made() {
        let record = Record { made: Timestamp::UNIX_EPOCH, took: 7 };
        assert_eq!(made(&format!("{COMMENT}{}", serde_json::json!(record))), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(made("something else"), None);
    }
}
