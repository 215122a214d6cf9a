//! What can be completed: asked in the background, by a session of its own, so that no transaction sees it.

use std::sync::{Arc, PoisonError};

use plattr_db::shell::complete::{Names, Relation};
use plattr_db::shell::describe::names;
use tokio_postgres::Client;

use super::Shell;

impl Shell<'_> {
    /// Asks for the names, anew.
    pub fn load_names(&self) {
        let (login, to) = (self.source.login.clone(), Arc::clone(&self.names));
        tokio::spawn(async move {
            let found = match login.connect().await {
                Ok(session) => ask(&session.client).await.map_err(Into::into),
                Err(failure) => Err(failure),
            };
            match found {
                Ok(found) => *to.write().unwrap_or_else(PoisonError::into_inner) = found,
                // People can write names themselves.
                Err(failure) => tracing::debug!(%failure, "nothing can be completed"),
            }
        });
    }
}

async fn ask(client: &Client) -> Result<Names, tokio_postgres::Error> {
    let text = |sql| async move {
        let rows = client.query(sql, &[]).await?;
        Ok::<_, tokio_postgres::Error>(rows.iter().map(|row| row.get(0)).collect::<Vec<String>>())
    };
    let relation = |row: &tokio_postgres::Row| Relation {
        schema: row.get(0),
        name: row.get(1),
        visible: row.get(2),
        columns: row.get(3),
    };
    Ok(Names {
        keywords: client.query(names::KEYWORDS, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect(),
        schemas: text(names::SCHEMAS).await?,
        relations: client.query(names::RELATIONS, &[]).await?.iter().map(relation).collect(),
        functions: {
            let rows = client.query(names::FUNCTIONS, &[]).await?;
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
        },
        databases: text(names::DATABASES).await?,
    })
}
