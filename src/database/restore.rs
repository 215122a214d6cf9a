//! A dump on its way back: read, decompressed, made a script by pg_restore where it is an archive, and run by psql in
//! one transaction.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use plattr_db::emptying::emptying;
use plattr_db::{migrate, quote};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use super::dump::{cannot_start, last_words};
use super::script::{Script, ScriptError};
use super::target::Target;
use super::tools::Client;
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Task;

/// How long emptying the schema waits for locks.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many pieces of a dump may wait for the server.
const PIECES: usize = 16;
/// How many bytes tell what a dump is.
const HEAD: usize = 512;

/// What a dump looks like, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Script,
    /// pg_restore's `custom` or `tar`.
    Archive,
    Gzip,
    Zstandard,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstandard,
            _ if head.starts_with(b"PGDMP") || head.get(257..262) == Some(b"ustar") => Self::Archive,
            _ => Self::Script,
        }
    }
}

/// What is done besides restoring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Empties the schema first.
    pub clean: bool,
    /// Owners and grants of the dump count.
    pub with_owner: bool,
}

/// Restores a file, a folder, or standard input where the path is `-`. All of it or nothing.
///
/// # Errors
/// When the dump cannot be read, is cut off, is of another schema, or the server refuses a statement.
pub async fn restore(client: &Client, target: &Target, path: &Path, wanted: Wanted, task: &dyn Task) -> CommandResult {
    let mut dump = Dump::open(client, target, path, wanted).await?;
    let key = random_key().map_err(|e| CommandError::io("read", Path::new("/dev/urandom"), e))?;
    let mut command = client.command("psql", &target.server);
    let mut psql = command
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| cannot_start("psql", e))?;
    let (Some(mut stdin), Some(stderr)) = (psql.stdin.take(), psql.stderr.take()) else {
        return Err(cannot_start("psql", io::ErrorKind::BrokenPipe.into()));
    };
    let said = tokio::spawn(last_words(stderr));
    let fed = feed(&mut dump, &mut stdin, target, wanted, &key, task).await;
    if let Fed::Failed(error) = fed {
        let _ = psql.kill().await;
        return Err(error.hint("nothing was changed"));
    }
    drop(stdin);
    let status = psql.wait().await.map_err(|e| cannot_start("psql", e))?;
    let said = said.await.unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    let why = if said.is_empty() { format!("psql: {status}") } else { said.clone() };
    let message = format!("cannot restore the database of {}", target.label);
    let error =
        CommandError::new(ErrorKind::Failed, "restore-failed", message).because(why).hint("nothing was changed");
    Err(match () {
        () if said.contains("already exists") => {
            error.hint("`--clean` empties the schema first, in the same transaction")
        }
        () if said.contains("is restricted") || said.contains("restricted mode") => {
            error.hint("the dump has a command of psql, such as `\\!`, which plattr lets no dump run")
        }
        () if said.contains("due to lock timeout") => {
            error.hint("somebody holds a lock of the schema: `plattr db inspect locks` shows who")
        }
        () if said.contains("unrecognized configuration parameter") => {
            error.hint("the dump is of a newer PostgreSQL than this server")
        }
        () => error,
    })
}

/// What became of feeding psql.
enum Fed {
    /// It has everything, or it has ended before.
    Done,
    Failed(CommandError),
}

