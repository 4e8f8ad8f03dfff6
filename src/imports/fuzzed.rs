//! What holds for every file and every header there can be: for the fuzz targets of [`crate::testing::fuzzing`], without a database.
//!
//! Goes the way of an import (look, match, read, check) and panics where something is not as it must be.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Cursor;

use csv::ByteRecord;
use sha2::{Digest as _, Sha256};

use super::check::{Checker, KnownFile};
use super::matching::memory::Remembered;
use super::matching::{Matching, keep_others, match_by_hand, match_columns, plain};
use super::options::{Clearable, ImportOptions};
use super::reading::{ReadError, Rows, Sample};
use super::sniff::{Wanted, layout};
use super::stage::{ProductRow, Refused, StagedRow};
use super::{FileFormat, ImportKind};
use crate::fold::fold;
use crate::problem::Problem;
use crate::products::fields::{DESCRIPTION_MAX, NAME_MAX};
use crate::products::price;
use crate::products::sku::Sku;
use crate::workbook::Sheet;

/// Columns of the widest file.
const COLUMNS: usize = 200;
/// In the stage: what takes a price away.
const NO_PRICE: i64 = -1;

/// A refusal is the sender's fault and says what to do.
pub(crate) fn assert_refusal(problem: &Problem) {
    assert!((400..500).contains(&problem.status), "{problem:?}");
    assert!(!problem.detail.is_empty() && !problem.errors.is_empty(), "{problem:?}");
}

/// A whole file, from its first byte to its last row.
pub(crate) fn file(kind: ImportKind, bytes: &[u8], options: &ImportOptions) {
    let sample = Sample::Text {
        bytes: bytes.to_vec(),
        is_whole: true,
    };
    let layout = match layout(kind, &sample, COLUMNS, &Wanted::default()) {
        Ok(layout) => layout,
        Err(problem) => return assert_refusal(&problem),
    };
    let mut matching = match_columns(kind, &layout.headers, &[]);
    if kind == ImportKind::Products {
        keep_others(&mut matching);
    }
    if matching.doubt.is_some() {
        return;
    }
    let format = layout.with_columns(matching.columns);
    no_row_is_lost(bytes, &format);
    let known = KnownFile {
        import: 1,
        kind,
        format: &format,
        options,
        corrects: None,
        sheet_pictures: HashMap::new(),
    };
    rows(bytes, &format, Checker::new(&known, HashSet::from([7])));
}

fn rows(bytes: &[u8], format: &FileFormat, mut checker: Checker) {
    let headers: Vec<&str> = format.columns.iter().map(|column| column.header.trim()).collect();
    let mut rows =
        Rows::open(Cursor::new(bytes.to_vec()), format).expect("a file whose header was found can be opened");
    let (mut record, mut last) = (ByteRecord::new(), format.header_row);
    loop {
        let row = match rows.next(&mut record) {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(ReadError::QuoteNotClosed(row) | ReadError::RowTooLong(row)) => return assert!(row > last),
            Err(other) => panic!("memory can be read: {other}"),
        };
        assert!(row > last, "row {row} after row {last}");
        last = row;
        if checker.passes_over(row, &record) {
            continue;
        }
        match checker.check(row, &record) {
            Ok(StagedRow::Product(product)) => good(row, &product),
            Ok(StagedRow::Catalog(catalog)) => {
                assert_eq!((catalog.row, catalog.name_key.as_str()), (row, &*fold(&catalog.name)));
            }
            Err(refused) => bad(row, &refused, &headers),
        }
    }
    for picture in checker.take_gathered() {
        assert!(!picture.key.is_empty() && !picture.reference.is_empty());
    }
    for warning in checker.take_warnings() {
        assert!(warning.column.is_none_or(|column| headers.contains(&column.as_str())));
    }
    assert_eq!(rows.consumed(), bytes.len() as u64);
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(rows.sha256(), digest);
    drop(checker.alarms());
}

fn good(number: i64, row: &ProductRow) {
    assert_eq!(row.row, number);
    let sku = Sku::parse(&row.sku).expect("what is staged can be read again");
    assert_eq!((sku.as_str(), sku.key()), (row.sku.as_str(), row.sku_key.as_str()));
    assert_eq!(&*fold(sku.key()), sku.key(), "what is folded stays as it is");
    let texts = [(&row.name, NAME_MAX), (&row.description, DESCRIPTION_MAX)];
    for (text, most) in texts
        .into_iter()
        .filter_map(|(text, most)| Some((text.as_ref()?, most)))
    {
        assert!(text.chars().count() <= most && !text.contains('\0'), "{text:?}");
    }
    if let Some(minor) = row.price_minor.filter(|minor| *minor != NO_PRICE) {
        assert_eq!(price::parse(&price::plain(minor)), Ok(minor));
    }
    if let Some((name, key)) = &row.catalog {
        assert_eq!(&*fold(name), key);
    }
    for json in row.more.iter().flatten() {
        assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{json}");
    }
}

