//! What comes over the wire to create or change a webhook, test it or send again.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stockroom::asked;
use stockroom::problem::Problem;
use stockroom::timestamp::Timestamp;
use stockroom::webhooks::EventKind;
use stockroom::webhooks::draft::WebhookText;
use utoipa::ToSchema;

use super::bodies::{Body, nothing_left, object, optional, text, wrong};

/// A webhook to be. `PUT` takes what is missing as its default; `PATCH` leaves it as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `webhook` reads")]
pub struct WebhookBody {
    /// Where the calls go. https, unless whoever runs Stockroom allows http; no address of a private network.
    #[schema(example = "https://example.com/hooks")]
    url: String,
    description: Option<String>,
    /// What it wants to know of.
    #[schema(example = json!(["product.created", "product.updated", "import.completed"]))]
    events: Vec<String>,
    /// What it is told of an import or a bulk action: `summary`, `batches` or `each`.
    bulk: Option<String>,
    /// Additional headers. null keeps the value that is there.
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>, example = json!({"Authorization": "Bearer abc"}))]
    headers: Option<BTreeMap<String, Option<String>>>,
    /// Calls in a second, 1 to 1,000; 25 if not given.
    rate_per_second: Option<i64>,
    /// Calls at the same time, 1 to 50; 4 if not given.
    concurrency: Option<i64>,
    /// Seconds until a call is given up, 1 to 30; 15 if not given.
    timeout_seconds: Option<i64>,
    /// One call at a time, each event only after the one before it was accepted.
    ordered: Option<bool>,
    enabled: Option<bool>,
}

/// A whole webhook, as an answer has it: fields that nobody can set may stay in.
///
/// # Errors
/// Names the field that cannot be read.
pub fn webhook(body: Body) -> Result<WebhookText, Problem> {
    const READ_ONLY: [&str; 13] = [
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
    ];
    let mut fields = object(body)?;
    for name in READ_ONLY.iter().chain(&["updated_at"]) {
        fields.remove(*name);
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
    #[schema(example = "product.updated")]
    event: Option<String>,
}

/// # Errors
/// When there is no such event. A request without a body is one without wishes.
pub fn webhook_test(body: &[u8]) -> Result<EventKind, Problem> {
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

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `overlap` reads")]
pub struct RotateBody {
    /// Hours for which the old secret signs as well, 0 to 168; 24 if not given.
    overlap_hours: Option<i64>,
}

/// # Errors
/// When it is no number.
pub fn overlap(body: &[u8]) -> Result<i64, Problem> {
    let mut fields = optional(body)?;
    let hours = whole(&mut fields, "overlap_hours")?;
    nothing_left(&fields)?;
    Ok(hours.unwrap_or(24))
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `since` reads")]
pub struct ReplayBody {
    /// RFC 3339: what failed or was kept since then is sent again.
    #[schema(example = "2026-11-20T08:00:00Z")]
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
