//! A dump: pg_dump's output on its way to a file or to standard output.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::ValueEnum;
use plattr_db::quote;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::target::Target;
use super::tools::Client;
use crate::ui::Ui;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// Forms of a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DumpFormat {
    /// SQL, which people read
    Plain,
    /// One compressed file
    Custom,
    /// A folder with one compressed file for each table
    Directory,
}

/// What of a schema is dumped, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only tables, views, functions and the like.
    pub schema_only: bool,
    /// Only rows.
    pub data_only: bool,
    /// Begins with dropping what it makes.
    pub clean: bool,
    /// Says who owned what, and who was granted what.
    pub with_owner: bool,
    /// Only these tables; patterns of pg_dump.
    pub tables: Vec<String>,
    /// Extensions whose things are in the schema.
    pub extensions: Vec<String>,
    /// Compressed by gzip, where the format itself is not.
    pub gzip: bool,
}

/// Arguments of pg_dump.
pub fn arguments(schema: &str, format: DumpFormat, wanted: &Wanted) -> Vec<String> {
    let Wanted { schema_only, data_only, clean, with_owner, tables, extensions, gzip } = wanted;
    let mut args = vec!["--no-password".to_owned()];
    args.push(match format {
        DumpFormat::Plain => "--format=plain".into(),
        DumpFormat::Custom => "--format=custom".into(),
        DumpFormat::Directory => "--format=directory".into(),
    });
    // In quotation marks, nothing in a name is a pattern.
    let schema = quote(schema);
    if tables.is_empty() {
        args.push(format!("--schema={schema}"));
        args.extend(extensions.iter().map(|name| format!("--extension={}", quote(name))));
    }
    let qualified = |table: &String| if table.contains('.') { table.clone() } else { format!("{schema}.{table}") };
    args.extend(tables.iter().map(|table| format!("--table={}", qualified(table))));
    let flags = [
        (*schema_only, "--schema-only"),
        (*data_only, "--data-only"),
        (*clean, "--clean"),
        (*clean, "--if-exists"),
        (!with_owner, "--no-owner"),
        (!with_owner, "--no-acl"),
        (*gzip && format == DumpFormat::Plain, "--compress=6"),
    ];
    args.extend(flags.into_iter().filter(|(wanted, _)| *wanted).map(|(_, flag)| flag.to_owned()));
    args
}

/// Dumps to standard output. Returns how many bytes that were.
///
/// # Errors
/// When pg_dump fails, or nobody reads on.
pub async fn to_stdout(ui: &Ui, client: &Client, target: &Target, args: &[String]) -> CommandResult<u64> {
    run(client, target, args, |piece| ui.bytes(piece)).await
}

/// Dumps to a file or a folder, which is there when it is whole, and for its owner only. Returns how many bytes it
/// has.
///
/// # Errors
/// When pg_dump fails, or the file cannot be written.
pub async fn to_path(
    client: &Client,
    target: &Target,
    args: &[String],
    path: &Path,
    format: DumpFormat,
    task: &dyn Task,
) -> CommandResult<u64> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e: io::Error| CommandError::io("write", path, e);
    // Beside its place, and gone with this value: whatever happens, nothing half is left.
    if format == DumpFormat::Directory {
        let staging = tempfile::Builder::new().prefix(".plattr-dump-").tempdir_in(parent).map_err(failed)?;
        let folder = staging.path().join("dump");
        let args = [args, &[format!("--file={}", folder.display())]].concat();
        run(client, target, &args, |_| Ok(())).await?;
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(failed)?;
        let bytes = size(&folder).map_err(failed)?;
        fs::rename(&folder, path).map_err(failed)?;
        return Ok(bytes);
    }
    let mut file = tempfile::Builder::new().prefix(".plattr-dump-").tempfile_in(parent).map_err(failed)?;
    let mut bytes = 0;
    run(client, target, args, |piece| {
        file.write_all(piece).map_err(failed)?;
        bytes += piece.len() as u64;
        task.bytes(bytes, None);
        Ok(())
    })
    .await?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(bytes)
}

