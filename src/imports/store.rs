//! Imports in the database: what people and programs ask about them and wish of them. What a worker writes is in [`super::claims`].

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, SqlErr, TransactionTrait as _,
};
use time::OffsetDateTime;

use super::options::ImportOptions;
use super::plan::Plan;
use super::planning::Confirmation;
use super::{FileFormat, Import, ImportKind, ImportStatus, ImportStep, Progress};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::database::paging;
use crate::entities::import::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::problem::Problem;
use crate::timestamp::Timestamp;
use crate::webhooks::outbox;

/// An import that has been stored and waits.
pub(super) struct NewImport {
    pub kind: ImportKind,
    pub file_name: String,
    pub file_key: String,
    pub file_size: i64,
    pub sha256: String,
    pub format: FileFormat,
    pub step: ImportStep,
    pub options: ImportOptions,
    pub corrects: Option<i64>,
    pub created_by: String,
    pub idempotency_key: Option<String>,
}

/// What somebody wants with which file.
struct Wish {
    kind: ImportKind,
    sha256: String,
    step: ImportStep,
    options: ImportOptions,
}

/// What became of an attempt to add an import.
pub(super) enum Added {
    New(i64),
    /// The same file or the same key is already there.
    Known(i64),
}

/// Imports, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, request: &PageRequest) -> Result<Page<Import>> {
    // Plans that nobody confirmed have no history.
    let discarded = Column::Status
        .eq(ImportStatus::Cancelled.as_str())
        .and(Column::Plan.is_not_null())
        .and(Column::StartedAt.is_null());
    let rows = Entity::find().filter(discarded.not());
    let page = paging::newest_first(db, rows, Column::Id, |row: &Model| row.id, request).await?;
    page.try_map(|row| import(&row))
}

/// Imports that are not over, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open(db: &impl ConnectionTrait) -> Result<Vec<Import>> {
    let open = Column::Status.is_in([
        ImportStatus::AwaitingConfirmation.as_str(),
        ImportStatus::Pending.as_str(),
        ImportStatus::Processing.as_str(),
    ]);
    let rows = Entity::find().filter(open).order_by_asc(Column::Id).all(db).await?;
    rows.iter().map(import).collect()
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
    let rows = Entity::find()
        .filter(Column::Status.is_in([
            ImportStatus::AwaitingConfirmation.as_str(),
            ImportStatus::Pending.as_str(),
            ImportStatus::Processing.as_str(),
        ]))
        .all(db)
        .await?;
    let mut names = Vec::new();
    for row in &rows {
        names.push(scratch_of(row.id, row.lease_token));
        names.extend(import(row)?.review.map(|review| review.scratch));
    }
    Ok(names)
}

/// Adds an import, unless the same file is being imported or the same key was used before.
pub(super) async fn add(db: &impl ConnectionTrait, new: NewImport) -> Result<Added> {
    let wish = Wish {
        kind: new.kind,
        sha256: new.sha256.clone(),
        step: new.step,
        options: new.options.clone(),
    };
    let (status, message) = match new.step {
        ImportStep::Match => (
            ImportStatus::AwaitingConfirmation,
            "Waiting for you to match the columns".to_owned(),
        ),
        _ => (ImportStatus::Pending, Progress::waiting().message),
    };
    let row = ActiveModel {
        kind: Set(new.kind.as_str().to_owned()),
        status: Set(status.as_str().to_owned()),
        step: Set(new.step.as_str().to_owned()),
        options: Set(Some(serde_json::to_string(&new.options)?)),
        corrects: Set(new.corrects),
        file_name: Set(new.file_name),
        file_key: Set(new.file_key),
        file_size: Set(new.file_size),
        sha256: Set(new.sha256.clone()),
        format: Set(serde_json::to_string(&new.format)?),
        message: Set(message),
        created_by: Set(new.created_by),
        created_at: Set(now()),
        idempotency_key: Set(new.idempotency_key.clone()),
        ..Default::default()
    };
    match row.insert(db).await {
        Ok(row) => Ok(Added::New(row.id)),
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => known(db, &wish, new.idempotency_key).await,
            _ => Err(error.into()),
        },
    }
}

/// A job without a file.
pub(super) struct NewPlan {
    pub kind: ImportKind,
    /// What it is about, in words.
    pub title: String,
    pub plan: Plan,
    pub undoes: Option<i64>,
}

