//! What a program creates under a key of its own is created once, however often it is asked for. The same key may stand for something of
//! another kind as well, but not for something else of the same kind.

use std::fmt::Debug;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    QueryFilter as _, SqlErr,
};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::database::Database;
use crate::database::clock::now;
use crate::entities::created_once::{ActiveModel, Column, Entity};
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::storage::hex;

/// How the digests of this version begin. Where what is asked for is written in another way, they must begin otherwise, or the same request
/// would be taken for another one.
const FORM: &str = "1:";

/// Something to be created, under a key.
pub(crate) struct Once {
    kind: &'static str,
    stored: String,
    /// [`FORM`], and SHA-256 of all that is asked for, in hexadecimal.
    wish: String,
}

impl Once {
    /// `wish` is what is asked for, without anything secret: short secrets are found out by their digests.
    pub fn new(kind: &'static str, key: &str, wish: &impl Debug) -> Self {
        Self {
            kind,
            stored: format!("{kind} {key}"),
            wish: format!("{FORM}{}", hex(&Sha256::new_with_prefix(format!("{wish:?}")))),
        }
    }

    /// What was created under that key before.
    ///
    /// # Errors
    /// 422 when something else was asked for.
    pub async fn known(&self, db: &impl ConnectionTrait) -> Result<Option<i64>> {
        let Some(row) = Entity::find_by_id(&self.stored).one(db).await? else {
            return Ok(None);
        };
        // Other versions wrote it down in another way, or not at all.
        let known = row.wish.filter(|wish| wish.starts_with(FORM));
        if known.is_some_and(|wish| wish != self.wish) {
            let detail = "This was sent before with other values, and those were saved. Nothing was saved now. Send it once more to create another one; \
                programs use another Idempotency-Key.";
            return Err(Problem::unprocessable(detail).into());
        }
        Ok(Some(row.resource_id))
    }

    /// The same for whoever found the key taken.
    ///
    /// # Errors
    /// As [`Self::known`]; 409 when there is nothing under it yet.
    pub async fn taken(&self, db: &impl ConnectionTrait) -> Result<i64> {
        let being_worked_on = || Problem::conflict("The same request is being worked on. Send it again.");
        Ok(self.known(db).await?.ok_or_else(being_worked_on)?)
    }

    /// Takes the key, before anything is created: whoever comes second waits here for the outcome of the first. Says whether it was free; if
    /// not, the transaction is of no use any more.
    pub async fn take(&self, transaction: &DatabaseTransaction) -> Result<bool> {
        let row = ActiveModel {
            key: Set(self.stored.clone()),
            kind: Set(self.kind.to_owned()),
            resource_id: Set(0),
            wish: Set(Some(self.wish.clone())),
            created_at: Set(now()),
        };
        match row.insert(transaction).await {
            Ok(_) => Ok(true),
            Err(error) => match error.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// Writes down what was created under the key.
    pub async fn keep(&self, transaction: &DatabaseTransaction, id: i64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::ResourceId, Expr::val(id))
            .filter(Column::Key.eq(&self.stored))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

/// Rows that are deleted together: short enough that nobody waits.
const TOGETHER: u64 = 5_000;

/// Forgets the keys from before a moment. Under them something else may be created then.
pub(crate) async fn forget(database: &Database, before: OffsetDateTime) -> Result<()> {
    let old = Query::select()
        .column(Column::Key)
        .from(Entity)
        .and_where(Column::CreatedAt.lt(before))
        .limit(TOGETHER)
        .to_owned();
    loop {
        let forgotten = Entity::delete_many().filter(Column::Key.in_subquery(old.clone()));
        if forgotten.exec(database.writer()).await?.rows_affected < TOGETHER {
            return Ok(());
        }
    }
}

/// What was created under a key is given again, unless it has gone since: the key does not make another one.
pub(crate) fn still_there<T>(found: Result<T>) -> Result<T> {
    match found {
        Err(Error::Refused(problem)) if problem.status == 404 => {
            let detail = "What was created under this Idempotency-Key has been deleted since. To create it again, send another key.";
            Err(Problem::conflict(detail).into())
        }
        other => other,
    }
}
