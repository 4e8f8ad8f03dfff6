//! Uploading a file.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::{
    components::{
        not_allowed::NotAllowed,
        page_header::{BackLink, PageHeader},
    },
    draft::Form,
    fields::use_fields,
    islands::import_form::{NewImport, TITLE},
    pages::{
        awaited,
        import::{
            options::OptionFields,
            stepper::{Step, Stepper},
        },
    },
    paths, request,
    server_fns::catalogs::list_catalogs,
    title::PageTitle,
};

#[component]
pub fn NewImportPage() -> impl IntoView {
    let (draft, limit) = request::current().map_or((None, 0), |request| {
        (request.draft, request.services.config.upload_limit)
    });
    let form = Form::of(draft.clone(), chosen());
    let chosen = form
        .value("catalog_id")
        .and_then(|id| id.parse().ok())
        .into_iter()
        .collect();
    let is_catalogs = draft.as_ref().and_then(|draft| draft.value("kind")).as_deref() == Some("catalogs");
    let refused = draft.map(|draft| draft.problem);
    let mark = if refused.is_some() { "Error: " } else { "" };

    if !request::may_edit() {
        return view! {
            <PageTitle text=TITLE />
            <BackLink href=paths::IMPORTS label="Imports" />
            <PageHeader title=TITLE />
            <NotAllowed />
        }
        .into_any();
    }
    view! {
        <PageTitle text=format!("{mark}{TITLE}") />
        <div class="max-w-[45rem]">
            {awaited(async move {
                let catalogs = list_catalogs(chosen).await.unwrap_or_default();
                view! {
                    <NewImport limit refused>
                        <Stepper at=Step::Upload />
                        <Kinds is_catalogs />
                        <OptionFields form catalogs />
                    </NewImport>
                }
                .into_any()
            })}
            <GoodToKnow />
        </div>
    }
    .into_any()
}

/// A catalogue that somebody comes from is chosen already.
fn chosen() -> BTreeMap<String, String> {
    let catalog = use_fields().get("catalog_id");
    catalog.map(|id| ("catalog_id".to_owned(), id)).into_iter().collect()
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
                <li>"Nothing is changed before you have seen what would change."</li>
                <li>"Blank cells keep the current value, unless you choose that they clear it."</li>
                <li>"Columns that the file does not have are left untouched."</li>
                <li>"Variants name their parent in a column “Parent SKU”, or share a “Handle”."</li>
                <li>"Pictures are named by their addresses, in one column or several; those in an Excel sheet come along."</li>
                <li>"Other columns can be kept as extra attributes, if you say so."</li>
                <li>"If a SKU appears twice in the file, the last row wins."</li>
            </ul>
            <p class="mt-3 flex flex-wrap gap-x-4 gap-y-1">
                <a class="link" href=paths::SAMPLE_FILE download="sample-products.csv">
                    "Download sample file (CSV)"
                </a>
                <a class="link" href=paths::SAMPLE_WORKBOOK download="sample-products.xlsx">
                    "Download sample file (Excel)"
                </a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Kinds(is_catalogs: bool) -> impl IntoView {
    let kind = |value: &'static str, label: &'static str, is_chosen: bool| {
        view! {
            <label class="choice">
                <input type="radio" name="kind" value=value checked=is_chosen />
                {label}
            </label>
        }
    };

    view! {
        <fieldset id="kind">
            <legend class="label">"What is in the file?"</legend>
            <div class="mt-1 flex flex-wrap gap-x-6 gap-y-1">
                {kind("products", "Products", !is_catalogs)} {kind("catalogs", "Catalogues", is_catalogs)}
            </div>
        </fieldset>
    }
}
