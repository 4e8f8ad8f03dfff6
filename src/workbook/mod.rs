//! Excel workbooks (`.xlsx`, `.xlsm`): their sheets as rows of texts, as a person sees them on the screen.
//!
//! A workbook is a zip file of XML and may be made to eat all the memory there is. So it is read by a process of its own, with
//! limits of memory and time; whatever happens to that process, the server only hears that the file cannot be read. The sheet is
//! streamed: no more of it is in memory at once than one row and the table of shared texts.
//!
//! Nothing is run and nothing is fetched: macros, formulas and links to other files are passed over.
//! Pictures that lie on a sheet or are the value of a cell have their names in the rows, behind [`IN_SHEET`](crate::pictures::IN_SHEET); a second request
//! has the process hand them over.
//!
//! Format: ECMA-376 (Office Open XML), part 1, chapter 18; part 2 for the package.

mod cells;
pub mod child;
mod frames;
#[cfg(feature = "testing")]
pub(crate) mod fuzzed;
mod illustrated;
mod in_cells;
mod number;
mod package;
mod pictures;
mod reader;
mod strings;
mod styles;
mod xml;

use serde::{Deserialize, Serialize};

pub use frames::{Framed, Pictures};
pub(crate) use pictures::is_of_name;
pub use reader::{Copied, WorkbookText, Workbooks, refusal};

use crate::problem::Problem;

/// The beginning of one sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    pub is_hidden: bool,
    /// Its first rows as CSV with commas, blank lines for rows that are blank.
    pub beginning: String,
    /// Whether that is all of it.
    pub is_whole: bool,
    /// The column, counted from 0, that only names of pictures have: those on no column with a header.
    #[serde(default)]
    pub pictures: Option<usize>,
}

/// Whether a file begins as a workbook does, or as one that is sealed or of the former kind.
#[must_use]
pub fn is_workbook(beginning: &[u8]) -> bool {
    beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(OLE)
}

/// Source of the number: MS-CFB, the compound file in which Excel keeps what has a password, and everything before 2007.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// What is wrong with a workbook, for the person who chose it.
fn refused(status: u16, title: &str, message: impl Into<String>) -> Problem {
    let message = message.into();
    Problem::new(status, title, message.clone()).with_field("file", message)
}

fn other_kind(message: &str) -> Problem {
    refused(415, "This kind of file cannot be imported", message)
}

fn damaged(what: &str) -> Problem {
    refused(
        422,
        "The workbook cannot be read",
        format!("The workbook is damaged: {what}. Open it in Excel, save it again as .xlsx and choose it again."),
    )
}

fn too_large(what: &str) -> Problem {
    refused(
        422,
        "The workbook is too large to be read",
        format!("{what} Save the sheet as “CSV UTF-8” in Excel and choose that file."),
    )
}
