//! From the history of a job to the deliveries of one webhook, a piece at a time, as fast as the webhook takes them.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, Statement,
};
use time::OffsetDateTime;

use super::outbox::{self, NewEvent};
use super::target::Target;
use super::{BulkPolicy, DeliveryStatus, EventKind, body, leases};
use crate::changes::{self, ImportChange, Place};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::webhook_feed;
use crate::error::{Error, Result};
use crate::products;

/// Changes of one batch.
const BATCH: u64 = 500;
/// Changes that become deliveries together where each is one.
const PIECE: u64 = 100;
/// Deliveries that may be due before more are made.
const DUE: u64 = 200;
/// Deliveries that may wait for anything, their next attempts included.
const WAITING: u64 = 50_000;

/// Makes the next deliveries of the webhook's oldest feed. Says whether there may be more to make at once.
pub(super) async fn advance(database: &Database, owner: &str, target: &Target, clock: i64) -> Result<bool> {
    let webhook = target.row.id;
    if first(database.reader(), webhook).await?.is_none() || is_full(database.reader(), webhook, clock).await? {
        return Ok(false);
    }
    let transaction = database.begin().await?;
    // Whoever has taken the webhook over goes on with the feed.
    if leases::owned(&transaction, webhook, owner).await?.is_none() {
        return Ok(false);
    }
    let Some(feed) = first(&transaction, webhook).await? else {
        return Ok(false);
    };
    let limit = match target.bulk {
        BulkPolicy::Batches => BATCH,
        _ => PIECE,
    };
    let (mut changes, next) = changes::of_import(&transaction, feed.import_id, place(&feed), limit).await?;
    changes.retain(|change| target.events.contains(&body::kind_of(change.kind)));
    match target.bulk {
        BulkPolicy::Batches => in_batches(&transaction, webhook, feed.import_id, &changes).await?,
        BulkPolicy::Each => one_by_one(&transaction, webhook, feed.import_id, changes).await?,
        BulkPolicy::Summary => {}
    }
    match next.filter(|_| target.bulk != BulkPolicy::Summary) {
        Some(next) => keep(&transaction, feed, next).await?,
        None => {
            webhook_feed::Entity::delete_by_id(feed.id).exec(&transaction).await?;
        }
    }
    transaction.commit().await?;
    Ok(true)
}

async fn first(db: &impl ConnectionTrait, webhook: i64) -> Result<Option<webhook_feed::Model>> {
    let feed = webhook_feed::Entity::find()
        .filter(webhook_feed::Column::WebhookId.eq(webhook))
        .order_by_asc(webhook_feed::Column::Id)
        .one(db)
        .await?;
    Ok(feed)
}

/// Whether as much is due as is made beforehand, or far too much waits for its next attempt.
async fn is_full(db: &impl ConnectionTrait, webhook: i64, now: i64) -> Result<bool> {
    let count = |condition: String, limit: u64| {
        format!(
            "SELECT count(*) AS number FROM (SELECT 1 FROM webhook_deliveries WHERE webhook_id = {webhook}
                AND status IN ('pending', 'retrying'){condition} LIMIT {limit}) AS counted"
        )
    };
    for (condition, limit) in [
        (format!(" AND next_attempt_at <= {now}"), DUE),
        (String::new(), WAITING),
    ] {
        let statement = Statement::from_string(db.get_database_backend(), count(condition, limit));
        let row = db.query_one_raw(statement).await?;
        let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or(0);
        if number.unsigned_abs() >= limit {
            return Ok(true);
        }
    }
    Ok(false)
}

fn place(feed: &webhook_feed::Model) -> Place {
    if feed.stage == "created" {
        Place::Created(feed.position)
    } else {
        Place::Changed(feed.position)
    }
}

async fn keep(db: &DatabaseTransaction, feed: webhook_feed::Model, next: Place) -> Result<()> {
    let (stage, position) = match next {
        Place::Created(id) => ("created", id),
        Place::Changed(id) => ("changed", id),
    };
    let mut feed = feed.into_active_model();
    feed.stage = Set(stage.to_owned());
    feed.position = Set(position);
    feed.update(db).await?;
    Ok(())
}

async fn in_batches(db: &DatabaseTransaction, webhook: i64, import: i64, changes: &[ImportChange]) -> Result<()> {
    let mut rest: Vec<&ImportChange> = changes.iter().collect();
    while !rest.is_empty() {
        let at = now();
        let (body, taken) = body::batch(import, &rest, at);
        let name = format!("{taken} products of #{import}");
        add(db, webhook, (EventKind::ProductBatch, body), (None, import, name), at).await?;
        rest.drain(..taken);
    }
    Ok(())
}

/// With the product as it is, if it is still there and as this change left it.
async fn one_by_one(db: &DatabaseTransaction, webhook: i64, import: i64, changes: Vec<ImportChange>) -> Result<()> {
    for change in changes {
        let at = now();
        let kind = body::kind_of(change.kind);
        let sku = change.sku.unwrap_or_default();
        let body = match products::get_anywhere(db, change.product_id).await {
            Ok(product) if product.version == change.version => {
                body::product(change.kind, &product, &change.fields, at)
            }
            Ok(_) | Err(Error::Refused(_)) => body::thin(kind, (change.product_id, &sku, change.version), at),
            Err(error) => return Err(error),
        };
        add(db, webhook, (kind, body), (Some(change.product_id), import, sku), at).await?;
    }
    Ok(())
}

async fn add(
    db: &DatabaseTransaction,
    webhook: i64,
    (kind, body): (EventKind, String),
    (product_id, import, object_name): (Option<i64>, i64, String),
    at: OffsetDateTime,
) -> Result<()> {
    let event = NewEvent {
        kind,
        body,
        product_id,
        import_id: Some(import),
        object_name,
        at,
    };
    let event = outbox::write(db, event).await?;
    outbox::delivery(webhook, event, DeliveryStatus::Pending, at)
        .insert(db)
        .await?;
    Ok(())
}
