//! SQLite's log of changes goes back into its file beside everybody's work.
//!
//! By itself SQLite does that in the commit that makes the log long, whose writer then waits for all that others have written, and everybody else
//! for him, because there is one writing connection. Here a thread does it while others write, and keeps them out only for what they have
//! written meanwhile. It waits for nobody: what cannot be done because somebody reads or writes just now is done a moment later. See
//! <https://www.sqlite.org/wal.html>, § 2.2 and 2.3.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::Result;

/// Pages after which a commit does it all the same, in case nothing else has: 400 MB.
pub(super) const LAST_RESORT: &str = "100000";

const EVERY: Duration = Duration::from_secs(1);
/// Bytes, up to which a log is read as quickly as the file.
const LONG: u64 = 4 << 20;

/// Held by whoever does bulk work: that does it itself, after a batch, and goes faster when the same pages are put back less often.
#[derive(Clone, Debug, Default)]
pub(super) struct AtWork(Arc<()>);

impl AtWork {
    /// Besides [`Checkpoints`] and its thread.
    fn is_anybody(&self) -> bool {
        Arc::strong_count(&self.0) > 2
    }
}

/// The thread. Ends when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpoints {
    at_work: AtWork,
    _stop: Sender<()>,
}

impl Checkpoints {
    pub fn begin(database: &Path) -> Result<Self> {
        let (stop, stopped) = channel::<()>();
        let log = Log::of(database);
        let at_work = AtWork::default();
        let works = at_work.clone();
        std::thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    if works.is_anybody() || !log.is_long() {
                        continue;
                    }
                    if let Err(error) = log.put_back() {
                        tracing::debug!(%error, "the log of changes stays for now");
                    }
                }
            })?;
        Ok(Self { at_work, _stop: stop })
    }

    /// For somebody who begins bulk work.
    pub fn at_work(&self) -> AtWork {
        self.at_work.clone()
    }
}

struct Log {
    database: PathBuf,
    file: PathBuf,
}

impl Log {
    fn of(database: &Path) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push("-wal");
        Self {
            database: database.to_owned(),
            file: file.into(),
        }
    }

    fn is_long(&self) -> bool {
        std::fs::metadata(&self.file).is_ok_and(|file| file.len() > LONG)
    }

    /// First what can be done while others write; then the file is made short, if nobody reads what stands in it.
    fn put_back(&self) -> rusqlite::Result<()> {
        let connection = Connection::open_with_flags(&self.database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::ZERO)?;
        for mode in ["PASSIVE", "TRUNCATE"] {
            let is_busy: bool =
                connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(0))?;
            if is_busy {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILL: &str = "INSERT INTO t (x) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) SELECT hex(zeroblob(50)) FROM n";

    #[test]
    fn a_log_that_somebody_reads_is_made_short_when_that_is_over() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("shop.db");
        let writer = Connection::open(&path)?;
        writer.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x TEXT)")?;
        let log = Log::of(&path);
        assert!(!log.is_long());
        let reader = Connection::open(&path)?;
        reader.execute_batch("BEGIN; SELECT count(*) FROM t")?;
        writer.execute_batch(FILL)?;
        assert!(log.is_long());
        log.put_back()?;
        assert!(log.is_long(), "what is read stays");
        writer.execute_batch("INSERT INTO t (x) VALUES ('nobody waits')")?;
        reader.execute_batch("COMMIT")?;
        log.put_back()?;
        assert_eq!(std::fs::metadata(&log.file)?.len(), 0);
        let rows: i64 = reader.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?;
        assert_eq!(rows, 60_001);
        Ok(())
    }

    #[test]
    fn bulk_work_is_seen_while_it_lasts() {
        let mine = AtWork::default();
        let _thread = mine.clone();
        assert!(!mine.is_anybody());
        let bulk = mine.clone();
        assert!(mine.is_anybody());
        drop(bulk);
        assert!(!mine.is_anybody());
    }
}
