//! What is older than anybody looks at is deleted: events with their deliveries and attempts, and the figures of past hours. What is still
//! to be attempted stays; what was kept for a disabled webhook goes in its time.

use sea_orm::{ConnectionTrait as _, Statement};
use time::Duration;

use crate::database::Database;
use crate::database::clock::now;
use crate::error::Result;

/// Events that are deleted together: short enough that nobody waits.
const TOGETHER: u64 = 1_000;

const OLD_EVENTS: &str = "DELETE FROM webhook_events WHERE id IN (
    SELECT e.id FROM webhook_events e WHERE e.created_at < $1 AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries d WHERE d.event_id = e.id AND d.status IN ('pending', 'retrying'))
    LIMIT ";
const OLD_FEEDS: &str = "DELETE FROM webhook_feeds WHERE created_at < $1
    AND webhook_id IN (SELECT id FROM webhooks WHERE status <> 'enabled')";

/// Deletes what is older than so many days.
pub(super) async fn sweep(database: &Database, days: i64) -> Result<()> {
    let moment = now() - Duration::days(days);
    let some = format!("{OLD_EVENTS}{TOGETHER})");
    while delete(database, &some, moment).await? == TOGETHER {}
    let feeds = delete(database, OLD_FEEDS, moment).await?;
    if feeds > 0 {
        tracing::warn!(
            feeds,
            days,
            "changes that were kept for disabled webhooks are too old and were dropped"
        );
    }
    let past = now().unix_timestamp() / 3_600 - 48;
    let forget = format!("DELETE FROM webhook_hours WHERE hour < {past}");
    database.writer().execute_unprepared(&forget).await?;
    Ok(())
}

/// In a transaction of its own, which on SQLite waits for its turn.
async fn delete(database: &Database, sql: &str, before: time::OffsetDateTime) -> Result<u64> {
    let transaction = database.begin().await?;
    let statement = Statement::from_sql_and_values(database.backend(), sql, [before.into()]);
    let gone = transaction.execute_raw(statement).await?.rows_affected();
    transaction.commit().await?;
    Ok(gone)
}
