//! SKUs that another product has.

use sea_orm::{ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _, SqlErr};

use super::sku::Sku;
use crate::entities::product::{Column, Entity};
use crate::error::{Error, Result};
use crate::problem::Problem;

/// As often a SKU may be taken by somebody else between looking for it and writing.
const ATTEMPTS: usize = 3;

/// Does what may want a SKU that somebody else takes at the same moment. The database's own constraint decides then, and the next attempt finds
/// the product that has it.
pub(super) async fn named<T, F: Future<Output = Result<T>>>(attempt: impl Fn() -> F) -> Result<T> {
    for _ in 0..ATTEMPTS {
        match attempt().await {
            Err(Error::Database(error)) if is_taken(&error) => {}
            done => return done,
        }
    }
    Err(conflict(
        "Somebody else has taken this SKU a moment ago. Enter another SKU.",
    ))
}

fn is_taken(error: &sea_orm::DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// # Errors
/// 409 when another product than `own` has this SKU.
pub(super) async fn refuse(db: &DatabaseTransaction, sku: &Sku, own: Option<i64>) -> Result<()> {
    let other = Entity::find().filter(Column::SkuKey.eq(sku.key())).one(db).await?;
    let Some(other) = other.filter(|other| Some(other.id) != own) else {
        return Ok(());
    };
    let (sku, name) = (sku.as_str(), &other.name);
    let message = if other.deleted_at.is_some() {
        format!(
            "SKU ‘{sku}’ belongs to {name} ({}), which is in the bin. Restore that product, or enter another SKU.",
            other.sku
        )
    } else {
        format!(
            "SKU ‘{sku}’ is already used by {name} ({}). Open that product, or enter another SKU.",
            other.sku
        )
    };
    Err(conflict(message))
}

fn conflict(message: impl Into<String>) -> Error {
    let message = message.into();
    Problem::conflict(message.clone()).with_field("sku", message).into()
}
