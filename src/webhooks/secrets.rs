//! The secret that signs: shown to whoever may see it, replaced, and for a while kept beside its successor.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use time::{Duration, OffsetDateTime};

use super::outbox::milliseconds;
use super::signature::SigningSecret;
use super::store::{find, locked, object};
use super::target::{SECRET, unsealed};
use crate::audit::{self, Action, Actor};
use crate::database::clock::now;
use crate::entities::webhook::Model;
use crate::entities::webhook_old_secret;
use crate::error::Result;
use crate::problem::Problem;
use crate::services::Services;

/// Secrets that were replaced and sign for a while yet.
const OLD_SECRETS: usize = 2;

/// Hours that a replaced secret may go on signing.
const OVERLAP_MAX: i64 = 7 * 24;

/// Gives a webhook another secret. The one before it signs as well for `overlap_hours`, so that the receiver has time to change it.
///
/// # Errors
/// 422 for an overlap that is too long, 404.
pub async fn rotate_secret(services: &Services, id: i64, overlap_hours: i64, actor: &Actor) -> Result<SigningSecret> {
    if !(0..=OVERLAP_MAX).contains(&overlap_hours) {
        let message = "Enter a number of hours from 0 to 168.";
        return Err(Problem::unprocessable(message)
            .with_field("overlap_hours", message)
            .into());
    }
    let secret = SigningSecret::random();
    let transaction = services.database.begin().await?;
    let row = locked(&transaction, id).await?;
    retire(&transaction, &row, overlap_hours).await?;
    let mut changed = row.clone().into_active_model();
    changed.secret = Set(services.vault.seal(SECRET, secret.as_bytes()));
    changed.updated_at = Set(now());
    changed.update(&transaction).await?;
    audit::record(
        &transaction,
        actor,
        Action::WebhookSecretRotated,
        Some(object(&row)),
        None,
    )
    .await?;
    transaction.commit().await?;
    Ok(secret)
}

/// The present secret becomes an old one; of those, the oldest go.
async fn retire(db: &DatabaseTransaction, row: &Model, overlap_hours: i64) -> Result<()> {
    let until = milliseconds(OffsetDateTime::now_utc() + Duration::hours(overlap_hours));
    if overlap_hours > 0 {
        let old = webhook_old_secret::ActiveModel {
            webhook_id: Set(row.id),
            secret: Set(row.secret.clone()),
            expires_at: Set(until),
            ..Default::default()
        };
        old.insert(db).await?;
    }
    let old = webhook_old_secret::Entity::find()
        .filter(webhook_old_secret::Column::WebhookId.eq(row.id))
        .order_by_desc(webhook_old_secret::Column::Id)
        .all(db)
        .await?;
    // Without an overlap the present one is lost or known to others, and so may be those before it.
    let kept = if overlap_hours > 0 { OLD_SECRETS } else { 0 };
    for surplus in old.into_iter().skip(kept) {
        webhook_old_secret::Entity::delete_by_id(surplus.id).exec(db).await?;
    }
    Ok(())
}

/// Those that were replaced and still sign, the newest first. `now` is milliseconds since 1970.
pub(super) async fn old(db: &impl ConnectionTrait, webhook: i64, now: i64) -> Result<Vec<webhook_old_secret::Model>> {
    let old = webhook_old_secret::Entity::find()
        .filter(webhook_old_secret::Column::WebhookId.eq(webhook))
        .filter(webhook_old_secret::Column::ExpiresAt.gt(now))
        .order_by_desc(webhook_old_secret::Column::Id);
    Ok(old.all(db).await?)
}

/// The secret itself, for somebody who looks after webhooks.
///
/// # Errors
/// 404, or when it was sealed with another key.
pub async fn reveal(services: &Services, id: i64, actor: &Actor) -> Result<SigningSecret> {
    let transaction = services.database.begin().await?;
    let row = find(&transaction, id).await?;
    let secret = unsealed(&services.vault, &row.secret)?;
    audit::record(
        &transaction,
        actor,
        Action::WebhookSecretShown,
        Some(object(&row)),
        None,
    )
    .await?;
    transaction.commit().await?;
    Ok(secret)
}

/// The secret, for the page of somebody who has asked for it by [`reveal`].
///
/// # Errors
/// 404, or when it was sealed with another key.
pub async fn secret(services: &Services, id: i64) -> Result<SigningSecret> {
    unsealed(&services.vault, &find(services.database.writer(), id).await?.secret)
}
