//! Creating and changing products one by one. Each does so in one transaction, with its line in the product's history.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseBackend, DatabaseTransaction,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QuerySelect as _,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Product;
use super::draft::{ProductDraft, ProductText};
use super::search;
use super::store::{self, Row};
use super::taken;
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::catalogs;
use crate::changes::{self, ChangeKind, FieldChanges};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::counter;
use crate::entities::product::{ActiveModel, Entity, Model};
use crate::error::Result;
use crate::once::{Once, still_there};
use crate::problem::Problem;
use crate::webhooks::outbox;

/// Kind of what is created under a key.
const ONCE: &str = "product";

/// Adds a product.
///
/// # Errors
/// 409 when the SKU is taken, 422 when a field cannot be used.
pub async fn create(database: &Database, text: &ProductText, actor: &Actor) -> Result<Product> {
    taken::named(|| add(database, text, actor)).await
}

async fn add(database: &Database, text: &ProductText, actor: &Actor) -> Result<Product> {
    let draft = text.whole()?;
    let transaction = database.begin_change().await?;
    let product = insert(&transaction, draft, actor).await?;
    transaction.commit().await?;
    Ok(product)
}

/// Adds a product once, however often it is asked for under the same key.
///
/// # Errors
/// As [`create`].
pub async fn create_once(database: &Database, text: &ProductText, actor: &Actor, key: &str) -> Result<Product> {
    let once = Once::new(ONCE, key, text);
    taken::named(|| add_once(database, text, actor, &once)).await
}

async fn add_once(database: &Database, text: &ProductText, actor: &Actor, once: &Once) -> Result<Product> {
    if let Some(id) = once.known(database.writer()).await? {
        return still_there(store::get(database.writer(), id).await);
    }
    let draft = text.whole()?;
    let transaction = database.begin_change().await?;
    if !once.take(&transaction).await? {
        transaction.rollback().await?;
        let id = once.taken(database.writer()).await?;
        return still_there(store::get(database.writer(), id).await);
    }
    let product = insert(&transaction, draft, actor).await?;
    once.keep(&transaction, product.id).await?;
    transaction.commit().await?;
    Ok(product)
}

async fn insert(db: &DatabaseTransaction, draft: ProductDraft, actor: &Actor) -> Result<Product> {
    check_catalog(db, draft.catalog_id).await?;
    let moment = now();
    let catalog_id = draft.catalog_id;
    // SQLite and PostgreSQL differ in what is left of a transaction after a refused row, so it is asked first.
    taken::refuse(db, &draft.sku, None).await?;
    let (sku, key) = draft.sku.into_parts();
    let row = ActiveModel {
        sku: Set(sku),
        sku_key: Set(key),
        name: Set(draft.name),
        description: Set(draft.description),
        price_minor: Set(draft.price_minor),
        active: Set(draft.active),
        catalog_id: Set(catalog_id),
        version: Set(1),
        created_at: Set(moment),
        updated_at: Set(moment),
        ..Default::default()
    };
    let row = row.insert(db).await?;
    changes::record(
        db,
        (row.id, 1),
        ChangeKind::Create,
        &FieldChanges::new(),
        (&actor.name, moment),
    )
    .await?;
    count(db, 1, row.active).await?;
    catalogs::count_in(db, catalog_id, 1).await?;
    let product = store::get(db, row.id).await?;
    audit::record(db, actor, Action::ProductAdded, Some(object(&product)), None).await?;
    outbox::product_changed(db, ChangeKind::Create, &product, &FieldChanges::new()).await?;
    Ok(product)
}

/// Changes a product. `expected` is the version that the person saw; without it the change is made whatever happened since.
///
/// # Errors
/// 409 when somebody else was faster or the SKU is taken, 422 when a field cannot be used, 404.
pub async fn update(
    database: &Database,
    id: i64,
    expected: Option<i64>,
    text: &ProductText,
    actor: &Actor,
) -> Result<Product> {
    taken::named(|| async move {
        let transaction = database.begin_change().await?;
        let after = change(&transaction, id, expected, text, actor).await?;
        transaction.commit().await?;
        Ok(after)
    })
    .await
}

/// The same for a product that may have been put into the bin since: `expected` is the version that lies there then. It comes back with the
/// change, or stays where it is.
///
/// # Errors
/// As [`update`].
pub async fn restore_and_update(
    database: &Database,
    id: i64,
    expected: Option<i64>,
    text: &ProductText,
    actor: &Actor,
) -> Result<Product> {
    taken::named(|| async move {
        let transaction = database.begin_change().await?;
        let row = locked(&transaction, id)
            .await?
            .ok_or_else(|| Problem::not_found("product"))?;
        let mut expected = expected;
        if row.deleted_at.is_some() {
            refuse_stale(&transaction, &Row::from(row.clone()).into(), expected).await?;
            let restored = bring_back(&transaction, row, actor).await?;
            expected = expected.map(|_| restored.version);
        }
        let after = change(&transaction, id, expected, text, actor).await?;
        transaction.commit().await?;
        Ok(after)
    })
    .await
}

