use std::collections::BTreeMap;

use csv::ByteRecord;

use super::by_names;
use super::cells::OwnColumns;
use crate::imports::{FileFormat, MatchedColumn};

fn format(columns: &[(&str, &str)], sheet: Option<&str>) -> FileFormat {
    let columns = columns.iter().map(|(header, field)| MatchedColumn {
        header: (*header).to_owned(),
        field: (!field.is_empty()).then(|| (*field).to_owned()),
        ..MatchedColumn::default()
    });
    FileFormat {
        columns: columns.collect(),
        sheet: sheet.map(str::to_owned),
        ..FileFormat::default()
    }
}

/// How a cell of a text goes into the file of corrections when it comes back from the page as `typed`.
fn written(cell: &[u8], field: &str, typed: Option<&str>) -> Vec<u8> {
    let columns = OwnColumns::of(&format(&[("X", field)], None));
    let record = ByteRecord::from(vec![cell]);
    columns.written(&record, &columns.all[0], typed, true)
}

fn shown(cell: &[u8], field: &str) -> String {
    let columns = OwnColumns::of(&format(&[("X", field)], None));
    columns.shown(&ByteRecord::from(vec![cell]), &columns.all[0])
}

#[test]
fn a_cell_that_comes_back_as_it_was_shown_stays_as_the_file_has_it() {
    for cell in [
        &b"two\nlines"[..],
        b"two\r\nlines",
        b"old\rmac",
        b"null\0byte",
        b"\xff broken",
        "\u{202e}right to left".as_bytes(),
        b"\"quoted\"",
        b" blanks ",
    ] {
        // As a browser sends it.
        let typed = shown(cell, "name")
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .replace('\n', "\r\n");
        assert_eq!(written(cell, "name", Some(&typed)), cell, "{typed:?}");
    }
    assert_eq!(written(b"x\0", "name", Some("x")), b"x");
    assert_eq!(written(b"same", "name", None), b"same");
}

#[test]
fn what_is_hidden_is_shown_by_a_sign_and_formulas_without_their_guard() {
    assert_eq!(shown(b"a\0b", "name"), "a\u{fffd}b");
    assert_eq!(shown(b"\xff", "name"), "\u{fffd}");
    assert_eq!(shown(b"'=1+1", "name"), "=1+1");
    // The importer reads these as they stand.
    assert_eq!(shown(b"'+2", "option1_value"), "'+2");
}

#[test]
fn formulas_are_guarded_once_where_the_importer_takes_the_guard_off() {
    for (cell, typed) in [(&b"'=1+1"[..], None), (b"=1+1", None), (b"x", Some("=1+1"))] {
        assert_eq!(written(cell, "name", typed), b"'=1+1");
    }
    assert_eq!(written(b"x", "name", Some("'=1")), b"''=1");
    assert_eq!(written(b"x", "price", Some("-5")), b"-5");
}

#[test]
fn cells_of_a_sheet_need_no_guard_to_be_taken_off() {
    let columns = OwnColumns::of(&format(&[("X", "name")], Some("Sheet")));
    let record = ByteRecord::from(vec!["'=x"]);
    assert_eq!(columns.shown(&record, &columns.all[0]), "'=x");
    assert_eq!(columns.written(&record, &columns.all[0], None, true), b"''=x");
}

#[test]
fn nobody_is_kept_by_what_nobody_reads_unless_it_is_to_blame() {
    let columns = OwnColumns::of(&format(&[("Notes", "")], None));
    let record = ByteRecord::from(vec![&b"a\0"[..]]);
    let written = |is_blamed| columns.written(&record, &columns.all[0], None, is_blamed);
    assert_eq!(written(false), "a\u{fffd}".as_bytes());
    assert_eq!(written(true), b"a\0");
}

#[test]
fn columns_are_called_by_their_headers_where_those_say_which_is_meant() {
    let format = format(
        &[
            ("SKU", "sku"),
            (" Price ", "price"),
            ("", "name"),
            ("Note", ""),
            ("Note", "description"),
            ("import_row", ""),
        ],
        None,
    );
    let columns = OwnColumns::of(&format);
    let names: Vec<&str> = columns.all.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["SKU", "Price", "Column 3", "Column 4", "Column 5"]);
    assert_eq!(columns.called(&format, "Note"), Some(4), "the one that is used");
    let cells = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    };
    let found = by_names(&format, vec![(7, cells(&[("Price", "1"), ("Column 3", "Mug")]))]).expect("columns");
    assert_eq!(
        (found[0].row, found[0].cells.keys().copied().collect::<Vec<_>>()),
        (7, vec![1, 2])
    );
    let unknown = by_names(&format, vec![(7, cells(&[("Prize", "1")]))]).expect_err("no such column");
    assert_eq!((unknown[0].0, unknown[0].1.as_str()), (7, "Prize"));
    assert!(unknown[0].2.contains("“SKU”, “Price”"), "{unknown:?}");
}

#[test]
fn cells_behind_the_last_column_are_shown_where_they_hold_anything() {
    let columns = OwnColumns::of(&format(&[("SKU", "sku")], None));
    let record = ByteRecord::from(vec!["a", "", "left over"]);
    assert_eq!(columns.surplus(&record), ["left over"]);
}
