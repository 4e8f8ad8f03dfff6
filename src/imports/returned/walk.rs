//! The stored file and the list of its problems, walked along side by side.

use std::collections::VecDeque;

use csv::ByteRecord;
use tokio::runtime::Handle;

use super::{ADDED, is_added, is_unguarded};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::imports::problem::{RowProblem, Severity};
use crate::imports::reading::{self, ReadError};
use crate::imports::{FileFormat, MatchedColumn, problem_store};
use crate::spreadsheet::unguarded;
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
        let own: Vec<Own> = format.columns.iter().map(|column| Own::of(column, format)).collect();
        let headers = format
            .columns
            .iter()
            .map(|column| column.header.as_str())
            .filter(|header| !is_added(header));
        let headers: Vec<&str> = headers.chain(ADDED).collect();
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

    fn cells(&self, record: &ByteRecord, own: &[Own], row: i64, reasons: String) -> Vec<String> {
        let cell = |(place, own): (usize, &Own)| {
            let text = String::from_utf8_lossy(record.get(place).unwrap_or_default());
            match own {
                Own::Added => None,
                Own::Plain => Some(text.into_owned()),
                Own::Guarded => Some(unguarded(&text).to_owned()),
            }
        };
        let added = [row.to_string(), reasons, self.import.to_string()];
        own.iter().enumerate().filter_map(cell).chain(added).collect()
    }
}

/// What becomes of the cells of a column.
enum Own {
    /// A file of corrections has the added columns already; they are made anew.
    Added,
    Plain,
    /// They may be guarded. They are guarded again as the sheet needs it, not twice.
    Guarded,
}

impl Own {
    fn of(column: &MatchedColumn, format: &FileFormat) -> Self {
        if is_added(&column.header) {
            Self::Added
        } else if format.sheet.is_none() && is_unguarded(column.field.as_deref()) {
            Self::Guarded
        } else {
            Self::Plain
        }
    }
}

/// Takes the first row's problems off and puts them into one sentence after the other.
fn next_row(waiting: &mut VecDeque<RowProblem>) -> Option<(i64, String)> {
    let row = waiting.front()?.row;
    let mut problems = Vec::new();
    while let Some(problem) = waiting.pop_front_if(|problem| problem.row == row) {
        problems.push(problem);
    }
    Some((row, reasons(&problems)))
}

/// What is wrong with a row, in sentences.
pub(in crate::imports) fn reasons(problems: &[RowProblem]) -> String {
    problems.iter().map(reason).collect::<Vec<_>>().join(" ")
}

fn reason(problem: &RowProblem) -> String {
    match &problem.column {
        Some(column) => format!("{column}: {}", problem.message),
        None => problem.message.clone(),
    }
}

pub(in crate::imports) fn unreadable(error: ReadError) -> Error {
    match error {
        ReadError::Workbook(problem) => problem.into(),
        other => std::io::Error::other(other).into(),
    }
}
