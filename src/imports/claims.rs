//! The claim of a worker, and everything that a worker writes about its import.
//!
//! Every write names the fencing token of the claim; when no row matches, somebody else owns the import and the worker must stop.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, FromQueryResult as _, QueryFilter as _,
    Statement,
};

use super::options::ImportOptions;
use super::plan::Plan;
use super::review::Review;
use super::store::{find, import, object};
use super::{FileFormat, ImportKind, ImportStatus, ImportStep, Phase, Progress};
use crate::audit::{self, Action, Actor, Object};
use crate::database::clock::{self, now};
use crate::entities::import::{Column, Entity, Model};
use crate::error::Result;
use crate::webhooks::outbox;

/// How long a claim lasts without being renewed. Short, so that an import goes on soon after its worker was killed.
const LEASE_MILLISECONDS: i64 = 6_000;
/// Attempts that may end at the same place, one after the other, before the import is given up. Many: those who restart a server a few times in
/// a row are no fault of the file's, and a file that does end the process each time still ends in minutes.
pub(super) const MAX_CRASHES: i64 = 25;
/// Rows. The place is written twice a second, so the same one is never met to the row.
const SAME_PLACE: i64 = 10_000;

/// A worker's right to an import.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub id: i64,
    pub kind: ImportKind,
    pub token: i64,
    pub file_name: String,
    pub file_key: String,
    pub sha256: String,
    pub format: FileFormat,
    pub plan: Option<Plan>,
    pub step: ImportStep,
    pub options: ImportOptions,
    pub review: Option<Review>,
    pub corrects: Option<i64>,
    pub checkpoint: Option<String>,
    /// As the audit log names it, and who began it.
    pub object: Object,
    pub created_by: String,
    pub progress: Progress,
    /// Attempts in a row that have ended at the same place.
    pub crashes: i64,
}

/// Takes the oldest import that waits or whose worker has vanished.
pub(super) async fn claim(db: &impl ConnectionTrait) -> Result<Option<Claim>> {
    let backend = db.get_database_backend();
    let free = format!(
        "(status = 'pending' OR (status = 'processing' AND lease_until < {}))",
        clock::milliseconds(backend)
    );
    let oldest = format!("SELECT * FROM imports WHERE {free} ORDER BY id LIMIT 1");
    let Some(row) = Model::find_by_statement(Statement::from_string(backend, oldest))
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let (written, before) = (row.created + row.updated, row.crash_place.as_deref());
    let (crashes, place) = match row.status.as_str() {
        "processing" => (
            crashes(row.place.as_deref(), written, before, row.crashes),
            row.place.map(|place| format!("{place} {written}")),
        ),
        _ => (0, None),
    };
    let claim = format!(
        "UPDATE imports SET status = 'processing', lease_token = lease_token + 1, crashes = $1, crash_place = $2,
            lease_until = {} + {LEASE_MILLISECONDS}, started_at = coalesce(started_at, $3)
        WHERE id = $4 AND lease_token = $5 AND {free} RETURNING *",
        clock::milliseconds(backend)
    );
    let values = [
        crashes.into(),
        place.into(),
        now().into(),
        row.id.into(),
        row.lease_token.into(),
    ];
    let claimed = Model::find_by_statement(Statement::from_sql_and_values(backend, claim, values))
        .one(db)
        .await?;
    claimed.map(|row| claim_of(&row)).transpose()
}

/// How many attempts in a row have ended where the last one did, which was at `place` after `written` rows. The ones before it, `crashes`
/// of them, ended at `before`. One that was given back in order has no place.
fn crashes(place: Option<&str>, written: i64, before: Option<&str>, crashes: i64) -> i64 {
    let Some(place) = place.and_then(place_of) else {
        return 0;
    };
    let is_same = |before: Place<'_>| {
        // Rows are counted from where the attempt has begun; what it has written says whether it came further.
        let came_further = before.written != Some(written);
        place.phase == before.phase && (place.row - before.row).abs() <= SAME_PLACE && !came_further
    };
    if before.and_then(place_of).is_some_and(is_same) {
        crashes + 1
    } else {
        1
    }
}

struct Place<'p> {
    phase: &'p str,
    row: i64,
    written: Option<i64>,
}

