//! Webhooks: who is told what, and how it went.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::audit::Actor;
use stockroom::problem::Problem;
use stockroom::services::Services;
use stockroom::webhooks;

use super::bodies::{Body, OptionalBody};
use super::param_shapes::{DeliveryParams, IdempotencyKey, PageParams};
use super::params::{self, Params, Path, id};
use super::respond::Refusal;
use super::uploads::idempotency_key;
use super::views::PageView;
use super::webhook_bodies::{self as bodies, ReplayBody, RotateBody, TestBody, WebhookBody, WebhookChangesBody};
use super::webhook_views::{
    AttemptView, DeliveryDetailView, DeliveryView, LogView, NewWebhookView, ReplayView, SecretView, TestView,
    WebhookView,
};

/// Lists webhooks.
///
/// The newest first.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    params(PageParams),
    responses((status = 200, body = PageView<WebhookView>, description = "A page of webhooks")))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<WebhookView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(webhooks::list(&services, &page).await?.into()))
}

/// Gives one webhook.
///
/// How it is set, and how it has gone. Its secret is not shown.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks", operation_id = "get_webhook",
    params(("id" = i64, Path)),
    responses((status = 200, body = WebhookView, description = "The webhook")))]
pub async fn get(State(services): State<Services>, Path(webhook): Path<String>) -> Result<Json<WebhookView>, Refusal> {
    Ok(Json(webhooks::get(&services, id(&webhook, "webhook")?).await?.into()))
}

/// Adds a webhook.
///
/// The answer has the secret that verifies its calls. With an `Idempotency-Key`, asking again adds nothing.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", operation_id = "create_webhook",
    params(IdempotencyKey), request_body = WebhookBody,
    responses((status = 201, body = NewWebhookView, description = "The webhook as it was added, with its secret"),
        (status = 409, description = "There are a hundred webhooks already")))]
pub async fn create(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let text = bodies::webhook(body)?;
    let key = idempotency_key(&actor, &headers)?;
    let (webhook, secret) = webhooks::add(&services, &text, key.as_deref(), &actor).await?;
    let address = HeaderValue::from_str(&format!("/api/v1/webhooks/{}", webhook.id));
    let view = NewWebhookView {
        webhook: webhook.into(),
        secret: secret.to_text(),
    };
    let mut response = (StatusCode::CREATED, Json(view)).into_response();
    if let Ok(address) = address {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// Replaces a webhook.
///
/// What the body lacks gets its default. The secret and the log stay.
#[utoipa::path(put, path = "/webhooks/{id}", tag = "webhooks", operation_id = "replace_webhook",
    params(("id" = i64, Path)), request_body = WebhookBody,
    responses((status = 200, body = WebhookView, description = "The webhook as it is now")))]
pub async fn replace(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    body: Body,
) -> Result<Json<WebhookView>, Refusal> {
    let text = bodies::webhook(body)?.or_default();
    let id = id(&webhook, "webhook")?;
    Ok(Json(webhooks::update(&services, id, &text, &actor).await?.into()))
}

/// Changes some fields of a webhook.
///
/// What the body lacks stays as it is.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "webhooks", operation_id = "change_webhook",
    params(("id" = i64, Path)), request_body = WebhookChangesBody,
    responses((status = 200, body = WebhookView, description = "The webhook as it is now")))]
pub async fn change(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    body: Body,
) -> Result<Json<WebhookView>, Refusal> {
    let text = bodies::webhook_changes(body)?;
    let id = id(&webhook, "webhook")?;
    Ok(Json(webhooks::update(&services, id, &text, &actor).await?.into()))
}

/// Deletes a webhook.
///
/// With its log, and with what waits to be sent.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", operation_id = "delete_webhook",
    params(("id" = i64, Path)),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
) -> Result<StatusCode, Refusal> {
    webhooks::delete(&services, id(&webhook, "webhook")?, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tests a webhook.
///
/// Sends an example of an event, marked `test: true`, and says what was answered.
#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    params(("id" = i64, Path)), request_body(content = Option<TestBody>),
    responses((status = 200, body = TestView, description = "What came of it")))]
pub async fn test(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    body: OptionalBody,
) -> Result<Json<TestView>, Refusal> {
    let kind = bodies::webhook_test(body)?;
    let delivery = webhooks::test(&services, id(&webhook, "webhook")?, kind, &actor).await?;
    let attempts = webhooks::attempts(services.database.writer(), delivery.id).await?;
    let attempt = attempts.into_iter().next();
    Ok(Json(TestView {
        delivered: delivery.status == webhooks::DeliveryStatus::Delivered,
        status: delivery.response_status,
        milliseconds: delivery.duration_ms.unwrap_or(0),
        error: attempt.as_ref().and_then(|attempt| attempt.error.clone()),
        response_body: attempt.and_then(|attempt| attempt.response_body),
        delivery_id: delivery.id,
        message_id: delivery.message_id,
    }))
}