async fn change(
    transaction: &DatabaseTransaction,
    id: i64,
    expected: Option<i64>,
    text: &ProductText,
    actor: &Actor,
) -> Result<Product> {
    let (row, before) = find(transaction, id).await?;
    refuse_stale(transaction, &before, expected).await?;
    let draft = text.on(&before)?;
    check_catalog(transaction, draft.catalog_id).await?;
    let fields = differences(&before, &draft);
    if fields.is_empty() {
        return Ok(before);
    }
    taken::refuse(transaction, &draft.sku, Some(id)).await?;
    let moment = now();
    // Totals before catalogues, and those by their ids, as everywhere: so that nobody who changes them waits for whoever waits for them.
    if before.active != draft.active {
        add_to(transaction, store::INACTIVE, if draft.active { -1 } else { 1 }).await?;
    }
    let mut moved = [(before.catalog_id, -1), (draft.catalog_id, 1)];
    moved.sort_unstable();
    for (catalog, change) in moved {
        catalogs::count_in(transaction, catalog, change).await?;
    }
    let mut changed = row.into_active_model();
    let (sku, key) = draft.sku.into_parts();
    changed.sku = Set(sku);
    changed.sku_key = Set(key);
    changed.name = Set(draft.name);
    changed.description = Set(draft.description);
    changed.price_minor = Set(draft.price_minor);
    changed.active = Set(draft.active);
    changed.catalog_id = Set(draft.catalog_id);
    let change = (ChangeKind::Update, &fields);
    write(transaction, changed, &before, change, (actor, moment)).await?;
    let after = store::get(transaction, id).await?;
    let values = serde_json::to_value(&fields)?;
    audit::record(
        transaction,
        actor,
        Action::ProductChanged,
        Some(object(&after)),
        Some(values),
    )
    .await?;
    outbox::product_changed(transaction, ChangeKind::Update, &after, &fields).await?;
    Ok(after)
}

/// What to tell whoever was editing a product that somebody has put into the bin meanwhile; none where it is not there.
///
/// # Errors
/// 404 when there is no such product any more.
pub async fn binned_meanwhile(db: &impl ConnectionTrait, id: i64) -> Result<Option<Problem>> {
    let product = store::get_anywhere(db, id).await?;
    let Some(moment) = product.deleted_at else {
        return Ok(None);
    };
    let by = who_was_last(db, id).await?;
    let detail = format!(
        "This product was moved to the bin by {by} at {} while you were editing it, so nothing was saved. Restore it, and save again what is right.",
        moment.in_utc()
    );
    let version = format!("The product has version {} now, and is in the bin.", product.version);
    Ok(Some(Problem::conflict(detail).with_field("version", version)))
}

async fn who_was_last(db: &impl ConnectionTrait, id: i64) -> Result<String> {
    let last = changes::last(db, id).await?;
    Ok(last.map_or_else(|| "somebody".to_owned(), |change| change.by()))
}

/// Puts a product into the bin.
///
/// # Errors
/// 409 when somebody else was faster, 404 when there is no such product.
pub async fn delete(database: &Database, id: i64, expected: Option<i64>, actor: &Actor) -> Result<()> {
    let transaction = database.begin_change().await?;
    let (row, before) = find(&transaction, id).await?;
    refuse_stale(&transaction, &before, expected).await?;
    let moment = now();
    let mut changed = row.into_active_model();
    changed.deleted_at = Set(Some(moment));
    let deleted_at = Value::from(crate::timestamp::Timestamp::from(moment).to_string());
    let fields = FieldChanges::from([("deleted_at".to_owned(), (Value::Null, deleted_at))]);
    let change = (ChangeKind::Delete, &fields);
    write(&transaction, changed, &before, change, (actor, moment)).await?;
    count(&transaction, -1, before.active).await?;
    catalogs::count_in(&transaction, before.catalog_id, -1).await?;
    audit::record(&transaction, actor, Action::ProductDeleted, Some(object(&before)), None).await?;
    let after = store::get_anywhere(&transaction, id).await?;
    outbox::product_changed(&transaction, ChangeKind::Delete, &after, &fields).await?;
    Ok(transaction.commit().await?)
}

/// Takes a product out of the bin. One that is not there is left as it is.
///
/// # Errors
/// 404 when there is no such product.
pub async fn restore(database: &Database, id: i64, actor: &Actor) -> Result<Product> {
    let transaction = database.begin_change().await?;
    let row = locked(&transaction, id)
        .await?
        .ok_or_else(|| Problem::not_found("product"))?;
    let after = bring_back(&transaction, row, actor).await?;
    transaction.commit().await?;
    Ok(after)
}

