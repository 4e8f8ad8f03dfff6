//! Rows that passed the check, and problems of those that did not, on their way into their tables.

use std::borrow::Cow;

use csv::ByteRecord;
use tokio::sync::mpsc;

use super::check::Checker;
use super::check::variants::Variant;
use super::problem::ProblemKind;
use super::reading::Rows;
use super::review::Alarm;
use super::work::{Stop, Wish};
use crate::database::bulk::{Cell, Record, Table};

/// A good row of a file, of either kind.
pub(super) enum StagedRow {
    Product(ProductRow),
    Catalog(CatalogRow),
}

/// Nothing (`None`) keeps what the product has.
pub(super) struct ProductRow {
    pub row: i64,
    pub sku: String,
    pub sku_key: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub price_minor: Option<i64>,
    pub active: Option<bool>,
    /// Name and folded key.
    pub catalog: Option<(String, String)>,
    pub catalog_id: Option<i64>,
    /// The row of the earlier import that this one corrects.
    pub origin: Option<i64>,
    /// Of every row of a file that has variants, and of no other.
    pub variant: Option<Box<Variant>>,
    /// Extra attributes and pictures, as JSON, of a file that has such columns. Nothing keeps what the product has.
    pub more: Vec<Option<String>>,
}

/// A row that cannot be used, and the SKU that it has nevertheless.
pub(super) struct Refused {
    pub key: Option<String>,
    pub problems: Vec<StoredProblem>,
}

/// A SKU that the file lists in a row that cannot be used.
pub(super) struct SeenKey(String);

pub(super) const SEEN: Table = Table {
    name: "{scratch:seen}",
    columns: Cow::Borrowed(&["row_key"]),
};

impl Record for SeenKey {
    fn cells<'a>(&'a self, sink: &mut Vec<Cell<'a>>) {
        sink.push(Cell::Text(&self.0));
    }
}

/// A picture of a product that several rows of the file describe.
pub(super) struct GatheredPicture {
    pub key: String,
    /// Where it stands among the product's others.
    pub place: i64,
    pub reference: String,
}

pub(super) const GATHERED: Table = Table {
    name: "{scratch:pictures}",
    columns: Cow::Borrowed(&["row_key", "place", "reference"]),
};

impl Record for GatheredPicture {
    fn cells<'a>(&'a self, sink: &mut Vec<Cell<'a>>) {
        sink.extend([
            Cell::Text(&self.key),
            Cell::Int(self.place),
            Cell::Text(&self.reference),
        ]);
    }
}

pub(super) struct CatalogRow {
    pub row: i64,
    pub name: String,
    pub name_key: String,
    pub id: Option<i64>,
}

impl Record for StagedRow {
    fn cells<'a>(&'a self, sink: &mut Vec<Cell<'a>>) {
        match self {
            Self::Product(row) => {
                sink.extend([
                    Cell::Int(row.row),
                    Cell::Text(&row.sku),
                    Cell::Text(&row.sku_key),
                    row.name.as_deref().into(),
                    row.description.as_deref().into(),
                    row.price_minor.into(),
                    row.active.into(),
                    row.catalog.as_ref().map(|(name, _)| name.as_str()).into(),
                    row.catalog.as_ref().map(|(_, key)| key.as_str()).into(),
                    row.catalog_id.into(),
                    row.origin.into(),
                ]);
                if let Some(variant) = &row.variant {
                    let (sku, key) = variant
                        .parent
                        .as_ref()
                        .map(|(sku, key)| (sku.as_str(), key.as_str()))
                        .unzip();
                    sink.extend([
                        sku.into(),
                        key.into(),
                        Cell::Bool(key.is_some()),
                        variant.options.as_deref().into(),
                    ]);
                }
                sink.extend(row.more.iter().map(|json| Cell::from(json.as_deref())));
            }
            Self::Catalog(row) => {
                sink.extend([
                    Cell::Int(row.row),
                    Cell::Text(&row.name),
                    Cell::Text(&row.name_key),
                    row.id.into(),
                ]);
            }
        }
    }
}

