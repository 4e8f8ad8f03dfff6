use std::collections::BTreeMap;

use super::memory::Remembered;
use super::{Matching, match_by_hand, match_columns, plain, positions};
use crate::imports::{ImportKind, MatchedBy};

fn matching(headers: &[&str], remembered: &[Remembered]) -> Matching {
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    match_columns(ImportKind::Products, &headers, remembered)
}

fn matched(headers: &[&str]) -> Vec<String> {
    let columns = matching(headers, &[]).columns;
    columns
        .into_iter()
        .map(|column| column.field.unwrap_or_default())
        .collect()
}

fn remembered(pairs: &[(&str, &str)]) -> Remembered {
    Remembered {
        headers: pairs.iter().map(|(header, _)| plain(header)).collect(),
        fields: pairs
            .iter()
            .map(|(_, field)| (!field.is_empty()).then(|| (*field).to_owned()))
            .collect(),
        rows: 10,
    }
}

#[test]
fn headers_are_found_in_any_order_case_and_spelling() {
    assert_eq!(
        matched(&["PRICE", " Sku* ", "item-name", "Farbe", "is_active"]),
        ["price", "sku", "name", "colour", "active"]
    );
    assert_eq!(matched(&["ＳＫＵ"]), ["sku"]);
}

#[test]
fn headers_are_found_in_several_languages() {
    assert_eq!(
        matched(&["Artikel-Nr.", "Bezeichnung", "Beschreibung", "VK-Preis", "Warengruppe"]),
        ["sku", "name", "description", "price", "catalog"]
    );
    assert_eq!(
        matched(&["Référence", "Désignation", "Prix TTC", "Actif"]),
        ["sku", "name", "price", "active"]
    );
    assert_eq!(
        matched(&["Código", "Nombre", "Descripción", "Precio"]),
        ["sku", "name", "description", "price"]
    );
}

#[test]
fn shopify_and_woocommerce_exports_need_no_help() {
    let former = [
        "Handle",
        "Title",
        "Body (HTML)",
        "Vendor",
        "Option1 Name",
        "Variant SKU",
        "Variant Price",
        "Published",
        "Status",
    ];
    let fields = [
        "handle",
        "name",
        "description",
        "",
        "option1_name",
        "sku",
        "price",
        "active",
        "active",
    ];
    assert_eq!(matched(&former), fields);
    let current = [
        "Title",
        "URL handle",
        "SKU",
        "Price",
        "Product category",
        "Color (product.metafields.shopify.color-pattern)",
    ];
    assert_eq!(matched(&current), ["name", "handle", "sku", "price", "catalog", ""]);
    let woo = [
        "SKU",
        "Name",
        "Short description",
        "Description",
        "Sale price",
        "Regular price",
        "Categories",
        "Weight (lbs)",
        "Attribute 1 name",
    ];
    let fields = [
        "sku",
        "name",
        "description",
        "description",
        "price",
        "price",
        "catalog",
        "",
        "option1_name",
    ];
    assert_eq!(matched(&woo), fields);
    for headers in [&former[..], &current, &woo] {
        assert!(matching(headers, &[]).is_certain, "{headers:?}");
    }
}

#[test]
fn a_number_of_the_product_groups_its_skus_and_is_the_sku_where_there_is_no_other() {
    assert_eq!(
        matched(&["product_id*", "product_name*", "sku_id*", "size*", "color*", "price*"]),
        ["handle", "name", "sku", "size", "colour", "price"]
    );
    assert_eq!(matched(&["product_id", "name"]), ["sku", "name"]);
}

#[test]
fn of_two_columns_for_a_field_the_better_name_comes_first() {
    let found = matching(&["SKU", "Regular price", "Sale price"], &[]);
    assert_eq!(positions(ImportKind::Products, &found.columns, "price"), [2, 1]);
}

#[test]
fn a_name_that_stands_twice_is_a_doubt() {
    let doubt = matching(&["sku", "SKU"], &[]).doubt.expect("a doubt");
    assert_eq!((doubt.status, doubt.detail.contains("“sku” and “SKU”")), (422, true));
}

#[test]
fn a_file_without_skus_is_told_what_was_found() {
    let doubt = matching(&["Name", "Farbe"], &[]).doubt.expect("a doubt");
    assert!(doubt.detail.contains("“Name”, “Farbe”"), "{}", doubt.detail);
}

#[test]
fn what_is_nearly_known_is_suggested_and_not_done() {
    let found = matching(&["SKU", "Descripton", "Prize", "Farbe"], &[]);
    let guesses: Vec<_> = found
        .columns
        .iter()
        .map(|column| column.guess.as_deref().unwrap_or_default())
        .collect();
    assert_eq!(guesses, ["", "description", "price", ""]);
    assert!(found.columns[1].field.is_none() && !found.is_certain);
}

#[test]
fn a_file_with_the_same_headers_is_matched_as_before() {
    let before = remembered(&[("Nr", "sku"), ("Text", "name"), ("Price", "")]);
    let found = matching(&["nr", "TEXT", "price"], &[before]);
    let fields: Vec<_> = found
        .columns
        .iter()
        .map(|column| (column.field.as_deref(), column.by))
        .collect();
    assert_eq!(
        fields,
        [
            (Some("sku"), MatchedBy::Memory),
            (Some("name"), MatchedBy::Memory),
            (None, MatchedBy::Memory)
        ]
    );
    assert!(found.is_certain);
}

#[test]
fn a_column_is_remembered_from_another_file_but_takes_no_field_away() {
    let before = remembered(&[("Nr", "sku"), ("Stoff", "description"), ("Etwas", "name")]);
    let found = matching(&["SKU", "Name", "Stoff", "Etwas"], &[before]);
    let fields: Vec<_> = found
        .columns
        .iter()
        .map(|column| (column.field.as_deref(), column.by))
        .collect();
    assert_eq!(
        fields,
        [
            (Some("sku"), MatchedBy::Name),
            (Some("name"), MatchedBy::Name),
            (Some("description"), MatchedBy::Memory),
            (None, MatchedBy::Name)
        ]
    );
    assert!(!found.is_certain);
}

#[test]
fn by_hand_the_key_is_needed_and_a_field_is_given_once() {
    let headers = ["A", "B", "C"].map(str::to_owned).to_vec();
    let known = match_columns(ImportKind::Products, &headers, &[]);
    let said = |pairs: &[(usize, &str)]| {
        let said: BTreeMap<usize, String> = pairs
            .iter()
            .map(|(place, field)| (*place, (*field).to_owned()))
            .collect();
        match_by_hand(ImportKind::Products, &headers, &said, &known)
    };
    let columns = said(&[(0, "sku"), (2, "price")]).expect("columns");
    assert_eq!(columns[2].by, MatchedBy::Person);
    assert_eq!(said(&[(0, "price")]).expect_err("no SKU").status, 422);
    let twice = said(&[(0, "sku"), (2, "sku")]).expect_err("twice");
    let marked: Vec<&str> = twice.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(marked, ["column_0", "column_2"]);
    assert_eq!(said(&[(0, "sku"), (1, "weight")]).expect_err("no field").status, 422);
}
