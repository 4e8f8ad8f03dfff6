//! Taking up an invitation: choosing a password.

use leptos::prelude::*;

use crate::{
    components::{
        error_summary::ErrorSummary,
        field::{Field, FieldKind},
        page_header::Heading,
        problem_view::ProblemView,
    },
    draft::Form,
    error::AppError,
    fields::use_fields,
    pages::awaited,
    paths, request,
    title::PageTitle,
};

const PASSWORD: FieldKind = FieldKind {
    name: "password",
    label: "Password",
    hint: Some("At least 10 characters. Pasting is fine."),
    input_type: "password",
    input_mode: None,
    autocomplete: "new-password",
};

#[component]
pub fn InvitePage() -> impl IntoView {
    let token = use_fields().get("token").unwrap_or_default();
    let form = Form::from(request::current().ok().and_then(|request| request.draft));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    view! {
        <PageTitle text=format!("{mark}Join Stockroom") />
        <div class="gate">
            {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["password"] /> })}
            <Heading title="Join Stockroom" />
            {awaited(async move {
                match invited(&token).await {
                    Ok(email) => view! { <Accept email token form /> }.into_any(),
                    Err(AppError(problem)) => {
                        view! { <ProblemView heading="This invitation cannot be used." problem /> }.into_any()
                    }
                }
            })}
        </div>
    }
    .into_any()
}

/// Whose invitation it is. Only whoever has the link learns it, so this is no server function.
async fn invited(token: &str) -> Result<String, AppError> {
    let request = request::current()?;
    Ok(stockroom::accounts::invited(request.services.reader(), token).await?)
}

#[component]
fn Accept(email: String, token: String, form: Form) -> impl IntoView {
    view! {
        <p class="mt-1 text-muted wrap-anywhere">"Choose a password for " {email.clone()} "."</p>
        <form method="post" action=paths::INVITE novalidate class="mt-4 flex flex-col gap-4">
            <input type="hidden" name="token" value=token />
            <input type="hidden" name="email" value=email autocomplete="username" />
            <Field kind=PASSWORD form />
            <button class="btn btn-primary">"Join"</button>
        </form>
    }
    .into_any()
}