/// A problem of one row, as it is stored.
pub(super) struct StoredProblem {
    pub import: i64,
    pub row: i64,
    pub kind: ProblemKind,
    /// Header of the column that is to blame.
    pub column: Option<String>,
    pub value: Option<String>,
}

pub(super) const PROBLEMS: Table = Table {
    name: "import_problems",
    columns: Cow::Borrowed(&["import_id", "row_no", "kind", "column_name", "value"]),
};

impl Record for StoredProblem {
    fn cells<'a>(&'a self, sink: &mut Vec<Cell<'a>>) {
        sink.extend([
            Cell::Int(self.import),
            Cell::Int(self.row),
            Cell::Text(self.kind.code()),
            self.column.as_deref().into(),
            self.value.as_deref().into(),
        ]);
    }
}

/// Rows that are handed over at once: large enough that the handing over costs nothing, small enough for memory.
const PIECE: usize = 4_000;

/// A stretch of the file, sorted into what can be used and what cannot.
#[derive(Default)]
pub(super) struct Pieces {
    pub rows: Vec<StagedRow>,
    pub problems: Vec<StoredProblem>,
    pub seen: Vec<SeenKey>,
    pub pictures: Vec<GatheredPicture>,
    /// Rows of the file in this stretch, and how many of them cannot be used.
    pub read: i64,
    pub failed: i64,
    /// Bytes of the file up to its end.
    pub consumed: u64,
}

impl Pieces {
    fn take_aside(&mut self, checker: &mut Checker) {
        self.problems.append(&mut checker.take_warnings());
        self.pictures.append(&mut checker.take_gathered());
    }
}

/// What is known of a file once it has been read.
pub(super) struct ReadFile {
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
    pub alarms: Vec<Alarm>,
}

/// Reads and checks a whole file on a blocking thread and hands it over piece by piece. One with more rows than `row_limit` is refused.
pub(super) fn read_all(
    mut rows: Rows,
    mut checker: Checker,
    sink: &mpsc::Sender<Pieces>,
    wish: &Wish,
    row_limit: i64,
) -> Result<ReadFile, Stop> {
    let mut record = ByteRecord::new();
    let mut piece = Pieces::default();
    let mut rows_read = 0;
    while let Some(row) = rows.next(&mut record)? {
        rows_read += 1;
        if rows_read > row_limit {
            return Err(too_many_rows(row_limit));
        }
        if checker.passes_over(row, &record) {
            // What it says of other rows is taken with theirs, or at the end.
            continue;
        }
        piece.read += 1;
        match checker.check(row, &record) {
            Ok(staged) => piece.rows.push(staged),
            Err(refused) => {
                piece.failed += 1;
                piece.problems.extend(refused.problems);
                piece.seen.extend(refused.key.map(SeenKey));
            }
        }
        piece.take_aside(&mut checker);
        if piece.rows.len() + piece.problems.len() >= PIECE {
            wish.check()?;
            hand_over(&mut piece, &rows, sink)?;
        }
    }
    piece.take_aside(&mut checker);
    hand_over(&mut piece, &rows, sink)?;
    Ok(ReadFile {
        sha256: rows.sha256(),
        alarms: checker.alarms(),
    })
}

fn too_many_rows(limit: i64) -> Stop {
    Stop::Refused(format!(
        "The file has more than {limit} rows, which is the most that can be imported at once. Nothing was changed. \
         Split it and import its parts one after the other, or ask your administrator to allow more."
    ))
}

fn hand_over(piece: &mut Pieces, rows: &Rows, sink: &mpsc::Sender<Pieces>) -> Result<(), Stop> {
    piece.consumed = rows.consumed();
    // Nobody takes it: the work has stopped and knows why.
    sink.blocking_send(std::mem::take(piece)).map_err(|_| Stop::Lost)
}
