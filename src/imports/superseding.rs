//! A file that still waits for somebody when a newer one has come: it is dropped, so that nobody applies it after that one.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::statements::SCRATCH;
use super::{ImportStatus, store};
use crate::audit::{self, Action, Actor};
use crate::database::bulk::scratch;
use crate::database::clock::now;
use crate::entities::import::{Column, Entity};
use crate::error::Result;
use crate::services::Services;
use crate::webhooks::outbox;

/// Drops an import that waits, in favour of another. One that somebody has confirmed, or that is over, stays as it is.
///
/// # Errors
/// When the database or the folder of the scratch fails.
pub async fn supersede(services: &Services, id: i64, newer: i64, actor: &Actor) -> Result<()> {
    let transaction = services.database.begin().await?;
    let waits = Column::Status.eq(ImportStatus::AwaitingConfirmation.as_str());
    let words = format!("Nobody had confirmed it when a newer file came, as import #{newer}");
    let dropped = Entity::update_many()
        .col_expr(Column::Status, Expr::val(ImportStatus::Cancelled.as_str()))
        .col_expr(Column::Message, Expr::val(words))
        .col_expr(Column::FinishedAt, Expr::val(now()))
        .filter(Column::Id.eq(id).and(waits))
        .exec(&transaction)
        .await?;
    if dropped.rows_affected == 0 {
        return Ok(transaction.rollback().await?);
    }
    let import = store::get(&transaction, id).await?;
    outbox::job_ended(&transaction, &import).await?;
    let object = Some(store::object(&import));
    audit::record(&transaction, actor, Action::JobCancelled, object, None).await?;
    transaction.commit().await?;
    services.webhook_wake.wake();
    if let Some(review) = &import.review {
        let dir = &services.config.scratch_dir;
        scratch::remove(&services.database, dir, &review.scratch, &SCRATCH).await?;
    }
    Ok(())
}
