//! What comes over the wire to create or change a webhook, test it or send again.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stockroom::asked;
use stockroom::problem::Problem;
use stockroom::timestamp::Timestamp;
use stockroom::webhooks::EventKind;
use stockroom::webhooks::draft::WebhookText;
use utoipa::ToSchema;

use super::bodies::{Body, OptionalBody, nothing_left, object, optional, text, wrong};

/// A webhook to be. What is missing gets its default. Fields of an answer that nobody can set may stay in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `webhook` reads")]
pub struct WebhookBody {
    /// Where the calls go. https, unless whoever runs Stockroom allows http; no address of a private network.
    #[schema(max_length = 2000, pattern = r"^https?://")]
    url: String,
    /// One line.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// What it wants to know of.
    #[schema(min_items = 1)]
    events: Vec<String>,
    /// What it is told of an import or a bulk action. `summary` if not given.
    bulk: Option<String>,
    /// Additional headers, at most 20. null keeps the value that is there.
    #[schema(nullable = false)]
    headers: Option<BTreeMap<String, Option<String>>>,
    /// Calls in a second.
    #[schema(minimum = 1, maximum = 1000, default = 25, nullable = false)]
    rate_per_second: Option<i64>,
    /// Calls at the same time.
    #[schema(minimum = 1, maximum = 50, default = 4, nullable = false)]
    concurrency: Option<i64>,
    /// Seconds until a call is given up.
    #[schema(minimum = 1, maximum = 30, default = 15, nullable = false)]
    timeout_seconds: Option<i64>,
    /// One call at a time, each event only after the one before it was accepted.
    #[schema(default = false, nullable = false)]
    ordered: Option<bool>,
    #[schema(default = true, nullable = false)]
    enabled: Option<bool>,
}

/// What changes of a webhook. What is missing stays as it is, and what nobody can set is refused.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `webhook_changes` reads")]
pub struct WebhookChangesBody {
    /// Where the calls go. https, unless whoever runs Stockroom allows http; no address of a private network.
    #[schema(max_length = 2000, pattern = r"^https?://", nullable = false)]
    url: Option<String>,
    /// One line.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// What it wants to know of.
    #[schema(min_items = 1, nullable = false)]
    events: Option<Vec<String>>,
    /// What it is told of an import or a bulk action.
    bulk: Option<String>,
    /// All additional headers, at most 20. null keeps the value that is there.
    #[schema(nullable = false)]
    headers: Option<BTreeMap<String, Option<String>>>,
    /// Calls in a second.
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    rate_per_second: Option<i64>,
    /// Calls at the same time.
    #[schema(minimum = 1, maximum = 50, nullable = false)]
    concurrency: Option<i64>,
    /// Seconds until a call is given up.
    #[schema(minimum = 1, maximum = 30, nullable = false)]
    timeout_seconds: Option<i64>,
    /// One call at a time, each event only after the one before it was accepted.
    #[schema(nullable = false)]
    ordered: Option<bool>,
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// Fields of answers that nobody can set.
pub const READ_ONLY_OF_WEBHOOKS: [&str; 14] = [
    "id",
    "status",
    "secret",
    "disabled_at",
    "disabled_because",
    "failing_since",
    "last_attempt_at",
    "last_response",
    "old_secret_until",
    "last_24_hours",
    "waiting",
    "held",
    "created_at",
    "updated_at",
];

/// A whole webhook, as an answer has it: fields that nobody can set may stay in.
///
/// # Errors
/// Names the field that cannot be read.
pub fn webhook(body: Body) -> Result<WebhookText, Problem> {
    let mut fields = object(body)?;
    for name in READ_ONLY_OF_WEBHOOKS {
        fields.remove(name);
    }
    webhook_fields(fields)
}

/// Only what changes.
///
/// # Errors
/// Names the field that cannot be read.
pub fn webhook_changes(body: Body) -> Result<WebhookText, Problem> {
    webhook_fields(object(body)?)
}

fn webhook_fields(mut fields: Map<String, Value>) -> Result<WebhookText, Problem> {
    let text = WebhookText {
        url: text(&mut fields, "url")?,
        description: text(&mut fields, "description")?,
        events: match fields.remove("events") {
            None => None,
            Some(Value::Array(names)) => {
                let names = names
                    .into_iter()
                    .map(|name| name.as_str().map(str::to_owned))
                    .collect::<Option<_>>();
                Some(names.ok_or_else(|| wrong("events", "a list of names of events"))?)
            }
            Some(_) => return Err(wrong("events", "a list of names of events")),
        },
        bulk: text(&mut fields, "bulk")?,
        headers: headers(fields.remove("headers"))?,
        rate_per_second: whole(&mut fields, "rate_per_second")?,
        concurrency: whole(&mut fields, "concurrency")?,
        timeout_seconds: whole(&mut fields, "timeout_seconds")?,
        ordered: truth(&mut fields, "ordered")?,
        enabled: truth(&mut fields, "enabled")?,
    };
    nothing_left(&fields)?;
    Ok(text)
}

type HeaderTexts = Vec<(String, Option<String>)>;

fn headers(value: Option<Value>) -> Result<Option<HeaderTexts>, Problem> {
    let expected = || wrong("headers", "an object of names with texts, such as {\"X-Key\": \"abc\"}");
    match value {
        None => Ok(None),
        Some(Value::Object(headers)) => {
            let pairs = headers.into_iter().map(|(name, value)| match value {
                _ if name.is_empty() => Err(expected()),
                Value::Null => Ok((name, None)),
                Value::String(value) => Ok((name, Some(value))),
                _ => Err(expected()),
            });
            pairs.collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(expected()),
    }
}

fn whole(fields: &mut Map<String, Value>, name: &str) -> Result<Option<i64>, Problem> {
    match fields.remove(name) {
        None => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| wrong(name, "a whole number")),
    }
}

fn truth(fields: &mut Map<String, Value>, name: &str) -> Result<Option<bool>, Problem> {
    match fields.remove(name) {
        None => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(truth)),
        Some(_) => Err(wrong(name, "true or false")),
    }
}

