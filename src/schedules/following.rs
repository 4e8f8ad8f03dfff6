//! What becomes of a run once its file is an import: it is applied or waits, and its end is that of the import.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult as _, QueryFilter as _};

use super::decision::{Decision, decide};
use super::rows::actor;
use super::switches::switch_off;
use super::{AfterCheck, FAILURES_MAX, RunCause, RunStatus, ScheduleStatus, queue, store};
use crate::database::sql::Sql;
use crate::entities::{schedule, schedule_run};
use crate::error::{Error, Result};
use crate::imports::{self, Answer, Import, ImportStatus};
use crate::services::Services;

const MOVED: &str = "SELECT r.* FROM schedule_runs r JOIN imports i ON i.id = r.import_id
    WHERE r.finished_at IS NULL AND (
        (r.status = 'checking' AND i.status IN ('awaiting_confirmation', 'completed', 'failed', 'cancelled', 'undone'))
        OR (r.status IN ('applying', 'waiting') AND i.status IN ('completed', 'failed', 'cancelled', 'undone')))
    ORDER BY r.id LIMIT 100";

/// Looks at the imports of runs, and goes on with those that have come to a rest.
pub(super) async fn follow(services: &Services) -> Result<()> {
    let db = services.database.writer();
    let mut sql = Sql::new(services.database.backend());
    sql.push(MOVED);
    let moved = schedule_run::Model::find_by_statement(sql.statement());
    for run in moved.all(services.reader()).await? {
        let (Some(import), Some(row)) = (
            run.import_id,
            schedule::Entity::find_by_id(run.schedule_id).one(db).await?,
        ) else {
            continue;
        };
        let import = imports::get(db, import).await?;
        if import.progress.status.is_over() {
            end(services, &run, &outcome(&import)).await?;
        } else {
            judge(services, &run, &row, &import).await?;
        }
    }
    Ok(())
}

/// How a run ended, with words.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub status: RunStatus,
    pub detail: Option<String>,
}

fn outcome(import: &Import) -> Ending {
    let words = || {
        import
            .progress
            .error
            .clone()
            .unwrap_or_else(|| import.progress.message.clone())
    };
    let (status, detail) = match import.progress.status {
        ImportStatus::Failed => (RunStatus::Failed, Some(words())),
        ImportStatus::Cancelled => (RunStatus::Cancelled, Some(words())),
        _ => (RunStatus::Completed, None),
    };
    Ending { status, detail }
}

/// Applies what was checked, as a person would by the button; or says why a person must.
async fn judge(services: &Services, run: &schedule_run::Model, row: &schedule::Model, import: &Import) -> Result<()> {
    let after = row.after_check.parse().unwrap_or(AfterCheck::Wait);
    let decision = match decide(after, row.problem_percent, import) {
        Decision::Apply => {
            let answer = Answer {
                is_meant: false,
                review: import.review.as_ref().map(|review| review.scratch.as_str()),
            };
            match imports::apply(&services.database, import.job_id, &actor(row), answer).await {
                Ok(_) => Decision::Apply,
                // Somebody has done something else with it meanwhile: it is looked at again.
                Err(Error::Refused(problem)) if problem.status == 409 => return Ok(()),
                Err(Error::Refused(problem)) => Decision::Wait(problem.detail),
                Err(error) => return Err(error),
            }
        }
        wait @ Decision::Wait(_) => wait,
    };
    match decision {
        Decision::Apply => {
            queue::turn(services.database.writer(), run, RunStatus::Applying, None).await?;
            services.import_wake.wake();
        }
        Decision::Wait(because) => {
            queue::turn(services.database.writer(), run, RunStatus::Waiting, Some(&because)).await?;
            tracing::info!(
                schedule = row.id,
                import = import.job_id,
                "a scheduled import waits for somebody"
            );
        }
    }
    Ok(())
}

/// Writes how a run ended, and what follows for its schedule. Says whether the run was still as it is known here.
pub(super) async fn end(services: &Services, run: &schedule_run::Model, ending: &Ending) -> Result<bool> {
    let transaction = services.database.begin().await?;
    if !queue::turn(&transaction, run, ending.status, ending.detail.as_deref()).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    let row = store::locked(&transaction, run.schedule_id).await?;
    match ending.status {
        RunStatus::Completed => remember(&transaction, &row, run).await?,
        RunStatus::Unchanged => count(&transaction, &row, 0).await?,
        // A person who tries an address out sees what is wrong; only what nobody sees adds up.
        RunStatus::Failed if run.cause == RunCause::Planned.as_str() => fail(&transaction, &row, ending).await?,
        _ => {}
    }
    transaction.commit().await?;
    tracing::info!(
        schedule = row.id,
        run = run.id,
        status = ending.status.as_str(),
        "a scheduled run is over"
    );
    Ok(true)
}

/// The file need not be imported again, unless it is to be taken otherwise from now on.
async fn remember(db: &impl ConnectionTrait, row: &schedule::Model, run: &schedule_run::Model) -> Result<()> {
    if row.edition == run.edition && run.seen.is_some() {
        schedule::Entity::update_many()
            .col_expr(schedule::Column::Seen, Expr::val(run.seen.clone()))
            .filter(schedule::Column::Id.eq(row.id))
            .exec(db)
            .await?;
    }
    count(db, row, 0).await
}

async fn count(db: &impl ConnectionTrait, row: &schedule::Model, failures: i64) -> Result<()> {
    schedule::Entity::update_many()
        .col_expr(schedule::Column::Failures, Expr::val(failures))
        .filter(schedule::Column::Id.eq(row.id))
        .exec(db)
        .await?;
    Ok(())
}

async fn fail(db: &impl ConnectionTrait, row: &schedule::Model, ending: &Ending) -> Result<()> {
    let failures = row.failures + 1;
    count(db, row, failures).await?;
    if failures < FAILURES_MAX {
        return Ok(());
    }
    let last = ending.detail.as_deref().unwrap_or_default();
    let because = format!("It failed {FAILURES_MAX} times in a row. {last}");
    switch_off(
        db,
        row,
        ScheduleStatus::PausedAutomatically,
        Some(because.trim()),
        &actor(row),
    )
    .await
}
