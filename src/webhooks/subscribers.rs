//! Who wants to know what: asked for every event, in the transaction of what it tells of.

use sea_orm::{ConnectionTrait, EntityTrait as _, QueryOrder as _, QuerySelect as _};

use super::{BulkPolicy, EventKind, WebhookStatus};
use crate::entities::webhook::{Column, Entity};
use crate::error::{Error, Result};

/// Whom an event may go to.
pub(super) struct Subscriber {
    pub id: i64,
    pub is_enabled: bool,
    pub events: Vec<EventKind>,
    pub bulk: BulkPolicy,
}

/// All webhooks, as far as it matters for an event.
pub(super) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Subscriber>> {
    type Columns = (i64, String, String, String);
    let rows: Vec<Columns> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Status, Column::Events, Column::BulkPolicy])
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|(id, status, events, bulk)| {
            Ok(Subscriber {
                id,
                is_enabled: status == WebhookStatus::Enabled.as_str(),
                events: events_of(&events)?,
                bulk: bulk_of(&bulk)?,
            })
        })
        .collect()
}

/// Webhooks that want events of that kind.
pub(super) async fn of(db: &impl ConnectionTrait, kind: EventKind) -> Result<Vec<Subscriber>> {
    let mut found = all(db).await?;
    found.retain(|webhook| webhook.events.contains(&kind));
    Ok(found)
}

/// From the names that are stored.
pub(super) fn events_of(text: &str) -> Result<Vec<EventKind>> {
    let unknown = |name: &str| Error::Stored(format!("event {name}"));
    text.split(',')
        .filter(|name| !name.is_empty())
        .map(|name| name.parse().map_err(|()| unknown(name)))
        .collect()
}

/// As they are stored: names with commas between them.
pub(super) fn text_of(events: &[EventKind]) -> String {
    let names: Vec<&str> = events.iter().map(|kind| kind.as_str()).collect();
    names.join(",")
}

pub(super) fn bulk_of(text: &str) -> Result<BulkPolicy> {
    text.parse().map_err(|()| Error::Stored(format!("bulk policy {text}")))
}
