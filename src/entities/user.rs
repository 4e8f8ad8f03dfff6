use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub email: String,
    #[sea_orm(unique)]
    pub email_key: String,
    pub password_hash: String,
    pub role: String,
    pub created_at: TimeDateTimeWithTimeZone,
    pub last_sign_in_at: Option<TimeDateTimeWithTimeZone>,
    pub name: String,
    pub disabled_at: Option<TimeDateTimeWithTimeZone>,
    pub invite_hash: Option<String>,
    pub invite_expires_at: Option<TimeDateTimeWithTimeZone>,
    pub session_epoch: i64,
    pub preferences: String,
}

impl ActiveModelBehavior for ActiveModel {}
