//! Logs of the services: rotated, read together in the order of time.
//!
//! Logs are rotated before a service starts and before they are read for a person, never merely because a
//! stack is looked at. Services write to their file with `O_APPEND`, so it can be copied and then emptied while they run. The
//! time of a line is the one that it begins with, where that is in a form known here (all services run with
//! `TZ=UTC`); a line without one belongs to the line before it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustix::fs::OFlags;
use rustix::io::Errno;
use tokio::sync::mpsc::Sender;

use super::guarded;
use crate::engines::{LogLine, LogOptions};

/// Size in bytes from which a log is rotated.
const LIMIT: u64 = 10_000_000;
/// How many rotated files are kept.
const KEEP: usize = 3;
/// How often a followed log is looked at.
const POLL: Duration = Duration::from_millis(200);

/// Whether a log has become too large.
pub fn is_large(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() > LIMIT)
}

/// Rotates a log that has become too large, under the lock of its instance: `it.log` → `it.log.1` → `it.log.2` → `it.log.3`.
pub fn rotate(path: &Path) -> io::Result<()> {
    rotate_above(path, LIMIT)
}

fn rotate_above(path: &Path, limit: u64) -> io::Result<()> {
    let (mut log, folder) = match guarded::open(path, OFlags::RDWR) {
        Ok((log, _)) if log.metadata()?.len() <= limit => return Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let name = |number| rotated(path, number).file_name().unwrap_or_default().to_owned();
    for number in (1..KEEP).rev() {
        match rustix::fs::renameat(&folder, name(number), &folder, name(number + 1)) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(e) => return Err(e.into()),
        }
    }
    let mut kept = guarded::open_in(&folder, &name(1), OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
    io::copy(&mut log, &mut kept)?;
    log.set_len(0)
}

fn rotated(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// The last lines of a log.
pub fn last_lines(path: &Path, count: usize) -> Vec<String> {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(64 * 1024)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<String> = text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect();
    lines[lines.len().saturating_sub(count)..].to_vec()
}

/// Sends the lines of several logs to `sink`, the oldest first; with `follow`, goes on until the receiver is
/// gone.
pub async fn read(files: BTreeMap<String, PathBuf>, options: &LogOptions, sink: Sender<LogLine>) -> io::Result<()> {
    let mut lines = Vec::new();
    let mut positions = Vec::new();
    for (id, path) in &files {
        let (kept, position) = kept_lines(path, options)?;
        lines.extend(kept.into_iter().map(|(time, line)| (time, LogLine { id: id.clone(), line })));
        positions.push(Position { id, path, offset: position, rest: Vec::new() });
    }
    // Stable: lines of one file stay in their order.
    lines.sort_by_key(|(time, _)| *time);
    for (_, line) in lines {
        if sink.send(line).await.is_err() {
            return Ok(());
        }
    }
    if !options.follow {
        return Ok(());
    }
    loop {
        let mut fresh = Vec::new();
        for position in &mut positions {
            let lines = position.advance()?;
            fresh.extend(lines.into_iter().map(|line| LogLine { id: position.id.clone(), line }));
        }
        for line in fresh {
            if sink.send(line).await.is_err() {
                return Ok(());
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = sink.closed() => return Ok(()),
        }
    }
}

/// The lines of a log and its rotated files that are asked for, with their times, and where the log ended.
fn kept_lines(path: &Path, options: &LogOptions) -> io::Result<(Vec<(Timestamp, String)>, u64)> {
    let mut lines = Vec::new();
    let mut position = 0;
    let mut time = Timestamp::MIN;
    for number in (0..=KEEP).rev() {
        let file = if number == 0 { path.to_owned() } else { rotated(path, number) };
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        // A line that is still being written is left for later.
        let whole = match bytes.iter().rposition(|b| *b == b'\n') {
            Some(end) if number == 0 && options.follow => &bytes[..=end],
            _ => &bytes[..],
        };
        position = whole.len() as u64;
        for line in String::from_utf8_lossy(whole).lines() {
            time = time_of(line).unwrap_or(time);
            lines.push((time, line.to_owned()));
        }
    }
    if let Some(since) = options.since {
        // A log without any time in it is judged by when it was last written.
        let written = fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| Timestamp::try_from(t).ok());
        let timeless = time == Timestamp::MIN && written.is_some_and(|w| w >= since);
        lines.retain(|(time, _)| timeless || *time >= since);
    }
    if let Some(tail) = options.tail {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    Ok((lines, position))
}

/// How far a followed log has been read.
struct Position<'a> {
    id: &'a String,
    path: &'a Path,
    offset: u64,
    rest: Vec<u8>,
}

impl Position<'_> {
    fn advance(&mut self) -> io::Result<Vec<String>> {
        let mut file = match File::open(self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        if file.metadata()?.len() < self.offset {
            // Rotated: what is there now is new.
            self.offset = 0;
            self.rest.clear();
        }
        file.seek(SeekFrom::Start(self.offset))?;
        self.offset += file.read_to_end(&mut self.rest)? as u64;
        let Some(end) = self.rest.iter().rposition(|b| *b == b'\n') else { return Ok(Vec::new()) };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

/// The time that a line begins with.
fn time_of(line: &str) -> Option<Timestamp> {
    let line = line.trim_start_matches('[');
    // Redis: `123:M 21 Nov 2026 05:00:00.123 * Ready`
    let line = match line.split_once(' ') {
        Some((first, rest)) if first.split_once(':').is_some_and(|(pid, role)| is_number(pid) && role.len() == 1) => {
            rest
        }
        _ => line,
    };
    let end = line.char_indices().nth(28).map_or(line.len(), |(at, _)| at);
    let head = line[..end].replace(',', ".");
    let digits =
        |text: &str, from: usize| text.get(from..).map_or(0, |t| t.bytes().take_while(u8::is_ascii_digit).count());
    // ISO 8601 with a space or a T: PostgreSQL, Keycloak, OpenSearch, MinIO.
    if head.get(4..5) == Some("-") {
        let fraction = if head.get(19..20) == Some(".") { 1 + digits(&head, 20) } else { 0 };
        return parse(head.get(..19 + fraction)?, &["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]);
    }
    // PostgREST: `21/Nov/2026:05:03:01 +0000: …`
    if head.get(2..3) == Some("/") {
        return parse(head.get(..20)?, &["%d/%b/%Y:%H:%M:%S"]);
    }
    if head.get(2..3) == Some(" ") {
        let fraction = if head.get(20..21) == Some(".") { 1 + digits(&head, 21) } else { 0 };
        return parse(head.get(..20 + fraction)?, &["%d %b %Y %H:%M:%S%.f"]);
    }
    None
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn parse(text: &str, formats: &[&str]) -> Option<Timestamp> {
    let civil = formats.iter().find_map(|format| DateTime::strptime(format, text).ok())?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_of_all_services_are_understood() {
        for line in [
            "2026-11-21 05:03:01.500 UTC [12] LOG:  ready",
            "2026-11-21 05:03:01,500 INFO  [io.quarkus] (main) up",
            "[2026-11-21T05:03:01,500][INFO ][o.o.n.Node] started",
            "123:M 21 Nov 2026 05:03:01.500 * Ready to accept connections",
        ] {
            assert_eq!(time_of(line).unwrap().to_string(), "2026-11-21T05:03:01.5Z", "{line}");
        }
        let postgrest = time_of("21/Nov/2026:05:03:01 +0000: Listening").unwrap();
        assert_eq!(postgrest.to_string(), "2026-11-21T05:03:01Z");
        for line in ["", "API: http://127.0.0.1:9000", "äöü äöü äöü äöü äöü äöü äöü äöü", "\tat java.lang.Thread"]
        {
            assert_eq!(time_of(line), None, "{line}");
        }
    }

    #[test]
    fn rotation_keeps_three_and_the_writer_goes_on() {
        use std::io::Write;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.log");
        let mut writer = File::options().create(true).append(true).open(&path).unwrap();
        for round in 0..5 {
            write!(writer, "round {round} is long enough").unwrap();
            rotate_above(&path, 10).unwrap();
        }
        writer.write_all(b"now").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "now");
        assert!(fs::read_to_string(rotated(&path, 3)).unwrap().starts_with("round 2"));
        assert!(!rotated(&path, 4).exists());
    }

    async fn collect(files: BTreeMap<String, PathBuf>, options: LogOptions) -> Vec<String> {
        let (sink, mut source) = tokio::sync::mpsc::channel(100);
        read(files, &options, sink).await.unwrap();
        let mut lines = Vec::new();
        while let Some(line) = source.recv().await {
            lines.push(format!("{} {}", line.id, line.line));
        }
        lines
    }

    fn two_logs(dir: &Path) -> BTreeMap<String, PathBuf> {
        fs::write(dir.join("a.log"), "2026-01-01 00:00:01.000 a1\n  more\n2026-01-01 00:00:03.000 a2\n").unwrap();
        fs::write(dir.join("b.log"), "2026-01-01 00:00:02.000 b1\n").unwrap();
        ["a", "b"].map(|id| (id.to_owned(), dir.join(format!("{id}.log")))).into()
    }

    #[tokio::test]
    async fn lines_of_all_services_are_merged_by_time() {
        let dir = tempfile::tempdir().unwrap();
        let lines = collect(two_logs(dir.path()), LogOptions::default()).await;
        assert_eq!(
            lines,
            [
                "a 2026-01-01 00:00:01.000 a1",
                "a   more",
                "b 2026-01-01 00:00:02.000 b1",
                "a 2026-01-01 00:00:03.000 a2"
            ]
        );
    }

    #[tokio::test]
    async fn tail_and_since_choose() {
        let dir = tempfile::tempdir().unwrap();
        let files = two_logs(dir.path());
        let tail = LogOptions { tail: Some(1), ..LogOptions::default() };
        assert_eq!(collect(files.clone(), tail).await.len(), 2);
        let since = LogOptions { since: Some("2026-01-01T00:00:03Z".parse().unwrap()), ..LogOptions::default() };
        assert_eq!(collect(files, since).await, ["a 2026-01-01 00:00:03.000 a2"]);
    }

    #[tokio::test]
    async fn following_survives_rotation() {
        use std::io::Write;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        let mut writer = File::options().create(true).append(true).open(&path).unwrap();
        writeln!(writer, "one line that is long enough").unwrap();
        let (sink, mut source) = tokio::sync::mpsc::channel(100);
        let files = BTreeMap::from([("a".to_owned(), path.clone())]);
        let following = tokio::spawn(async move {
            let options = LogOptions { follow: true, ..LogOptions::default() };
            read(files, &options, sink).await
        });
        assert!(source.recv().await.unwrap().line.starts_with("one"));
        rotate_above(&path, 10).unwrap();
        writeln!(writer, "two").unwrap();
        assert_eq!(source.recv().await.unwrap().line, "two");
        drop(source);
        following.await.unwrap().unwrap();
    }
}
