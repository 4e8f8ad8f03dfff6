//! How much room there is where files and the database are written, asked before what somebody sends takes it.
//!
//! Owns the words for a disk that is full. It refuses what would take the last of the room: a database that cannot write helps nobody.
//! Stores and databases of other machines look after their own disks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::config::Config;
use crate::error::Result;
use crate::problem::Problem;

/// Folders of this machine that are written to. Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    folders: Arc<[PathBuf]>,
    reserve: u64,
}

impl Disk {
    /// The folders of the file store and of the database, if they have any; and that of the scratch that imports into SQLite need.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let files = config.storage_url.strip_prefix("file://").map(PathBuf::from);
        let database = config.database_url.strip_prefix("sqlite:").map(|path| {
            let path = Path::new(path.trim_start_matches("//"));
            path.parent().unwrap_or(Path::new("")).to_owned()
        });
        let scratch = database.as_ref().map(|_| config.scratch_dir.clone());
        Self {
            folders: [files, database, scratch].into_iter().flatten().collect(),
            reserve: config.disk_reserve,
        }
    }

    /// Refuses what would leave less than the reserve once `coming` bytes are written.
    ///
    /// # Errors
    /// 507, in words.
    pub async fn check(&self, coming: u64) -> Result<()> {
        let needed = self.reserve.saturating_add(coming);
        let folders = self.folders.clone();
        let free = move || {
            folders
                .iter()
                .filter_map(|folder| Room::of(folder))
                .map(|room| room.free)
                .min()
        };
        match spawn_blocking(free).await? {
            Some(free) if free < needed => {
                tracing::warn!(free, needed, "an upload was refused because a disk is nearly full");
                Err(full().into())
            }
            _ => Ok(()),
        }
    }
}

/// The disk of a folder. Sizes are bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// What this process may still write.
    pub free: u64,
    pub total: u64,
}

impl Room {
    /// Of a folder that is not there yet, or cannot be asked, nothing is known.
    pub fn of(folder: &Path) -> Option<Self> {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let found = rustix::fs::statvfs(folder).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Some(Self {
            free: bytes(found.f_bavail),
            total: bytes(found.f_blocks),
        })
    }
}

/// What somebody is told who sends more than there is room for.
pub(crate) fn full() -> Problem {
    let message = "The server's disk has not enough room left for this. Tell your administrator, and send it again once there is room.";
    Problem::new(507, "The disk is full", message).with_field("file", message)
}

#[cfg(test)]
mod tests {
    use super::Disk;
    use crate::config::Config;
    use crate::problem::Problem;

    fn disk(folder: &std::path::Path, reserve: u64) -> Disk {
        Disk::of(&Config {
            storage_url: format!("file://{}", folder.display()),
            database_url: format!("sqlite://{}/stockroom.db", folder.display()),
            disk_reserve: reserve,
            ..Config::default()
        })
    }

    #[tokio::test]
    async fn what_would_take_the_last_of_the_room_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        disk(folder.path(), 0).check(1).await.expect("there is room for a byte");
        for (reserve, coming) in [(u64::MAX, 0), (0, u64::MAX), (u64::MAX, u64::MAX)] {
            let refused = disk(folder.path(), reserve).check(coming).await.map_err(Problem::from);
            assert_eq!(refused.expect_err("no disk is as large").status, 507);
        }
    }

    #[tokio::test]
    async fn what_lies_elsewhere_is_not_asked() {
        let elsewhere = Config {
            storage_url: "s3://bucket".to_owned(),
            database_url: "postgres://host/shop".to_owned(),
            disk_reserve: u64::MAX,
            ..Config::default()
        };
        Disk::of(&elsewhere).check(u64::MAX).await.expect("not ours to know");
    }
}
