//! The archive that brings packages and images to a machine without a network.
//!
//! ```text
//! bundle.json             what is in it; the first entry, so that a look takes no time
//! entries/NAME.tar.gz     a folder of the cache, or images as `docker save` writes them
//! ```
//!
//! It is a plain tar. Sizes and checksums are known only once everything is written, so `bundle.json` has room for
//! them from the start.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::stack::snapshot::archive::{Checksum, Summed};
use crate::ui::error::{CommandError, CommandResult, ErrorKind};
use crate::ui::progress::Meter;

/// The layout of a bundle.
pub const FORMAT: u32 = 1;
/// What a bundle is about.
const CONTENTS: &str = "bundle.json";
/// How large that may be.
const CONTENTS_AT_MOST: u64 = 16 << 20;
/// A block of tar.
const BLOCK: u64 = 512;
/// How much is read at once.
const PIECE: usize = 1 << 17;

/// What is in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    /// [`FORMAT`] of the plattr that wrote it.
    pub format: u32,
    /// Version of that plattr.
    pub plattr: String,
    /// Operating system and processor of all that is in it: `linux-x86_64`.
    pub platform: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The cache that prepared things are of: they hold its path.
    pub cache: PathBuf,
    /// The entries, in their order.
    pub entries: Vec<Entry>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Name: `postgres`.
    pub name: String,
    /// Version.
    pub version: String,
    /// What it is.
    #[serde(flatten)]
    pub item: Item,
    /// Bytes in the bundle.
    pub bytes: u64,
    /// Checksum of these bytes.
    pub sha256: String,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Item {
    /// An unpacked package.
    Package {
        /// Its folder in the cache.
        folder: String,
    },
    /// Something made of packages.
    Prepared {
        /// Its folder in the cache.
        folder: String,
    },
    /// An image, and what plattr built of it.
    Image {
        /// The name that people know it by.
        image: String,
        /// The names that it is loaded under; the first has the digest of the lock.
        names: Vec<String>,
    },
}

impl Entry {
    /// An entry that is yet to be written.
    pub fn new(name: &str, version: &str, item: Item) -> Self {
        // As long as they will be.
        Self { name: name.into(), version: version.into(), item, bytes: u64::MAX, sha256: "0".repeat(64) }
    }

    /// What people call its kind.
    pub fn kind(&self) -> &'static str {
        match self.item {
            Item::Package { .. } => "package",
            Item::Prepared { .. } => "prepared",
            Item::Image { .. } => "image",
        }
    }

    /// The entry, within a sentence.
    pub fn described(&self) -> String {
        format!("the {} {} {}", self.kind(), self.name, self.version)
    }

    /// Where it is in the archive.
    pub fn path(&self) -> String {
        match &self.item {
            Item::Package { folder } | Item::Prepared { folder } => format!("entries/{folder}.tar.gz"),
            Item::Image { .. } => format!("entries/image-{}.tar.gz", self.name),
        }
    }

    /// Whether all names in it are names and no paths.
    fn is_plain(&self) -> bool {
        let plain = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
        };
        plain(&self.name)
            && match &self.item {
                Item::Package { folder } | Item::Prepared { folder } => plain(folder),
                // Names of plattr's own, not of what people have.
                Item::Image { names, .. } => {
                    let own = |n: &String| n.starts_with("plattr/") || n.starts_with("localhost:5050/plattr/");
                    !names.is_empty() && names.iter().all(|n| own(n) && n.split(['/', ':']).all(plain))
                }
            }
    }
}

/// A bundle that is being written, beside its final place. Dropped before it is finished, it is removed.
pub struct Writer {
    file: File,
    /// None once it is in its place.
    partial: Option<PathBuf>,
    target: PathBuf,
    contents: Contents,
    reserved: u64,
}

impl Writer {
    /// Begins a bundle at `target`, with entries that are yet to be written.
    ///
    /// # Errors
    /// When the file cannot be made, or another plattr writes it.
    pub fn create(target: &Path, contents: Contents) -> CommandResult<Self> {
        let mut partial = target.to_owned();
        partial.as_mut_os_string().push(".partial");
        let file = File::options().create(true).truncate(false).write(true).open(&partial);
        let file = file.map_err(|e| cannot_write(target, e))?;
        if file.try_lock().is_err() {
            let message = format!("another plattr writes {} just now", target.display());
            return Err(CommandError::new(ErrorKind::Environment, "bundle-busy", message)
                .hint("wait for it, or give the bundle another name"));
        }
        let mut writer = Self { file, partial: Some(partial), target: target.to_owned(), contents, reserved: 0 };
        writer.begin().map_err(|e| cannot_write(target, e))?;
        Ok(writer)
    }