async fn feed(
    dump: &mut Dump,
    stdin: &mut ChildStdin,
    target: &Target,
    wanted: Wanted,
    key: &str,
    task: &dyn Task,
) -> Fed {
    // psql then refuses its own commands, by which a dump could run programs (CVE-2025-8714).
    // A script of somebody's own may name no schema.
    let schema = &target.schema;
    let mut out = format!("\\restrict {key}\nBEGIN;\nSET search_path TO {};\n", quote(schema)).into_bytes();
    if wanted.clean {
        // Not while migrations run, and not for ever behind somebody who forgot a transaction.
        let (lock, empty) = (migrate::lock::in_transaction(schema), emptying(schema));
        let limited = format!("SET LOCAL lock_timeout = '{}s';\n{lock};\n{empty}\n", PATIENCE.as_secs());
        out.extend_from_slice(limited.as_bytes());
        out.extend_from_slice(b"SET LOCAL lock_timeout = 0;\n");
    }
    let mut script = Script::new(&target.schema, target.local.is_some());
    let refused = |error: ScriptError| {
        let (message, error_kind) = (format!("cannot restore the database of {}", target.label), ErrorKind::Failed);
        let refused = CommandError::new(error_kind, "dump-unfit", message);
        Fed::Failed(match &error {
            ScriptError::OtherSchema(_) => refused.because(format!("{error}, and this is `{}`", target.schema)).hint(
                "restore it with the application that has that schema, or by `--db-url` as a login that owns the database",
            ),
            ScriptError::CutOff => refused.because(error),
        })
    };
    loop {
        let piece = match dump.next(task).await {
            Ok(piece) => piece,
            Err(error) => return Fed::Failed(error),
        };
        let more = match &piece {
            Some(piece) => script.feed(piece, &mut out),
            None => script.finish(&mut out),
        };
        if let Err(error) = more {
            return refused(error);
        }
        if piece.is_none() {
            // Only here: a psql whose input merely ends, because plattr was killed, commits nothing.
            out.extend_from_slice(format!("COMMIT;\n\\unrestrict {key}\n").as_bytes());
        }
        // What psql no longer reads, it has an error for.
        if stdin.write_all(&out).await.is_err() || piece.is_none() {
            return Fed::Done;
        }
        out.clear();
    }
}

/// A dump as a script, piece by piece.
struct Dump {
    source: Option<mpsc::Receiver<io::Result<Bytes>>>,
    restorer: Option<Restorer>,
    label: String,
    read: u64,
    total: Option<u64>,
}

/// pg_restore, which makes a script of an archive.
struct Restorer {
    child: Child,
    said: tokio::task::JoinHandle<String>,
    fed: Option<tokio::task::JoinHandle<io::Result<()>>>,
    piece: Vec<u8>,
}

impl Dump {
    async fn open(client: &Client, target: &Target, path: &Path, wanted: Wanted) -> CommandResult<Self> {
        let label = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
        let failed = |e: io::Error| CommandError::io("read", path, e);
        if path.is_dir() {
            let restorer = Restorer::start(client, target, wanted, Some(path), None)?;
            return Ok(Self { source: None, restorer: Some(restorer), label, read: 0, total: None });
        }
        let from = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || open(&from)).await;
        let (reader, kind, total) = opened.unwrap_or_else(|e| Err(io::Error::other(e))).map_err(failed)?;
        let unknown = |message: String| CommandError::new(ErrorKind::Failed, "dump-unfit", message);
        match kind {
            Kind::Zstandard => Err(unknown(format!("{label} is compressed by Zstandard"))
                .hint(format!("`zstd -dc {label} | plattr db restore -` decompresses it"))),
            Kind::Gzip => Err(unknown(format!("{label} is compressed twice"))),
            Kind::Script => Ok(Self { source: Some(pieces(reader)), restorer: None, label, read: 0, total }),
            Kind::Archive => {
                let restorer = Restorer::start(client, target, wanted, None, Some(pieces(reader)))?;
                Ok(Self { source: None, restorer: Some(restorer), label, read: 0, total: None })
            }
        }
    }

    /// The next piece; none at the end.
    async fn next(&mut self, task: &dyn Task) -> CommandResult<Option<Bytes>> {
        let failed = |e: io::Error| CommandError::io("read", Path::new(&self.label), e);
        let piece = match (&mut self.source, &mut self.restorer) {
            (Some(source), _) => source.recv().await.transpose().map_err(failed)?,
            (None, Some(restorer)) => restorer.next(&self.label).await?,
            (None, None) => None,
        };
        self.read += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        task.bytes(self.read, self.total);
        Ok(piece)
    }
}

impl Restorer {
    fn start(
        client: &Client,
        target: &Target,
        wanted: Wanted,
        folder: Option<&Path>,
        archive: Option<mpsc::Receiver<io::Result<Bytes>>>,
    ) -> CommandResult<Self> {
        let mut command: Command = client.command("pg_restore", &target.server);
        command.arg("--file=-");
        if !wanted.with_owner {
            command.args(["--no-owner", "--no-acl"]);
        }
        command.args(folder);
        let mut child = command
            .stdin(if archive.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| cannot_start("pg_restore", e))?;
        let Some(stderr) = child.stderr.take() else {
            return Err(cannot_start("pg_restore", io::ErrorKind::BrokenPipe.into()));
        };
        let fed = child.stdin.take().zip(archive).map(|(stdin, archive)| tokio::spawn(hand_over(archive, stdin)));
        Ok(Self { child, said: tokio::spawn(last_words(stderr)), fed, piece: vec![0; 1 << 16] })
    }