fn size(folder: &Path) -> io::Result<u64> {
    fs::read_dir(folder)?.try_fold(0, |sum, entry| Ok(sum + entry?.metadata()?.len()))
}

async fn run(
    client: &Client,
    target: &Target,
    args: &[String],
    mut take: impl FnMut(&[u8]) -> CommandResult,
) -> CommandResult<u64> {
    let mut command = client.command("pg_dump", &target.server);
    let mut child = command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| cannot_start("pg_dump", e))?;
    let (Some(mut out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(cannot_start("pg_dump", io::ErrorKind::BrokenPipe.into()));
    };
    let said = tokio::spawn(last_words(err));
    let (mut piece, mut bytes) = (vec![0; 1 << 16], 0);
    loop {
        let read = out.read(&mut piece).await.map_err(|e| cannot_start("pg_dump", e))?;
        if read == 0 {
            break;
        }
        take(&piece[..read])?;
        bytes += read as u64;
    }
    let status = child.wait().await.map_err(|e| cannot_start("pg_dump", e))?;
    let said = said.await.unwrap_or_default();
    if status.success() {
        return Ok(bytes);
    }
    let error =
        CommandError::new(ErrorKind::Failed, "dump-failed", format!("cannot dump the database of {}", target.label))
            .because(if said.is_empty() { format!("pg_dump: {status}") } else { said.clone() });
    Err(match () {
        () if said.contains("row-level security") => {
            error.hint("the table has FORCE ROW LEVEL SECURITY; dump as a login with BYPASSRLS, by `--db-url`")
        }
        () if said.contains("no matching") => error.hint("`--table` takes names and patterns of tables in the schema"),
        () => error.hint("nothing was written"),
    })
}

/// The last lines that a program wrote; all of them are read, so that it never waits.
pub async fn last_words(mut from: impl AsyncRead + Unpin) -> String {
    const MOST: usize = 1 << 16;
    let (mut said, mut piece) = (Vec::new(), vec![0; 1 << 12]);
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        said.extend_from_slice(&piece[..read]);
        if said.len() > 2 * MOST {
            said.drain(..said.len() - MOST);
        }
    }
    let text = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// A program that did not even run.
pub fn cannot_start(program: &str, error: io::Error) -> CommandError {
    CommandError::new(ErrorKind::Environment, "spawn", format!("cannot run {program}")).because(error)
}

/// Whether a path asks for compression by gzip.
pub fn asks_for_gzip(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

/// Where a dump is to go: a path, or standard output for none and for `-`.
pub fn place(path: Option<PathBuf>) -> Option<PathBuf> {
    path.filter(|path| path.as_os_str() != "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_of_the_schema_alone_and_says_nothing_of_owners() {
        let args = arguments("odd.Na\"me", DumpFormat::Plain, &Wanted::default());
        assert_eq!(args, ["--no-password", "--format=plain", "--schema=\"odd.Na\"\"me\"", "--no-owner", "--no-acl"]);
    }

    #[test]
    fn tables_are_those_of_the_schema_unless_another_is_named() {
        let wanted = Wanted { tables: vec!["items".into(), "other.*".into()], with_owner: true, ..Wanted::default() };
        let args = arguments("todo", DumpFormat::Custom, &wanted);
        assert_eq!(args, ["--no-password", "--format=custom", "--table=\"todo\".items", "--table=other.*"]);
    }

    #[test]
    fn flags_become_those_of_pg_dump() {
        let wanted = Wanted {
            schema_only: true,
            clean: true,
            gzip: true,
            extensions: vec!["citext".into()],
            ..Wanted::default()
        };
        let args = arguments("todo", DumpFormat::Plain, &wanted).join(" ");
        for flag in ["--schema-only", "--clean --if-exists", "--compress=6", "--extension=\"citext\""] {
            assert!(args.contains(flag), "{flag} in {args}");
        }
        assert!(!arguments("todo", DumpFormat::Custom, &wanted).join(" ").contains("--compress"));
    }
}
