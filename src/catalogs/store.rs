//! Queries of catalogues.

use std::collections::{BTreeMap, HashSet};

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseBackend, DatabaseTransaction,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, SqlErr,
};
use time::OffsetDateTime;

use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::catalogs::{Catalog, CatalogNames};
use crate::database::Database;
use crate::database::clock::now;
use crate::database::paging;
use crate::entities::catalog::{ActiveModel, Column, Entity, Model};
use crate::entities::product;
use crate::error::{Error, Result};
use crate::fold::fold;
use crate::once::{Once, still_there};
use crate::page::{Page, PageRequest};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Catalogues in the order of their creation, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, request: &PageRequest) -> Result<Page<Catalog>> {
    let page = paging::newest_first(db, Entity::find(), Column::Id, |row: &Model| row.id, request).await?;
    Ok(page.map(Catalog::from))
}

/// # Errors
/// When there is no such catalogue or the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Catalog> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.ok_or_else(|| Problem::not_found("catalogue"))?.into())
}

/// Characters.
const NAME_MAX: usize = 200;

/// What the keys of whoever asks stand for.
const ONCE: &str = "catalogue";

/// # Errors
/// 409 when the name is taken, 422 when it cannot be used.
pub async fn create(database: &Database, name: &str, actor: &Actor) -> Result<Catalog> {
    let name = checked(name)?;
    let transaction = database.begin().await?;
    let catalog = insert(&transaction, name, actor).await?;
    transaction.commit().await?;
    Ok(catalog)
}

/// The same, once for each key: asked again, it gives the catalogue that it made.
///
/// # Errors
/// As [`create`].
pub async fn create_once(database: &Database, name: &str, actor: &Actor, key: &str) -> Result<Catalog> {
    let once = Once::new(ONCE, key, &name);
    if let Some(id) = once.known(database.writer()).await? {
        return still_there(get(database.writer(), id).await);
    }
    let name = checked(name)?;
    let transaction = database.begin().await?;
    if !once.take(&transaction).await? {
        transaction.rollback().await?;
        let id = once.taken(database.writer()).await?;
        return still_there(get(database.writer(), id).await);
    }
    let catalog = insert(&transaction, name, actor).await?;
    once.keep(&transaction, catalog.id).await?;
    transaction.commit().await?;
    Ok(catalog)
}

async fn insert(db: &DatabaseTransaction, name: &str, actor: &Actor) -> Result<Catalog> {
    let row = new_row(name).insert(db).await.map_err(|error| taken(error, name))?;
    let object = Object::new(ObjectKind::Catalogue, row.id, name);
    audit::record(db, actor, Action::CatalogueAdded, Some(object), None).await?;
    Ok(row.into())
}

/// # Errors
/// 409 when the name is taken, 422 when it cannot be used, 404.
pub async fn rename(database: &Database, id: i64, name: &str, actor: &Actor) -> Result<Catalog> {
    let name = checked(name)?;
    let transaction = database.begin().await?;
    let row = Entity::find_by_id(id).one(&transaction).await?;
    let row = row.ok_or_else(|| Problem::not_found("catalogue"))?;
    if row.name == name {
        transaction.rollback().await?;
        return Ok(row.into());
    }
    let fields = serde_json::json!({"name": [row.name, name]});
    let mut row = row.into_active_model();
    row.name = Set(name.to_owned());
    row.name_key = Set(fold(name).into_owned());
    row.updated_at = Set(now());
    let row = row.update(&transaction).await.map_err(|error| taken(error, name))?;
    let object = Object::new(ObjectKind::Catalogue, id, name);
    audit::record(
        &transaction,
        actor,
        Action::CatalogueRenamed,
        Some(object),
        Some(fields),
    )
    .await?;
    transaction.commit().await?;
    Ok(row.into())
}

/// Deletes a catalogue that no product is in, not even one in the bin that is there for a while yet: those lose it.
///
/// # Errors
/// 409 while products are in it, 404.
pub async fn delete(database: &Database, id: i64, actor: &Actor) -> Result<()> {
    let transaction = database.begin_change().await?;
    let catalog = get(&transaction, id).await?;
    let in_use = product::Entity::find()
        .filter(product::Column::CatalogId.eq(id))
        .filter(product::Column::DeletedAt.is_null())
        .one(&transaction)
        .await?;
    if in_use.is_some() {
        let detail = format!(
            "Products are in “{}”. Move them to another catalogue or delete them first; nothing was changed.",
            catalog.name
        );
        return Err(Problem::conflict(detail).into());
    }
    product::Entity::update_many()
        .col_expr(product::Column::CatalogId, Expr::val(None::<i64>))
        .filter(product::Column::CatalogId.eq(id))
        .exec(&transaction)
        .await?;
    Entity::delete_by_id(id).exec(&transaction).await?;
    let object = Object::new(ObjectKind::Catalogue, id, catalog.name);
    audit::record(&transaction, actor, Action::CatalogueDeleted, Some(object), None).await?;
    Ok(transaction.commit().await?)
}

/// Deletes a catalogue whose products have gone elsewhere, if they all have.
pub(crate) async fn close(db: &impl ConnectionTrait, id: i64, actor: &Actor) -> Result<()> {
    let Some(catalog) = Entity::find_by_id(id).one(db).await? else {
        return Ok(());
    };
    let in_use = product::Entity::find()
        .filter(product::Column::CatalogId.eq(id))
        .filter(product::Column::DeletedAt.is_null())
        .one(db)
        .await?;
    if in_use.is_none() {
        Entity::delete_by_id(id).exec(db).await?;
        let object = Object::new(ObjectKind::Catalogue, id, catalog.name);
        audit::record(db, actor, Action::CatalogueDeleted, Some(object), None).await?;
    }
    Ok(())
}

