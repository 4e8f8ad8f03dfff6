//! Pausing, resuming, and a run that somebody wishes.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _,
    FromQueryResult as _, IntoActiveModel as _, QueryFilter as _, SqlErr,
};

use super::rows::{self, object};
use super::store::{find, get, locked};
use super::{Run, RunCause, RunStatus, Schedule, ScheduleStatus, calendar};
use crate::audit::{self, Action, Actor};
use crate::database::clock::now;
use crate::database::sql::Sql;
use crate::entities::schedule::{Column, Entity, Model};
use crate::entities::schedule_run;
use crate::error::{Error, Result};
use crate::once::{Once, still_there};
use crate::problem::Problem;
use crate::services::Services;
use crate::settings;

/// Kind of what is created under a key.
const ONCE: &str = "schedule_run";

/// Begins no run from now on; one that is under way goes on.
///
/// # Errors
/// 404.
pub async fn pause(services: &Services, id: i64, actor: &Actor) -> Result<Schedule> {
    let transaction = services.database.begin().await?;
    let row = locked(&transaction, id).await?;
    switch_off(&transaction, &row, ScheduleStatus::Paused, None, actor).await?;
    transaction.commit().await?;
    get(services.database.writer(), id).await
}

/// Runs again at its next time. What was missed meanwhile is not caught up with.
///
/// # Errors
/// 404.
pub async fn resume(services: &Services, id: i64, actor: &Actor) -> Result<Schedule> {
    let transaction = services.database.begin().await?;
    let row = locked(&transaction, id).await?;
    switch_on(&transaction, services, &row, actor).await?;
    transaction.commit().await?;
    get(services.database.writer(), id).await
}

pub(super) async fn switch_on(
    db: &impl ConnectionTrait,
    services: &Services,
    row: &Model,
    actor: &Actor,
) -> Result<()> {
    if row.status == ScheduleStatus::Enabled.as_str() {
        return Ok(());
    }
    let zone = settings::load(db, &services.config).await?.time_zone;
    let when = serde_json::from_str(&row.timing)?;
    let mut changed = row.clone().into_active_model();
    changed.status = Set(ScheduleStatus::Enabled.as_str().to_owned());
    changed.paused_at = Set(None);
    changed.paused_because = Set(None);
    // Whoever resumes it says that the cause is gone.
    changed.failures = Set(0);
    changed.next_run_at = Set(Some(calendar::next(&when, &zone, now(), now())));
    changed.time_zone = Set(zone);
    changed.update(db).await?;
    audit::record(db, actor, Action::ScheduleResumed, Some(object(row)), None).await
}

pub(super) async fn switch_off(
    db: &impl ConnectionTrait,
    row: &Model,
    status: ScheduleStatus,
    because: Option<&str>,
    actor: &Actor,
) -> Result<()> {
    if row.status != ScheduleStatus::Enabled.as_str() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(status.as_str()))
        .col_expr(Column::PausedAt, Expr::val(now()))
        .col_expr(Column::PausedBecause, Expr::val(because))
        .col_expr(Column::NextRunAt, Expr::val(None::<time::OffsetDateTime>))
        .filter(Column::Id.eq(row.id))
        .exec(db)
        .await?;
    // A run that was to be begun again later is not.
    let asked = schedule_run::Column::ScheduleId
        .eq(row.id)
        .and(schedule_run::Column::Status.eq(RunStatus::Asked.as_str()));
    schedule_run::Entity::update_many()
        .col_expr(schedule_run::Column::Status, Expr::val(RunStatus::Cancelled.as_str()))
        .col_expr(schedule_run::Column::FinishedAt, Expr::val(now()))
        .filter(asked)
        .exec(db)
        .await?;
    let fields = because.map(|because| serde_json::json!({"because": because}));
    audit::record(db, actor, Action::SchedulePaused, Some(object(row)), fields).await
}

/// Asks for a run now, whether or not the schedule is paused; under a key at most once.
///
/// # Errors
/// 409 while it is running, 404.
pub async fn run_now(services: &Services, id: i64, key: Option<&str>, actor: &Actor) -> Result<Run> {
    let db = services.database.writer();
    let once = key.map(|key| Once::new(ONCE, key, &id));
    if let Some(once) = &once
        && let Some(run) = once.known(db).await?
    {
        return still_there(of_id(db, run).await);
    }
    let transaction = services.database.begin().await?;
    let row = find(&transaction, id).await?;
    if let Some(once) = &once
        && !once.take(&transaction).await?
    {
        transaction.rollback().await?;
        return still_there(of_id(db, once.taken(db).await?).await);
    }
    let run = match hurry(&transaction, id).await? {
        Some(run) => run,
        None => ask(&transaction, id, RunCause::ByHand, &actor.name)
            .await
            .map_err(is_running)?,
    };
    if let Some(once) = &once {
        once.keep(&transaction, run.id).await?;
    }
    audit::record(&transaction, actor, Action::ScheduleRun, Some(object(&row)), None).await?;
    transaction.commit().await?;
    services.schedule_wake.wake();
    rows::run(run)
}

/// A run that is to begin again after a pause begins at once.
async fn hurry(db: &impl ConnectionTrait, schedule: i64) -> Result<Option<schedule_run::Model>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("UPDATE schedule_runs SET lease_until = 0 WHERE status = 'asked' AND schedule_id = ");
    sql.bind(schedule).push(" RETURNING *");
    Ok(schedule_run::Model::find_by_statement(sql.statement()).one(db).await?)
}

/// A run that is to begin. The database refuses a second one of the same schedule.
pub(super) async fn ask(
    db: &impl ConnectionTrait,
    schedule: i64,
    cause: RunCause,
    by: &str,
) -> std::result::Result<schedule_run::Model, DbErr> {
    let run = schedule_run::ActiveModel {
        schedule_id: Set(schedule),
        cause: Set(cause.as_str().to_owned()),
        started_by: Set(by.to_owned()),
        status: Set(RunStatus::Asked.as_str().to_owned()),
        created_at: Set(now()),
        ..Default::default()
    };
    run.insert(db).await
}

fn is_running(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Problem::conflict("This schedule is running at this moment. Wait until that is over.").into()
        }
        _ => error.into(),
    }
}

async fn of_id(db: &impl ConnectionTrait, id: i64) -> Result<Run> {
    let row = schedule_run::Entity::find_by_id(id).one(db).await?;
    rows::run(row.ok_or_else(|| Problem::not_found("run"))?)
}
