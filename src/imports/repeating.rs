//! A file once more: the same stored bytes, matched and taken in the same way, from the check on.
//!
//! Both imports name the same stored file, so whoever removes files must ask for all imports that name one.

use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::intake::check_catalog;
use super::queue::{self, Added, NewImport};
use super::wish::Wish;
use super::{Import, ImportStep, original, store};
use crate::audit::{self, Action, Actor};
use crate::entities::import::{Column, Entity, Model};
use crate::error::Result;
use crate::problem::Problem;
use crate::services::Services;

/// Begins a new check of the file of an import that is over, with the same matching and options. `idempotency_key` names this wish.
///
/// # Errors
/// 409 when it is not over, has no file, or the file is being imported at this moment; 422 when its catalogue is gone; 404.
pub async fn repeat(services: &Services, id: i64, actor: &Actor, idempotency_key: Option<String>) -> Result<Import> {
    let database = &services.database;
    let before = super::get(database.reader(), id).await?;
    let wish = Wish::Repetition(&before);
    if let Some(import) = wish.known(database, idempotency_key.as_deref()).await? {
        return Ok(import);
    }
    if !before.kind.has_file() {
        let detail = "This job has no file. Only files can be imported again.";
        return Err(Problem::conflict(detail).into());
    }
    if !before.progress.status.is_over() {
        let detail = "This import is not over. Wait until it is, or cancel it; then import the file again.";
        return Err(Problem::conflict(detail).into());
    }
    if before.step == ImportStep::Match {
        let detail = "Its columns were never matched. Upload the file again.";
        return Err(Problem::conflict(detail).into());
    }
    check_catalog(database, &before.options).await?;
    let (row, _) = original::open(database.reader(), &services.storage, id).await?;
    let added = queue::add(database.writer(), again(row, &before, actor, idempotency_key)).await?;
    let (Added::New(new) | Added::Known(new)) = added;
    let import = super::get(database.writer(), new).await?;
    if matches!(added, Added::New(_)) {
        let object = Some(store::object(&import));
        let of = serde_json::json!({ "of": id });
        audit::record(database.writer(), actor, Action::ImportRepeated, object, Some(of)).await?;
    }
    services.import_wake.wake();
    Ok(import)
}

fn again(row: Model, before: &Import, actor: &Actor, idempotency_key: Option<String>) -> NewImport {
    NewImport {
        kind: before.kind,
        file_name: row.file_name,
        file_key: row.file_key,
        file_size: row.file_size,
        sha256: row.sha256,
        format: before.format.clone(),
        step: ImportStep::Check,
        options: before.options.clone(),
        corrects: before.corrects,
        created_by: actor.name.clone(),
        idempotency_key,
    }
}

/// The last import of exactly this file before this one that has changed anything.
pub(super) async fn same_file(db: &impl ConnectionTrait, row: &Model) -> Result<Option<Import>> {
    let same = Column::Sha256
        .eq(&row.sha256)
        .and(Column::Kind.eq(&row.kind))
        .and(Column::Id.lt(row.id));
    let done = Column::Created.gt(0).or(Column::Updated.gt(0));
    let found = Entity::find()
        .filter(same.and(done))
        .order_by_desc(Column::Id)
        .one(db)
        .await?;
    found.as_ref().map(store::import).transpose()
}
