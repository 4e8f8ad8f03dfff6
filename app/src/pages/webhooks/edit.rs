//! A new webhook.

use leptos::prelude::*;

use super::form::{FIELDS, WebhookForm, defaults};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        not_allowed::NotAllowed,
        page_header::{BackLink, PageHeader},
    },
    draft::Form,
    paths, request,
    title::PageTitle,
};

#[component]
pub fn NewWebhookPage() -> impl IntoView {
    let form = Form::of(request::current().ok().and_then(|request| request.draft), defaults());
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let body = if request::is_admin() {
        view! {
            {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&FIELDS /> })}
            <div class="max-w-[45rem]">
                <Card title="New webhook">
                    <WebhookForm action=paths::WEBHOOKS.to_owned() button="Add webhook" form />
                </Card>
            </div>
        }
        .into_any()
    } else {
        view! { <NotAllowed role="Administrator" what="webhooks" /> }.into_any()
    };
    view! {
        <PageTitle text=format!("{mark}Add webhook") />
        <BackLink href=paths::WEBHOOKS label="Webhooks" />
        <PageHeader title="Add webhook" />
        {body}
    }
    .into_any()
}
