//! What is wrong with one field.

use leptos::prelude::*;

/// The message beside the field, which says that it is one.
#[component]
pub fn FieldError(#[prop(into)] name: String, #[prop(into)] error: String) -> impl IntoView {
    view! {
        <p id=format!("{name}-error") class="field-error">
            <span class="sr-only">"Error: "</span>
            {error}
        </p>
    }
}
