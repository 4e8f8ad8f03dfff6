//! An export as an Excel workbook. SKUs and texts are text cells, which no spreadsheet runs or turns into numbers; prices are numbers.
//!
//! A workbook is a zip file whose parts must be whole before it is, so it is written to a file first and sent from there.

use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::{ExportColumn, Walk};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::products::{Product, ProductQuery};

/// Rows of a sheet, its heading included: the format's own limit.
const ROWS_MAX: u32 = 1_048_576;
/// Characters of a cell: the same.
const CELL_MAX: usize = 32_767;

/// The products of `query` as a workbook: an open file at its beginning, which has no name and is gone when it is closed.
///
/// # Errors
/// 422 when a text is longer than a cell can be.
pub async fn xlsx(
    database: &Database,
    query: &ProductQuery,
    columns: Vec<ExportColumn>,
    folder: &Path,
) -> Result<File> {
    tokio::fs::create_dir_all(folder).await?;
    let (sender, receiver) = mpsc::channel(2);
    let folder = folder.to_owned();
    let writer = spawn_blocking(move || write(&folder, &columns, receiver));
    let mut walk = Walk::begin(database, query).await?;
    while let Some(products) = walk.next(database).await? {
        // If the writer has given up, it says why.
        if sender.send(products).await.is_err() {
            break;
        }
    }
    drop(sender);
    writer.await?
}

fn write(folder: &Path, columns: &[ExportColumn], mut pieces: mpsc::Receiver<Vec<Product>>) -> Result<File> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(folder).map_err(failed)?;
    let price = Format::new().set_num_format("0.00");
    let mut sheets = 0;
    let mut row = ROWS_MAX;
    let mut sheet = None;
    let mut next = pieces.blocking_recv();
    loop {
        let products = next.unwrap_or_default();
        let is_end = products.is_empty();
        if sheet.is_none() && is_end {
            // A workbook without products still has its heading.
            sheets += 1;
            begin_sheet(
                workbook.add_worksheet_with_constant_memory().map_err(failed)?,
                sheets,
                columns,
            )?;
        }
        for product in products {
            if row == ROWS_MAX {
                sheets += 1;
                let place = workbook.worksheets().len();
                begin_sheet(
                    workbook.add_worksheet_with_constant_memory().map_err(failed)?,
                    sheets,
                    columns,
                )?;
                (sheet, row) = (Some(place), 1);
            }
            let place = sheet.unwrap_or_default();
            write_row(
                workbook.worksheet_from_index(place).map_err(failed)?,
                row,
                columns,
                &product,
                &price,
            )?;
            row += 1;
        }
        if is_end {
            break;
        }
        next = pieces.blocking_recv();
    }
    let mut file = tempfile::tempfile_in(folder)?;
    workbook.save_to_writer(&mut file).map_err(failed)?;
    file.rewind()?;
    Ok(file)
}

fn begin_sheet(sheet: &mut Worksheet, number: usize, columns: &[ExportColumn]) -> Result<()> {
    let name = if number == 1 {
        "Products".to_owned()
    } else {
        format!("Products {number}")
    };
    sheet.set_name(name).map_err(failed)?;
    let bold = Format::new().set_bold();
    for (place, column) in (0u16..).zip(columns) {
        sheet.set_column_width(place, column.width()).map_err(failed)?;
        sheet
            .write_string_with_format(0, place, column.header(), &bold)
            .map_err(failed)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    columns: &[ExportColumn],
    product: &Product,
    price: &Format,
) -> Result<()> {
    for (place, column) in (0u16..).zip(columns) {
        match (column, product.price_minor) {
            (ExportColumn::Price, None) => {}
            (ExportColumn::Price, Some(minor)) => {
                // Hundredths are exact in a float up to 2^53, far above the highest price.
                #[expect(clippy::cast_precision_loss, reason = "see above")]
                let amount = minor as f64 / 100.0;
                sheet
                    .write_number_with_format(row, place, amount, price)
                    .map_err(failed)?;
            }
            _ => {
                let text = column.text(product);
                if text.chars().count() > CELL_MAX {
                    return Err(too_long(column.header(), &product.sku));
                }
                if !text.is_empty() {
                    sheet.write_string(row, place, text.as_ref()).map_err(failed)?;
                }
            }
        }
    }
    Ok(())
}

fn too_long(column: &str, sku: &str) -> Error {
    Problem::unprocessable(format!(
        "The {column} of product {sku} is longer than a cell of Excel can be (32,767 characters). Export as CSV instead."
    ))
    .into()
}

fn failed(error: XlsxError) -> Error {
    Error::Io(std::io::Error::other(error))
}
