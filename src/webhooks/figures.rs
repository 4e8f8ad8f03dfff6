//! How the deliveries of a webhook have gone, in numbers.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::Health;
use crate::error::Result;

const HOUR: i64 = 3_600_000;

/// Deliveries by what has become of them.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct Counts {
    pub total: i64,
    pub delivered: i64,
    pub failed: i64,
    pub waiting: i64,
    pub held: i64,
}

/// Tests count for nothing. Each of the two is answered by an index alone.
pub(super) async fn counts(db: &impl ConnectionTrait, webhook: i64) -> Result<Counts> {
    let all = count(db, webhook, "").await?;
    let tests = count(db, webhook, " AND cause = 'test'").await?;
    Ok(Counts {
        total: all.total - tests.total,
        delivered: all.delivered - tests.delivered,
        failed: all.failed - tests.failed,
        waiting: all.waiting - tests.waiting,
        held: all.held - tests.held,
    })
}

async fn count(db: &impl ConnectionTrait, webhook: i64, which: &str) -> Result<Counts> {
    let sql = format!(
        "SELECT count(*) AS total, count(CASE WHEN status = 'delivered' THEN 1 END) AS delivered,
            count(CASE WHEN status = 'failed' THEN 1 END) AS failed,
            count(CASE WHEN status IN ('pending', 'retrying') THEN 1 END) AS waiting,
            count(CASE WHEN status = 'held' THEN 1 END) AS held
        FROM webhook_deliveries WHERE webhook_id = $1{which}"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [webhook.into()]);
    Ok(Counts::find_by_statement(statement).one(db).await?.unwrap_or_default())
}

pub(super) async fn health(db: &impl ConnectionTrait, webhook: i64, now: i64) -> Result<Health> {
    let last = now / HOUR;
    let sql = "SELECT hour, delivered, failed FROM webhook_hours WHERE webhook_id = $1 AND hour > $2";
    let values = [webhook.into(), (last - 24).into()];
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values))
        .await?;
    let mut health = Health {
        hours: vec![(0, 0); 24],
        ..Health::default()
    };
    for row in rows {
        let (hour, delivered, failed): (i64, i64, i64) = (
            row.try_get("", "hour")?,
            row.try_get("", "delivered")?,
            row.try_get("", "failed")?,
        );
        health.delivered += delivered;
        health.failed += failed;
        let place = usize::try_from(hour - last + 23).ok();
        if let Some(slot) = place.and_then(|place| health.hours.get_mut(place)) {
            *slot = (delivered, failed);
        }
    }
    Ok(health)
}

/// Adds what has been attempted to the figures of its hour.
pub(super) async fn count_hour(
    db: &impl ConnectionTrait,
    webhook: i64,
    now: i64,
    (delivered, failed): (i64, i64),
) -> Result<()> {
    let sql = "INSERT INTO webhook_hours (webhook_id, hour, delivered, failed) VALUES ($1, $2, $3, $4)
        ON CONFLICT (webhook_id, hour) DO UPDATE SET delivered = webhook_hours.delivered + excluded.delivered,
            failed = webhook_hours.failed + excluded.failed";
    let values = [webhook.into(), (now / HOUR).into(), delivered.into(), failed.into()];
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values))
        .await?;
    Ok(())
}
