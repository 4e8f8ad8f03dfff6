//! What a search has found: a page of the table, or the reason why there is none.

use leptos::prelude::*;
use stockroom::{
    catalogs::CatalogNames,
    page::{Page, PageRequest, Total},
    problem::Problem,
    products::Product,
};

use super::{bulk::BulkBar, chips::Applied, rows::ProductTable};
use crate::{
    components::{
        banner::{Banner, Tone},
        pager::{Pager, Place},
        problem_view::ProblemView,
    },
    error::AppError,
    paths, request,
    search::ProductSearch,
    title::PageTitle,
    wording,
};

#[component]
pub fn Results(search: ProductSearch, page: Result<Page<Product>, AppError>, catalogs: CatalogNames) -> impl IntoView {
    let chips = search
        .query
        .is_filtered()
        .then(|| view! { <Applied search=search.clone() catalogs=catalogs.known.clone() /> });
    let found = match page {
        Ok(page) if page.items.is_empty() && search.query.is_filtered() => {
            view! { <NoMatch search unsearched=page.unsearched /> }.into_any()
        }
        Ok(page) if page.total.rows == 0 => view! { <NoProducts /> }.into_any(),
        Ok(page) => view! { <Found search page catalogs /> }.into_any(),
        Err(AppError(problem)) => view! { <NotLoaded problem /> }.into_any(),
    };
    view! {
        {chips}
        {found}
    }
    .into_any()
}

#[component]
fn Found(search: ProductSearch, page: Page<Product>, catalogs: CatalogNames) -> impl IntoView {
    let place = Place::from(&page);
    let found = found_in_words(page.total);
    let addresses = search.clone();
    let address = Callback::new(move |page: PageRequest| addresses.with_page(page).address());

    view! {
        <PageTitle text=format!("Products ({} found)", wording::total(page.total)) />
        {(page.unsearched > 0).then(|| view! { <CatchingUp products=page.unsearched /> })}
        <p class="mb-2 text-sm text-muted tabular-nums">{found}</p>
        {request::may_edit().then(|| view! { <BulkBar search=search.clone() total=page.total catalogs /> })}
        <ProductTable search products=page.items />
        <Pager place address />
    }
    .into_any()
}

/// A search for words goes on with what it can see.
#[component]
fn CatchingUp(products: u64) -> impl IntoView {
    let products = wording::counted(products.try_into().unwrap_or(i64::MAX), "product", "products");
    view! {
        <Banner tone=Tone::Info title="The search is still catching up">
            <p>
                {products}
                " came in or changed only just now, and a search for words may miss some of them. Try again in half a minute, or look for the beginning of a SKU."
            </p>
        </Banner>
    }
    .into_any()
}

fn found_in_words(total: Total) -> String {
    let noun = if total.exact && total.rows == 1 {
        "product"
    } else {
        "products"
    };
    format!("{} {noun} found", wording::total(total))
}

#[component]
fn NoProducts() -> impl IntoView {
    view! {
        <PageTitle text="Products" />
        <div class="empty">
            <h2 class="text-lg font-semibold">"Add or import your products"</h2>
            <p class="text-muted">"Import a CSV or Excel file with the columns SKU, name, description, price and active."</p>
            <div class="flex flex-wrap items-center justify-center gap-x-4 gap-y-2">
                {request::may_edit()
                    .then(|| {
                        view! {
                            <a class="btn btn-primary" href=paths::NEW_IMPORT>
                                "Import products from a file"
                            </a>
                        }
                    })}
                <a class="link" href=paths::SAMPLE_FILE download="sample-products.csv">
                    "Download sample file (CSV)"
                </a>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn NoMatch(search: ProductSearch, unsearched: u64) -> impl IntoView {
    let heading = if unsearched > 0 {
        "No product that the search sees matches these filters"
    } else {
        "No products match these filters"
    };
    view! {
        <PageTitle text="Products (0 found)" />
        {(unsearched > 0).then(|| view! { <CatchingUp products=unsearched /> })}
        <div class="empty">
            <h2 class="text-lg font-semibold">{heading}</h2>
            <a class="btn btn-secondary" href=search.cleared().address()>
                "Clear all filters"
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn NotLoaded(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Error: Products" />
        <ProblemView heading="Products could not be loaded. Your filters are kept." problem />
    }
    .into_any()
}