/// Brings back a catalogue that has gone, under its own id, so that its products can come back into it. If its name is another one's by now,
/// its id is added. One that is still there, or there again, is left as it is.
///
/// # Errors
/// 409 when another catalogue has that id by now.
pub(crate) async fn reopen(
    db: &impl ConnectionTrait,
    (id, name): (i64, &str),
    created_at: &Timestamp,
    actor: &Actor,
) -> Result<()> {
    let with_id = format!("{name} ({id})");
    if let Some(there) = Entity::find_by_id(id).one(db).await? {
        let has_its_name = [name, &with_id].iter().any(|name| fold(name) == there.name_key);
        if has_its_name || Timestamp::from(there.created_at) == *created_at {
            return Ok(());
        }
        let detail = format!(
            "The products were in “{name}”, catalogue {id}, and that is “{}” by now. They cannot come back into it.",
            there.name
        );
        return Err(Problem::conflict(detail).into());
    }
    let of_name = Entity::find().filter(Column::NameKey.eq(fold(name).into_owned()));
    let name = match of_name.one(db).await? {
        Some(_) => &with_id,
        None => name,
    };
    let row = ActiveModel {
        id: Set(id),
        created_at: Set(OffsetDateTime::try_from(created_at)?),
        ..new_row(name)
    };
    row.insert(db).await.map_err(|error| taken(error, name))?;
    if db.get_database_backend() == DatabaseBackend::Postgres {
        db.execute_unprepared(PAST_OWN_IDS).await?;
    }
    let object = Object::new(ObjectKind::Catalogue, id, name);
    audit::record(db, actor, Action::CatalogueAdded, Some(object), None).await
}

/// On PostgreSQL: ids that were given by somebody else than the sequence are not given out again by it. It never goes back either, so that an
/// id belongs to one catalogue for ever.
pub(crate) const PAST_OWN_IDS: &str = "SELECT setval(pg_get_serial_sequence('catalogs', 'id'), newest.id)
    FROM (SELECT max(id) AS id FROM catalogs) newest
    WHERE newest.id > coalesce(pg_sequence_last_value(CAST(pg_get_serial_sequence('catalogs', 'id') AS regclass)), 0)";

fn new_row(name: &str) -> ActiveModel {
    ActiveModel {
        name: Set(name.to_owned()),
        name_key: Set(fold(name).into_owned()),
        product_count: Set(0),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    }
}

fn checked(name: &str) -> Result<&str> {
    let name = name.trim();
    let message = if name.is_empty() {
        "Enter a name for the catalogue."
    } else if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        "Enter a name of at most 200 characters, without line breaks."
    } else {
        return Ok(name);
    };
    Err(Problem::unprocessable(message).with_field("name", message).into())
}

fn taken(error: sea_orm::DbErr, name: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = format!("A catalogue called ‘{name}’ already exists.");
            Problem::conflict(message.clone()).with_field("name", message).into()
        }
        _ => error.into(),
    }
}

pub(crate) async fn exists(db: &impl ConnectionTrait, id: i64) -> Result<bool> {
    Ok(Entity::find_by_id(id).one(db).await?.is_some())
}

/// Products that come into a catalogue or leave it, in the transaction in which they do.
pub(crate) async fn count_in(db: &impl ConnectionTrait, catalog: Option<i64>, change: i64) -> Result<()> {
    if let Some(id) = catalog {
        Entity::update_many()
            .col_expr(Column::ProductCount, Expr::col(Column::ProductCount).add(change))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Every id, for checking a file against them.
pub(crate) async fn ids(db: &impl ConnectionTrait) -> Result<HashSet<i64>> {
    let ids: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Catalogues that a list holds.
const LISTED: usize = 200;

/// The first catalogues by name, for a list to choose from, and those with the ids `also`.
///
/// # Errors
/// When the database fails.
pub async fn names(db: &impl ConnectionTrait, also: &[i64]) -> Result<CatalogNames> {
    let first = Entity::find().order_by_asc(Column::NameKey).limit(LISTED as u64 + 1);
    let mut rows = first.all(db).await?;
    let are_more = rows.len() > LISTED;
    rows.truncate(LISTED);
    let missing: Vec<i64> = also
        .iter()
        .take(LISTED)
        .filter(|id| are_more && rows.iter().all(|row| row.id != **id))
        .copied()
        .collect();
    if !missing.is_empty() {
        rows.extend(Entity::find().filter(Column::Id.is_in(missing)).all(db).await?);
    }
    let known = rows.into_iter().map(|row| (row.id, row.name)).collect();
    Ok(CatalogNames { known, are_more })
}

/// The id of the catalogue with this name, whatever its case. `field` is where it was typed.
///
/// # Errors
/// 422 when there is no such catalogue.
pub async fn named(db: &impl ConnectionTrait, name: &str, field: &str) -> Result<i64> {
    let name = name.trim();
    // PostgreSQL takes no zero byte, and no name has one.
    let row = if checked(name).is_ok() {
        let of_name = Entity::find().filter(Column::NameKey.eq(fold(name).into_owned()));
        of_name.one(db).await?
    } else {
        None
    };
    row.map(|row| row.id).ok_or_else(|| {
        let typed: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        let message = format!("There is no catalogue called ‘{typed}’. Check how it is written.");
        Problem::unprocessable(message.clone())
            .with_field(field, message)
            .into()
    })
}

impl From<Model> for Catalog {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            product_count: row.product_count,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// The names of these catalogues, as far as they exist.
///
/// # Errors
/// When the database fails.
pub(crate) async fn names_of(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    let rows: Vec<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
