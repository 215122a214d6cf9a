//! `COPY` through the connection: from and to files of this machine, and what follows it in a script.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;
use std::pin::pin;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use plattr_db::SqlFailure;
use plattr_db::shell::copy::{Copy, Direction, has_header};
use plattr_db::shell::statement::tag;

use super::execute::listening;
use super::{Shell, Stop};
use crate::ui::error::{CommandError, ErrorKind};

/// So much is sent at once.
const CHUNK: usize = 64 * 1024;

impl Shell<'_> {
    /// Does a `\copy`.
    pub async fn copy(&mut self, copy: &Copy) -> Result<(), Stop> {
        let outcome = match (copy.direction, &copy.file) {
            (Direction::In, Some(path)) => {
                let path = Path::new(path);
                let mut file = File::open(path).map_err(|error| CommandError::io("read", path, error))?;
                self.copy_in(&copy.sql, &mut file).await
            }
            (Direction::In, None) => Err(self.no_data()),
            (Direction::Out, file) => self.copy_out(&copy.sql, file.as_deref().map(Path::new)).await,
        };
        let rows = self.follow(&copy.sql, outcome)?;
        self.voice.say(tag(&copy.sql, rows));
        Ok(())
    }

    /// Does a `COPY … FROM STDIN` with the data that follows it in its script.
    pub async fn copy_data(&mut self, sql: &str, data: &str) -> Result<(), Stop> {
        let outcome = self.copy_in(sql, &mut data.as_bytes()).await;
        let rows = self.follow(sql, outcome)?;
        self.voice.say(tag(sql, rows));
        Ok(())
    }

    /// Sends data; gives the number of rows.
    async fn copy_in(&mut self, sql: &str, data: &mut (dyn Read + Send)) -> Result<u64, Stop> {
        let failed = |error: tokio_postgres::Error| SqlFailure::new(&error, sql);
        let canceller = self.session.canceller();
        let (client, heard) = self.session.parts();
        let sending = async {
            let sink = client.copy_in::<_, Bytes>(sql).await.map_err(failed)?;
            let mut sink = pin!(sink);
            loop {
                let mut chunk = vec![0; CHUNK];
                let n = data.read(&mut chunk).map_err(CommandError::from)?;
                if n == 0 {
                    return Ok(sink.finish().await.map_err(failed)?);
                }
                chunk.truncate(n);
                if let Err(error) = sink.send(chunk.into()).await {
                    // A server that refused a row says why at the end.
                    return Err(Stop::Refused(failed(sink.finish().await.err().unwrap_or(error))));
                }
            }
        };
        listening(self.voice, canceller, heard, sending).await?
    }

    /// Receives data, into a file or to where results go; gives the number of rows.
    pub async fn copy_out(&mut self, sql: &str, file: Option<&Path>) -> Result<u64, Stop> {
        let failed = |error: tokio_postgres::Error| SqlFailure::new(&error, sql);
        let unwritable = |path: &Path, error| CommandError::io("write", path, error);
        let mut to = match file {
            Some(path) => Some((File::create(path).map_err(|error| unwritable(path, error))?, path)),
            None => None,
        };
        let canceller = self.session.canceller();
        let Self { ui, voice, session, output, .. } = self;
        let (client, heard) = session.parts();
        let receiving = async {
            let mut stream = pin!(client.copy_out(sql).await.map_err(failed)?);
            let mut lines = 0;
            while let Some(part) = stream.next().await {
                let part = part.map_err(failed)?;
                // In the formats of text, the server sends each row by itself.
                lines += 1;
                match &mut to {
                    Some((file, path)) => file.write_all(&part).map_err(|error| unwritable(path, error))?,
                    None => output.bytes(ui, &part)?,
                }
            }
            Ok::<u64, Stop>(lines)
        };
        let lines = listening(*voice, canceller, heard, receiving).await??;
        Ok(lines.saturating_sub(u64::from(has_header(sql))))
    }

    /// What is said of a `COPY … FROM STDIN` whose data is nowhere.
    pub fn no_data(&self) -> Stop {
        let error = CommandError::new(ErrorKind::Usage, "copy-data", "COPY … FROM STDIN needs data").hint(
            "`\\copy TABLE FROM FILE` reads a file; in a file of statements, the lines that follow are the data, up to `\\.`",
        );
        Stop::Failed(error)
    }
}
