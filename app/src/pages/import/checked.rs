//! What a file would do: counted, looked through, and confirmed.

use leptos::prelude::*;
use stockroom::imports::{
    Import, ImportKind,
    options::OnProblems,
    plan::Proof,
    review::{Alarm, AlarmKind, Review},
};

use super::{
    matching::News,
    options,
    planned::Planned,
    review::{Drop, ProofFields, Told},
    stepper::{Step, Stepper},
};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        error_summary::ErrorSummary,
        figures::{Figure, Figures},
    },
    draft::Form,
    pages::awaited,
    paths, request,
    server_fns::{catalogs::list_catalogs, imports::get_samples},
    wording::{counted, grouped},
};

#[component]
pub fn Checked(import: Import, review: Review, form: Form) -> impl IntoView {
    let id = import.job_id;
    let options = import.options.clone();
    let (counted, named, applied) = (review.clone(), review.clone(), review.clone());
    let (tripped, others): (Vec<Alarm>, Vec<Alarm>) = review
        .alarms
        .iter()
        .cloned()
        .partition(|alarm| alarm.kind.must_be_answered());
    view! {
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["number", "understood"] /> })}
        <Stepper at=Step::Check />
        {awaited(async move {
            let samples = get_samples(id).await.unwrap_or_default();
            view! { <News samples /> }.into_any()
        })}
        <Counts review=counted />
        <div class="mt-4">
            {tripped.into_iter().map(|alarm| view! { <AlarmBanner alarm /> }).collect_view()}
            {others.into_iter().map(|alarm| view! { <AlarmBanner alarm /> }).collect_view()}
        </div>
        <Card title="Import">
            <div class="flex flex-col gap-3">
                {awaited(async move {
                    let chosen = options.catalog_id.into_iter().collect();
                    let catalogs = list_catalogs(chosen).await.unwrap_or_default().known;
                    let words = options::in_words(&options, &catalogs).join(" ");
                    view! {
                        <p>
                            {words} " " <a class="link" href=paths::rematch_import(id)>
                                "Change matching or options"
                            </a>
                        </p>
                    }
                })}
                <NewCatalogues review=named />
                <Told />
                {request::may_edit().then(|| view! { <Apply import=import.clone() review=applied form /> })}
            </div>
        </Card>
        <Planned id review />
    }
    .into_any()
}

#[component]
fn Counts(review: Review) -> impl IntoView {
    fn figure(label: &'static str, count: i64) -> impl IntoView {
        view! { <Figure label value=grouped(count) /> }
    }
    fn some(label: &'static str, count: i64) -> impl IntoView {
        (count > 0).then(|| figure(label, count))
    }
    let failed = review.failed;
    view! {
        <Figures>
            {figure("Will be added", review.created)} {figure("Will be updated", review.updated)}
            {some("Will be deleted", review.deleted)} {some("Will be restored", review.restored)}
            {some("Not in the file", review.missing)} {some("Values cleared", review.cleared)} {figure("Unchanged", review.unchanged)}
            <Figure label="With problems" value=grouped(failed) needs_attention=Signal::derive(move || failed > 0) />
        </Figures>
    }
    .into_any()
}

#[component]
fn AlarmBanner(alarm: Alarm) -> impl IntoView {
    let tone = if alarm.kind.must_be_answered() {
        Tone::Warning
    } else {
        Tone::Info
    };
    let sentence = in_words(&alarm);
    let examples: Vec<_> = alarm
        .examples
        .into_iter()
        .map(|example| {
            let row = (example.row > 0).then(|| format!("row {}: ", grouped(example.row)));
            view! { <li class="wrap-anywhere">{row} <span class="font-mono text-sm">{example.value}</span></li> }
        })
        .collect();
    let list = (!examples.is_empty()).then(|| view! { <ul class="mt-1 flex flex-wrap gap-x-4">{examples}</ul> });
    view! {
        <Banner tone title=alarm.kind.title()>
            <p>{sentence} " " {alarm.kind.advice()}</p>
            {list}
        </Banner>
    }
    .into_any()
}

fn in_words(alarm: &Alarm) -> String {
    let column = alarm
        .column
        .as_ref()
        .map(|column| format!(" in the column “{column}”"))
        .unwrap_or_default();
    let cells = format!("{}{column}.", counted(alarm.count, "cell", "cells"));
    let products = counted(alarm.count, "product", "products");
    match (alarm.kind, alarm.figures) {
        (AlarmKind::PriceMoved, Some(figures)) => format!("{products} by more than {} %.", figures.limit),
        (AlarmKind::PriceZero, _) | (AlarmKind::LostZeros, _) => format!("{products}."),
        (AlarmKind::ManyDeactivated, Some(figures)) => format!("{products}, {} % of all active ones.", figures.found),
        (AlarmKind::RowCount, Some(figures)) => format!(
            "{} now, {} then.",
            counted(figures.found, "row", "rows"),
            counted(figures.limit, "row", "rows")
        ),
        _ => cells,
    }
}

#[component]
fn NewCatalogues(review: Review) -> impl IntoView {
    let count = review.new_catalogs;
    if count == 0 {
        return ().into_any();
    }
    let more = count - review.new_catalog_names.len() as i64;
    let more = if more > 0 {
        format!(" and {} more", grouped(more))
    } else {
        String::new()
    };
    let names = review.new_catalog_names.join(", ");
    let created = counted(count, "catalogue will be created", "catalogues will be created");
    view! { <p class="wrap-anywhere">{format!("{created}: {names}{more}.")}</p> }.into_any()
}

/// The button says how many; where a tripwire was passed, the number is typed.
#[component]
fn Apply(import: Import, review: Review, form: Form) -> impl IntoView {
    let id = import.job_id;
    if import.options.on_problems == OnProblems::Stop && review.failed > 0 {
        return view! {
            <p>"Rows have problems, and all are to be good. Correct them and upload the file again, or change the options."</p>
            <div>
                <Drop id />
            </div>
        }
        .into_any();
    }
    let products = match import.kind {
        ImportKind::Catalogs => counted(review.changes(), "catalogue", "catalogues"),
        _ => counted(review.changes(), "product", "products"),
    };
    let (label, class) = match (review.changes(), review.deleted) {
        (0, _) => ("Finish: nothing will change".to_owned(), "btn btn-primary"),
        (_, 1..) => (format!("Delete {products}"), "btn btn-danger"),
        _ => (format!("Import {products}"), "btn btn-primary"),
    };
    let proof = review.proof();
    view! {
        <form method="post" action=paths::apply_import(id) novalidate class="flex flex-col gap-3">
            <input type="hidden" name="review" value=review.scratch />
            {(proof != Proof::Nothing).then(|| view! { <ProofFields proof form /> })}
            <div>
                <button class=class>{label}</button>
            </div>
        </form>
        <div>
            <Drop id />
        </div>
    }
    .into_any()
}
