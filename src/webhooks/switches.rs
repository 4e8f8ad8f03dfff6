//! Enabling and disabling: nothing is sent to a disabled webhook, and nothing of what happens meanwhile is lost.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use super::store::{fresh, locked, object};
use super::{DeliveryStatus, Webhook, WebhookStatus};
use crate::audit::{self, Action, Actor};
use crate::database::clock::now;
use crate::database::settled;
use crate::entities::webhook::{Column, Entity, Model};
use crate::entities::webhook_delivery;
use crate::error::Result;
use crate::services::Services;

/// Sends again what happens from now on. What was kept meanwhile is sent when somebody says so.
///
/// # Errors
/// 404.
pub async fn enable(services: &Services, id: i64, actor: &Actor) -> Result<Webhook> {
    let transaction = services.database.begin().await?;
    settled(&transaction).await?;
    let row = locked(&transaction, id).await?;
    switch_on(&transaction, &row, actor).await?;
    transaction.commit().await?;
    fresh(services, id).await
}

/// Sends nothing from now on, and keeps what happens.
///
/// # Errors
/// 404.
pub async fn disable(services: &Services, id: i64, actor: &Actor) -> Result<Webhook> {
    let transaction = services.database.begin().await?;
    settled(&transaction).await?;
    let row = locked(&transaction, id).await?;
    switch_off(&transaction, &row, WebhookStatus::Disabled, None, actor).await?;
    transaction.commit().await?;
    fresh(services, id).await
}

pub(super) async fn switch_on(db: &impl ConnectionTrait, row: &Model, actor: &Actor) -> Result<()> {
    if row.status == WebhookStatus::Enabled.as_str() {
        return Ok(());
    }
    let mut changed = row.clone().into_active_model();
    changed.status = Set(WebhookStatus::Enabled.as_str().to_owned());
    changed.disabled_at = Set(None);
    changed.disabled_because = Set(None);
    // Whoever enables it says that the receiver is well again.
    changed.failing_since = Set(None);
    changed.failures = Set(0);
    changed.open_until = Set(0);
    changed.openings = Set(0);
    changed.update(db).await?;
    audit::record(db, actor, Action::WebhookEnabled, Some(object(row)), None).await
}

pub(super) async fn switch_off(
    db: &impl ConnectionTrait,
    row: &Model,
    status: WebhookStatus,
    because: Option<&str>,
    actor: &Actor,
) -> Result<()> {
    if row.status != WebhookStatus::Enabled.as_str() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(status.as_str()))
        .col_expr(Column::DisabledAt, Expr::val(now()))
        .col_expr(Column::DisabledBecause, Expr::val(because))
        .filter(Column::Id.eq(row.id))
        .exec(db)
        .await?;
    let waiting = [DeliveryStatus::Pending.as_str(), DeliveryStatus::Retrying.as_str()];
    webhook_delivery::Entity::update_many()
        .col_expr(
            webhook_delivery::Column::Status,
            Expr::val(DeliveryStatus::Held.as_str()),
        )
        .filter(webhook_delivery::Column::WebhookId.eq(row.id))
        .filter(webhook_delivery::Column::Status.is_in(waiting))
        .exec(db)
        .await?;
    let fields = because.map(|because| serde_json::json!({"because": because}));
    audit::record(db, actor, Action::WebhookDisabled, Some(object(row)), fields).await
}
