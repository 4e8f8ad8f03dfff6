//! Uploads as rows: who adds to one holds it, and nobody else's piece counts.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};
use time::OffsetDateTime;

use crate::database::Database;
use crate::database::clock::{milliseconds, now};
use crate::entities::import;
use crate::entities::upload::{Column, Entity, Model};
use crate::entities::upload_piece;
use crate::error::Result;
use crate::storage::Piece;

/// Milliseconds after which a request that says nothing of itself may lose its upload to another: clients try again for about as long.
const LEASE: i64 = 8_000;

/// An upload of this person; nobody else's, and none whose time is over.
pub(super) async fn find(db: &impl ConnectionTrait, id: &str, owner: &str) -> Result<Option<Model>> {
    let own = Column::Owner.eq(owner).and(Column::ExpiresAt.gt(now()));
    Ok(Entity::find_by_id(id).filter(own).one(db).await?)
}

/// Uploads that somebody has begun and not completed, and whose time is not over.
pub(super) async fn count_of(db: &impl ConnectionTrait, owner: &str) -> Result<u64> {
    let incomplete = Expr::col(Column::Stored).lt(Expr::col(Column::Length));
    let own = Column::Owner.eq(owner).and(Column::ExpiresAt.gt(now())).and(incomplete);
    Ok(Entity::find().filter(own).count(db).await?)
}

/// One whose time is over.
pub(super) async fn expired(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    let over = Column::ExpiresAt.lte(now());
    Ok(Entity::find()
        .filter(over)
        .order_by_asc(Column::ExpiresAt)
        .one(db)
        .await?)
}

/// Takes or renews the hold on an upload. Says whether `holder` has it.
pub(super) async fn hold(db: &impl ConnectionTrait, id: &str, holder: &str) -> Result<bool> {
    let clock = milliseconds(db.get_database_backend());
    let free = Expr::col(Column::LeaseUntil).lt(Expr::cust(clock));
    let held = Entity::update_many()
        .col_expr(Column::LeaseOwner, Expr::val(holder))
        .col_expr(Column::LeaseUntil, Expr::cust(format!("{clock} + {LEASE}")))
        .filter(Column::Id.eq(id))
        .filter(free.or(Column::LeaseOwner.eq(holder)))
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}

pub(super) async fn release(db: &impl ConnectionTrait, id: &str, holder: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LeaseOwner, Expr::val(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::val(0_i64))
        .filter(Column::Id.eq(id))
        .filter(Column::LeaseOwner.eq(holder))
        .exec(db)
        .await?;
    Ok(())
}

/// Whether a request is adding to the upload now.
pub(super) async fn is_held(db: &impl ConnectionTrait, id: &str) -> Result<bool> {
    let clock = milliseconds(db.get_database_backend());
    let held = Expr::col(Column::LeaseUntil).gte(Expr::cust(clock));
    Ok(Entity::find_by_id(id).filter(held).count(db).await? > 0)
}

/// A piece that is in the file store, and what the upload is with it.
pub(super) struct Kept<'k> {
    pub id: &'k str,
    pub holder: &'k str,
    pub position: i64,
    pub piece: &'k Piece,
    pub digest: Vec<u8>,
    pub expires_at: OffsetDateTime,
}

/// Adds a piece at the end, if `holder` still holds the upload. Says whether it did.
pub(super) async fn add_piece(database: &Database, kept: Kept<'_>) -> Result<bool> {
    let size = i64::try_from(kept.piece.size).unwrap_or(i64::MAX);
    let transaction = database.begin().await?;
    let moved = Entity::update_many()
        .col_expr(Column::Stored, Expr::val(kept.position + size))
        .col_expr(Column::Digest, Expr::val(kept.digest))
        .col_expr(Column::ExpiresAt, Expr::val(kept.expires_at))
        .filter(Column::Id.eq(kept.id))
        .filter(Column::LeaseOwner.eq(kept.holder))
        .filter(Column::Stored.eq(kept.position))
        .exec(&transaction)
        .await?;
    if moved.rows_affected != 1 {
        transaction.rollback().await?;
        return Ok(false);
    }
    let row = upload_piece::ActiveModel {
        upload_id: Set(kept.id.to_owned()),
        position: Set(kept.position),
        file_key: Set(kept.piece.key.clone()),
        size: Set(size),
    };
    row.insert(&transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

/// The pieces of an upload, in order.
pub(super) async fn pieces(db: &impl ConnectionTrait, id: &str) -> Result<Vec<Piece>> {
    let rows = upload_piece::Entity::find()
        .filter(upload_piece::Column::UploadId.eq(id))
        .order_by_asc(upload_piece::Column::Position)
        .all(db)
        .await?;
    let piece = |row: upload_piece::Model| Piece {
        key: row.file_key,
        size: u64::try_from(row.size).unwrap_or(0),
    };
    Ok(rows.into_iter().map(piece).collect())
}

/// From now on nobody finds the upload or adds to it.
pub(super) async fn end(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::val(OffsetDateTime::UNIX_EPOCH))
        .col_expr(Column::LeaseOwner, Expr::val(None::<String>))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

pub(super) async fn forget(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Whether somebody may still go on with the upload, or an import has it.
pub(super) async fn is_known(db: &impl ConnectionTrait, id: &str) -> Result<bool> {
    let has_row = Entity::find_by_id(id).count(db).await? > 0;
    Ok(has_row || import_of(db, &super::key_of(id)).await?.is_some())
}

/// The import whose file has this key.
pub(super) async fn import_of(db: &impl ConnectionTrait, key: &str) -> Result<Option<i64>> {
    let row = import::Entity::find()
        .filter(import::Column::FileKey.eq(key))
        .one(db)
        .await?;
    Ok(row.map(|row| row.id))
}
