use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub made_at: TimeDateTimeWithTimeZone,
    pub actor: String,
    pub action: String,
    pub object_kind: Option<String>,
    pub object_id: Option<i64>,
    pub object_name: Option<String>,
    pub fields: Option<Json>,
    pub address: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
