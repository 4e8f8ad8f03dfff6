//! Webhooks and their deliveries, as they go over the wire.

use std::collections::BTreeMap;

use serde::Serialize;
use stockroom::webhooks::{Attempt, Delivery, Replay, Statistics, Webhook, WebhookStatus};
use utoipa::ToSchema;

use super::views::PageView;

#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    pub id: i64,
    #[schema(example = "https://example.com/hooks")]
    pub url: String,
    pub description: String,
    #[schema(value_type = Vec<String>, example = json!(["product.created", "import.completed"]))]
    pub events: Vec<stockroom::webhooks::EventKind>,
    /// What it is told of an import or a bulk action: `summary`, `batches` or `each`.
    #[schema(value_type = String, example = "summary")]
    pub bulk: stockroom::webhooks::BulkPolicy,
    /// Names of the additional headers. Their values are never shown.
    pub headers: BTreeMap<String, Option<String>>,
    pub rate_per_second: i64,
    pub concurrency: i64,
    pub timeout_seconds: i64,
    pub ordered: bool,
    pub enabled: bool,
    /// `enabled`, `disabled` or `disabled_automatically`.
    #[schema(value_type = String, example = "enabled")]
    pub status: WebhookStatus,
    pub disabled_at: Option<String>,
    pub disabled_because: Option<String>,
    /// Nothing has arrived since.
    pub failing_since: Option<String>,
    pub last_attempt_at: Option<String>,
    /// A status code, or what went wrong instead: `dns`, `connect`, `tls`, `timeout`, `blocked` or `broken`.
    pub last_response: Option<String>,
    /// Until then the secret before the present one signs as well.
    pub old_secret_until: Option<String>,
    pub last_24_hours: DayView,
    /// Deliveries that wait.
    pub waiting: i64,
    /// Deliveries that are kept because it is disabled.
    pub held: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// Attempts of the last 24 hours.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayView {
    pub delivered: i64,
    pub failed: i64,
    /// Per cent that arrived.
    pub success: Option<f64>,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        let text = |moment: Option<stockroom::timestamp::Timestamp>| moment.map(|moment| moment.to_string());
        Self {
            id: webhook.id,
            last_24_hours: DayView {
                delivered: webhook.health.delivered,
                failed: webhook.health.failed,
                success: webhook.health.success(),
            },
            url: webhook.url,
            description: webhook.description,
            events: webhook.events,
            bulk: webhook.bulk,
            headers: webhook.header_names.into_iter().map(|name| (name, None)).collect(),
            rate_per_second: webhook.rate_per_second,
            concurrency: webhook.concurrency,
            timeout_seconds: webhook.timeout_seconds,
            ordered: webhook.ordered,
            enabled: webhook.status == WebhookStatus::Enabled,
            status: webhook.status,
            disabled_at: text(webhook.disabled_at),
            disabled_because: webhook.disabled_because,
            failing_since: text(webhook.failing_since),
            last_attempt_at: text(webhook.last_attempt_at),
            last_response: webhook.last_response,
            old_secret_until: text(webhook.old_secret_until),
            waiting: webhook.waiting,
            held: webhook.held,
            created_at: webhook.created_at.to_string(),
            updated_at: webhook.updated_at.to_string(),
        }
    }
}

