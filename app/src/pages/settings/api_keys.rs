//! Keys with which programs call.

use leptos::prelude::*;
use stockroom::{accounts::ApiKeyInfo, timestamp::Timestamp};

use super::{Tabs, reveal::Reveal, users::roles};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        field::{Choice, Field, FieldKind},
        page_header::PageHeader,
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    draft::Form,
    error::AppError,
    pages::awaited,
    paths, request,
    server_fns::staff::list_api_keys,
    title::PageTitle,
};

const NAME: FieldKind = FieldKind {
    name: "name",
    label: "Name",
    hint: Some("The program that will use the key, such as “Till in the shop”."),
    input_type: "text",
    input_mode: None,
    autocomplete: "off",
};
const DAYS: FieldKind = FieldKind {
    name: "days",
    label: "Valid for days",
    hint: Some("Blank for a key that does not end by itself."),
    input_mode: Some("numeric"),
    ..NAME
};

#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let form = Form::from(request::current().ok().and_then(|request| request.draft));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    view! {
        <PageTitle text=format!("{mark}API keys") />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["name", "role", "days"] /> })}
        <PageHeader title="API keys" />
        <Tabs />
        <Reveal />
        {awaited(async move {
            match list_api_keys().await {
                Ok(keys) if keys.is_empty() => view! { <NoKeys /> }.into_any(),
                Ok(keys) => view! { <Keys keys /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="API keys could not be loaded." problem /> }.into_any()
                }
            }
        })}
        <div class="mt-4 max-w-[45rem]">
            <Create form />
        </div>
    }
    .into_any()
}

#[component]
fn NoKeys() -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"Create a key for each program that calls the API"</h2>
            <p class="text-muted">"Then it can be revoked without touching the others."</p>
        </div>
    }
    .into_any()
}

#[component]
fn Create(form: Form) -> impl IntoView {
    view! {
        <Card title="Create a key">
            <form method="post" action=paths::API_KEYS novalidate class="flex flex-col gap-4">
                <Field kind=NAME form=form.clone() />
                <Choice name="role" label="Role" all=roles() form=form.clone() />
                <Field kind=DAYS form />
                <div>
                    <button class="btn btn-primary">"Create API key"</button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Keys(keys: Vec<ApiKeyInfo>) -> impl IntoView {
    let head = view! {
        <Column title="Name" />
        <Column title="Begins with" />
        <Column title="Role" />
        <Column title="Status" />
        <Column title="Created" />
        <Column title="Last used" />
        <Column title="Expires" />
        <Column title="Actions" />
    };
    let body = keys.into_iter().map(row).collect_view().into_any();
    view! {
        <Table label="API keys" head=head.into_any() body />
        <p class="mt-2 text-sm text-muted">"Keys are shown only when they are created."</p>
    }
    .into_any()
}

fn row(key: ApiKeyInfo) -> impl IntoView {
    let by = if key.created_by.is_empty() {
        "–".to_owned()
    } else {
        key.created_by.clone()
    };
    let or = |moment: Option<Timestamp>, otherwise: &'static str| match moment {
        Some(moment) => view! { <Time moment /> }.into_any(),
        None => otherwise.into_any(),
    };
    let (used, expires) = (
        or(key.last_used_at.clone(), "Never"),
        or(key.expires_at.clone(), "Never"),
    );
    let from = key.last_used_from.clone().map(|from| format!("from {from}"));
    let (name, prefix, role) = (key.name.clone(), key.prefix.clone(), key.role.label());
    let (status, created) = (Status::of_api_key(&key), key.created_at.clone());
    let is_over = key.revoked_at.is_some();
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <span class="wrap-anywhere">{name}</span>
            </th>
            <Cell label="Begins with">
                <code class="font-mono text-sm">{prefix}"…"</code>
            </Cell>
            <Cell label="Role">{role}</Cell>
            <Cell label="Status">
                <StatusTag status />
            </Cell>
            <Cell label="Created">
                <div>
                    <Time moment=created />
                    <span class="block text-sm text-muted wrap-anywhere">{by}</span>
                </div>
            </Cell>
            <Cell label="Last used">
                <div>{used} <span class="block text-sm text-muted">{from}</span></div>
            </Cell>
            <Cell label="Expires">{expires}</Cell>
            <Cell label="Actions">{(!is_over).then(|| view! { <Revoke key /> })}</Cell>
        </tr>
    }
}

#[component]
fn Revoke(key: ApiKeyInfo) -> impl IntoView {
    view! {
        <details class="menu">
            <summary class="link w-fit">
                "Revoke…"
                <span class="sr-only">" "{key.name.clone()}</span>
            </summary>
            <form method="post" action=paths::revoke_api_key(key.id) class="mt-2 flex flex-col gap-2">
                <p>"Programs that use it are turned away from then on. This cannot be undone."</p>
                <div>
                    <button class="btn btn-danger">"Revoke " {key.prefix.clone()} "…"</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