/// Lists the deliveries of a webhook.
///
/// The newest first, with statistics.
#[utoipa::path(get, path = "/webhooks/{id}/logs", tag = "webhooks", operation_id = "list_deliveries",
    params(("id" = i64, Path), DeliveryParams, PageParams),
    responses((status = 200, body = LogView, description = "A page of its log")))]
pub async fn logs(
    State(services): State<Services>,
    Path(webhook): Path<String>,
    params: Params,
) -> Result<Json<LogView>, Refusal> {
    let (query, page) = params::read(params, params::deliveries)?;
    let id = id(&webhook, "webhook")?;
    let page = webhooks::deliveries(services.reader(), id, &query, &page).await?;
    let statistics = webhooks::statistics(services.reader(), id).await?;
    Ok(Json(LogView {
        page: page.into(),
        statistics: statistics.into(),
    }))
}

/// Gives one delivery.
///
/// What was sent, and every answer.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries/{delivery}", tag = "webhooks", operation_id = "get_delivery",
    params(("id" = i64, Path), ("delivery" = i64, Path)),
    responses((status = 200, body = DeliveryDetailView, description = "The delivery")))]
pub async fn delivery(
    State(services): State<Services>,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<Json<DeliveryDetailView>, Refusal> {
    let (delivery, body) = of_webhook(&services, &webhook, &delivery).await?;
    let history = webhooks::attempts(services.reader(), delivery.id).await?;
    Ok(Json(DeliveryDetailView {
        delivery: delivery.into(),
        body,
        history: history.into_iter().map(AttemptView::from).collect(),
    }))
}

/// Sends a delivery again.
///
/// Whatever has become of it: the same bytes under the same id.
#[utoipa::path(post, path = "/webhooks/{id}/deliveries/{delivery}/replay", tag = "webhooks", operation_id = "replay_delivery",
    params(("id" = i64, Path), ("delivery" = i64, Path)),
    responses((status = 202, body = DeliveryView, description = "It is sent soon"), (status = 409, description = "The webhook is disabled")))]
pub async fn replay(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Json<DeliveryView>), Refusal> {
    let (delivery, _) = of_webhook(&services, &webhook, &delivery).await?;
    webhooks::send_again(&services, delivery.webhook_id, delivery.id, &actor).await?;
    let (delivery, _, _) = webhooks::delivery(services.database.writer(), delivery.id).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}

/// Sends again what has failed.
///
/// All that failed since a moment, or was kept while the webhook was disabled; the oldest first.
#[utoipa::path(post, path = "/webhooks/{id}/replay", tag = "webhooks", operation_id = "replay_failed_deliveries",
    params(("id" = i64, Path)), request_body = ReplayBody,
    responses((status = 202, body = ReplayView, description = "They are sent one after the other"),
        (status = 409, description = "The webhook is disabled, or nothing has failed since then")))]
pub async fn replay_failed(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<ReplayView>), Refusal> {
    let since = bodies::since(body)?;
    let replay = webhooks::replay_failed(&services, id(&webhook, "webhook")?, &since, &actor).await?;
    Ok((StatusCode::ACCEPTED, Json(replay.into())))
}

/// Gives a webhook another secret.
///
/// The one before it signs as well for a while.
#[utoipa::path(post, path = "/webhooks/{id}/rotate-secret", tag = "webhooks", operation_id = "rotate_secret",
    params(("id" = i64, Path)), request_body(content = Option<RotateBody>),
    responses((status = 200, body = SecretView, description = "The new secret")))]
pub async fn rotate_secret(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(webhook): Path<String>,
    body: OptionalBody,
) -> Result<Json<SecretView>, Refusal> {
    let overlap = bodies::overlap(body)?;
    let id = id(&webhook, "webhook")?;
    let secret = webhooks::rotate_secret(&services, id, overlap, &actor).await?;
    let webhook = webhooks::get(&services, id).await?;
    Ok(Json(SecretView {
        secret: secret.to_text(),
        old_secret_until: webhook.old_secret_until.map(|moment| moment.to_string()),
    }))
}

async fn of_webhook(
    services: &Services,
    webhook: &str,
    delivery: &str,
) -> Result<(webhooks::Delivery, String), Refusal> {
    let (webhook, delivery) = (id(webhook, "webhook")?, id(delivery, "delivery")?);
    let (delivery, body, _) = webhooks::delivery(services.reader(), delivery).await?;
    if delivery.webhook_id != webhook {
        return Err(Problem::not_found("delivery").into());
    }
    Ok((delivery, body))
}
