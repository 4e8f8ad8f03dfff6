use std::collections::{HashMap, HashSet};

use csv::ByteRecord;

use super::{Checker, KnownFile, ProductRow, StagedRow};
use crate::imports::matching::match_columns;
use crate::imports::options::{Clearable, ImportOptions, Mode};
use crate::imports::{FileFormat, ImportKind};
use crate::pictures::Reference;

fn checker(headers: &[&str], options: &ImportOptions) -> Checker {
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    let format = FileFormat {
        encoding: "UTF-8".into(),
        columns: match_columns(ImportKind::Products, &headers, &[]).columns,
        ..FileFormat::default()
    };
    let file = KnownFile {
        import: 1,
        kind: ImportKind::Products,
        format: &format,
        options,
        corrects: None,
        sheet_pictures: HashMap::from([("image1.png".to_owned(), Ok(Reference::of_digest("ab")))]),
    };
    Checker::new(&file, HashSet::from([7]))
}

fn product(headers: &[&str], cells: &[&str]) -> Result<ProductRow, Vec<&'static str>> {
    product_with(headers, cells, &ImportOptions::default())
}

fn product_with(headers: &[&str], cells: &[&str], options: &ImportOptions) -> Result<ProductRow, Vec<&'static str>> {
    match checker(headers, options).check(2, &ByteRecord::from(cells.to_vec())) {
        Ok(StagedRow::Product(row)) => Ok(row),
        Ok(StagedRow::Catalog(_)) => Err(vec!["a catalogue"]),
        Err(refused) => Err(refused.problems.iter().map(|problem| problem.kind.code()).collect()),
    }
}

fn problems(headers: &[&str], cells: &[&str]) -> Vec<&'static str> {
    product(headers, cells).err().unwrap_or_default()
}

#[test]
fn a_blank_cell_says_nothing_about_its_field() {
    let row = product(&["sku", "name", "price", "active"], &["a", " ", "", ""]).expect("a good row");
    assert!(row.name.is_none() && row.price_minor.is_none() && row.active.is_none());
}

#[test]
fn all_faults_of_a_row_are_named_at_once() {
    let found = problems(&["sku", "price", "active", "catalog_id"], &["", "abc", "maybe", "8"]);
    assert_eq!(
        found,
        ["sku_missing", "price_not_a_number", "active_unknown", "catalog_unknown"]
    );
}

#[test]
fn ragged_rows_are_refused_but_empty_cells_at_the_end_are_not() {
    assert_eq!(problems(&["sku", "name"], &["a"]), ["wrong_column_count"]);
    assert_eq!(problems(&["sku", "name"], &["a", "b", "c"]), ["wrong_column_count"]);
    assert!(product(&["sku", "name"], &["a", "b", "", " "]).is_ok());
}

#[test]
fn zero_bytes_and_damaged_text_are_problems_of_their_row() {
    assert_eq!(problems(&["sku", "name"], &["a", "b\0c"]), ["not_text"]);
    let damaged = checker(&["sku"], &ImportOptions::default()).check(2, &ByteRecord::from(vec![&b"\xff"[..]]));
    assert!(damaged.is_err_and(|refused| refused.problems[0].kind.code() == "wrong_encoding"));
}

#[test]
fn formulas_are_text_and_their_guard_is_taken_off() {
    let row = product(&["sku", "name"], &["-1", "=cmd|'/c calc'!A1"]).expect("a good row");
    assert_eq!(
        (row.sku.as_str(), row.name.as_deref()),
        ("-1", Some("=cmd|'/c calc'!A1"))
    );
    let row = product(&["sku", "name"], &["'+1", "''=x"]).expect("a good row");
    assert_eq!((row.sku.as_str(), row.name.as_deref()), ("+1", Some("'=x")));
    let row = product(&["sku", "name"], &["a", "'tis"]).expect("a good row");
    assert_eq!(row.name.as_deref(), Some("'tis"));
}

#[test]
fn a_blank_sale_price_falls_back_to_the_regular_one() {
    let headers = ["SKU", "Regular price", "Sale price"];
    assert_eq!(
        product(&headers, &["a", "12.00", ""]).expect("a good row").price_minor,
        Some(1200)
    );
    assert_eq!(
        product(&headers, &["a", "12.00", "9,50"])
            .expect("a good row")
            .price_minor,
        Some(950)
    );
}

#[test]
fn a_blank_cell_takes_the_value_away_where_that_is_wished() {
    let options = ImportOptions {
        clear: Clearable::ALL.into(),
        ..ImportOptions::default()
    };
    let row = product_with(
        &["sku", "description", "price", "catalog"],
        &["a", "", " ", ""],
        &options,
    )
    .expect("a good row");
    assert_eq!(
        (row.description.as_deref(), row.price_minor, row.catalog_id),
        (Some(""), Some(-1), Some(0))
    );
    // What the file has no column for is not touched.
    let row = product_with(&["sku", "name"], &["a", ""], &options).expect("a good row");
    assert_eq!(
        (row.name, row.description, row.price_minor, row.catalog_id),
        (None, None, None, None)
    );
}

#[test]
fn of_a_product_that_is_to_be_deleted_only_the_sku_is_read() {
    let options = ImportOptions {
        mode: Mode::Delete,
        ..ImportOptions::default()
    };
    let row = product_with(&["sku", "price"], &["a", "no price"], &options).expect("a good row");
    assert_eq!(row.price_minor, None);
}

#[test]
fn the_sku_of_a_bad_row_is_known() {
    let refused = checker(&["sku", "price"], &ImportOptions::default()).check(2, &ByteRecord::from(vec!["A-1", "x"]));
    assert_eq!(refused.err().and_then(|refused| refused.key).as_deref(), Some("a-1"));
}

#[test]
fn pictures_of_the_sheet_are_named_in_its_cells() {
    let mut checker = checker(&["sku", "name", "image"], &ImportOptions::default());
    let record = ByteRecord::from(vec![
        "a",
        "Ant",
        "picture:image1.png https://h/a.png picture:image2.png",
    ]);
    let Ok(StagedRow::Product(row)) = checker.check(2, &record) else {
        panic!("a good row")
    };
    assert_eq!(row.more, [Some(r#"["sha256:ab","https://h/a.png"]"#.to_owned())]);
    let warnings = checker.take_warnings();
    let said: Vec<_> = warnings
        .iter()
        .map(|warning| (warning.kind.code(), warning.value.as_deref()))
        .collect();
    assert_eq!(said, [("picture_unusable", Some("image2.png"))]);
}

#[test]
fn the_apostrophe_of_an_export_is_no_part_of_any_cell() {
    let headers = ["Handle", "Title", "Option1 name", "Option1 value", "Price", "SKU"];
    let row = product(&headers, &["'-mug", "'=Mug", "Size", "'+2", "1.00", ""]).expect("a good row");
    let variant = row.variant.expect("a file with variants");
    assert_eq!(
        (
            row.sku.as_str(),
            row.name.as_deref(),
            row.price_minor,
            variant.options.as_deref()
        ),
        ("-mug-+2", Some("=Mug"), Some(100), Some(r#"{"Size":"+2"}"#))
    );
    assert_eq!(
        problems(&["sku", "name", "price"], &["a", "b", "'-5"]),
        ["price_negative"]
    );
}
