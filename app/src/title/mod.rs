//! The document's title. It may carry names that people typed, so the server escapes it; a browser takes it as text.
//!
//! There is one title element for all pages: the pages only say what it reads.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use leptos_meta::Title;

#[cfg(not(feature = "ssr"))]
use browser::escaped;
#[cfg(feature = "ssr")]
use server::escaped;

#[derive(Clone, Copy)]
struct CurrentTitle(RwSignal<String>);

/// Stands once, above all pages.
#[component]
pub fn DocumentTitle() -> impl IntoView {
    let CurrentTitle(title) = expect_context();
    view! { <Title text=move || escaped(title.get()) /> }
}

pub fn provide() {
    provide_context(CurrentTitle(RwSignal::new("Stockroom".to_owned())));
}

/// "… – Stockroom", until another page says something else. It renders nothing.
#[component]
pub fn PageTitle(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let CurrentTitle(title) = expect_context();
    let full = move || format!("{} – Stockroom", text.read());
    // The server renders once and runs no effects.
    title.set(untrack(full));
    Effect::new(move |_| title.set(full()));
}
