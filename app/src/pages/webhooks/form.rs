//! The form of a webhook, new or not.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::webhooks::{BulkPolicy, EventKind, Webhook};

use crate::{
    components::{
        field::{Field, FieldKind, TextArea, Tick, described_by},
        field_error::FieldError,
    },
    draft::{Form, KEPT},
    paths,
    server_fns::webhooks::example_events,
};

/// Names of the fields.
pub const FIELDS: [&str; 8] = [
    "url",
    "description",
    "events",
    "bulk",
    "headers",
    "rate_per_second",
    "concurrency",
    "timeout_seconds",
];

const URL: FieldKind = FieldKind {
    name: "url",
    label: "Address",
    hint: Some("Begins with https://. Every call goes there as a POST with JSON."),
    input_type: "url",
    input_mode: Some("url"),
    autocomplete: "off",
};
const DESCRIPTION: FieldKind = FieldKind {
    name: "description",
    label: "Description",
    hint: Some("What it is for, such as “Price display in the window”. May be left blank."),
    input_type: "text",
    input_mode: None,
    autocomplete: "off",
};
const RATE: FieldKind = FieldKind {
    name: "rate_per_second",
    label: "Calls in a second, at most",
    hint: None,
    input_mode: Some("numeric"),
    ..DESCRIPTION
};
const CONCURRENCY: FieldKind = FieldKind {
    name: "concurrency",
    label: "Calls at the same time, at most",
    ..RATE
};
const TIMEOUT: FieldKind = FieldKind {
    name: "timeout_seconds",
    label: "Seconds until a call is given up, 1 to 30",
    ..RATE
};

/// What the form of a new webhook shows.
#[must_use]
pub fn defaults() -> BTreeMap<String, String> {
    let all: Vec<&str> = EventKind::CHOICE.iter().map(|kind| kind.as_str()).collect();
    values(&[
        ("events", all.join(",")),
        ("bulk", BulkPolicy::default().as_str().to_owned()),
        ("rate_per_second", "25".to_owned()),
        ("concurrency", "4".to_owned()),
        ("timeout_seconds", "15".to_owned()),
    ])
}

/// What the form of this webhook shows.
#[must_use]
pub fn values_of(webhook: &Webhook) -> BTreeMap<String, String> {
    let events: Vec<&str> = webhook.events.iter().map(|kind| kind.as_str()).collect();
    let headers: Vec<String> = webhook
        .header_names
        .iter()
        .map(|name| format!("{name}: {KEPT}"))
        .collect();
    values(&[
        ("url", webhook.url.clone()),
        ("description", webhook.description.clone()),
        ("events", events.join(",")),
        ("bulk", webhook.bulk.as_str().to_owned()),
        ("headers", headers.join("\n")),
        ("rate_per_second", webhook.rate_per_second.to_string()),
        ("concurrency", webhook.concurrency.to_string()),
        ("timeout_seconds", webhook.timeout_seconds.to_string()),
        ("ordered", webhook.ordered.to_string()),
    ])
}

fn values(pairs: &[(&str, String)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

#[component]
pub fn WebhookForm(action: String, button: &'static str, form: Form) -> impl IntoView {
    let guarded = form.guarded();
    view! {
        <form method="post" action=action novalidate class="flex flex-col gap-5" data-guarded=guarded>
            <Field kind=URL form=form.clone() />
            <Field kind=DESCRIPTION form=form.clone() />
            <Events form=form.clone() />
            <Bulk form=form.clone() />
            <Pace form />
            <div class="flex flex-wrap gap-2">
                <button class="btn btn-primary">{button}</button>
                <a class="btn btn-secondary" href=paths::WEBHOOKS>
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Events(form: Form) -> impl IntoView {
    let chosen = form.value("events").unwrap_or_default();
    let error = form.error("events");
    let described_by = described_by("events", false, error.is_some());
    view! {
        <fieldset class="field" id="events" tabindex="-1" aria-describedby=described_by>
            <legend class="label">"Events"</legend>
            {error.map(|error| view! { <FieldError name="events" error /> })}
            {crate::pages::awaited(async move {
                let examples = example_events().await.unwrap_or_default();
                let chosen: Vec<&str> = chosen.split(',').collect();
                let event = |(kind, example): (EventKind, String)| {
                    let is_chosen = chosen.contains(&kind.as_str());
                    view! { <Event kind is_chosen example /> }
                };
                examples.into_iter().map(event).collect_view()
            })}
        </fieldset>
    }
    .into_any()
}

#[component]
fn Event(kind: EventKind, is_chosen: bool, example: String) -> impl IntoView {
    view! {
        <div class="border-b border-line py-1 last:border-b-0">
            <label class="choice">
                <input type="checkbox" name="events" value=kind.as_str() checked=is_chosen />
                <span>
                    <code class="font-mono text-sm">{kind.as_str()}</code>
                    <span class="block text-sm text-muted">{kind.description()}</span>
                </span>
            </label>
            <details class="ml-6">
                <summary class="link w-fit text-sm">
                    "View example"
                    <span class="sr-only">" of "{kind.as_str()}</span>
                </summary>
                <pre class="code" tabindex="0">{example}</pre>
            </details>
        </div>
    }
    .into_any()
}

#[component]
fn Bulk(form: Form) -> impl IntoView {
    let chosen = form.value("bulk").unwrap_or_default();
    let error = form.error("bulk");
    let described = |policy: BulkPolicy| match policy {
        BulkPolicy::Summary => (
            "One call when it is finished",
            "It says how many products changed and where to read which.",
        ),
        BulkPolicy::Batches => (
            "Batches",
            "Up to 500 products in each call: 500,000 products are 1,000 calls.",
        ),
        BulkPolicy::Each => (
            "One call for each product",
            "500,000 products take more than five hours at 25 calls in a second.",
        ),
    };
    let choices: Vec<_> = BulkPolicy::ALL
        .into_iter()
        .map(|policy| {
            let (label, hint) = described(policy);
            let is_chosen = chosen == policy.as_str();
            view! {
                <label class="choice">
                    <input type="radio" name="bulk" value=policy.as_str() checked=is_chosen />
                    <span>{label} <span class="block text-sm text-muted">{hint}</span></span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field" id="bulk" tabindex="-1">
            <legend class="label">"When an import or a bulk action changes many products"</legend>
            {error.map(|error| view! { <FieldError name="bulk" error /> })}
            {choices}
        </fieldset>
    }
    .into_any()
}

/// What most people leave as it is. It is open where something in it is wrong.
#[component]
fn Pace(form: Form) -> impl IntoView {
    let is_wrong = FIELDS[4..].iter().any(|name| form.error(name).is_some());
    view! {
        <details class="group" open=is_wrong>
            <summary class="font-medium">"Headers, pace and order"</summary>
            <div class="mt-3 flex flex-col gap-4">
                <TextArea name="headers" label="Additional headers, one in a line: Name: value" rows=3 form=form.clone() />
                <div class="grid gap-4 sm:grid-cols-3">
                    <Field kind=RATE form=form.clone() />
                    <Field kind=CONCURRENCY form=form.clone() />
                    <Field kind=TIMEOUT form=form.clone() />
                </div>
                <Tick
                    name="ordered"
                    label="Keep the order"
                    hint="One call at a time: an event that is not accepted holds up all that come after it, until its ten attempts are used up. Changes of imports and bulk actions follow at their own pace. Otherwise use the version in each event to recognise an older one."
                    form
                />
            </div>
        </details>
    }
    .into_any()
}
