//! Export: the products of a query as CSV, streamed, or as an Excel workbook, so that memory does not grow with the table.
//!
//! Cells that a spreadsheet would run as a formula are guarded: see [`crate::spreadsheet`].

mod xlsx;

use std::borrow::Cow;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::list::{Plan, sort_value};
use super::{Product, ProductQuery, price};
use crate::database::Database;
use crate::error::Result;
use crate::page::{Cursor, Position};
use crate::problem::Problem;
use crate::spreadsheet::{self, guarded};

pub use xlsx::xlsx;

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

    /// What the cell says, as it is.
    fn text(self, product: &Product) -> Cow<'_, str> {
        match self {
            Self::Id => product.id.to_string().into(),
            Self::Sku => product.sku.as_str().into(),
            Self::Name => product.name.as_str().into(),
            Self::Description => product.description.as_str().into(),
            Self::Price => product.price_minor.map(price::plain).unwrap_or_default().into(),
            Self::Active => if product.active { "true" } else { "false" }.into(),
            Self::Catalog => product.catalog_name.as_deref().unwrap_or_default().into(),
            Self::Version => product.version.to_string().into(),
            Self::CreatedAt => product.created_at.as_str().into(),
            Self::UpdatedAt => product.updated_at.as_str().into(),
        }
    }

    /// The same as CSV has it: nothing that a spreadsheet would run.
    fn cell(self, product: &Product) -> Cow<'_, str> {
        match self {
            Self::Sku => guarded(&product.sku),
            Self::Name => guarded(&product.name),
            Self::Description => guarded(&product.description),
            Self::Catalog => guarded(product.catalog_name.as_deref().unwrap_or_default()),
            _ => self.text(product),
        }
    }

    /// In characters, as a workbook shows it at first.
    fn width(self) -> f64 {
        match self {
            Self::Name | Self::Description => 40.0,
            Self::Sku | Self::Catalog | Self::CreatedAt | Self::UpdatedAt => 22.0,
            _ => 10.0,
        }
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
    let header = spreadsheet::csv(|writer| writer.write_record(columns.iter().map(|column| column.header())))?;
    let mut listening = sender.send(Ok(header)).await.is_ok();
    let mut walk = Walk::begin(database, query).await?;
    while listening {
        let Some(products) = walk.next(database).await? else {
            break;
        };
        let rows = spreadsheet::csv(|writer| {
            products.iter().try_for_each(|product| {
                writer.write_record(columns.iter().map(|column| column.cell(product).into_owned()))
            })
        })?;
        listening = sender.send(Ok(rows)).await.is_ok();
    }
    Ok(())
}

/// The whole list of a query, some thousand products at a time.
struct Walk<'q> {
    query: &'q ProductQuery,
    plan: Plan,
    position: Position,
}

impl<'q> Walk<'q> {
    async fn begin(database: &Database, query: &'q ProductQuery) -> Result<Self> {
        Ok(Self {
            query,
            plan: Plan::of(database.reader(), query).await?,
            position: Position::First,
        })
    }

    async fn next(&mut self, database: &Database) -> Result<Option<Vec<Product>>> {
        let found = self
            .plan
            .rows(database.reader(), self.query.sort, &self.position, AT_ONCE)
            .await?;
        let Some(last) = found.last() else { return Ok(None) };
        self.position = Position::After(Cursor {
            id: last.product.id,
            skipped: None,
            value: sort_value(&last.product, self.query.sort),
        });
        Ok(Some(found.into_iter().map(Product::from).collect()))
    }
}
