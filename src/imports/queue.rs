//! Imports and plans on their way to a worker: added once for each wish, confirmed, and dropped when nobody confirms them.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, SqlErr, TransactionTrait as _,
};

use super::options::ImportOptions;
use super::plan::Plan;
use super::planning::Confirmation;
use super::store::{import, is_open};
use super::wish;
use super::{FileFormat, ImportKind, ImportStatus, ImportStep, Progress};
use crate::database::clock::now;
use crate::entities::import::{ActiveModel, Column, Entity};
use crate::error::{Error, Result};
use crate::problem::Problem;

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

/// What became of an attempt to add an import.
pub(super) enum Added {
    New(i64),
    /// The same file or the same key is already there.
    Known(i64),
}

/// Adds an import, unless the same file is being imported or the same key was used before.
pub(super) async fn add(db: &impl ConnectionTrait, new: NewImport) -> Result<Added> {
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
        file_name: Set(new.file_name.clone()),
        file_key: Set(new.file_key.clone()),
        file_size: Set(new.file_size),
        sha256: Set(new.sha256.clone()),
        format: Set(serde_json::to_string(&new.format)?),
        message: Set(message),
        created_by: Set(new.created_by.clone()),
        created_at: Set(now()),
        queued_at: Set((status == ImportStatus::Pending).then(now)),
        idempotency_key: Set(new.idempotency_key.clone()),
        ..Default::default()
    };
    match row.insert(db).await {
        Ok(row) => Ok(Added::New(row.id)),
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => known(db, &new).await,
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
        queued_at: Set((status == ImportStatus::Pending).then(now)),
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

/// The correction of an import by these very bytes that is not over yet.
pub(super) async fn correction_of(
    db: &impl ConnectionTrait,
    import: i64,
    sha256: &str,
    step: ImportStep,
) -> Result<Option<i64>> {
    let same = Column::Corrects
        .eq(import)
        .and(Column::Sha256.eq(sha256))
        .and(Column::Step.eq(step.as_str()))
        .and(is_open());
    let row = Entity::find().filter(same).order_by_desc(Column::Id).one(db).await?;
    Ok(row.map(|row| row.id))
}

/// The undo of a job that is not over yet.
pub(super) async fn undo_of(db: &impl ConnectionTrait, import: i64) -> Result<Option<i64>> {
    let open = Column::Undoes.eq(import).and(is_open());
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
        .col_expr(Column::QueuedAt, Expr::val(now()))
        .filter(awaiting)
        .exec(db)
        .await
        .map_err(in_progress)?;
    Ok(confirmed.rows_affected == 1)
}

/// One file is imported once at a time: what the database says of a second one, in words.
pub(super) fn in_progress(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Problem::conflict("The same file is being imported at this moment. Wait until that is over.").into()
        }
        _ => error.into(),
    }
}

/// The import that is in the way: the same wish gives that one, another one must wait.
async fn known(db: &impl ConnectionTrait, new: &NewImport) -> Result<Added> {
    let same_file = Column::Kind
        .eq(new.kind.as_str())
        .and(Column::Sha256.eq(&new.sha256))
        .and(Column::Status.is_in([ImportStatus::Pending.as_str(), ImportStatus::Processing.as_str()]));
    let key = &new.idempotency_key;
    let same = match key {
        Some(key) => Column::IdempotencyKey.eq(key.as_str()).or(same_file),
        None => same_file,
    };
    let row = Entity::find().filter(same).order_by_desc(Column::Id).one(db).await?;
    let again = || Problem::conflict("The same file was being imported until a moment ago. Upload it again.");
    let row = row.ok_or_else(again)?;
    // Two requests at once; one after the other, the second is refused before its file is read.
    let is_same_key = key.is_some() && row.idempotency_key == *key;
    if is_same_key && (row.kind != new.kind.as_str() || row.sha256 != new.sha256) {
        return Err(wish::refusal(row.id).into());
    }
    let is_same_wish = row.step == new.step.as_str() && import(&row)?.options == new.options;
    if !is_same_wish && !is_same_key {
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
