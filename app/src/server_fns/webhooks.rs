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
) -> Result<(Webhook, Page<Delivery>), AppError> {
    let request = crate::request::signed_in()?;
    let services = &request.services;
    let found = stockroom::webhooks::deliveries(services.reader(), webhook, &query, &page).await?;
    Ok((stockroom::webhooks::get(services, webhook).await?, found))
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
        readable_body: readable(&body),
        delivery,
        body,
        newer,
        older,
    })
}

/// JSON with line breaks; anything else as it is.
#[cfg(feature = "ssr")]
fn readable(body: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    value
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| body.to_owned())
}

/// What each event looks like.
#[server(name = ExampleEvents, prefix = "/actions", endpoint = "example_events", input = GetUrl, output = Json)]
pub async fn example_events() -> Result<Vec<(EventKind, String)>, AppError> {
    crate::request::signed_in()?;
    let example = |kind: EventKind| (kind, readable(&stockroom::webhooks::example(kind).to_string()));
    Ok(EventKind::CHOICE.into_iter().map(example).collect())
}

/// How many deliveries would be sent again.
#[server(name = CountFailed, prefix = "/actions", endpoint = "count_failed", input = GetUrl, output = Json)]
pub async fn count_failed(webhook: i64, since: Timestamp) -> Result<u64, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::webhooks::count_failed(request.services.reader(), webhook, &since).await?)
}
