//! The change set becomes products, batch by batch.
//!
//! A batch is one transaction: its rows, their history, the totals, and the import's checkpoint and counters under its fencing
//! token. So a batch happens once or not at all, and a worker that was thought dead cannot write.

use std::time::Instant;

use super::compare::Planned;
use super::pace::Pace;
use super::statements::{COUNT_BATCH, last_key};
use super::work::{Stop, Work};
use super::{ImportKind, Phase, indexes};
use crate::database::bulk::Cell;
use crate::error::Error;
use crate::monitoring::Measure;

/// Rows of the change set in one transaction: so many that commits cost little. SQLite has one writer at a time, so there it is fewer while others
/// wait. A plan on PostgreSQL holds no rows that anybody else would wait for, but for those that it changes.
const BATCH: i64 = 10_000;
const BATCH_OF_PLAN_POSTGRES: i64 = 50_000;
/// How often a batch is compared again because somebody else changed its products meanwhile.
const RACES: usize = 10;

/// Rows. With fewer the indexes are quickly kept up to date.
const MANY: i64 = 50_000;
const EXISTING: &str = "SELECT value FROM counters WHERE name = 'products'";

/// How many rows a batch created and updated.
struct Applied {
    created: i64,
    updated: i64,
}

pub(super) async fn apply(work: &mut Work, planned: &Planned) -> Result<(), Stop> {
    let (phase, message) = match work.claim.kind {
        ImportKind::Undo => (Phase::Undoing, "Setting back what was changed"),
        ImportKind::BulkDelete => (Phase::Applying, "Deleting the products"),
        _ => (Phase::Applying, "Applying the changes"),
    };
    work.reporter.begin(phase, message).await?;
    remember_attributes(work).await?;
    // Others would notice that they are missing, and wait while they are made.
    let is_alone = work.claim.plan.is_some() || !work.bulk.are_others_at_work();
    if is_alone && is_nearly_all(work, planned).await? {
        indexes::drop_scattered(work).await?;
    }
    work.bulk.prepare_for_small_steps().await?;
    let before = work.reporter.progress.created + work.reporter.progress.updated;
    let all = before + planned.creates + planned.updates;
    let mut pace = pace(work);
    let mut growth = Growth::of(work).await?;
    let mut from = 0;
    while from < planned.last {
        work.wish.check()?;
        let to = planned.last.min(from + pace.rows());
        let applied = batch(work, from, to, &mut pace).await?;
        work.tally.add(Measure::RowsApplied, applied.created + applied.updated);
        let progress = &mut work.reporter.progress;
        progress.created += applied.created;
        progress.updated += applied.updated;
        let done = progress.created + progress.updated;
        work.reporter.report(share(done, all), done - before).await?;
        growth.follow(work, applied.created).await?;
        from = to;
    }
    Ok(indexes::restore(&mut work.bulk, work.statements.scattered).await?)
}

/// A table that grows many times over. PostgreSQL keeps the ways to rows that it has chosen while there were few, until it has counted them again.
struct Growth {
    created: i64,
    next: i64,
}

impl Growth {
    async fn of(work: &mut Work) -> Result<Self, Stop> {
        let [existing] = work.bulk.numbers(EXISTING, &[]).await?;
        Ok(Self {
            created: 0,
            next: existing.max(BATCH / 2),
        })
    }

    async fn follow(&mut self, work: &mut Work, created: i64) -> Result<(), Stop> {
        self.created += created;
        if work.bulk.is_postgres() && self.created >= self.next {
            self.next = self.created * 8;
            work.bulk.execute("ANALYZE products", &[]).await?;
        }
        Ok(())
    }
}

fn pace(work: &Work) -> Pace {
    // Where the attempt before this one was killed, small steps lose less if that happens again.
    let is_large = work.bulk.is_postgres() && work.claim.plan.is_some() && work.claim.crashes == 0;
    Pace::new(if is_large { BATCH_OF_PLAN_POSTGRES } else { BATCH })
}

/// An export has a column for each extra attribute, in the order in which their names were first seen.
async fn remember_attributes(work: &mut Work) -> Result<(), Stop> {
    const REMEMBER: &str = "INSERT INTO attribute_names (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
    for name in work.claim.format.attributes() {
        work.bulk.execute(REMEMBER, &[Cell::Text(name)]).await?;
    }
    Ok(())
}

