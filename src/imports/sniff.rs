//! What kind of file this is: its encoding, its delimiter and its header row, from its first bytes.

mod encoding;
mod sheets;

use std::io::Cursor;

use csv::ByteRecord;
use encoding_rs::Encoding;

use encoding::{encoding_of, looks_binary};

use super::matching::known_headers;
use super::reading::{Rows, Sample};
use super::{FileFormat, ImportKind, MatchedColumn};
use crate::problem::Problem;

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// Rows among which the header is looked for: files of suppliers have titles and addresses above it.
const HEADER_WITHIN: usize = 10;

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub encoding: String,
    pub delimiter: char,
    pub header_row: i64,
    pub headers: Vec<String>,
    /// Of a workbook: the sheet, all that could be meant, and why it is not certain which is.
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    pub doubt: Option<Problem>,
}

impl Layout {
    pub fn with_columns(self, columns: Vec<MatchedColumn>) -> FileFormat {
        FileFormat {
            encoding: self.encoding,
            delimiter: self.delimiter,
            header_row: self.header_row,
            sheet: self.sheet,
            sheets: self.sheets,
            columns,
        }
    }
}

/// What somebody has said about it; the rest is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A label of the WHATWG encoding standard.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// Counted from 1.
    pub header_row: Option<i64>,
    /// Name of the sheet of a workbook.
    pub sheet: Option<String>,
}

/// The layout of a file by its beginning.
///
/// # Errors
/// When it is empty, not text, or has no header.
pub(super) fn layout(
    kind: ImportKind,
    sample: &Sample,
    column_limit: usize,
    wanted: &Wanted,
) -> Result<Layout, Problem> {
    match sample {
        Sample::Text { bytes, is_whole } => of_text(kind, bytes, *is_whole, column_limit, wanted),
        Sample::Sheets(sheets) => sheets::layout(kind, sheets, column_limit, wanted),
    }
}

/// `whole`: there is nothing after the sample.
fn of_text(
    kind: ImportKind,
    sample: &[u8],
    whole: bool,
    column_limit: usize,
    wanted: &Wanted,
) -> Result<Layout, Problem> {
    if sample.is_empty() {
        return Err(no_header(
            "The file is empty: it has no header. Choose a file whose first row names its columns.",
        ));
    }
    refuse_other_formats(sample)?;
    let encoding = match &wanted.encoding {
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            let message = "Choose one of the encodings in the list.";
            Problem::unprocessable(message).with_field("encoding", message)
        })?,
        None => encoding_of(sample),
    };
    let (text, _, _) = encoding.decode(sample);
    if looks_binary(&text) {
        return Err(not_text());
    }
    let delimiters = wanted
        .delimiter
        .map_or_else(|| DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<((usize, usize), Layout)> = None;
    for delimiter in delimiters {
        let rows = first_rows(sample, encoding.name(), delimiter, whole)?;
        let Some((header_row, headers)) = header(kind, rows, wanted.header_row) else {
            continue;
        };
        let score = (known_headers(kind, &headers), headers.len());
        if best.as_ref().is_none_or(|(better, _)| score > *better) {
            let encoding = encoding.name().to_owned();
            best = Some((
                score,
                Layout {
                    encoding,
                    delimiter,
                    header_row,
                    headers,
                    sheet: None,
                    sheets: Vec::new(),
                    doubt: None,
                },
            ));
        }
    }
    let Some((_, layout)) = best else {
        return Err(no_header(
            "There is no such row in the beginning of the file. Choose the row that names the columns.",
        ));
    };
    checked(layout, column_limit)
}

fn checked(layout: Layout, column_limit: usize) -> Result<Layout, Problem> {
    let columns = layout.headers.len();
    if layout.headers.iter().all(|header| header.trim().is_empty()) {
        return Err(no_header(
            "The first row is empty. Put the names of the columns there and import the file again.",
        ));
    }
    if columns > column_limit {
        let message = format!(
            "The file has {columns} columns; at most {column_limit} can be imported. Remove the columns that are not needed."
        );
        return Err(Problem::new(422, "The file has too many columns", message.clone()).with_field("file", message));
    }
    Ok(layout)
}

/// The first row, unless another below it has more of the known names.
fn header(kind: ImportKind, rows: Vec<(i64, Vec<String>)>, wanted: Option<i64>) -> Option<(i64, Vec<String>)> {
    if let Some(wanted) = wanted {
        return rows.into_iter().find(|(row, _)| *row == wanted);
    }
    let mut best: Option<(usize, (i64, Vec<String>))> = None;
    for row in rows {
        let known = known_headers(kind, &row.1);
        // One known word may stand in any row of data.
        let needed = best.as_ref().map_or(0, |(known, _)| (known + 1).max(2));
        if best.is_none() || known >= needed {
            best = Some((known, row));
        }
    }
    best.map(|(_, row)| row)
}

/// Characters of a header.
const HEADER_MAX: usize = 500;

/// What a header is called: without control characters, which no database takes and nobody sees.
fn readable(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(HEADER_MAX)
        .collect()
}

/// A few rows from the top, numbered as a spreadsheet does.
fn first_rows(sample: &[u8], encoding: &str, delimiter: char, whole: bool) -> Result<Vec<(i64, Vec<String>)>, Problem> {
    let endless = || {
        no_header(
            "The first row does not end within 256 KB. Check that its quotation marks are closed and that the file is CSV.",
        )
    };
    let mut rows = Rows::from_top(Cursor::new(sample.to_vec()), encoding, delimiter).map_err(|_| endless())?;
    let (mut found, mut record) = (Vec::new(), ByteRecord::new());
    let mut is_cut_off = false;
    while found.len() <= HEADER_WITHIN {
        match rows.next(&mut record) {
            Ok(Some(row)) => {
                found.push((row, record.iter().map(readable).collect()));
            }
            Ok(None) => {
                is_cut_off = !whole;
                break;
            }
            Err(_) if found.is_empty() => return Err(endless()),
            Err(_) => break,
        }
    }
    if is_cut_off {
        found.pop();
    }
    if found.is_empty() {
        return Err(if whole {
            no_header("The first row is empty. Put the names of the columns there and import the file again.")
        } else {
            endless()
        });
    }
    found.truncate(HEADER_WITHIN);
    Ok(found)
}

