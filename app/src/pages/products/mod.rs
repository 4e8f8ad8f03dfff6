//! The products of the shop: filters, one page of a table, and the ways on. Its whole state is in the address.

mod chips;
mod filters;
mod results;
mod rows;

use leptos::prelude::*;

use super::awaited;
use crate::{
    components::{
        icon::{Icon, UPLOAD},
        page_header::PageHeader,
    },
    fields::use_fields,
    paths, request,
    search::ProductSearch,
    server_fns::{catalogs::list_catalogs, products::list_products},
};
use filters::Filters;
use results::Results;

#[component]
pub fn ProductsPage() -> impl IntoView {
    let fields = use_fields();
    let asked = ProductSearch::from_fields(&fields);
    let search = asked.clone().unwrap_or_default();
    let export = search.export_address();
    view! {
        <PageHeader title="Products">
            <Actions export />
        </PageHeader>
        {awaited(async move {
            // Whoever may not read the products may not read the catalogues either, and is told once.
            let catalogs = list_catalogs().await.unwrap_or_default();
            let page = match asked {
                Ok(search) => list_products(search.query, search.page).await,
                Err(problem) => Err(problem.into()),
            };
            view! {
                <Filters fields catalogs=catalogs.clone() />
                <Results search page catalogs />
            }
        })}
    }
    .into_any()
}

#[component]
fn Actions(export: String) -> impl IntoView {
    view! {
        <a class="btn btn-secondary" href=export download="products.csv">
            "Export (CSV)"
        </a>
        {request::may_edit()
            .then(|| {
                view! {
                    <a class="btn btn-secondary" href=paths::NEW_IMPORT>
                        <Icon path=UPLOAD />
                        "Import products"
                    </a>
                    <a class="btn btn-primary" href=paths::NEW_PRODUCT>
                        "Add product"
                    </a>
                }
            })}
    }
}
