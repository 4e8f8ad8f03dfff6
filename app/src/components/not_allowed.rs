//! For those who may look at everything and change nothing.

use leptos::prelude::*;
use stockroom::problem::Problem;

use super::problem_view::ProblemView;

#[component]
pub fn NotAllowed(
    #[prop(default = "Editor")] role: &'static str,
    #[prop(default = "products")] what: &'static str,
) -> impl IntoView {
    let detail = format!("You need the role {role} to change {what}. Ask an administrator.");
    let problem = Problem::new(403, "Not allowed", detail);
    view! { <ProblemView heading=format!("You may look at {what}, but not change them.") problem /> }
}