/// Adds a plan; the same wish adds it once.
pub(super) async fn add_plan(db: &DatabaseTransaction, new: NewPlan, confirmation: Confirmation) -> Result<Added> {
    let (status, message) = if confirmation.is_given {
        (ImportStatus::Pending, Progress::waiting().message)
    } else {
        (
            ImportStatus::AwaitingConfirmation,
            "Waiting for confirmation".to_owned(),
        )
    };
    // One undo of a job at a time; other plans are as different as those who make them.
    let fingerprint = match new.undoes {
        Some(import) => format!("undo of {import}"),
        None => format!("{:032x}", rand::random::<u128>()),
    };
    let row = ActiveModel {
        kind: Set(new.kind.as_str().to_owned()),
        status: Set(status.as_str().to_owned()),
        file_name: Set(new.title),
        file_key: Set(String::new()),
        file_size: Set(0),
        sha256: Set(fingerprint),
        format: Set(serde_json::to_string(&FileFormat::default())?),
        plan: Set(Some(serde_json::to_string(&new.plan)?)),
        undoes: Set(new.undoes),
        message: Set(message),
        created_by: Set(confirmation.by.name),
        created_at: Set(now()),
        idempotency_key: Set(confirmation.idempotency_key.clone()),
        ..Default::default()
    };
    // A refused row would end the transaction on PostgreSQL, so the same wish is looked for behind a savepoint.
    let attempt = db.begin().await?;
    match row.insert(&attempt).await {
        Ok(row) => {
            attempt.commit().await?;
            Ok(Added::New(row.id))
        }
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            attempt.rollback().await?;
            let known = match (&confirmation.idempotency_key, new.undoes) {
                (Some(key), _) => of_idempotency_key(db, key).await?,
                (None, Some(import)) => undo_of(db, import).await?,
                (None, None) => None,
            };
            let again = || Problem::conflict("The same was begun a moment ago. Look at the list of imports.");
            Ok(Added::Known(known.ok_or_else(again)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Plans that nobody has confirmed for a day are dropped: what was reviewed then is no longer so. Files wait for a week; what has changed
/// meanwhile is found out when they are applied.
pub(super) async fn drop_old_plans(db: &impl ConnectionTrait) -> Result<()> {
    let old = Column::Status.eq(ImportStatus::AwaitingConfirmation.as_str()).and(
        Column::CreatedAt
            .lt(now() - time::Duration::days(1))
            .and(Column::Plan.is_not_null())
            .or(Column::CreatedAt.lt(now() - time::Duration::days(7))),
    );
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(ImportStatus::Cancelled.as_str()))
        .col_expr(Column::Message, Expr::val("Nobody confirmed it in time"))
        .filter(old)
        .exec(db)
        .await?;
    Ok(())
}

/// The undo of a job that is not over yet.
pub(super) async fn undo_of(db: &impl ConnectionTrait, import: i64) -> Result<Option<i64>> {
    let open = Column::Undoes.eq(import).and(Column::Status.is_in([
        ImportStatus::AwaitingConfirmation.as_str(),
        ImportStatus::Pending.as_str(),
        ImportStatus::Processing.as_str(),
    ]));
    let row = Entity::find().filter(open).order_by_desc(Column::Id).one(db).await?;
    Ok(row.map(|row| row.id))
}

/// A plan that was waiting to be confirmed waits for its turn from now on. Says whether it was.
pub(super) async fn confirm(db: &impl ConnectionTrait, id: i64) -> Result<bool> {
    let awaiting = Column::Id
        .eq(id)
        .and(Column::Status.eq(ImportStatus::AwaitingConfirmation.as_str()))
        .and(Column::Step.ne(ImportStep::Match.as_str()));
    let confirmed = Entity::update_many()
        .col_expr(Column::Status, Expr::val(ImportStatus::Pending.as_str()))
        .col_expr(Column::Step, Expr::val(ImportStep::Apply.as_str()))
        .col_expr(Column::Message, Expr::val(Progress::waiting().message))
        .filter(awaiting)
        .exec(db)
        .await
        .map_err(in_progress)?;
    Ok(confirmed.rows_affected == 1)
}

/// One file is imported once at a time.
fn in_progress(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Problem::conflict("The same file is being imported at this moment. Wait until that is over.").into()
        }
        _ => error.into(),
    }
}

async fn known(db: &impl ConnectionTrait, new: &Wish, key: Option<String>) -> Result<Added> {
    let same_file = Column::Kind
        .eq(new.kind.as_str())
        .and(Column::Sha256.eq(&new.sha256))
        .and(Column::Status.is_in([ImportStatus::Pending.as_str(), ImportStatus::Processing.as_str()]));
    let same = match key.clone() {
        Some(key) => Column::IdempotencyKey.eq(key).or(same_file),
        None => same_file,
    };
    let row = Entity::find().filter(same).order_by_desc(Column::Id).one(db).await?;
    let again = || Problem::conflict("The same file was being imported until a moment ago. Upload it again.");
    let row = row.ok_or_else(again)?;
    let is_same_wish = row.step == new.step.as_str() && import(&row)?.options == new.options;
    if !is_same_wish && (key.is_none() || row.idempotency_key != key) {
        let detail = format!(
            "The same file is being imported in another way at this moment, as import {}. Wait until that is over.",
            row.id
        );
        return Err(Problem::conflict(detail).into());
    }
    Ok(Added::Known(row.id))
}

/// The import that an idempotency key named before.
pub(super) async fn of_idempotency_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<i64>> {
    let row = Entity::find().filter(Column::IdempotencyKey.eq(key)).one(db).await?;
    Ok(row.map(|row| row.id))
}

/// An import as the audit log names it.
pub(super) fn object(import: &Import) -> Object {
    Object::new(ObjectKind::Import, import.job_id, import.file_name.clone())
}

/// Asks whoever works on the import to stop. Rows that are already applied stay.
///
/// # Errors
/// When there is no such import, it is over, or the database fails.
pub async fn cancel(database: &Database, id: i64, actor: &Actor) -> Result<Import> {
    let transaction = database.begin().await?;
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
