//! 1 to 26: files of text, and what stands in their cells.

use stockroom::products::price::plain;
use stockroom::testing::{CsvFile, Kind};

use super::answers::{checked, counts, name_of, problems, refused, text};
use crate::site::Site;

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

pub async fn an_empty_file(kind: Kind) {
    let site = Site::on(kind).await;
    let (status, problem) = refused(&site, "").await;
    assert_eq!((status, text(&problem["title"])), (422, "The file has no header"));
}

pub async fn a_header_alone(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import("sku,name\n").await;
    assert_eq!(counts(&import), ("completed", 0, 0, 0));
    assert_eq!(
        (import["total"].as_i64(), import["percent"].as_f64()),
        (Some(0), Some(100.0))
    );
}

pub async fn no_last_line_ending(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import("sku,name\na,1\nb,2").await;
    assert_eq!(counts(&import), ("completed", 2, 0, 0));
    assert_eq!(name_of(&site, "b").await.as_deref(), Some("2"));
}

pub async fn mixed_line_endings(kind: Kind) {
    let site = Site::on(kind).await;
    for file in [
        "sku,name\rc,1\rd,2\r",
        "sku,name\r\ne,1\nf,2\r\n",
        "sku,name\r\ng,1\r\n\r\nh,2\ri,\"a\r\nb\"",
    ] {
        let import = site.import(file).await;
        assert_eq!(
            (text(&import["status"]), import["failed"].as_i64()),
            ("completed", Some(0)),
            "{file:?}"
        );
    }
    for sku in ["c", "d", "e", "f", "g", "h", "i"] {
        assert!(name_of(&site, sku).await.is_some(), "{sku}");
    }
}

pub async fn a_byte_order_mark(kind: Kind) {
    let site = Site::on(kind).await;
    site.import("\u{feff}sku,name\nm1,é\n").await;
    assert_eq!(name_of(&site, "m1").await.as_deref(), Some("é"));
}

pub async fn utf16_of(kind: Kind, sku: &str, unit: fn(u16) -> [u8; 2]) {
    let site = Site::on(kind).await;
    for (nth, mark) in ["\u{feff}", ""].into_iter().enumerate() {
        let import = site
            .import(utf16(&format!("{mark}sku\tname\n{sku}{nth}\té\n"), unit))
            .await;
        assert!(text(&import["format"]["encoding"]).starts_with("UTF-16"), "{import}");
        assert_eq!(name_of(&site, &format!("{sku}{nth}")).await.as_deref(), Some("é"));
    }
}

pub async fn utf16_both(kind: Kind) {
    utf16_of(kind, "le", u16::to_le_bytes).await;
    utf16_of(kind, "be", u16::to_be_bytes).await;
}

pub async fn windows_1252(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site
        .import(b"sku;name\nw1;Caf\xe9 cr\xe8me br\xfbl\xe9e\n".to_vec())
        .await;
    let format = &import["format"];
    assert_eq!(
        (text(&format["encoding"]), text(&format["delimiter"])),
        ("windows-1252", ";")
    );
    assert_eq!(name_of(&site, "w1").await.as_deref(), Some("Café crème brûlée"));
}

pub async fn one_damaged_row(kind: Kind) {
    let site = Site::on(kind).await;
    let good = |n: usize| [format!("S{n}"), format!("Ünit {n}")];
    let mut file = CsvFile::header(["sku", "name"]).rows(299_999, good).bytes();
    file.extend(b"bad,\xff\xfe\nlast,fine\n");
    let import = checked(&site, file).await;
    assert_eq!(counts(&import), ("awaiting_confirmation", 300_000, 0, 1));
    assert_eq!(problems(&site, &import).await, [(300_001, "wrong_encoding".to_owned())]);
}

pub async fn zero_bytes(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import(b"sku,name\na,o\0o\nb,fine\n".to_vec()).await;
    assert_eq!(counts(&import), ("completed", 1, 0, 1));
    assert_eq!(problems(&site, &import).await, [(2, "not_text".to_owned())]);
}

