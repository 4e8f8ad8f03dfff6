//! All that is wrong with a form, above its heading, with links to the fields. It takes the focus when it appears.

use leptos::{html, prelude::*};
use stockroom::problem::{FieldError, Problem};

/// `fields` are the names of the form's fields; their elements have the same ids. One that ends with `_` stands for all that begin with it.
#[component]
pub fn ErrorSummary(problem: Problem, fields: &'static [&'static str]) -> impl IntoView {
    let summary = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(summary) = summary.get() {
            // The summary is still there to be read when it cannot take the focus.
            let _ = summary.focus();
        }
    });
    // A conflict is explained by what happened, not by the field that it was noticed at.
    let is_said = problem.errors.iter().any(|error| error.message == problem.detail);
    let explains = problem.errors.is_empty() || (problem.status == 409 && !is_said);
    let detail = explains.then_some(problem.detail);
    let errors: Vec<_> = problem
        .errors
        .into_iter()
        .map(|error| summary_line(error, fields))
        .collect();

    view! {
        <div node_ref=summary class="error-summary" role="group" aria-labelledby="problem-title" tabindex="-1" autofocus>
            <h2 id="problem-title" class="text-lg font-semibold">
                "There is a problem"
            </h2>
            {detail.map(|detail| view! { <p>{detail}</p> }.into_any())}
            <ul>{errors}</ul>
            {problem.reference.map(|reference| view! { <p class="text-sm">"Reference: " {reference}</p> }.into_any())}
        </div>
    }
    .into_any()
}

fn summary_line(error: FieldError, fields: &[&str]) -> impl IntoView + use<> {
    let FieldError { field, message } = error;
    let is_of = |known: &&str| field == **known || (known.ends_with('_') && field.starts_with(known));
    if fields.iter().any(is_of) {
        view! { <li><a class="underline" href=format!("#{field}")>{message}</a></li> }.into_any()
    } else {
        view! { <li>{message}</li> }.into_any()
    }
}
