//! Export: the products of a query as CSV, streamed, so that memory does not grow with the table.
//!
//! Cells that a spreadsheet would run as a formula are guarded with an apostrophe, which the importer takes off again.
//! Source of the rule: OWASP, "CSV Injection".

use std::borrow::Cow;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::list::{Plan, sort_value};
use super::{Product, ProductQuery, price};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::page::{Cursor, Position};
use crate::problem::Problem;

/// Products that are fetched at once.
const AT_ONCE: u64 = 2_000;

/// A column of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportColumn {
    Id,
    Sku,
    Name,
    Description,
    Price,
    Active,
    Catalog,
    Version,
    CreatedAt,
    UpdatedAt,
}

impl ExportColumn {
    pub const ALL: [Self; 10] = [
        Self::Id,
        Self::Sku,
        Self::Name,
        Self::Description,
        Self::Price,
        Self::Active,
        Self::Catalog,
        Self::Version,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];
    /// What a file needs to be imported again.
    pub const USUAL: [Self; 6] = [
        Self::Sku,
        Self::Name,
        Self::Description,
        Self::Price,
        Self::Active,
        Self::Catalog,
    ];

    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Sku => "sku",
            Self::Name => "name",
            Self::Description => "description",
            Self::Price => "price",
            Self::Active => "active",
            Self::Catalog => "catalog",
            Self::Version => "version",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }

    /// The columns of a list such as `sku,price`; none means the usual ones.
    ///
    /// # Errors
    /// When one of them does not exist.
    pub fn parse_list(text: Option<&str>) -> std::result::Result<Vec<Self>, Problem> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Self::USUAL.to_vec());
        };
        text.split(',').map(|name| Self::parse(name.trim())).collect()
    }

    fn parse(name: &str) -> std::result::Result<Self, Problem> {
        let known = || Self::ALL.map(Self::header).join(", ");
        Self::ALL
            .into_iter()
            .find(|column| column.header() == name)
            .ok_or_else(|| {
                Problem::bad_request(format!("There is no column {name:?}. Choose from {}.", known()))
                    .with_field("columns", format!("Choose from {}.", known()))
            })
    }

    fn cell(self, product: &Product) -> Cow<'_, str> {
        match self {
            Self::Id => product.id.to_string().into(),
            Self::Sku => guarded(&product.sku),
            Self::Name => guarded(&product.name),
            Self::Description => guarded(&product.description),
            Self::Price => product.price_minor.map(price::plain).unwrap_or_default().into(),
            Self::Active => if product.active { "true" } else { "false" }.into(),
            Self::Catalog => guarded(product.catalog_name.as_deref().unwrap_or_default()),
            Self::Version => product.version.to_string().into(),
            Self::CreatedAt => product.created_at.as_str().into(),
            Self::UpdatedAt => product.updated_at.as_str().into(),
        }
    }
}

/// Keeps a spreadsheet from running the cell as a formula.
#[must_use]
pub fn guarded(cell: &str) -> Cow<'_, str> {
    let inner = cell.trim_start_matches('\'');
    if inner.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// The products of `query` as CSV, in pieces. Ends early when nobody listens any more.
#[must_use]
pub fn csv(database: &Database, query: ProductQuery, columns: Vec<ExportColumn>) -> mpsc::Receiver<Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(2);
    let database = database.clone();
    tokio::spawn(async move {
        if let Err(error) = write(&database, &query, &columns, &sender).await {
            drop(sender.send(Err(error)).await);
        }
    });
    receiver
}

async fn write(
    database: &Database,
    query: &ProductQuery,
    columns: &[ExportColumn],
    sender: &mpsc::Sender<Result<Bytes>>,
) -> Result<()> {
    let header = encode(|writer| writer.write_record(columns.iter().map(|column| column.header())))?;
    let mut listening = sender.send(Ok(header)).await.is_ok();
    let plan = Plan::of(database.reader(), query).await?;
    let mut position = Position::First;
    while listening {
        let found = plan.rows(database.reader(), query.sort, &position, AT_ONCE).await?;
        let next = found.last().map(|row| Cursor {
            id: row.product.id,
            skipped: None,
            value: sort_value(&row.product, query.sort),
        });
        let products: Vec<Product> = found.into_iter().map(Product::from).collect();
        let rows = encode(|writer| {
            products.iter().try_for_each(|product| {
                writer.write_record(
                    columns
                        .iter()
                        .map(|column| column.cell(product))
                        .map(|cell| cell.into_owned()),
                )
            })
        })?;
        let Some(next) = next else { break };
        position = Position::After(next);
        listening = sender.send(Ok(rows)).await.is_ok();
    }
    Ok(())
}

fn encode(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    write(&mut writer).map_err(std::io::Error::other)?;
    Ok(writer
        .into_inner()
        .map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?
        .into())
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn formulas_are_guarded_and_plain_text_is_not() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("'=x", "''=x"),
            ("\tx", "'\tx"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(guarded(cell), shown);
        }
    }
}
