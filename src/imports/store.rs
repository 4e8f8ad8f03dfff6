//! Imports in the database: what people and programs ask about them and wish of them. How they come to wait is in [`super::queue`], what a
//! worker writes in [`super::claims`].

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use time::OffsetDateTime;

use super::query::ImportQuery;
use super::statements::SCRATCH;
use super::{Import, ImportStatus, Progress};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::bulk::scratch;
use crate::database::clock::now;
use crate::database::paging;
use crate::entities::import::{Column, Entity, Model};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::problem::Problem;
use crate::services::Services;
use crate::timestamp::Timestamp;
use crate::webhooks::outbox;

/// Imports that the query asks for, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, query: &ImportQuery, request: &PageRequest) -> Result<Page<Import>> {
    // Plans that nobody confirmed have no history.
    let discarded = Column::Status
        .eq(ImportStatus::Cancelled.as_str())
        .and(Column::Plan.is_not_null())
        .and(Column::StartedAt.is_null());
    let rows = Entity::find().filter(discarded.not()).filter(wanted(query)?);
    let page = paging::newest_first(db, rows, Column::Id, |row: &Model| row.id, request).await?;
    page.try_map(|row| import(&row))
}

fn wanted(query: &ImportQuery) -> Result<Condition> {
    let has = |column: Column, part: &str| {
        let part = part.to_ascii_lowercase();
        // The signs that LIKE knows stand for themselves.
        let part = part.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new(format!("%{part}%")).escape('!'))
    };
    let mut wanted = Condition::all();
    if let Some(kind) = query.kind {
        wanted = wanted.add(Column::Kind.eq(kind.as_str()));
    }
    if let Some(status) = query.status {
        wanted = wanted.add(Column::Status.eq(status.as_str()));
    }
    if let Some(by) = &query.by {
        wanted = wanted.add(has(Column::CreatedBy, by));
    }
    if let Some(file) = &query.file {
        wanted = wanted.add(has(Column::FileName, file));
    }
    if let Some(from) = &query.from {
        wanted = wanted.add(Column::CreatedAt.gte(OffsetDateTime::try_from(from)?));
    }
    if let Some(to) = &query.to {
        wanted = wanted.add(Column::CreatedAt.lt(OffsetDateTime::try_from(to)?));
    }
    Ok(wanted)
}

/// Imports that are not over, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open(db: &impl ConnectionTrait) -> Result<Vec<Import>> {
    let rows = Entity::find()
        .filter(is_open())
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.iter().map(import).collect()
}

/// Whether a job is being worked on.
///
/// # Errors
/// When the database fails.
pub(crate) async fn any_at_work(db: &impl ConnectionTrait) -> Result<bool> {
    let at_work = Column::Status.eq(ImportStatus::Processing.as_str());
    let at_work = Entity::find().filter(is_open()).filter(at_work);
    Ok(at_work.one(db).await?.is_some())
}

/// Not over yet.
pub(super) fn is_open() -> Expr {
    Column::Status.is_in([
        ImportStatus::AwaitingConfirmation.as_str(),
        ImportStatus::Pending.as_str(),
        ImportStatus::Processing.as_str(),
    ])
}

/// # Errors
/// When there is no such import or the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Import> {
    import(&find(db, id).await?)
}

pub(super) async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Problem::not_found("import").into())
}

/// Whether some import is being worked on at this moment.
pub(super) async fn is_any_running(db: &impl ConnectionTrait) -> Result<bool> {
    let running = Column::Status.eq(ImportStatus::Processing.as_str());
    Ok(Entity::find().filter(running).one(db).await?.is_some())
}

/// The scratch of one attempt.
pub(super) fn scratch_of(import: i64, token: i64) -> String {
    format!("import_{import}_{token}")
}

/// Scratch that somebody works with or looks at.
pub(super) async fn scratches(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let rows = Entity::find().filter(is_open()).all(db).await?;
    let mut names = Vec::new();
    for row in &rows {
        names.push(scratch_of(row.id, row.lease_token));
        names.extend(import(row)?.review.map(|review| review.scratch));
    }
    Ok(names)
}

/// An import as the audit log names it.
pub(super) fn object(import: &Import) -> Object {
    Object::new(ObjectKind::Import, import.job_id, import.file_name.clone())
}

