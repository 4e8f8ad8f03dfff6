//! The disks of a machine: how much room there is where files and the database are written, and who may take it.

#[cfg(feature = "ssr")]
mod places;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use places::Disks;
#[cfg(feature = "ssr")]
pub(crate) use places::full;

/// What a disk is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskUse {
    Files,
    Database,
    FilesAndDatabase,
    /// What imports and workbooks need meanwhile, where it is on a disk of its own.
    Scratch,
}

impl DiskUse {
    pub const ALL: [Self; 4] = [Self::Files, Self::Database, Self::FilesAndDatabase, Self::Scratch];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Database => "database",
            Self::FilesAndDatabase => "files_and_database",
            Self::Scratch => "scratch",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Database => "database",
            Self::FilesAndDatabase => "files and database",
            Self::Scratch => "temporary files",
        }
    }
}

/// One disk, as it was seen last. Sizes are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    pub used_for: DiskUse,
    pub free_bytes: i64,
    pub total_bytes: i64,
    /// What uploads leave free: one that would leave less is refused.
    pub reserve_bytes: i64,
}
