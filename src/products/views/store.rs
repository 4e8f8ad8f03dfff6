//! Saved views in the database.

use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, SqlErr,
};

use super::SavedView;
use crate::accounts::{Role, User};
use crate::asked::Fields;
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::saved_view::{ActiveModel, Column, Entity, Model};
use crate::entities::user;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::products::ProductQuery;

/// Characters of a name, and views of one person.
const NAME_MAX: usize = 60;
const VIEWS_MAX: u64 = 100;

/// One's own views and those that others share, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait, user: &User) -> Result<Vec<SavedView>> {
    let seen = Column::OwnerId.eq(user.id).or(Column::IsShared.eq(true));
    let rows = Entity::find().filter(seen).order_by_asc(Column::Name).all(db).await?;
    rows.into_iter().map(|row| view(row, user)).collect()
}

/// Saves a view. One's own view of the same name is replaced.
///
/// # Errors
/// 422 when the name cannot be used, 409 when there are too many.
pub async fn save(
    database: &Database,
    user: &User,
    name: &str,
    query: &ProductQuery,
    is_shared: bool,
    actor: &Actor,
) -> Result<()> {
    let name = checked(name)?;
    let own = Column::OwnerId.eq(user.id);
    let transaction = database.begin().await?;
    if Entity::find().filter(own.clone()).count(&transaction).await? >= VIEWS_MAX {
        return Err(Problem::conflict("You have 100 saved views. Delete one that you do not need any more.").into());
    }
    let fields: Fields = query
        .fields()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let text = serde_json::to_string(&fields)?;
    let row = ActiveModel {
        owner_id: Set(user.id),
        name: Set(name.to_owned()),
        query: Set(text),
        is_shared: Set(is_shared),
        created_at: Set(now()),
        ..Default::default()
    };
    let before = own.and(Column::Name.eq(name));
    Entity::delete_many().filter(before).exec(&transaction).await?;
    let row = row.insert(&transaction).await.map_err(taken)?;
    let mut particulars = query.in_log();
    particulars.insert("shared".to_owned(), is_shared.into());
    audit::record(
        &transaction,
        actor,
        Action::ViewSaved,
        Some(object(row)),
        Some(particulars.into()),
    )
    .await?;
    Ok(transaction.commit().await?)
}

fn taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Problem::conflict("A view of this name was saved a moment ago. Choose another name.").into()
        }
        _ => error.into(),
    }
}

fn object(row: Model) -> Object {
    Object::new(ObjectKind::View, row.id, row.name)
}

/// Deletes a view: one's own, or as an administrator anybody's that is shared.
///
/// # Errors
/// 404 when there is no such view to delete.
pub async fn delete(database: &Database, user: &User, id: i64, actor: &Actor) -> Result<()> {
    let mut allowed = Column::OwnerId.eq(user.id);
    if user.role == Role::Admin {
        allowed = allowed.or(Column::IsShared.eq(true));
    }
    let transaction = database.begin().await?;
    let row = Entity::find_by_id(id).filter(allowed).one(&transaction).await?;
    let missing = || Problem::not_found("saved view");
    let row = row.ok_or_else(missing)?;
    // Somebody else may have been faster.
    if Entity::delete_by_id(row.id).exec(&transaction).await?.rows_affected == 0 {
        return Err(missing().into());
    }
    let mut particulars = serde_json::json!({"shared": row.is_shared});
    if row.owner_id != user.id {
        let owner = user::Entity::find_by_id(row.owner_id).one(&transaction).await?;
        particulars["owner"] = owner.map(|owner| owner.email).into();
    }
    audit::record(
        &transaction,
        actor,
        Action::ViewDeleted,
        Some(object(row)),
        Some(particulars),
    )
    .await?;
    Ok(transaction.commit().await?)
}

fn checked(name: &str) -> Result<&str> {
    let name = name.trim();
    if !name.is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    let message = "Enter a name for the view, of at most 60 characters.";
    Err(Problem::unprocessable(message).with_field("view", message).into())
}

fn view(row: Model, user: &User) -> Result<SavedView> {
    let mut fields: Fields = serde_json::from_str(&row.query)?;
    Ok(SavedView {
        id: row.id,
        name: row.name,
        query: ProductQuery::take(&mut fields)?,
        is_shared: row.is_shared,
        is_own: row.owner_id == user.id,
    })
}