    fn begin(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.reserved = serde_json::to_vec_pretty(&self.contents)?.len() as u64 + 1;
        self.file.seek(SeekFrom::Start(BLOCK + self.reserved.next_multiple_of(BLOCK)))?;
        Ok(())
    }

    /// Writes the entry with this number, compressed: all that `fill` writes. Blocking.
    ///
    /// # Errors
    /// Those of `fill`; when it cannot be written.
    pub fn add(&mut self, index: usize, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let Some(entry) = self.contents.entries.get_mut(index) else { return Ok(()) };
        let begin = self.file.stream_position()?;
        self.file.seek(SeekFrom::Start(begin + BLOCK))?;
        let summed = Summed::new(BufWriter::with_capacity(PIECE, &self.file));
        // Stronger compression takes several times as long and saves a tenth.
        let mut out = GzEncoder::new(summed, Compression::fast());
        fill(&mut out)?;
        let (inner, Checksum { sha256, bytes }) = out.finish()?.finish();
        inner.into_inner().map_err(io::IntoInnerError::into_error)?;
        (entry.bytes, entry.sha256) = (bytes, sha256);
        let path = entry.path();
        self.file.seek(SeekFrom::Start(begin))?;
        self.file.write_all(header(&path, bytes)?.as_bytes())?;
        self.file.seek(SeekFrom::Start(begin + BLOCK + bytes.next_multiple_of(BLOCK)))?;
        Ok(())
    }

    /// Ends the bundle and puts it in its place; returns what is in it and its size.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<(Contents, u64)> {
        let end = self.file.stream_position()?;
        self.file.write_all(&[0; 2 * BLOCK as usize])?;
        self.file.rewind()?;
        self.file.write_all(header(CONTENTS, self.reserved)?.as_bytes())?;
        let mut text = serde_json::to_vec_pretty(&self.contents)?;
        text.resize(usize::try_from(self.reserved).unwrap_or_default().saturating_sub(1), b' ');
        text.push(b'\n');
        self.file.write_all(&text)?;
        self.file.sync_all()?;
        if let Some(partial) = &self.partial {
            std::fs::rename(partial, &self.target)?;
        }
        self.partial = None;
        Ok((self.contents.clone(), end + 2 * BLOCK))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It takes room for nothing. Nobody else writes it: its lock ends with the file.
        let _ = self.partial.as_ref().map(std::fs::remove_file);
    }
}

fn header(path: &str, bytes: u64) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_gnu();
    header.set_path(path)?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_mtime(u64::try_from(Timestamp::now().as_second()).unwrap_or_default());
    header.set_cksum();
    Ok(header)
}

/// What it means that a bundle cannot be written.
pub fn cannot_write(target: &Path, error: io::Error) -> CommandError {
    let is_full = crate::engines::native::cache::is_full(&error);
    let error = CommandError::io("write", target, error);
    if is_full { error.hint("or write the bundle to another disk: `plattr bundle create FILE`") } else { error }
}

/// Writes a folder as tar, with the times of its files. `bytes` is about how large it is.
///
/// # Errors
/// When it cannot be read, or written.
pub fn write_folder(folder: &Path, bytes: u64, into: &mut dyn Write, meter: &Meter) -> io::Result<()> {
    let mut done = 0;
    let counted = Counted {
        inner: into,
        seen: &mut |n| {
            done += n;
            meter.bytes(done.min(bytes), Some(bytes));
        },
    };
    let mut tar = tar::Builder::new(counted);
    tar.follow_symlinks(false);
    tar.sparse(false);
    tar.append_dir_all("", folder)?;
    tar.into_inner()?.flush()
}

