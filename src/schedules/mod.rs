//! Schedules: files that are fetched from an address at their times and imported, by themselves where nothing speaks against it.
//!
//! A run is a row. It is begun once, however many processes there are, and belongs to whoever holds its lease: every write names the fencing
//! token of the claim. What it fetches becomes an import as any upload does, under a key of the run's own, so that a run that was killed and
//! begun again makes one import. It is checked like any other; whether it is applied is decided here, by what the check has found, and
//! the import itself refuses what must be confirmed by somebody. Nothing here writes a product.
//!
//! Addresses and headers may hold keys: they are sealed, and nothing of them is shown or logged but what [`Schedule::address`] has.

#[cfg(feature = "ssr")]
mod calendar;
#[cfg(feature = "ssr")]
pub mod client;
#[cfg(feature = "ssr")]
mod decision;
#[cfg(feature = "ssr")]
pub mod draft;
#[cfg(feature = "ssr")]
mod failure;
#[cfg(feature = "ssr")]
mod following;
#[cfg(feature = "ssr")]
mod queue;
#[cfg(feature = "ssr")]
mod rows;
#[cfg(feature = "ssr")]
pub mod runner;
#[cfg(feature = "ssr")]
mod source;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod switches;
#[cfg(feature = "ssr")]
mod times;
mod when;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use store::{add, delete, get, list, of_import, runs, troubled, update};
#[cfg(feature = "ssr")]
pub use switches::{pause, resume, run_now};
pub use when::{MINUTES_MAX, MINUTES_MIN, TimeOfDay, Weekday, When};

use crate::imports::ImportKind;
use crate::imports::options::ImportOptions;
use crate::timestamp::Timestamp;

/// Runs in a row that fail before a schedule pauses itself.
pub const FAILURES_MAX: i64 = 10;

/// What becomes of a file that was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterCheck {
    /// It is applied, unless the check has found something that somebody must look at.
    #[default]
    Apply,
    /// It waits for somebody in any case.
    Wait,
}

impl AfterCheck {
    pub const ALL: [Self; 2] = [Self::Apply, Self::Wait];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Wait => "wait",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Apply => "Apply it when nothing trips",
            Self::Wait => "Always wait for a person",
        }
    }
}

impl std::str::FromStr for AfterCheck {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|after| after.as_str() == word).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleStatus {
    Enabled,
    /// By somebody.
    Paused,
    /// Because it failed too often.
    PausedAutomatically,
}

impl ScheduleStatus {
    pub const ALL: [Self; 3] = [Self::Enabled, Self::Paused, Self::PausedAutomatically];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::PausedAutomatically => "paused_automatically",
        }
    }
}

/// How far a run is, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is to begin, or to begin again after a pause.
    Asked,
    Fetching,
    Checking,
    Applying,
    /// Its import waits for somebody.
    Waiting,
    Completed,
    /// The file is the same as last time.
    Unchanged,
    Failed,
    /// Its import was cancelled.
    Cancelled,
}

impl RunStatus {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Fetching => "fetching",
            Self::Checking => "checking",
            Self::Applying => "applying",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something is still to happen by itself.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Asked | Self::Fetching | Self::Checking | Self::Applying)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunCause {
    /// Its time had come.
    Planned,
    /// Somebody wished it.
    ByHand,
}

impl RunCause {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::ByHand => "by_hand",
        }
    }
}

/// One run of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: i64,
    pub schedule_id: i64,
    pub cause: RunCause,
    /// Who wished it, or the schedule itself.
    pub started_by: String,
    pub status: RunStatus,
    pub import_id: Option<i64>,
    /// What went wrong, or why it waits, in words.
    pub detail: Option<String>,
    /// How often the file was asked for.
    pub attempts: i64,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub id: i64,
    pub name: String,
    /// `https://…` or `s3://bucket/key`; what stands behind a question mark is shown as `…`.
    pub address: String,
    /// Name of the header that every request carries. Its value is never shown.
    pub header_name: Option<String>,
    pub kind: ImportKind,
    pub options: ImportOptions,
    /// The sheet of a workbook, where there are several.
    pub sheet: Option<String>,
    pub when: When,
    pub after_check: AfterCheck,
    /// Per cent of the rows that may have problems in a file that is applied.
    pub problem_percent: i64,
    pub status: ScheduleStatus,
    pub paused_at: Option<Timestamp>,
    pub paused_because: Option<String>,
    pub next_run_at: Option<Timestamp>,
    pub last_run: Option<Run>,
    /// Runs in a row that have failed.
    pub failures: i64,
    pub created_by: String,
    pub updated_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Schedule {
    /// Whether somebody should look after it: its last run failed, or it was given up.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        match self.status {
            ScheduleStatus::Enabled => self.failures > 0,
            ScheduleStatus::Paused => false,
            ScheduleStatus::PausedAutomatically => true,
        }
    }
}
