//! A part of a page that needs answers from the server first.
//!
//! There is one type of it for all pages: each further type of future or view inside `Transition` would bring another copy of the
//! framework's machinery for waiting to the browser.

use std::future::Future;

use leptos::prelude::*;

/// Shows the view as soon as there is one, and keeps it while a newer one is on its way. Until the first there is `message`, if there is
/// anything to say.
pub fn awaited<F>(message: &'static str, view: impl Fn() -> F + Send + 'static) -> AnyView
where
    F: Future<Output = AnyView> + Send + 'static,
{
    shown(message, Box::new(move || Suspend::new(view())))
}

fn shown(message: &'static str, view: Box<dyn Fn() -> Suspend<AnyView> + Send>) -> AnyView {
    let fallback = move || (!message.is_empty()).then(|| view! { <p class="text-muted">{message}</p> }.into_any());
    view! { <Transition fallback>{move || view()}</Transition> }.into_any()
}
