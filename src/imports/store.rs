//! Imports in the database: queries, the claim of a worker, and everything a worker writes about its import.
//!
//! Every write of a worker names the fencing token of its claim; when no row matches, somebody else owns the import and the
//! worker must stop.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseBackend, EntityTrait as _,
    FromQueryResult as _, QueryFilter as _, QueryOrder as _, SqlErr, Statement,
};
use time::OffsetDateTime;

use super::{FileFormat, Import, ImportKind, ImportStatus, Phase, Progress};
use crate::database::clock::now;
use crate::database::paging;
use crate::entities::import::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// How long a claim lasts without being renewed. Short, so that an import goes on soon after its worker was killed.
const LEASE_MILLISECONDS: i64 = 6_000;
/// Attempts that may end at the same place, one after the other, before the import is given up.
const MAX_CRASHES: i64 = 5;
/// Rows. The place is written twice a second, so the same one is never met to the row.
const SAME_PLACE: i64 = 10_000;

/// An import that has been stored and waits.
pub(super) struct NewImport {
    pub kind: ImportKind,
    pub file_name: String,
    pub file_key: String,
    pub file_size: i64,
    pub sha256: String,
    pub format: FileFormat,
    pub created_by: String,
    pub idempotency_key: Option<String>,
}

/// A worker's right to an import.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub id: i64,
    pub kind: ImportKind,
    pub token: i64,
    pub file_key: String,
    pub sha256: String,
    pub format: FileFormat,
    pub checkpoint: Option<String>,
    pub progress: Progress,
    /// Too many attempts have ended at the same place.
    pub exhausted: bool,
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
    let page = paging::newest_first(db, Entity::find(), Column::Id, |row: &Model| row.id, request).await?;
    page.try_map(|row| import(&row))
}

/// # Errors
/// When there is no such import or the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Import> {
    import(&find(db, id).await?)
}

async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Problem::not_found("import").into())
}

/// Whether some import is being worked on at this moment.
pub(super) async fn is_any_running(db: &impl ConnectionTrait) -> Result<bool> {
    let running = Column::Status.eq(ImportStatus::Processing.as_str());
    Ok(Entity::find().filter(running).one(db).await?.is_some())
}

/// Adds an import, unless the same file is being imported or the same key was used before.
pub(super) async fn add(db: &impl ConnectionTrait, new: NewImport) -> Result<Added> {
    let waiting = Progress::waiting();
    let row = ActiveModel {
        kind: Set(kind_text(new.kind).to_owned()),
        status: Set(ImportStatus::Pending.as_str().to_owned()),
        file_name: Set(new.file_name),
        file_key: Set(new.file_key),
        file_size: Set(new.file_size),
        sha256: Set(new.sha256.clone()),
        format: Set(serde_json::to_string(&new.format)?),
        message: Set(waiting.message),
        created_by: Set(new.created_by),
        created_at: Set(now()),
        idempotency_key: Set(new.idempotency_key.clone()),
        ..Default::default()
    };
    match row.insert(db).await {
        Ok(row) => Ok(Added::New(row.id)),
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => known(db, new.kind, &new.sha256, new.idempotency_key).await,
            _ => Err(error.into()),
        },
    }
}

async fn known(db: &impl ConnectionTrait, kind: ImportKind, sha256: &str, key: Option<String>) -> Result<Added> {
    let same_file = Column::Kind.eq(kind_text(kind)).and(Column::Sha256.eq(sha256));
    let same = match key {
        Some(key) => Column::IdempotencyKey.eq(key).or(same_file),
        None => same_file,
    };
    let row = Entity::find().filter(same).order_by_desc(Column::Id).one(db).await?;
    let again = || Problem::conflict("The same file was being imported until a moment ago. Upload it again.");
    Ok(Added::Known(row.ok_or_else(again)?.id))
}

/// The import that an idempotency key named before.
pub(super) async fn of_idempotency_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<i64>> {
    let row = Entity::find().filter(Column::IdempotencyKey.eq(key)).one(db).await?;
    Ok(row.map(|row| row.id))
}

