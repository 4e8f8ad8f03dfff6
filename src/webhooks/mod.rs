//! Webhooks: other systems are told what happens to the catalogue, at their own addresses.
//!
//! An event is written down in the transaction of what it tells of, together with one delivery for each webhook that wants it; a change of
//! hundreds of thousands of products writes one line for each webhook and is told from the history. So nothing is lost that was
//! committed, and nothing is told that was not. Each delivery is attempted until it is accepted or the plan of [`schedule`] is exhausted:
//! at least once, in no promised order, always with the same id and the same bytes. The form is that of Standard Webhooks 1.0.0
//! (`standardwebhooks.com`).

#[cfg(feature = "ssr")]
mod answers;
#[cfg(feature = "ssr")]
mod asked;
#[cfg(feature = "ssr")]
mod body;
#[cfg(feature = "ssr")]
pub mod breaker;
#[cfg(feature = "ssr")]
pub mod client;
#[cfg(feature = "ssr")]
pub mod clock;
mod delivery;
#[cfg(feature = "ssr")]
pub mod dispatcher;
#[cfg(feature = "ssr")]
pub mod draft;
#[cfg(feature = "ssr")]
mod feed;
#[cfg(feature = "ssr")]
mod figures;
#[cfg(feature = "ssr")]
mod leases;
#[cfg(feature = "ssr")]
mod log;
#[cfg(feature = "ssr")]
pub(crate) mod outbox;
#[cfg(feature = "ssr")]
mod record;
#[cfg(feature = "ssr")]
mod replay;
#[cfg(feature = "ssr")]
mod retention;
#[cfg(feature = "ssr")]
pub mod schedule;
#[cfg(feature = "ssr")]
mod secrets;
#[cfg(feature = "ssr")]
mod sender;
#[cfg(feature = "ssr")]
pub mod signature;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod subscribers;
#[cfg(feature = "ssr")]
mod switches;
#[cfg(feature = "ssr")]
mod target;
#[cfg(feature = "ssr")]
mod trial;
#[cfg(feature = "ssr")]
pub mod vault;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use body::{example, readable};
#[cfg(feature = "ssr")]
pub use log::{attempts, deliveries, delivery, statistics};
#[cfg(feature = "ssr")]
pub use replay::{cancel_replay, count_failed, replay_failed, replays, send_again};
#[cfg(feature = "ssr")]
pub use secrets::{reveal, rotate_secret, secret};
#[cfg(feature = "ssr")]
pub use store::{add, delete, get, list, update};
#[cfg(feature = "ssr")]
pub use switches::{disable, enable};
#[cfg(feature = "ssr")]
pub use trial::test;

pub use delivery::{Attempt, Cause, Delivery, DeliveryQuery, DeliveryStatus, ErrorKind, Headers, Replay, Statistics};

use crate::timestamp::Timestamp;

/// What a webhook can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    #[serde(rename = "product.created")]
    ProductCreated,
    #[serde(rename = "product.updated")]
    ProductUpdated,
    #[serde(rename = "product.deleted")]
    ProductDeleted,
    /// Many changes of products in one call.
    #[serde(rename = "product.batch")]
    ProductBatch,
    #[serde(rename = "import.completed")]
    ImportCompleted,
    #[serde(rename = "import.failed")]
    ImportFailed,
    #[serde(rename = "bulk_delete.completed")]
    BulkDeleteCompleted,
    /// Another webhook was disabled because nothing arrived there.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled,
    /// Sent by hand, to see whether something arrives.
    #[serde(rename = "ping")]
    Ping,
}

