use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub sku: String,
    #[sea_orm(unique)]
    pub sku_key: String,
    pub name: String,
    pub description: String,
    pub price_minor: Option<i64>,
    pub active: bool,
    pub catalog_id: Option<i64>,
    pub parent_id: Option<i64>,
    pub options: Option<Json>,
    pub attributes: Option<Json>,
    /// References in order.
    pub pictures: Option<Json>,
    pub version: i64,
    pub created_import_id: Option<i64>,
    pub created_row: Option<i64>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub updated_at: TimeDateTimeWithTimeZone,
    pub deleted_at: Option<TimeDateTimeWithTimeZone>,
}

impl ActiveModelBehavior for ActiveModel {}
