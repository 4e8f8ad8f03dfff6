//! What the machine says of this process, its disks and its key file. What it does not say is left out; nothing here fails.

use std::fs::{self, Metadata};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::figures::{KeyFileTrouble, Process, System};
use super::tally::Tally;
use crate::config::Config;
use crate::database::clock::now;
use crate::disk::Disks;

pub async fn system(config: &Config, disks: &Disks, tally: &Tally) -> System {
    let disks = disks.clone();
    let key_file: Option<PathBuf> = config.secret_key.is_none().then(|| config.secret_key_file.clone());
    let look = move || {
        let key_file = key_file.as_deref().and_then(key_file_trouble);
        (disks.look(), key_file, memory(), open_files())
    };
    let (disks, key_file, memory_bytes, open_files) = spawn_blocking(look).await.unwrap_or_default();
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

fn key_file_trouble(path: &Path) -> Option<KeyFileTrouble> {
    let shown = path.display().to_string();
    match fs::metadata(path) {
        Ok(file) => is_open_to_others(&file).then_some(KeyFileTrouble::OpenToOthers(shown)),
        Err(error) => (error.kind() == std::io::ErrorKind::NotFound).then_some(KeyFileTrouble::Gone(shown)),
    }
}

fn is_open_to_others(file: &Metadata) -> bool {
    file.permissions().mode() & 0o007 != 0
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
