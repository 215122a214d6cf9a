//! Copies roles and databases from one server to another, by pg_dump and psql.

use std::io;
use std::process::Stdio;

use plattr_db::{Server, SqlFailure, literal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::database::dump::{cannot_start, last_words};
use crate::database::tools::Client;
use crate::services::postgres::{ADMIN, KEYCLOAK};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Copies everything, and tells the databases. Nothing but the superuser's own is in the new server yet.
///
/// # Errors
/// When a statement fails.
pub async fn copy(
    client: &Client,
    (old, from): (&Server, u32),
    (new, to): (&Server, u32),
    task: &dyn Task,
) -> CommandResult<Vec<String>> {
    task.doing("copying roles");
    roles(client, old, new).await?;
    if from < 16 && to >= 16 {
        administer(new).await?;
    }
    let databases = databases(old).await?;
    for database in &databases {
        task.doing(&format!("copying the database {database}"));
        pipe(client, &old.database(database), new, task).await?;
        // The planner's statistics are not copied.
        sql(&new.database(database), "ANALYZE").await?;
    }
    Ok(databases)
}

/// Databases that people have.
async fn databases(server: &Server) -> CommandResult<Vec<String>> {
    let sql = "SELECT datname::text FROM pg_database
                WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' ORDER BY 1";
    let session = server.connect().await.map_err(failed)?;
    let rows = session.client.query(sql, &[]).await.map_err(|e| failed(e.into()))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn sql(server: &Server, statement: &str) -> CommandResult {
    let session = server.connect().await.map_err(failed)?;
    session.client.batch_execute(statement).await.map_err(|e| failed(SqlFailure::new(&e, statement)))
}

/// Roles with their passwords, as hashes, and what each is a member of.
async fn roles(client: &Client, old: &Server, new: &Server) -> CommandResult {
    let dumped = client
        .command("pg_dumpall", old)
        .args(["--globals-only", "--no-password"])
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|e| cannot_start("pg_dumpall", e))?;
    if !dumped.status.success() {
        return Err(broken("pg_dumpall", &String::from_utf8_lossy(&dumped.stderr)));
    }
    let text = String::from_utf8_lossy(&dumped.stdout);
    // The superuser is there.
    let script: String = text.split_inclusive('\n').filter(|line| line.trim_end() != "CREATE ROLE postgres;").collect();
    let mut psql = psql(client, new).spawn().map_err(|e| cannot_start("psql", e))?;
    if let Some(mut stdin) = psql.stdin.take() {
        // What it no longer reads, it has an error for.
        let _ = stdin.write_all(script.as_bytes()).await;
    }
    let ended = psql.wait_with_output().await.map_err(|e| cannot_start("psql", e))?;
    if ended.status.success() { Ok(()) } else { Err(broken("psql", &String::from_utf8_lossy(&ended.stderr))) }
}

/// Before 16, CREATEROLE alone let the administrator change all roles; since then it needs them granted.
async fn administer(server: &Server) -> CommandResult {
    let (admin, keycloak) = (literal(ADMIN), literal(KEYCLOAK));
    sql(
        server,
        &format!(
            "DO $$ DECLARE it name; BEGIN
               FOR it IN SELECT rolname FROM pg_roles
                          WHERE NOT rolsuper AND rolname !~ '^pg_' AND rolname NOT IN ({admin}, {keycloak}) LOOP
                 EXECUTE format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT TRUE, SET TRUE', it, {admin});
               END LOOP;
             END $$"
        ),
    )
    .await
}

fn psql(client: &Client, server: &Server) -> tokio::process::Command {
    let mut command = client.command("psql", server);
    command
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// One database, with its owner, its settings and what is granted on it.
async fn pipe(client: &Client, old: &Server, new: &Server, task: &dyn Task) -> CommandResult {
    let mut dump = client
        .command("pg_dump", old)
        .args(["--create", "--format=plain", "--no-password"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| cannot_start("pg_dump", e))?;
    let mut psql = psql(client, new).spawn().map_err(|e| cannot_start("psql", e))?;
    let (Some(mut out), Some(dump_err), Some(mut stdin), Some(psql_err)) =
        (dump.stdout.take(), dump.stderr.take(), psql.stdin.take(), psql.stderr.take())
    else {
        return Err(cannot_start("pg_dump", io::ErrorKind::BrokenPipe.into()));
    };
    let (dump_said, psql_said) = (tokio::spawn(last_words(dump_err)), tokio::spawn(last_words(psql_err)));
    let (mut piece, mut bytes) = (vec![0; 1 << 16], 0);
    loop {
        let read = out.read(&mut piece).await.map_err(|e| cannot_start("pg_dump", e))?;
        // What psql no longer reads, it has an error for.
        if read == 0 || stdin.write_all(&piece[..read]).await.is_err() {
            break;
        }
        bytes += read as u64;
        task.bytes(bytes, None);
    }
    // pg_dump must not wait for a psql that has ended.
    drop((out, stdin));
    let (dumped, run) = (dump.wait().await, psql.wait().await);
    let run = run.map_err(|e| cannot_start("psql", e))?;
    if !run.success() {
        return Err(broken("psql", &psql_said.await.unwrap_or_default()));
    }
    let dumped = dumped.map_err(|e| cannot_start("pg_dump", e))?;
    if dumped.success() { Ok(()) } else { Err(broken("pg_dump", &dump_said.await.unwrap_or_default())) }
}

fn broken(program: &str, said: &str) -> CommandError {
    let message = format!("the data cannot be moved: {program} failed");
    let full = said.contains("No space left on device");
    let error = CommandError::new(ErrorKind::Failed, "upgrade-failed", message).because(said.trim().to_owned());
    if full { error.hint("make room for a second copy of the data, and run it again") } else { error }
}

fn failed(failure: SqlFailure) -> CommandError {
    CommandError::new(ErrorKind::Failed, "upgrade-failed", "the data cannot be moved").because(failure)
}
