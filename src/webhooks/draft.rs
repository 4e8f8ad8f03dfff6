//! A webhook as somebody wants it to be, checked.

use std::collections::BTreeSet;

use super::{BulkPolicy, EventKind, Webhook};
use crate::outbound::destination::{self, Policy};
use crate::problem::{FieldError, Problem};

/// Characters.
const DESCRIPTION_MAX: usize = 500;
const HEADERS_MAX: usize = 20;
const HEADER_NAME_MAX: usize = 100;
const HEADER_VALUE_MAX: usize = 1_000;

/// Headers that are ours to set, or that decide how a message is read.
const OWN_HEADERS: [&str; 15] = [
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "user-agent",
    "cookie",
    "proxy-authorization",
    "proxy-connection",
];

/// What is wanted, before it is checked. What is `None` is not to be changed, or gets its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookText {
    pub url: Option<String>,
    pub description: Option<String>,
    pub events: Option<Vec<String>>,
    pub bulk: Option<String>,
    /// Names and values. A name without a value keeps the one that is there.
    pub headers: Option<Vec<(String, Option<String>)>>,
    pub rate_per_second: Option<i64>,
    pub concurrency: Option<i64>,
    pub timeout_seconds: Option<i64>,
    pub ordered: Option<bool>,
    pub enabled: Option<bool>,
}

/// The same, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDraft {
    pub url: reqwest::Url,
    pub description: String,
    pub events: Vec<EventKind>,
    pub bulk: BulkPolicy,
    /// None: as they are.
    pub headers: Option<Vec<(String, Option<String>)>>,
    pub rate_per_second: i64,
    pub concurrency: i64,
    pub timeout_seconds: i64,
    pub ordered: bool,
    /// None: as it is.
    pub enabled: Option<bool>,
}

impl WebhookText {
    /// The same without what may be a secret.
    pub(super) fn without_secrets(&self) -> Self {
        Self {
            headers: None,
            ..self.clone()
        }
    }

    /// A webhook made of this alone.
    ///
    /// # Errors
    /// Names every field that cannot be used.
    pub fn whole(&self, policy: &Policy) -> Result<WebhookDraft, Problem> {
        self.over(&Self::defaults(), policy)
    }

    /// `webhook` with these changes.
    ///
    /// # Errors
    /// Names every field that cannot be used.
    pub fn on(&self, webhook: &Webhook, policy: &Policy) -> Result<WebhookDraft, Problem> {
        let before = Self {
            url: Some(webhook.url.clone()),
            description: Some(webhook.description.clone()),
            events: Some(webhook.events.iter().map(|kind| kind.as_str().to_owned()).collect()),
            bulk: Some(webhook.bulk.as_str().to_owned()),
            headers: None,
            rate_per_second: Some(webhook.rate_per_second),
            concurrency: Some(webhook.concurrency),
            timeout_seconds: Some(webhook.timeout_seconds),
            ordered: Some(webhook.ordered),
            enabled: None,
        };
        self.over(&before, policy)
    }

    /// What is missing gets its default, for a request that replaces everything.
    #[must_use]
    pub fn or_default(self) -> Self {
        let all = Self::defaults();
        Self {
            url: self.url.or(all.url),
            description: self.description.or(all.description),
            events: self.events.or(all.events),
            bulk: self.bulk.or(all.bulk),
            headers: self.headers.or(all.headers),
            rate_per_second: self.rate_per_second.or(all.rate_per_second),
            concurrency: self.concurrency.or(all.concurrency),
            timeout_seconds: self.timeout_seconds.or(all.timeout_seconds),
            ordered: self.ordered.or(all.ordered),
            enabled: self.enabled.or(all.enabled),
        }
    }

    fn defaults() -> Self {
        Self {
            url: Some(String::new()),
            description: Some(String::new()),
            events: Some(Vec::new()),
            bulk: Some(String::new()),
            headers: Some(Vec::new()),
            rate_per_second: Some(25),
            concurrency: Some(4),
            timeout_seconds: Some(15),
            ordered: Some(false),
            enabled: Some(true),
        }
    }

