//! Corrected rows as a file of corrections: the file's own columns, then those by which it is known again.

use std::collections::BTreeSet;

use csv::ByteRecord;

use super::RowCorrection;
use super::cells::OwnColumns;
use super::known::KnownRow;
use crate::error::Result;
use crate::imports::returned::{ADDED, reasons};
use crate::imports::{FileFormat, Import, MatchedColumn};
use crate::spreadsheet;

/// A row of the file to be, and the row of the import that it corrects.
pub(super) struct CorrectedRow {
    pub row: i64,
    pub record: ByteRecord,
}

/// The row with what was typed into it.
pub(super) fn corrected(import: &Import, known: &KnownRow, correction: &RowCorrection) -> CorrectedRow {
    let columns = OwnColumns::of(&import.format);
    let blamed = blamed(import, &columns, known);
    let mut record = ByteRecord::new();
    for column in &columns.all {
        let typed = correction.cells.get(&column.place).map(String::as_str);
        record.push_field(&columns.written(&known.record, column, typed, blamed.contains(&column.place)));
    }
    record.push_field(known.row.to_string().as_bytes());
    record.push_field(reasons(&known.problems).as_bytes());
    record.push_field(import.job_id.to_string().as_bytes());
    CorrectedRow { row: known.row, record }
}

/// Places of the columns that are to blame.
pub(super) fn blamed(import: &Import, columns: &OwnColumns, known: &KnownRow) -> BTreeSet<usize> {
    let headers = known.problems.iter().filter_map(|problem| problem.column.as_deref());
    headers
        .filter_map(|header| columns.called(&import.format, header))
        .collect()
}

/// How the file is read: as it is written here, its columns matched as those of the import are.
pub(super) fn format(import: &Import) -> FileFormat {
    let columns = OwnColumns::of(&import.format).all;
    let own = columns.iter().map(|column| import.format.columns[column.place].clone());
    let added = ADDED.map(|header| MatchedColumn {
        header: header.to_owned(),
        ..MatchedColumn::default()
    });
    FileFormat {
        encoding: "UTF-8".to_owned(),
        columns: own.chain(added).collect(),
        ..FileFormat::default()
    }
}

/// The file itself.
///
/// # Errors
/// When memory takes no more.
pub(super) fn csv(format: &FileFormat, rows: &[CorrectedRow]) -> Result<bytes::Bytes> {
    spreadsheet::csv(|writer| {
        writer.write_record(format.columns.iter().map(|column| column.header.as_str()))?;
        rows.iter().try_for_each(|row| writer.write_byte_record(&row.record))
    })
}