    async fn next(&mut self, label: &str) -> CommandResult<Option<Bytes>> {
        let read = match &mut self.child.stdout {
            Some(out) => out.read(&mut self.piece).await.map_err(|e| cannot_start("pg_restore", e))?,
            None => 0,
        };
        if read > 0 {
            return Ok(Some(Bytes::copy_from_slice(&self.piece[..read])));
        }
        let status = self.child.wait().await.map_err(|e| cannot_start("pg_restore", e))?;
        if let Some(fed) = self.fed.take() {
            let fed = fed.await.unwrap_or_else(|e| Err(io::Error::other(e)));
            fed.map_err(|e| CommandError::io("read", Path::new(label), e))?;
        }
        if status.success() {
            return Ok(None);
        }
        let said = (&mut self.said).await.unwrap_or_default();
        let error = CommandError::new(ErrorKind::Failed, "dump-unfit", format!("{label} cannot be read by pg_restore"));
        Err(error.because(said))
    }
}

/// Gives an archive to pg_restore.
async fn hand_over(mut archive: mpsc::Receiver<io::Result<Bytes>>, mut stdin: ChildStdin) -> io::Result<()> {
    while let Some(piece) = archive.recv().await {
        // What it no longer reads, it has an error for, or needs no more.
        if stdin.write_all(&piece?).await.is_err() {
            break;
        }
    }
    Ok(())
}

type Source = Box<dyn Read + Send>;

/// Opens a dump and looks through one compression. Tells how many bytes there are to read, where that is known.
fn open(path: &Path) -> io::Result<(Source, Kind, Option<u64>)> {
    let (source, total): (Source, _) = if path.as_os_str() == "-" {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        (Box::new(file), Some(bytes))
    };
    let (source, kind) = look(source)?;
    if kind != Kind::Gzip {
        return Ok((source, kind, total));
    }
    let (source, kind) = look(Box::new(MultiGzDecoder::new(source)))?;
    Ok((source, kind, None))
}

/// Tells what a source is, and gives it back whole.
fn look(mut source: Source) -> io::Result<(Source, Kind)> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let kind = Kind::of(&head);
    Ok((Box::new(Read::chain(io::Cursor::new(head), source)), kind))
}

/// Reads a source on a thread of its own, until nobody wants more.
fn pieces(mut source: Source) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(PIECES);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; 1 << 16];
            let read = match source.read(&mut piece) {
                Ok(0) => return,
                Ok(read) => Ok(read),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let last = read.is_err();
            let sent = sender.blocking_send(read.map(|read| {
                piece.truncate(read);
                piece.into()
            }));
            if sent.is_err() || last {
                return;
            }
        }
    });
    receiver
}

/// A word that no dump can guess.
fn random_key() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_a_dump_is_is_told_by_its_content() {
        assert_eq!(Kind::of(b"--\n-- PostgreSQL database dump"), Kind::Script);
        assert_eq!(Kind::of(b"PGDMP\x01"), Kind::Archive);
        assert_eq!(Kind::of(&[0x28, 0xb5, 0x2f, 0xfd, 0]), Kind::Zstandard);
        assert_eq!(Kind::of(b""), Kind::Script);
    }

    #[test]
    fn compression_is_looked_through() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("dump");
        let mut gz = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        gz.write_all(b"PGDMP and more").unwrap();
        gz.finish().unwrap();
        let (mut source, kind, _) = open(&path).unwrap();
        let mut text = String::new();
        source.read_to_string(&mut text).unwrap();
        assert_eq!((kind, text.as_str()), (Kind::Archive, "PGDMP and more"));
    }

    #[tokio::test]
    async fn a_source_comes_in_pieces_and_whole() {
        let whole = vec![7_u8; 300_000];
        let mut receiver = pieces(Box::new(io::Cursor::new(whole.clone())));
        let mut got = Vec::new();
        while let Some(piece) = receiver.recv().await {
            got.extend_from_slice(&piece.unwrap());
        }
        assert!(got == whole);
    }

    #[test]
    fn no_two_keys_are_the_same() {
        assert_ne!(random_key().unwrap(), random_key().unwrap());
    }
}
