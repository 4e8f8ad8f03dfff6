//! The rows as an Excel workbook. Every cell is a text, which no spreadsheet runs, rounds or turns into a date.
//!
//! A workbook is a zip file whose parts must be whole before it is, so it is written to a file first and sent from there.

use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tokio_util::sync::CancellationToken;

use super::walk::Sheet;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::spreadsheet::{CELL_MAX, ROWS_MAX};

pub(super) struct XlsxSheet {
    workbook: Workbook,
    headers: Vec<String>,
    sheets: usize,
    /// Where the next one goes.
    row: u32,
    stop: CancellationToken,
}

impl XlsxSheet {
    /// Parts of the workbook are kept in `folder` until it is whole.
    pub fn new(folder: &Path, stop: CancellationToken) -> Result<Self> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder).map_err(failed)?;
        Ok(Self {
            workbook,
            headers: Vec::new(),
            sheets: 0,
            row: 0,
            stop,
        })
    }

    /// The workbook: an open file at its beginning, which has no name and is gone when it is closed.
    pub fn end(mut self, folder: &Path) -> Result<File> {
        let mut file = tempfile::tempfile_in(folder)?;
        self.workbook.save_to_writer(&mut file).map_err(failed)?;
        file.rewind()?;
        Ok(file)
    }

    fn begin_sheet(&mut self) -> Result<()> {
        self.sheets += 1;
        let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(failed)?;
        let name = match self.sheets {
            1 => "Problems".to_owned(),
            number => format!("Problems {number}"),
        };
        sheet.set_name(name).map_err(failed)?;
        let bold = Format::new().set_bold();
        for (place, header) in (0u16..).zip(&self.headers) {
            let header = cell(header, 1)?;
            sheet
                .write_string_with_format(0, place, header, &bold)
                .map_err(failed)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        self.row = 1;
        Ok(())
    }
}

impl Sheet for XlsxSheet {
    fn begin(&mut self, headers: &[&str]) -> Result<()> {
        self.headers = headers.iter().map(|header| (*header).to_owned()).collect();
        self.begin_sheet()
    }

    fn row(&mut self, number: i64, cells: Vec<String>) -> Result<bool> {
        if self.row == ROWS_MAX {
            self.begin_sheet()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1).map_err(failed)?;
        for (place, text) in (0u16..).zip(&cells) {
            if !text.is_empty() {
                sheet
                    .write_string(self.row, place, cell(text, number)?)
                    .map_err(failed)?;
            }
        }
        self.row += 1;
        Ok(!self.stop.is_cancelled())
    }
}

/// A text that fits. One that was cut would come back shortened, and nobody would see it.
fn cell(text: &str, row: i64) -> Result<&str> {
    if text.len() > CELL_MAX && text.chars().count() > CELL_MAX {
        return Err(Problem::unprocessable(format!(
            "Row {row} has a text that is longer than a cell of Excel can be (32,767 characters). Download the rows as CSV instead."
        ))
        .into());
    }
    Ok(text)
}

fn failed(error: XlsxError) -> Error {
    Error::Io(std::io::Error::other(error))
}
