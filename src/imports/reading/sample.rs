//! The beginning of a stored file, by which it is found out how it is to be read.

use std::borrow::Cow;

use crate::error::Result;
use crate::problem::Problem;
use crate::storage::Storage;
use crate::workbook::{Sheet, Workbooks, is_workbook};

/// How much of a file is looked at, in bytes.
const LENGTH: u64 = 256 * 1024;

/// What is known of a file without reading all of it.
#[derive(Clone, Debug)]
pub(in crate::imports) enum Sample {
    /// Bytes of a text, and whether there are no others.
    Text { bytes: Vec<u8>, is_whole: bool },
    /// A workbook's sheets.
    Sheets(Vec<Sheet>),
}

impl Sample {
    /// # Errors
    /// When the file is not stored, or is a workbook that cannot be read.
    pub async fn of(storage: &Storage, workbooks: &Workbooks, key: &str) -> Result<Self> {
        Self::read(storage, workbooks, key).await.map_err(|error| {
            if error.is_missing_file() {
                Problem::conflict("The uploaded file is no longer in the store. Upload it again.").into()
            } else {
                error
            }
        })
    }

    async fn read(storage: &Storage, workbooks: &Workbooks, key: &str) -> Result<Self> {
        let bytes = storage.beginning(key, LENGTH).await?;
        let file = storage.open(key).await?;
        if is_workbook(&bytes) {
            return Ok(Self::Sheets(workbooks.sheets(file).await?));
        }
        Ok(Self::Text {
            is_whole: file.size() <= bytes.len() as u64,
            bytes: bytes.to_vec(),
        })
    }

    /// The text of the file, or of that of its sheets.
    pub fn text(&self, sheet: Option<&str>) -> Cow<'_, [u8]> {
        match self {
            Self::Text { bytes, .. } => bytes.into(),
            Self::Sheets(sheets) => sheets
                .iter()
                .find(|known| Some(known.name.as_str()) == sheet)
                .map_or_else(Cow::default, |sheet| sheet.beginning.as_bytes().into()),
        }
    }
}