impl EventKind {
    /// Those that a webhook chooses from.
    pub const CHOICE: [Self; 7] = [
        Self::ProductCreated,
        Self::ProductUpdated,
        Self::ProductDeleted,
        Self::ImportCompleted,
        Self::ImportFailed,
        Self::BulkDeleteCompleted,
        Self::WebhookDisabled,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProductCreated => "product.created",
            Self::ProductUpdated => "product.updated",
            Self::ProductDeleted => "product.deleted",
            Self::ProductBatch => "product.batch",
            Self::ImportCompleted => "import.completed",
            Self::ImportFailed => "import.failed",
            Self::BulkDeleteCompleted => "bulk_delete.completed",
            Self::WebhookDisabled => "webhook.disabled",
            Self::Ping => "ping",
        }
    }

    /// What it tells, in one line.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::ProductCreated => "A product was added, or came back from the bin.",
            Self::ProductUpdated => "A product has changed.",
            Self::ProductDeleted => "A product went to the bin.",
            Self::ProductBatch => "Up to 500 changes of products.",
            Self::ImportCompleted => "An import, a bulk change or an undo is finished.",
            Self::ImportFailed => "An import, a bulk change or an undo has stopped or was cancelled.",
            Self::BulkDeleteCompleted => "A deletion of many products is finished.",
            Self::WebhookDisabled => "A webhook was disabled because nothing arrived there.",
            Self::Ping => "A test, sent by hand.",
        }
    }

    #[must_use]
    pub fn is_about_products(self) -> bool {
        matches!(
            self,
            Self::ProductCreated | Self::ProductUpdated | Self::ProductDeleted | Self::ProductBatch
        )
    }
}

impl std::str::FromStr for EventKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let all = Self::CHOICE.into_iter().chain([Self::ProductBatch, Self::Ping]);
        all.into_iter().find(|kind| kind.as_str() == name).ok_or(())
    }
}

/// What a webhook is told when an import or a bulk action changes many products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkPolicy {
    /// Only that it is finished, with an address that pages the changes.
    #[default]
    Summary,
    /// All changes, up to 500 in one call.
    Batches,
    /// One call for each product.
    Each,
}

impl BulkPolicy {
    pub const ALL: [Self; 3] = [Self::Summary, Self::Batches, Self::Each];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Batches => "batches",
            Self::Each => "each",
        }
    }
}

impl std::str::FromStr for BulkPolicy {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == name).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    Enabled,
    /// By somebody. Events are kept.
    Disabled,
    /// Because nothing arrived for days, or the receiver said that it is gone. Events are kept.
    DisabledAutomatically,
}

impl WebhookStatus {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::DisabledAutomatically => "disabled_automatically",
        }
    }
}

/// A header that every call to a webhook carries. Its value is nobody's business: it may be a key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomHeader {
    pub name: String,
    pub value: String,
}

impl std::fmt::Debug for CustomHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CustomHeader({})", self.name)
    }
}

/// How the last day went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub delivered: i64,
    pub failed: i64,
    /// Attempts that arrived and that did not, for each of the last 24 hours, the oldest first.
    pub hours: Vec<(i64, i64)>,
}

impl Health {
    /// Per cent of the attempts of the last day that arrived.
    #[must_use]
    pub fn success(&self) -> Option<f64> {
        let all = self.delivered + self.failed;
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        (all > 0).then(|| self.delivered as f64 * 100.0 / all as f64)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: i64,
    pub url: String,
    pub description: String,
    pub events: Vec<EventKind>,
    pub bulk: BulkPolicy,
    /// Names of the additional headers.
    pub header_names: Vec<String>,
    /// Calls in a second, calls at the same time, and seconds until a call is given up.
    pub rate_per_second: i64,
    pub concurrency: i64,
    pub timeout_seconds: i64,
    /// One call at a time, each event only after the one before it was accepted.
    pub ordered: bool,
    pub status: WebhookStatus,
    pub disabled_at: Option<Timestamp>,
    pub disabled_because: Option<String>,
    /// Nothing has arrived since.
    pub failing_since: Option<Timestamp>,
    pub last_attempt_at: Option<Timestamp>,
    /// A status code, or what went wrong instead.
    pub last_response: Option<String>,
    /// Until when a secret that was replaced signs as well.
    pub old_secret_until: Option<Timestamp>,
    pub health: Health,
    /// Deliveries that wait, and that are kept because the webhook is disabled.
    pub waiting: i64,
    pub held: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Webhook {
    /// Whether somebody should look after it: nothing arrives, or it was given up.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        match self.status {
            WebhookStatus::Enabled => self.failing_since.is_some(),
            WebhookStatus::Disabled => false,
            WebhookStatus::DisabledAutomatically => true,
        }
    }
}
