//! An export as an Excel workbook. SKUs and texts are text cells, which no spreadsheet runs or turns into numbers; prices are numbers.
//!
//! A workbook is a zip file whose parts must be whole before it is, so it is written to a file first and sent from there.

use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::rows::{self, Cells, Value};
use super::{ExportColumn, Layout, Watched, in_words};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::products::ProductQuery;
use crate::spreadsheet::{CELL_MAX, ROWS_MAX};

/// A column's name in the file, and what it belongs to.
type Header = (String, ExportColumn);

/// The products of `query` as a workbook: an open file at its beginning, which has no name and is gone when it is closed.
///
/// # Errors
/// 422 when a text is longer than a cell can be.
pub async fn xlsx(
    database: &Database,
    query: ProductQuery,
    layout: Layout,
    folder: &Path,
    watched: Watched,
) -> Result<File> {
    tokio::fs::create_dir_all(folder).await?;
    let rows = rows::all(database, query, layout.clone(), watched.clone());
    let headers = layout.headers();
    let folder = folder.to_owned();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    // Whoever goes away drops this future, and with it the guard.
    let _guard = stop.drop_guard();
    let file = spawn_blocking(move || write(&folder, &headers, rows, &stopped)).await??;
    if let Some(watch) = watched {
        watch.finish();
    }
    Ok(file)
}

fn write(
    folder: &Path,
    headers: &[Header],
    mut pieces: mpsc::Receiver<Result<Vec<Cells>>>,
    stop: &CancellationToken,
) -> Result<File> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(folder).map_err(failed)?;
    let price = Format::new().set_num_format("0.00");
    // A workbook without products still has its heading.
    let mut sheets = 1;
    begin_sheet(&mut workbook, sheets, headers)?;
    let mut row = 1;
    while let Some(piece) = pieces.blocking_recv() {
        if stop.is_cancelled() {
            return Err(Error::Io(std::io::Error::other("nobody waits for this workbook")));
        }
        for cells in piece? {
            if row == ROWS_MAX {
                sheets += 1;
                begin_sheet(&mut workbook, sheets, headers)?;
                row = 1;
            }
            let sheet = workbook.worksheet_from_index(sheets - 1).map_err(failed)?;
            write_row(sheet, row, headers, &cells, &price)?;
            row += 1;
        }
    }
    let mut file = tempfile::tempfile_in(folder)?;
    workbook.save_to_writer(&mut file).map_err(failed)?;
    file.rewind()?;
    Ok(file)
}

fn begin_sheet(workbook: &mut Workbook, number: usize, headers: &[Header]) -> Result<()> {
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
    let name = if number == 1 {
        "Products".to_owned()
    } else {
        format!("Products {number}")
    };
    sheet.set_name(name).map_err(failed)?;
    let bold = Format::new().set_bold();
    for (place, (header, column)) in (0u16..).zip(headers) {
        sheet.set_column_width(place, column.width()).map_err(failed)?;
        sheet
            .write_string_with_format(0, place, header, &bold)
            .map_err(failed)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    Ok(())
}

fn write_row(sheet: &mut Worksheet, row: u32, headers: &[Header], cells: &[Value], price: &Format) -> Result<()> {
    for ((place, cell), (header, _)) in (0u16..).zip(cells).zip(headers) {
        match cell {
            Value::Empty => {}
            Value::Price(minor) => {
                // Hundredths are exact in a float up to 2^53, far above the highest price.
                #[expect(clippy::cast_precision_loss, reason = "see above")]
                let amount = *minor as f64 / 100.0;
                sheet
                    .write_number_with_format(row, place, amount, price)
                    .map_err(failed)?;
            }
            other => {
                let text = in_words(other);
                if text.len() > CELL_MAX && text.chars().count() > CELL_MAX {
                    return Err(too_long(header, row));
                }
                if !text.is_empty() {
                    sheet.write_string(row, place, text.as_ref()).map_err(failed)?;
                }
            }
        }
    }
    Ok(())
}

fn too_long(header: &str, row: u32) -> Error {
    Problem::unprocessable(format!(
        "The {header} in row {} is longer than a cell of Excel can be (32,767 characters). Export as CSV instead.",
        row + 1
    ))
    .into()
}

fn failed(error: XlsxError) -> Error {
    Error::Io(std::io::Error::other(error))
}
