//! A titled part of a page.

use leptos::prelude::*;

#[component]
pub fn Card(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="card" aria-label=title>
            <h2 class="card-title">{title}</h2>
            {children()}
        </section>
    }
    .into_any()
}
