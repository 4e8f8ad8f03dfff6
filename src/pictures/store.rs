//! What is known of pictures, and their bytes.

use std::collections::HashMap;

use bytes::Bytes;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::format::{self, Unfit};
use super::{Picture, PictureState, Reference};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::database::sql::Sql;
use crate::entities::picture::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::storage::{Storage, hex};

/// Parameters of one statement.
const TOGETHER: usize = 500;

/// What is known of the pictures with these references, in their order. Of one that nobody has asked for, nothing is.
///
/// # Errors
/// When the database fails.
pub async fn of_references(db: &impl ConnectionTrait, references: &[String]) -> Result<Vec<Picture>> {
    let mut known = HashMap::new();
    for some in references.chunks(TOGETHER) {
        let rows = Entity::find()
            .filter(Column::Reference.is_in(some.iter().map(String::as_str)))
            .all(db)
            .await?;
        for row in rows {
            known.insert(row.reference.clone(), Picture::try_from(row)?);
        }
    }
    Ok(references
        .iter()
        .filter_map(|reference| known.get(reference).cloned())
        .collect())
}

/// Keeps a picture that came in a workbook; keeping it again changes nothing.
///
/// # Errors
/// When the database or the file store fails. The inner one says why the bytes are not kept.
pub async fn keep(
    database: &Database,
    storage: &Storage,
    bytes: Bytes,
) -> Result<std::result::Result<Reference, Unfit>> {
    let format = match format::read(&bytes) {
        Ok(format) => format,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let sha256 = digest(&bytes);
    let reference = Reference::of_digest(&sha256);
    let is_known = Entity::find()
        .filter(Column::Reference.eq(reference.as_str()))
        .filter(Column::State.eq(PictureState::Stored.as_str()))
        .one(database.reader())
        .await?
        .is_some();
    if is_known {
        return Ok(Ok(reference));
    }
    put(storage, &bytes).await?;
    let row = ActiveModel {
        reference: Set(reference.as_str().to_owned()),
        state: Set(PictureState::Stored.as_str().to_owned()),
        sha256: Set(Some(sha256)),
        media_type: Set(Some(format.media_type.to_owned())),
        width: Set(Some(format.width.into())),
        height: Set(Some(format.height.into())),
        size: Set(Some(i64::try_from(bytes.len()).unwrap_or(i64::MAX))),
        attempts: Set(0),
        created_at: Set(now()),
        fetched_at: Set(Some(now())),
        ..Default::default()
    };
    let again = OnConflict::column(Column::Reference)
        .update_columns([
            Column::State,
            Column::Sha256,
            Column::MediaType,
            Column::Width,
            Column::Height,
            Column::Size,
            Column::NextAttemptAt,
            Column::LeaseToken,
            Column::Problem,
            Column::FetchedAt,
        ])
        .to_owned();
    let transaction = database.begin().await?;
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Ok(reference))
}

/// Asks again for a picture that could not be had. Of one that is there or waits, nothing changes.
///
/// # Errors
/// When there is no such picture or the database fails.
pub async fn retry(database: &Database, id: i64, actor: &Actor) -> Result<Picture> {
    let transaction = database.begin().await?;
    let asked = Entity::update_many()
        .col_expr(Column::State, Expr::val(PictureState::Waiting.as_str()))
        .col_expr(Column::Attempts, Expr::val(0))
        .col_expr(Column::NextAttemptAt, Expr::val(now()))
        .col_expr(Column::LeaseToken, Expr::val(None::<String>))
        .col_expr(Column::Problem, Expr::val(None::<String>))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(PictureState::Failed.as_str()))
        .exec(&transaction)
        .await?;
    let row = Entity::find_by_id(id).one(&transaction).await?;
    let row = row.ok_or_else(|| Problem::not_found("picture"))?;
    if asked.rows_affected > 0 {
        let object = Object::new(ObjectKind::Picture, row.id, row.reference.clone());
        audit::record(&transaction, actor, Action::PictureRequested, Some(object), None).await?;
    }
    transaction.commit().await?;
    row.try_into()
}

/// Pictures that rows of an import still wait for.
///
/// # Errors
/// When the database fails.
pub async fn waiting_of_import(db: &impl ConnectionTrait, import: i64) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Count {
        pictures: i64,
    }
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT count(DISTINCT picture_id) AS pictures FROM picture_requests WHERE import_id = ")
        .bind(import);
    let count = Count::find_by_statement(sql.statement()).one(db).await?;
    Ok(count.map_or(0, |count| count.pictures))
}

/// A picture on its way out.
#[derive(Debug)]
pub struct Opened {
    pub media_type: &'static str,
    /// Bytes.
    pub size: u64,
    /// Ends early, with an error, when the store fails.
    pub pieces: mpsc::Receiver<Result<Bytes>>,
}

/// The bytes of the picture with this SHA-256.
///
/// Only pictures are stored under their digests, so their own first bytes say of which kind one is, as they did when it came.
///
/// # Errors
/// 404 when there is none, or the store fails.
pub async fn open(storage: &Storage, sha256: &str) -> Result<Opened> {
    let missing = || Error::from(Problem::not_found("picture"));
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digest {
        return Err(missing());
    }
    let key = key(sha256);
    let is_gone = |error: Error| if error.is_missing_file() { missing() } else { error };
    let beginning = storage
        .beginning(&key, format::BEGINNING as u64)
        .await
        .map_err(is_gone)?;
    let media_type = format::media_type(&beginning).ok_or_else(missing)?;
    let file = storage.open(&key).await.map_err(is_gone)?;
    Ok(Opened {
        media_type,
        size: file.size(),
        pieces: file.into_blocks(),
    })
}

/// Stores bytes under their SHA-256, and gives it in hexadecimal.
pub(super) async fn put(storage: &Storage, bytes: &Bytes) -> Result<String> {
    let sha256 = digest(bytes);
    storage.keep_piece(&key(&sha256), [bytes.clone()]).await?;
    Ok(sha256)
}

fn digest(bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(bytes);
    hex(&digest)
}

fn key(sha256: &str) -> String {
    format!("pictures/{}/{sha256}", &sha256[..2])
}

impl TryFrom<Model> for Picture {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let unknown = || Error::Stored(format!("a picture's state {}", row.state));
        let reference = Reference::stored(row.reference);
        Ok(Self {
            id: row.id,
            address: reference.address().map(str::to_owned),
            reference: reference.as_str().to_owned(),
            state: PictureState::from_word(&row.state).ok_or_else(unknown)?,
            sha256: row.sha256,
            media_type: row.media_type,
            width: row.width,
            height: row.height,
            size: row.size,
            problem: row.problem,
        })
    }
}
