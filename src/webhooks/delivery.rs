//! Deliveries and their attempts, as pages and programs see them.

use serde::{Deserialize, Serialize};

use super::EventKind;
use crate::timestamp::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    Pending,
    /// It was attempted and has not arrived yet.
    Retrying,
    Delivered,
    /// All attempts of the plan have failed.
    Failed,
    /// Kept, because the webhook is disabled.
    Held,
}

impl DeliveryStatus {
    pub const ALL: [Self; 5] = [Self::Pending, Self::Retrying, Self::Delivered, Self::Failed, Self::Held];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Retrying => "retrying",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }
}

impl std::str::FromStr for DeliveryStatus {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == name).ok_or(())
    }
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: i64,
    pub webhook_id: i64,
    /// The same for every attempt, and for every webhook that is told.
    pub message_id: String,
    pub event: EventKind,
    pub product_id: Option<i64>,
    pub import_id: Option<i64>,
    /// The SKU, the file or whatever else it is about.
    pub object: String,
    pub status: DeliveryStatus,
    pub attempts: i64,
    /// Of the last attempt.
    pub response_status: Option<i64>,
    pub duration_ms: Option<i64>,
    pub error_kind: Option<ErrorKind>,
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Why an attempt did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The address may not be called.
    Blocked,
    Dns,
    Connect,
    Tls,
    Timeout,
    /// The connection broke, or what came was no answer.
    Broken,
    /// An answer other than a success.
    Http,
}

impl ErrorKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Http => "http",
        }
    }
}

/// What made an attempt happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Automatic,
    Replay,
    Test,
}

impl Cause {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Replay => "replay",
            Self::Test => "test",
        }
    }
}

/// Names and values in the order in which they were sent or received.
pub type Headers = Vec<(String, String)>;

/// One call and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub id: i64,
    pub made_at: Timestamp,
    pub cause: Cause,
    pub url: String,
    pub duration_ms: i64,
    /// The signature and additional headers are there without their values.
    pub request_headers: Headers,
    pub response_status: Option<i64>,
    pub response_headers: Headers,
    /// At most 16 KiB of it.
    pub response_body: Option<String>,
    /// There was more.
    pub is_cut: bool,
    pub error_kind: Option<ErrorKind>,
    /// In words.
    pub error: Option<String>,
}

/// Which deliveries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryQuery {
    pub status: Option<DeliveryStatus>,
    pub event: Option<EventKind>,
    /// First digit of the answer's status; 0 for no answer at all.
    pub code: Option<i64>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// A message id, or what the event is about.
    pub q: Option<String>,
}

/// Deliveries of one webhook, by what has become of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub total: i64,
    pub delivered: i64,
    pub failed: i64,
    pub waiting: i64,
    pub held: i64,
    /// Per cent of the attempts of the last 24 hours.
    pub success_24h: Option<f64>,
}

/// Failed deliveries that are sent again together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    pub id: i64,
    pub since: Timestamp,
    pub total: i64,
    pub delivered: i64,
    pub failed: i64,
    pub waiting: i64,
    pub created_by: String,
    pub created_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
}
