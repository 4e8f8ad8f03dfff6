//! What surrounds every page: the skip link, the header, the voices for screen readers, the footer.

use leptos::prelude::*;

use super::{awaited::awaited, navigation::Header};
use crate::{
    hooks::{announcer::use_announcer, arrival},
    paths,
    viewer::use_viewer,
};

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    arrival::provide();
    let announcer = use_announcer();

    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to main content"
        </a>
        <SignedInHeader />
        <main id="main" tabindex="-1" class="mx-auto w-full max-w-[90rem] grow px-4 py-6 md:px-6 outline-none">
            {children()}
        </main>
        <Footer />
        <div role="status" class="sr-only">
            {announcer.polite()}
        </div>
        <div role="alert" class="sr-only">
            {announcer.urgent()}
        </div>
    }
}

/// Nothing to navigate to before one has signed in.
#[component]
fn SignedInHeader() -> impl IntoView {
    let viewer = use_viewer();
    awaited("", move || async move {
        let viewer = viewer.await;
        let header = viewer
            .user
            .map(|user| view! { <Header email=user.email theme=viewer.theme /> });
        header.into_any()
    })
}

#[component]
fn Footer() -> impl IntoView {
    view! {
        <footer class="mx-auto flex w-full max-w-[90rem] flex-wrap gap-x-4 gap-y-1 px-4 py-4 text-sm text-subtle md:px-6">
            <span>"Stockroom"</span>
            <a class="link" href=paths::API_DOCS rel="external">
                "API documentation"
            </a>
        </footer>
    }
}
