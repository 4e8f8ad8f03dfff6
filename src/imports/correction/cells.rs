//! The cells of a problem row: as they are shown, as they come back, and as they are written into a file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::ByteRecord;

use super::{CellProblem, CorrectableColumn, RowCorrection};
use crate::imports::FileFormat;
use crate::imports::returned::{is_added, is_unguarded};
use crate::spreadsheet::{guarded, unguarded};

/// Stands for what cannot be shown: a browser puts the same sign in its place.
const UNREADABLE: char = '\u{fffd}';

/// The columns of a file that are its own: a file of corrections has some that were added.
pub(super) struct OwnColumns {
    pub all: Vec<CorrectableColumn>,
    /// Whether the cells are those of a sheet, which needs no guarding.
    is_sheet: bool,
    /// Of every column of the file.
    width: usize,
}

impl OwnColumns {
    pub fn of(format: &FileFormat) -> Self {
        let header = |place: usize| format.columns[place].header.trim();
        let is_alone = |place: usize| {
            let same = format
                .columns
                .iter()
                .filter(|other| other.header.trim() == header(place));
            same.count() == 1
        };
        let own = (0..format.columns.len()).filter(|place| !is_added(header(*place)));
        let all = own.map(|place| CorrectableColumn {
            place,
            name: match header(place) {
                name if !name.is_empty() && is_alone(place) => name.to_owned(),
                _ => format!("Column {}", place + 1),
            },
            field: format.columns[place].field.clone(),
        });
        Self {
            all: all.collect(),
            is_sheet: format.sheet.is_some(),
            width: format.columns.len(),
        }
    }

    pub fn at(&self, place: usize) -> Option<&CorrectableColumn> {
        self.all.iter().find(|column| column.place == place)
    }

    /// The column that a problem names by its header: of several, the one that is used.
    pub fn called(&self, format: &FileFormat, header: &str) -> Option<usize> {
        let has_it = |column: &&CorrectableColumn| format.columns[column.place].header.trim() == header;
        let mut found = self.all.iter().filter(has_it);
        let used = found.clone().find(|column| column.field.is_some());
        used.or_else(|| found.next()).map(|column| column.place)
    }

    /// The text of a cell as people see it: what would be imported, with a sign for what cannot be shown.
    pub fn shown(&self, record: &ByteRecord, column: &CorrectableColumn) -> String {
        let text = String::from_utf8_lossy(raw(record, column.place));
        let text = self.bare(&text, column);
        let is_hidden = |c: char| c < ' ' && !matches!(c, '\n' | '\r' | '\t');
        text.chars()
            .map(|c| if is_hidden(c) { UNREADABLE } else { c })
            .collect()
    }

    fn bare<'t>(&self, text: &'t str, column: &CorrectableColumn) -> &'t str {
        if self.is_sheet || !takes_guard(column) {
            text
        } else {
            unguarded(text)
        }
    }

    /// Cells behind the last column that hold anything.
    pub fn surplus(&self, record: &ByteRecord) -> Vec<String> {
        let cells = record.iter().skip(self.width).map(String::from_utf8_lossy);
        cells
            .filter(|cell| !cell.trim().is_empty())
            .map(Cow::into_owned)
            .collect()
    }

    /// The bytes of a cell as the file of corrections has it. One that comes back as it was shown has not been touched: whatever was wrong with
    /// it is found again.
    pub fn written(
        &self,
        record: &ByteRecord,
        column: &CorrectableColumn,
        typed: Option<&str>,
        is_blamed: bool,
    ) -> Vec<u8> {
        let shown = self.shown(record, column);
        let text = match typed {
            Some(typed) if one_line_break(typed) != one_line_break(&shown) => typed.to_owned(),
            // What is wrong with a cell that nobody reads must keep nobody from using its row.
            _ if column.field.is_none() && !is_blamed => shown,
            _ => match std::str::from_utf8(raw(record, column.place)) {
                Ok(text) => self.bare(text, column).to_owned(),
                Err(_) => return raw(record, column.place).to_vec(),
            },
        };
        if takes_guard(column) {
            guarded(&text).into_owned().into_bytes()
        } else {
            text.into_bytes()
        }
    }
}

fn raw(record: &ByteRecord, place: usize) -> &[u8] {
    record.get(place).unwrap_or_default()
}

fn takes_guard(column: &CorrectableColumn) -> bool {
    is_unguarded(column.field.as_deref())
}

/// Browsers send every line break as `\r\n`, whatever it was.
fn one_line_break(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Corrections whose cells are named by their columns' headers, or by `Column 3` where a header names none or several.
///
/// # Errors
/// Names that are none of the file: the row, the name, and what to do.
pub fn by_names(
    format: &FileFormat,
    rows: Vec<(i64, BTreeMap<String, String>)>,
) -> Result<Vec<RowCorrection>, Vec<(i64, String, String)>> {
    let columns = OwnColumns::of(format);
    let (mut corrections, mut unknown) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, named) in rows {
        let mut cells = BTreeMap::new();
        for (name, text) in named {
            match columns.all.iter().find(|column| column.name == name.trim()) {
                Some(column) => {
                    cells.insert(column.place, text);
                }
                None => {
                    let message = format!("The file has no column called “{name}”. {}", known(&columns));
                    unknown.push((row, name, message));
                }
            }
        }
        corrections.push(RowCorrection { row, cells });
    }
    if unknown.is_empty() {
        Ok(corrections)
    } else {
        Err(unknown)
    }
}

/// What the column at this place is called.
#[must_use]
pub fn column_name(format: &FileFormat, place: usize) -> String {
    let columns = OwnColumns::of(format);
    columns
        .at(place)
        .map_or_else(|| format!("Column {}", place + 1), |column| column.name.clone())
}

fn known(columns: &OwnColumns) -> String {
    let used = columns.all.iter().filter(|column| column.field.is_some());
    let names: Vec<String> = used.map(|column| format!("“{}”", column.name)).collect();
    format!("Its columns are: {}.", names.join(", "))
}

impl CellProblem {
    pub(super) fn of_row(row: i64, message: impl Into<String>) -> Self {
        Self {
            row,
            column: None,
            message: message.into(),
        }
    }
}
