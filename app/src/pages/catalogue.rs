//! One catalogue: its name and its products.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::{
    catalogs::{Catalog, CatalogNames},
    problem::Problem,
};

use super::{
    awaited,
    catalogues::{NAME, products_of},
    id_in_address, named,
};
use crate::{
    components::{
        card::Card,
        catalogue_input::{CatalogueInput, CatalogueInputKind},
        error_summary::ErrorSummary,
        field::Field,
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
    },
    draft::Form,
    error::AppError,
    paths, request,
    server_fns::catalogs::{get_catalog, list_catalogs},
    title::PageTitle,
    wording,
};

const MOVE_TO: CatalogueInputKind = CatalogueInputKind {
    name: "to",
    first: &[("none", "None")],
    class: "max-w-72",
    applies: false,
};

#[component]
pub fn CataloguePage() -> impl IntoView {
    let id = id_in_address();
    awaited(async move {
        match named(id, "catalogue", get_catalog).await {
            Ok(catalogue) => {
                let others = list_catalogs(Vec::new()).await.unwrap_or_default();
                view! { <Catalogue catalogue others /> }.into_any()
            }
            Err(AppError(problem)) => view! { <Missing problem /> }.into_any(),
        }
    })
}

#[component]
fn Missing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Catalogue not shown" />
        <BackLink href=paths::CATALOGUES label="Catalogues" />
        <PageHeader title="Catalogue" />
        <ProblemView heading="This catalogue could not be shown." problem />
    }
    .into_any()
}

#[component]
fn Catalogue(catalogue: Catalog, others: CatalogNames) -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let form = Form::of(draft, BTreeMap::from([("name".to_owned(), catalogue.name.clone())]));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let count = wording::counted(catalogue.product_count, "product", "products");
    view! {
        <PageTitle text=format!("{mark}{}", catalogue.name) />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["name", "to"] /> })}
        <BackLink href=paths::CATALOGUES label="Catalogues" />
        <PageHeader title=catalogue.name.clone() />
        <p class="mb-4 flex flex-wrap gap-x-6 gap-y-2">
            <a class="link" href=products_of(catalogue.id)>
                "View "
                {count}
            </a>
            {request::may_edit()
                .then(|| {
                    view! {
                        <a class="link" href=paths::with_query(paths::NEW_IMPORT, &[("catalog_id", catalogue.id.to_string())])>
                            "Import into this catalogue"
                        </a>
                    }
                })}
        </p>
        {request::may_edit().then(|| view! { <Change catalogue form others /> })}
    }
    .into_any()
}

#[component]
fn Change(catalogue: Catalog, form: Form, others: CatalogNames) -> impl IntoView {
    let id = catalogue.id;
    let choice = (catalogue.product_count > 0).then(|| view! { <Products id count=catalogue.product_count others /> });
    view! {
        <div class="max-w-[45rem]">
            <Card title="Rename">
                <form method="post" action=paths::catalogue(catalogue.id) novalidate class="flex flex-col gap-4">
                    <Field kind=NAME form />
                    <div>
                        <button class="btn btn-primary">"Save"</button>
                    </div>
                </form>
            </Card>
            <details class="mt-6">
                <summary class="link w-fit">"Delete this catalogue…"</summary>
                <form method="post" action=paths::delete_catalogue(catalogue.id) class="card mt-2 flex flex-col gap-3">
                    {choice} <div>
                        <button class="btn btn-danger">"Delete catalogue"</button>
                    </div>
                </form>
            </details>
        </div>
    }
    .into_any()
}

/// What becomes of its products. Nothing is chosen beforehand that would delete something.
#[component]
fn Products(id: i64, count: i64, mut others: CatalogNames) -> impl IntoView {
    let products = wording::counted(count, "product", "products");
    others.known.retain(|(other, _)| *other != id);
    let label = if others.are_more {
        "Move to, by name; blank for none"
    } else {
        "Move to"
    };
    view! {
        <fieldset class="flex flex-col gap-2">
            <legend class="mb-1 font-semibold">{format!("What becomes of its {products}?")}</legend>
            <label class="choice">
                <input type="radio" name="products" value="move" checked />
                "Move them to the catalogue below"
            </label>
            <div class="field ml-6">
                <label class="label" for="to">
                    {label}
                </label>
                <CatalogueInput kind=MOVE_TO names=others />
            </div>
            <label class="choice">
                <input type="radio" name="products" value="delete" />
                "Delete them too: they go to the bin"
            </label>
        </fieldset>
        <p class="text-muted">"You see what will happen before anything does."</p>
    }
    .into_any()
}
