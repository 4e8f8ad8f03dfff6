//! The log in the database.

use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select, Statement,
};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{Action, Actor, AuditQuery, Entry, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::database::paging;
use crate::entities::audit_entry::{ActiveModel, Column, Entity, Model};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::spreadsheet;

/// Writes a line, in the transaction of what it tells of.
pub(crate) async fn record(
    db: &impl ConnectionTrait,
    actor: &Actor,
    action: Action,
    object: Option<Object>,
    fields: Option<Value>,
) -> Result<()> {
    let (kind, id, name) = match object {
        Some(object) => (Some(object.kind.as_str().to_owned()), object.id, Some(object.name)),
        None => (None, None, None),
    };
    let row = ActiveModel {
        made_at: Set(now()),
        actor: Set(actor.name.clone()),
        action: Set(action.code().to_owned()),
        object_kind: Set(kind),
        object_id: Set(id),
        object_name: Set(name),
        fields: Set(fields),
        address: Set(actor.address.clone()),
        ..Default::default()
    };
    row.insert(db).await?;
    Ok(())
}

/// Writes a line of what changes nothing else in the database. It waits for its turn to write like every change.
pub(crate) async fn record_alone(
    database: &Database,
    actor: &Actor,
    action: Action,
    object: Option<Object>,
    fields: Option<Value>,
) -> Result<()> {
    let transaction = database.begin().await?;
    record(&transaction, actor, action, object, fields).await?;
    Ok(transaction.commit().await?)
}

/// Whose line: of a name, from an address, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'a> {
    pub name: Option<&'a str>,
    pub address: Option<&'a str>,
}

/// Whether such a line with these particulars has been written since a moment.
pub(crate) async fn is_there(
    db: &impl ConnectionTrait,
    action: Action,
    by: By<'_>,
    fields: &Value,
    since: OffsetDateTime,
) -> Result<bool> {
    let mut rows = Entity::find()
        .filter(Column::Action.eq(action.code()))
        .filter(Column::MadeAt.gt(since));
    if let Some(name) = by.name {
        rows = rows.filter(Column::Actor.eq(name));
    }
    if let Some(address) = by.address {
        rows = rows.filter(Column::Address.eq(address));
    }
    let rows = rows.all(db).await?;
    Ok(rows.iter().any(|row| row.fields.as_ref() == Some(fields)))
}

/// Lines that are deleted together: short enough that nobody waits.
const TOGETHER: u64 = 5_000;

/// Deletes the lines from before a moment.
pub(crate) async fn forget(database: &Database, before: OffsetDateTime) -> Result<()> {
    let old = format!(
        "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE made_at < $1 ORDER BY made_at LIMIT {TOGETHER})"
    );
    loop {
        let transaction = database.begin().await?;
        let statement = Statement::from_sql_and_values(database.backend(), &old, [before.into()]);
        let gone = transaction.execute_raw(statement).await?.rows_affected();
        transaction.commit().await?;
        if gone > 0 {
            tracing::info!(lines = gone, "old lines of the audit log were deleted");
        }
        if gone < TOGETHER {
            return Ok(());
        }
    }
}

/// Lines, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, query: &AuditQuery, request: &PageRequest) -> Result<Page<Entry>> {
    let rows = filtered(query)?;
    let page = paging::newest_first(db, rows, Column::Id, |row: &Model| row.id, request).await?;
    Ok(page.map(entry))
}

/// Up to `limit` lines older than `before`, the newest first: a piece of the whole log.
///
/// # Errors
/// When the database fails.
pub async fn export(
    db: &impl ConnectionTrait,
    query: &AuditQuery,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>> {
    let mut rows = filtered(query)?;
    if let Some(before) = before {
        rows = rows.filter(Column::Id.lt(before));
    }
    let rows = rows.order_by_desc(Column::Id).limit(limit).all(db).await?;
    Ok(rows.into_iter().map(entry).collect())
}

/// Writes down that somebody takes lines of the log away as a file.
///
/// # Errors
/// When the database fails.
pub async fn exported(database: &Database, query: &AuditQuery, actor: &Actor) -> Result<()> {
    let fields: Map<String, Value> = query
        .fields()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    record_alone(database, actor, Action::AuditExported, None, Some(fields.into())).await
}

fn filtered(query: &AuditQuery) -> Result<Select<Entity>> {
    let mut rows = Entity::find();
    // The database folds both sides, each in its own way, and its index does the same.
    let is = |column: Column, name: &str| Expr::expr(Func::lower(Expr::col(column))).eq(Func::lower(Expr::val(name)));
    if let Some(actor) = &query.actor {
        rows = rows.filter(is(Column::Actor, actor));
    }
    if let Some(object) = &query.object {
        rows = rows.filter(is(Column::ObjectName, object));
    }
    if let Some(action) = query.action {
        rows = rows.filter(Column::Action.eq(action.code()));
    }
    if let Some(from) = &query.from {
        rows = rows.filter(Column::MadeAt.gte(OffsetDateTime::try_from(from)?));
    }
    if let Some(to) = &query.to {
        rows = rows.filter(Column::MadeAt.lt(OffsetDateTime::try_from(to)?));
    }
    Ok(rows)
}

/// While nodes are upgraded one by one, this one may meet words of a later version.
fn entry(row: Model) -> Entry {
    let object = match (row.object_kind, row.object_name) {
        (Some(kind), Some(name)) => Some(Object {
            kind: serde_json::from_value(Value::from(kind)).unwrap_or(ObjectKind::Unknown),
            id: row.object_id,
            name,
        }),
        _ => None,
    };
    Entry {
        id: row.id,
        made_at: row.made_at.into(),
        actor: Actor {
            name: row.actor,
            address: row.address,
        },
        action: row.action.parse().unwrap_or(Action::Unknown),
        object,
        fields: row.fields,
    }
}

/// Lines as CSV, guarded like every export: an address or a name may begin like a formula.
///
/// # Errors
/// When a line cannot be written.
pub fn csv(entries: &[Entry], with_head: bool) -> Result<Bytes> {
    spreadsheet::csv(|writer| {
        if with_head {
            writer.write_record(["time", "who", "action", "object", "id", "name", "fields", "address"])?;
        }
        entries.iter().try_for_each(|entry| {
            let cells = cells(entry);
            writer.write_record(cells.iter().map(|cell| spreadsheet::guarded(cell).into_owned()))
        })
    })
}

fn cells(entry: &Entry) -> [String; 8] {
    let object = entry.object.as_ref();
    let id = object.and_then(|object| object.id);
    [
        entry.made_at.to_string(),
        entry.actor.name.clone(),
        entry.action.code().to_owned(),
        object.map(|object| object.kind.as_str().to_owned()).unwrap_or_default(),
        id.map(|id| id.to_string()).unwrap_or_default(),
        object.map(|object| object.name.clone()).unwrap_or_default(),
        entry.fields.as_ref().map(Value::to_string).unwrap_or_default(),
        entry.actor.address.clone().unwrap_or_default(),
    ]
}