async fn bring_back(transaction: &DatabaseTransaction, row: Model, actor: &Actor) -> Result<Product> {
    let Some(deleted_at) = row.deleted_at else {
        return store::get(transaction, row.id).await;
    };
    let before = Product::from(Row::from(row.clone()));
    let moment = now();
    let mut changed = row.into_active_model();
    changed.deleted_at = Set(None);
    let deleted_at = Value::from(crate::timestamp::Timestamp::from(deleted_at).to_string());
    let fields = FieldChanges::from([("deleted_at".to_owned(), (deleted_at, Value::Null))]);
    let change = (ChangeKind::Restore, &fields);
    write(transaction, changed, &before, change, (actor, moment)).await?;
    count(transaction, 1, before.active).await?;
    catalogs::count_in(transaction, before.catalog_id, 1).await?;
    let after = store::get(transaction, before.id).await?;
    audit::record(transaction, actor, Action::ProductRestored, Some(object(&after)), None).await?;
    outbox::product_changed(transaction, ChangeKind::Restore, &after, &fields).await?;
    Ok(after)
}

/// Takes a product out of the bin for good, with its history.
///
/// # Errors
/// 409 when it is not in the bin or webhooks have yet to be told of a bulk change, 404 when there is no such product.
pub async fn purge(database: &Database, id: i64, actor: &Actor) -> Result<()> {
    let transaction = database.begin_change().await?;
    let row = locked(&transaction, id)
        .await?
        .ok_or_else(|| Problem::not_found("product"))?;
    if row.deleted_at.is_none() {
        let detail =
            "Only products in the bin can be deleted for good. Delete this product first; nothing was changed.";
        return Err(Problem::conflict(detail).into());
    }
    outbox::refuse_while_telling(&transaction).await?;
    changes::forget(&transaction, id).await?;
    search::forget(&transaction, id).await?;
    Entity::delete_by_id(id).exec(&transaction).await?;
    let object = Object::new(ObjectKind::Product, id, row.sku);
    audit::record(&transaction, actor, Action::ProductPurged, Some(object), None).await?;
    Ok(transaction.commit().await?)
}

fn object(product: &Product) -> Object {
    Object::new(ObjectKind::Product, product.id, product.sku.clone())
}

/// Writes the row with its line in the history.
async fn write(
    db: &DatabaseTransaction,
    mut row: ActiveModel,
    before: &Product,
    (kind, fields): (ChangeKind, &FieldChanges),
    (by, moment): (&Actor, OffsetDateTime),
) -> Result<()> {
    let version = before.version + 1;
    row.version = Set(version);
    row.updated_at = Set(moment);
    row.update(db).await?;
    changes::record(db, (before.id, version), kind, fields, (&by.name, moment)).await
}

/// The row, kept from others until the transaction is over.
async fn locked(db: &DatabaseTransaction, id: i64) -> Result<Option<Model>> {
    let mut row = Entity::find_by_id(id);
    if db.get_database_backend() == DatabaseBackend::Postgres {
        row = row.lock_exclusive();
    }
    Ok(row.one(db).await?)
}

async fn find(db: &DatabaseTransaction, id: i64) -> Result<(Model, Product)> {
    let row = locked(db, id).await?.filter(|row| row.deleted_at.is_none());
    let row = row.ok_or_else(|| Problem::not_found("product"))?;
    Ok((row, store::get(db, id).await?))
}

async fn refuse_stale(db: &DatabaseTransaction, now: &Product, expected: Option<i64>) -> Result<()> {
    if expected.is_none_or(|expected| expected == now.version) {
        return Ok(());
    }
    let by = who_was_last(db, now.id).await?;
    let detail = format!(
        "This product was changed by {by} at {} while you were editing it, so nothing was saved. Compare the two, and save again what is right.",
        now.updated_at.in_utc()
    );
    Err(Problem::conflict(detail)
        .with_field("version", format!("The product has version {} now.", now.version))
        .into())
}

fn differences(before: &Product, after: &ProductDraft) -> FieldChanges {
    let pairs = [
        ("sku", json!(before.sku), json!(after.sku.as_str())),
        ("name", json!(before.name), json!(after.name)),
        ("description", json!(before.description), json!(after.description)),
        ("price_minor", json!(before.price_minor), json!(after.price_minor)),
        ("active", json!(before.active), json!(after.active)),
        ("catalog_id", json!(before.catalog_id), json!(after.catalog_id)),
    ];
    pairs
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| (name.to_owned(), (before, after)))
        .collect()
}

async fn check_catalog(db: &DatabaseTransaction, catalog: Option<i64>) -> Result<()> {
    let Some(id) = catalog else { return Ok(()) };
    if catalogs::exists(db, id).await? {
        return Ok(());
    }
    let message = "There is no such catalogue any more. Choose another.";
    Err(Problem::unprocessable(message).with_field("catalog_id", message).into())
}

/// Keeps the totals when one product comes or goes.
async fn count(db: &DatabaseTransaction, change: i64, active: bool) -> Result<()> {
    add_to(db, store::ALL, change).await?;
    if active {
        return Ok(());
    }
    add_to(db, store::INACTIVE, change).await
}

async fn add_to(db: &DatabaseTransaction, name: &str, change: i64) -> Result<()> {
    use sea_orm::sea_query::{Expr, ExprTrait as _};
    counter::Entity::update_many()
        .col_expr(counter::Column::Value, Expr::col(counter::Column::Value).add(change))
        .filter(counter::Column::Name.eq(name))
        .exec(db)
        .await?;
    Ok(())
}
