//! Nodes: the processes that share one database, what each of them does, and which of them live.
//!
//! They need nothing of each other but the database and one file store. A store that only one of them can reach would lose files to the
//! others, so whoever keeps files in a folder of its own must be alone.

#[cfg(feature = "ssr")]
mod membership;
#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use {
    membership::{Membership, Newcomer},
    store::living,
};

use crate::disk::Disk;
use crate::timestamp::Timestamp;

/// What a node does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// Both.
    #[default]
    All,
    /// Serves pages and the API.
    Web,
    /// Runs imports, sends to webhooks, and does whatever else nobody waits for.
    Worker,
}

impl NodeRole {
    pub const ALL: [Self; 3] = [Self::All, Self::Web, Self::Worker];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Web => "web",
            Self::Worker => "worker",
        }
    }

    /// Whether it serves pages and the API.
    #[must_use]
    pub fn serves(self) -> bool {
        self != Self::Worker
    }

    /// Whether it works in the background.
    #[must_use]
    pub fn works(self) -> bool {
        self != Self::Web
    }
}

impl std::str::FromStr for NodeRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "Choose one of all, web, worker.".to_owned())
    }
}

/// A node that lives, or did a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// No two ever have the same, not even one after the other on one machine.
    pub id: String,
    pub role: NodeRole,
    /// Name of its machine.
    pub host: String,
    pub version: String,
    pub started_at: Timestamp,
    /// Those that it writes to, as it saw them last; none where that is not known.
    pub disks: Vec<Disk>,
}
