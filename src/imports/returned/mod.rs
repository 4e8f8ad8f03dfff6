//! The rows with problems, as a file to mend: the original columns, the row's number and what is wrong with it.
//!
//! The stored file is read again beside the list of problems, so nothing of it is kept twice.

mod sheet_csv;
mod sheet_xlsx;
mod walk;

use std::fs::File;

use bytes::Bytes;
use csv::ByteRecord;
use sea_orm::EntityTrait as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::sheet_csv::CsvSheet;
use self::sheet_xlsx::XlsxSheet;
use self::walk::Walk;
pub(super) use self::walk::{reasons, unreadable};
use super::reading::{Rows, Sample};
use super::sniff::Layout;
use super::{FileFormat, Import, ImportKind, original, store};
use crate::database::Database;
use crate::entities::import::Entity;
use crate::error::Result;
use crate::services::Services;
use crate::storage::StoredFile;

/// Headers of the columns that are added: the row's number in its file, what is wrong with it, and the import that it belongs to.
pub(super) const ROW_HEADER: &str = "import_row";
pub(super) const PROBLEM_HEADER: &str = "import_problem";
pub(super) const IMPORT_HEADER: &str = "import_number";

/// All of them, in their order.
pub(super) const ADDED: [&str; 3] = [ROW_HEADER, PROBLEM_HEADER, IMPORT_HEADER];

/// Whether a column is one of them: a file of corrections has them already.
pub(super) fn is_added(header: &str) -> bool {
    ADDED.contains(&header.trim())
}

/// Fields of whose cells, in a text, the importer takes the guarding apostrophe off. The cells of all others are read as they stand.
const UNGUARDED: [&str; 5] = ["sku", "name", "description", "catalog", "parent_sku"];

/// Whether a cell may be guarded without becoming another. What nobody reads may, too.
pub(super) fn is_unguarded(field: Option<&str>) -> bool {
    field.is_none_or(|field| UNGUARDED.contains(&field))
}

/// The problem rows of an import as CSV, piece by piece. Warnings are not among them: those rows were used.
///
/// # Errors
/// 404 when there is no such import, it has no file, or the file is no longer stored.
pub async fn problem_rows(services: &Services, id: i64) -> Result<mpsc::Receiver<Result<Bytes>>> {
    let (walk, file, format) = prepare(services, id).await?;
    let (sender, receiver) = mpsc::channel(4);
    spawn_blocking(move || {
        let mut sheet = CsvSheet::new(sender);
        let written = walk.write(file, &format, &mut sheet);
        sheet.end(written);
    });
    Ok(receiver)
}

/// The same rows as an Excel workbook of texts: an open file at its beginning, which has no name and is gone when it is closed.
///
/// # Errors
/// As [`problem_rows`]; 422 when a text is longer than a cell can be.
pub async fn problem_workbook(services: &Services, id: i64) -> Result<File> {
    let (walk, file, format) = prepare(services, id).await?;
    let folder = services.config.scratch_dir.clone();
    tokio::fs::create_dir_all(&folder).await?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    // Whoever goes away drops this future, and with it the guard.
    let _guard = stop.drop_guard();
    spawn_blocking(move || {
        let mut sheet = XlsxSheet::new(&folder, stopped)?;
        walk.write(file, &format, &mut sheet)?;
        sheet.end(&folder)
    })
    .await?
}

async fn prepare(services: &Services, id: i64) -> Result<(Walk, StoredFile, FileFormat)> {
    let (row, file) = original::open(services.reader(), &services.storage, id).await?;
    let walk = Walk {
        database: services.database.clone(),
        workbooks: services.workbooks.clone(),
        import: id,
        runtime: Handle::current(),
    };
    Ok((walk, file, serde_json::from_str(&row.format)?))
}

/// The import whose problem rows this file brings back: the file says so in its first row, and has that import's columns.
pub(super) async fn parent(
    database: &Database,
    kind: ImportKind,
    sample: &Sample,
    layout: &Layout,
) -> Result<Option<Import>> {
    let place = |header: &str| layout.headers.iter().position(|known| known.trim() == header);
    let (Some(_), Some(_), Some(number)) = (place(ROW_HEADER), place(PROBLEM_HEADER), place(IMPORT_HEADER)) else {
        return Ok(None);
    };
    let mut record = ByteRecord::new();
    let format = layout.clone().with_columns(Vec::new());
    let text = sample.text(layout.sheet.as_deref()).into_owned();
    let rows = Rows::open(std::io::Cursor::new(text), &format);
    let has_row = rows
        .and_then(|mut rows| rows.next(&mut record))
        .is_ok_and(|row| row.is_some());
    let id = record
        .get(number)
        .and_then(|cell| std::str::from_utf8(cell).ok()?.trim().parse::<i64>().ok());
    let (true, Some(id)) = (has_row, id) else {
        return Ok(None);
    };
    let Some(row) = Entity::find_by_id(id).one(database.reader()).await? else {
        return Ok(None);
    };
    let import = store::import(&row)?;
    let is_of_it = import
        .format
        .columns
        .iter()
        .all(|column| layout.headers.contains(&column.header));
    Ok(Some(import).filter(|import| import.kind == kind && is_of_it))
}
