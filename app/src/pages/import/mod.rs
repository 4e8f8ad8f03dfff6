//! One import, while it runs and for ever after, at one address.

mod announcements;
mod cancel;
mod facts;
mod outcome;
mod problems;
mod running;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use stockroom::{
    imports::{Progress, problem::ProblemGroup},
    problem::Problem,
};

use crate::{
    codec::ask,
    components::{
        awaited::awaited,
        figures::{Figure, Figures},
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
    },
    error::AppError,
    hooks::import_stream::{ImportStream, follow},
    paths,
    server_fns::imports::{ImportReport, get_import},
    title::PageTitle,
    wording::{grouped, percent},
};
use facts::{FileFacts, Timeline};
use outcome::Outcome;
use problems::Problems;
use running::Running;

#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<i64>().ok()));
    let report = ask(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => get_import(id).await,
                None => Err(AppError(Problem::not_found("import"))),
            }
        },
    );
    // At the end the problems are grouped, and only the server knows them all.
    let on_end = Callback::new(move |()| report.refetch());

    view! {
        <BackLink href=paths::IMPORTS label="Imports" />
        {awaited(
            "Loading…",
            move || async move {
                match report.await {
                    Ok(report) => view! { <Report report on_end /> }.into_any(),
                    Err(AppError(problem)) => view! { <ImportMissing problem /> }.into_any(),
                }
            },
        )}
    }
    .into_any()
}

#[component]
fn ImportMissing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Import not shown" />
        <PageHeader title="Import" />
        <ProblemView heading="This import could not be shown." problem />
    }
    .into_any()
}

#[component]
fn Report(report: ImportReport, on_end: Callback<()>) -> impl IntoView {
    let ImportReport { import, groups } = report;
    let id = import.job_id;
    let stream = follow(import, on_end);
    announcements::announce(stream.import);
    let is_over = Memo::new(move |_| stream.import.read().progress.status.is_over());

    view! {
        <PageTitle text=Signal::derive(move || title(stream)) />
        <PageHeader title=format!("Import #{id}") />
        <p class="-mt-3 mb-4 text-muted wrap-anywhere">{move || stream.import.read().file_name.clone()}</p>
        {move || {
            if is_over.get() {
                view! { <Outcome import=stream.import.get_untracked() /> }.into_any()
            } else {
                view! { <Running stream /> }.into_any()
            }
        }}
        <Counters stream />
        <Particulars stream groups />
    }
    .into_any()
}

/// Problems take the room that they need; without any, the facts stand side by side.
#[component]
fn Particulars(stream: ImportStream, groups: Vec<ProblemGroup>) -> impl IntoView {
    let id = stream.import.read_untracked().job_id;
    if groups.is_empty() {
        return view! {
            <div class="mt-4 grid items-start gap-4 md:grid-cols-2">
                <FileFacts stream />
                <Timeline stream />
            </div>
        }
        .into_any();
    }
    view! {
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-3">
            <div class="min-w-0 lg:col-span-2">
                <Problems id groups />
            </div>
            <div class="flex min-w-0 flex-col gap-4">
                <FileFacts stream />
                <Timeline stream />
            </div>
        </div>
    }
    .into_any()
}

/// "62 % – Import #42" in the tab, so that one may look elsewhere meanwhile.
fn title(stream: ImportStream) -> String {
    let import = stream.import.read();
    if import.progress.status.is_over() {
        format!("Import #{}", import.job_id)
    } else {
        format!("{} – Import #{}", percent(import.progress.percent), import.job_id)
    }
}

#[component]
fn Counters(stream: ImportStream) -> impl IntoView {
    let import = stream.import;
    let count = move |of: fn(&Progress) -> i64| Signal::derive(move || grouped(of(&import.read().progress)));
    let has_problems = Signal::derive(move || stream.import.read().progress.failed > 0);

    view! {
        <Figures>
            <Figure label="Added" value=count(|progress| progress.created) />
            <Figure label="Updated" value=count(|progress| progress.updated) />
            <Figure label="Unchanged" value=count(|progress| progress.unchanged) />
            <Figure label="With problems" value=count(|progress| progress.failed) needs_attention=has_problems />
            <Figure label="Superseded" value=count(|progress| progress.superseded) />
            <Figure label="Rows read" value=count(|progress| progress.read) />
        </Figures>
    }
    .into_any()
}
