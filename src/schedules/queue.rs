//! Which runs are begun, by which process, and what a process writes about its run.
//!
//! A schedule that is due asks for a run and moves on to its next time in one transaction, so that what was missed is run once. A run is
//! taken with a lease; whoever dies leaves it to the next one. Every write of a worker names the fencing token of its claim: where no row matches,
//! the run belongs to somebody else, or the schedule is gone.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseBackend, EntityTrait as _, FromQueryResult as _, QueryFilter as _,
    SqlErr,
};
use time::OffsetDateTime;

use super::client::Seen;
use super::switches::ask;
use super::{RunCause, RunStatus, When, calendar};
use crate::database::Database;
use crate::database::clock::{self, now};
use crate::database::sql::Sql;
use crate::entities::{schedule, schedule_run};
use crate::error::Result;

/// How long a claim lasts without being renewed, in milliseconds.
const LEASE: i64 = 60_000;
/// Days that runs are kept.
const DAYS: i64 = 90;
/// Due schedules that are looked at together.
const WINDOW: u64 = 100;

/// From one attempt of a planned run to the next, in seconds. Who wished a run wants to know at once what is wrong.
const PAUSES: [i64; 2] = [60, 600];
/// No server can put a run off for longer.
const LONGEST: time::Duration = time::Duration::hours(1);

const ACTIVE: &str = "EXISTS (SELECT 1 FROM schedule_runs r WHERE r.schedule_id = schedules.id
    AND r.status IN ('asked', 'fetching', 'checking', 'applying'))";

/// A worker's right to a run, with the schedule as it was then.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub run: schedule_run::Model,
    pub schedule: schedule::Model,
}

/// The pause after so many failed attempts; `None` when there is no further one.
pub(super) fn pause(cause: &str, attempts: i64, asked: Option<time::Duration>) -> Option<time::Duration> {
    if cause != RunCause::Planned.as_str() {
        return None;
    }
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let planned = time::Duration::seconds(*PAUSES.get(place)?);
    Some(planned.max(asked.unwrap_or_default().min(LONGEST)))
}

/// Asks for a run of every schedule whose time has come. `zone` is the shop's: where it has been changed, times are found anew.
pub(super) async fn plan(database: &Database, zone: &str) -> Result<()> {
    let moment = now();
    let mut sql = Sql::new(database.backend());
    sql.push("SELECT * FROM schedules WHERE status = 'enabled' AND ((next_run_at <= ")
        .bind(moment);
    sql.push(&format!(" AND NOT {ACTIVE}) OR next_run_at IS NULL OR time_zone <> "));
    sql.bind(zone)
        .push(&format!(") ORDER BY next_run_at, id LIMIT {WINDOW}"));
    for row in schedule::Model::find_by_statement(sql.statement())
        .all(database.reader())
        .await?
    {
        let when: When = serde_json::from_str(&row.timing)?;
        let is_due = row.next_run_at.is_some_and(|next| next <= moment);
        let next = match (row.next_run_at, &when) {
            // The pace is the same in every zone.
            (Some(planned), When::Every { .. }) if !is_due => planned,
            (planned, _) => calendar::next(&when, zone, std::cmp::min(planned.unwrap_or(moment), moment), moment),
        };
        begin(database, &row, (zone, next), is_due).await?;
    }
    Ok(())
}

