//! What came of the attempts, written down in batches: many results in one transaction, each only while its webhook is this process's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait as _, LockType, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DatabaseBackend, DatabaseTransaction, EntityTrait as _,
    Order, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use super::breaker::Breaker;
use super::client::Answer;
use super::outbox::{self, milliseconds};
use super::schedule::{self, Wish};
use super::{Cause, DeliveryStatus, WebhookStatus, figures, leases, switches};
use crate::audit::Actor;
use crate::database::Database;
use crate::entities::{webhook, webhook_attempt, webhook_delivery};
use crate::error::Result;
use crate::monitoring::{Measure, tally::Tally};

/// Results that are written together.
const TOGETHER: usize = 200;
/// Half seconds for which a database that is away is waited for.
const PATIENCE: usize = 60;
/// Answers of one delivery that are kept in full; of older ones only what came of them.
const ANSWERS: u64 = 3;
/// A receiver that has taken nothing for so long is not called any more.
const GIVEN_UP_AFTER: time::Duration = time::Duration::days(5);
const GONE: &str = "The receiver answered 410: it does not want these events any more.";
const NOTHING_ARRIVED: &str = "Nothing has arrived for five days.";

/// An attempt that is over.
pub(super) struct Done {
    pub webhook: i64,
    pub delivery: i64,
    /// Failed attempts of the present run of the plan before this one.
    pub tries: i64,
    pub cause: Cause,
    pub url: String,
    pub at: OffsetDateTime,
    pub answer: Answer,
    /// As it stands after this attempt.
    pub breaker: Breaker,
    /// Told when it is written.
    pub written: oneshot::Sender<()>,
}

/// Writes results down until nobody sends any more.
pub(super) async fn run(database: Database, owner: String, tally: Tally, mut results: mpsc::Receiver<Done>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while results.recv_many(&mut batch, TOGETHER).await > 0 {
        keep(&database, &owner, &batch).await;
        for done in batch.drain(..) {
            tally.add(measure_of(&done), 1);
            // Nobody waits when its sender has given up.
            let _ = done.written.send(());
        }
    }
}

fn measure_of(done: &Done) -> Measure {
    if done.answer.arrived() {
        Measure::CallsArrived
    } else {
        Measure::CallsFailed
    }
}

/// What is not written is sent again, so a database that is away for a while is waited for. If one result stands in the way of all the
/// others, each is written by itself.
async fn keep(database: &Database, owner: &str, batch: &[Done]) {
    for _ in 0..PATIENCE {
        let Err(error) = write(database, owner, batch).await else {
            return;
        };
        tracing::warn!(%error, "results of webhooks could not be written and are tried again");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for done in batch {
        if let Err(error) = write(database, owner, std::slice::from_ref(done)).await {
            tracing::error!(%error, delivery = done.delivery, "the result of a call is lost; it will be made again");
        }
    }
}

async fn write(database: &Database, owner: &str, batch: &[Done]) -> Result<()> {
    let mut by_webhook: BTreeMap<i64, Vec<&Done>> = BTreeMap::new();
    for done in batch {
        by_webhook.entry(done.webhook).or_default().push(done);
    }
    let transaction = database.begin().await?;
    for (webhook, results) in by_webhook {
        // Whoever has taken it over has sent, and writes, by itself.
        let Some(row) = leases::owned(&transaction, webhook, owner).await? else {
            continue;
        };
        // A delivery may have gone while it was under way: it was too old, and nobody looks at it any more.
        let still_there = existing(&transaction, &results).await?;
        let results: Vec<&Done> = results
            .into_iter()
            .filter(|done| still_there.contains(&done.delivery))
            .collect();
        if results.is_empty() {
            continue;
        }
        for done in &results {
            write_delivery(&transaction, done).await?;
        }
        let attempts = results
            .iter()
            .map(|done| attempt(done.delivery, done.cause, &done.url, done.at, &done.answer));
        let attempts = attempts.collect::<Result<Vec<_>>>()?;
        webhook_attempt::Entity::insert_many(attempts)
            .exec_without_returning(&transaction)
            .await?;
        write_health(&transaction, &row, &results).await?;
    }
    Ok(transaction.commit().await?)
}

async fn existing(db: &DatabaseTransaction, results: &[&Done]) -> Result<BTreeSet<i64>> {
    let mut rows = webhook_delivery::Entity::find()
        .select_only()
        .column(webhook_delivery::Column::Id)
        .filter(webhook_delivery::Column::Id.is_in(results.iter().map(|done| done.delivery)))
        .order_by_asc(webhook_delivery::Column::Id);
    if db.get_database_backend() == DatabaseBackend::Postgres {
        rows = rows.lock(LockType::NoKeyUpdate);
    }
    let ids: Vec<i64> = rows.into_tuple().all(db).await?;
    Ok(ids.into_iter().collect())
}

async fn write_delivery(db: &DatabaseTransaction, done: &Done) -> Result<()> {
    use webhook_delivery::Column;
    let answer = &done.answer;
    let (status, next) = become_of(done);
    let mut update = webhook_delivery::Entity::update_many()
        .col_expr(Column::Status, Expr::val(status.as_str()))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::Tries, Expr::val(done.tries + 1))
        .col_expr(Column::ResponseStatus, Expr::val(answer.status.map(i64::from)))
        .col_expr(Column::DurationMs, Expr::val(duration(answer)))
        .col_expr(
            Column::ErrorKind,
            Expr::val(answer.failure.as_ref().map(|failure| failure.kind.as_str())),
        )
        .filter(Column::Id.eq(done.delivery));
    if let Some(next) = next {
        update = update.col_expr(Column::NextAttemptAt, Expr::val(milliseconds(done.at + next)));
    } else {
        update = update.col_expr(Column::FinishedAt, Expr::val(in_seconds(done.at)));
    }
    if !answer.arrived() {
        // What was put aside while it was under way stays there.
        update = update.filter(Column::Status.is_in(["pending", "retrying"]));
    }
    update.exec(db).await?;
    if done.tries >= 2 && !answer.arrived() {
        forget_old_answers(db, done.delivery).await?;
    }
    Ok(())
}

