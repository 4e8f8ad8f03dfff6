//! Queries of catalogues.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, EntityTrait as _, QueryOrder as _, QuerySelect as _};

use crate::catalogs::Catalog;
use crate::database::paging;
use crate::entities::catalog::{Column, Entity, Model};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::problem::Problem;

/// Catalogues in the order of their creation, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, request: &PageRequest) -> Result<Page<Catalog>> {
    let page = paging::newest_first(db, Entity::find(), Column::Id, |row: &Model| row.id, request).await?;
    Ok(page.map(Catalog::from))
}

/// # Errors
/// When there is no such catalogue or the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Catalog> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.ok_or_else(|| Problem::not_found("catalogue"))?.into())
}

/// Every id, for checking a file against them.
pub(crate) async fn ids(db: &impl ConnectionTrait) -> Result<HashSet<i64>> {
    let ids: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// The first 200 catalogues by name, for a list to choose from.
///
/// # Errors
/// When the database fails.
pub async fn names_and_ids(db: &impl ConnectionTrait) -> Result<Vec<(i64, String)>> {
    let rows = Entity::find().order_by_asc(Column::NameKey).limit(200).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

impl From<Model> for Catalog {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            product_count: row.product_count,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}
