//! Sessions in the shop's own database: no published store fits these versions of SeaORM and tower-sessions.

use async_trait::async_trait;
use sea_orm::prelude::TimeDateTimeWithTimeZone;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, SqlErr,
};
use stockroom::database::Database;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::row::{ActiveModel, Column, Entity};

#[derive(Clone, Debug)]
pub struct SeaOrmStore {
    database: Database,
}

impl SeaOrmStore {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl SessionStore for SeaOrmStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            match row(record)?.insert(self.database.writer()).await {
                Ok(_) => return Ok(()),
                Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                    record.id = Id::default()
                }
                Err(error) => return Err(Error::Backend(error.to_string())),
            }
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // A session that was ended meanwhile stays so: a request that began before must not bring it back.
        let row = row(record)?;
        let saved = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(record.id.to_string()))
            .exec(self.database.writer())
            .await;
        saved.map(drop).map_err(|error| Error::Backend(error.to_string()))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = Entity::find_by_id(id.to_string())
            .filter(Column::ExpiresAt.gt(TimeDateTimeWithTimeZone::now_utc()))
            .one(self.database.reader())
            .await;
        let Some(found) = found.map_err(|error| Error::Backend(error.to_string()))? else {
            return Ok(None);
        };
        let data = serde_json::from_slice(&found.data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: found.expires_at,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = Entity::delete_by_id(id.to_string()).exec(self.database.writer()).await;
        deleted.map(drop).map_err(|error| Error::Backend(error.to_string()))
    }
}

fn row(record: &Record) -> Result<ActiveModel> {
    let data = serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let whole_seconds = record.expiry_date.replace_nanosecond(0).unwrap_or(record.expiry_date);
    Ok(ActiveModel {
        id: Set(record.id.to_string()),
        data: Set(data),
        expires_at: Set(whole_seconds),
    })
}

pub(super) async fn delete_expired(database: &Database) -> std::result::Result<(), DbErr> {
    let over = Column::ExpiresAt.lte(TimeDateTimeWithTimeZone::now_utc());
    Entity::delete_many()
        .filter(over)
        .exec(database.writer())
        .await
        .map(drop)
}
