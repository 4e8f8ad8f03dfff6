//! The log: deliveries and their attempts, as people look through them.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
};
use time::OffsetDateTime;

use super::figures;
use super::store::{self, moment_of};
use super::{Attempt, Cause, Delivery, DeliveryQuery, ErrorKind, Headers, Statistics};
use crate::database::paging;
use crate::database::sql::Sql;
use crate::entities::webhook_attempt;
use crate::error::{Error, Result};
use crate::page::{COUNT_LIMIT, Cursor, Page, PageRequest, Position, Total};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    webhook_id: i64,
    message_id: String,
    kind: String,
    product_id: Option<i64>,
    import_id: Option<i64>,
    object_name: String,
    status: String,
    attempts: i64,
    next_attempt_at: i64,
    response_status: Option<i64>,
    duration_ms: Option<i64>,
    error_kind: Option<String>,
    created_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
}

const COLUMNS: &str =
    "d.id, d.webhook_id, e.message_id, e.kind, e.product_id, e.import_id, e.object_name, d.status, d.attempts,
    d.next_attempt_at, d.response_status, d.duration_ms, d.error_kind, d.created_at, d.finished_at
    FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id";

/// What the ids in its cursors are.
const ORDER: &str = "webhook_deliveries";

/// Deliveries of one webhook, the newest first.
///
/// # Errors
/// 404 for the webhook, or when the page does not exist.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    webhook: i64,
    query: &DeliveryQuery,
    request: &PageRequest,
) -> Result<Page<Delivery>> {
    store::find(db, webhook).await?;
    let (position, size) = request.check(ORDER)?;
    let total = count(db, webhook, query).await?;
    let backwards = matches!(position, Position::Before(_) | Position::Last);
    let mut sql = Sql::new(db.get_database_backend());
    sql.push(&format!("SELECT {COLUMNS} WHERE "));
    filter(&mut sql, webhook, query)?;
    if let Position::After(cursor) | Position::Before(cursor) = &position {
        sql.push(if backwards { " AND d.id > " } else { " AND d.id < " })
            .bind(cursor.id);
    }
    sql.push(if backwards {
        " ORDER BY d.id ASC"
    } else {
        " ORDER BY d.id DESC"
    });
    sql.push(&format!(" LIMIT {}", size + 1));
    if let Position::Offset(skipped) = position {
        sql.push(&format!(" OFFSET {skipped}"));
    }
    let rows = Row::find_by_statement(sql.statement()).all(db).await?;
    let cursor = |row: &Row, skipped| Cursor {
        id: row.id,
        skipped,
        order: ORDER.to_owned(),
        value: String::new(),
    };
    paging::assemble(rows, &position, size, total, cursor).try_map(delivery_of)
}

async fn count(db: &impl ConnectionTrait, webhook: i64, query: &DeliveryQuery) -> Result<Total> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT count(*) AS number FROM (SELECT 1 FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id WHERE ");
    filter(&mut sql, webhook, query)?;
    sql.push(&format!(" LIMIT {}) AS counted", COUNT_LIMIT + 1));
    let row = db.query_one_raw(sql.statement()).await?;
    let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or(0);
    Ok(Total::capped(u64::try_from(number).unwrap_or(0)))
}

fn filter(sql: &mut Sql, webhook: i64, query: &DeliveryQuery) -> Result<()> {
    sql.push("d.webhook_id = ").bind(webhook);
    if let Some(status) = query.status {
        sql.push(" AND d.status = ").bind(status.as_str());
    }
    if let Some(event) = query.event {
        sql.push(" AND e.kind = ").bind(event.as_str());
    }
    match query.code {
        Some(0) => {
            sql.push(" AND d.attempts > 0 AND d.response_status IS NULL");
        }
        Some(class) => {
            let from = class.saturating_mul(100);
            sql.push(" AND d.response_status >= ").bind(from);
            sql.push(" AND d.response_status < ").bind(from.saturating_add(100));
        }
        None => {}
    }
    if let Some(from) = &query.from {
        sql.push(" AND d.created_at >= ").bind(OffsetDateTime::try_from(from)?);
    }
    if let Some(to) = &query.to {
        sql.push(" AND d.created_at < ").bind(OffsetDateTime::try_from(to)?);
    }
    if let Some(text) = &query.q {
        sql.push(" AND (e.message_id = ").bind(text.as_str());
        sql.push(" OR lower(e.object_name) = lower(")
            .bind(text.as_str())
            .push("))");
    }
    Ok(())
}