/// A place as it is stored: `applying 120000`, and behind that, of an attempt that has ended, the rows written until then.
fn place_of(text: &str) -> Option<Place<'_>> {
    let mut words = text.split(' ');
    Some(Place {
        phase: words.next()?,
        row: words.next()?.parse().ok()?,
        written: words.next().and_then(|word| word.parse().ok()),
    })
}

fn claim_of(row: &Model) -> Result<Claim> {
    let import = import(row)?;
    Ok(Claim {
        id: row.id,
        object: object(&import),
        file_name: import.file_name,
        created_by: import.created_by,
        kind: import.kind,
        token: row.lease_token,
        file_key: row.file_key.clone(),
        sha256: row.sha256.clone(),
        format: import.format,
        plan: import.plan,
        step: import.step,
        options: import.options,
        review: import.review,
        corrects: import.corrects,
        checkpoint: row.checkpoint.clone(),
        progress: import.progress,
        crashes: row.crashes,
    })
}

/// What a worker learns when it says that it is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heartbeat {
    GoOn,
    Cancel,
    /// Another worker has taken over.
    Lost,
}

pub(super) async fn renew(db: &impl ConnectionTrait, claim: &Claim) -> Result<Heartbeat> {
    let sql = format!(
        "UPDATE imports SET lease_until = {} + {LEASE_MILLISECONDS}
        WHERE id = $1 AND lease_token = $2 AND status = 'processing' RETURNING cancel_requested",
        clock::milliseconds(db.get_database_backend())
    );
    let values = [claim.id.into(), claim.token.into()];
    let row = db
        .query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values))
        .await?;
    let Some(row) = row else { return Ok(Heartbeat::Lost) };
    Ok(if row.try_get::<bool>("", "cancel_requested")? {
        Heartbeat::Cancel
    } else {
        Heartbeat::GoOn
    })
}

/// Gives the import back so that the next worker can go on at once; that is no crash.
pub(super) async fn release(db: &impl ConnectionTrait, claim: &Claim) -> Result<()> {
    owned(claim)
        .col_expr(Column::LeaseUntil, Expr::val(0))
        .col_expr(Column::QueuedAt, Expr::val(now()))
        .col_expr(Column::Place, Expr::val(None::<String>))
        .exec(db)
        .await?;
    Ok(())
}

