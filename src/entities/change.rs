use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    pub version: i64,
    pub kind: String,
    pub import_id: Option<i64>,
    pub fields: Json,
    pub row_no: Option<i64>,
    pub made_at: TimeDateTimeWithTimeZone,
    pub made_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