    fn over(&self, before: &Self, policy: &Policy) -> Result<WebhookDraft, Problem> {
        let mut faults = Faults(Vec::new());
        let url = self.url.as_deref().or(before.url.as_deref()).unwrap_or_default();
        let url = faults.keep(
            "url",
            destination::check(url, policy).map_err(|refused| refused.to_string()),
        );
        let description = self.description.as_ref().or(before.description.as_ref());
        let description = faults.keep("description", described(description.map_or("", String::as_str)));
        let events = self.events.as_ref().or(before.events.as_ref());
        let events = faults.keep("events", chosen(events.map_or(&[], Vec::as_slice)));
        let bulk = self.bulk.as_deref().or(before.bulk.as_deref()).unwrap_or_default();
        let bulk = faults.keep("bulk", policy_of(bulk));
        let headers = self.headers.as_ref().or(before.headers.as_ref());
        let headers = faults.keep("headers", headers.map(|headers| checked_headers(headers)).transpose());
        let mut number = |name: &'static str, new: Option<i64>, old: Option<i64>, highest: i64| {
            let number = new.or(old).unwrap_or(0);
            let message = || format!("Enter a number from 1 to {highest}.");
            faults.keep(
                name,
                (1..=highest).contains(&number).then_some(number).ok_or_else(message),
            )
        };
        let rate = number("rate_per_second", self.rate_per_second, before.rate_per_second, 1_000);
        let concurrency = number("concurrency", self.concurrency, before.concurrency, 50);
        let timeout = number("timeout_seconds", self.timeout_seconds, before.timeout_seconds, 30);
        match (url, description, events, bulk, headers, rate, concurrency, timeout) {
            (
                Some(url),
                Some(description),
                Some(events),
                Some(bulk),
                Some(headers),
                Some(rate_per_second),
                Some(concurrency),
                Some(timeout_seconds),
            ) => Ok(WebhookDraft {
                url,
                description,
                events,
                bulk,
                headers,
                rate_per_second,
                concurrency,
                timeout_seconds,
                ordered: self.ordered.or(before.ordered).unwrap_or(false),
                enabled: self.enabled.or(before.enabled),
            }),
            _ => Err(faults.problem()),
        }
    }
}

struct Faults(Vec<FieldError>);

impl Faults {
    fn keep<T>(&mut self, field: &str, checked: Result<T, String>) -> Option<T> {
        checked
            .map_err(|message| {
                self.0.push(FieldError {
                    field: field.to_owned(),
                    message,
                });
            })
            .ok()
    }

    fn problem(self) -> Problem {
        let mut problem = Problem::unprocessable("The webhook cannot be saved as it is. Nothing was changed.");
        problem.errors = self.0;
        problem
    }
}

fn described(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX || text.chars().any(char::is_control) {
        return Err("Enter one line of at most 500 characters.".to_owned());
    }
    Ok(text.to_owned())
}

fn chosen(names: &[String]) -> Result<Vec<EventKind>, String> {
    let mut events = Vec::new();
    for name in names {
        let kind = name.parse().ok().filter(|kind| EventKind::CHOICE.contains(kind));
        let kind = kind.ok_or_else(|| {
            let known: Vec<&str> = EventKind::CHOICE.iter().map(|kind| kind.as_str()).collect();
            format!("There is no event “{name}”. Choose among {}.", known.join(", "))
        })?;
        if !events.contains(&kind) {
            events.push(kind);
        }
    }
    if events.is_empty() {
        return Err("Choose at least one event.".to_owned());
    }
    Ok(events)
}

fn policy_of(name: &str) -> Result<BulkPolicy, String> {
    if name.is_empty() {
        return Ok(BulkPolicy::default());
    }
    name.parse().map_err(|()| "Choose summary, batches or each.".to_owned())
}

