//! SKUs that another product has.

use sea_orm::{ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _, SqlErr};

use super::draft::ProductDraft;
use crate::entities::product::{Column, Entity};
use crate::error::{Error, Result};
use crate::problem::Problem;

/// A SKU that somebody wants, and what to say if another product has it.
pub(super) struct Taken {
    sku: String,
    key: String,
}

impl Taken {
    pub fn of(draft: &ProductDraft) -> Self {
        Self {
            sku: draft.sku.as_str().to_owned(),
            key: draft.sku.key().to_owned(),
        }
    }

    pub async fn refuse(&self, db: &DatabaseTransaction, own: Option<i64>) -> Result<()> {
        let other = Entity::find()
            .filter(Column::SkuKey.eq(self.key.as_str()))
            .one(db)
            .await?;
        let Some(other) = other.filter(|other| Some(other.id) != own) else {
            return Ok(());
        };
        let (sku, name) = (&self.sku, &other.name);
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
        Err(self.problem(message))
    }

    /// Two at the same moment: the database's own constraint decides.
    pub fn explain(&self, error: sea_orm::DbErr) -> Error {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                self.problem(format!("SKU ‘{}’ was taken a moment ago. Enter another SKU.", self.sku))
            }
            _ => error.into(),
        }
    }

    fn problem(&self, message: String) -> Error {
        Problem::conflict(message.clone()).with_field("sku", message).into()
    }
}
