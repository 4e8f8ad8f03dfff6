//! Which process sends for which webhook: each at one time only, until it says nothing for a while.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, Statement,
};

use crate::database::clock;
use crate::database::sql::Sql;
use crate::entities::webhook::{Column, Entity, Model};
use crate::error::Result;

/// Enabled webhooks for which there is something to send now.
pub(super) async fn with_work(db: &impl ConnectionTrait, now: i64) -> Result<Vec<i64>> {
    let sql = "SELECT w.id FROM webhooks w WHERE w.status = 'enabled' AND (
            (NOT w.is_ordered AND EXISTS (SELECT 1 FROM webhook_deliveries d
                WHERE d.webhook_id = w.id AND d.status IN ('pending', 'retrying') AND d.next_attempt_at <= $1))
            OR (w.is_ordered AND (SELECT d.next_attempt_at FROM webhook_deliveries d
                WHERE d.webhook_id = w.id AND d.status IN ('pending', 'retrying') ORDER BY d.id LIMIT 1) <= $1)
            OR EXISTS (SELECT 1 FROM webhook_feeds f WHERE f.webhook_id = w.id))
        ORDER BY w.id";
    ids(
        db,
        Statement::from_sql_and_values(db.get_database_backend(), sql, [now.into()]),
    )
    .await
}

async fn ids(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<i64>> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// Of these webhooks, those that this process sends for from now on: nobody else does, or it has done so already.
pub(super) async fn lease(
    db: &impl ConnectionTrait,
    owner: &str,
    webhooks: &[i64],
    milliseconds: i64,
) -> Result<Vec<i64>> {
    if webhooks.is_empty() {
        return Ok(Vec::new());
    }
    let clock = clock::milliseconds(db.get_database_backend());
    let mut sql = Sql::new(db.get_database_backend());
    sql.push(&format!(
        "UPDATE webhooks SET lease_until = {clock} + {milliseconds}, lease_owner = "
    ));
    sql.bind(owner)
        .push(" WHERE id IN (SELECT id FROM webhooks WHERE id IN (")
        .numbers(webhooks);
    sql.push(") AND (lease_owner = ").bind(owner);
    // In the order in which results are written, so that the two do not wait for each other.
    let lock = if sql.is_postgres() { " FOR NO KEY UPDATE" } else { "" };
    sql.push(&format!(
        " OR lease_until < {clock}) ORDER BY id{lock}) AND (lease_owner = "
    ))
    .bind(owner);
    sql.push(&format!(" OR lease_until < {clock}) RETURNING id"));
    ids(db, sql.statement()).await
}

/// Gives all of them back, for whoever is next.
pub(super) async fn release(db: &impl ConnectionTrait, owner: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::val(0))
        .col_expr(Column::LeaseOwner, Expr::val(None::<String>))
        .filter(Column::LeaseOwner.eq(owner))
        .exec(db)
        .await?;
    Ok(())
}

/// The webhook's row, kept from others, if this process still sends for it. Events may go on to be written for it meanwhile: their
/// deliveries name the row, which a stronger lock would make them wait for.
pub(super) async fn owned(db: &DatabaseTransaction, id: i64, owner: &str) -> Result<Option<Model>> {
    let mut row = Entity::find_by_id(id).filter(Column::LeaseOwner.eq(owner));
    if db.get_database_backend() == DatabaseBackend::Postgres {
        row = row.lock(LockType::NoKeyUpdate);
    }
    Ok(row.one(db).await?)
}
