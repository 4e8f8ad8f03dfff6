//! For those who may look at everything and change nothing.

use leptos::prelude::*;
use stockroom::problem::Problem;

use super::problem_view::ProblemView;

#[component]
pub fn NotAllowed() -> impl IntoView {
    let detail = "You need the role Editor to change products. Ask an administrator.";
    let problem = Problem::new(403, "Not allowed", detail);
    view! { <ProblemView heading="You may look at products, but not change them." problem /> }
}
