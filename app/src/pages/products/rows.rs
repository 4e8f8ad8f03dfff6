//! The table of products.

use leptos::prelude::*;
use stockroom::products::{Product, ProductQuery, ProductSort};

use crate::{
    components::{
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Direction, SortColumn, Table},
        time::Time,
    },
    paths, request,
    search::ProductSearch,
    wording,
};

#[component]
pub fn ProductTable(search: ProductSearch, products: Vec<Product>) -> impl IntoView {
    let currency = request::currency();
    let body = products
        .into_iter()
        .map(|product| view! { <Row product currency=currency.clone() /> })
        .collect_view()
        .into_any();
    view! { <Table label="Products" head=head(&search) body /> }.into_any()
}

fn head(search: &ProductSearch) -> AnyView {
    let sku = sort_link(search, ProductSort::Sku, ProductSort::SkuDescending);
    let name = sort_link(search, ProductSort::Name, ProductSort::NameDescending);
    let price = sort_link(search, ProductSort::Price, ProductSort::PriceDescending);
    let updated = sort_link(search, ProductSort::Updated, ProductSort::UpdatedDescending);

    view! {
        <SortColumn title="SKU" href=sku.0 direction=sku.1 />
        <SortColumn title="Name" href=name.0 direction=name.1 />
        <Column title="Catalogue" />
        <SortColumn title="Price" href=price.0 direction=price.1 is_number=true />
        <Column title="Status" />
        <SortColumn title="Updated" href=updated.0 direction=updated.1 />
    }
    .into_any()
}

/// A heading sorts upwards first; once it does, it turns round.
fn sort_link(search: &ProductSearch, up: ProductSort, down: ProductSort) -> (String, Direction) {
    let current = search.query.sort;
    let (next, direction) = match current {
        sort if sort == up => (down, Direction::Ascending),
        sort if sort == down => (up, Direction::Descending),
        _ => (up, Direction::Unsorted),
    };
    let query = ProductQuery {
        sort: next,
        ..search.query.clone()
    };
    (search.with_query(query).address(), direction)
}

#[component]
fn Row(product: Product, currency: String) -> impl IntoView {
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="link font-mono text-sm wrap-anywhere" href=paths::product(product.id)>
                    {product.sku}
                </a>
            </th>
            <Cell label="Name">
                <span class="wrap-anywhere">{product.name}</span>
            </Cell>
            <Cell label="Catalogue">{product.catalog_name.unwrap_or_else(|| "–".to_owned())}</Cell>
            <Cell label="Price" is_number=true>
                {wording::price(product.price_minor, &currency)}
            </Cell>
            <Cell label="Status">
                <StatusTag status=Status::of_product(product.active) />
            </Cell>
            <Cell label="Updated">
                <Time moment=product.updated_at />
            </Cell>
        </tr>
    }
    .into_any()
}
