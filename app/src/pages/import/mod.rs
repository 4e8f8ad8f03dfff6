//! One import, while it runs and for ever after, at one address.

mod checked;
pub mod correct;
mod correct_row;
mod facts;
mod matching;
pub mod options;
mod outcome;
mod planned;
mod problems;
mod review;
pub mod stepper;

use leptos::prelude::*;
use stockroom::{
    imports::{
        Import, ImportStatus, ImportStep,
        problem::{ProblemGroup, ProblemKind},
    },
    problem::Problem,
    timestamp::Timestamp,
};

use super::{awaited, id_in_address, named};
use crate::{
    components::{
        error_summary::ErrorSummary,
        import_counters::ImportCounters,
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
        time::Time,
    },
    error::AppError,
    islands::live_import::LiveImport,
    paths, request,
    server_fns::imports::{ImportReport, get_import},
    title::PageTitle,
    wording::{self, percent},
};
use facts::{FileFacts, Timeline};
use outcome::Outcome;
use problems::Problems;
use review::Review;
use stepper::{Step, Stepper};

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
    let ImportReport {
        import,
        groups,
        corrections,
        pictures,
        open_rows,
        schedule,
    } = report;
    let heading = wording::job(&import);
    let (title, state) = state(import.clone(), heading.clone());
    // A refused form leaves a draft for this page.
    let is_refused = request::current().is_ok_and(|request| request.draft.is_some());
    let mark = if is_refused { "Error: " } else { "" };

    view! {
        <PageTitle text=format!("{mark}{title}") />
        <BackLink href=paths::IMPORTS label="Imports" />
        <PageHeader title=heading />
        <p class="-mt-3 mb-4 text-muted wrap-anywhere">{import.file_name.clone()} {schedule.map(begun_by)}</p>
        {state}
        <Corrections corrects=import.corrects corrections />
        <Pictures waiting=pictures groups=groups.clone() />
        <RemovedProblems at=import.problems_removed_at.clone() />
        <Particulars import groups open_rows />
    }
    .into_any()
}

/// The title of the page, and what it shows of an import in its state.
fn state(import: Import, heading: String) -> (String, AnyView) {
    let progress = import.progress.clone();
    match progress.status {
        ImportStatus::AwaitingConfirmation => {
            let title = match (import.kind.has_file(), &import.review) {
                (true, None) => format!("Match columns (step 2 of 4) – {heading}"),
                (true, Some(_)) => format!("Check (step 3 of 4) – {heading}"),
                (false, _) => format!("Review: {heading}"),
            };
            (title, view! { <Review import=import.clone() /> }.into_any())
        }
        status if status.is_over() => {
            let kind = import.kind;
            let state = view! {
                <Failure />
                <Outcome import=import.clone() />
                <ImportCounters kind progress=Signal::derive(move || progress.clone()) />
            };
            (heading, state.into_any())
        }
        _ => {
            let title = format!("{} – {heading}", percent(progress.percent));
            let live = Import {
                review: None,
                ..import.clone()
            };
            let at = match import.step {
                ImportStep::Apply => Step::Import,
                _ => Step::Check,
            };
            let state = view! {
                {import.kind.has_file().then(|| view! { <Stepper at /> })}
                <LiveImport import=live may_stop=request::may_edit() />
            };
            (title, state.into_any())
        }
    }
}

/// The schedule that fetched the file.
fn begun_by((id, name): (i64, String)) -> impl IntoView {
    view! {
        " – begun by schedule "
        <a class="link" href=paths::schedule(id)>
            {name}
        </a>
    }
}

/// Which import brought problem rows of this one back, and of which this one did.
#[component]
fn Corrections(corrects: Option<i64>, corrections: Vec<(i64, i64)>) -> impl IntoView {
    let link = |id: i64| view! { <a class="link" href=paths::import(id)>"import #" {id}</a> };
    let lines: Vec<_> = corrections
        .into_iter()
        .map(|(id, rows)| {
            let rows = wording::counted(rows, "row with problems was", "rows with problems were");
            view! { <p class="mt-2">{rows} " corrected by " {link(id)} "."</p> }
        })
        .collect();
    view! {
        {corrects.map(|id| view! { <p class="mt-2">"It brings rows with problems of " {link(id)} " back, with the same matching and options."</p> })}
        {lines}
    }
    .into_any()
}

/// Pictures that its rows name and that are not there, yet or at all.
#[component]
fn Pictures(waiting: i64, groups: Vec<ProblemGroup>) -> impl IntoView {
    let missing = groups
        .iter()
        .filter(|group| group.kind == ProblemKind::PictureUnreachable);
    let missing: i64 = missing.map(|group| group.rows).sum();
    let waiting = (waiting > 0).then(|| format!("{} still to be fetched.", wording::grouped(waiting)));
    let missing = (missing > 0).then(|| {
        let rows = wording::counted(missing, "row names", "rows name");
        format!("{rows} one that could not be had.")
    });
    (waiting.is_some() || missing.is_some()).then(|| {
        let said: Vec<_> = waiting.into_iter().chain(missing).collect();
        view! { <p class="mt-2">"Pictures: " {said.join(" ")}</p> }
    })
}

/// Its counters go on telling of rows that are no longer listed.
#[component]
fn RemovedProblems(at: Option<Timestamp>) -> impl IntoView {
    at.map(|moment| {
        view! {
            <p class="mt-2 text-muted">
                "Its rows with problems are no longer listed. They were removed on " <Time moment /> ", as their time was over."
            </p>
        }
    })
}

/// What was wrong with what somebody wanted of it, if it was refused.
#[component]
fn Failure() -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    draft.map(|draft| view! { <ErrorSummary problem=draft.problem fields=&[] /> })
}

/// Problems take the room that they need; without any, the facts stand side by side.
#[component]
fn Particulars(import: Import, groups: Vec<ProblemGroup>, open_rows: i64) -> impl IntoView {
    // While columns are matched, the form says all that is known of the file.
    let is_matched = import.step != ImportStep::Match || import.progress.status.is_over();
    let has_file = import.kind.has_file() && is_matched;
    if groups.is_empty() {
        return view! {
            <div class="mt-4 grid items-start gap-4 md:grid-cols-2">
                {has_file.then(|| view! { <FileFacts import=import.clone() /> })}
                <Timeline import />
            </div>
        }
        .into_any();
    }
    view! {
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-3">
            <div class="min-w-0 lg:col-span-2">
                <Problems import=import.clone() groups has_file open_rows />
            </div>
            <div class="flex min-w-0 flex-col gap-4">
                {has_file.then(|| view! { <FileFacts import=import.clone() /> })}
                <Timeline import />
            </div>
        </div>
    }
    .into_any()
}
