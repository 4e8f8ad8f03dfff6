//! Imports: one uploaded file each, and all that happened to it, for ever at one address.
//!
//! An import never writes products row by row. It stages the file's rows, compares the stage with the catalogue in a few
//! set-based statements, and applies the resulting change set in batches; each batch commits together with its checkpoint and
//! under the import's fencing token, so an import that is killed goes on where it was and never does anything twice.

pub mod problem;
#[cfg(feature = "ssr")]
mod problem_store;
pub mod progress;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
mod compare;
#[cfg(feature = "ssr")]
mod indexes;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
mod mapping;
#[cfg(feature = "ssr")]
mod reading;
#[cfg(feature = "ssr")]
mod returned;
#[cfg(feature = "ssr")]
pub mod runner;
#[cfg(feature = "ssr")]
mod sniff;
#[cfg(feature = "ssr")]
mod stage;
#[cfg(feature = "ssr")]
mod statements;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod work;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use problem_store::{problem_groups, problems};
pub use progress::Progress;
#[cfg(feature = "ssr")]
pub use returned::problem_rows;
#[cfg(feature = "ssr")]
pub use store::{cancel, get, list};

use crate::timestamp::Timestamp;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    Products,
    Catalogs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    Pending,
    Processing,
    Completed,
    Failed,
    Cancelled,
}

impl ImportStatus {
    /// Nothing more will happen to such an import by itself.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What `processing` is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Reading,
    Comparing,
    Applying,
}

impl Phase {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Comparing => "comparing",
            Self::Applying => "applying",
        }
    }
}

/// One import as pages and programs see it. The counters are in [`Progress`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    pub job_id: i64,
    pub kind: ImportKind,
    pub file_name: String,
    /// Bytes.
    pub file_size: i64,
    /// What was found out about the file, in words: encoding, delimiter, columns.
    pub format: FileFormat,
    #[serde(flatten)]
    pub progress: Progress,
    /// Who uploaded it: an e-mail address or the name of an API key.
    pub created_by: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// What the importer found out about a file before it read the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFormat {
    /// `UTF-8`, `UTF-16LE`, `windows-1252` …
    pub encoding: String,
    pub delimiter: char,
    /// The file's columns from left to right.
    pub columns: Vec<MatchedColumn>,
}

impl FileFormat {
    /// Whether any column goes to that field.
    #[must_use]
    pub fn uses(&self, field: &str) -> bool {
        self.columns.iter().any(|column| column.field.as_deref() == Some(field))
    }
}

/// A column of the file and where its cells go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedColumn {
    /// As the file writes it.
    pub header: String,
    /// Field of the product or catalogue, or none when the column is not used.
    pub field: Option<String>,
}
