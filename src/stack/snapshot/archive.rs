//! The archive of a snapshot: what an engine writes, compressed and with a checksum.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ui::progress::Meter;

/// Identifies the contents of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// Digest, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
}

impl Checksum {
    fn of(sha: Sha256, bytes: u64) -> Self {
        Self { sha256: sha.finalize().iter().map(|b| format!("{b:02x}")).collect(), bytes }
    }

    /// Sums everything that is left in `from`, about `total` bytes. Blocking.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(from: &mut impl Read, total: u64, meter: &Meter) -> io::Result<Self> {
        let (mut sha, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 1 << 17]);
        loop {
            let read = from.read(&mut piece)?;
            if read == 0 {
                return Ok(Self::of(sha, bytes));
            }
            sha.update(&piece[..read]);
            bytes += read as u64;
            meter.bytes(bytes, Some(total));
        }
    }
}

/// An archive that is being written.
pub struct Writer {
    out: GzEncoder<Summed<BufWriter<File>>>,
    bytes: u64,
}

impl Writer {
    /// Begins an archive, which is not there yet and which only its owner reads.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
        let summed = Summed::new(BufWriter::with_capacity(1 << 17, file));
        // Stronger compression takes several times as long and saves a tenth.
        Ok(Self { out: GzEncoder::new(summed, Compression::fast()), bytes: 0 })
    }

    /// How many bytes were written, before compression.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends it; returns when it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<Checksum> {
        let (inner, checksum) = self.out.finish()?.finish();
        inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(checksum)
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Sums what goes through.
pub struct Summed<W> {
    inner: W,
    sha: Sha256,
    bytes: u64,
}

impl<W> Summed<W> {
    /// Nothing has gone through yet.
    pub fn new(inner: W) -> Self {
        Self { inner, sha: Sha256::new(), bytes: 0 }
    }

    /// What everything went to, and what it was.
    pub fn finish(self) -> (W, Checksum) {
        (self.inner, Checksum::of(self.sha, self.bytes))
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sha.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.sha.update(&into[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

/// An archive that is read.
pub struct Reader {
    input: GzDecoder<BufReader<File>>,
    total: u64,
}

impl Reader {
    /// Opens an archive and sums all of it; what is read later is what was summed. Blocking. `total` is how many
    /// bytes it holds before compression.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path, total: u64, meter: &Meter) -> io::Result<(Self, Checksum)> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let checksum = Checksum::read(&mut file, size, meter)?;
        file.rewind()?;
        let reader = Self { input: GzDecoder::new(BufReader::with_capacity(1 << 17, file)), total };
        Ok((reader, checksum))
    }

    /// How many bytes it holds.
    pub fn total(&self) -> u64 {
        self.total
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.input.read(into)
    }
}
