//! What surrounds every page: the skip link, the header, the voices for screen readers, the footer.

use leptos::prelude::*;

use super::navigation::Header;
use crate::{
    hooks::announcer::{POLITE, URGENT},
    islands::awake::Awake,
    paths, request,
};

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let said = request::current().ok().and_then(|request| request.said);
    // Nothing to navigate to before one has signed in.
    let header = request::current().ok().and_then(|request| {
        let user = request.user?;
        Some(view! { <Header email=user.email theme=request.theme /> })
    });

    view! {
        <a class="skip-link" href="#main">
            "Skip to main content"
        </a>
        {header}
        <main id="main" tabindex="-1" class="mx-auto w-full max-w-[90rem] grow px-4 py-6 md:px-6 outline-none">
            {said.map(|said| view! { <p class="said">{said}</p> })}
            {children()}
        </main>
        <Footer />
        <div id=POLITE role="status" class="sr-only"></div>
        <div id=URGENT role="alert" class="sr-only"></div>
        <Awake />
    }
}

#[component]
fn Footer() -> impl IntoView {
    view! {
        <footer class="mx-auto flex w-full max-w-[90rem] flex-wrap gap-x-4 gap-y-1 px-4 py-4 text-sm text-subtle md:px-6">
            <span>"Stockroom"</span>
            <a class="link" href=paths::API_DOCS>
                "API documentation"
            </a>
        </footer>
    }
}
