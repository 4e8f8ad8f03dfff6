use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "remembered_files")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub headers_hash: String,
    pub headers: String,
    pub fields: String,
    pub file_stem: String,
    pub row_count: i64,
    pub used_at: TimeDateTimeWithTimeZone,
}

impl ActiveModelBehavior for ActiveModel {}
