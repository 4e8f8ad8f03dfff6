//! The table of nodes. Its moments are of the database's clock, on which all nodes agree.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, Statement,
};
use time::OffsetDateTime;

use super::Node;
use crate::database::clock::{self, now};
use crate::entities::node::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};

/// Milliseconds after which a node that has said nothing is no longer taken for living.
pub(super) const LIVES: i64 = 15_000;
/// What is left of nodes that were killed goes after that.
const FORGOTTEN: i64 = 3_600_000;

/// The nodes that live, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn living(db: &impl ConnectionTrait) -> Result<Vec<Node>> {
    let rows = rows(db).await?;
    rows.into_iter().map(Node::try_from).collect()
}

async fn rows(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    let since = moment(db).await? - LIVES;
    Ok(Entity::find()
        .filter(Column::SeenAt.gt(since))
        .order_by_asc(Column::StartedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// One that lives and keeps its files in another bucket than `store`. One with a folder is gone when this is asked: its lock was not held.
pub(super) async fn stranger(db: &impl ConnectionTrait, store: &str) -> Result<Option<Node>> {
    let stranger = rows(db)
        .await?
        .into_iter()
        .find(|row| row.store != store && row.store.starts_with("s3://"));
    stranger.map(Node::try_from).transpose()
}

/// Says that a node lives, and what its disks are like.
pub(super) async fn beat(db: &impl ConnectionTrait, node: &Node, store: &str) -> Result<()> {
    let seen = moment(db).await?;
    let row = ActiveModel {
        id: Set(node.id.clone()),
        role: Set(node.role.as_str().to_owned()),
        host: Set(node.host.clone()),
        version: Set(node.version.clone()),
        store: Set(store.to_owned()),
        started_at: Set(OffsetDateTime::try_from(&node.started_at).unwrap_or_else(|_| now())),
        seen_at: Set(seen),
        disks: Set(Some(serde_json::to_value(&node.disks)?)),
    };
    let known = OnConflict::column(Column::Id)
        .update_columns([Column::SeenAt, Column::Disks])
        .to_owned();
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    let old = Column::SeenAt.lt(seen - FORGOTTEN);
    Entity::delete_many().filter(old).exec(db).await?;
    Ok(())
}

pub(super) async fn leave(db: &impl ConnectionTrait, node: &Node) -> Result<()> {
    Entity::delete_by_id(node.id.clone()).exec(db).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Moment {
    milliseconds: i64,
}

async fn moment(db: &impl ConnectionTrait) -> Result<i64> {
    let backend = db.get_database_backend();
    let sql = format!("SELECT {} AS milliseconds", clock::milliseconds(backend));
    let moment = Moment::find_by_statement(Statement::from_string(backend, sql))
        .one(db)
        .await?;
    let moment = moment.ok_or_else(|| Error::Stored("the database does not tell the time".to_owned()))?;
    Ok(moment.milliseconds)
}

impl TryFrom<Model> for Node {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        // The last version says nothing of them, and of the next one not every word is known here.
        let disks = row.disks.and_then(|disks| serde_json::from_value(disks).ok());
        Ok(Self {
            role: row.role.parse().map_err(Error::Stored)?,
            id: row.id,
            host: row.host,
            version: row.version,
            started_at: row.started_at.into(),
            disks: disks.unwrap_or_default(),
        })
    }
}
