//! One catalogue: its name and its products.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::{catalogs::Catalog, problem::Problem};

use super::{
    awaited,
    catalogues::{NAME, products_of},
    id_in_address, named,
};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        field::Field,
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
    },
    draft::Form,
    error::AppError,
    paths, request,
    server_fns::catalogs::get_catalog,
    title::PageTitle,
    wording,
};

#[component]
pub fn CataloguePage() -> impl IntoView {
    let id = id_in_address();
    awaited(async move {
        match named(id, "catalogue", get_catalog).await {
            Ok(catalogue) => view! { <Catalogue catalogue /> }.into_any(),
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
fn Catalogue(catalogue: Catalog) -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let form = Form::of(draft, BTreeMap::from([("name".to_owned(), catalogue.name.clone())]));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let count = wording::counted(catalogue.product_count, "product", "products");
    view! {
        <PageTitle text=format!("{mark}{}", catalogue.name) />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["name"] /> })}
        <BackLink href=paths::CATALOGUES label="Catalogues" />
        <PageHeader title=catalogue.name.clone() />
        <p class="mb-4">
            <a class="link" href=products_of(catalogue.id)>
                "View "
                {count}
            </a>
        </p>
        {request::may_edit().then(|| view! { <Change catalogue form /> })}
    }
    .into_any()
}

#[component]
fn Change(catalogue: Catalog, form: Form) -> impl IntoView {
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
                    <p>"A catalogue can be deleted when no product is in it any more."</p>
                    <div>
                        <button class="btn btn-danger">"Delete catalogue"</button>
                    </div>
                </form>
            </details>
        </div>
    }
    .into_any()
}
