//! What the machine says of this process, its disks and its key file. What it does not say is left out; nothing here fails.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::figures::{Disk, DiskUse, KeyFileTrouble, Process, System};
use super::tally::Tally;
use crate::config::Config;
use crate::database::Database;
use crate::database::clock::now;
use crate::disk::Room;

pub async fn system(config: &Config, database: &Database, tally: &Tally) -> System {
    let places = Places::of(config, database);
    let reserve = size(config.disk_reserve);
    // A disk of the network may take its time.
    let seen = spawn_blocking(move || (places.disks(reserve), places.key_file_trouble(), memory(), open_files())).await;
    let (disks, key_file, memory_bytes, open_files) = seen.unwrap_or_default();
    System {
        process: Process {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: tally.began().into(),
            uptime_seconds: (now() - tally.began()).whole_seconds(),
            memory_bytes,
            open_files,
        },
        disks,
        key_file,
    }
}

/// Where on this machine things are kept, if they are.
struct Places {
    files: Option<PathBuf>,
    database: Option<PathBuf>,
    scratch: PathBuf,
    key_file: Option<PathBuf>,
}

impl Places {
    fn of(config: &Config, database: &Database) -> Self {
        Self {
            files: config.storage_url.strip_prefix("file://").map(PathBuf::from),
            database: database.file().map(Path::to_owned),
            scratch: config.scratch_dir.clone(),
            key_file: config.secret_key.is_none().then(|| config.secret_key_file.clone()),
        }
    }

    fn disks(&self, reserve: i64) -> Vec<Disk> {
        let (files, database) = (self.files.as_deref(), self.database.as_deref());
        let scratch = Some(self.scratch.as_path());
        uses(device(files), device(database), device(scratch))
            .into_iter()
            .filter_map(|used_for| {
                let path = match used_for {
                    DiskUse::Files | DiskUse::FilesAndDatabase => files,
                    DiskUse::Database => database,
                    DiskUse::Scratch => scratch,
                };
                disk(used_for, path?, reserve)
            })
            .collect()
    }

    fn key_file_trouble(&self) -> Option<KeyFileTrouble> {
        let path = self.key_file.as_ref()?;
        let shown = path.display().to_string();
        match fs::metadata(path) {
            Ok(file) => is_open_to_others(&file).then_some(KeyFileTrouble::OpenToOthers(shown)),
            Err(error) => (error.kind() == std::io::ErrorKind::NotFound).then_some(KeyFileTrouble::Gone(shown)),
        }
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

fn is_open_to_others(file: &Metadata) -> bool {
    file.permissions().mode() & 0o007 != 0
}

fn disk(used_for: DiskUse, path: &Path, reserve_bytes: i64) -> Option<Disk> {
    let room = Room::of(path)?;
    Some(Disk {
        used_for,
        free_bytes: size(room.free),
        total_bytes: size(room.total),
        reserve_bytes,
    })
}

/// Linux says it in kilobytes.
fn memory() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

fn open_files() -> Option<i64> {
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    i64::try_from(open).ok()
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::DiskUse::{Database, Files, FilesAndDatabase, Scratch};
    use super::uses;

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
