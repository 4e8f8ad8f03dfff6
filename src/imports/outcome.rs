//! How an import ended: its record, the words for it, and the tables left in good order.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use super::claims;
use super::indexes;
use super::live::Live;
use super::matching::memory;
use super::plan::Plan;
use super::review::Review;
use super::runner::Done;
use super::statements::{SCRATCH, STAGED, Statements};
use super::totals::Totals;
use super::work::{Stop, Work};
use super::{ImportKind, ImportStatus, Progress};
use crate::audit::Actor;
use crate::database::{Database, settled};
use crate::error::Result;
use crate::monitoring::Measure;

/// What is left to do with what an attempt has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Another attempt makes it anew.
    GoesOn,
    /// Somebody looks at it.
    Checked,
    Over,
}

/// A transaction in which nobody else changes products, with all in it that comes after the last batch but the end of the import itself.
pub(super) async fn last_steps(database: &Database, statements: &Statements) -> Result<DatabaseTransaction> {
    let totals = if statements.recounts {
        Some(Totals::count(database.reader()).await?)
    } else {
        None
    };
    let transaction = database.begin().await?;
    settled(&transaction).await?;
    for finish in &statements.finish {
        transaction.execute_unprepared(finish).await?;
    }
    if let Some(totals) = totals {
        totals.put_right(&transaction).await?;
    }
    Ok(transaction)
}

/// Writes how the import ended, unless it has not.
pub(super) async fn record(work: &mut Work, done: std::result::Result<Done, Stop>, live: &Live) -> Result<()> {
    let stop = match done {
        Ok(Done::Applied) => None,
        Ok(Done::Checked(review)) if wait_for_confirmation(work, &review, live).await? => return Ok(()),
        // Somebody wished it to stop at the last moment, or another worker has taken it over; the record below is made only if it is ours.
        Ok(Done::Checked(_)) => Some(Stop::Cancelled),
        Err(Stop::Lost) => {
            tracing::warn!("another worker has taken the import over");
            return Ok(());
        }
        Err(Stop::ShuttingDown) => return claims::release(work.database.writer(), &work.claim).await,
        Err(Stop::Failed(error)) => return Err(error),
        Err(stop) => Some(stop),
    };
    let is_check = work.is_check();
    let progress = &mut work.reporter.progress;
    conclude(work.claim.kind, is_check, progress, stop);
    let progress = progress.clone();
    let transaction = last_steps(&work.database, &work.statements).await?;
    let ours = claims::finish(&transaction, &work.claim, &progress).await?;
    if ours && let (Some(Plan::Undo(plan)), ImportStatus::Completed) = (&work.claim.plan, progress.status) {
        claims::mark_undone(&transaction, plan.import, work.claim.id).await?;
    }
    if let (true, Some(Plan::Bulk(plan)), ImportStatus::Completed) = (ours, &work.claim.plan, progress.status)
        && let Some(catalog) = plan.closes_catalog
    {
        let by = Actor::from(work.claim.created_by.as_str());
        crate::catalogs::close(&transaction, catalog, &by).await?;
    }
    if ours && progress.status == ImportStatus::Completed && work.claim.kind.has_file() {
        let claim = &work.claim;
        memory::remember(&transaction, claim.kind, &claim.format, &claim.file_name, progress.read).await?;
    }
    transaction.commit().await?;
    if ours {
        tracing::info!(status = progress.status.as_str(), "import is over");
        match progress.status {
            ImportStatus::Completed => work.tally.add(Measure::ImportsCompleted, 1),
            ImportStatus::Failed => work.tally.add(Measure::ImportsFailed, 1),
            _ => {}
        }
        live.close(work.claim.id, progress);
    }
    Ok(())
}

/// Hands what a check has found to somebody. Says whether the import waits for them now.
async fn wait_for_confirmation(work: &mut Work, review: &Review, live: &Live) -> Result<bool> {
    let mut progress = work.reporter.progress.clone();
    progress.status = ImportStatus::AwaitingConfirmation;
    progress.phase = None;
    progress.eta_seconds = None;
    progress.percent = 0.0;
    "Checked. Nothing has been changed yet".clone_into(&mut progress.message);
    if !claims::checked(work.database.writer(), &work.claim, &progress, review).await? {
        return Ok(false);
    }
    tracing::info!(changes = review.changes(), "import is checked");
    live.close(work.claim.id, progress);
    Ok(true)
}

fn conclude(kind: ImportKind, is_check: bool, progress: &mut Progress, stop: Option<Stop>) {
    progress.phase = None;
    progress.eta_seconds = None;
    let (done, stopped, cancelled) = match kind {
        _ if is_check => ("", "The check stopped", "Cancelled. Nothing was changed"),
        ImportKind::Products | ImportKind::Catalogs => (
            "Import finished",
            "The import stopped",
            "Cancelled. Rows that were already applied stay",
        ),
        ImportKind::BulkDelete => (
            "Deletion finished",
            "The deletion stopped",
            "Cancelled. Products that were already deleted can be restored",
        ),
        ImportKind::BulkUpdate => (
            "Change finished",
            "The change stopped",
            "Cancelled. Products that were already changed stay so",
        ),
        ImportKind::Undo => (
            "Undo finished",
            "The undo stopped",
            "Cancelled. Products that were already set back stay so",
        ),
    };
    let (status, message, error) = match stop {
        None => (ImportStatus::Completed, done, None),
        Some(Stop::Refused(reason)) => (ImportStatus::Failed, stopped, Some(reason)),
        Some(_) => (ImportStatus::Cancelled, cancelled, None),
    };
    progress.status = status;
    message.clone_into(&mut progress.message);
    progress.error = error;
    if status == ImportStatus::Completed {
        progress.percent = 100.0;
    }
    progress.processed = progress.decided();
}

/// Removes the scratch and leaves the tables in good order for the queries that follow.
pub(super) async fn clean_up(mut work: Work, rest: Rest) -> Result<()> {
    if rest == Rest::Checked {
        return work.bulk.keep(&STAGED).await;
    }
    if rest == Rest::Over {
        indexes::restore(&mut work.bulk, work.statements.scattered).await?;
    }
    let postgres = work.bulk.is_postgres();
    let changed = work.reporter.progress.created + work.reporter.progress.updated > 10_000;
    if changed {
        let analyze = if postgres {
            "ANALYZE products, changes"
        } else {
            "ANALYZE main"
        };
        let analyzed = work.bulk.execute(analyze, &[]).await;
        work.bulk.close(&SCRATCH).await?;
        return analyzed.map(drop);
    }
    work.bulk.close(&SCRATCH).await
}