/// What is sent to see whether something arrives.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `webhook_test` reads")]
pub struct TestBody {
    /// `ping` if not given.
    event: Option<String>,
}

/// # Errors
/// When there is no such event. A request without a body is one without wishes.
pub fn webhook_test(body: OptionalBody) -> Result<EventKind, Problem> {
    let mut fields = optional(body)?;
    let event = text(&mut fields, "event")?;
    nothing_left(&fields)?;
    let event = event.filter(|event| !event.is_empty());
    event.map_or(Ok(EventKind::Ping), |event| {
        event
            .parse()
            .map_err(|()| wrong("event", "the name of an event, such as product.updated"))
    })
}

/// For how long two secrets sign.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `overlap` reads")]
pub struct RotateBody {
    /// Hours for which the old secret signs as well.
    #[schema(minimum = 0, maximum = 168, default = 24, nullable = false)]
    overlap_hours: Option<i64>,
}

/// # Errors
/// When it is no number.
pub fn overlap(body: OptionalBody) -> Result<i64, Problem> {
    let mut fields = optional(body)?;
    let hours = whole(&mut fields, "overlap_hours")?;
    nothing_left(&fields)?;
    Ok(hours.unwrap_or(24))
}

/// What is sent again.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `since` reads")]
pub struct ReplayBody {
    /// What failed or was kept since this day or moment.
    since: String,
}

/// # Errors
/// When it is missing or no moment.
pub fn since(body: Body) -> Result<Timestamp, Problem> {
    let mut fields = object(body)?;
    let mut moment = asked::Fields::from([("since".to_owned(), text(&mut fields, "since")?.unwrap_or_default())]);
    nothing_left(&fields)?;
    asked::moment(&mut moment, "since")?.ok_or_else(|| wrong("since", "a moment such as 2026-11-20T08:00:00Z"))
}
