//! Signing in.

use leptos::prelude::*;

use crate::{
    components::{
        error_summary::ErrorSummary,
        field::{Field, FieldKind},
        page_header::Heading,
    },
    draft::{Form, FormDraft},
    fields::use_fields,
    paths, request,
    title::PageTitle,
};

const EMAIL: FieldKind = FieldKind {
    name: "email",
    label: "Email address",
    hint: None,
    input_type: "email",
    input_mode: None,
    autocomplete: "username",
};
const PASSWORD: FieldKind = FieldKind {
    name: "password",
    label: "Password",
    hint: None,
    input_type: "password",
    input_mode: None,
    autocomplete: "current-password",
};

#[component]
pub fn LoginPage() -> impl IntoView {
    let next = use_fields().get("next").unwrap_or_default();
    let draft = request::current().ok().and_then(|request| request.draft);
    view! { <LoginForm draft next /> }
}

#[component]
fn LoginForm(draft: Option<FormDraft>, next: String) -> impl IntoView {
    let next = draft.as_ref().and_then(|draft| draft.value("next")).unwrap_or(next);
    let problem = draft.as_ref().map(|draft| draft.problem.clone());
    let form = Form::from(draft);
    let title = if problem.is_some() { "Error: Sign in" } else { "Sign in" };

    view! {
        <PageTitle text=title />
        <div class="gate">
            {problem.map(|problem| view! { <ErrorSummary problem fields=&["email", "password"] /> })}
            <p class="mb-1 font-semibold text-accent">"Stockroom"</p>
            <Heading title="Sign in" />
            <form method="post" action=paths::LOGIN novalidate class="mt-4 flex flex-col gap-4">
                <input type="hidden" name="next" value=next />
                <Field kind=EMAIL form=form.clone() />
                <Field kind=PASSWORD form />
                <label class="choice">
                    <input type="checkbox" name="remember" value="true" />
                    "Keep me signed in for 30 days"
                </label>
                <button class="btn btn-primary">"Sign in"</button>
            </form>
        </div>
    }
    .into_any()
}
