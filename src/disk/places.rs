//! The folders of this machine that are written to, and the disks that they are on.
//!
//! It refuses what would take the last of the room: a database that cannot write helps nobody. Stores and databases of other machines look
//! after their own disks.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::{Disk, DiskUse};
use crate::config::Config;
use crate::error::Result;
use crate::problem::Problem;

/// Disks that this process writes to. Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Disks {
    folders: Arc<Folders>,
    /// Bytes that uploads leave free.
    reserve: u64,
}

#[derive(Debug, Default)]
struct Folders {
    files: Option<PathBuf>,
    /// A file.
    database: Option<PathBuf>,
    scratch: Option<PathBuf>,
}

impl Disks {
    /// Those of the file store, of the database and of scratch; stores and databases of other machines have none.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let database = config.database_url.strip_prefix("sqlite:");
        let folders = Folders {
            files: config.storage_url.strip_prefix("file://").map(PathBuf::from),
            database: database.map(|path| PathBuf::from(path.trim_start_matches("//"))),
            scratch: Some(config.scratch_dir.clone()),
        };
        Self {
            folders: Arc::new(folders),
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
        match spawn_blocking(move || folders.least_free()).await? {
            Some(free) if free < needed => {
                tracing::warn!(free, needed, "an upload was refused because a disk is nearly full");
                Err(full().into())
            }
            _ => Ok(()),
        }
    }

    /// All of them, each once. It blocks, and a disk of the network may take its time.
    #[must_use]
    pub fn look(&self) -> Vec<Disk> {
        let reserve_bytes = size(self.reserve);
        let seen = |(used_for, folder): (DiskUse, &Path)| {
            let room = Room::of(folder)?;
            Some(Disk {
                used_for,
                free_bytes: size(room.free),
                total_bytes: size(room.total),
                reserve_bytes,
            })
        };
        self.folders.by_disk().into_iter().filter_map(seen).collect()
    }
}

impl Folders {
    /// Of those that what is uploaded needs: only imports into SQLite need scratch.
    fn least_free(&self) -> Option<u64> {
        let scratch = self.scratch.as_ref().filter(|_| self.database.is_some());
        [self.files.as_deref(), self.database(), scratch.map(PathBuf::as_path)]
            .into_iter()
            .flatten()
            .filter_map(Room::of)
            .map(|room| room.free)
            .min()
    }

    /// The file may be a link to another disk; before it is there, its folder says where it will be.
    fn database(&self) -> Option<&Path> {
        let file = self.database.as_deref()?;
        if file.exists() {
            return Some(file);
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")))
    }

    /// A folder of each disk, with what the disk is needed for.
    fn by_disk(&self) -> Vec<(DiskUse, &Path)> {
        let (files, database, scratch) = (self.files.as_deref(), self.database(), self.scratch.as_deref());
        let folder_of = |used_for| match used_for {
            DiskUse::Files | DiskUse::FilesAndDatabase => files,
            DiskUse::Database => database,
            DiskUse::Scratch => scratch,
        };
        uses(device(files), device(database), device(scratch))
            .into_iter()
            .filter_map(|used_for| Some((used_for, folder_of(used_for)?)))
            .collect()
    }
}

/// Of a place that is not there yet, or cannot be asked, nothing is known.
fn device(path: Option<&Path>) -> Option<u64> {
    Some(fs::metadata(path?).ok()?.dev())
}

/// What the disks are needed for, each once, by the devices of the places: scratch is told only where nothing else lies on its disk.
fn uses(files: Option<u64>, database: Option<u64>, scratch: Option<u64>) -> Vec<DiskUse> {
    let (of_files, of_database) = match (files, database) {
        (Some(files), Some(database)) if files == database => (Some(DiskUse::FilesAndDatabase), None),
        _ => (files.map(|_| DiskUse::Files), database.map(|_| DiskUse::Database)),
    };
    let has_its_own = ![files, database].contains(&scratch);
    let of_scratch = scratch.filter(|_| has_its_own).map(|_| DiskUse::Scratch);
    [of_files, of_database, of_scratch].into_iter().flatten().collect()
}

/// The disk of a folder. Sizes are bytes.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// What this process may still write.
    free: u64,
    total: u64,
}

impl Room {
    /// Of a folder that is not there yet, or cannot be asked, nothing is known.
    fn of(folder: &Path) -> Option<Self> {
        let found = rustix::fs::statvfs(folder).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Some(Self {
            free: bytes(found.f_bavail),
            total: bytes(found.f_blocks),
        })
    }
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What somebody is told who sends more than there is room for.
pub(crate) fn full() -> Problem {
    let message = "The server's disk has not enough room left for this. Tell your administrator, and send it again once there is room.";
    Problem::new(507, "The disk is full", message).with_field("file", message)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::DiskUse::{Database, Files, FilesAndDatabase, Scratch};
    use super::{Disks, uses};
    use crate::config::Config;
    use crate::problem::Problem;

    fn disks(folder: &Path, reserve: u64) -> Disks {
        Disks::of(&Config {
            storage_url: format!("file://{}", folder.display()),
            database_url: format!("sqlite://{}/stockroom.db", folder.display()),
            scratch_dir: folder.to_owned(),
            disk_reserve: reserve,
            ..Config::default()
        })
    }

    #[tokio::test]
    async fn what_would_take_the_last_of_the_room_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        disks(folder.path(), 0)
            .check(1)
            .await
            .expect("there is room for a byte");
        for (reserve, coming) in [(u64::MAX, 0), (0, u64::MAX), (u64::MAX, u64::MAX)] {
            let refused = disks(folder.path(), reserve).check(coming).await.map_err(Problem::from);
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
        Disks::of(&elsewhere).check(u64::MAX).await.expect("not ours to know");
    }

    #[test]
    fn a_database_in_the_folder_of_the_process_has_its_disk() {
        let here = Config {
            storage_url: "s3://bucket".to_owned(),
            database_url: "sqlite://stockroom.db".to_owned(),
            scratch_dir: "/nowhere/at/all".into(),
            ..Config::default()
        };
        let seen = Disks::of(&here).look();
        assert_eq!(seen.iter().map(|disk| disk.used_for).collect::<Vec<_>>(), [Database]);
    }

    #[test]
    fn each_disk_is_told_once() {
        for (places, told) in [
            ([Some(1), Some(1), Some(1)], vec![FilesAndDatabase]),
            ([Some(1), Some(1), Some(2)], vec![FilesAndDatabase, Scratch]),
            ([Some(1), Some(2), Some(1)], vec![Files, Database]),
            ([Some(1), Some(2), Some(2)], vec![Files, Database]),
            ([Some(1), Some(2), Some(3)], vec![Files, Database, Scratch]),
            ([Some(1), None, Some(1)], vec![Files]),
            ([Some(1), None, Some(2)], vec![Files, Scratch]),
            ([None, Some(1), None], vec![Database]),
            ([None, None, Some(1)], vec![Scratch]),
            ([None, None, None], vec![]),
        ] {
            let [files, database, scratch] = places;
            assert_eq!(uses(files, database, scratch), told, "{places:?}");
        }
    }
}
