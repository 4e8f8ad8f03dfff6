//! Webhooks, their log, and examples of what is sent.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};
use stockroom::{
    page::{Page, PageRequest},
    timestamp::Timestamp,
    webhooks::{Attempt, Delivery, DeliveryQuery, EventKind, Replay, Statistics, Webhook},
};

use crate::error::AppError;

#[server(name = ListWebhooks, prefix = "/actions", endpoint = "list_webhooks", input = GetUrl, output = Json)]
pub async fn list_webhooks(page: PageRequest) -> Result<Page<Webhook>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::webhooks::list(&request.services, &page).await?)
}

/// A webhook and how it goes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookReport {
    pub webhook: Webhook,
    pub statistics: Statistics,
    pub replays: Vec<Replay>,
}

#[server(name = GetWebhook, prefix = "/actions", endpoint = "get_webhook", input = GetUrl, output = Json)]
pub async fn get_webhook(id: i64) -> Result<WebhookReport, AppError> {
    let request = crate::request::signed_in()?;
    let services = &request.services;
    Ok(WebhookReport {
        webhook: stockroom::webhooks::get(services, id).await?,
        statistics: stockroom::webhooks::statistics(services.reader(), id).await?,
        replays: stockroom::webhooks::replays(services.reader(), id).await?,
    })
}

#[server(name = ListDeliveries, prefix = "/actions", endpoint = "list_deliveries", input = GetUrl, output = Json)]
pub async fn list_deliveries(
    webhook: i64,
    query: DeliveryQuery,
    page: PageRequest,
) -> Result<Page<Delivery>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::webhooks::deliveries(request.services.reader(), webhook, &query, &page).await?)
}

/// A delivery with everything that was sent and answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryReport {
    pub delivery: Delivery,
    /// The bytes, and the same with line breaks for people.
    pub body: String,
    pub readable_body: String,
    /// The newest first.
    pub attempts: Vec<Attempt>,
    pub newer: Option<i64>,
    pub older: Option<i64>,
    pub webhook: Webhook,
}

#[server(name = GetDelivery, prefix = "/actions", endpoint = "get_delivery", input = GetUrl, output = Json)]
pub async fn get_delivery(id: i64) -> Result<DeliveryReport, AppError> {
    let request = crate::request::signed_in()?;
    let services = &request.services;
    let (delivery, body, [newer, older]) = stockroom::webhooks::delivery(services.reader(), id).await?;
    Ok(DeliveryReport {
        attempts: stockroom::webhooks::attempts(services.reader(), id).await?,
        webhook: stockroom::webhooks::get(services, delivery.webhook_id).await?,
        readable_body: stockroom::webhooks::readable(&body),
        delivery,
        body,
        newer,
        older,
    })
}

/// What each event looks like.
#[server(name = ExampleEvents, prefix = "/actions", endpoint = "example_events", input = GetUrl, output = Json)]
pub async fn example_events() -> Result<Vec<(EventKind, String)>, AppError> {
    crate::request::signed_in()?;
    let example = |kind: EventKind| {
        (
            kind,
            stockroom::webhooks::readable(&stockroom::webhooks::example(kind).to_string()),
        )
    };
    Ok(EventKind::CHOICE.into_iter().map(example).collect())
}

/// How many deliveries of the last hours would be sent again, and since when exactly.
#[server(name = CountFailed, prefix = "/actions", endpoint = "count_failed", input = GetUrl, output = Json)]
pub async fn count_failed(webhook: i64, hours: i64) -> Result<(Timestamp, u64), AppError> {
    let request = crate::request::signed_in()?;
    let since = stockroom::database::clock::hours_ago(hours);
    let count = stockroom::webhooks::count_failed(request.services.reader(), webhook, &since).await?;
    Ok((since, count))
}
