//! Copies roles and databases from the old server to the new one.

use plattr_db::literal;

use super::pair::{Cause, Pair, Side};
use crate::services::postgres::{ADMIN, KEYCLOAK};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Copies everything, and tells the databases. Nothing but the superuser's own is in the new server yet.
///
/// # Errors
/// When a statement fails.
pub async fn copy(pair: &dyn Pair, (from, to): (u32, u32), task: &dyn Task) -> CommandResult<Vec<String>> {
    task.doing("copying roles");
    pair.copy_roles().await?;
    if from < 16 && to >= 16 {
        administer(pair).await?;
    }
    let databases = pair.query(Side::Old, "postgres", DATABASES).await.map_err(failed)?;
    let databases: Vec<String> = databases.into_iter().flatten().collect();
    for database in &databases {
        task.doing(&format!("copying the database {database}"));
        pair.copy_database(database, task).await?;
        // The planner's statistics are not copied.
        pair.query(Side::New, database, "ANALYZE").await.map_err(failed)?;
    }
    Ok(databases)
}

/// Databases that people have.
const DATABASES: &str = "SELECT datname::text FROM pg_database
                          WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' ORDER BY 1";

/// Before 16, CREATEROLE alone let the administrator change all roles; since then it needs them granted.
async fn administer(pair: &dyn Pair) -> CommandResult {
    let (admin, keycloak) = (literal(ADMIN), literal(KEYCLOAK));
    let grant = format!(
        "DO $$ DECLARE it name; BEGIN
           FOR it IN SELECT rolname FROM pg_roles
                      WHERE NOT rolsuper AND rolname !~ '^pg_' AND rolname NOT IN ({admin}, {keycloak}) LOOP
             EXECUTE format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT TRUE, SET TRUE', it, {admin});
           END LOOP;
         END $$"
    );
    pair.query(Side::New, "postgres", &grant).await.map(drop).map_err(failed)
}

/// What a program that moves data says when it fails.
pub fn broken(program: &str, said: &str) -> CommandError {
    let message = format!("the data cannot be moved: {program} failed");
    let full = said.contains("No space left on device");
    let error = CommandError::new(ErrorKind::Failed, "upgrade-failed", message).because(said.trim().to_owned());
    if full { error.hint("make room for a second copy of the data, and run it again") } else { error }
}

fn failed(cause: Cause) -> CommandError {
    CommandError::new(ErrorKind::Failed, "upgrade-failed", "the data cannot be moved").because(cause)
}
