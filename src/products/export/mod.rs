//! Export: the products of a query as CSV, streamed, or as an Excel workbook, so that memory does not grow with the table.
//!
//! Cells that a spreadsheet would run as a formula are guarded: see [`crate::spreadsheet`].

mod layout;
mod rows;
mod watched;
mod xlsx;

use std::borrow::Cow;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{ProductQuery, price};
use crate::audit::{self, Action, Actor};
use crate::database::Database;
use crate::error::Result;
use crate::problem::Problem;
use crate::spreadsheet::{self, guarded};

pub use layout::Layout;
use rows::{Cells, Value};
pub use watched::{Exports, Watch, Watched};
pub use xlsx::xlsx;

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
    ParentSku,
    /// Two columns for each option: its name and its value.
    Options,
    Pictures,
    /// A column for each extra attribute that any product has.
    Attributes,
}

impl ExportColumn {
    pub const ALL: [Self; 14] = [
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
        Self::ParentSku,
        Self::Options,
        Self::Pictures,
        Self::Attributes,
    ];
    /// What every file needs to be imported again.
    pub const USUAL: [Self; 6] = [
        Self::Sku,
        Self::Name,
        Self::Description,
        Self::Price,
        Self::Active,
        Self::Catalog,
    ];

    /// As it is asked for; but for options and extra attributes also as the file names it.
    #[must_use]
    pub fn name(self) -> &'static str {
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
            Self::ParentSku => "parent_sku",
            Self::Options => "options",
            Self::Pictures => "pictures",
            Self::Attributes => "attributes",
        }
    }

    /// The columns of a list such as `sku,price`; none means the usual ones, and whatever else any product has.
    ///
    /// # Errors
    /// When one of them does not exist.
    pub fn parse_list(text: Option<&str>) -> std::result::Result<Option<Vec<Self>>, Problem> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let columns: std::result::Result<Vec<Self>, Problem> =
            text.split(',').map(|name| Self::parse(name.trim())).collect();
        columns.map(Some)
    }

    fn parse(name: &str) -> std::result::Result<Self, Problem> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|column| column.name() == name)
            .ok_or_else(|| {
                Problem::bad_request(format!("There is no column {name:?}. Choose from {}.", known()))
                    .with_field("columns", format!("Choose from {}.", known()))
            })
    }

    /// In characters, as a workbook shows it at first.
    fn width(self) -> f64 {
        match self {
            Self::Name | Self::Description | Self::Pictures => 40.0,
            Self::Sku | Self::ParentSku | Self::Catalog | Self::CreatedAt | Self::UpdatedAt => 22.0,
            Self::Options | Self::Attributes => 16.0,
            _ => 10.0,
        }
    }
}

/// Writes down that somebody takes the products of `query` away, as a file of this format. Nobody is refused their products because nothing
/// can be written: the program's own log says so then.
pub async fn exported(database: &Database, query: &ProductQuery, format: &str, actor: &Actor) {
    let mut fields = query.in_log();
    fields.insert("format".to_owned(), format.into());
    let told = audit::record_alone(database, actor, Action::ProductsExported, None, Some(fields.into())).await;
    if let Err(error) = told {
        tracing::error!(%error, who = actor.name, "an export could not be written down in the audit log");
    }
}

/// The products of `query` as CSV, in pieces. Ends early when nobody listens any more.
#[must_use]
pub fn csv(
    database: &Database,
    query: ProductQuery,
    layout: Layout,
    watched: Watched,
) -> mpsc::Receiver<Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(2);
    let mut rows = rows::all(database, query, layout.clone(), watched.clone());
    tokio::spawn(async move {
        let mut next = heading(&layout);
        while sender.send(next).await.is_ok() {
            next = match rows.recv().await {
                Some(piece) => piece.and_then(|piece| encoded(&piece)),
                None => break,
            };
        }
        // Before whoever listens learns that it is over.
        drop(watched);
    });
    receiver
}

fn heading(layout: &Layout) -> Result<Bytes> {
    let headers: Vec<String> = layout.headers().into_iter().map(|(header, _)| header).collect();
    spreadsheet::csv(|writer| writer.write_record(headers.iter().map(|header| guarded(header).into_owned())))
}

fn encoded(rows: &[Cells]) -> Result<Bytes> {
    spreadsheet::csv(|writer| {
        rows.iter().try_for_each(|cells| {
            cells
                .iter()
                .try_for_each(|cell| writer.write_field(in_csv(cell).as_bytes()))?;
            writer.write_record(None::<&[u8]>)
        })
    })
}

/// A cell as CSV has it: nothing that a spreadsheet would run.
fn in_csv(cell: &Value) -> Cow<'_, str> {
    match cell {
        Value::Text(text) => guarded(text),
        other => in_words(other),
    }
}

/// A cell as it is.
fn in_words(cell: &Value) -> Cow<'_, str> {
    match cell {
        Value::Empty => "".into(),
        Value::Text(text) => text.into(),
        Value::Number(number) => number.to_string().into(),
        Value::Truth(true) => "true".into(),
        Value::Truth(false) => "false".into(),
        Value::Price(minor) => price::plain(*minor).into(),
        Value::Moment(moment) => moment.as_str().into(),
    }
}