/// Whether nearly everything that there will be comes from this import, or nearly everything that there is is rewritten by it.
async fn is_nearly_all(work: &mut Work, planned: &Planned) -> Result<bool, Stop> {
    let [existing] = work.bulk.numbers(EXISTING, &[]).await?;
    let is_first_load = planned.creates >= MANY && planned.creates / 4 >= existing;
    let is_plan = work.claim.plan.is_some();
    Ok(is_first_load || (is_plan && planned.updates >= MANY && planned.updates >= existing / 5 * 4))
}

#[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
fn share(done: i64, all: i64) -> f64 {
    if all == 0 { 1.0 } else { done as f64 / all as f64 }
}

async fn batch(work: &mut Work, from: i64, to: i64, pace: &mut Pace) -> Result<Applied, Stop> {
    let range = [Cell::Int(from), Cell::Int(to)];
    for _ in 0..RACES {
        work.bulk.begin_change().await?;
        let began = Instant::now();
        match attempt(work, &range).await {
            Ok(Some(applied)) => {
                pace.took(began.elapsed(), work.bulk.is_wanted());
                work.bulk.commit().await?;
                return Ok(applied);
            }
            Ok(None) => compare_again(work, &range).await?,
            Err(stop) => {
                work.bulk.abandon().await;
                return Err(stop);
            }
        }
    }
    Err(Error::Stored("products of one batch were changed by others ten times in a row".into()).into())
}

/// Writes the batch, unless the products are no longer what they were compared with.
async fn attempt(work: &mut Work, range: &[Cell<'_>; 2]) -> Result<Option<Applied>, Stop> {
    let [expected] = work.bulk.numbers(COUNT_BATCH, range).await?;
    let (mut created, mut link) = (0, work.statements.link.as_slice());
    for create in &work.statements.create {
        created += count(work.bulk.execute(create, range).await?);
        for statement in std::mem::take(&mut link) {
            work.bulk.execute(statement, range).await?;
        }
    }
    for statement in link {
        work.bulk.execute(statement, range).await?;
    }
    let mut updated = 0;
    for update in &work.statements.update {
        updated += count(work.bulk.execute(update, range).await?);
    }
    if created + updated != expected {
        return Ok(None);
    }
    if updated > 0 {
        for record in &work.statements.record {
            work.bulk.execute(record, range).await?;
        }
    }
    for statement in &work.statements.follow {
        work.bulk.execute(statement, range).await?;
    }
    if let Some(total) = &work.statements.count {
        work.bulk
            .execute(total, &[range[0], range[1], Cell::Int(created)])
            .await?;
    }
    let applied = Applied { created, updated };
    checkpoint(work, range, &applied).await?;
    Ok(Some(applied))
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

async fn compare_again(work: &mut Work, range: &[Cell<'_>; 2]) -> Result<(), Stop> {
    work.bulk.rollback().await?;
    if let Some(keep) = work.statements.keep_changed.clone() {
        work.begin_ours().await?;
        let kept = count(work.bulk.execute(&keep, range).await?);
        work.bulk.commit().await?;
        work.reporter.progress.failed += kept;
    }
    for statement in &work.statements.compare_again {
        work.bulk.execute(statement, range).await?;
    }
    Ok(())
}

async fn checkpoint(work: &mut Work, range: &[Cell<'_>; 2], applied: &Applied) -> Result<(), Stop> {
    const CHECKPOINT: &str = "UPDATE imports SET checkpoint = $1, created = created + $2, updated = updated + $3
        WHERE id = $4 AND lease_token = $5 AND status = 'processing'";
    let Some(last) = work.bulk.text(&last_key(work.statements.order), range).await? else {
        return Ok(());
    };
    let values = [
        Cell::Text(&last),
        Cell::Int(applied.created),
        Cell::Int(applied.updated),
        Cell::Int(work.claim.id),
        Cell::Int(work.claim.token),
    ];
    if work.bulk.execute(CHECKPOINT, &values).await? == 1 {
        Ok(())
    } else {
        Err(Stop::Lost)
    }
}
