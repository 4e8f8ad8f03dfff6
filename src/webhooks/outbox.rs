//! Events, written down in the transaction of what they tell of.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait, EntityTrait as _, Statement};
use time::OffsetDateTime;

use super::subscribers::{self, Subscriber};
use super::{BulkPolicy, Cause, DeliveryStatus, EventKind, body};
use crate::changes::{ChangeKind, FieldChanges};
use crate::database::clock::now;
use crate::entities::{webhook_delivery, webhook_event, webhook_feed};
use crate::error::Result;
use crate::imports::{Import, ImportKind, ImportStatus};
use crate::problem::Problem;
use crate::products::Product;

/// Something that happened.
pub(super) struct NewEvent {
    pub kind: EventKind,
    pub body: String,
    pub product_id: Option<i64>,
    pub import_id: Option<i64>,
    /// As people know what it happened to.
    pub object_name: String,
    pub at: OffsetDateTime,
}

/// Milliseconds since 1970.
pub(super) fn milliseconds(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// Somebody has changed one product; `product` is as it is now.
pub(crate) async fn product_changed(
    db: &impl ConnectionTrait,
    change: ChangeKind,
    product: &Product,
    fields: &FieldChanges,
) -> Result<()> {
    let kind = body::kind_of(change);
    let subscribers = subscribers::of(db, kind).await?;
    if subscribers.is_empty() {
        return Ok(());
    }
    let at = now();
    let event = NewEvent {
        kind,
        body: body::product(change, product, fields, at),
        product_id: Some(product.id),
        import_id: None,
        object_name: product.sku.clone(),
        at,
    };
    add(db, event, &subscribers).await
}

/// A job is over. Webhooks that want to know what it changed are told from the history, piece by piece.
pub(crate) async fn job_ended(db: &impl ConnectionTrait, import: &Import) -> Result<()> {
    let kind = match (import.progress.status, import.kind) {
        (ImportStatus::Completed, ImportKind::BulkDelete) => EventKind::BulkDeleteCompleted,
        (ImportStatus::Completed, _) => EventKind::ImportCompleted,
        _ => EventKind::ImportFailed,
    };
    let at = now();
    let event = NewEvent {
        kind,
        body: body::job(kind, import, at),
        product_id: None,
        import_id: Some(import.job_id),
        object_name: import.file_name.clone(),
        at,
    };
    let subscribers = subscribers::of(db, kind).await?;
    add(db, event, &subscribers).await?;
    let changed = import.progress.created + import.progress.updated > 0;
    if changed && import.kind != ImportKind::Catalogs {
        begin_feeds(db, import.job_id, at).await?;
    }
    Ok(())
}

/// One line for each webhook that is told of each product.
async fn begin_feeds(db: &impl ConnectionTrait, import: i64, at: OffsetDateTime) -> Result<()> {
    for webhook in subscribers::all(db).await? {
        if webhook.bulk == BulkPolicy::Summary || !webhook.events.iter().any(|kind| kind.is_about_products()) {
            continue;
        }
        let feed = webhook_feed::ActiveModel {
            webhook_id: Set(webhook.id),
            import_id: Set(import),
            stage: Set("created".to_owned()),
            position: Set(0),
            created_at: Set(at),
            ..Default::default()
        };
        feed.insert(db).await?;
    }
    Ok(())
}

/// Refuses to delete products for good while webhooks have yet to be told of them: what they are told comes from the history.
pub(crate) async fn refuse_while_telling(db: &impl ConnectionTrait) -> Result<()> {
    let sql = "SELECT 1 AS one FROM webhook_feeds f JOIN webhooks w ON w.id = f.webhook_id WHERE w.status = 'enabled' LIMIT 1";
    let telling = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    match telling {
        None => Ok(()),
        Some(_) => Err(Problem::conflict(
            "Webhooks are still being told what an import or a bulk action has changed. \
             Delete for good once they have been told everything; nothing was changed.",
        )
        .into()),
    }
}

/// A webhook is given up; the others are told.
pub(super) async fn webhook_disabled(db: &impl ConnectionTrait, id: i64, url: &str, because: &str) -> Result<()> {
    let mut subscribers = subscribers::of(db, EventKind::WebhookDisabled).await?;
    subscribers.retain(|other| other.id != id);
    let at = now();
    let host = reqwest::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let event = NewEvent {
        kind: EventKind::WebhookDisabled,
        body: body::webhook_disabled(id, &host, because, at),
        product_id: None,
        import_id: None,
        object_name: host,
        at,
    };
    add(db, event, &subscribers).await
}

/// Writes an event down with a delivery for each of these; nothing when there is none.
async fn add(db: &impl ConnectionTrait, event: NewEvent, subscribers: &[Subscriber]) -> Result<()> {
    if subscribers.is_empty() {
        return Ok(());
    }
    let at = event.at;
    let event = write(db, event).await?;
    let deliveries = subscribers.iter().map(|webhook| {
        let status = if webhook.is_enabled {
            DeliveryStatus::Pending
        } else {
            DeliveryStatus::Held
        };
        delivery(webhook.id, event, status, at)
    });
    webhook_delivery::Entity::insert_many(deliveries)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The event alone.
pub(super) async fn write(db: &impl ConnectionTrait, event: NewEvent) -> Result<i64> {
    let row = webhook_event::ActiveModel {
        message_id: Set(format!("msg_{}", ulid::Ulid::new())),
        kind: Set(event.kind.as_str().to_owned()),
        body: Set(event.body),
        product_id: Set(event.product_id),
        import_id: Set(event.import_id),
        object_name: Set(event.object_name),
        created_at: Set(event.at),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

pub(super) fn delivery(
    webhook: i64,
    event: i64,
    status: DeliveryStatus,
    at: OffsetDateTime,
) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        webhook_id: Set(webhook),
        event_id: Set(event),
        status: Set(status.as_str().to_owned()),
        attempts: Set(0),
        tries: Set(0),
        next_attempt_at: Set(milliseconds(at)),
        cause: Set(Cause::Automatic.as_str().to_owned()),
        created_at: Set(at),
        ..Default::default()
    }
}