struct Counted<'a> {
    inner: &'a mut dyn Write,
    seen: &'a mut dyn FnMut(u64),
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        (self.seen)(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A bundle that is read.
#[derive(Debug)]
pub struct Bundle {
    /// What is in it.
    pub contents: Contents,
    path: PathBuf,
    /// Where entries begin, by their path in the archive.
    places: BTreeMap<String, u64>,
}

impl Bundle {
    /// Opens a bundle, and checks that it is whole as far as that can be told without reading it all.
    ///
    /// # Errors
    /// When it is no bundle, of another format, or not whole.
    pub fn open(path: &Path) -> CommandResult<Self> {
        let unreadable = |e| CommandError::io("read", path, e);
        let size = match std::fs::metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let message = format!("there is no file {}", path.display());
                return Err(CommandError::new(ErrorKind::Failed, "not-found", message)
                    .hint("`plattr bundle create` makes one, on a machine with a network"));
            }
            metadata => metadata.map_err(unreadable)?.len(),
        };
        let file = File::open(path).map_err(unreadable)?;
        let mut tar = tar::Archive::new(file);
        let mut entries = tar.entries_with_seek().map_err(unreadable)?;
        let first = match entries.next() {
            Some(Ok(entry)) if entry.path_bytes() == CONTENTS.as_bytes() => entry,
            _ => return Err(no_bundle(path, "it does not begin with bundle.json")),
        };
        let mut text = String::new();
        first.take(CONTENTS_AT_MOST).read_to_string(&mut text).map_err(|e| no_bundle(path, e))?;
        let contents = Contents::parse(path, &text)?;
        let mut places = BTreeMap::new();
        for entry in entries {
            // What comes after a damaged place is missed below, by its name.
            let Ok(entry) = entry else { break };
            places.insert(String::from_utf8_lossy(&entry.path_bytes()).into_owned(), entry.raw_file_position());
        }
        let bundle = Self { contents, path: path.to_owned(), places };
        match bundle.contents.entries.iter().find(|entry| bundle.begin(entry).is_none_or(|b| b + entry.bytes > size)) {
            Some(entry) => Err(bundle.damaged(entry, "it is not there, or not whole")),
            None => Ok(bundle),
        }
    }

    fn begin(&self, entry: &Entry) -> Option<u64> {
        self.places.get(&entry.path()).copied()
    }

    /// Refuses a bundle for other machines.
    ///
    /// # Errors
    /// When it is one.
    pub fn check_platform(&self, here: &str) -> CommandResult {
        let there = &self.contents.platform;
        if there == here {
            return Ok(());
        }
        let message = format!("{} is for {there}, and this machine is {here}", self.path.display());
        Err(CommandError::new(ErrorKind::Environment, "bundle-platform", message)
            .hint(format!("make one with `plattr bundle create` on a machine that is {here}")))
    }

    /// Reads an entry to its end and compares its checksum. Blocking.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub fn verify(&self, entry: &Entry, meter: &Meter) -> CommandResult {
        let mut stored = self.stored(entry)?;
        let seen = Checksum::read(&mut stored, entry.bytes, meter).map_err(|e| self.damaged(entry, e))?;
        if seen.bytes == entry.bytes && seen.sha256 == entry.sha256 {
            return Ok(());
        }
        Err(self.damaged(entry, "its checksum differs"))
    }

    /// The bytes of an entry as they are in the bundle.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stored(&self, entry: &Entry) -> CommandResult<impl Read + Send + use<>> {
        let begin = self.begin(entry).ok_or_else(|| self.damaged(entry, "it is not there"))?;
        let open = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(begin))?;
            Ok(file.take(entry.bytes))
        };
        open().map_err(|e| CommandError::io("read", &self.path, e))
    }

    /// What was written into an entry.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, entry: &Entry) -> CommandResult<impl Read + Send + use<>> {
        self.stored(entry).map(|stored| GzDecoder::new(io::BufReader::with_capacity(PIECE, stored)))
    }

    /// An entry is not what it should be.
    pub fn damaged(&self, entry: &Entry, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
        damaged(&self.path, &entry.described(), why)
    }
}

impl Contents {
    fn parse(path: &Path, text: &str) -> CommandResult<Self> {
        #[derive(Deserialize)]
        struct Any {
            format: u32,
            plattr: String,
        }
        let any: Any = serde_json::from_str(text).map_err(|e| no_bundle(path, e))?;
        if any.format != FORMAT {
            let message =
                format!("{} has the format {}, and this plattr reads the format {FORMAT}", path.display(), any.format);
            return Err(CommandError::new(ErrorKind::Environment, "bundle-format", message)
                .hint(format!("load it with plattr {}, which made it, or make it anew with this one", any.plattr)));
        }
        let contents: Self = serde_json::from_str(text).map_err(|e| damaged(path, CONTENTS, e))?;
        match contents.entries.iter().find(|entry| !entry.is_plain()) {
            Some(entry) => Err(damaged(path, &format!("the entry {:?}", entry.name), "it names a place outside")),
            None => Ok(contents),
        }
    }
}

fn no_bundle(path: &Path, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::new(ErrorKind::Failed, "no-bundle", format!("{} is no bundle of plattr", path.display()))
        .because(why)
        .hint("`plattr bundle create` makes one")
}

