//! Tracing: to stderr as far as `-v` or `PLATTR_LOG` asks, and to a file for each run that does something.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::ui::progress::Progress;

/// So many files are kept.
const KEPT: usize = 20;
/// What goes to the file: plattr's own steps, and warnings of libraries.
const FILE_FILTER: &str = "warn,plattr=debug,plattr_backends=debug,plattr_db=debug";

/// Begins. `logs` is where a file for this run is made when there is something to write, if it shall.
pub fn install(verbosity: u8, logs: Option<PathBuf>, progress: Arc<dyn Progress>) {
    let talk = match (std::env::var("PLATTR_LOG"), verbosity) {
        (Ok(filter), _) if !filter.is_empty() => EnvFilter::builder().parse_lossy(filter),
        (_, 0) => EnvFilter::new("off"),
        (_, 1) => EnvFilter::new("warn,plattr=info,plattr_backends=info"),
        (_, 2) => EnvFilter::new("info,plattr=debug,plattr_backends=debug"),
        _ => EnvFilter::new("debug,plattr=trace,plattr_backends=trace,h2=info,rustls=info"),
    };
    let stderr = fmt::layer()
        .with_writer(move || Lines { to: To::Progress(Arc::clone(&progress)), line: Vec::new() })
        .without_time()
        .with_target(verbosity > 1)
        .with_ansi(false)
        .with_filter(talk);
    let file = logs.map(|folder| {
        let file = LogFile(Arc::new(Mutex::new(Opened::Not(folder))));
        fmt::layer().with_writer(file).with_ansi(false).with_filter(EnvFilter::new(FILE_FILTER))
    });
    // A second call, as in tests, changes nothing.
    let _ = tracing_subscriber::registry().with(stderr).with(file).try_init();
}

/// Where events go.
enum To {
    Progress(Arc<dyn Progress>),
    File(LogFile),
}

/// An event, which is written when it is whole.
struct Lines {
    to: To,
    line: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let text = redact(&String::from_utf8_lossy(&self.line));
        match &self.to {
            To::Progress(progress) => progress.say(text.trim_end()),
            To::File(file) => file.append(&text),
        }
    }
}

/// The file of this run, made when the first event comes.
#[derive(Clone)]
struct LogFile(Arc<Mutex<Opened>>);

enum Opened {
    Not(PathBuf),
    Yes(File),
    /// A project that cannot be written has no log; that is said by what fails because of it.
    Never,
}

impl LogFile {
    fn append(&self, text: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Opened::Not(folder) = &*state {
            let opened = open(folder).map_or(Opened::Never, Opened::Yes);
            *state = opened;
        }
        if let Opened::Yes(file) = &mut *state {
            let _ = file.write_all(text.as_bytes());
        }
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Lines;
    fn make_writer(&'a self) -> Lines {
        Lines { to: To::File(self.clone()), line: Vec::new() }
    }
}

/// Makes the file of this run, readable by its owner only, and removes the oldest ones.
fn open(folder: &Path) -> io::Result<File> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut old: Vec<PathBuf> =
        std::fs::read_dir(folder)?.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| is_log(p)).collect();
    old.sort();
    for path in old.iter().take((old.len() + 1).saturating_sub(KEPT)) {
        let _ = std::fs::remove_file(path);
    }
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ").to_string();
    let path = folder.join(format!("plattr-{now}-{}.log", std::process::id()));
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Whether a file is one of ours: services log beside it.
fn is_log(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    name.starts_with("plattr-2") && name.ends_with(".log")
}

/// Takes passwords out of URLs (`scheme://user:password@`) and of SQL (`PASSWORD '…'`).
fn redact(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        clean += head;
        let authority = tail.find(|c: char| c.is_whitespace() || "/\"'?#".contains(c)).unwrap_or(tail.len());
        rest = tail;
        if let Some(end) = tail[..authority].rfind('@')
            && let Some(colon) = tail[..end].find(':')
        {
            clean += &tail[..=colon];
            clean += "***";
            rest = &tail[end..];
        }
    }
    clean += rest;
    redact_sql(&clean)
}

fn redact_sql(text: &str) -> String {
    const KEYWORD: &str = "PASSWORD '";
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(KEYWORD) {
        let (head, tail) = rest.split_at(at + KEYWORD.len());
        clean += head;
        clean += "***";
        // A doubled quote belongs to the literal.
        let mut end = 0;
        rest = loop {
            let Some(quote) = tail[end..].find('\'') else { break "" };
            end += quote;
            if !tail[end + 1..].starts_with('\'') {
                break &tail[end..];
            }
            end += 2;
        };
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn passwords_are_taken_out() {
        assert_eq!(redact("at postgres://a:s3cret@h:1/d?x, http://h/p"), "at postgres://a:***@h:1/d?x, http://h/p");
        assert_eq!(redact("redis://:p@ss@h:1"), "redis://:***@h:1");
        assert_eq!(redact("ALTER ROLE a PASSWORD 'it''s'; SELECT 'x'"), "ALTER ROLE a PASSWORD '***'; SELECT 'x'");
        assert_eq!(redact("PASSWORD 'open"), "PASSWORD '***");
        assert_eq!(redact("http://host:80/a@b:c"), "http://host:80/a@b:c");
    }

    #[test]
    fn the_newest_files_are_kept_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..30 {
            std::fs::write(folder.path().join(format!("plattr-20200101T0000{n:02}.000Z-1.log")), "").unwrap();
        }
        std::fs::write(folder.path().join("postgres.log"), "").unwrap();
        let file = open(folder.path()).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), KEPT + 1);
        assert!(names.iter().any(|n| n == "postgres.log"));
        assert!(!names.iter().any(|n| n == "plattr-20200101T000010.000Z-1.log"));
    }

    #[test]
    fn no_event_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        let file = LogFile(Arc::new(Mutex::new(Opened::Not(logs.clone()))));
        assert!(!logs.exists());
        file.append("x\n");
        assert_eq!(std::fs::read_dir(&logs).unwrap().count(), 1);
    }
}
