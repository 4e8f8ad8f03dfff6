//! One product, to be read.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use stockroom::{problem::Problem, products::Product};

use super::awaited;
use crate::{
    components::{
        card::Card,
        key_value::{KeyValue, KeyValueList},
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        time::Time,
    },
    error::AppError,
    paths, request,
    server_fns::products::get_product,
    title::PageTitle,
    wording,
};

#[component]
pub fn ProductPage() -> impl IntoView {
    let id = use_params_map()
        .read_untracked()
        .get("id")
        .and_then(|id| id.parse::<i64>().ok());
    awaited(async move {
        let product = match id {
            Some(id) => get_product(id).await,
            None => Err(Problem::not_found("product").into()),
        };
        match product {
            Ok(product) => view! { <ProductView product currency=request::currency() /> }.into_any(),
            Err(AppError(problem)) => view! { <ProductMissing problem /> }.into_any(),
        }
    })
}

#[component]
fn ProductMissing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Product not shown" />
        <BackLink href=paths::PRODUCTS label="Products" />
        <PageHeader title="Product" />
        <ProblemView heading="This product could not be shown." problem />
    }
    .into_any()
}

#[component]
fn ProductView(product: Product, currency: String) -> impl IntoView {
    let is_deleted = product.deleted_at.is_some();
    view! {
        <PageTitle text=product.name.clone() />
        <BackLink href=paths::PRODUCTS label="Products" />
        <PageHeader title=product.name.clone()>
            <StatusTag status=Status::of_product(product.active) />
        </PageHeader>
        {is_deleted.then(|| view! { <p class="mb-4 font-semibold text-danger">"This product is in the bin."</p> }.into_any())}
        <div class="grid items-start gap-4 lg:grid-cols-3">
            <div class="flex flex-col gap-4 lg:col-span-2">
                <Details product=product.clone() currency />
            </div>
            <Record product />
        </div>
    }
    .into_any()
}

#[component]
fn Details(product: Product, currency: String) -> impl IntoView {
    let catalogue = product.catalog_name.unwrap_or_else(|| "None".to_owned());
    let options: Vec<_> = product
        .options
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let description = if product.description.is_empty() {
        "–".to_owned()
    } else {
        product.description
    };
    let parent = product.parent_id.map(|id| {
        view! { <KeyValue name="Variant of"><a class="link" href=paths::product(id)>"Product " {id}</a></KeyValue> }
    });

    view! {
        <Card title="Details">
            <KeyValueList>
                <KeyValue name="SKU">
                    <span class="font-mono wrap-anywhere">{product.sku}</span>
                </KeyValue>
                <KeyValue name="Price">
                    <span class="tabular-nums">{wording::price(product.price_minor, &currency)}</span>
                </KeyValue>
                <KeyValue name="Catalogue">{catalogue}</KeyValue>
                {parent}
                {(!options.is_empty()).then(|| view! { <KeyValue name="Options">{options.join(", ")}</KeyValue> })}
                <KeyValue name="Description">
                    <p class="max-w-[75ch] whitespace-pre-line wrap-anywhere">{description}</p>
                </KeyValue>
            </KeyValueList>
        </Card>
    }
    .into_any()
}

#[component]
fn Record(product: Product) -> impl IntoView {
    view! {
        <Card title="Record">
            <KeyValueList>
                <KeyValue name="Created">
                    <Time moment=product.created_at />
                </KeyValue>
                <KeyValue name="Updated">
                    <Time moment=product.updated_at />
                </KeyValue>
                <KeyValue name="Version">{product.version}</KeyValue>
            </KeyValueList>
        </Card>
    }
    .into_any()
}
