//! The stored file and the list of its problems, walked along side by side.

use std::collections::VecDeque;

use csv::ByteRecord;
use tokio::runtime::Handle;

use super::{IMPORT_HEADER, PROBLEM_HEADER, ROW_HEADER};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::imports::problem::{RowProblem, Severity};
use crate::imports::reading::{self, ReadError};
use crate::imports::{FileFormat, problem_store};
use crate::storage::StoredFile;
use crate::workbook::Workbooks;

/// What the rows are written into.
pub(super) trait Sheet {
    /// The names of the columns.
    fn begin(&mut self, headers: &[&str]) -> Result<()>;
    /// One row, with as many cells as there are headers. False when nobody wants more.
    fn row(&mut self, number: i64, cells: Vec<String>) -> Result<bool>;
}

/// Where problems are found. It is used on a blocking thread.
pub(super) struct Walk {
    pub database: Database,
    pub workbooks: Workbooks,
    pub import: i64,
    pub runtime: Handle,
}

impl Walk {
    /// Writes each row that has a problem into `sheet`, in the order of the file.
    pub fn write(&self, file: StoredFile, format: &FileFormat, sheet: &mut impl Sheet) -> Result<()> {
        let mut rows = reading::open(file, format, &self.workbooks).map_err(unreadable)?;
        // A file of corrections has the added columns already.
        let is_added = |header: &str| [ROW_HEADER, PROBLEM_HEADER, IMPORT_HEADER].contains(&header.trim());
        let own: Vec<bool> = format.columns.iter().map(|column| !is_added(&column.header)).collect();
        let headers = format
            .columns
            .iter()
            .map(|column| column.header.as_str())
            .filter(|header| !is_added(header));
        let headers: Vec<&str> = headers.chain([ROW_HEADER, PROBLEM_HEADER, IMPORT_HEADER]).collect();
        sheet.begin(&headers)?;
        let mut record = ByteRecord::new();
        for found in self.reasons() {
            let (row, reasons) = found?;
            while let Some(number) = rows.next(&mut record).map_err(unreadable)? {
                if number >= row {
                    break;
                }
            }
            if !sheet.row(row, self.cells(&record, &own, row, reasons))? {
                return Ok(());
            }
        }
        Ok(())
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

    fn cells(&self, record: &ByteRecord, own: &[bool], row: i64, reasons: String) -> Vec<String> {
        let mut cells: Vec<String> = record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        cells.resize(own.len(), String::new());
        let kept = cells.into_iter().zip(own).filter(|(_, own)| **own);
        let added = [row.to_string(), reasons, self.import.to_string()];
        kept.map(|(cell, _)| cell).chain(added).collect()
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

fn unreadable(error: ReadError) -> Error {
    match error {
        ReadError::Workbook(problem) => problem.into(),
        other => std::io::Error::other(other).into(),
    }
}
