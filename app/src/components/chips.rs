//! What a list is filtered by, each with a link that removes it.

use leptos::prelude::*;

use super::icon::{CROSS, Icon};

/// Labels, each with the address of the list without that filter; `clear` is the list without any. Nothing where nothing is filtered.
#[component]
pub fn Chips(chips: Vec<(String, String)>, clear: String) -> impl IntoView {
    if chips.is_empty() {
        return ().into_any();
    }
    let chips: Vec<_> = chips
        .into_iter()
        .map(|(label, href)| view! { <Chip label href /> })
        .collect();
    view! {
        <ul class="chips" aria-label="Filters">
            {chips}
            <li>
                <a class="link text-sm" href=clear>
                    "Clear all"
                </a>
            </li>
        </ul>
    }
    .into_any()
}

#[component]
fn Chip(label: String, href: String) -> impl IntoView {
    view! {
        <li>
            <a class="chip" href=href>
                <span class="sr-only">"Remove filter: "</span>
                <span class="truncate">{label}</span>
                <Icon path=CROSS />
            </a>
        </li>
    }
    .into_any()
}
