//! A stored file as numbered rows of cells.

mod csv;
mod sample;

pub(super) use csv::{ReadError, Rows};
pub(super) use sample::Sample;

use super::FileFormat;
use crate::error::Error;
use crate::storage::StoredFile;
use crate::workbook::Workbooks;

/// The rows of a stored file after its header. Must run on a thread that may block.
pub(super) fn open(file: StoredFile, format: &FileFormat, workbooks: &Workbooks) -> Result<Rows, ReadError> {
    let Some(sheet) = &format.sheet else {
        return Rows::open(file, format);
    };
    let size = file.size();
    let copied = workbooks.copy(file).map_err(|error| match error {
        Error::Io(error) => ReadError::Io(error),
        other => ReadError::Io(std::io::Error::other(other)),
    })?;
    Rows::of_workbook(workbooks, &copied, size, sheet, format)
}