fn damaged(path: &Path, what: &str, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::new(ErrorKind::Failed, "bundle-damaged", format!("{} is damaged: {what}", path.display()))
        .because(why)
        .hint("copy it again; what was loaded before is whole and stays")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn package(folder: &str) -> Entry {
        Entry::new("tool", "1", Item::Package { folder: folder.into() })
    }

    fn contents(entries: Vec<Entry>) -> Contents {
        Contents {
            format: FORMAT,
            plattr: "0.1.0".into(),
            platform: "linux-x86_64".into(),
            created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            cache: "/cache".into(),
            entries,
        }
    }

    /// A bundle with two entries.
    fn bundle(folder: &Path) -> PathBuf {
        let path = folder.join("b.tar");
        let mut writer = Writer::create(&path, contents(vec![package("one-1"), package("two-1")])).unwrap();
        for (index, text) in ["first", "second"].iter().enumerate() {
            writer.add(index, |out| out.write_all(text.repeat(1000).as_bytes())).unwrap();
        }
        assert!(!path.exists());
        let (_, bytes) = writer.finish().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), bytes);
        path
    }

    fn refused(path: &Path) -> (&'static str, String) {
        let error = match Bundle::open(path) {
            Err(error) => error,
            Ok(bundle) => {
                bundle.contents.entries.iter().find_map(|entry| bundle.verify(entry, &Meter::unseen()).err()).unwrap()
            }
        };
        (error.code, error.message)
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = bundle(dir.path());
        let bundle = Bundle::open(&path).unwrap();
        let second = &bundle.contents.entries[1];
        bundle.verify(second, &Meter::unseen()).unwrap();
        let mut text = String::new();
        bundle.read(second).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "second".repeat(1000));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        // Other programs read it too.
        let listed = tar::Archive::new(File::open(&path).unwrap()).entries().unwrap().count();
        assert_eq!(listed, 3);
    }

    #[test]
    fn damage_is_told_with_the_entry_that_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = bundle(dir.path());
        let whole = std::fs::read(&path).unwrap();
        let at = whole.windows(13).position(|w| w == b"entries/two-1").unwrap() + 512 + 30;
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        for bytes in [flipped, whole[..at].to_vec(), whole[..at - 600].to_vec()] {
            std::fs::write(&path, bytes).unwrap();
            let (code, message) = refused(&path);
            assert_eq!(code, "bundle-damaged");
            assert!(message.contains("the package tool 1"), "{message}");
        }
        for bytes in [&b"no tar"[..], &[], &whole[..300]] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(refused(&path).0, "no-bundle");
        }
    }

    #[test]
    fn only_one_writes_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.tar");
        let first = Writer::create(&path, contents(vec![])).unwrap();
        assert_eq!(Writer::create(&path, contents(vec![])).err().unwrap().code, "bundle-busy");
        drop(first);
        assert!(!path.with_file_name("b.tar.partial").exists());
        // One that was killed is no hindrance.
        std::fs::write(path.with_file_name("b.tar.partial"), vec![1; 9000]).unwrap();
        Writer::create(&path, contents(vec![])).unwrap().finish().unwrap();
        Bundle::open(&path).unwrap();
    }

    #[test]
    fn other_formats_platforms_and_places_are_refused() {
        let parse = |contents: &Contents| {
            Contents::parse(Path::new("b"), &serde_json::to_string(contents).unwrap()).err().map(|e| e.code)
        };
        assert_eq!(parse(&contents(vec![package("tool-1+a_b.c")])), None);
        assert_eq!(parse(&Contents { format: 2, ..contents(vec![]) }), Some("bundle-format"));
        for folder in ["", "..", ".hidden", "a/b", "/etc", "a\\b", "a b"] {
            assert_eq!(parse(&contents(vec![package(folder)])), Some("bundle-damaged"), "{folder}");
        }
        let image = |names: &[&str]| {
            let names = names.iter().map(|n| (*n).to_owned()).collect();
            contents(vec![Entry::new("redis", "7", Item::Image { image: "x".into(), names })])
        };
        assert_eq!(parse(&image(&["plattr/redis:sha256-ab", "localhost:5050/plattr/a/b:1"])), None);
        for names in [&[][..], &["docker.io/library/redis:7"], &["plattr/../x:1"]] {
            assert_eq!(parse(&image(names)), Some("bundle-damaged"), "{names:?}");
        }
        let dir = tempfile::tempdir().unwrap();
        let bundle = Bundle::open(&bundle(dir.path())).unwrap();
        bundle.check_platform("linux-x86_64").unwrap();
        let error = bundle.check_platform("macos-aarch64").unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Environment, "bundle-platform"));
        assert!(error.message.contains("linux-x86_64") && error.message.contains("macos-aarch64"), "{error}");
    }
}
