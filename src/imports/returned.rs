//! The rows with problems, as a file to mend: the original columns, the row's number and what is wrong with it.
//!
//! The stored file is read again beside the list of problems, so nothing of it is kept twice.

use std::collections::VecDeque;

use bytes::Bytes;
use csv::{ByteRecord, Writer};
use sea_orm::EntityTrait as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::problem::{RowProblem, Severity};
use super::reading::{self, Rows, Sample};
use super::sniff::Layout;
use super::{FileFormat, Import, ImportKind, problem_store, store};
use crate::database::Database;
use crate::entities::import::Entity;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::services::Services;
use crate::spreadsheet::guarded;
use crate::storage::StoredFile;
use crate::workbook::Workbooks;

/// Headers of the columns that are added: the row's number in its file, what is wrong with it, and the import that it belongs to.
pub(super) const ROW_HEADER: &str = "import_row";
pub(super) const PROBLEM_HEADER: &str = "import_problem";
pub(super) const IMPORT_HEADER: &str = "import_number";
/// Bytes that are collected before they are sent.
const CHUNK: usize = 64 * 1024;

/// The problem rows of an import as CSV, piece by piece. Warnings are not among them: those rows were used.
///
/// # Errors
/// When there is no such import or its file is no longer stored.
pub async fn problem_rows(services: &Services, id: i64) -> Result<mpsc::Receiver<Result<Bytes>>> {
    let row = Entity::find_by_id(id)
        .one(services.reader())
        .await?
        .ok_or_else(|| Problem::not_found("import"))?;
    let format: FileFormat = serde_json::from_str(&row.format)?;
    let file = services.storage.open(&row.file_key).await?;
    let (sender, receiver) = mpsc::channel(4);
    let walk = Walk {
        database: services.database.clone(),
        workbooks: services.workbooks.clone(),
        import: id,
        runtime: Handle::current(),
        sender,
    };
    spawn_blocking(move || {
        if let Err(error) = walk.write(file, &format) {
            drop(walk.sender.blocking_send(Err(error)));
        }
    });
    Ok(receiver)
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

struct Walk {
    database: Database,
    workbooks: Workbooks,
    import: i64,
    runtime: Handle,
    sender: mpsc::Sender<Result<Bytes>>,
}

impl Walk {
    fn write(&self, file: StoredFile, format: &FileFormat) -> Result<()> {
        let mut rows = reading::open(file, format, &self.workbooks).map_err(unreadable)?;
        let mut writer = Writer::from_writer(Vec::with_capacity(CHUNK * 2));
        // A file of corrections has the added columns already.
        let is_added = |header: &str| [ROW_HEADER, PROBLEM_HEADER, IMPORT_HEADER].contains(&header.trim());
        let own: Vec<bool> = format.columns.iter().map(|column| !is_added(&column.header)).collect();
        let headers = format
            .columns
            .iter()
            .map(|column| column.header.as_str())
            .filter(|header| !is_added(header));
        writer
            .write_record(headers.chain([ROW_HEADER, PROBLEM_HEADER, IMPORT_HEADER]))
            .map_err(csv_failure)?;
        let mut record = ByteRecord::new();
        for found in self.reasons() {
            let (row, reasons) = found?;
            while let Some(number) = rows.next(&mut record).map_err(unreadable)? {
                if number >= row {
                    break;
                }
            }
            self.write_row(&mut writer, &record, &own, row, &reasons)?;
            if !self.send(&mut writer, CHUNK)? {
                return Ok(());
            }
        }
        self.send(&mut writer, 0).map(drop)
    }

    /// Each problem row once, with all its reasons, in the order of the file.
    fn reasons(&self) -> impl Iterator<Item = Result<(i64, String)>> + '_ {
        let mut after = 0;
        let mut waiting = VecDeque::new();
        std::iter::from_fn(move || {
            while waiting.is_empty() {
                let found = self.runtime.block_on(problem_store::problems_after(
                    self.database.reader(),
                    self.import,
                    after,
                ));
                match found {
                    Ok(found) => {
                        after = found.last()?.row;
                        waiting.extend(
                            found
                                .into_iter()
                                .filter(|problem| problem.severity == Severity::Problem),
                        );
                    }
                    Err(error) => return Some(Err(error)),
                }
            }
            next_row(&mut waiting).map(Ok)
        })
    }

    fn write_row(
        &self,
        writer: &mut Writer<Vec<u8>>,
        record: &ByteRecord,
        own: &[bool],
        row: i64,
        reasons: &str,
    ) -> Result<()> {
        let mut cells: Vec<String> = record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        cells.resize(own.len(), String::new());
        let added = [row.to_string(), reasons.to_owned(), self.import.to_string()];
        let cells = cells.iter().zip(own).filter(|(_, own)| **own);
        let cells = cells.map(|(cell, _)| guarded(cell).into_owned()).chain(added);
        writer.write_record(cells).map_err(csv_failure)
    }

    /// Sends what has been written once it is at least `least` bytes. False when nobody listens any more.
    fn send(&self, writer: &mut Writer<Vec<u8>>, least: usize) -> Result<bool> {
        writer.flush()?;
        if writer.get_ref().len() < least || writer.get_ref().is_empty() {
            return Ok(true);
        }
        let full = std::mem::replace(writer, Writer::from_writer(Vec::with_capacity(CHUNK * 2)));
        let bytes = full
            .into_inner()
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(self.sender.blocking_send(Ok(bytes.into())).is_ok())
    }
}

/// Takes the first row's problems off and puts them into one sentence after the other.
fn next_row(waiting: &mut VecDeque<RowProblem>) -> Option<(i64, String)> {
    let row = waiting.front()?.row;
    let mut reasons = Vec::new();
    while let Some(problem) = waiting.pop_front_if(|problem| problem.row == row) {
        reasons.push(reason(&problem));
    }
    Some((row, reasons.join(" ")))
}

fn reason(problem: &RowProblem) -> String {
    match &problem.column {
        Some(column) => format!("{column}: {}", problem.message),
        None => problem.message.clone(),
    }
}

fn csv_failure(error: csv::Error) -> Error {
    std::io::Error::other(error).into()
}

fn unreadable(error: reading::ReadError) -> Error {
    match error {
        reading::ReadError::Workbook(problem) => problem.into(),
        other => std::io::Error::other(other).into(),
    }
}
