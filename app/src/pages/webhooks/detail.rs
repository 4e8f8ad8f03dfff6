//! One webhook: how it goes with it, and all that can be done about it.

use leptos::prelude::*;
use stockroom::{
    problem::Problem,
    webhooks::{Statistics, Webhook, WebhookStatus},
};

use super::{
    form::{FIELDS, WebhookForm, values_of},
    health::Success,
    host,
    list::GivenUp,
    replay::Replays,
    snippets::Snippets,
    trial::Trial,
};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        error_summary::ErrorSummary,
        figures::{Figures, LinkedFigure},
        key_value::{KeyValue, KeyValueList},
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        time::Time,
    },
    draft::Form,
    error::AppError,
    islands::refreshed::Refreshed,
    pages::{awaited, id_in_address, named, settings::reveal::Reveal},
    paths, request,
    server_fns::webhooks::{WebhookReport, get_webhook},
    title::PageTitle,
    wording::{counted, grouped},
};

#[component]
pub fn WebhookPage() -> impl IntoView {
    let id = id_in_address();
    awaited(async move {
        match named(id, "webhook", get_webhook).await {
            Ok(report) => view! { <Report report /> }.into_any(),
            Err(AppError(problem)) => view! { <Missing problem /> }.into_any(),
        }
    })
}

#[component]
pub fn Missing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Webhook not shown" />
        <BackLink href=paths::WEBHOOKS label="Webhooks" />
        <PageHeader title="Webhook" />
        <ProblemView heading="This webhook could not be shown." problem />
    }
    .into_any()
}

#[component]
fn Report(report: WebhookReport) -> impl IntoView {
    let WebhookReport {
        webhook,
        statistics,
        replays,
    } = report;
    let id = webhook.id;
    let draft = request::current().ok().and_then(|request| request.draft);
    let form = Form::of(draft, values_of(&webhook));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let is_moving = replays.iter().any(|replay| replay.waiting > 0) || statistics.waiting > 0;
    let status = Status::of_webhook(&webhook);
    let state = view! {
        <Numbers id statistics=statistics.clone() is_enabled=webhook.status == WebhookStatus::Enabled />
        <Replays webhook=id replays />
    };
    view! {
        <PageTitle text=format!("{mark}{}", host(&webhook.url)) />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&FIELDS /> })}
        <BackLink href=paths::WEBHOOKS label="Webhooks" />
        <PageHeader title=host(&webhook.url).to_owned()>
            <a class="btn btn-secondary" href=paths::webhook_log(id)>
                "Deliveries"
            </a>
        </PageHeader>
        <p class="-mt-1 mb-4 flex flex-wrap items-center gap-2">
            <StatusTag status />
            <code class="min-w-0 font-mono text-sm text-muted wrap-anywhere">{webhook.url.clone()}</code>
        </p>
        <Reveal />
        <State webhook=webhook.clone() />
        <Refreshed is_moving>{state}</Refreshed>
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-2">
            <div class="flex min-w-0 flex-col gap-4">{settings(&webhook, form)}</div>
            <div class="flex min-w-0 flex-col gap-4">
                {request::is_admin().then(|| view! { <Trial webhook=id /> })} <Secret webhook=webhook.clone() /> <Snippets />
                {request::is_admin().then(|| view! { <Ends webhook=webhook.clone() /> })}
            </div>
        </div>
    }
    .into_any()
}

/// The form for those who may change it, the facts for everybody else.
fn settings(webhook: &Webhook, form: Form) -> AnyView {
    if request::is_admin() {
        let action = paths::webhook(webhook.id);
        return view! {
            <Card title="Settings">
                <WebhookForm action button="Save" form />
            </Card>
        }
        .into_any();
    }
    let events: Vec<&str> = webhook.events.iter().map(|kind| kind.as_str()).collect();
    let (events, bulk, headers) = (
        events.join(", "),
        webhook.bulk.as_str(),
        webhook.header_names.join(", "),
    );
    view! {
        <Card title="Settings">
            <KeyValueList>
                <KeyValue name="Events">
                    <code class="font-mono text-sm">{events}</code>
                </KeyValue>
                <KeyValue name="Many changes">{bulk}</KeyValue>
                <KeyValue name="Headers">{headers}</KeyValue>
            </KeyValueList>
        </Card>
    }
    .into_any()
}

/// What somebody should know before anything else.
#[component]
fn State(webhook: Webhook) -> impl IntoView {
    let failing = webhook
        .failing_since
        .clone()
        .filter(|_| webhook.status == WebhookStatus::Enabled);
    if let Some(since) = failing {
        return view! {
            <Banner tone=Tone::Warning title="Nothing has arrived lately">
                <p>
                    "Every attempt since " <Time moment=since />
                    " has failed. Stockroom goes on trying; after five days it disables the webhook and keeps what happens."
                </p>
            </Banner>
        }
        .into_any();
    }
    match webhook.status {
        WebhookStatus::Enabled => ().into_any(),
        WebhookStatus::DisabledAutomatically => {
            view! { <GivenUp webhook=webhook.clone() /> <Enable webhook /> }.into_any()
        }
        WebhookStatus::Disabled => view! { <Enable webhook /> }.into_any(),
    }
}

