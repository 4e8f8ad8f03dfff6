use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub status: String,
    pub phase: Option<String>,
    pub file_name: String,
    pub file_key: String,
    pub file_size: i64,
    pub sha256: String,
    pub format: String,
    pub total: Option<i64>,
    pub read_rows: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub failed: i64,
    pub superseded: i64,
    pub percent: f64,
    pub rows_per_second: Option<f64>,
    pub eta_seconds: Option<i64>,
    pub message: String,
    pub error: Option<String>,
    pub checkpoint: Option<String>,
    pub cancel_requested: bool,
    pub lease_token: i64,
    pub lease_until: i64,
    pub place: Option<String>,
    pub crash_place: Option<String>,
    pub crashes: i64,
    #[sea_orm(unique)]
    pub idempotency_key: Option<String>,
    pub plan: Option<String>,
    pub undoes: Option<i64>,
    pub undone_by: Option<i64>,
    pub step: String,
    pub options: Option<String>,
    pub review: Option<String>,
    pub corrects: Option<i64>,
    pub created_by: String,
    pub created_at: TimeDateTimeWithTimeZone,
    pub queued_at: Option<TimeDateTimeWithTimeZone>,
    pub started_at: Option<TimeDateTimeWithTimeZone>,
    pub finished_at: Option<TimeDateTimeWithTimeZone>,
    pub file_removed_at: Option<TimeDateTimeWithTimeZone>,
    pub problems_removed_at: Option<TimeDateTimeWithTimeZone>,
}

impl ActiveModelBehavior for ActiveModel {}
