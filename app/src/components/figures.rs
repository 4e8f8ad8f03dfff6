//! Counters in a row, large enough to be read at a glance.

use leptos::prelude::*;

#[component]
pub fn Figures(children: Children) -> impl IntoView {
    view! { <dl class="figures">{children()}</dl> }.into_any()
}

/// A number that leads to what it counts.
#[component]
pub fn LinkedFigure(label: &'static str, value: String, href: String) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>
                <a class="hover:underline" href=href aria-label=format!("{label}: {value}")>
                    {value.clone()}
                </a>
            </dd>
        </div>
    }
    .into_any()
}

#[component]
pub fn Figure(
    label: &'static str,
    #[prop(into)] value: Signal<String>,
    /// Marks a number that somebody should look at.
    #[prop(into, optional)]
    needs_attention: Signal<bool>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd class:text-warn=needs_attention>{value}</dd>
        </div>
    }
    .into_any()
}