pub async fn each_delimiter(kind: Kind) {
    let site = Site::on(kind).await;
    for (delimiter, sku) in [(",", "d1"), (";", "d2"), ("\t", "d3"), ("|", "d4")] {
        let row = [sku, &format!("\"a{delimiter}b\""), "1.50"].join(delimiter);
        let header = ["sku", "name", "price"].join(delimiter);
        let import = site.import(format!("{header}\n{row}\n")).await;
        assert_eq!(text(&import["format"]["delimiter"]), delimiter);
        assert_eq!(name_of(&site, sku).await, Some(format!("a{delimiter}b")));
    }
}

pub async fn an_unclosed_quotation_mark(kind: Kind) {
    let site = Site::on(kind).await;
    for (rows, words) in [(1_000, "never closed"), (500_000, "row 2")] {
        let mut file = b"sku,name\na,\"never closed\n".to_vec();
        file.extend(b"b,fine\n".repeat(rows));
        let import = site.import(file).await;
        let error = text(&import["error"]);
        assert_eq!(text(&import["status"]), "failed", "{import}");
        assert!(
            error.contains("row 2") && error.contains(words) && error.contains("Nothing was changed"),
            "{error}"
        );
    }
    assert!(name_of(&site, "b").await.is_none());
}

pub async fn an_endless_cell(kind: Kind) {
    let site = Site::on(kind).await;
    let mut file = b"sku,name\na,fine\nb,\"".to_vec();
    file.resize(20 * 1024 * 1024, b'x');
    let import = site.import(file).await;
    assert!(text(&import["error"]).contains("row 3"), "{import}");
    assert!(name_of(&site, "a").await.is_none());
}

pub async fn too_many_columns(kind: Kind) {
    let site = Site::on(kind).await;
    let header: Vec<String> = (0..16_384).map(|n| format!("c{n}")).collect();
    let (status, problem) = refused(&site, format!("sku,{}\n", header.join(","))).await;
    assert!(
        status == 422 && text(&problem["detail"]).contains("columns"),
        "{problem}"
    );
}

pub async fn ragged_rows(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import("sku,name\na\nb,c,d\ne,f\n").await;
    let of = |row| (row, "wrong_column_count".to_owned());
    assert_eq!(
        (problems(&site, &import).await, counts(&import).1),
        (vec![of(2), of(3)], 1)
    );
}

pub async fn a_doubled_header(kind: Kind) {
    let site = Site::on(kind).await;
    let (status, problem) = refused(&site, "sku,SKU,name\na,b,c\n").await;
    assert!(
        status == 422 && text(&problem["detail"]).contains("“sku” and “SKU”"),
        "{problem}"
    );
}

pub async fn no_column_of_skus(kind: Kind) {
    let site = Site::on(kind).await;
    let (status, problem) = refused(&site, "Titel,Preis\na,1\n").await;
    assert!(
        status == 422 && text(&problem["detail"]).contains("“Titel”, “Preis”"),
        "{problem}"
    );
}

pub async fn odd_headers(kind: Kind) {
    let site = Site::on(kind).await;
    site.import("\" sku \",Name\nh1,a\n").await;
    site.import("ＳＫＵ,ＮＡＭＥ\nh2,a\n").await;
    assert!(name_of(&site, "h1").await.is_some() && name_of(&site, "h2").await.is_some());
}

pub async fn blank_skus(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import("sku,name\n,a\n\" \",b\n").await;
    let of = |row| (row, "sku_missing".to_owned());
    assert_eq!(problems(&site, &import).await, [of(2), of(3)]);
}

/// Imports these rows; so many products come of them, and so many rows lose to a later one.
async fn folded(kind: Kind, rows: &str, expected: (i64, i64), names: &[(&str, &str)]) {
    let site = Site::on(kind).await;
    let import = site.import(format!("sku,name\n{rows}")).await;
    assert_eq!(
        (counts(&import).1, import["superseded"].as_i64()),
        (expected.0, Some(expected.1))
    );
    for (sku, name) in names {
        assert_eq!(name_of(&site, sku).await.as_deref(), Some(*name), "{sku}");
    }
}

pub async fn three_cases_of_one_sku(kind: Kind) {
    folded(kind, "abc,1\nABC,2\nAbc,3\n", (1, 2), &[("aBC", "3")]).await;
}

pub async fn folded_skus(kind: Kind) {
    let names = [("Strasse", "2"), ("İX", "1"), ("IX", "2")];
    folded(kind, "straße,1\nSTRASSE,2\nİx,1\nix,2\n", (3, 1), &names).await;
}

