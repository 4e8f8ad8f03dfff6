//! Uploading a file. A plain form post at heart; the script checks the file first and shows how far the upload is.

use leptos::prelude::*;
use stockroom::problem::Problem;

use crate::{
    components::{
        awaited::awaited,
        error_summary::ErrorSummary,
        page_header::{BackLink, PageHeader},
    },
    draft::FormDraft,
    paths,
    title::PageTitle,
    viewer::{Viewer, use_form_viewer},
};

mod check;
mod form;
mod upload_bar;

use form::ImportForm;

#[component]
pub fn NewImportPage() -> impl IntoView {
    let viewer = use_form_viewer();
    awaited("Loading…", move || async move {
        let viewer = viewer.load().await;
        view! { <NewImport viewer /> }.into_any()
    })
}

#[component]
fn NewImport(viewer: Viewer) -> impl IntoView {
    let is_catalogs = viewer.draft.as_ref().and_then(|draft| draft.value("kind")).as_deref() == Some("catalogs");
    let problem = RwSignal::new(viewer.draft.map(|FormDraft { problem, .. }| problem));
    let title = move || {
        if problem.read().is_some() {
            "Error: Import products"
        } else {
            "Import products"
        }
    };

    view! {
        <PageTitle text=Signal::derive(move || title().to_owned()) />
        <div class="max-w-[45rem]">
            {move || problem.get().map(summary)}
            <BackLink href=paths::IMPORTS label="Imports" />
            <PageHeader title="Import products" />
            <ImportForm limit=viewer.upload_limit is_catalogs problem />
            <GoodToKnow />
        </div>
    }
    .into_any()
}

fn summary(problem: Problem) -> impl IntoView {
    view! { <ErrorSummary problem fields=&["file", "kind"] /> }
}

/// What the file will do, said before it does it.
#[component]
fn GoodToKnow() -> impl IntoView {
    view! {
        <section class="mt-6" aria-labelledby="good-to-know">
            <h2 id="good-to-know" class="text-lg font-semibold">
                "What your file does"
            </h2>
            <ul class="mt-2 list-disc space-y-1 pl-5 text-muted">
                <li>"Products are matched by SKU; upper and lower case are ignored."</li>
                <li>"Blank cells keep the current value."</li>
                <li>"Columns that the file does not have are left untouched."</li>
                <li>"If a SKU appears twice in the file, the last row wins."</li>
            </ul>
            <p class="mt-3">
                <a class="link" href=paths::SAMPLE_FILE rel="external" download="sample-products.csv">
                    "Download sample file (CSV)"
                </a>
            </p>
        </section>
    }
    .into_any()
}
