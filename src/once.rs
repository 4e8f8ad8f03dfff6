//! What a program creates under a key of its own is created once, however often it is asked for. The same key may stand for something of
//! another kind as well.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    QueryFilter as _, SqlErr,
};

use crate::database::clock::now;
use crate::entities::created_once::{ActiveModel, Column, Entity};
use crate::error::{Error, Result};
use crate::problem::Problem;

fn stored(kind: &str, key: &str) -> String {
    format!("{kind} {key}")
}

/// What was created under that key before.
pub(crate) async fn known(db: &impl ConnectionTrait, kind: &str, key: &str) -> Result<Option<i64>> {
    let row = Entity::find_by_id(stored(kind, key)).one(db).await?;
    Ok(row.map(|row| row.resource_id))
}

/// Takes the key, before anything is created: whoever comes second waits here for the outcome of the first. Says whether it was free; if
/// not, the transaction is of no use any more.
pub(crate) async fn take(transaction: &DatabaseTransaction, kind: &str, key: &str) -> Result<bool> {
    let row = ActiveModel {
        key: Set(stored(kind, key)),
        kind: Set(kind.to_owned()),
        resource_id: Set(0),
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
pub(crate) async fn keep(transaction: &DatabaseTransaction, kind: &str, key: &str, id: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ResourceId, Expr::val(id))
        .filter(Column::Key.eq(stored(kind, key)))
        .exec(transaction)
        .await?;
    Ok(())
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

/// For whoever found the key taken and then nothing under it.
pub(crate) fn being_worked_on() -> Problem {
    Problem::conflict("The same request is being worked on. Send it again.")
}
