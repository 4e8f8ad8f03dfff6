//! Sending again all that failed or was kept: first how many there are, then the button, then how far it is.

use leptos::prelude::*;
use stockroom::{timestamp::Timestamp, webhooks::Replay};

use super::{detail::Missing, host};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        labelled::{Labelled, options},
        not_allowed::NotAllowed,
        page_header::PageHeader,
        problem_view::ProblemView,
        time::Time,
    },
    error::AppError,
    fields::use_fields,
    pages::{awaited, id_in_address, named},
    paths, request,
    server_fns::webhooks::{count_failed, get_webhook},
    title::PageTitle,
    wording::{counted, grouped},
};

/// Periods to choose from, in hours.
const PERIODS: [(i64, &str); 4] = [
    (1, "The last hour"),
    (24, "The last 24 hours"),
    (168, "The last 7 days"),
    (720, "The last 30 days"),
];

#[component]
pub fn ReplayPage() -> impl IntoView {
    let id = id_in_address();
    let hours = use_fields()
        .get("hours")
        .and_then(|hours| hours.parse().ok())
        .unwrap_or(720);
    awaited(async move {
        match named(id, "webhook", get_webhook).await {
            Ok(report) => {
                let name = host(&report.webhook.url).to_owned();
                view! { <Plan id=report.webhook.id name hours /> }.into_any()
            }
            Err(AppError(problem)) => view! { <Missing problem /> }.into_any(),
        }
    })
}

#[component]
fn Plan(id: i64, name: String, hours: i64) -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let periods = PERIODS.map(|(hours, label)| (hours.to_string(), label.to_owned()));
    let periods = options(periods.to_vec(), &hours.to_string());
    let body = if request::is_admin() {
        view! {
            <Card title="Review">
                <form method="get" action=paths::webhook_replay(id) class="mb-4 flex flex-wrap items-end gap-2">
                    <Labelled name="hours" label="Period">
                        <select class="input" id="hours" name="hours" data-applies>
                            {periods}
                        </select>
                    </Labelled>
                    <button class="btn btn-secondary">"Count"</button>
                </form>
                <Count id hours />
            </Card>
        }
        .into_any()
    } else {
        view! { <NotAllowed role="Administrator" what="webhooks" /> }.into_any()
    };
    view! {
        <PageTitle text=format!("Send again – {name}") />
        {draft.map(|draft| view! { <ErrorSummary problem=draft.problem fields=&[] /> })}
        <p class="mb-2 text-sm">
            <a class="link" href=paths::webhook(id)>
                "← "
                {name}
            </a>
        </p>
        <PageHeader title="Send again" />
        <div class="max-w-[45rem]">{body}</div>
    }
    .into_any()
}

#[component]
fn Count(id: i64, hours: i64) -> impl IntoView {
    awaited(async move {
        match count_failed(id, hours).await {
            Ok((_, 0)) => view! { <p>"Nothing has failed and nothing was kept in this period."</p> }.into_any(),
            Ok((since, count)) => view! { <Confirm id since count /> }.into_any(),
            Err(AppError(problem)) => view! { <ProblemView heading="It could not be counted." problem /> }.into_any(),
        }
    })
}

#[component]
fn Confirm(id: i64, since: Timestamp, count: u64) -> impl IntoView {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let deliveries = counted(count, "delivery", "deliveries");
    view! {
        <p class="text-lg">
            <strong class="tabular-nums">{deliveries.clone()}</strong>
            " that failed or were kept since "
            <Time moment=since.clone() />
            " will be sent again."
        </p>
        <p class="mt-2 mb-4">
            "The oldest first, as fast as the webhook may be called, each under its own id: a receiver that has seen one already can tell."
        </p>
        <form method="post" action=paths::webhook_replay(id) class="flex flex-wrap gap-2">
            <input type="hidden" name="since" value=since.as_str().to_owned() />
            <button class="btn btn-primary">{format!("Send {deliveries} again")}</button>
            <a class="btn btn-secondary" href=paths::webhook(id)>
                "Cancel"
            </a>
        </form>
    }
    .into_any()
}

/// How far the last ones are.
#[component]
pub fn Replays(webhook: i64, replays: Vec<Replay>) -> impl IntoView {
    if replays.is_empty() {
        return ().into_any();
    }
    let lines: Vec<_> = replays
        .into_iter()
        .map(|replay| view! { <ReplayLine webhook replay /> })
        .collect();
    view! {
        <div class="mt-4">
            <Card title="Sent again">
                <ul class="divide-y divide-line">{lines}</ul>
            </Card>
        </div>
    }
    .into_any()
}

#[component]
fn ReplayLine(webhook: i64, replay: Replay) -> impl IntoView {
    let done = replay.total - replay.waiting;
    let is_running = replay.waiting > 0;
    let bar = is_running.then(|| {
        view! {
            <progress class="bar bar-small" max=replay.total value=done aria-label="Progress"></progress>
        }
    });
    let stop = (is_running && request::is_admin()).then(|| {
        view! {
            <form method="post" action=paths::cancel_replay(webhook, replay.id)>
                <button class="btn btn-secondary">"Stop"</button>
            </form>
        }
    });
    let stopped = replay.cancelled_at.is_some().then_some(", stopped");
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
            <span class="min-w-0 grow">
                {grouped(replay.delivered)} " of " {counted(replay.total, "delivery", "deliveries")} " arrived" {stopped}
            </span>
            {bar}
            {stop}
            <span class="text-sm text-muted">
                <Time moment=replay.created_at />
                " by "
                {replay.created_by}
            </span>
        </li>
    }
    .into_any()
}