fn bad(row: i64, refused: &Refused, headers: &[&str]) {
    assert!(!refused.problems.is_empty(), "row {row} is refused without a word");
    for problem in &refused.problems {
        assert_eq!(problem.row, row);
        let value = problem.value.as_deref().unwrap_or_default();
        assert!(value.chars().count() <= 200 && !value.contains('\0'), "{value:?}");
        let column = problem.column.as_deref();
        assert!(column.is_none_or(|column| headers.contains(&column)), "{column:?}");
    }
}

/// Another reader of CSV, which knows no limits, finds the same cells.
fn no_row_is_lost(bytes: &[u8], format: &FileFormat) {
    if format.encoding != "UTF-8" {
        return;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut theirs = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(format.delimiter).expect("one of four"))
        .from_reader(bytes);
    let mut ours = Rows::from_top(Cursor::new(bytes.to_vec()), "UTF-8", format.delimiter).expect("memory can be read");
    let (mut expected, mut found) = (ByteRecord::new(), ByteRecord::new());
    loop {
        let is_there = theirs.read_byte_record(&mut expected).expect("memory can be read");
        match ours.next(&mut found) {
            Ok(row) => assert_eq!(row.is_some(), is_there, "{expected:?}"),
            Err(_) => return,
        }
        if !is_there {
            return;
        }
        assert_eq!(found, expected);
    }
}

/// Headers of a file, after another file with those of `before` was imported.
pub(crate) fn headers(kind: ImportKind, headers: &[String], before: &[String], keeps: bool) {
    let matched = |headers: &[String], remembered: &[Remembered]| {
        let mut matching = match_columns(kind, headers, remembered);
        if keeps && kind == ImportKind::Products {
            keep_others(&mut matching);
        }
        matching
    };
    let earlier = matched(before, &[]);
    let remembered = Remembered {
        headers: before.iter().map(|header| plain(header)).collect(),
        fields: earlier.columns.iter().map(|column| column.field.clone()).collect(),
        rows: 1,
    };
    let new = matched(headers, &[]);
    is_sound(kind, headers, &new);
    let in_capitals: Vec<String> = headers.iter().map(|header| header.to_ascii_uppercase()).collect();
    assert_eq!(
        fields(&matched(&in_capitals, &[])),
        fields(&new),
        "case does not matter"
    );
    // A file that nobody could import is not remembered.
    if earlier.doubt.is_none() {
        is_sound(kind, headers, &matched(headers, &[remembered]));
    }
}

fn fields(matching: &Matching) -> Vec<Option<&str>> {
    matching.columns.iter().map(|column| column.field.as_deref()).collect()
}

fn is_sound(kind: ImportKind, headers: &[String], matching: &Matching) {
    assert_eq!(matching.columns.len(), headers.len());
    assert!(
        matching
            .columns
            .iter()
            .zip(headers)
            .all(|(column, header)| column.header == *header)
    );
    assert!(!matching.is_certain || matching.doubt.is_none());
    if let Some(doubt) = &matching.doubt {
        return assert_refusal(doubt);
    }
    let keys = fields(matching)
        .iter()
        .filter(|field| **field == Some(kind.key_field()))
        .count();
    assert_eq!(keys, 1, "one column names the rows");
    // What was found may be said again by hand, and there two columns for one field are refused.
    let said: BTreeMap<usize, String> = fields(matching)
        .into_iter()
        .enumerate()
        .filter_map(|(place, field)| Some((place, field?.to_owned())))
        .collect();
    let by_hand = match_by_hand(kind, headers, &said, matching).expect("what was found can be confirmed");
    let by_hand: Vec<_> = by_hand.iter().map(|column| column.field.as_deref()).collect();
    assert_eq!(by_hand, fields(matching));
}

/// The sheets of a workbook, as somebody looks at them beforehand.
pub(crate) fn sheets(sheets: Vec<Sheet>) {
    match layout(
        ImportKind::Products,
        &Sample::Sheets(sheets),
        COLUMNS,
        &Wanted::default(),
    ) {
        Ok(layout) => assert!(layout.header_row > 0 && layout.sheet.is_some()),
        Err(problem) => assert_refusal(&problem),
    }
}

/// The option of which most can go wrong: blank cells take values away.
pub(crate) fn clearing() -> ImportOptions {
    ImportOptions {
        clear: Clearable::ALL.into(),
        ..ImportOptions::default()
    }
}
