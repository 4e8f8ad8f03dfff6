//! The products of the shop: filters, one page of a table, and the ways on. Its whole state is in the address.

mod bulk;
mod chips;
mod filters;
mod results;
mod rows;
mod views;

use leptos::prelude::*;
use stockroom::{
    page::{Page, PageRequest},
    products::Product,
};

use super::awaited;
use crate::{
    components::{
        error_summary::ErrorSummary,
        export_state::{ExportLink, ExportState},
        icon::{Icon, UPLOAD},
        page_header::PageHeader,
    },
    draft::{CATALOGUE_NAME, PRICE_FIELDS},
    error::AppError,
    fields::{Fields, use_fields},
    islands::news::News,
    paths, request, response,
    search::ProductSearch,
    server_fns::{
        catalogs::{find_catalog, list_catalogs},
        products::{get_news, list_products, list_views},
    },
};
use filters::Filters;
use results::Results;
use views::TableTools;

#[component]
pub fn ProductsPage() -> impl IntoView {
    let fields = use_fields();
    view! {
        <Refused />
        {awaited(async move {
            let asked = asked(&fields).await;
            let search = asked.clone().unwrap_or_default();
            // Whoever may not read the products may not read the catalogues either, and is told once.
            let catalogs = list_catalogs(search.query.catalog_id.into_iter().collect()).await.unwrap_or_default();
            let views = list_views().await.unwrap_or_default();
            // Before the rows: what comes in between is told, not missed.
            let news = get_news(None).await.ok().filter(|news| news.goes_on);
            let page = match asked {
                Ok(search) => list_products(search.query, search.page).await,
                Err(error) => Err(error),
            };
            let first = search.with_page(PageRequest::default());
            if search.page != first.page && is_gone(&page) {
                response::redirect(&first.address());
                return ().into_any();
            }
            let exports = ["csv", "xlsx"].map(|format| search.export_address(format));
            view! {
                <PageHeader title="Products">
                    <Actions exports />
                </PageHeader>
                <ExportState />
                <Filters fields catalogs=catalogs.clone() />
                <TableTools search=search.clone() views />
                {news.map(|news| view! { <News since=news.mark /> })}
                <Results search page catalogs />
            }
            .into_any()
        })}
    }
    .into_any()
}

/// Whether there is no such page: the last rows of the list have gone since its link was made, or it is of another order.
fn is_gone(page: &Result<Page<Product>, AppError>) -> bool {
    match page {
        Ok(page) => page.items.is_empty(),
        Err(AppError(problem)) => {
            let mut fields = problem.errors.iter().map(|error| error.field.as_str());
            fields.any(|field| matches!(field, "after" | "before"))
        }
    }
}

/// What the address asks for. It may give the name of a catalogue instead of its id.
async fn asked(fields: &Fields) -> Result<ProductSearch, AppError> {
    let mut search = ProductSearch::from_fields(fields)?;
    if let Some(name) = fields.get(CATALOGUE_NAME) {
        search.query.catalog_id = Some(find_catalog(name).await?);
    }
    Ok(search)
}

/// What was wrong with what somebody wanted to change in the table.
#[component]
fn Refused() -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    draft.map(|draft| view! { <ErrorSummary problem=draft.problem fields=&["to", "view", PRICE_FIELDS] /> })
}

#[component]
fn Actions(exports: [String; 2]) -> impl IntoView {
    let [csv, xlsx] = exports;
    view! {
        <ExportLink class="btn btn-secondary" href=csv file="products.csv" label="Export (CSV)" />
        <ExportLink class="btn btn-secondary" href=xlsx file="products.xlsx" label="Export (Excel)" />
        {request::may_edit()
            .then(|| {
                view! {
                    <a class="btn btn-secondary" href=paths::NEW_IMPORT>
                        <Icon path=UPLOAD />
                        "Import products"
                    </a>
                    <a class="btn btn-primary" href=paths::NEW_PRODUCT data-opens data-key="n">
                        "Add product"
                    </a>
                }
            })}
    }
}
