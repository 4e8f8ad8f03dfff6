//! The top of a page: its heading and its actions.

use leptos::prelude::*;

#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    /// Links and buttons to the right of the heading.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
            <Heading title />
            {children.map(|children| view! { <div class="flex flex-wrap gap-2">{children()}</div> }.into_any())}
        </div>
    }
    .into_any()
}

#[component]
pub fn Heading(#[prop(into)] title: String) -> impl IntoView {
    view! { <h1 class="min-w-0 text-xl font-semibold tracking-tight wrap-anywhere">{title}</h1> }.into_any()
}

/// The way back to the list above a page.
#[component]
pub fn BackLink(#[prop(into)] href: String, label: &'static str) -> impl IntoView {
    view! {
        <p class="mb-2 text-sm">
            <a class="link" href=href>
                "← "
                {label}
            </a>
        </p>
    }
    .into_any()
}
