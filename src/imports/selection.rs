//! The change set of a plan: from a query or a list of products, or from what an earlier job has changed.

use super::compare::Planned;
use super::plan::{BulkAction, BulkPlan, ClosedCatalog, Plan, Selection, UndoPlan};
use super::statements::{PLANNED, bulk_change_set, keep_changed_since, skip_applied, undo_change_set};
use super::work::{Stop, Work};
use super::{Phase, claims, found};
use crate::audit::Actor;
use crate::catalogs;
use crate::database::Database;
use crate::database::bulk::Cell;
use crate::database::clock::now;
use crate::error::Error;
use crate::products::Matching;
use crate::timestamp::Timestamp;
use crate::webhooks::outbox;

const MATCHED: &str = "SELECT count(*) FROM {scratch:change_set}";
const PROBLEMS: &str = "SELECT count(*) FROM import_problems WHERE import_id = $1";

/// Makes the change set of a plan.
pub(super) async fn select(work: &mut Work, plan: &Plan) -> Result<Planned, Stop> {
    let message = "Looking for the products";
    work.reporter.begin(Phase::Comparing, message).await?;
    found::gather(&mut work.bulk).await?;
    match plan {
        Plan::Bulk(plan) => of_bulk(work, plan).await?,
        Plan::Undo(plan) => of_undo(work, plan).await?,
    }
    found::hand_over(work).await?;
    work.wish.check()?;
    let [matched] = work.bulk.numbers(MATCHED, &[]).await?;
    if let (Plan::Bulk(plan), None) = (plan, &work.claim.checkpoint) {
        check_number(plan, matched)?;
    }
    if let Some(checkpoint) = work.claim.checkpoint.clone() {
        work.bulk
            .execute(&skip_applied(work.statements.order), &[Cell::Text(&checkpoint)])
            .await?;
    }
    let [creates, updates, last] = work.bulk.numbers(PLANNED, &[]).await?;
    let [kept] = work.bulk.numbers(PROBLEMS, &[Cell::Int(work.claim.id)]).await?;
    let goes_on = work.claim.checkpoint.is_some();
    let progress = &mut work.reporter.progress;
    let total = progress.total.filter(|_| goes_on).unwrap_or(matched);
    (progress.total, progress.read, progress.failed) = (Some(total), total, kept);
    progress.unchanged = total - kept - progress.updated - updates;
    Ok(Planned { creates, updates, last })
}

async fn of_bulk(work: &mut Work, plan: &BulkPlan) -> Result<(), Stop> {
    if plan.action == BulkAction::Purge {
        // A job before this one may have begun what was not to be seen when this was planned.
        outbox::refuse_while_telling(work.database.writer())
            .await
            .map_err(refusal)?;
    }
    let matching = matching(&work.database, plan).await.map_err(refusal)?;
    for statement in bulk_change_set(plan.action, &matching) {
        work.bulk.execute_sql(statement).await?;
    }
    for statement in keep_changed_since(work.claim.id, plan.newest_change) {
        work.bulk.execute(&statement, &[]).await?;
    }
    Ok(())
}

/// The products that a plan is about, as a condition.
pub(super) async fn matching(database: &Database, plan: &BulkPlan) -> crate::error::Result<Matching> {
    match &plan.selection {
        Selection::Ids(ids) => Ok(Matching::ids(database.backend(), ids.clone(), plan.newest)),
        Selection::Matching(query) => Matching::query(database.reader(), query, plan.newest).await,
    }
}

async fn of_undo(work: &mut Work, plan: &UndoPlan) -> Result<(), Stop> {
    // Whatever an attempt before this one has noted is found again.
    found::forget(work, "TRUE").await?;
    let reopened = match &plan.reopens {
        Some(closed) => {
            reopen(work, closed).await?;
            Some(closed.id)
        }
        None => None,
    };
    let moment = Timestamp::from(now());
    for statement in undo_change_set(plan.import, work.bulk.is_postgres(), moment.as_str(), reopened) {
        work.bulk.execute(&statement, &[]).await?;
    }
    Ok(())
}

/// A catalogue that has gone with the job is there again before its products come back into it.
async fn reopen(work: &Work, closed: &ClosedCatalog) -> Result<(), Stop> {
    let by = Actor::from(work.claim.created_by.as_str());
    let transaction = work.database.begin_change().await?;
    if !claims::holds(&transaction, &work.claim).await? {
        transaction.rollback().await?;
        return Err(Stop::Lost);
    }
    catalogs::reopen(&transaction, (closed.id, &closed.name), &closed.created_at, &by)
        .await
        .map_err(refusal)?;
    Ok(transaction.commit().await?)
}

fn refusal(error: Error) -> Stop {
    match error {
        Error::Refused(problem) => Stop::Refused(problem.detail),
        other => other.into(),
    }
}

/// What somebody has reviewed is what is done, or nothing.
fn check_number(plan: &BulkPlan, matched: i64) -> Result<(), Stop> {
    match plan.reviewed {
        Some(reviewed) if reviewed != matched => Err(Stop::Refused(format!(
            "When this was reviewed it was about {reviewed} products, and now it would be about {matched}. Nothing was changed. Review it again."
        ))),
        _ => Ok(()),
    }
}