pub async fn accents_of_both_forms(kind: Kind) {
    folded(kind, "caf\u{e9},1\ncafe\u{301},2\n", (1, 1), &[("CAFÉ", "2")]).await;
}

pub async fn invisible_characters(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import("sku,name\na\u{200b}b,1\n\u{202e}abc,2\nfine,3\n").await;
    let of = |row| (row, "sku_invisible".to_owned());
    assert_eq!(
        (problems(&site, &import).await, counts(&import).1),
        (vec![of(2), of(3)], 1)
    );
}

pub async fn an_endless_sku(kind: Kind) {
    let site = Site::on(kind).await;
    let import = site.import(format!("sku,name\n{},1\n", "x".repeat(10_000))).await;
    assert_eq!(problems(&site, &import).await, [(2, "sku_too_long".to_owned())]);
}

pub async fn prices(kind: Kind) {
    let site = Site::on(kind).await;
    let good = [
        ("1,234.56", 123_456),
        ("1.234,56", 123_456),
        ("0.07", 7),
        ("19.99", 1_999),
        ("1 299,90", 129_990),
    ];
    let bad = ["1,234", "1e309", "NaN", "-0", "٣", "12,5O", "0x1F", "∞"];
    let mut file = CsvFile::header(["sku", "name", "price"]);
    for (nth, (price, _)) in good.iter().enumerate() {
        file = file.row([&format!("good{nth}"), "x", price]);
    }
    for (nth, price) in bad.iter().enumerate() {
        file = file.row([&format!("bad{nth}"), "x", price]);
    }
    let import = site.import(file.bytes()).await;
    assert_eq!(counts(&import), ("completed", 5, 0, 8));
    for (nth, (price, minor)) in good.into_iter().enumerate() {
        let product = site.shop.product(&format!("good{nth}")).await.expect(price);
        assert_eq!(product.price_minor.map(plain), Some(plain(minor)), "{price}");
    }
}

/// Products with these names; their SKUs are counted.
async fn called(site: &Site, names: &[&str]) {
    let mut file = CsvFile::header(["sku", "name"]);
    for (nth, name) in names.iter().enumerate() {
        file = file.row([&format!("f{nth}"), name]);
    }
    site.import(file.bytes()).await;
    for (nth, name) in names.iter().enumerate() {
        assert_eq!(name_of(site, &format!("f{nth}")).await.as_deref(), Some(*name));
    }
}

pub async fn formulas(kind: Kind) {
    let site = Site::on(kind).await;
    called(&site, &["=cmd|'/c calc'!A1", "@SUM(A1)", "+1", "-1", "＝1+1", "'tis"]).await;
    // White space around a name is no part of it.
    let tab = CsvFile::header(["sku", "name"]).row(["tab", "\t=2+2"]);
    site.import(tab.bytes()).await;
    assert_eq!(name_of(&site, "tab").await.as_deref(), Some("=2+2"));
    let export = site.get("/api/v1/products/export").await.text().await.expect("a file");
    for guarded in ["'=cmd", "'@SUM", "'+1", "'-1", "'＝1", ",'tis", "'=2+2"] {
        assert!(export.contains(guarded), "{guarded}: {export}");
    }
    assert_eq!(counts(&site.import(export).await), ("completed", 0, 7, 0));
}

pub async fn markup(kind: Kind) {
    let site = Site::on(kind).await;
    called(
        &site,
        &[
            "<script>alert(1)</script>",
            "{{7*7}}",
            "\"><img src=x onerror=alert(1)>",
        ],
    )
    .await;
    let session = site.sign_in().await;
    let product = site.shop.product("f0").await.expect("the product").id;
    for path in ["/products".to_owned(), format!("/products/{product}")] {
        let request = site
            .request("GET", &path)
            .header("cookie", &session)
            .header("accept", "text/html");
        let page = request.send().await.expect("an answer").text().await.expect("a page");
        assert!(page.contains("&lt;script&gt;alert(1)"), "{path} shows the name");
        assert!(
            !page.contains("<script>alert(1)") && !page.contains("<img src=x"),
            "{path} runs it"
        );
    }
}
