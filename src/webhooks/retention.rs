//! What is older than anybody looks at is deleted: events with their deliveries and attempts, and the figures of past hours.

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use time::Duration;

use crate::database::Database;
use crate::database::clock::now;
use crate::entities::webhook_event::{Column, Entity};
use crate::entities::webhook_feed;
use crate::error::Result;

/// Events that are deleted together: short enough that nobody waits.
const TOGETHER: u64 = 1_000;

/// Deletes what is older than so many days.
pub(super) async fn sweep(database: &Database, days: i64) -> Result<()> {
    let too_old = Column::CreatedAt.lt(now() - Duration::days(days));
    loop {
        let some = Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(too_old.clone())
            .limit(TOGETHER)
            .to_owned();
        let turn = database.begin().await?;
        let gone = Entity::delete_many()
            .filter(Column::Id.in_subquery(some))
            .exec(&turn)
            .await?;
        turn.commit().await?;
        if gone.rows_affected < TOGETHER {
            break;
        }
    }
    webhook_feed::Entity::delete_many()
        .filter(webhook_feed::Column::CreatedAt.lt(now() - Duration::days(days)))
        .exec(database.writer())
        .await?;
    let past = now().unix_timestamp() / 3_600 - 48;
    let forget = format!("DELETE FROM webhook_hours WHERE hour < {past}");
    database.writer().execute_unprepared(&forget).await?;
    Ok(())
}
