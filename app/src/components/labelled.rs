//! A label, what explains it, and what is wrong, around the element that a person types into or chooses from.

use leptos::prelude::*;

use super::field_error::FieldError;

/// `name` is also the element's id. A hint has the id `{name}-hint`, an error `{name}-error`.
#[component]
pub fn Labelled(
    name: &'static str,
    label: &'static str,
    #[prop(optional_no_strip)] hint: Option<&'static str>,
    #[prop(optional_no_strip)] error: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="label" for=name>
                {label}
            </label>
            {hint.map(|hint| view! { <p id=format!("{name}-hint") class="hint">{hint}</p> })}
            {error.map(|error| view! { <FieldError name error /> })}
            {children()}
        </div>
    }
    .into_any()
}

/// `<option>`s of values and labels.
pub fn options(all: Vec<(String, String)>, chosen: &str) -> impl IntoView + use<> {
    let option = |(value, label): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{label}</option> }
    };
    all.into_iter().map(option).collect_view()
}
