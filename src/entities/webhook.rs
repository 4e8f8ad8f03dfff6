use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub url: String,
    pub description: String,
    pub events: String,
    pub bulk_policy: String,
    pub headers: Option<Vec<u8>>,
    pub secret: Vec<u8>,
    pub rate: i64,
    pub concurrency: i64,
    pub timeout_seconds: i64,
    pub is_ordered: bool,
    pub status: String,
    pub disabled_at: Option<TimeDateTimeWithTimeZone>,
    pub disabled_because: Option<String>,
    pub failing_since: Option<i64>,
    pub failures: i64,
    pub open_until: i64,
    pub openings: i64,
    pub last_attempt_at: Option<i64>,
    pub last_response: Option<String>,
    pub lease_owner: Option<String>,
    pub lease_until: i64,
    pub created_by: String,
    pub created_at: TimeDateTimeWithTimeZone,
    pub updated_at: TimeDateTimeWithTimeZone,
}

impl ActiveModelBehavior for ActiveModel {}
