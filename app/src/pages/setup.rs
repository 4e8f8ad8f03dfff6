//! The first user of a new shop. The address carries the one-time token that the server printed.

use leptos::prelude::*;

use super::{not_found::NotFoundPage, settings::general::time_zones};
use crate::{
    components::{
        error_summary::ErrorSummary,
        field::{Choice, Field, FieldKind},
        page_header::Heading,
    },
    draft::{Form, FormDraft},
    fields::use_fields,
    paths, request,
    title::PageTitle,
};

const TOKEN: FieldKind = FieldKind {
    name: "token",
    label: "Set-up code",
    hint: Some("It is part of the address that the server printed when it started."),
    input_type: "text",
    input_mode: None,
    autocomplete: "off",
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
    hint: Some("At least 10 characters. Pasting is fine."),
    input_type: "password",
    input_mode: None,
    autocomplete: "new-password",
};

const SHOP: FieldKind = FieldKind {
    name: "shop_name",
    label: "Name of the shop",
    hint: Some("May be left blank."),
    input_type: "text",
    input_mode: None,
    autocomplete: "organization",
};
const CURRENCY: FieldKind = FieldKind {
    name: "currency",
    label: "Currency",
    hint: Some("Three letters, such as EUR. Blank for the one that the server is set to."),
    autocomplete: "off",
    ..SHOP
};

const FIELDS: [&str; 6] = ["token", "email", "password", "shop_name", "currency", "time_zone"];

#[component]
pub fn SetupPage() -> impl IntoView {
    let token = use_fields().get("token");
    let request = request::current().ok().filter(|request| request.setup_open);
    match request {
        Some(request) => view! { <SetupForm draft=request.draft token /> }.into_any(),
        None => view! { <NotFoundPage /> }.into_any(),
    }
}

/// The code is asked for only when the address lacks it.
#[component]
fn SetupForm(draft: Option<FormDraft>, token: Option<String>) -> impl IntoView {
    let problem = draft.as_ref().map(|draft| draft.problem.clone());
    let form = Form::from(draft);
    let title = if problem.is_some() {
        "Error: Set up Stockroom"
    } else {
        "Set up Stockroom"
    };
    let token_field = match token {
        Some(token) => view! { <input type="hidden" id="token" name="token" value=token /> }.into_any(),
        None => view! { <Field kind=TOKEN form=form.clone() /> }.into_any(),
    };

    view! {
        <PageTitle text=title />
        <div class="gate">
            {problem.map(|problem| view! { <ErrorSummary problem fields=&FIELDS /> })}
            <Heading title="Set up Stockroom" />
            <p class="mt-1 text-muted">"Create the first account. It may do everything, and can invite others later."</p>
            <form method="post" action=paths::SETUP novalidate class="mt-4 flex flex-col gap-4">
                {token_field}
                <Field kind=EMAIL form=form.clone() />
                <Field kind=PASSWORD form=form.clone() />
                <Field kind=SHOP form=form.clone() />
                <Field kind=CURRENCY form=form.clone() />
                <Choice name="time_zone" label="Time zone" all=time_zones() form />
                <button class="btn btn-primary">"Create administrator account"</button>
            </form>
        </div>
    }
    .into_any()
}