/// Moves a schedule on, and asks for its run if it is due; unless somebody else was faster.
async fn begin(
    database: &Database,
    row: &schedule::Model,
    (zone, next): (&str, OffsetDateTime),
    is_due: bool,
) -> Result<()> {
    let transaction = database.begin().await?;
    let mut sql = Sql::new(database.backend());
    sql.push("UPDATE schedules SET next_run_at = ").bind(next);
    sql.push(", time_zone = ").bind(zone);
    sql.push(" WHERE status = 'enabled' AND id = ").bind(row.id);
    sql.push(" AND time_zone = ").bind(row.time_zone.as_str());
    match row.next_run_at {
        Some(before) => sql.push(" AND next_run_at = ").bind(before),
        None => sql.push(" AND next_run_at IS NULL"),
    };
    if is_due {
        sql.push(&format!(" AND NOT {ACTIVE}"));
    }
    if transaction.execute_raw(sql.statement()).await?.rows_affected() == 0 {
        return Ok(transaction.rollback().await?);
    }
    if is_due {
        let by = format!("schedule {}", row.name);
        match ask(&transaction, row.id, RunCause::Planned, &by).await {
            Ok(_) => {}
            // Somebody has asked for one at this very moment. That one will do, and the time is kept.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                return Ok(transaction.rollback().await?);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(transaction.commit().await?)
}

/// Takes the run that has waited longest, or whose worker has vanished.
pub(super) async fn claim(db: &impl ConnectionTrait) -> Result<Option<Claim>> {
    let backend = db.get_database_backend();
    let free = format!(
        "status IN ('asked', 'fetching') AND lease_until < {}",
        clock::milliseconds(backend)
    );
    let mut sql = Sql::new(backend);
    sql.push(&format!(
        "SELECT * FROM schedule_runs WHERE {free} ORDER BY lease_until, id LIMIT 1"
    ));
    let Some(oldest) = schedule_run::Model::find_by_statement(sql.statement()).one(db).await? else {
        return Ok(None);
    };
    let mut sql = Sql::new(backend);
    sql.push("UPDATE schedule_runs SET status = 'fetching', lease_token = lease_token + 1, attempts = attempts + 1, lease_until = ");
    sql.push(&until(backend, LEASE));
    sql.push(&format!(" WHERE {free} AND id = ")).bind(oldest.id);
    sql.push(" AND lease_token = ").bind(oldest.lease_token);
    sql.push(" RETURNING *");
    let Some(run) = schedule_run::Model::find_by_statement(sql.statement()).one(db).await? else {
        return Ok(None);
    };
    let schedule = schedule::Entity::find_by_id(run.schedule_id).one(db).await?;
    Ok(schedule.map(|schedule| Claim { run, schedule }))
}

/// So many milliseconds from now, by the database's clock.
fn until(backend: DatabaseBackend, milliseconds: i64) -> String {
    format!("{} + {milliseconds}", clock::milliseconds(backend))
}

/// A statement about a run that is still this worker's, behind its `SET`.
fn owned(backend: DatabaseBackend, set: impl FnOnce(&mut Sql), run: &schedule_run::Model) -> Sql {
    let mut sql = Sql::new(backend);
    sql.push("UPDATE schedule_runs SET ");
    set(&mut sql);
    sql.push(" WHERE status = 'fetching' AND id = ").bind(run.id);
    sql.push(" AND lease_token = ").bind(run.lease_token);
    sql
}

async fn write(db: &impl ConnectionTrait, sql: Sql) -> Result<bool> {
    Ok(db.execute_raw(sql.statement()).await?.rows_affected() == 1)
}

/// Says that the worker is still there. Says whether the run is still its.
pub(super) async fn renew(db: &impl ConnectionTrait, run: &schedule_run::Model) -> Result<bool> {
    let backend = db.get_database_backend();
    let lease = format!("lease_until = {}", until(backend, LEASE));
    let set = |sql: &mut Sql| {
        sql.push(&lease);
    };
    write(db, owned(backend, set, run)).await
}

/// Gives a run back that this process will not do; that is no attempt.
pub(super) async fn release(db: &impl ConnectionTrait, run: &schedule_run::Model) -> Result<bool> {
    let set = |sql: &mut Sql| {
        sql.push("status = 'asked', lease_until = 0, attempts = attempts - 1");
    };
    write(db, owned(db.get_database_backend(), set, run)).await
}

/// The attempt has failed, and there is another one after a pause.
pub(super) async fn put_off(
    db: &impl ConnectionTrait,
    run: &schedule_run::Model,
    problem: &str,
    pause: time::Duration,
) -> Result<bool> {
    let backend = db.get_database_backend();
    let milliseconds = i64::try_from(pause.whole_milliseconds()).unwrap_or(i64::MAX);
    let set = |sql: &mut Sql| {
        sql.push("status = 'asked', lease_until = ")
            .push(&until(backend, milliseconds));
        sql.push(", detail = ").bind(problem);
    };
    write(db, owned(backend, set, run)).await
}

/// The file has become an import, which is checked now.
pub(super) async fn attach(db: &impl ConnectionTrait, claim: &Claim, import: i64, seen: Option<&Seen>) -> Result<bool> {
    let seen = seen.map(serde_json::to_string).transpose()?;
    let set = |sql: &mut Sql| {
        sql.push("status = 'checking', detail = NULL, import_id = ")
            .bind(import);
        sql.push(", edition = ").bind(claim.schedule.edition);
        sql.push(", seen = ").bind(seen);
    };
    write(db, owned(db.get_database_backend(), set, &claim.run)).await
}

/// Runs of the schedule whose imports wait for somebody.
pub(super) async fn waiting(db: &impl ConnectionTrait, schedule: i64) -> Result<Vec<schedule_run::Model>> {
    let waiting = schedule_run::Column::ScheduleId
        .eq(schedule)
        .and(schedule_run::Column::Status.eq(RunStatus::Waiting.as_str()));
    Ok(schedule_run::Entity::find().filter(waiting).all(db).await?)
}

/// Deletes runs that nobody looks at any more.
pub(super) async fn sweep(database: &Database) -> Result<()> {
    let old = schedule_run::Column::FinishedAt.lt(now() - time::Duration::days(DAYS));
    let transaction = database.begin().await?;
    schedule_run::Entity::delete_many()
        .filter(old)
        .exec(&transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// Changes how far a run is, if it is still there and nobody else has.
pub(super) async fn turn(
    db: &impl ConnectionTrait,
    run: &schedule_run::Model,
    to: RunStatus,
    detail: Option<&str>,
) -> Result<bool> {
    use schedule_run::Column;
    let is_over = !to.is_active() && to != RunStatus::Waiting;
    let still = Column::Id
        .eq(run.id)
        .and(Column::Status.eq(run.status.as_str()))
        .and(Column::LeaseToken.eq(run.lease_token));
    let turned = schedule_run::Entity::update_many()
        .col_expr(Column::Status, Expr::val(to.as_str()))
        .col_expr(Column::Detail, Expr::val(detail))
        .col_expr(Column::FinishedAt, Expr::val(is_over.then(now)))
        .filter(still)
        .exec(db)
        .await?;
    Ok(turned.rows_affected == 1)
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::pause;

    #[test]
    fn a_planned_run_is_tried_three_times_and_a_wished_one_once() {
        let pauses: Vec<_> = (1..).map_while(|attempts| pause("planned", attempts, None)).collect();
        assert_eq!(pauses, [Duration::minutes(1), Duration::minutes(10)]);
        assert_eq!(pause("by_hand", 1, None), None);
        assert_eq!(
            pause("planned", 1, Some(Duration::minutes(5))),
            Some(Duration::minutes(5))
        );
        assert_eq!(pause("planned", 1, Some(Duration::days(2))), Some(Duration::hours(1)));
        assert_eq!(
            pause("planned", 2, Some(Duration::seconds(1))),
            Some(Duration::minutes(10))
        );
    }
}