/// One delivery, with the body that it sends, and the ids of those before and after it in the log.
///
/// # Errors
/// 404.
pub async fn delivery(db: &impl ConnectionTrait, id: i64) -> Result<(Delivery, String, [Option<i64>; 2])> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push(&format!("SELECT {COLUMNS} WHERE d.id = ")).bind(id);
    let row = Row::find_by_statement(sql.statement()).one(db).await?;
    let delivery = delivery_of(row.ok_or_else(|| Problem::not_found("delivery"))?)?;
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT e.body, (SELECT min(o.id) FROM webhook_deliveries o WHERE o.webhook_id = d.webhook_id AND o.id > d.id) AS newer,
            (SELECT max(o.id) FROM webhook_deliveries o WHERE o.webhook_id = d.webhook_id AND o.id < d.id) AS older
        FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id WHERE d.id = ");
    sql.bind(id);
    let row = db.query_one_raw(sql.statement()).await?;
    let row = row.ok_or_else(|| Problem::not_found("delivery"))?;
    Ok((
        delivery,
        row.try_get("", "body")?,
        [row.try_get("", "newer")?, row.try_get("", "older")?],
    ))
}

/// The attempts of a delivery, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn attempts(db: &impl ConnectionTrait, delivery: i64) -> Result<Vec<Attempt>> {
    let rows = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.eq(delivery))
        .order_by_desc(webhook_attempt::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(attempt_of).collect()
}

/// How the deliveries of a webhook have gone.
///
/// # Errors
/// 404.
pub async fn statistics(db: &impl ConnectionTrait, webhook: i64) -> Result<Statistics> {
    store::find(db, webhook).await?;
    let counts = figures::counts(db, webhook).await?;
    let now = super::outbox::milliseconds(OffsetDateTime::now_utc());
    Ok(Statistics {
        total: counts.total,
        delivered: counts.delivered,
        failed: counts.failed,
        waiting: counts.waiting,
        held: counts.held,
        success_24h: figures::health(db, webhook, now).await?.success(),
    })
}

fn delivery_of(row: Row) -> Result<Delivery> {
    let unknown = |what: &str| Error::Stored(format!("{what} of a delivery"));
    let status = row.status.parse().map_err(|()| unknown("status"))?;
    Ok(Delivery {
        id: row.id,
        webhook_id: row.webhook_id,
        message_id: row.message_id,
        event: row.kind.parse().map_err(|()| unknown("event"))?,
        product_id: row.product_id,
        import_id: row.import_id,
        object: row.object_name,
        attempts: row.attempts,
        response_status: row.response_status,
        duration_ms: row.duration_ms,
        error_kind: error_kind(row.error_kind)?,
        next_attempt_at: (status == super::DeliveryStatus::Retrying)
            .then(|| moment_of(row.next_attempt_at))
            .flatten(),
        status,
        created_at: row.created_at.into(),
        finished_at: row.finished_at.map(Timestamp::from),
    })
}

fn error_kind(text: Option<String>) -> Result<Option<ErrorKind>> {
    Ok(text.map(|text| serde_json::from_value(text.into())).transpose()?)
}

fn attempt_of(row: webhook_attempt::Model) -> Result<Attempt> {
    let headers = |text: &str| -> Result<Headers> { Ok(serde_json::from_str(text)?) };
    let cause: Cause = serde_json::from_value(row.cause.into())?;
    Ok(Attempt {
        id: row.id,
        made_at: row.made_at.into(),
        cause,
        url: row.url,
        duration_ms: row.duration_ms,
        request_headers: headers(&row.request_headers)?,
        response_status: row.response_status,
        response_headers: row
            .response_headers
            .as_deref()
            .map(headers)
            .transpose()?
            .unwrap_or_default(),
        response_body: row.response_body,
        is_cut: row.is_cut,
        error_kind: error_kind(row.error_kind)?,
        error: row.error,
    })
}
