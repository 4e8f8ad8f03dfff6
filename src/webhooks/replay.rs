//! Sending again: one delivery, or all that failed since a moment. The same bytes under the same id, through the same queue.

use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, UpdateMany,
};
use time::OffsetDateTime;

use super::outbox::milliseconds;
use super::{Cause, DeliveryStatus, Replay, WebhookStatus, store};
use crate::audit::{self, Action, Actor};
use crate::database::clock::now;
use crate::entities::webhook_delivery::{Column, Entity};
use crate::entities::{webhook, webhook_replay};
use crate::error::Result;
use crate::problem::Problem;
use crate::services::Services;
use crate::timestamp::Timestamp;

/// What waits, and what has come to nothing.
const WAITING: [&str; 2] = ["pending", "retrying"];
const STRANDED: [&str; 2] = ["failed", "held"];
/// Replays that a page shows.
const SHOWN: u64 = 5;

/// Sends a delivery again, whatever has become of it.
///
/// # Errors
/// 409 while the webhook is disabled, 404.
pub async fn send_again(services: &Services, webhook: i64, delivery: i64, actor: &Actor) -> Result<()> {
    let transaction = services.database.begin().await?;
    let webhook = enabled(&transaction, webhook).await?;
    let this = due_again()
        .filter(Column::Id.eq(delivery))
        .filter(Column::WebhookId.eq(webhook.id));
    if this.exec(&transaction).await?.rows_affected == 0 {
        return Err(Problem::not_found("delivery").into());
    }
    let fields = serde_json::json!({"delivery": delivery});
    audit::record(
        &transaction,
        actor,
        Action::WebhookReplayed,
        Some(store::object(&webhook)),
        Some(fields),
    )
    .await?;
    transaction.commit().await?;
    services.webhook_wake.wake();
    Ok(())
}

fn due_again() -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(DeliveryStatus::Pending.as_str()))
        .col_expr(Column::Tries, Expr::val(0))
        .col_expr(
            Column::NextAttemptAt,
            Expr::val(milliseconds(OffsetDateTime::now_utc())),
        )
        .col_expr(Column::Cause, Expr::val(Cause::Replay.as_str()))
        .col_expr(Column::FinishedAt, Expr::val(None::<OffsetDateTime>))
}

async fn enabled(db: &DatabaseTransaction, id: i64) -> Result<webhook::Model> {
    let webhook = store::locked(db, id).await?;
    if webhook.status == WebhookStatus::Enabled.as_str() {
        return Ok(webhook);
    }
    Err(Problem::conflict("This webhook is disabled. Enable it first, then send again. Nothing was changed.").into())
}

/// Deliveries since then that all attempts failed for, or that were kept while the webhook was disabled. Tests are none of them.
fn stranded(webhook: i64, since: OffsetDateTime) -> Condition {
    Condition::all()
        .add(Column::WebhookId.eq(webhook))
        .add(Column::Status.is_in(STRANDED))
        .add(Column::Cause.ne(Cause::Test.as_str()))
        .add(Column::CreatedAt.gte(since))
}

/// How many would be sent again.
///
/// # Errors
/// 404.
pub async fn count_failed(db: &impl ConnectionTrait, webhook: i64, since: &Timestamp) -> Result<u64> {
    store::find(db, webhook).await?;
    Ok(Entity::find()
        .filter(stranded(webhook, OffsetDateTime::try_from(since)?))
        .count(db)
        .await?)
}

/// Sends again all that failed or was kept since then, the oldest first.
///
/// # Errors
/// 409 while the webhook is disabled or when there is nothing to send, 404.
pub async fn replay_failed(services: &Services, webhook: i64, since: &Timestamp, actor: &Actor) -> Result<Replay> {
    let from = OffsetDateTime::try_from(since)?;
    let transaction = services.database.begin().await?;
    let row = enabled(&transaction, webhook).await?;
    let replay = webhook_replay::ActiveModel {
        webhook_id: Set(webhook),
        since: Set(from),
        total: Set(0),
        created_by: Set(actor.name.clone()),
        created_at: Set(now()),
        ..Default::default()
    };
    let replay = replay.insert(&transaction).await?;
    let again = due_again().col_expr(Column::ReplayId, Expr::val(replay.id));
    let again = again.filter(stranded(webhook, from)).exec(&transaction).await?;
    if again.rows_affected == 0 {
        return Err(Problem::conflict("Nothing has failed since then, so there is nothing to send again.").into());
    }
    let mut replay = replay.into_active_model();
    replay.total = Set(i64::try_from(again.rows_affected).unwrap_or(i64::MAX));
    let replay = replay.update(&transaction).await?;
    let fields = serde_json::json!({"since": since, "deliveries": replay.total});
    audit::record(
        &transaction,
        actor,
        Action::WebhookReplayed,
        Some(store::object(&row)),
        Some(fields),
    )
    .await?;
    // As it is before the first of them is sent.
    let replay = progress(&transaction, replay).await?;
    transaction.commit().await?;
    services.webhook_wake.wake();
    Ok(replay)
}

/// The last replays of a webhook, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn replays(db: &impl ConnectionTrait, webhook: i64) -> Result<Vec<Replay>> {
    let rows = webhook_replay::Entity::find()
        .filter(webhook_replay::Column::WebhookId.eq(webhook))
        .order_by_desc(webhook_replay::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?;
    let mut replays = Vec::new();
    for row in rows {
        replays.push(progress(db, row).await?);
    }
    Ok(replays)
}

async fn progress(db: &impl ConnectionTrait, row: webhook_replay::Model) -> Result<Replay> {
    let counted: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Status)
        .column_as(Column::Id.count(), "number")
        .filter(Column::ReplayId.eq(row.id))
        .group_by(Column::Status)
        .into_tuple()
        .all(db)
        .await?;
    let of = |statuses: &[&str]| {
        counted
            .iter()
            .filter(|(status, _)| statuses.contains(&status.as_str()))
            .map(|(_, n)| n)
            .sum()
    };
    Ok(Replay {
        id: row.id,
        since: row.since.into(),
        total: row.total,
        delivered: of(&["delivered"]),
        failed: of(&STRANDED),
        waiting: of(&WAITING),
        created_by: row.created_by,
        created_at: row.created_at.into(),
        cancelled_at: row.cancelled_at.map(Timestamp::from),
    })
}

/// What has not been sent yet stands as failed again, and can be sent later.
///
/// # Errors
/// 404.
pub async fn cancel_replay(services: &Services, webhook: i64, replay: i64, actor: &Actor) -> Result<()> {
    let transaction = services.database.begin().await?;
    let row = store::locked(&transaction, webhook).await?;
    let found = webhook_replay::Entity::find_by_id(replay).one(&transaction).await?;
    let found = found
        .filter(|replay| replay.webhook_id == webhook)
        .ok_or_else(|| Problem::not_found("replay"))?;
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(DeliveryStatus::Failed.as_str()))
        .filter(Column::ReplayId.eq(replay))
        .filter(Column::Status.is_in(WAITING))
        .exec(&transaction)
        .await?;
    let mut found = found.into_active_model();
    found.cancelled_at = Set(Some(now()));
    found.update(&transaction).await?;
    let fields = serde_json::json!({"replay": replay});
    audit::record(
        &transaction,
        actor,
        Action::WebhookReplayCancelled,
        Some(store::object(&row)),
        Some(fields),
    )
    .await?;
    Ok(transaction.commit().await?)
}
