use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_attempts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub delivery_id: i64,
    pub made_at: TimeDateTimeWithTimeZone,
    pub cause: String,
    pub url: String,
    pub duration_ms: i64,
    pub request_headers: String,
    pub response_status: Option<i64>,
    pub response_headers: Option<String>,
    pub response_body: Option<String>,
    pub is_cut: bool,
    pub error_kind: Option<String>,
    pub error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
