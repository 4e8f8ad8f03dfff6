//! The products of the shop: filters, one page of a table, and the ways on. Its whole state is in the address.

mod bulk;
mod chips;
mod filters;
mod results;
mod rows;
mod views;

use leptos::prelude::*;

use super::awaited;
use crate::{
    components::{
        error_summary::ErrorSummary,
        export_state::{ExportLink, ExportState},
        icon::{Icon, UPLOAD},
        page_header::PageHeader,
    },
    draft::CATALOGUE_NAME,
    error::AppError,
    fields::{Fields, use_fields},
    paths, request,
    search::ProductSearch,
    server_fns::{
        catalogs::{find_catalog, list_catalogs},
        products::{list_products, list_views},
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
            let page = match asked {
                Ok(search) => list_products(search.query, search.page).await,
                Err(error) => Err(error),
            };
            let exports = ["csv", "xlsx"].map(|format| search.export_address(format));
            view! {
                <PageHeader title="Products">
                    <Actions exports />
                </PageHeader>
                <ExportState />
                <Filters fields catalogs=catalogs.clone() />
                <TableTools search=search.clone() views />
                <Results search page catalogs />
            }
        })}
    }
    .into_any()
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
    draft.map(|draft| view! { <ErrorSummary problem=draft.problem fields=&["to", "view"] /> })
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
