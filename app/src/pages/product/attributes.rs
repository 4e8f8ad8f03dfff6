//! What the files of suppliers say of a product beside its fields.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::components::{
    card::Card,
    key_value::{KeyValue, KeyValueList},
};

#[component]
pub fn Attributes(attributes: BTreeMap<String, String>) -> impl IntoView {
    if attributes.is_empty() {
        return ().into_any();
    }
    let lines: Vec<_> = attributes
        .into_iter()
        .map(|(name, value)| {
            view! {
                <KeyValue name>
                    <span class="whitespace-pre-line wrap-anywhere">{value}</span>
                </KeyValue>
            }
        })
        .collect();
    view! {
        <Card title="Extra attributes">
            <KeyValueList>{lines}</KeyValueList>
        </Card>
    }
    .into_any()
}
