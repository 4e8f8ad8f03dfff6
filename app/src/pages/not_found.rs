//! An address that leads nowhere.

use leptos::prelude::*;

use crate::{components::page_header::PageHeader, paths, response, title::PageTitle};

#[component]
pub fn NotFoundPage() -> impl IntoView {
    response::set_status(404);

    view! {
        <PageTitle text="Page not found" />
        <PageHeader title="Page not found" />
        <p>"If you typed the address, check that it is correct. If you followed a link, what it led to may have been deleted."</p>
        <p class="mt-4 flex gap-4">
            <a class="link" href=paths::PRODUCTS>
                "Go to products"
            </a>
            <a class="link" href=paths::IMPORTS>
                "Go to imports"
            </a>
        </p>
    }
    .into_any()
}
