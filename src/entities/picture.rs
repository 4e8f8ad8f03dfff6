use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pictures")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub reference: String,
    pub state: String,
    pub sha256: Option<String>,
    pub media_type: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub size: Option<i64>,
    pub attempts: i64,
    pub next_attempt_at: Option<TimeDateTimeWithTimeZone>,
    pub lease_token: Option<String>,
    pub problem: Option<String>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub fetched_at: Option<TimeDateTimeWithTimeZone>,
}

impl ActiveModelBehavior for ActiveModel {}
