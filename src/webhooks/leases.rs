//! Which process sends for which webhook: each at one time only, until it says nothing for a while.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, Statement,
};

use crate::database::sql::Sql;
use crate::database::{Database, clock};
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
pub(super) async fn lease(database: &Database, owner: &str, webhooks: &[i64], milliseconds: i64) -> Result<Vec<i64>> {
    if webhooks.is_empty() {
        return Ok(Vec::new());
    }
    let backend = database.backend();
    let clock = clock::milliseconds(backend);
    let transaction = database.begin().await?;
    let mut free = Sql::new(backend);
    free.push("SELECT id FROM webhooks WHERE id IN (").numbers(webhooks);
    free.push(") AND (lease_owner = ").bind(owner);
    // In the order in which results are written, so that the two do not wait for each other.
    let lock = if free.is_postgres() { " FOR NO KEY UPDATE" } else { "" };
    free.push(&format!(" OR lease_until < {clock}) ORDER BY id{lock}"));
    let ours = ids(&transaction, free.statement()).await?;
    if !ours.is_empty() {
        // In a statement of its own, which sees the rows as they are once they are locked. One that locks and changes goes by how they were
        // before: where somebody has changed one meanwhile, it waits for whoever waits for it.
        let mut take = Sql::new(backend);
        take.push(&format!(
            "UPDATE webhooks SET lease_until = {clock} + {milliseconds}, lease_owner = "
        ));
        take.bind(owner).push(" WHERE id IN (").numbers(&ours).push(")");
        transaction.execute_raw(take.statement()).await?;
    }
    transaction.commit().await?;
    Ok(ours)
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

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::time::{Duration, Instant};

    use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};

    use super::{lease, owned};
    use crate::database::Database;
    use crate::testing::{Kind, Shop};
    use crate::webhooks::{self, draft::WebhookText};

    /// Waits until so many statements wait for somebody.
    async fn until_waiting(database: &Database, statements: i64) {
        let sql = "SELECT count(*) AS number FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            assert!(Instant::now() < patience, "{statements} statements do not wait");
            let statement = Statement::from_string(DatabaseBackend::Postgres, sql);
            let row = database.reader().query_one_raw(statement).await.expect("the locks");
            if row.expect("a row").try_get::<i64>("", "number").expect("a number") >= statements {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn renewing_a_lease_and_writing_by_it_do_not_wait_for_each_other() {
        let shop = Shop::open(Kind::Postgres).await;
        let database = &shop.services.database;
        let text = WebhookText {
            url: Some("https://example.com/".to_owned()),
            events: Some(vec!["product.created".to_owned()]),
            ..WebhookText::default()
        };
        let (webhook, _) = webhooks::add(&shop.services, &text, None, &"ana".into())
            .await
            .expect("a webhook");
        let id = webhook.id;
        let renew = |database: Database| async move { lease(&database, "here", &[id], 60_000).await };
        assert_eq!(renew(database.clone()).await.expect("free"), [id]);
        for _ in 0..3 {
            let before = database.begin().await.expect("a transaction");
            let change = format!("UPDATE webhooks SET failures = failures + 1 WHERE id = {id}");
            before.execute_unprepared(&change).await.expect("changed");
            let renewed = tokio::spawn(renew(database.clone()));
            until_waiting(database, 1).await;
            let other = database.clone();
            let written = tokio::spawn(async move {
                let transaction = other.begin().await?;
                let row = owned(&transaction, id, "here").await?;
                transaction.commit().await?;
                crate::error::Result::Ok(row.is_some())
            });
            until_waiting(database, 2).await;
            before.commit().await.expect("committed");
            assert_eq!(renewed.await.expect("no panic").expect("no deadlock"), [id]);
            assert!(written.await.expect("no panic").expect("no deadlock"));
        }
    }
}
