//! Changes in the database.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use time::OffsetDateTime;

use super::{Change, ChangeKind, FieldChanges};
use crate::entities::change::{ActiveModel, Column, Entity, Model};
use crate::entities::product;
use crate::error::Result;
use crate::problem::Problem;

/// Changes that a product's page shows.
const SHOWN: u64 = 100;

/// Writes down what somebody did to one product, in the transaction in which it is done.
pub(crate) async fn record(
    db: &impl ConnectionTrait,
    (product, version): (i64, i64),
    kind: ChangeKind,
    fields: &FieldChanges,
    (made_by, made_at): (&str, OffsetDateTime),
) -> Result<()> {
    let row = ActiveModel {
        product_id: Set(product),
        version: Set(version),
        kind: Set(kind.as_str().to_owned()),
        fields: Set(serde_json::to_value(fields)?),
        made_at: Set(made_at),
        made_by: Set(Some(made_by.to_owned())),
        ..Default::default()
    };
    row.insert(db).await?;
    Ok(())
}

/// Deletes the history of a product that is going for good.
pub(crate) async fn forget(db: &impl ConnectionTrait, product: i64) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ProductId.eq(product))
        .exec(db)
        .await?;
    Ok(())
}

/// The newest change of a product, if it has changed since it was created.
pub(crate) async fn last(db: &impl ConnectionTrait, product: i64) -> Result<Option<Change>> {
    let row = of(product).one(db).await?;
    row.map(|row| change(&row)).transpose()
}

/// The changes of a product, in the bin or not, the newest first; at most the last hundred.
///
/// # Errors
/// When there is no such product or the database fails.
pub async fn history(db: &impl ConnectionTrait, product: i64) -> Result<Vec<Change>> {
    let found = product::Entity::find_by_id(product).one(db).await?;
    let found = found.ok_or_else(|| Problem::not_found("product"))?;
    let rows = of(product).limit(SHOWN).all(db).await?;
    let mut changes = rows.iter().map(change).collect::<Result<Vec<_>>>()?;
    if let Some(import) = found.created_import_id {
        changes.push(Change {
            version: 1,
            kind: ChangeKind::Create,
            fields: FieldChanges::new(),
            made_at: found.created_at.into(),
            made_by: None,
            import_id: Some(import),
            row: found.created_row,
        });
    }
    Ok(changes)
}

fn of(product: i64) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::ProductId.eq(product))
        .order_by_desc(Column::Version)
        .order_by_desc(Column::Id)
}

pub(super) fn change(row: &Model) -> Result<Change> {
    Ok(Change {
        version: row.version,
        kind: serde_json::from_value(row.kind.clone().into())?,
        fields: serde_json::from_value(row.fields.clone())?,
        made_at: row.made_at.into(),
        made_by: row.made_by.clone(),
        import_id: row.import_id,
        row: row.row_no,
    })
}
