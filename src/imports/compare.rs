//! The stage is compared with the catalogue: a few statements over whole tables, however many rows there are.

use super::Phase;
use super::statements::{FileStatements, PLANNED, SKIP_APPLIED};
use super::work::{Stop, Work};
use crate::database::bulk::Cell;

/// What the comparison found, besides the rows of the change set.
pub(super) struct Planned {
    /// Rows to create and to update, without those that an earlier attempt has applied.
    pub creates: i64,
    pub updates: i64,
    /// The highest `seq`.
    pub last: i64,
}

/// Makes the change set of a file. `staged` rows are in the stage.
pub(super) async fn compare(
    work: &mut Work,
    statements: &FileStatements,
    key_header: &str,
    name_header: &str,
    staged: i64,
) -> Result<Planned, Stop> {
    work.reporter
        .begin(Phase::Comparing, "Comparing with the catalogue")
        .await?;
    let superseded = count(
        work.bulk
            .execute(&statements.superseded, &[Cell::Text(key_header)])
            .await?,
    );
    if let (Some(drop), 1..) = (&statements.drop_superseded, superseded) {
        work.bulk.execute(drop, &[]).await?;
    }
    work.reporter.progress.superseded = superseded;
    work.reporter.report(0.2, 0).await?;

    if let Some(create) = &statements.create_related
        && work.claim.format.uses("catalog")
    {
        work.bulk.execute(create, &[]).await?;
    }
    work.wish.check()?;
    for statement in &statements.compare {
        work.bulk.execute(statement, &[]).await?;
    }
    work.wish.check()?;
    let rejected = count(
        work.bulk
            .execute(&statements.reject, &[Cell::Text(name_header)])
            .await?,
    );
    if rejected > 0 {
        work.bulk.execute(&statements.drop_rejected, &[]).await?;
    }
    work.reporter.progress.failed += rejected;
    work.reporter.report(0.8, 0).await?;

    if let Some(checkpoint) = work.claim.checkpoint.clone() {
        work.bulk.execute(SKIP_APPLIED, &[Cell::Text(&checkpoint)]).await?;
    }
    let [creates, updates, last] = work.bulk.numbers(PLANNED, &[]).await?;
    let progress = &mut work.reporter.progress;
    progress.unchanged = staged - superseded - rejected - progress.created - progress.updated - creates - updates;
    Ok(Planned { creates, updates, last })
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