#[component]
fn Enable(webhook: Webhook) -> impl IntoView {
    let kept = (webhook.held > 0).then(|| {
        let events = counted(webhook.held, "event was", "events were");
        view! { <p>{events} " kept. They are sent when you say so, after you have enabled it."</p> }
    });
    view! {
        <Banner tone=Tone::Info title="This webhook is disabled">
            <p>"Nothing is sent. What happens meanwhile is kept, usually for 30 days. The changes of imports and bulk actions are sent on as soon as it is enabled."</p>
            {kept}
            {request::is_admin()
                .then(|| {
                    view! {
                        <form method="post" action=paths::webhook_action(webhook.id, "enable") class="mt-2">
                            <button class="btn btn-primary">"Enable"</button>
                        </form>
                    }
                })}
        </Banner>
    }
    .into_any()
}

#[component]
fn Numbers(id: i64, statistics: Statistics, is_enabled: bool) -> impl IntoView {
    let log = move |status: &str| paths::with_query(&paths::webhook_log(id), &[("status", status.to_owned())]);
    view! {
        <Figures>
            <LinkedFigure label="Delivered" value=grouped(statistics.delivered) href=log("delivered") />
            <LinkedFigure label="Waiting" value=grouped(statistics.waiting) href=paths::webhook_log(id) />
            <LinkedFigure label="Failed" value=grouped(statistics.failed) href=log("failed") />
            <LinkedFigure label="Kept" value=grouped(statistics.held) href=log("held") />
        </Figures>
        {is_enabled.then(|| view! { <Again id count=statistics.failed + statistics.held /> })}
    }
    .into_any()
}

/// The way to send again what has not arrived.
#[component]
fn Again(id: i64, count: i64) -> impl IntoView {
    (count > 0 && request::is_admin()).then(|| {
        view! {
            <p class="mt-2">
                <a class="btn btn-secondary" href=paths::webhook_replay(id)>
                    "Send again what failed or was kept…"
                </a>
            </p>
        }
        .into_any()
    })
}

#[component]
fn Secret(webhook: Webhook) -> impl IntoView {
    let id = webhook.id;
    let old = webhook.old_secret_until.clone().map(
        |until| view! { <p class="mb-3">"The secret before it signs as well until " <Time moment=until /> "."</p> },
    );
    let actions = request::is_admin().then(|| {
        view! {
            <div class="flex flex-wrap items-start gap-2">
                <form method="post" action=paths::webhook_action(id, "reveal")>
                    <button class="btn btn-secondary">"Reveal"</button>
                </form>
                <Roll id />
            </div>
        }
    });
    view! {
        <Card title="Signing secret">
            <p class="mb-3">
                <code class="font-mono text-sm">"whsec_••••••••"</code>
            </p>
            {old}
            {actions}
        </Card>
        <Card title="The last 24 hours">
            <Success health=webhook.health />
        </Card>
    }
    .into_any()
}

#[component]
fn Roll(id: i64) -> impl IntoView {
    view! {
        <details class="menu">
            <summary class="btn btn-secondary">"Replace…"</summary>
            <form method="post" action=paths::webhook_action(id, "secret") class="mt-2 flex flex-col gap-2">
                <div class="field">
                    <label class="label" for="overlap_hours">
                        "The old secret signs as well for"
                    </label>
                    <select class="input" id="overlap_hours" name="overlap_hours">
                        <option value="24">"24 hours"</option>
                        <option value="168">"7 days"</option>
                        <option value="1">"1 hour"</option>
                        <option value="0">"No longer: it is known to others"</option>
                    </select>
                </div>
                <div>
                    <button class="btn btn-primary">"Replace secret"</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// Disabling and deleting, with what follows from each.
#[component]
fn Ends(webhook: Webhook) -> impl IntoView {
    let id = webhook.id;
    let disable = (webhook.status == WebhookStatus::Enabled).then(|| {
        view! {
            <details class="menu">
                <summary class="btn btn-secondary">"Disable…"</summary>
                <form method="post" action=paths::webhook_action(id, "disable") class="mt-2 flex flex-col gap-2">
                    <p>"Nothing is sent from then on. What happens meanwhile is kept, usually for 30 days, and can be sent later."</p>
                    <div>
                        <button class="btn btn-primary">"Disable webhook"</button>
                    </div>
                </form>
            </details>
        }
    });
    view! {
        <Card title="Disable or delete">
            <div class="flex flex-wrap items-start gap-2">
                {disable} <details class="menu">
                    <summary class="btn btn-secondary">"Delete…"</summary>
                    <form method="post" action=paths::webhook_action(id, "delete") class="mt-2 flex flex-col gap-2">
                        <p>"The webhook goes for good, with its log and with everything that has not been sent yet."</p>
                        <div>
                            <button class="btn btn-danger">"Delete webhook"</button>
                        </div>
                    </form>
                </details>
            </div>
        </Card>
    }
    .into_any()
}
