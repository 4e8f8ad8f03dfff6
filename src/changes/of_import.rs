//! What one job has done to which products, in pages: first what it created, then what it changed, each in the order of their ids.

use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult as _, Statement};

use super::{ChangeKind, ImportChange};
use crate::error::Result;

/// How far a walk over a job's changes has come: the last id of what was created, or of what was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Created(i64),
    Changed(i64),
}

impl Place {
    pub const BEGINNING: Self = Self::Created(0);

    /// As it stands in an address: `c17` or `u23`.
    #[must_use]
    pub fn to_text(self) -> String {
        match self {
            Self::Created(id) => format!("c{id}"),
            Self::Changed(id) => format!("u{id}"),
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.get(1..)?.parse().ok().filter(|id| *id >= 0)?;
        match text.as_bytes().first()? {
            b'c' => Some(Self::Created(id)),
            b'u' => Some(Self::Changed(id)),
            _ => None,
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: i64,
    product_id: i64,
    sku: Option<String>,
    version: i64,
    kind: String,
    fields: Option<sea_orm::entity::prelude::Json>,
}

/// Up to `limit` changes of a job after `place`, and how far they go; no place when there are no more.
///
/// # Errors
/// When the database fails.
pub async fn of_import(
    db: &impl ConnectionTrait,
    import: i64,
    place: Place,
    limit: u64,
) -> Result<(Vec<ImportChange>, Option<Place>)> {
    let mut changes = Vec::new();
    let mut place = place;
    if let Place::Created(after) = place {
        let rows = rows(db, CREATED, (import, after), limit).await?;
        let last = rows.last().map_or(after, |row| row.id);
        let full = rows.len() as u64 == limit;
        changes = rows.into_iter().map(change).collect::<Result<Vec<_>>>()?;
        if full {
            return Ok((changes, Some(Place::Created(last))));
        }
        place = Place::Changed(0);
    }
    let Place::Changed(after) = place else {
        return Ok((changes, None));
    };
    let left = limit - changes.len() as u64;
    let rows = rows(db, CHANGED, (import, after), left).await?;
    let last = rows.last().map_or(after, |row| row.id);
    let full = rows.len() as u64 == left;
    for row in rows {
        changes.push(change(row)?);
    }
    Ok((changes, full.then_some(Place::Changed(last))))
}

const CREATED: &str = "SELECT id, id AS product_id, sku, CAST(1 AS BIGINT) AS version, 'create' AS kind, {nothing} AS fields FROM products
    WHERE created_import_id = $1 AND id > $2 ORDER BY id LIMIT ";
const CHANGED: &str = "SELECT c.id, c.product_id, p.sku, c.version, c.kind, c.fields FROM changes c
    LEFT JOIN products p ON p.id = c.product_id WHERE c.import_id = $1 AND c.id > $2 ORDER BY c.id LIMIT ";

async fn rows(db: &impl ConnectionTrait, sql: &str, (import, after): (i64, i64), limit: u64) -> Result<Vec<Row>> {
    let backend = db.get_database_backend();
    let nothing = match backend {
        DatabaseBackend::Postgres => "CAST(NULL AS JSONB)",
        _ => "NULL",
    };
    let sql = format!("{}{limit}", sql.replace("{nothing}", nothing));
    let statement = Statement::from_sql_and_values(backend, sql, [import.into(), after.into()]);
    Ok(Row::find_by_statement(statement).all(db).await?)
}

fn change(row: Row) -> Result<ImportChange> {
    let kind: ChangeKind = serde_json::from_value(row.kind.into())?;
    Ok(ImportChange {
        product_id: row.product_id,
        sku: row.sku,
        version: row.version,
        kind,
        fields: row.fields.map(serde_json::from_value).transpose()?.unwrap_or_default(),
    })
}