/// # Errors
/// Which one cannot be used, and why.
pub(crate) fn checked_headers(headers: &[(String, Option<String>)]) -> Result<Vec<(String, Option<String>)>, String> {
    let mut names = BTreeSet::new();
    let mut checked = Vec::new();
    for (name, value) in headers {
        let name = name.trim();
        if name.is_empty() && value.as_deref().is_none_or(|value| value.trim().is_empty()) {
            continue;
        }
        let lower = name.to_ascii_lowercase();
        let is_token = !name.is_empty()
            && name.len() <= HEADER_NAME_MAX
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_token {
            return Err(format!("“{name}” is no name of a header. Use letters, digits and -."));
        }
        if OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("webhook-") || lower.starts_with("stockroom-") {
            return Err(format!("The header {name} is set by Stockroom. Leave it out."));
        }
        if !names.insert(lower) {
            return Err(format!("The header {name} is there twice. Leave one out."));
        }
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
        if value
            .is_some_and(|value| value.len() > HEADER_VALUE_MAX || !value.bytes().all(|byte| (32..127).contains(&byte)))
        {
            return Err(format!(
                "The value of {name} must be at most 1,000 characters without accents or line breaks."
            ));
        }
        checked.push((name.to_owned(), value.map(str::to_owned)));
    }
    if checked.len() > HEADERS_MAX {
        return Err("Enter at most 20 headers.".to_owned());
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::{EventKind, WebhookText};
    use crate::outbound::destination::Policy;

    fn text() -> WebhookText {
        WebhookText {
            url: Some("https://example.com/hooks".to_owned()),
            events: Some(vec!["product.created".to_owned(), "product.created".to_owned()]),
            ..WebhookText::default()
        }
    }

    fn faults(text: &WebhookText) -> Vec<String> {
        let problem = text.whole(&Policy::default()).expect_err("it is refused");
        problem.errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let draft = text().whole(&Policy::default()).expect("a draft");
        assert_eq!(draft.events, [EventKind::ProductCreated]);
        assert_eq!(
            (draft.rate_per_second, draft.concurrency, draft.timeout_seconds),
            (25, 4, 15)
        );
        assert_eq!((draft.enabled, draft.ordered), (Some(true), false));
    }

    #[test]
    fn every_field_that_cannot_be_used_is_named() {
        let wrong = WebhookText {
            url: Some("ftp://example.com".to_owned()),
            description: Some("two\nlines".to_owned()),
            events: Some(vec!["ping".to_owned()]),
            bulk: Some("all".to_owned()),
            rate_per_second: Some(0),
            concurrency: Some(51),
            timeout_seconds: Some(31),
            ..WebhookText::default()
        };
        assert_eq!(
            faults(&wrong),
            [
                "url",
                "description",
                "events",
                "bulk",
                "rate_per_second",
                "concurrency",
                "timeout_seconds"
            ]
        );
        assert_eq!(faults(&WebhookText { events: None, ..text() }), ["events"]);
    }

    #[test]
    fn headers_that_are_ours_or_break_the_message_are_refused() {
        let header = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let with = |headers: Vec<_>| WebhookText {
            headers: Some(headers),
            ..text()
        };
        for name in [
            "Host",
            "Content-Length",
            "webhook-signature",
            "Transfer-Encoding",
            "a b",
            "é",
            "",
            "x:y",
        ] {
            assert_eq!(faults(&with(vec![header(name, "1")])), ["headers"], "{name:?}");
        }
        assert_eq!(faults(&with(vec![header("x-key", "a\r\nHost: evil")])), ["headers"]);
        assert_eq!(
            faults(&with(vec![header("X-Key", "1"), header("x-key", "2")])),
            ["headers"]
        );
        assert_eq!(
            faults(&with((0..200).map(|n| header(&format!("x-{n}"), "1")).collect())),
            ["headers"]
        );
        let good = with(vec![header("Authorization", "Bearer abc"), header("", "")]);
        assert_eq!(
            good.whole(&Policy::default())
                .expect("a draft")
                .headers
                .map(|headers| headers.len()),
            Some(1)
        );
    }
}
