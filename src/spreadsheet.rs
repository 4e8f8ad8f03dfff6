//! Cells that a spreadsheet would run as a formula, and CSV that holds none.
//!
//! A guarded cell has an apostrophe in front; the importer takes it off again, so that an export comes back as it was.
//! Source of the rule: OWASP, "CSV Injection" and ASVS 5.0, 1.2.10.

use std::borrow::Cow;

use bytes::Bytes;

use crate::error::{Error, Result};

/// What a formula begins with, in the wide forms of East Asia too, and what some programs skip before one.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// Rows of a sheet of Excel, its heading included: the format's own limit.
pub(crate) const ROWS_MAX: u32 = 1_048_576;
/// Characters of a cell: the same.
pub(crate) const CELL_MAX: usize = 32_767;

/// Keeps a spreadsheet from running the cell as a formula.
#[must_use]
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.trim_start_matches('\'').starts_with(DANGEROUS) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// Takes the apostrophe off again with which exports, ours included, guard a cell.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    let inner = cell.trim_start_matches('\'');
    let is_guarded = inner.len() < cell.len() && inner.starts_with(DANGEROUS);
    if is_guarded { &cell[1..] } else { cell }
}

/// What `write` writes, as bytes.
pub(crate) fn csv(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    write(&mut writer).map_err(std::io::Error::other)?;
    Ok(writer
        .into_inner()
        .map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?
        .into())
}

#[cfg(test)]
mod tests {
    use super::{guarded, unguarded};

    #[test]
    fn formulas_are_guarded_plain_text_is_not_and_both_come_back() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("'=x", "''=x"),
            ("\tx", "'\tx"),
            ("＝x", "'＝x"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(guarded(cell), shown);
            assert_eq!(unguarded(shown), cell);
        }
    }
}
