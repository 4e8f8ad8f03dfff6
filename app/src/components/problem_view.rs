//! A page, or a part of one, that could not be shown: what happened and what to do.

use leptos::prelude::*;
use stockroom::problem::Problem;

use super::banner::{Banner, Tone};
use crate::{paths, request, response};

/// `heading` says what could not be shown. The response gets the status of the problem.
#[component]
pub fn ProblemView(#[prop(into)] heading: String, problem: Problem) -> impl IntoView {
    response::set_status(problem.status);
    let here = request::current().map(|request| request.address).unwrap_or_default();
    let is_signed_out = problem.status == 401;
    let way_on = match problem.status {
        401 => view! { <a class="link" href=paths::login_then(&here)>"Sign in"</a> }.into_any(),
        404 => view! { <a class="link" href=paths::PRODUCTS>"Go to products"</a> }.into_any(),
        _ => view! { <a class="link" href=here>"Try again"</a> }.into_any(),
    };
    let tone = if is_signed_out { Tone::Info } else { Tone::Danger };

    view! {
        <Banner tone title=heading>
            <p>{problem.detail}</p>
            {problem.reference.map(|reference| view! { <p class="text-sm">"Reference: " {reference}</p> }.into_any())}
            <p class="mt-2">{way_on}</p>
        </Banner>
    }
    .into_any()
}
