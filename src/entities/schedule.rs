use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    #[sea_orm(unique)]
    pub name_key: String,
    pub address: String,
    pub header_name: Option<String>,
    pub secret: Vec<u8>,
    pub kind: String,
    pub options: String,
    pub sheet: Option<String>,
    pub timing: String,
    pub time_zone: String,
    pub after_check: String,
    pub problem_percent: i64,
    pub status: String,
    pub paused_at: Option<TimeDateTimeWithTimeZone>,
    pub paused_because: Option<String>,
    pub next_run_at: Option<TimeDateTimeWithTimeZone>,
    pub failures: i64,
    pub edition: i64,
    pub seen: Option<String>,
    pub created_by: String,
    pub updated_by: String,
    pub created_at: TimeDateTimeWithTimeZone,
    pub updated_at: TimeDateTimeWithTimeZone,
}

impl ActiveModelBehavior for ActiveModel {}