/// Asks whoever works on the import to stop. Rows that are already applied stay. What a check has found goes with it.
///
/// # Errors
/// When there is no such import, it is over, or the database or the folder of the scratch fails.
pub async fn cancel(services: &Services, id: i64, actor: &Actor) -> Result<Import> {
    let transaction = services.database.begin().await?;
    let db = &transaction;
    let waiting = Entity::update_many()
        .col_expr(Column::Status, Expr::val(ImportStatus::Cancelled.as_str()))
        .col_expr(Column::Message, Expr::val("Cancelled before it began"))
        .col_expr(Column::FinishedAt, Expr::val(now()))
        .filter(Column::Id.eq(id).and(Column::Status.is_in([
            ImportStatus::Pending.as_str(),
            ImportStatus::AwaitingConfirmation.as_str(),
        ])))
        .exec(db)
        .await?;
    let mut noticed = waiting.rows_affected;
    if noticed == 1 {
        let import = get(db, id).await?;
        // A plan that was only looked at was never begun.
        if import.kind.has_file() {
            outbox::job_ended(db, &import).await?;
        }
    }
    if noticed == 0 {
        let asked = Entity::update_many()
            .col_expr(Column::CancelRequested, Expr::val(true))
            .filter(
                Column::Id
                    .eq(id)
                    .and(Column::Status.eq(ImportStatus::Processing.as_str()))
                    .and(Column::CancelRequested.eq(false)),
            )
            .exec(db)
            .await?;
        noticed = asked.rows_affected;
    }
    let import = get(db, id).await?;
    if noticed > 0 {
        audit::record(db, actor, Action::JobCancelled, Some(object(&import)), None).await?;
    }
    transaction.commit().await?;
    if let (1, Some(review)) = (waiting.rows_affected, &import.review) {
        let dir = &services.config.scratch_dir;
        scratch::remove(&services.database, dir, &review.scratch, &SCRATCH).await?;
    }
    if import.progress.status.is_over() && import.progress.status != ImportStatus::Cancelled {
        return Err(Problem::conflict("This import is already over; there is nothing left to cancel.").into());
    }
    Ok(import)
}

pub(super) fn import(row: &Model) -> Result<Import> {
    Ok(Import {
        job_id: row.id,
        kind: serde_json::from_value(word(&row.kind))?,
        file_name: row.file_name.clone(),
        file_size: row.file_size,
        sha256: (!row.file_key.is_empty()).then(|| row.sha256.clone()),
        file_removed_at: row.file_removed_at.map(Timestamp::from),
        problems_removed_at: row.problems_removed_at.map(Timestamp::from),
        format: serde_json::from_str(&row.format)?,
        step: serde_json::from_value(word(&row.step))?,
        options: row
            .options
            .as_deref()
            .map(serde_json::from_str)
            .transpose()?
            .unwrap_or_default(),
        review: row.review.as_deref().map(serde_json::from_str).transpose()?,
        corrects: row.corrects,
        plan: row.plan.as_deref().map(serde_json::from_str).transpose()?,
        undoes: row.undoes,
        undone_by: row.undone_by,
        progress: progress(row)?,
        created_by: row.created_by.clone(),
        created_at: row.created_at.into(),
        started_at: row.started_at.map(Timestamp::from),
        finished_at: row.finished_at.map(|moment: OffsetDateTime| moment.into()),
    })
}

fn word(text: &str) -> serde_json::Value {
    serde_json::Value::String(text.to_owned())
}

fn progress(row: &Model) -> Result<Progress> {
    let mut progress = Progress {
        status: serde_json::from_value(word(&row.status))?,
        phase: row
            .phase
            .as_deref()
            .map(|phase| serde_json::from_value(word(phase)))
            .transpose()?,
        total: row.total,
        processed: 0,
        read: row.read_rows,
        created: row.created,
        updated: row.updated,
        unchanged: row.unchanged,
        failed: row.failed,
        superseded: row.superseded,
        percent: row.percent,
        rows_per_second: row.rows_per_second,
        eta_seconds: row.eta_seconds,
        message: row.message.clone(),
        error: row.error.clone(),
    };
    progress.processed = progress.decided();
    Ok(progress)
}