/// Writes how far the import is: at which row of its phase the present attempt is, and the rest for those who watch. The counters of applied rows are not touched: each batch writes them itself.
pub(super) async fn save_progress(
    db: &impl ConnectionTrait,
    claim: &Claim,
    progress: &Progress,
    row: i64,
) -> Result<bool> {
    let saved = owned(claim)
        .col_expr(
            Column::Place,
            Expr::val(progress.phase.map(|phase| format!("{} {row}", phase.as_str()))),
        )
        .col_expr(Column::Phase, Expr::val(progress.phase.map(Phase::as_str)))
        .col_expr(Column::Total, Expr::val(progress.total))
        .col_expr(Column::ReadRows, Expr::val(progress.read))
        .col_expr(Column::Unchanged, Expr::val(progress.unchanged))
        .col_expr(Column::Failed, Expr::val(progress.failed))
        .col_expr(Column::Superseded, Expr::val(progress.superseded))
        .col_expr(Column::Percent, Expr::val(progress.percent))
        .col_expr(Column::RowsPerSecond, Expr::val(progress.rows_per_second))
        .col_expr(Column::EtaSeconds, Expr::val(progress.eta_seconds))
        .col_expr(Column::Message, Expr::val(progress.message.clone()))
        .exec(db)
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Whether the claim still holds; if so, nobody can take it over until the transaction has ended.
pub(super) async fn holds(transaction: &DatabaseTransaction, claim: &Claim) -> Result<bool> {
    let locked = owned(claim)
        .col_expr(Column::Crashes, Expr::col(Column::Crashes))
        .exec(transaction)
        .await?;
    Ok(locked.rows_affected == 1)
}

/// Ends the import. Says whether it was still this worker's.
pub(super) async fn finish(db: &impl ConnectionTrait, claim: &Claim, progress: &Progress) -> Result<bool> {
    save_progress(db, claim, progress, 0).await?;
    let ended = owned(claim)
        .col_expr(Column::Status, Expr::val(progress.status.as_str()))
        .col_expr(Column::Phase, Expr::val(None::<String>))
        .col_expr(Column::Error, Expr::val(progress.error.clone()))
        .col_expr(Column::FinishedAt, Expr::val(now()))
        .exec(db)
        .await?;
    if ended.rows_affected == 1 {
        let outcome = serde_json::json!({
            "status": progress.status.as_str(), "created": progress.created, "updated": progress.updated,
            "unchanged": progress.unchanged, "failed": progress.failed,
        });
        let (by, object) = (Actor::from(claim.created_by.as_str()), claim.object.clone());
        audit::record(db, &by, Action::JobFinished, Some(object), Some(outcome)).await?;
        outbox::job_ended(db, &import(&find(db, claim.id).await?)?).await?;
    }
    Ok(ended.rows_affected == 1)
}

/// Ends a check: from here on the import waits for somebody. Says whether it was still this worker's.
pub(super) async fn checked(
    db: &impl ConnectionTrait,
    claim: &Claim,
    progress: &Progress,
    review: &Review,
) -> Result<bool> {
    save_progress(db, claim, progress, 0).await?;
    let waiting = owned(claim)
        .filter(Column::CancelRequested.eq(false))
        .col_expr(Column::StartedAt, Expr::val(None::<time::OffsetDateTime>))
        .col_expr(Column::Status, Expr::val(ImportStatus::AwaitingConfirmation.as_str()))
        .col_expr(Column::Phase, Expr::val(None::<String>))
        .col_expr(Column::Place, Expr::val(None::<String>))
        .col_expr(Column::Review, Expr::val(serde_json::to_string(review)?))
        .exec(db)
        .await?;
    Ok(waiting.rows_affected == 1)
}

/// Writes down that one job has taken back another. If that one was an undo itself, what it had taken back stands again.
pub(super) async fn mark_undone(db: &impl ConnectionTrait, id: i64, by: i64) -> Result<()> {
    let undone = find(db, id).await?;
    let mark = |id: i64, status: ImportStatus| {
        Entity::update_many()
            .col_expr(Column::Status, Expr::val(status.as_str()))
            .filter(Column::Id.eq(id))
    };
    let by = mark(id, ImportStatus::Undone).col_expr(Column::UndoneBy, Expr::val(by));
    by.exec(db).await?;
    if let Some(earlier) = undone.undoes {
        let whole = find(db, earlier).await?.percent >= 100.0;
        let before = if whole {
            ImportStatus::Completed
        } else {
            ImportStatus::Cancelled
        };
        mark(earlier, before).exec(db).await?;
    }
    Ok(())
}

fn owned(claim: &Claim) -> sea_orm::UpdateMany<Entity> {
    let ours = Column::Id
        .eq(claim.id)
        .and(Column::LeaseToken.eq(claim.token))
        .and(Column::Status.eq("processing"));
    Entity::update_many().filter(ours)
}

#[cfg(test)]
mod tests {
    use super::crashes;

    #[test]
    fn attempts_that_end_at_the_same_place_without_having_written_anything_are_counted() {
        for (place, written, before, expected) in [
            (Some("applying 20000"), 40_000, Some("applying 20000 40000"), 4),
            (Some("applying 29000"), 40_000, Some("applying 20000 40000"), 4),
            (Some("reading 0"), 0, Some("reading 0 0"), 4),
            // It came further, or ended elsewhere.
            (Some("applying 20000"), 50_000, Some("applying 20000 40000"), 1),
            (Some("applying 31000"), 40_000, Some("applying 20000 40000"), 1),
            (Some("comparing 0"), 0, Some("reading 0 0"), 1),
            (Some("reading 0"), 0, None, 1),
            // As it was stored once.
            (Some("reading 0"), 0, Some("reading 0"), 1),
            // It ended in order.
            (None, 0, Some("reading 0 0"), 0),
        ] {
            assert_eq!(
                crashes(place, written, before, 3),
                expected,
                "{place:?} {written} after {before:?}"
            );
        }
    }
}
