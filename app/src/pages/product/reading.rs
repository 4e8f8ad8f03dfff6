//! A product for those who only look at it.

use leptos::prelude::*;
use stockroom::products::Product;

use crate::{
    components::{
        card::Card,
        key_value::{KeyValue, KeyValueList},
    },
    paths, wording,
};

#[component]
pub fn Details(product: Product, currency: String) -> impl IntoView {
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