/// Of a receiver that refuses everything with long answers, the last ones say it all.
async fn forget_old_answers(db: &DatabaseTransaction, delivery: i64) -> Result<()> {
    use webhook_attempt::{Column, Entity};
    let last = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DeliveryId.eq(delivery))
        .order_by(Column::Id, Order::Desc)
        .limit(ANSWERS - 1)
        .into_query();
    let kept = Query::select()
        .column(Column::Id)
        .from_subquery(last, "last")
        .to_owned();
    Entity::update_many()
        .col_expr(Column::ResponseBody, Expr::val(None::<String>))
        .col_expr(Column::ResponseHeaders, Expr::val(None::<String>))
        .filter(Column::DeliveryId.eq(delivery))
        .filter(Column::Id.not_in_subquery(kept))
        .exec(db)
        .await?;
    Ok(())
}

fn become_of(done: &Done) -> (DeliveryStatus, Option<time::Duration>) {
    if done.answer.arrived() {
        return (DeliveryStatus::Delivered, None);
    }
    let wish = Wish {
        is_busy: done.answer.is_busy(),
        retry_after: done.answer.retry_after,
    };
    let pause = schedule::pause(done.tries + 1, wish, rand::random());
    match pause.filter(|_| done.answer.status != Some(410)) {
        Some(pause) => (DeliveryStatus::Retrying, Some(pause)),
        None => (DeliveryStatus::Failed, None),
    }
}

pub(super) fn in_seconds(moment: OffsetDateTime) -> OffsetDateTime {
    moment.replace_nanosecond(0).unwrap_or(moment)
}

fn duration(answer: &Answer) -> i64 {
    i64::try_from(answer.duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn attempt(
    delivery: i64,
    cause: Cause,
    url: &str,
    at: OffsetDateTime,
    answer: &Answer,
) -> Result<webhook_attempt::ActiveModel> {
    Ok(webhook_attempt::ActiveModel {
        delivery_id: Set(delivery),
        made_at: Set(in_seconds(at)),
        cause: Set(cause.as_str().to_owned()),
        url: Set(url.to_owned()),
        duration_ms: Set(duration(answer)),
        request_headers: Set(serde_json::to_string(&answer.request_headers)?),
        response_status: Set(answer.status.map(i64::from)),
        response_headers: Set(answer
            .status
            .map(|_| serde_json::to_string(&answer.headers))
            .transpose()?),
        response_body: Set(answer.body.clone()),
        is_cut: Set(answer.is_cut),
        error_kind: Set(answer.failure.as_ref().map(|failure| failure.kind.as_str().to_owned())),
        error: Set(answer.failure.as_ref().map(|failure| failure.text.clone())),
        ..Default::default()
    })
}

/// How it goes with the webhook as a whole; it is given up when the receiver says so, or has taken nothing for days.
async fn write_health(db: &DatabaseTransaction, row: &webhook::Model, results: &[&Done]) -> Result<()> {
    use webhook::Column;
    let Some(last) = results.last() else { return Ok(()) };
    let delivered = results.iter().filter(|done| done.answer.arrived()).count() as i64;
    let failed = results.len() as i64 - delivered;
    let at = milliseconds(last.at);
    figures::count_hour(db, row.id, at, (delivered, failed)).await?;
    let failing_since = if last.answer.arrived() {
        None
    } else {
        let since_success = results.iter().rev().take_while(|done| !done.answer.arrived()).last();
        let first = since_success.map_or(at, |done| milliseconds(done.at));
        row.failing_since.filter(|_| delivered == 0).or(Some(first))
    };
    let said = last.answer.status.map(|status| status.to_string());
    let failure = last
        .answer
        .failure
        .as_ref()
        .map(|failure| failure.kind.as_str().to_owned());
    webhook::Entity::update_many()
        .col_expr(Column::FailingSince, Expr::val(failing_since))
        .col_expr(Column::Failures, Expr::val(last.breaker.failures))
        .col_expr(Column::OpenUntil, Expr::val(last.breaker.open_until))
        .col_expr(Column::Openings, Expr::val(last.breaker.openings))
        .col_expr(Column::LastAttemptAt, Expr::val(at))
        .col_expr(Column::LastResponse, Expr::val(said.or(failure)))
        .filter(Column::Id.eq(row.id))
        .exec(db)
        .await?;
    let is_gone = results.iter().any(|done| done.answer.status == Some(410));
    let is_dead = failing_since.is_some_and(|since| (at - since) >= GIVEN_UP_AFTER.whole_milliseconds() as i64);
    if is_gone || is_dead {
        let because = if is_gone { GONE } else { NOTHING_ARRIVED };
        give_up(db, row, because).await?;
    }
    Ok(())
}

async fn give_up(db: &DatabaseTransaction, row: &webhook::Model, because: &str) -> Result<()> {
    if row.status != WebhookStatus::Enabled.as_str() {
        return Ok(());
    }
    let actor = Actor::from("Stockroom");
    switches::switch_off(db, row, WebhookStatus::DisabledAutomatically, Some(because), &actor).await?;
    tracing::warn!(webhook = row.id, because, "a webhook was disabled");
    outbox::webhook_disabled(db, row.id, &row.url, because).await
}
