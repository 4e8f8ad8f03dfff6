use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule_runs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub schedule_id: i64,
    pub cause: String,
    pub started_by: String,
    pub status: String,
    pub import_id: Option<i64>,
    pub detail: Option<String>,
    pub edition: i64,
    pub seen: Option<String>,
    pub attempts: i64,
    pub lease_token: i64,
    pub lease_until: i64,
    pub created_at: TimeDateTimeWithTimeZone,
    pub finished_at: Option<TimeDateTimeWithTimeZone>,
}

impl ActiveModelBehavior for ActiveModel {}
