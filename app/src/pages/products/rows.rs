//! The table of products, with a box for each row where rows can be chosen.

use leptos::prelude::*;
use stockroom::{
    accounts::Preferences,
    products::{Product, ProductQuery, ProductSort},
};

use crate::{
    components::{
        field::described_by,
        field_error::FieldError,
        icon::{Icon, MORE},
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Direction, SortColumn, Table},
        time::Time,
    },
    draft::{Form, price_field},
    paths, request,
    search::ProductSearch,
    wording,
};

/// The form whose buttons act on the chosen rows: see [`super::bulk`].
pub const FORM: &str = "bulk";

/// What all rows of one page have in common.
#[derive(Clone)]
struct Look {
    currency: String,
    hidden: Vec<String>,
    /// Whether rows can be chosen and changed.
    may_edit: bool,
    here: String,
    /// A price that was refused, with what is wrong.
    refused: Form,
}

impl Look {
    fn shows(&self, column: &str) -> bool {
        !self.hidden.iter().any(|hidden| hidden == column)
    }
}

#[component]
pub fn ProductTable(search: ProductSearch, products: Vec<Product>) -> impl IntoView {
    let Preferences { hidden_columns, .. } = request::preferences();
    let look = Look {
        currency: request::currency(),
        hidden: hidden_columns,
        may_edit: request::may_edit(),
        here: request::here(),
        refused: Form::from(request::current().ok().and_then(|request| request.draft)),
    };
    let head = head(&search, &look);
    let body = products
        .into_iter()
        .map(|product| row(product, &look))
        .collect_view()
        .into_any();
    view! { <Table label="Products" head body /> }.into_any()
}

