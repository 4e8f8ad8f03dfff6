//! Imports: one uploaded file each, and all that happened to it, for ever at one address.
//!
//! Bulk actions and undo are jobs of the same kind without a file: their change set comes from a query, or from the changes of an
//! earlier job.
//!
//! An import never writes products row by row. It stages the file's rows, compares the stage with the catalogue in a few
//! set-based statements, and applies the resulting change set in batches; each batch commits together with its checkpoint and
//! under the import's fencing token, so an import that is killed goes on where it was and never does anything twice.

pub mod correction;
mod format;
pub mod options;
pub mod plan;
pub mod preview;
pub mod problem;
#[cfg(feature = "ssr")]
mod problem_store;
pub mod progress;
pub mod query;
pub mod review;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
pub(crate) mod bin;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
mod claims;
#[cfg(feature = "ssr")]
mod compare;
#[cfg(feature = "ssr")]
mod damage;
#[cfg(feature = "ssr")]
mod found;
#[cfg(feature = "testing")]
pub(crate) mod fuzzed;
#[cfg(feature = "ssr")]
mod indexes;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
mod matching;
#[cfg(feature = "ssr")]
mod original;
#[cfg(feature = "ssr")]
mod outcome;
#[cfg(feature = "ssr")]
mod pace;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
mod planned;
#[cfg(feature = "ssr")]
mod planning;
#[cfg(feature = "ssr")]
mod queue;
#[cfg(feature = "ssr")]
mod reading;
#[cfg(feature = "ssr")]
pub mod rematching;
#[cfg(feature = "ssr")]
mod repeating;
#[cfg(feature = "ssr")]
pub(crate) mod retention;
#[cfg(feature = "ssr")]
mod returned;
#[cfg(feature = "ssr")]
mod reviewing;
#[cfg(feature = "ssr")]
pub mod runner;
#[cfg(feature = "ssr")]
mod selection;
#[cfg(feature = "ssr")]
mod sheet_pictures;
#[cfg(feature = "ssr")]
mod sniff;
#[cfg(feature = "ssr")]
mod stage;
#[cfg(feature = "ssr")]
mod staging;
#[cfg(feature = "ssr")]
mod statements;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod superseding;
#[cfg(feature = "ssr")]
mod totals;
#[cfg(feature = "ssr")]
pub mod tripwires;
#[cfg(feature = "ssr")]
pub mod watch;
#[cfg(feature = "ssr")]
pub mod wish;
#[cfg(feature = "ssr")]
mod work;

use serde::{Deserialize, Serialize};

pub use format::{FileFormat, MatchedBy, MatchedColumn};
#[cfg(feature = "ssr")]
pub use original::{Original, original};
#[cfg(feature = "ssr")]
pub use planned::planned_changes;
#[cfg(feature = "ssr")]
pub use planning::{Answer, Confirmation, apply, plan_bulk, plan_undo, sample};
#[cfg(feature = "ssr")]
pub use problem_store::{corrections, problem_groups, problems};
pub use progress::Progress;
#[cfg(feature = "ssr")]
pub use repeating::repeat;
#[cfg(feature = "ssr")]
pub use returned::{problem_rows, problem_workbook};
#[cfg(feature = "ssr")]
pub(crate) use store::any_at_work;
#[cfg(feature = "ssr")]
pub use store::{cancel, get, list, open};
#[cfg(feature = "ssr")]
pub use superseding::supersede;

use crate::timestamp::Timestamp;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    Products,
    Catalogs,
    /// Products that are deleted together, without a file.
    BulkDelete,
    /// Products that are changed together, without a file.
    BulkUpdate,
    /// What takes an earlier job back.
    Undo,
}

impl ImportKind {
    pub const ALL: [Self; 5] = [
        Self::Products,
        Self::Catalogs,
        Self::BulkDelete,
        Self::BulkUpdate,
        Self::Undo,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Catalogs => "catalogs",
            Self::BulkDelete => "bulk_delete",
            Self::BulkUpdate => "bulk_update",
            Self::Undo => "undo",
        }
    }

    /// Whether its rows come from a file that somebody uploaded.
    #[must_use]
    pub fn has_file(self) -> bool {
        matches!(self, Self::Products | Self::Catalogs)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Somebody must look at what it would do, and confirm.
    AwaitingConfirmation,
    Pending,
    Processing,
    Completed,
    Failed,
    Cancelled,
    /// It was completed, and another job has taken it back.
    Undone,
}

impl ImportStatus {
    pub const ALL: [Self; 7] = [
        Self::AwaitingConfirmation,
        Self::Pending,
        Self::Processing,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Undone,
    ];

    /// Nothing more will happen to such an import by itself.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Undone)
    }

    /// Nothing happens to it before somebody does something.
    #[must_use]
    pub fn is_at_rest(self) -> bool {
        self.is_over() || self == Self::AwaitingConfirmation
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
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
    Undoing,
}

impl Phase {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Comparing => "comparing",
            Self::Applying => "applying",
            Self::Undoing => "undoing",
        }
    }
}

/// How far an import has come on its way to being applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStep {
    /// Somebody must say where the columns go.
    Match,
    /// It is found out what it would do.
    Check,
    #[default]
    Apply,
}

impl ImportStep {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Check => "check",
            Self::Apply => "apply",
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
    /// Of the file's bytes, in hexadecimal; none of a job without a file.
    pub sha256: Option<String>,
    /// When the file was removed, because its time was over; none while it is kept, and of a job without a file.
    pub file_removed_at: Option<Timestamp>,
    /// When its problem rows were removed, because their time was over.
    pub problems_removed_at: Option<Timestamp>,
    /// What was found out about the file, in words: encoding, delimiter, columns.
    pub format: FileFormat,
    pub step: ImportStep,
    /// How its rows are taken.
    pub options: options::ImportOptions,
    /// What the check has found, once there was one.
    pub review: Option<review::Review>,
    /// The import whose problem rows it brings back corrected.
    pub corrects: Option<i64>,
    /// What it does, if it has no file.
    pub plan: Option<plan::Plan>,
    /// The job that this one takes back.
    pub undoes: Option<i64>,
    /// The job that took this one back.
    pub undone_by: Option<i64>,
    #[serde(flatten)]
    pub progress: Progress,
    /// Who uploaded it: an e-mail address or the name of an API key.
    pub created_by: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

impl Import {
    /// Whether its file is there, as far as anybody knows.
    #[must_use]
    pub fn has_its_file(&self) -> bool {
        self.kind.has_file() && self.file_removed_at.is_none()
    }

    /// Whether it has done something that another job can take back.
    #[must_use]
    pub fn can_be_undone(&self) -> bool {
        let written = self.progress.created + self.progress.updated > 0;
        let is_purge = matches!(&self.plan, Some(plan::Plan::Bulk(bulk)) if bulk.action == plan::BulkAction::Purge);
        let is_over = matches!(
            self.progress.status,
            ImportStatus::Completed | ImportStatus::Cancelled | ImportStatus::Failed
        );
        is_over && written && !is_purge && self.kind != ImportKind::Catalogs && self.undone_by.is_none()
    }
}