/// Asks whoever works on the import to stop. Rows that are already applied stay.
///
/// # Errors
/// When there is no such import, it is over, or the database fails.
pub async fn cancel(db: &impl ConnectionTrait, id: i64) -> Result<Import> {
    let waiting = Entity::update_many()
        .col_expr(Column::Status, Expr::val(ImportStatus::Cancelled.as_str()))
        .col_expr(Column::Message, Expr::val("Cancelled before it began"))
        .col_expr(Column::FinishedAt, Expr::val(now()))
        .filter(Column::Id.eq(id).and(Column::Status.eq(ImportStatus::Pending.as_str())))
        .exec(db)
        .await?;
    if waiting.rows_affected == 0 {
        Entity::update_many()
            .col_expr(Column::CancelRequested, Expr::val(true))
            .filter(
                Column::Id
                    .eq(id)
                    .and(Column::Status.eq(ImportStatus::Processing.as_str())),
            )
            .exec(db)
            .await?;
    }
    let import = get(db, id).await?;
    if matches!(import.progress.status, ImportStatus::Completed | ImportStatus::Failed) {
        return Err(Problem::conflict("This import is already over; there is nothing left to cancel.").into());
    }
    Ok(import)
}

/// Takes the oldest import that waits or whose worker has vanished.
pub(super) async fn claim(db: &impl ConnectionTrait) -> Result<Option<Claim>> {
    let backend = db.get_database_backend();
    let free = format!(
        "(status = 'pending' OR (status = 'processing' AND lease_until < {}))",
        clock(backend)
    );
    let oldest = format!("SELECT * FROM imports WHERE {free} ORDER BY id LIMIT 1");
    let Some(row) = Model::find_by_statement(Statement::from_string(backend, oldest))
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let crashes = if row.status == "processing" { crashes(&row) } else { 0 };
    let claim = format!(
        "UPDATE imports SET status = 'processing', lease_token = lease_token + 1, crashes = $1, crash_place = place,
            lease_until = {} + {LEASE_MILLISECONDS}, started_at = coalesce(started_at, $2)
        WHERE id = $3 AND lease_token = $4 AND {free} RETURNING *",
        clock(backend)
    );
    let values = [crashes.into(), now().into(), row.id.into(), row.lease_token.into()];
    let claimed = Model::find_by_statement(Statement::from_sql_and_values(backend, claim, values))
        .one(db)
        .await?;
    claimed.map(|row| claim_of(&row)).transpose()
}

/// How many attempts in a row have ended where the last one did. One that was given back in order has no place.
fn crashes(row: &Model) -> i64 {
    match (place(row.place.as_deref()), place(row.crash_place.as_deref())) {
        (None, _) => 0,
        (Some((phase, at)), Some((before, then))) if phase == before && (at - then).abs() <= SAME_PLACE => {
            row.crashes + 1
        }
        _ => 1,
    }
}

/// A place as it is stored: `applying 120000`.
fn place(text: Option<&str>) -> Option<(&str, i64)> {
    let (phase, row) = text?.split_once(' ')?;
    Some((phase, row.parse().ok()?))
}

/// The time by the database's clock, in milliseconds since 1970.
fn clock(backend: DatabaseBackend) -> &'static str {
    match backend {
        DatabaseBackend::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    }
}

fn claim_of(row: &Model) -> Result<Claim> {
    let import = import(row)?;
    Ok(Claim {
        id: row.id,
        kind: import.kind,
        token: row.lease_token,
        file_key: row.file_key.clone(),
        sha256: row.sha256.clone(),
        format: import.format,
        checkpoint: row.checkpoint.clone(),
        progress: import.progress,
        exhausted: row.crashes >= MAX_CRASHES,
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
        clock(db.get_database_backend())
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
    Ok(ended.rows_affected == 1)
}

fn owned(claim: &Claim) -> sea_orm::UpdateMany<Entity> {
    let ours = Column::Id
        .eq(claim.id)
        .and(Column::LeaseToken.eq(claim.token))
        .and(Column::Status.eq("processing"));
    Entity::update_many().filter(ours)
}

fn kind_text(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Products => "products",
        ImportKind::Catalogs => "catalogs",
    }
}

fn import(row: &Model) -> Result<Import> {
    let kind = match row.kind.as_str() {
        "products" => ImportKind::Products,
        "catalogs" => ImportKind::Catalogs,
        other => return Err(Error::Stored(format!("import kind {other}"))),
    };
    Ok(Import {
        job_id: row.id,
        kind,
        file_name: row.file_name.clone(),
        file_size: row.file_size,
        format: serde_json::from_str(&row.format)?,
        progress: progress(row)?,
        created_by: row.created_by.clone(),
        created_at: row.created_at.into(),
        started_at: row.started_at.map(Timestamp::from),
        finished_at: row.finished_at.map(|moment: OffsetDateTime| moment.into()),
    })
}

fn progress(row: &Model) -> Result<Progress> {
    let word = |text: &str| serde_json::Value::String(text.to_owned());
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
