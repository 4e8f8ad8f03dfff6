//! The rows of an export: only the columns that it has, read by their places. A whole list is long enough for the difference to count.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use sea_orm::{ConnectionTrait as _, QueryResult};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::{ExportColumn, Layout, Watch, Watched};
use crate::database::Database;
use crate::error::Result;
use crate::page::{Cursor, Position};
use crate::products::list::Plan;
use crate::products::matching;
use crate::products::{ProductQuery, ProductSort};
use crate::timestamp::Timestamp;

/// Products that are fetched at once.
const AT_ONCE: u64 = 5_000;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Empty,
    Text(String),
    Number(i64),
    Truth(bool),
    /// Minor units.
    Price(i64),
    Moment(Timestamp),
}

/// The cells of one product, as many as the file has columns.
pub(super) type Cells = Vec<Value>;

/// All rows of a query in pieces, fetched while whoever takes them is busy with the piece before.
pub(super) fn all(
    database: &Database,
    query: ProductQuery,
    layout: Layout,
    watched: Watched,
) -> mpsc::Receiver<Result<Vec<Cells>>> {
    let (sender, receiver) = mpsc::channel(2);
    if let Some(watch) = &watched {
        tokio::spawn(count(database.clone(), query.clone(), Arc::downgrade(watch)));
    }
    let database = database.clone();
    tokio::spawn(async move {
        if let Err(error) = fetch(&database, &query, &layout, &sender, watched).await {
            // Whoever has gone away needs no reason.
            drop(sender.send(Err(error)).await);
        }
    });
    receiver
}

/// Counts beside the reading, so that nothing waits for it.
async fn count(database: Database, query: ProductQuery, watch: Weak<Watch>) {
    match matching::count(database.reader(), &query).await {
        Ok(total) => {
            if let Some(watch) = watch.upgrade() {
                watch.set_total(total);
            }
        }
        Err(error) => tracing::debug!(%error, "the rows of an export could not be counted"),
    }
}

async fn fetch(
    database: &Database,
    query: &ProductQuery,
    layout: &Layout,
    sender: &mpsc::Sender<Result<Vec<Cells>>>,
    watched: Watched,
) -> Result<()> {
    let db = database.reader();
    let plan = Plan::of(db, query).await?;
    let list = list_of(&layout.columns, query.sort);
    let mut position = Position::First;
    loop {
        let page = plan.page(&list, query.sort, &position, AT_ONCE)?;
        let rows = db.query_all_raw(page.statement()).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        position = Position::After(cursor(last, query.sort)?);
        let cells = rows.iter().map(|row| cells(row, layout)).collect::<Result<Vec<_>>>()?;
        if let Some(watch) = &watched {
            watch.add(cells.len());
        }
        if sender.send(Ok(cells)).await.is_err() {
            return Ok(());
        }
    }
}

/// Id and sort value first, then the columns.
fn list_of(columns: &[ExportColumn], sort: ProductSort) -> String {
    let columns = columns.iter().map(|column| column.expression());
    let sorted_by = crate::products::list::sort_expression(sort);
    ["products.id", sorted_by]
        .into_iter()
        .chain(columns)
        .collect::<Vec<_>>()
        .join(", ")
}

fn cursor(row: &QueryResult, sort: ProductSort) -> Result<Cursor> {
    let value = match sort.column() {
        "price" | "id" => row.try_get_by_index::<i64>(1)?.to_string(),
        "updated_at" => Timestamp::from(row.try_get_by_index::<OffsetDateTime>(1)?).to_string(),
        _ => row.try_get_by_index(1)?,
    };
    Ok(Cursor {
        id: row.try_get_by_index(0)?,
        skipped: None,
        order: sort.as_str().to_owned(),
        value,
    })
}

fn cells(row: &QueryResult, layout: &Layout) -> Result<Cells> {
    let mut cells = Vec::with_capacity(layout.columns.len());
    for (place, column) in (2..).zip(&layout.columns) {
        match column {
            ExportColumn::Options => {
                let options: BTreeMap<String, String> = json(row, place)?;
                let pairs = options
                    .into_iter()
                    .flat_map(|(name, value)| [Value::Text(name), Value::Text(value)]);
                let blanks = std::iter::repeat(Value::Empty);
                cells.extend(pairs.chain(blanks).take(layout.options * 2));
            }
            ExportColumn::Attributes => {
                let mut attributes: BTreeMap<String, String> = json(row, place)?;
                let of_name = |name| attributes.remove(name).map_or(Value::Empty, Value::Text);
                cells.extend(layout.attributes.iter().map(of_name));
            }
            ExportColumn::Pictures => {
                let pictures: Vec<String> = json(row, place)?;
                cells.push(Value::Text(pictures.join(", ")));
            }
            other => cells.push(cell(row, place, *other)?),
        }
    }
    Ok(cells)
}

fn json<T: DeserializeOwned + Default>(row: &QueryResult, place: usize) -> Result<T> {
    let json = row.try_get_by_index::<Option<serde_json::Value>>(place)?;
    Ok(json.map(serde_json::from_value).transpose()?.unwrap_or_default())
}

fn cell(row: &QueryResult, place: usize, column: ExportColumn) -> Result<Value> {
    Ok(match column {
        ExportColumn::Sku | ExportColumn::Name | ExportColumn::Description => Value::Text(row.try_get_by_index(place)?),
        ExportColumn::Options | ExportColumn::Attributes | ExportColumn::Pictures => Value::Empty,
        ExportColumn::Catalog | ExportColumn::ParentSku => row
            .try_get_by_index::<Option<String>>(place)?
            .map_or(Value::Empty, Value::Text),
        ExportColumn::Price => row
            .try_get_by_index::<Option<i64>>(place)?
            .map_or(Value::Empty, Value::Price),
        ExportColumn::Active => Value::Truth(row.try_get_by_index(place)?),
        ExportColumn::Id | ExportColumn::Version => Value::Number(row.try_get_by_index(place)?),
        ExportColumn::CreatedAt | ExportColumn::UpdatedAt => {
            Value::Moment(row.try_get_by_index::<OffsetDateTime>(place)?.into())
        }
    })
}

impl ExportColumn {
    fn expression(self) -> &'static str {
        match self {
            Self::Id => "products.id",
            Self::Sku => "products.sku",
            Self::Name => "products.name",
            Self::Description => "products.description",
            Self::Price => "products.price_minor",
            Self::Active => "products.active",
            Self::Catalog => "catalogs.name",
            Self::Version => "products.version",
            Self::CreatedAt => "products.created_at",
            Self::UpdatedAt => "products.updated_at",
            Self::ParentSku => "(SELECT parent.sku FROM products parent WHERE parent.id = products.parent_id)",
            Self::Options => "products.options",
            Self::Pictures => "products.pictures",
            Self::Attributes => "products.attributes",
        }
    }
}