fn head(search: &ProductSearch, look: &Look) -> AnyView {
    let sort = |title, is_number, up, down| {
        let (href, direction) = sort_link(search, up, down);
        view! { <SortColumn title href direction is_number /> }
    };
    let boxes = look.may_edit.then(|| {
        view! {
            <th role="columnheader" scope="col" class="w-8">
                <label class="hit" data-awake hidden>
                    <span class="sr-only">"Select all on this page"</span>
                    <input type="checkbox" data-selects-all />
                </label>
                <span class="sr-only">"Select"</span>
            </th>
        }
    });
    let menu = look.may_edit.then(|| {
        view! {
            <th role="columnheader" scope="col">
                <span class="sr-only">"Actions"</span>
            </th>
        }
    });
    view! {
        {boxes}
        {sort("SKU", false, ProductSort::Sku, ProductSort::SkuDescending)}
        {look.shows("name").then(|| sort("Name", false, ProductSort::Name, ProductSort::NameDescending))}
        {look.shows("catalogue").then(|| view! { <Column title="Catalogue" /> })}
        {look.shows("price").then(|| sort("Price", true, ProductSort::Price, ProductSort::PriceDescending))}
        {look.shows("status").then(|| view! { <Column title="Status" /> })}
        {look.shows("updated").then(|| sort("Updated", false, ProductSort::Updated, ProductSort::UpdatedDescending))}
        {menu}
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

fn row(product: Product, look: &Look) -> impl IntoView + use<> {
    let id = product.id;
    let price = wording::price(product.price_minor, &look.currency);
    let in_bin = product.deleted_at.is_some();
    let price = if look.may_edit && !in_bin {
        let (here, refused) = (look.here.clone(), look.refused.clone());
        view! { <Price product=product.clone() shown=price here refused /> }.into_any()
    } else {
        price.into_any()
    };
    let tick = look.may_edit.then(|| view! { <Tick id sku=product.sku.clone() /> });
    let menu = look
        .may_edit
        .then(|| view! { <Menu product=product.clone() here=look.here.clone() /> });
    view! {
        <tr role="row">
            {tick} <th role="rowheader" scope="row">
                <a class="link font-mono text-sm wrap-anywhere" href=paths::product_from(id, &look.here) data-opens>
                    {product.sku}
                </a>
            </th>
            {look
                .shows("name")
                .then(|| view! { <Cell label="Name"><span class="wrap-anywhere">{product.name}</span></Cell> })}
            {look
                .shows("catalogue")
                .then(|| {
                    view! { <Cell label="Catalogue">{product.catalog_name.unwrap_or_else(|| "–".to_owned())}</Cell> }
                })}
            {look.shows("price").then(|| view! { <Cell label="Price" is_number=true>{price}</Cell> })}
            {look
                .shows("status")
                .then(|| {
                    view! { <Cell label="Status"><StatusTag status=Status::of_product(product.active) /></Cell> }
                })}
            {look
                .shows("updated")
                .then(|| view! { <Cell label="Updated"><Time moment=product.updated_at /></Cell> })} {menu}
        </tr>
    }
}

#[component]
fn Tick(id: i64, sku: String) -> impl IntoView {
    view! {
        <td role="cell" data-label="Select">
            <label class="hit">
                <span class="sr-only">"Select " {sku}</span>
                <input type="checkbox" name="id" value=id form=FORM data-selects />
            </label>
        </td>
    }
    .into_any()
}

/// The price, which opens into a field. The version goes with it, so that nobody's change is lost.
#[component]
fn Price(product: Product, shown: String, here: String, refused: Form) -> impl IntoView {
    let id = price_field(product.id);
    let typed = refused.value(&id);
    let is_open = typed.is_some();
    let value = typed.unwrap_or_else(|| wording::typed_price(product.price_minor));
    let error = refused.error(&id);
    let described_by = described_by(&id, false, error.is_some());
    let is_wrong = error.is_some().then_some("true");
    let error = error.map(|error| view! { <FieldError name=id.clone() error /> });
    view! {
        <details class="in-place" open=is_open>
            <summary>
                <span class="sr-only">"Change the price of " {product.sku.clone()} ", now "</span>
                {shown}
            </summary>
            <form method="post" action=paths::product_row(product.id) class="in-place-form">
                <input type="hidden" name="version" value=product.version />
                <input type="hidden" name="next" value=here />
                <label class="sr-only" for=id.clone()>
                    "Price of " {product.sku.clone()}
                </label>
                {error}
                <input
                    class="input w-28"
                    id=id
                    name="price"
                    inputmode="decimal"
                    value=value
                    autocomplete="off"
                    aria-describedby=described_by
                    aria-invalid=is_wrong
                />
                <button class="btn btn-primary">"Save"</button>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Menu(product: Product, here: String) -> impl IntoView {
    let id = product.id;
    let in_bin = product.deleted_at.is_some();
    let (switch, value) = if product.active {
        ("Deactivate", "false")
    } else {
        ("Activate", "true")
    };
    let items = if in_bin {
        view! {
            <form method="post" action=paths::restore_product(id)>
                <input type="hidden" name="next" value=here />
                <button class="menu-item">"Restore"</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <a class="menu-item" href=paths::product_from(id, &here) data-opens>
                "Edit"
            </a>
            <a class="menu-item" href=paths::copy_of_product(id) data-opens>
                "Duplicate"
            </a>
            <button type="button" class="menu-item" data-copies="" data-text=product.sku.clone() hidden>
                "Copy SKU"
            </button>
            <form method="post" action=paths::product_row(id)>
                <input type="hidden" name="version" value=product.version />
                <input type="hidden" name="next" value=here.clone() />
                <input type="hidden" name="active" value=value />
                <button class="menu-item">{switch}</button>
            </form>
            <form method="post" action=paths::delete_product(id)>
                <input type="hidden" name="version" value=product.version />
                <input type="hidden" name="next" value=here />
                <button class="menu-item">"Move to the bin"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <td role="cell" data-label="Actions" class="text-right">
            <details class="pop">
                <summary class="btn btn-plain">
                    <Icon path=MORE />
                    <span class="sr-only">"Actions for " {product.sku.clone()}</span>
                </summary>
                <div class="pop-panel pop-right">{items}</div>
            </details>
        </td>
    }
    .into_any()
}
