//! Keys with which programs call.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use time::Duration;

use super::secret::{Secret, hash};
use super::{ApiKeyInfo, Role};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::api_key::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Days after which a key may end at the latest, if it ends.
const DAYS_MAX: i64 = 3_650;
/// How exactly the last use of a key is known.
const NOTICED_EVERY: Duration = Duration::minutes(1);

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey<'a> {
    /// The program that will use it.
    pub name: &'a str,
    pub role: Role,
    /// Days until it ends by itself.
    pub days: Option<i64>,
}

/// A key that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    pub id: i64,
    pub name: String,
    pub role: Role,
}

/// Stores a new key and hands it out, this once.
///
/// # Errors
/// 422 when the name is blank or the number of days none that can be used.
pub async fn create_api_key(database: &Database, new: NewApiKey<'_>, actor: &Actor) -> Result<Secret> {
    let name = new.name.trim();
    let refuse = |field: &str, message: &str| Problem::unprocessable(message).with_field(field, message);
    if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        let message = "Enter a name for the key, such as the program that will use it.";
        return Err(refuse("name", message).into());
    }
    if new.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(refuse("days", "Enter a number of days between 1 and 3,650, or leave it blank.").into());
    }
    let secret = Secret::api_key();
    let row = ActiveModel {
        name: Set(name.to_owned()),
        prefix: Set(secret.prefix().to_owned()),
        key_hash: Set(secret.hash()),
        role: Set(new.role.as_str().to_owned()),
        created_at: Set(now()),
        created_by: Set(actor.name.clone()),
        expires_at: Set(new.days.map(|days| now() + Duration::days(days))),
        ..Default::default()
    };
    let transaction = database.begin().await?;
    let row = row.insert(&transaction).await?;
    let fields = serde_json::json!({"role": new.role.as_str(), "prefix": row.prefix});
    let object = Object::new(ObjectKind::ApiKey, row.id, name);
    audit::record(&transaction, actor, Action::ApiKeyCreated, Some(object), Some(fields)).await?;
    transaction.commit().await?;
    Ok(secret)
}

/// All keys, those that were revoked last, and otherwise the newest first.
///
/// # Errors
/// When the database fails.
pub async fn api_keys(db: &impl ConnectionTrait) -> Result<Vec<ApiKeyInfo>> {
    let mut rows = Entity::find().order_by_desc(Column::Id).all(db).await?;
    rows.sort_by_key(|row| row.revoked_at.is_some());
    rows.into_iter().map(info).collect()
}

fn info(row: Model) -> Result<ApiKeyInfo> {
    Ok(ApiKeyInfo {
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        role: row.role.parse().map_err(Error::Stored)?,
        created_by: row.created_by,
        created_at: row.created_at.into(),
        is_expired: row.expires_at.is_some_and(|end| end <= now()),
        expires_at: row.expires_at.map(Timestamp::from),
        last_used_at: row.last_used_at.map(Timestamp::from),
        last_used_from: row.last_used_from,
        revoked_at: row.revoked_at.map(Timestamp::from),
    })
}

/// Ends a key. One that has ended stays so.
///
/// # Errors
/// 404 when there is no such key.
pub async fn revoke_api_key(database: &Database, id: i64, actor: &Actor) -> Result<()> {
    let transaction = database.begin().await?;
    let row = Entity::find_by_id(id).one(&transaction).await?;
    let row = row.ok_or_else(|| Problem::not_found("API key"))?;
    let ended = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::val(now()))
        .filter(Column::Id.eq(id).and(Column::RevokedAt.is_null()))
        .exec(&transaction)
        .await?;
    if ended.rows_affected == 1 {
        let object = Object::new(ObjectKind::ApiKey, id, row.name);
        audit::record(&transaction, actor, Action::ApiKeyRevoked, Some(object), None).await?;
    }
    Ok(transaction.commit().await?)
}

/// A key that may be used, and a note of its use.
///
/// # Errors
/// When the database fails.
pub async fn use_api_key(database: &Database, key: &str, from: Option<&str>) -> Result<Option<KnownKey>> {
    let found = Column::KeyHash.eq(hash(key)).and(Column::RevokedAt.is_null());
    let row = Entity::find().filter(found).one(database.reader()).await?;
    let now = now();
    let Some(row) = row.filter(|row| row.expires_at.is_none_or(|end| now < end)) else {
        return Ok(None);
    };
    if row.last_used_at.is_none_or(|last| now - last >= NOTICED_EVERY) {
        let noted = Entity::update_many()
            .col_expr(Column::LastUsedAt, Expr::val(now))
            .col_expr(Column::LastUsedFrom, Expr::val(from))
            .filter(Column::Id.eq(row.id))
            .exec(database.writer())
            .await;
        // Whoever only reads is served where nothing can be written: on a full disk, for example.
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of a key could not be noted");
        }
    }
    Ok(Some(KnownKey {
        id: row.id,
        role: row.role.parse().map_err(Error::Stored)?,
        name: row.name,
    }))
}
