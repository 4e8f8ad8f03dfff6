//! Names and values, as on a card of facts.

use leptos::prelude::*;

#[component]
pub fn KeyValueList(children: Children) -> impl IntoView {
    view! { <dl class="key-values">{children()}</dl> }.into_any()
}

#[component]
pub fn KeyValue(#[prop(into)] name: String, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
    .into_any()
}
