//! One delivery: every attempt, all that was sent and all that was answered.

use leptos::prelude::*;
use stockroom::{
    problem::Problem,
    webhooks::{Attempt, Cause, Delivery, DeliveryStatus, Headers, WebhookStatus},
};

use super::{answer, host, log::About};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        key_value::{KeyValue, KeyValueList},
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        time::Time,
    },
    error::AppError,
    pages::{awaited, id_in_address, named},
    paths, request,
    server_fns::webhooks::{DeliveryReport, get_delivery},
    title::PageTitle,
    wording::{counted, grouped},
};

#[component]
pub fn DeliveryPage() -> impl IntoView {
    let id = id_in_address();
    awaited(async move {
        match named(id, "delivery", get_delivery).await {
            Ok(report) => view! { <Report report /> }.into_any(),
            Err(AppError(problem)) => view! { <Missing problem /> }.into_any(),
        }
    })
}

#[component]
fn Missing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Delivery not shown" />
        <BackLink href=paths::WEBHOOKS label="Webhooks" />
        <PageHeader title="Delivery" />
        <ProblemView heading="This delivery could not be shown." problem />
    }
    .into_any()
}

#[component]
fn Report(report: DeliveryReport) -> impl IntoView {
    let delivery = report.delivery.clone();
    let webhook = report.webhook.clone();
    let draft = request::current().ok().and_then(|request| request.draft);
    let neighbour = |id: Option<i64>, label: &'static str| {
        id.map(|id| view! { <a class="btn btn-secondary" href=paths::delivery(id)>{label}</a> })
    };
    let (newer, older) = (neighbour(report.newer, "Newer"), neighbour(report.older, "Older"));
    let may_send = request::is_admin();
    view! {
        <PageTitle text=format!("{} – {}", delivery.event.as_str(), delivery.object) />
        {draft.map(|draft| view! { <ErrorSummary problem=draft.problem fields=&[] /> })}
        <p class="mb-2 text-sm">
            <a class="link" href=paths::webhook_log(webhook.id)>
                "← Deliveries to "
                {host(&webhook.url).to_owned()}
            </a>
        </p>
        <PageHeader title=delivery.event.as_str()>{newer} {older}</PageHeader>
        <div class="grid items-start gap-4 lg:grid-cols-2">
            <div class="flex min-w-0 flex-col gap-4">
                <Facts delivery=delivery.clone() />
                {may_send.then(|| view! { <Again delivery=delivery.clone() is_enabled=webhook.status == WebhookStatus::Enabled /> })}
                <Request report=report.clone() />
            </div>
            <Attempts attempts=report.attempts />
        </div>
    }
    .into_any()
}

#[component]
fn Facts(delivery: Delivery) -> impl IntoView {
    let next = delivery
        .next_attempt_at
        .clone()
        .map(|moment| view! { <KeyValue name="Next attempt"><Time moment /></KeyValue> });
    let finished = delivery
        .finished_at
        .clone()
        .map(|moment| view! { <KeyValue name="Finished"><Time moment /></KeyValue> });
    let status = Status::of_delivery(delivery.status);
    let (message_id, created_at) = (delivery.message_id.clone(), delivery.created_at.clone());
    view! {
        <Card title="Delivery">
            <KeyValueList>
                <KeyValue name="Status">
                    <StatusTag status />
                </KeyValue>
                <KeyValue name="About">
                    <About delivery />
                </KeyValue>
                <KeyValue name="Message id">
                    <code class="font-mono text-sm wrap-anywhere">{message_id}</code>
                </KeyValue>
                <KeyValue name="Created">
                    <Time moment=created_at />
                </KeyValue>
                {next}
                {finished}
            </KeyValueList>
        </Card>
    }
    .into_any()
}

#[component]
fn Again(delivery: Delivery, is_enabled: bool) -> impl IntoView {
    let advice = match (is_enabled, delivery.status) {
        (false, _) => "The webhook is disabled. Enable it first.",
        (true, DeliveryStatus::Delivered) => {
            "The receiver has already accepted this event. It gets it again under the same id."
        }
        (true, DeliveryStatus::Pending | DeliveryStatus::Retrying) => {
            "It is sent at once, instead of at the next time of the plan."
        }
        (true, _) => "The same bytes are sent again under the same id.",
    };
    view! {
        <Card title="Send again">
            <p class="mb-3">{advice}</p>
            {is_enabled
                .then(|| {
                    view! {
                        <form method="post" action=paths::send_again(delivery.webhook_id, delivery.id)>
                            <button class="btn btn-secondary">"Send again"</button>
                        </form>
                    }
                })}
        </Card>
    }
    .into_any()
}

