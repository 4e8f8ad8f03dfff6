//! The products of the shop: filters, one page of a table, and the ways on. Its whole state is in the address.

mod chips;
mod filters;
mod results;
mod rows;

use leptos::prelude::*;

use crate::{
    codec::ask,
    components::{
        awaited::awaited,
        icon::{Icon, UPLOAD},
        page_header::PageHeader,
    },
    fields::use_fields,
    paths,
    search::ProductSearch,
    server_fns::{catalogs::list_catalogs, products::list_products},
    viewer::use_viewer,
};
use filters::Filters;
use results::Results;

#[component]
pub fn ProductsPage() -> impl IntoView {
    let fields = use_fields();
    let search = Memo::new(move |_| ProductSearch::from_fields(&fields.read()));
    let viewer = use_viewer();
    let catalogs = ask(|| (), |()| async { list_catalogs().await.unwrap_or_default() });
    let products = ask(
        move || search.get(),
        |search| async move {
            let page = list_products(search.query.clone(), search.page.clone()).await;
            (search, page)
        },
    );

    view! {
        <PageHeader title="Products">
            <Actions search />
        </PageHeader>
        {awaited("", move || async move { view! { <Filters search catalogs=catalogs.await /> }.into_any() })}
        {awaited(
            "Loading products…",
            move || async move {
                let (catalogs, currency) = (catalogs.await, viewer.await.currency);
                let (search, page) = products.await;
                view! { <Results search page catalogs currency /> }.into_any()
            },
        )}
    }
    .into_any()
}

#[component]
fn Actions(search: Memo<ProductSearch>) -> impl IntoView {
    view! {
        <a class="btn btn-secondary" href=move || search.read().export_address() rel="external" download="products.csv">
            "Export (CSV)"
        </a>
        <a class="btn btn-primary" href=paths::NEW_IMPORT>
            <Icon path=UPLOAD />
            "Import products"
        </a>
    }
}
