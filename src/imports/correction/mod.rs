//! Problem rows of an import, corrected cell by cell on a page or by a program.
//!
//! What is typed becomes a file like the one in which problem rows are downloaded, and that file is imported as one that was uploaded.
//! Nothing here writes a product.

#[cfg(feature = "ssr")]
mod begin;
#[cfg(feature = "ssr")]
mod cells;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
mod file;
#[cfg(feature = "ssr")]
mod known;
#[cfg(feature = "ssr")]
mod offer;
#[cfg(all(test, feature = "ssr"))]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use begin::{Corrected, Corrections, correct};
#[cfg(feature = "ssr")]
pub use cells::{by_names, column_name};
#[cfg(feature = "ssr")]
pub use offer::{correctable, open_rows};

use super::{Import, ImportKind, ImportStatus};
use crate::problem::Problem;

/// Rows of one page.
pub const PAGE_ROWS: usize = 25;
/// Rows that can be corrected together.
pub const ROWS_MAX: usize = 100;
/// With more open rows than these a spreadsheet is the better tool, and the page is not offered.
pub const OFFERED_MAX: i64 = 100;
/// Characters of one corrected cell: those of the longest field.
pub const CELL_MAX: usize = crate::products::fields::DESCRIPTION_MAX;

/// Problem rows that nobody has corrected yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correctable {
    pub import: Import,
    /// The file's own columns from left to right.
    pub columns: Vec<CorrectableColumn>,
    /// Some of the rows, in the order of the file.
    pub rows: Vec<CorrectableRow>,
    /// How many there are in all.
    pub total: i64,
    /// The row after which the others begin, if there are others.
    pub next: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectableColumn {
    /// The column's place in the file, counted from 0: what names its cells.
    pub place: usize,
    /// Its header; of one that has none, or shares it with another, its place in words.
    pub name: String,
    /// The field that it goes to; none when it is not used.
    pub field: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectableRow {
    /// As a spreadsheet shows it: the header is row 1.
    pub row: i64,
    /// Why it was not used.
    pub reasons: Vec<CellProblem>,
    /// The texts of the columns' cells, in their order. None of a row that is too long to be shown.
    pub cells: Vec<String>,
    /// Cells behind the last column, which belong to none.
    pub surplus: Vec<String>,
}

/// Why a row cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellProblem {
    /// As a spreadsheet shows it.
    pub row: i64,
    /// Place of the column that is to blame; none when it is the whole row.
    pub column: Option<usize>,
    /// What happened and what to do, as sentences.
    pub message: String,
}

/// What somebody has typed into a row. Cells that are not named stay as the file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowCorrection {
    /// As a spreadsheet shows it.
    pub row: i64,
    /// The new texts, by the places of their columns.
    pub cells: BTreeMap<usize, String>,
}

impl Import {
    /// Whether its problem rows can be corrected one by one: its good rows are in the shop, and each row is a product.
    ///
    /// # Errors
    /// 409, which says why not.
    pub fn check_correctable(&self) -> Result<(), Problem> {
        if self.kind != ImportKind::Products {
            let detail = "Only rows of products can be corrected here. Correct the file and import it again.";
            return Err(Problem::conflict(detail));
        }
        if self.progress.status != ImportStatus::Completed {
            let detail = "Rows can be corrected once their import is completed. This one is not, or it was undone.";
            return Err(Problem::conflict(detail));
        }
        if !self.has_its_file() {
            let detail = "The file of this import is no longer kept, so its rows cannot be corrected here. Import a corrected file.";
            return Err(Problem::conflict(detail));
        }
        Ok(())
    }
}
