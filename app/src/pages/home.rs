//! Where people begin: what there is, what is running, what needs somebody, and what to do first.

use leptos::prelude::*;
use stockroom::imports::{Import, ImportStatus};

use super::{awaited, settings::audit::AuditTable};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        figures::{Figures, LinkedFigure},
        page_header::PageHeader,
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        time::Time,
    },
    error::AppError,
    islands::refreshed::Refreshed,
    paths, request,
    search::ProductSearch,
    server_fns::{
        imports::{Overview, get_overview},
        monitoring::list_alerts,
        staff::list_audit,
    },
    title::PageTitle,
    wording::{self, grouped, percent, whole_percent},
};
use stockroom::{
    audit::AuditQuery,
    monitoring::{Alert, Subject},
    page::PageRequest,
    products::ProductQuery,
    schedules::Schedule,
    webhooks::Webhook,
};

#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <PageTitle text="Dashboard" />
        <PageHeader title="Dashboard" />
        {awaited(async move {
            match get_overview().await {
                Ok(overview) => view! { <Board overview /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="The dashboard could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn Board(overview: Overview) -> impl IntoView {
    let is_new = overview.products == 0 && overview.recent.is_empty();
    let running: Vec<Import> = of(&overview.open, |status| status != ImportStatus::AwaitingConfirmation);
    let attention: Vec<Import> = of(&overview.open, |status| status == ImportStatus::AwaitingConfirmation)
        .into_iter()
        .chain(of(&overview.recent, |status| status == ImportStatus::Failed))
        .collect();
    let has_running = !running.is_empty();
    let needs_attention = !attention.is_empty() || !overview.troubled.is_empty() || !overview.schedules.is_empty();
    let (troubled, schedules) = (overview.troubled.clone(), overview.schedules.clone());
    let body = view! {
        <Numbers overview=overview.clone() running=running.len() />
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-2">
            {has_running.then(|| view! { <Card title="Running now"><ImportLines imports=running /></Card> })}
            {needs_attention
                .then(|| {
                    view! {
                        <Card title="Needs attention">
                            <WebhookLines webhooks=troubled />
                            <ScheduleLines schedules />
                            <ImportLines imports=attention />
                        </Card>
                    }
                })}
            <Card title="Recent imports">
                <RecentImports imports=overview.recent.clone() />
            </Card>
        </div>
    };
    view! {
        {request::is_admin().then(|| view! { <Alerts /> })}
        {is_new.then(|| view! { <FirstSteps has_catalogue=overview.has_catalogue has_webhook=overview.has_webhook /> })}
        <Refreshed is_moving=has_running>{body}</Refreshed>
        {request::is_admin().then(|| view! { <RecentChanges /> })}
    }
    .into_any()
}

fn of(imports: &[Import], wanted: impl Fn(ImportStatus) -> bool) -> Vec<Import> {
    let wanted = imports.iter().filter(|import| wanted(import.progress.status));
    wanted.cloned().collect()
}

#[component]
fn Numbers(overview: Overview, running: usize) -> impl IntoView {
    let active = ProductSearch::of(ProductQuery {
        active: Some(true),
        ..ProductQuery::default()
    });
    let inactive = ProductSearch::of(ProductQuery {
        active: Some(false),
        ..ProductQuery::default()
    });
    view! {
        <Figures>
            <LinkedFigure label="Products" value=grouped(overview.products) href=paths::PRODUCTS.to_owned() />
            <LinkedFigure label="Active" value=grouped(overview.active) href=active.address() />
            <LinkedFigure label="Inactive" value=grouped(overview.products - overview.active) href=inactive.address() />
            <LinkedFigure label="Imports running" value=running.to_string() href=paths::IMPORTS.to_owned() />
            <LinkedFigure label="Failed calls in 24 h" value=grouped(overview.failed_attempts) href=paths::WEBHOOKS.to_owned() />
        </Figures>
    }
    .into_any()
}

/// In short, for those who can do something about it. Webhooks and schedules stand below by name.
#[component]
fn Alerts() -> impl IntoView {
    awaited(async move {
        let Ok(alerts) = list_alerts().await else {
            return ().into_any();
        };
        let is_shown = |alert: &Alert| !matches!(alert.subject, Subject::Webhook(_) | Subject::Schedule(_));
        let titles: Vec<_> = alerts
            .into_iter()
            .filter(is_shown)
            .map(|alert| view! { <li>{alert.title}</li> })
            .collect();
        if titles.is_empty() {
            return ().into_any();
        }
        view! {
            <Banner tone=Tone::Warning title="Something needs you">
                <ul class="list-disc pl-5">{titles}</ul>
                <p class="mt-2">
                    <a class="link" href=paths::MONITORING>
                        "Monitoring"
                    </a>
                    " says what to do."
                </p>
            </Banner>
        }
        .into_any()
    })
}

/// Until there is something to look at.
#[component]
fn FirstSteps(has_catalogue: bool, has_webhook: bool) -> impl IntoView {
    let done = |is_done: bool| if is_done { "Done: " } else { "" };
    let (catalogue, webhook) = (done(has_catalogue), done(has_webhook));
    view! {
        <Banner tone=Tone::Info title="Add your first products">
            <ol class="mt-1 list-decimal pl-5">
                <li>
                    {catalogue}
                    <a class="link" href=paths::CATALOGUES>
                        "Create a catalogue"
                    </a>
                    ", if you want to group products"
                </li>
                <li>
                    <a class="link font-semibold" href=paths::NEW_IMPORT>
                        "Import a file"
                    </a>
                    ", or "
                    <a class="link" href=paths::NEW_PRODUCT>
                        "add a product"
                    </a>
                </li>
                <li>
                    {webhook}
                    <a class="link" href=paths::WEBHOOKS>
                        "Connect a webhook"
                    </a>
                    ", if another system wants to know what changes"
                </li>
            </ol>
            <p class="mt-2">
                <a class="link" href=paths::SAMPLE_FILE download="sample-products.csv">
                    "Download sample file (CSV)"
                </a>
            </p>
        </Banner>
    }
    .into_any()
}

#[component]
fn RecentImports(imports: Vec<Import>) -> impl IntoView {
    if imports.is_empty() {
        return view! { <p class="text-muted">"Nothing has been imported yet."</p> }.into_any();
    }
    view! { <ImportLines imports /> }.into_any()
}

#[component]
fn ImportLines(imports: Vec<Import>) -> impl IntoView {
    let lines: Vec<_> = imports
        .into_iter()
        .map(|import| view! { <ImportLine import /> })
        .collect();
    view! { <ul class="divide-y divide-line">{lines}</ul> }.into_any()
}

#[component]
fn WebhookLines(webhooks: Vec<Webhook>) -> impl IntoView {
    let lines: Vec<_> = webhooks
        .into_iter()
        .map(|webhook| {
            view! {
                <li class="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
                    <a class="link min-w-0 grow wrap-anywhere" href=paths::webhook(webhook.id)>
                        "Webhook: "
                        {webhook.url.clone()}
                    </a>
                    <StatusTag status=Status::of_webhook(&webhook) />
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="divide-y divide-line">{lines}</ul> }.into_any()
}

#[component]
fn ScheduleLines(schedules: Vec<Schedule>) -> impl IntoView {
    let lines: Vec<_> = schedules
        .into_iter()
        .map(|schedule| {
            view! {
                <li class="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
                    <a class="link min-w-0 grow wrap-anywhere" href=paths::schedule(schedule.id)>
                        "Schedule: "
                        {schedule.name.clone()}
                    </a>
                    <StatusTag status=Status::of_schedule(&schedule) />
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="divide-y divide-line">{lines}</ul> }.into_any()
}

#[component]
fn ImportLine(import: Import) -> impl IntoView {
    let progress = import.progress.clone();
    let bar = (progress.status == ImportStatus::Processing).then(|| {
        view! {
            <span class="flex items-center gap-2 text-sm tabular-nums">
                <progress class="bar bar-small" max="100" value=whole_percent(progress.percent) aria-label="Progress"></progress>
                {percent(progress.percent)}
            </span>
        }
    });
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
            <a class="link min-w-0 grow wrap-anywhere" href=paths::import(import.job_id)>
                {wording::job(&import)}
                ": "
                {import.file_name.clone()}
            </a>
            {bar}
            <StatusTag status=Status::of_import(&import.progress) />
            <span class="text-sm text-muted">
                <Time moment=import.created_at />
            </span>
        </li>
    }
    .into_any()
}

#[component]
fn RecentChanges() -> impl IntoView {
    let few = PageRequest {
        size: Some(5),
        ..PageRequest::default()
    };
    view! {
        <section class="mt-4" aria-label="Recent changes">
            <h2 class="card-title">"Recent changes"</h2>
            {awaited(async move {
                match list_audit(AuditQuery::default(), few).await {
                    Ok(page) => view! { <AuditTable entries=page.items /> }.into_any(),
                    Err(AppError(problem)) => {
                        view! { <ProblemView heading="Recent changes could not be loaded." problem /> }.into_any()
                    }
                }
            })}
        </section>
    }
    .into_any()
}
