//! All catalogues, and a form to add one.

use leptos::prelude::*;
use stockroom::{
    catalogs::Catalog,
    page::{Page, PageRequest},
};

use super::awaited;
use crate::{
    components::{
        error_summary::ErrorSummary,
        field::{Field, FieldKind},
        page_header::PageHeader,
        pager::{Pager, Place},
        problem_view::ProblemView,
        table::{Cell, Column, Table},
        time::Time,
    },
    draft::Form,
    error::AppError,
    fields::use_fields,
    paths, request,
    search::{ProductSearch, page_from, push_page},
    server_fns::catalogs::page_of_catalogs,
    title::PageTitle,
    wording,
};

pub const NAME: FieldKind = FieldKind {
    name: "name",
    label: "Name",
    hint: None,
    input_type: "text",
    input_mode: None,
    autocomplete: "off",
};

#[component]
pub fn CataloguesPage() -> impl IntoView {
    let request = page_from(&use_fields());
    let form = Form::from(request::current().ok().and_then(|request| request.draft));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    view! {
        <PageTitle text=format!("{mark}Catalogues") />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["name"] /> })}
        <PageHeader title="Catalogues" />
        {request::may_edit().then(|| view! { <AddForm form /> })}
        {awaited(async move {
            match page_of_catalogs(request).await {
                Ok(page) if page.items.is_empty() => view! { <NoCatalogues /> }.into_any(),
                Ok(page) => view! { <List page /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="Catalogues could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn AddForm(form: Form) -> impl IntoView {
    view! {
        <form method="post" action=paths::CATALOGUES novalidate class="mb-4 flex max-w-[45rem] flex-wrap items-end gap-3">
            <div class="min-w-60 grow">
                <Field kind=FieldKind { label: "Name of a new catalogue", ..NAME } form />
            </div>
            <button class="btn btn-primary">"Add catalogue"</button>
        </form>
    }
    .into_any()
}

#[component]
fn NoCatalogues() -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"Create a catalogue to group products"</h2>
            <p class="text-muted">"A product is in one catalogue or in none. Imports can fill catalogues, too."</p>
        </div>
    }
    .into_any()
}

#[component]
fn List(page: Page<Catalog>) -> impl IntoView {
    let place = Place::from(&page);
    let address = Callback::new(|page: PageRequest| {
        let mut fields = Vec::new();
        push_page(&mut fields, &page);
        paths::with_query(paths::CATALOGUES, &fields)
    });
    let head = view! {
        <Column title="Name" />
        <Column title="Products" is_number=true />
        <Column title="Updated" />
    };
    let body = page.items.into_iter().map(row).collect_view().into_any();
    view! {
        <Table label="Catalogues" head=head.into_any() body />
        <Pager place address />
    }
    .into_any()
}

fn row(catalogue: Catalog) -> impl IntoView {
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="link wrap-anywhere" href=paths::catalogue(catalogue.id)>
                    {catalogue.name}
                </a>
            </th>
            <Cell label="Products" is_number=true>
                <a class="link" href=products_of(catalogue.id)>
                    {wording::grouped(catalogue.product_count)}
                    <span class="sr-only">" products"</span>
                </a>
            </Cell>
            <Cell label="Updated">
                <Time moment=catalogue.updated_at />
            </Cell>
        </tr>
    }
}

/// The table of its products.
#[must_use]
pub fn products_of(id: i64) -> String {
    let mut search = ProductSearch::default();
    search.query.catalog_id = Some(id);
    search.address()
}
