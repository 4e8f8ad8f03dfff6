//! A test: an event is chosen and sent, and what was answered stands beside the button.

use leptos::prelude::*;
use stockroom::webhooks::{DeliveryStatus, EventKind};

use super::{answer, milliseconds};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        labelled::{Labelled, options},
    },
    fields::use_fields,
    pages::awaited,
    paths,
    server_fns::webhooks::{DeliveryReport, get_delivery},
};

#[component]
pub fn Trial(webhook: i64) -> impl IntoView {
    let all = std::iter::once(EventKind::Ping).chain(EventKind::CHOICE);
    let events = options(
        all.map(|kind| (kind.as_str().to_owned(), kind.as_str().to_owned()))
            .collect(),
        "ping",
    );
    let tested = use_fields().get("tested").and_then(|id| id.parse().ok());
    view! {
        <div id="test">
            <Card title="Test">
                {tested.map(|delivery| view! { <Outcome webhook delivery /> })}
                <form method="post" action=paths::webhook_action(webhook, "test") class="flex flex-wrap items-end gap-2">
                    <Labelled name="event" label="Event">
                        <select class="input" id="event" name="event">
                            {events}
                        </select>
                    </Labelled>
                    <button class="btn btn-secondary">"Send test event"</button>
                </form>
                <p class="mt-2 text-sm text-muted">
                    "An example, marked as a test and signed like every call. The answer is here within 10 seconds."
                </p>
            </Card>
        </div>
    }
    .into_any()
}

#[component]
fn Outcome(webhook: i64, delivery: i64) -> impl IntoView {
    awaited(async move {
        let report = get_delivery(delivery)
            .await
            .ok()
            .filter(|report| report.delivery.webhook_id == webhook);
        report.map(|report| view! { <Said report /> })
    })
}

#[component]
fn Said(report: DeliveryReport) -> impl IntoView {
    let delivery = report.delivery;
    let title = format!(
        "{} in {}",
        answer(delivery.response_status, delivery.error_kind),
        milliseconds(&delivery)
    );
    let tone = if delivery.status == DeliveryStatus::Delivered {
        Tone::Success
    } else {
        Tone::Danger
    };
    let attempt = report.attempts.into_iter().next();
    let error = attempt.as_ref().and_then(|attempt| attempt.error.clone());
    let body = attempt
        .and_then(|attempt| attempt.response_body)
        .filter(|body| !body.is_empty());
    let body = body.map(|body| body.chars().take(300).collect::<String>());
    view! {
        <Banner tone title>
            {error.map(|error| view! { <p class="wrap-anywhere">{error}</p> })}
            {body.map(|body| view! { <pre class="code" tabindex="0">{body}</pre> })}
            <p>
                <a class="link" href=paths::delivery(delivery.id)>
                    "Request and answer"
                </a>
            </p>
        </Banner>
    }
    .into_any()
}
