//! One import, while it runs and for ever after, at one address.

mod facts;
mod outcome;
mod problems;

use leptos::prelude::*;
use stockroom::{
    imports::{Import, problem::ProblemGroup},
    problem::Problem,
};

use super::{awaited, id_in_address, named};
use crate::{
    components::{
        import_counters::ImportCounters,
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
    },
    error::AppError,
    islands::live_import::LiveImport,
    paths, request,
    server_fns::imports::{ImportReport, get_import},
    title::PageTitle,
    wording::percent,
};
use facts::{FileFacts, Timeline};
use outcome::Outcome;
use problems::Problems;

#[component]
pub fn ImportPage() -> impl IntoView {
    let id = id_in_address();
    awaited(async move {
        match named(id, "import", get_import).await {
            Ok(report) => view! { <Report report /> }.into_any(),
            Err(AppError(problem)) => view! { <ImportMissing problem /> }.into_any(),
        }
    })
}

#[component]
fn ImportMissing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Import not shown" />
        <BackLink href=paths::IMPORTS label="Imports" />
        <PageHeader title="Import" />
        <ProblemView heading="This import could not be shown." problem />
    }
    .into_any()
}

#[component]
fn Report(report: ImportReport) -> impl IntoView {
    let ImportReport { import, groups } = report;
    let progress = import.progress.clone();
    let heading = format!("Import #{}", import.job_id);
    let title = if progress.status.is_over() {
        heading.clone()
    } else {
        format!("{} – {heading}", percent(progress.percent))
    };
    let state = if progress.status.is_over() {
        view! {
            <Outcome import=import.clone() />
            <ImportCounters progress=Signal::derive(move || progress.clone()) />
        }
        .into_any()
    } else {
        view! { <LiveImport import=import.clone() may_stop=request::may_edit() /> }.into_any()
    };

    view! {
        <PageTitle text=title />
        <BackLink href=paths::IMPORTS label="Imports" />
        <PageHeader title=heading />
        <p class="-mt-3 mb-4 text-muted wrap-anywhere">{import.file_name.clone()}</p>
        {state}
        <Particulars import groups />
    }
    .into_any()
}

/// Problems take the room that they need; without any, the facts stand side by side.
#[component]
fn Particulars(import: Import, groups: Vec<ProblemGroup>) -> impl IntoView {
    if groups.is_empty() {
        return view! {
            <div class="mt-4 grid items-start gap-4 md:grid-cols-2">
                <FileFacts import=import.clone() />
                <Timeline import />
            </div>
        }
        .into_any();
    }
    view! {
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-3">
            <div class="min-w-0 lg:col-span-2">
                <Problems id=import.job_id groups />
            </div>
            <div class="flex min-w-0 flex-col gap-4">
                <FileFacts import=import.clone() />
                <Timeline import />
            </div>
        </div>
    }
    .into_any()
}
