//! Products in the database, one by one.

use std::collections::BTreeMap;

use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use super::Product;
use crate::entities::product::{Column, Entity, Model};
use crate::entities::{catalog, counter};
use crate::error::Result;
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// A product that is not in the bin.
///
/// # Errors
/// When there is no such product or the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Product> {
    let row = with_catalog(Entity::find_by_id(id))
        .filter(Column::DeletedAt.is_null())
        .into_model::<Row>()
        .one(db)
        .await?;
    Ok(row.ok_or_else(|| Problem::not_found("product"))?.into())
}

/// A product, in the bin or not.
///
/// # Errors
/// When there is no such product or the database fails.
pub async fn get_anywhere(db: &impl ConnectionTrait, id: i64) -> Result<Product> {
    let row = with_catalog(Entity::find_by_id(id)).into_model::<Row>().one(db).await?;
    Ok(row.ok_or_else(|| Problem::not_found("product"))?.into())
}

/// The SKUs of products, in the bin or not, by their ids.
///
/// # Errors
/// When the database fails.
pub async fn skus_of(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Sku])
        .filter(Column::Id.is_in(ids));
    Ok(found.into_tuple::<(i64, String)>().all(db).await?.into_iter().collect())
}

/// Products that are variants of another, by SKU; at most a hundred.
///
/// # Errors
/// When the database fails.
pub async fn variants(db: &impl ConnectionTrait, parent: i64) -> Result<Vec<Product>> {
    const SHOWN: u64 = 100;
    let of_parent = Column::ParentId.eq(parent).and(Column::DeletedAt.is_null());
    let rows = with_catalog(Entity::find().filter(of_parent))
        .order_by_asc(Column::SkuKey)
        .limit(SHOWN)
        .into_model::<Row>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Product::from).collect())
}

/// Counters that every change keeps.
pub(super) const ALL: &str = "products";
pub(super) const INACTIVE: &str = "inactive_products";

/// How many products there are.
///
/// # Errors
/// When the database fails.
pub async fn count_all(db: &impl ConnectionTrait) -> Result<i64> {
    counted(db, ALL).await
}

/// How many of them are active.
///
/// # Errors
/// When the database fails.
pub async fn count_active(db: &impl ConnectionTrait) -> Result<i64> {
    Ok(counted(db, ALL).await? - counted(db, INACTIVE).await?)
}

async fn counted(db: &impl ConnectionTrait, name: &str) -> Result<i64> {
    let counter = counter::Entity::find_by_id(name).one(db).await?;
    Ok(counter.map_or(0, |counter| counter.value))
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    #[sea_orm(nested)]
    pub product: Model,
    pub catalog_name: Option<String>,
}

fn with_catalog(rows: Select<Entity>) -> Select<Entity> {
    let relation = Entity::belongs_to(catalog::Entity)
        .from(Column::CatalogId)
        .to(catalog::Column::Id)
        .into();
    rows.join(JoinType::LeftJoin, relation)
        .column_as(catalog::Column::Name, "catalog_name")
}

impl From<Model> for Row {
    fn from(product: Model) -> Self {
        Self {
            product,
            catalog_name: None,
        }
    }
}

impl From<Row> for Product {
    fn from(row: Row) -> Self {
        let product = row.product;
        Self {
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            price_minor: product.price_minor,
            active: product.active,
            catalog_id: product.catalog_id,
            catalog_name: row.catalog_name,
            parent_id: product.parent_id,
            options: product
                .options
                .and_then(|json| serde_json::from_value(json).ok())
                .unwrap_or_default(),
            pictures: product
                .pictures
                .and_then(|json| serde_json::from_value(json).ok())
                .unwrap_or_default(),
            version: product.version,
            created_at: product.created_at.into(),
            updated_at: product.updated_at.into(),
            deleted_at: product.deleted_at.map(Timestamp::from),
        }
    }
}