fn no_header(message: &str) -> Problem {
    Problem::new(422, "The file has no header", message).with_field("file", message)
}

fn not_text() -> Problem {
    let message = "The selected file must be a CSV or Excel (.xlsx) file.";
    Problem::new(415, "This kind of file cannot be imported", message).with_field("file", message)
}

/// Refuses what its first bytes name as something else.
/// Source of the numbers: the formats' own specifications (gzip RFC 1952, PNG, ELF, PDF …).
fn refuse_other_formats(sample: &[u8]) -> Result<(), Problem> {
    const OTHERS: [&[u8]; 8] = [
        b"\x1f\x8b",
        b"\x89PNG",
        b"\x7fELF",
        b"%PDF",
        b"\xff\xd8\xff",
        b"GIF8",
        b"BZh",
        b"\xfd7zXZ",
    ];
    if OTHERS.iter().any(|magic| sample.starts_with(magic)) {
        return Err(not_text());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Layout, Wanted, of_text};
    use crate::imports::ImportKind;
    use crate::problem::Problem;

    fn sniffed(bytes: &[u8]) -> Result<Layout, Problem> {
        of_text(ImportKind::Products, bytes, true, 100, &Wanted::default())
    }

    #[test]
    fn each_delimiter_is_found_even_among_many_others() {
        for (text, delimiter) in [
            ("sku,name\n", ','),
            ("sku;\"name, long\";price\n1;a,b,c,d;2\n", ';'),
            ("sku\tname\n", '\t'),
            ("sku|name\n", '|'),
            ("sku", ','),
        ] {
            assert_eq!(
                sniffed(text.as_bytes()).expect("a header").delimiter,
                delimiter,
                "{text}"
            );
        }
    }

    #[test]
    fn encodings_are_found_with_and_without_a_mark() {
        let utf16 = |little: bool, mark: bool| -> Vec<u8> {
            let text = if mark {
                "\u{feff}sku,name\né,é\n"
            } else {
                "sku,name\né,é\n"
            };
            let pair = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            text.encode_utf16().flat_map(pair).collect()
        };
        for (bytes, name) in [
            ("\u{feff}sku,name\n".as_bytes().to_vec(), "UTF-8"),
            ("sku,name\né,ü\n".as_bytes().to_vec(), "UTF-8"),
            (utf16(true, true), "UTF-16LE"),
            (utf16(false, true), "UTF-16BE"),
            (utf16(true, false), "UTF-16LE"),
            (b"sku,name\n1,Caf\xe9 cr\xe8me\n".to_vec(), "windows-1252"),
        ] {
            let format = sniffed(&bytes).expect("a header");
            assert_eq!(format.encoding, name);
            assert_eq!(format.headers[0], "sku", "{name}");
        }
    }

    #[test]
    fn a_damaged_place_does_not_turn_utf8_into_something_else() {
        assert_eq!(
            sniffed(b"sku,name\n1,\xc3\xa9\xc3\xa9\n2,\xff\n")
                .expect("a header")
                .encoding,
            "UTF-8"
        );
    }

    #[test]
    fn what_is_no_csv_is_refused_by_its_first_bytes() {
        for bytes in [
            &b"\x1f\x8b\x08"[..],
            b"\x89PNG\r\n",
            b"\x7fELF\x02",
            b"\0\x01\x02\0\0\0\0\x01",
        ] {
            assert_eq!(sniffed(bytes).expect_err("no text").status, 415, "{bytes:?}");
        }
    }

    #[test]
    fn the_header_is_found_below_a_title() {
        let text = "Price list 2026\n\nsku;name;price\nsku;Mug;1,00\n";
        let found = sniffed(text.as_bytes()).expect("a header");
        assert_eq!((found.header_row, found.delimiter, found.headers.len()), (3, ';', 3));
        let found = sniffed(b"a,b\nname,price\n").expect("a header");
        assert_eq!(found.header_row, 2);
        let found = sniffed(b"a,b\nname,x\n").expect("a header");
        assert_eq!(found.header_row, 1);
    }

    #[test]
    fn what_somebody_says_counts() {
        let wanted = Wanted {
            encoding: Some("macintosh".into()),
            delimiter: Some(';'),
            header_row: Some(2),
            sheet: None,
        };
        let found = of_text(ImportKind::Products, b"x\na,b;c\n", true, 100, &wanted).expect("a layout");
        assert_eq!(
            (found.encoding.as_str(), found.delimiter, found.headers),
            ("macintosh", ';', vec!["a,b".to_owned(), "c".to_owned()])
        );
        let nowhere = Wanted {
            header_row: Some(7),
            ..Wanted::default()
        };
        assert_eq!(
            of_text(ImportKind::Products, b"x\n", true, 100, &nowhere)
                .expect_err("no row")
                .status,
            422
        );
    }

    #[test]
    fn empty_files_and_blank_headers_are_refused() {
        assert_eq!(sniffed(b"").expect_err("empty").status, 422);
        assert_eq!(sniffed(b",,,\n1,2,3,4\n").expect_err("blank").status, 422);
        assert_eq!(sniffed("sku,".repeat(200).as_bytes()).expect_err("wide").status, 422);
    }
}
