//! The stage is compared with the catalogue: a few statements over whole tables, however many rows there are.

use super::check::Headers;
use super::options::OnProblems;
use super::statements::{Blamed, Deferred, FileStatements, PLANNED, Refusal, skip_applied};
use super::work::{Stop, Work};
use super::{Phase, found};
use crate::database::bulk::Cell;

/// What the comparison found, besides the rows of the change set.
pub(super) struct Planned {
    /// Rows to create and to update, without those that an earlier attempt has applied.
    pub creates: i64,
    pub updates: i64,
    /// The highest `seq`.
    pub last: i64,
}

const UNLISTED: &str = "SELECT count(*) FROM {scratch:change_set} WHERE row_no IS NULL";
const KEPT: &str = "SELECT count(*) FROM import_problems WHERE import_id = $1 AND kind = 'changed_since'";

/// Makes the change set of a file. `staged` rows are in the stage.
pub(super) async fn compare(
    work: &mut Work,
    statements: &FileStatements,
    headers: &Headers,
    staged: i64,
) -> Result<Planned, Stop> {
    work.reporter
        .begin(Phase::Comparing, "Comparing with the catalogue")
        .await?;
    let compared = staged - sort_out(work, statements, headers).await?;
    found::hand_over(work).await?;
    work.reporter.report(0.2, 0).await?;
    stop_for_problems(work)?;
    if work.claim.format.uses("catalog") {
        for statement in &statements.create_related {
            work.bulk.execute(statement, &[]).await?;
        }
    }
    work.wish.check()?;
    for statement in &statements.compare {
        work.bulk.execute(statement, &[]).await?;
    }
    work.wish.check()?;
    found::hand_over(work).await?;
    if statements.deferred.is_some() {
        stop_for_other_catalogs(work).await?;
    }
    let rejected = match &statements.rejects {
        Some(refusal) => refuse(work, refusal, headers).await?,
        None => 0,
    };
    found::hand_over(work).await?;
    stop_for_problems(work)?;
    work.reporter.report(0.8, 0).await?;
    let planned = settle(work, statements, compared - rejected).await?;
    if let Some(Deferred { choose, make, place }) = &statements.deferred {
        work.bulk.execute(choose, &[]).await?;
        work.begin_ours().await?;
        work.bulk.execute(make, &[]).await?;
        work.bulk.commit().await?;
        work.bulk.execute(place, &[]).await?;
    }
    Ok(planned)
}

/// Takes out of the stage what cannot be used, and says how many rows that were.
async fn sort_out(work: &mut Work, statements: &FileStatements, headers: &Headers) -> Result<i64, Stop> {
    let repeated = count(
        work.bulk
            .execute(&statements.repeated, &[Cell::Text(&headers.key)])
            .await?,
    );
    if repeated > 0 {
        for statement in &statements.drop_repeated {
            work.bulk.execute(statement, &[]).await?;
        }
    }
    let progress = &mut work.reporter.progress;
    progress.superseded = 0;
    if statements.repeated_are_refused {
        progress.failed += repeated;
    } else {
        progress.superseded = repeated;
    }
    let mut refused = repeated;
    for refusal in &statements.refusals {
        refused += refuse(work, refusal, headers).await?;
    }
    Ok(refused)
}

async fn refuse(work: &mut Work, refusal: &Refusal, headers: &Headers) -> Result<i64, Stop> {
    let header = match refusal.column {
        Blamed::Name => &headers.name,
        Blamed::Catalog => &headers.catalog,
    };
    let refused = count(work.bulk.execute(&refusal.report, &[Cell::Text(header)]).await?);
    if refused > 0 {
        for statement in &refusal.remove {
            work.bulk.execute(statement, &[]).await?;
        }
    }
    work.reporter.progress.failed += refused;
    Ok(refused)
}

/// Whoever wants all rows or none gets none while there are problems. A check goes on, to show them all.
fn stop_for_problems(work: &Work) -> Result<(), Stop> {
    let failed = work.reporter.progress.failed;
    let is_meant = work.claim.options.on_problems == OnProblems::Stop && work.claim.checkpoint.is_none();
    if failed == 0 || !is_meant || work.is_check() {
        return Ok(());
    }
    Err(Stop::Refused(format!(
        "{failed} rows of the file have problems, and all rows were to be good. Nothing was changed. Correct them and import the file again."
    )))
}

/// Leaves out what is applied already and what others have changed meanwhile, and counts the rest.
async fn settle(work: &mut Work, statements: &FileStatements, compared: i64) -> Result<Planned, Stop> {
    let goes_on = work.claim.checkpoint.clone();
    if let Some(checkpoint) = &goes_on {
        let skip = skip_applied(work.statements.order);
        work.bulk.execute(&skip, &[Cell::Text(checkpoint)]).await?;
    }
    for statement in &statements.keep_reviewed {
        work.bulk.execute(statement, &[]).await?;
    }
    found::hand_over(work).await?;
    let [kept] = work.bulk.numbers(KEPT, &[Cell::Int(work.claim.id)]).await?;
    let [unlisted] = work.bulk.numbers(UNLISTED, &[]).await?;
    let [creates, updates, last] = work.bulk.numbers(PLANNED, &[]).await?;
    let earlier = goes_on.and(work.claim.progress.total).unwrap_or(0);
    let progress = &mut work.reporter.progress;
    progress.failed += kept;
    // Products that the file does not list are part of the work, too; some of them may have been applied already.
    let total = earlier.max(progress.read + unlisted);
    progress.total = Some(total);
    let decided = kept + progress.created + progress.updated + creates + updates;
    progress.unchanged = compared + total - progress.read - decided;
    stop_for_problems(work)?;
    stop_for_more(work, creates, updates)?;
    Ok(Planned { creates, updates, last })
}

/// Catalogues that have come or gone since the check would change what nobody has reviewed.
async fn stop_for_other_catalogs(work: &mut Work) -> Result<(), Stop> {
    const NEW: &str = "SELECT count(*) FROM {scratch:new_catalogs}";
    const CHOSEN: &str = "SELECT count(*) FROM catalogs WHERE id = $1";
    let Some(review) = work.claim.review.clone().filter(|_| work.claim.checkpoint.is_none()) else {
        return Ok(());
    };
    let [new] = work.bulk.numbers(NEW, &[]).await?;
    let chosen_is_gone = match work.claim.options.catalog_id {
        Some(chosen) => work.bulk.numbers(CHOSEN, &[Cell::Int(chosen)]).await? == [0],
        None => false,
    };
    if new > review.new_catalogs || chosen_is_gone {
        return Err(Stop::Refused(format!(
            "Catalogues were changed since the check. {OTHERWISE}"
        )));
    }
    Ok(())
}

const OTHERWISE: &str = "Nothing was changed. Upload the file again to see what it would do now.";

/// What is applied is no more than what was reviewed.
fn stop_for_more(work: &Work, creates: i64, updates: i64) -> Result<(), Stop> {
    let (Some(review), false) = (&work.claim.review, work.is_check()) else {
        return Ok(());
    };
    let progress = &work.reporter.progress;
    let reviewed = review.updated + review.restored + review.deleted;
    if progress.created + creates <= review.created && progress.updated + updates <= reviewed {
        return Ok(());
    }
    Err(Stop::Refused(format!(
        "Products were changed since the check, so that more would be added or changed than was reviewed. {OTHERWISE}"
    )))
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
