//! Figures of one moment. Ages are whole seconds, sizes bytes.

use serde::{Deserialize, Serialize};

use crate::disk::Disk;
use crate::imports::{ImportKind, ImportStatus, Phase};
use crate::nodes::Node;
use crate::schedules::ScheduleStatus;
use crate::timestamp::Timestamp;
use crate::webhooks::WebhookStatus;

/// Counting ends there: what is more than that is too much in any case, and a look must stay cheap.
pub const COUNTED_AT_MOST: i64 = 10_000;

/// What the database says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub moment: Timestamp,
    pub imports: ImportFigures,
    pub webhooks: Vec<WebhookFigures>,
    pub schedules: Vec<ScheduleFigures>,
    pub pictures: PictureFigures,
    /// New products and changes that searches for words do not see yet.
    pub search_behind: i64,
    /// The least that this was in the last twenty minutes, if that is known.
    pub search_was_behind: Option<i64>,
    pub database: DatabaseFigures,
    /// The processes that share the database, the oldest first; none where it is a file, whose process is alone.
    pub nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportFigures {
    /// Those that run or wait for a worker, the oldest first; a thousand at most.
    pub open: Vec<OpenImport>,
    /// Those that wait for somebody.
    pub to_be_confirmed: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenImport {
    pub id: i64,
    pub kind: ImportKind,
    pub file_name: String,
    pub status: ImportStatus,
    pub phase: Option<Phase>,
    pub percent: f64,
    pub rows_per_second: Option<f64>,
    /// For how long no worker has been at it; none while one is.
    pub waiting_seconds: Option<i64>,
}

impl ImportFigures {
    /// Those that a worker is at.
    pub fn running(&self) -> impl Iterator<Item = &OpenImport> {
        self.open.iter().filter(|import| import.waiting_seconds.is_none())
    }

    #[must_use]
    pub fn waiting(&self) -> i64 {
        let waiting = self.open.len() - self.running().count();
        i64::try_from(waiting).unwrap_or(i64::MAX)
    }

    #[must_use]
    pub fn oldest_waiting_seconds(&self) -> Option<i64> {
        self.open.iter().filter_map(|import| import.waiting_seconds).max()
    }
}

/// Whether calls are made to a receiver, or it is left alone for a while because most of them failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    Closed,
    Open,
    /// The pause is over, and one call tries again.
    Trying,
}

impl Breaker {
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::Trying];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Trying => "trying",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookFigures {
    pub id: i64,
    pub url: String,
    pub status: WebhookStatus,
    /// Nothing has arrived since.
    pub failing_since: Option<Timestamp>,
    pub breaker: Breaker,
    /// Deliveries, counted up to [`COUNTED_AT_MOST`].
    pub waiting: i64,
    /// How long the first of them could have been attempted already; none when nothing is due, or nothing is to be sent now.
    pub oldest_due_seconds: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleFigures {
    pub id: i64,
    pub name: String,
    pub status: ScheduleStatus,
    /// Runs in a row that have failed.
    pub failures: i64,
    /// Why it has paused itself, as a sentence.
    pub paused_because: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureFigures {
    /// Counted up to [`COUNTED_AT_MOST`].
    pub waiting: i64,
    pub failed: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseFigures {
    /// `SQLite` or `PostgreSQL`.
    pub engine: String,
    pub bytes: i64,
    /// Of SQLite's log of changes that are not in the file yet.
    pub wal_bytes: Option<i64>,
}

impl Figures {
    #[must_use]
    pub fn waiting_deliveries(&self) -> i64 {
        self.webhooks.iter().map(|webhook| webhook.waiting).sum()
    }

    #[must_use]
    pub fn oldest_due_seconds(&self) -> Option<i64> {
        self.webhooks
            .iter()
            .filter_map(|webhook| webhook.oldest_due_seconds)
            .max()
    }

    /// The disks of all nodes, with their hosts. A process that is alone has nobody to be told apart from.
    #[must_use]
    pub fn disks<'a>(&'a self, system: &'a System) -> Vec<(Option<&'a str>, &'a Disk)> {
        if self.nodes.len() < 2 {
            return system.disks.iter().map(|disk| (None, disk)).collect();
        }
        let with_host = |node: &'a Node| node.disks.iter().map(|disk| (Some(node.host.as_str()), disk));
        self.nodes.iter().flat_map(with_host).collect()
    }
}

/// What the machine says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct System {
    pub process: Process,
    /// Those that this process writes to.
    pub disks: Vec<Disk>,
    pub key_file: Option<KeyFileTrouble>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub version: String,
    pub started_at: Timestamp,
    pub uptime_seconds: i64,
    /// None where the system does not say.
    pub memory_bytes: Option<i64>,
    pub open_files: Option<i64>,
}

/// What is wrong with the file of the key that seals secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trouble", content = "path", rename_all = "snake_case")]
pub enum KeyFileTrouble {
    Gone(String),
    OpenToOthers(String),
}