/// A webhook with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewWebhookView {
    #[serde(flatten)]
    pub webhook: WebhookView,
    /// Verifies the calls, with any library of Standard Webhooks.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SecretView {
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
    /// Until then the secret before it signs as well.
    pub old_secret_until: Option<String>,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestView {
    /// Whether the receiver accepted it: an answer from 200 to 299.
    pub delivered: bool,
    /// Status of the answer, if there was one.
    #[schema(example = 200)]
    pub status: Option<i64>,
    /// Until the answer was there.
    pub milliseconds: i64,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// The beginning of what was answered.
    pub response_body: Option<String>,
    pub delivery_id: i64,
    pub message_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    pub id: i64,
    pub webhook_id: i64,
    /// `webhook-id` of every attempt.
    pub message_id: String,
    #[schema(value_type = String, example = "product.updated")]
    pub event: stockroom::webhooks::EventKind,
    pub product_id: Option<i64>,
    pub import_id: Option<i64>,
    /// The SKU, the file or whatever else it is about.
    pub object: String,
    /// `pending`, `retrying`, `delivered`, `failed` or `held`.
    #[schema(value_type = String, example = "delivered")]
    pub status: stockroom::webhooks::DeliveryStatus,
    pub attempts: i64,
    /// Of the last attempt.
    pub response_status: Option<i64>,
    pub duration_ms: Option<i64>,
    #[schema(value_type = Option<String>, example = "timeout")]
    pub error_kind: Option<stockroom::webhooks::ErrorKind>,
    pub next_attempt_at: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    pub finished_at: Option<String>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            message_id: delivery.message_id,
            event: delivery.event,
            product_id: delivery.product_id,
            import_id: delivery.import_id,
            object: delivery.object,
            status: delivery.status,
            attempts: delivery.attempts,
            response_status: delivery.response_status,
            duration_ms: delivery.duration_ms,
            error_kind: delivery.error_kind,
            next_attempt_at: delivery.next_attempt_at.map(|moment| moment.to_string()),
            created_at: delivery.created_at.to_string(),
            finished_at: delivery.finished_at.map(|moment| moment.to_string()),
        }
    }
}

/// One page of a log, and how the webhook's deliveries have gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogView {
    #[serde(flatten)]
    pub page: PageView<DeliveryView>,
    pub statistics: StatisticsView,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsView {
    pub total: i64,
    pub delivered: i64,
    pub failed: i64,
    pub waiting: i64,
    pub held: i64,
    /// Per cent of the attempts of the last 24 hours that arrived.
    pub success_24h: Option<f64>,
}

impl From<Statistics> for StatisticsView {
    fn from(statistics: Statistics) -> Self {
        Self {
            total: statistics.total,
            delivered: statistics.delivered,
            failed: statistics.failed,
            waiting: statistics.waiting,
            held: statistics.held,
            success_24h: statistics.success_24h,
        }
    }
}

/// A delivery with all that was sent and answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDetailView {
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// The bytes that every attempt sends.
    pub body: String,
    /// The newest first.
    pub history: Vec<AttemptView>,
}

/// One call and its answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptView {
    /// RFC 3339, UTC.
    pub made_at: String,
    /// `automatic`, `replay` or `test`.
    #[schema(value_type = String, example = "automatic")]
    pub cause: stockroom::webhooks::Cause,
    pub url: String,
    pub duration_ms: i64,
    /// Pairs of name and value. The signature and additional headers are there without their values.
    pub request_headers: Vec<(String, String)>,
    pub response_status: Option<i64>,
    pub response_headers: Vec<(String, String)>,
    /// At most 16 KiB.
    pub response_body: Option<String>,
    /// There was more.
    pub response_is_cut: bool,
    #[schema(value_type = Option<String>, example = "timeout")]
    pub error_kind: Option<stockroom::webhooks::ErrorKind>,
    pub error: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            made_at: attempt.made_at.to_string(),
            cause: attempt.cause,
            url: attempt.url,
            duration_ms: attempt.duration_ms,
            request_headers: attempt.request_headers,
            response_status: attempt.response_status,
            response_headers: attempt.response_headers,
            response_body: attempt.response_body,
            response_is_cut: attempt.is_cut,
            error_kind: attempt.error_kind,
            error: attempt.error,
        }
    }
}

/// Failed deliveries that are sent again together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayView {
    pub id: i64,
    /// RFC 3339, UTC.
    pub since: String,
    pub total: i64,
    pub delivered: i64,
    pub failed: i64,
    pub waiting: i64,
}

impl From<Replay> for ReplayView {
    fn from(replay: Replay) -> Self {
        Self {
            id: replay.id,
            since: replay.since.to_string(),
            total: replay.total,
            delivered: replay.delivered,
            failed: replay.failed,
            waiting: replay.waiting,
        }
    }
}
