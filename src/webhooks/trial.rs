//! A test: a real event by the real way, at once and with the answer. It is sent to disabled webhooks, too, and counts for nothing.

use std::time::Duration;

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _};
use time::OffsetDateTime;

use super::client::Call;
use super::outbox::{self, NewEvent};
use super::record::{attempt, in_seconds};
use super::store::object;
use super::target::target;
use super::{Cause, Delivery, DeliveryStatus, EventKind, body, log};
use crate::audit::{self, Action, Actor};
use crate::entities::webhook_delivery;
use crate::error::Result;
use crate::problem::Problem;
use crate::services::Services;

/// Sends an example of that event and waits for the answer. Its delivery is in the log like any other.
///
/// # Errors
/// 404.
pub async fn test(services: &Services, webhook: i64, kind: EventKind, actor: &Actor) -> Result<Delivery> {
    // Whoever asked may go away; what came of it is written down all the same.
    let (services, actor) = (services.clone(), actor.clone());
    tokio::spawn(async move { send(&services, webhook, kind, &actor).await }).await?
}

async fn send(services: &Services, webhook: i64, kind: EventKind, actor: &Actor) -> Result<Delivery> {
    let at = OffsetDateTime::now_utc();
    let target = target(services.reader(), &services.vault, webhook, outbox::milliseconds(at)).await?;
    let target = target.ok_or_else(|| Problem::not_found("webhook"))?;
    let event = NewEvent {
        kind,
        body: body::test(kind, at),
        product_id: None,
        import_id: None,
        object_name: "Test".to_owned(),
        at: in_seconds(at),
    };
    let body = event.body.clone();
    // Held while it is under way: no sender takes it.
    let transaction = services.database.begin().await?;
    let event = outbox::write(&transaction, event).await?;
    let mut row = outbox::delivery(webhook, event, DeliveryStatus::Held, in_seconds(at));
    row.cause = Set(Cause::Test.as_str().to_owned());
    let row = row.insert(&transaction).await?;
    let fields = serde_json::json!({"event": kind.as_str(), "delivery": row.id});
    audit::record(
        &transaction,
        actor,
        Action::WebhookTested,
        Some(object(&target.row)),
        Some(fields),
    )
    .await?;
    transaction.commit().await?;
    let (delivery, _, _) = log::delivery(services.database.writer(), row.id).await?;
    let answer = services
        .webhooks
        .call(Call {
            url: &target.row.url,
            headers: &target.headers,
            secrets: &target.secrets,
            timeout: Duration::from_secs(u64::try_from(target.row.timeout_seconds.min(10)).unwrap_or(10)),
            message_id: &delivery.message_id,
            body: &body,
            timestamp: at.unix_timestamp(),
        })
        .await;
    let transaction = services.database.begin().await?;
    let still_there = webhook_delivery::Entity::find_by_id(row.id).one(&transaction).await?;
    let mut row: webhook_delivery::ActiveModel = still_there.ok_or_else(|| Problem::not_found("webhook"))?.into();
    let status = if answer.arrived() {
        DeliveryStatus::Delivered
    } else {
        DeliveryStatus::Failed
    };
    row.status = Set(status.as_str().to_owned());
    row.attempts = Set(1);
    row.tries = Set(1);
    row.response_status = Set(answer.status.map(i64::from));
    row.duration_ms = Set(Some(i64::try_from(answer.duration.as_millis()).unwrap_or(i64::MAX)));
    row.error_kind = Set(answer.failure.as_ref().map(|failure| failure.kind.as_str().to_owned()));
    row.finished_at = Set(Some(in_seconds(OffsetDateTime::now_utc())));
    let row = row.update(&transaction).await?;
    let attempt = attempt(row.id, Cause::Test, &target.row.url, at, &answer)?;
    attempt.insert(&transaction).await?;
    transaction.commit().await?;
    Ok(log::delivery(services.database.writer(), row.id).await?.0)
}
