//! The log of a webhook: what was to be delivered, and what has become of it.

use leptos::prelude::*;
use stockroom::{
    page::Page,
    webhooks::{Delivery, DeliveryQuery, DeliveryStatus, EventKind, Webhook},
};

use super::{answer, detail::Missing, host, milliseconds};
use crate::{
    components::{
        days::Days,
        labelled::{Labelled, options},
        page_header::PageHeader,
        pager::{Pager, Place},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    error::AppError,
    fields::{Fields, use_fields},
    pages::{awaited, id_in_address, named},
    paths,
    search::{page_from, push_page},
    server_fns::webhooks::{get_webhook, list_deliveries},
    title::PageTitle,
};

#[component]
pub fn DeliveriesPage() -> impl IntoView {
    let id = id_in_address();
    let fields = use_fields();
    let page = page_from(&fields);
    let query = DeliveryQuery::take(&mut fields.asked());
    awaited(async move {
        let webhook = match named(id, "webhook", get_webhook).await {
            Ok(report) => report.webhook,
            Err(AppError(problem)) => return view! { <Missing problem /> }.into_any(),
        };
        let found = match query {
            Ok(query) => list_deliveries(webhook.id, query.clone(), page)
                .await
                .map(|page| (query, page)),
            Err(problem) => Err(problem.into()),
        };
        let id = webhook.id;
        let list = match found {
            Ok((query, page)) if page.items.is_empty() => view! { <Nothing id query /> }.into_any(),
            Ok((query, page)) => view! { <Found id query page /> }.into_any(),
            Err(AppError(problem)) => {
                view! { <ProblemView heading="The deliveries could not be loaded." problem /> }.into_any()
            }
        };
        view! { <Log webhook fields list /> }.into_any()
    })
}

#[component]
fn Log(webhook: Webhook, fields: Fields, list: AnyView) -> impl IntoView {
    view! {
        <PageTitle text=format!("Deliveries – {}", host(&webhook.url)) />
        <p class="mb-2 text-sm">
            <a class="link" href=paths::webhook(webhook.id)>
                "← "
                {host(&webhook.url).to_owned()}
            </a>
        </p>
        <PageHeader title="Deliveries" />
        <Filters id=webhook.id fields />
        {list}
    }
    .into_any()
}

#[component]
fn Filters(id: i64, fields: Fields) -> impl IntoView {
    let any = || std::iter::once((String::new(), "All".to_owned()));
    let chosen = |name: &str| fields.get(name).unwrap_or_default();
    let status = |status: DeliveryStatus| (status.as_str().to_owned(), Status::of_delivery(status).word.to_owned());
    let statuses = options(
        any().chain(DeliveryStatus::ALL.map(status)).collect(),
        &chosen("status"),
    );
    let kinds = EventKind::CHOICE
        .into_iter()
        .chain([EventKind::ProductBatch, EventKind::Ping]);
    let kinds = kinds.map(|kind| (kind.as_str().to_owned(), kind.as_str().to_owned()));
    let events = options(any().chain(kinds).collect(), &chosen("event"));
    let codes = [
        ("2", "200 to 299"),
        ("3", "300 to 399"),
        ("4", "400 to 499"),
        ("5", "500 to 599"),
        ("0", "No answer"),
    ];
    let codes = codes.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let codes = options(any().chain(codes).collect(), &chosen("code"));
    let q = fields.get("q");
    view! {
        <form method="get" action=paths::webhook_log(id) role="search" aria-label="Deliveries" class="filters" autocomplete="off">
            <Labelled name="q" label="Message id, SKU or file">
                <input class="input" type="search" id="q" name="q" value=q />
            </Labelled>
            <Labelled name="status" label="Status">
                <select class="input" id="status" name="status" data-applies>
                    {statuses}
                </select>
            </Labelled>
            <Labelled name="event" label="Event">
                <select class="input" id="event" name="event" data-applies>
                    {events}
                </select>
            </Labelled>
            <Labelled name="code" label="Answer">
                <select class="input" id="code" name="code" data-applies>
                    {codes}
                </select>
            </Labelled>
            <Days fields />
            <button class="btn btn-secondary sm:w-fit">"Apply"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Nothing(id: i64, query: DeliveryQuery) -> impl IntoView {
    let (title, way) = if query == DeliveryQuery::default() {
        let way = view! {
            <a class="btn btn-secondary" href=format!("{}#test", paths::webhook(id))>
                "Send a test event"
            </a>
        };
        ("Nothing has been sent yet", way.into_any())
    } else {
        let way = view! {
            <a class="btn btn-secondary" href=paths::webhook_log(id)>
                "Show all deliveries"
            </a>
        };
        ("No deliveries match these filters", way.into_any())
    };
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">{title}</h2>
            {way}
        </div>
    }
    .into_any()
}

#[component]
fn Found(id: i64, query: DeliveryQuery, page: Page<Delivery>) -> impl IntoView {
    let place = Place::from(&page);
    let address = Callback::new(move |page| {
        let mut fields = query.fields();
        push_page(&mut fields, &page);
        paths::with_query(&paths::webhook_log(id), &fields)
    });
    let head = view! {
        <Column title="Event" />
        <Column title="About" />
        <Column title="Status" />
        <Column title="Answer" />
        <Column title="Duration" is_number=true />
        <Column title="Attempts" is_number=true />
        <Column title="Created" />
        <Column title="Next attempt" />
    };
    let body = page.items.into_iter().map(row).collect_view().into_any();
    view! {
        <Table label="Deliveries" head=head.into_any() body />
        <Pager place address />
    }
    .into_any()
}

fn row(delivery: Delivery) -> impl IntoView {
    let next = delivery.next_attempt_at.clone();
    let next = next.map_or_else(|| "–".into_any(), |moment| view! { <Time moment /> }.into_any());
    let status = Status::of_delivery(delivery.status);
    let (said, took) = (
        answer(delivery.response_status, delivery.error_kind),
        milliseconds(&delivery),
    );
    let (attempts, created_at) = (delivery.attempts, delivery.created_at.clone());
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="link" href=paths::delivery(delivery.id)>
                    <code class="font-mono text-sm">{delivery.event.as_str()}</code>
                    <span class="sr-only">" "{delivery.object.clone()}</span>
                </a>
            </th>
            <Cell label="About">
                <About delivery />
            </Cell>
            <Cell label="Status">
                <StatusTag status />
            </Cell>
            <Cell label="Answer">{said}</Cell>
            <Cell label="Duration" is_number=true>
                {took}
            </Cell>
            <Cell label="Attempts" is_number=true>
                {attempts}
            </Cell>
            <Cell label="Created">
                <Time moment=created_at />
            </Cell>
            <Cell label="Next attempt">{next}</Cell>
        </tr>
    }
}

/// What an event is about, with the way there.
#[component]
pub fn About(delivery: Delivery) -> impl IntoView {
    let href = delivery
        .product_id
        .map(paths::product)
        .or(delivery.import_id.map(paths::import));
    match href {
        Some(href) => view! { <a class="link wrap-anywhere" href=href>{delivery.object}</a> }.into_any(),
        None => view! { <span class="wrap-anywhere">{delivery.object}</span> }.into_any(),
    }
}
