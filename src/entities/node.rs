use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "nodes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub role: String,
    pub host: String,
    pub version: String,
    pub store: String,
    pub started_at: TimeDateTimeWithTimeZone,
    pub seen_at: i64,
    pub disks: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}