#[component]
fn Request(report: DeliveryReport) -> impl IntoView {
    let command = curl(&report.webhook.url, &report.delivery.message_id, &report.body);
    let latest = report.attempts.first().map(|attempt| attempt.request_headers.clone());
    view! {
        <Card title="Request">
            <p class="mb-2">
                <code class="font-mono text-sm wrap-anywhere">"POST " {report.webhook.url.clone()}</code>
            </p>
            {latest.map(|headers| view! { <HeaderLines headers /> })}
            <h3 class="mt-3 font-semibold">"Body"</h3>
            <pre class="code" tabindex="0">{report.readable_body}</pre>
            <details class="mt-3">
                <summary class="link w-fit">"As a curl command"</summary>
                <p class="mt-1 text-sm text-muted">"Without a signature: only Stockroom can sign."</p>
                <label class="sr-only" for="curl">
                    "curl command"
                </label>
                <textarea class="input mt-1 font-mono" id="curl" rows="5" readonly spellcheck="false">
                    {format!("\n{}", command.clone())}
                </textarea>
                <button type="button" class="btn btn-secondary mt-1" data-copies="curl" data-text=command hidden>
                    "Copy"
                </button>
            </details>
        </Card>
    }
    .into_any()
}

/// For a shell: what stands between single quotes is taken as it is.
fn curl(url: &str, message_id: &str, body: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    format!(
        "curl -i {} \\\n  -H 'content-type: application/json' \\\n  -H {} \\\n  --data-raw {}",
        quoted(url),
        quoted(&format!("webhook-id: {message_id}")),
        quoted(body)
    )
}

#[component]
fn Attempts(attempts: Vec<Attempt>) -> impl IntoView {
    let count = i64::try_from(attempts.len()).unwrap_or(i64::MAX);
    let lines: Vec<_> = attempts
        .into_iter()
        .enumerate()
        .map(|(place, attempt)| view! { <AttemptLine attempt is_open=place == 0 /> })
        .collect();
    let nothing = (count == 0).then(|| view! { <p class="text-muted">"It has not been attempted yet."</p> });
    view! {
        <Card title="Attempts">
            <p class="text-muted">{counted(count, "attempt, ", "attempts, ")} "the newest first"</p>
            {nothing}
            {lines}
        </Card>
    }
    .into_any()
}

#[component]
fn AttemptLine(attempt: Attempt, is_open: bool) -> impl IntoView {
    let cause = match attempt.cause {
        Cause::Automatic => None,
        Cause::Replay => Some(" sent again"),
        Cause::Test => Some(" test"),
    };
    let said = answer(attempt.response_status, attempt.error_kind);
    let body = attempt.response_body.filter(|body| !body.is_empty());
    let cut = attempt.is_cut.then_some("Only the beginning of the answer was read.");
    view! {
        <details class="group" open=is_open>
            <summary>
                <strong>{said}</strong>
                " in "
                <span class="tabular-nums">{grouped(attempt.duration_ms)}</span>
                " ms, "
                <Time moment=attempt.made_at />
                <span class="text-muted">{cause}</span>
            </summary>
            {attempt.error.map(|error| view! { <p class="my-1 wrap-anywhere">{error}</p> })}
            <HeaderLines headers=attempt.response_headers />
            {body.map(|body| view! { <pre class="code" tabindex="0">{body}</pre> })}
            <p class="text-sm text-muted">{cut}</p>
        </details>
    }
    .into_any()
}

#[component]
fn HeaderLines(headers: Headers) -> impl IntoView {
    if headers.is_empty() {
        return ().into_any();
    }
    let lines: Vec<String> = headers
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    view! { <pre class="code" tabindex="0">{lines.join("\n")}</pre> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::curl;

    #[test]
    fn a_command_cannot_be_broken_out_of() {
        let command = curl("https://example.com/a?b=1", "msg_1", r#"{"name":"it's $(rm -rf)"}"#);
        assert!(
            command.contains(r#"--data-raw '{"name":"it'\''s $(rm -rf)"}'"#),
            "{command}"
        );
    }
}
