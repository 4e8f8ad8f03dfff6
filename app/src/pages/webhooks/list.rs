//! All webhooks.

use leptos::prelude::*;
use stockroom::{
    page::Page,
    webhooks::{EventKind, Webhook, WebhookStatus},
};

use super::{health::Success, host};
use crate::{
    components::{
        banner::{Banner, Tone},
        page_header::PageHeader,
        pager::{Pager, Place},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    error::AppError,
    fields::use_fields,
    pages::awaited,
    paths, request,
    search::{page_from, push_page},
    server_fns::webhooks::list_webhooks,
    title::PageTitle,
};

#[component]
pub fn WebhooksPage() -> impl IntoView {
    let page = page_from(&use_fields());
    view! {
        <PageTitle text="Webhooks" />
        <PageHeader title="Webhooks">
            {request::is_admin().then(|| view! { <a class="btn btn-primary" href=paths::NEW_WEBHOOK>"Add webhook"</a> })}
        </PageHeader>
        {awaited(async move {
            match list_webhooks(page).await {
                Ok(page) if page.items.is_empty() => view! { <Nothing /> }.into_any(),
                Ok(page) => view! { <Found page /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="Webhooks could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    let add = request::is_admin().then(|| {
        view! {
            <a class="btn btn-primary" href=paths::NEW_WEBHOOK>
                "Add webhook"
            </a>
        }
    });
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"Tell other systems what happens here"</h2>
            <p class="max-w-prose text-muted">
                "A webhook calls an address of yours whenever a product changes or an import is finished. Every call is signed, repeated until it is accepted, and kept in a log."
            </p>
            {add}
        </div>
    }
    .into_any()
}

#[component]
fn Found(page: Page<Webhook>) -> impl IntoView {
    let place = Place::from(&page);
    let address = Callback::new(move |page| {
        let mut fields = Vec::new();
        push_page(&mut fields, &page);
        paths::with_query(paths::WEBHOOKS, &fields)
    });
    let given_up = page
        .items
        .iter()
        .filter(|webhook| webhook.status == WebhookStatus::DisabledAutomatically);
    let banners: Vec<_> = given_up
        .map(|webhook| view! { <GivenUp webhook=webhook.clone() /> })
        .collect();
    let head = view! {
        <Column title="Address" />
        <Column title="Events" />
        <Column title="Status" />
        <Column title="Success in 24 h" />
        <Column title="Last answer" />
        <Column title="Waiting" is_number=true />
    };
    let body = page.items.into_iter().map(row).collect_view().into_any();
    view! {
        {banners}
        <Table label="Webhooks" head=head.into_any() body />
        <Pager place address />
    }
    .into_any()
}

/// What happened, and how to go on.
#[component]
pub fn GivenUp(webhook: Webhook) -> impl IntoView {
    let at = webhook
        .disabled_at
        .clone()
        .map(|moment| view! { " on " <Time moment /> });
    let held = crate::wording::counted(webhook.held, "event is", "events are");
    view! {
        <Banner tone=Tone::Danger title=format!("{} is disabled", host(&webhook.url))>
            <p>"Stockroom disabled it" {at} ": " {webhook.disabled_because.clone().unwrap_or_default()}</p>
            <p>
                {held} " kept. Mend the receiver, then "
                <a class="link" href=paths::webhook(webhook.id)>
                    "enable the webhook"
                </a> " and send what was kept."
            </p>
        </Banner>
    }
    .into_any()
}

fn row(webhook: Webhook) -> impl IntoView {
    let status = Status::of_webhook(&webhook);
    let rest = webhook
        .url
        .split_once(host(&webhook.url))
        .map_or("", |(_, rest)| rest)
        .to_owned();
    let last = webhook.last_attempt_at.clone().map(|moment| {
        view! { <span class="block text-sm text-muted"><Time moment /></span> }
    });
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="link wrap-anywhere font-semibold" href=paths::webhook(webhook.id)>
                    {host(&webhook.url).to_owned()}
                </a>
                <span class="block font-mono text-sm text-muted wrap-anywhere">{rest}</span>
                <span class="block text-sm text-muted wrap-anywhere">{webhook.description.clone()}</span>
            </th>
            <Cell label="Events">{events(&webhook.events)}</Cell>
            <Cell label="Status">
                <StatusTag status />
            </Cell>
            <Cell label="Success in 24 h">
                <Success health=webhook.health.clone() />
            </Cell>
            <Cell label="Last answer">
                <div>{webhook.last_response.clone().unwrap_or_else(|| "–".to_owned())} {last}</div>
            </Cell>
            <Cell label="Waiting" is_number=true>
                {crate::wording::grouped(webhook.waiting + webhook.held)}
            </Cell>
        </tr>
    }
}

/// The first two, and how many more.
fn events(events: &[EventKind]) -> impl IntoView + use<> {
    let names: Vec<&str> = events.iter().map(|kind| kind.as_str()).collect();
    let more = names.len().saturating_sub(2);
    let shown = names.iter().take(2).copied().collect::<Vec<_>>().join(", ");
    let more = (more > 0).then(|| format!(" and {more} more"));
    view! {
        <span title=names.join(", ")>
            <code class="font-mono text-sm wrap-anywhere">{shown}</code>
            {more}
        </span>
    }
}
