//! What suppliers, tired colleagues and attackers send: each is answered in words, no row is lost or guessed, and the shop stays as it was
//! where the file cannot be used. The numbers are those of the project's list of bad inputs.

use stockroom::imports::{self, Import, ImportKind, ImportStatus};
use stockroom::problem::Problem;
use stockroom::products::price::plain;
use stockroom::testing::{CsvFile, Kind, Shop};

use crate::on_both;

async fn refused(shop: &Shop, bytes: impl Into<Vec<u8>>) -> Problem {
    let problem = shop.upload(ImportKind::Products, bytes).await.expect_err("a refusal");
    let kept = std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count);
    assert_eq!(kept, 0, "nothing of a refused upload is kept");
    problem
}

/// Row, kind of problem.
async fn problems(shop: &Shop, import: &Import) -> Vec<(i64, &'static str)> {
    let page = imports::problems(shop.services.reader(), import.job_id, &Default::default())
        .await
        .expect("problems");
    page.items
        .iter()
        .map(|problem| (problem.row, problem.kind.code()))
        .collect()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

on_both! {
    async fn n01_an_empty_file_has_no_header(shop: Shop) {
        let problem = refused(&shop, "").await;
        assert_eq!((problem.status, problem.title.as_str()), (422, "The file has no header"));
    }

    async fn n02_a_header_alone_is_a_finished_import_of_nothing(shop: Shop) {
        let import = shop.import("sku,name\n").await;
        assert_eq!((import.progress.status, import.progress.total, import.progress.percent), (ImportStatus::Completed, Some(0), 100.0));
    }

    async fn n03_n04_rows_may_end_in_any_way_and_the_last_one_not_at_all(shop: Shop) {
        for (nth, text) in ["sku,name\na,1\nb,2", "sku,name\rc,1\rd,2\r", "sku,name\r\ne,1\nf,2\r\n"].iter().enumerate() {
            let import = shop.import(*text).await;
            assert_eq!((import.progress.created, import.progress.failed), (2, 0), "file {nth}");
        }
    }

    async fn n05_n06_marks_and_utf16_are_understood(shop: Shop) {
        let files = [
            "\u{feff}sku,name\nm1,é\n".as_bytes().to_vec(),
            utf16("\u{feff}sku\tname\nm2\té\n", u16::to_le_bytes),
            utf16("\u{feff}sku\tname\nm3\té\n", u16::to_be_bytes),
        ];
        for (file, sku) in files.into_iter().zip(["m1", "m2", "m3"]) {
            shop.import(file).await;
            assert_eq!(shop.product(sku).await.expect(sku).name, "é");
        }
    }

    async fn n07_windows_1252_is_detected_and_shown(shop: Shop) {
        let import = shop.import(b"sku;name\nw1;Caf\xe9 cr\xe8me br\xfbl\xe9e\n".to_vec()).await;
        assert_eq!((import.format.encoding.as_str(), import.format.delimiter), ("windows-1252", ';'));
        assert_eq!(shop.product("w1").await.expect("the product").name, "Café crème brûlée");
    }

    async fn n08_one_damaged_row_far_into_the_file_is_one_problem(shop: Shop) {
        let mut file = CsvFile::header(["sku", "name"]).rows(30_000, |n| [format!("S{n}"), format!("Ünit {n}")]).bytes();
        file.extend(b"bad,\xff\xfe\nlast,fine\n");
        let import = shop.import(file).await;
        assert_eq!((import.progress.created, import.progress.failed), (30_001, 1));
        assert_eq!(problems(&shop, &import).await, [(30_002, "wrong_encoding")]);
    }

    async fn n09_zero_bytes_are_a_problem_of_their_row(shop: Shop) {
        let import = shop.import(b"sku,name\na,o\0o\nb,fine\n".to_vec()).await;
        assert_eq!((import.progress.created, problems(&shop, &import).await), (1, vec![(2, "not_text")]));
    }

    async fn n10_each_delimiter_is_detected_and_shown(shop: Shop) {
        for (delimiter, sku) in [(',', "d1"), (';', "d2"), ('\t', "d3"), ('|', "d4")] {
            let import = shop.import(format!("sku{delimiter}name{delimiter}price\n{sku}{delimiter}\"a{delimiter}b\"{delimiter}1.50\n")).await;
            assert_eq!(import.format.delimiter, delimiter);
            assert_eq!(shop.product(sku).await.expect(sku).name, format!("a{delimiter}b"));
        }
    }

    async fn n11_an_unclosed_quotation_mark_is_named_and_nothing_changes(shop: Shop) {
        let mut file = b"sku,name\na,\"never closed\n".to_vec();
        file.extend(b"b,fine\n".repeat(1_000));
        let import = shop.import(file).await;
        assert_eq!(import.progress.status, ImportStatus::Failed);
        let error = import.progress.error.expect("a reason");
        assert!(error.contains("row 2") && error.contains("never closed") && error.contains("Nothing was changed"), "{error}");
        assert!(shop.product("b").await.is_none());
    }

    async fn n12_an_endless_cell_stops_the_import_before_memory_does(shop: Shop) {
        let mut file = b"sku,name\na,fine\nb,\"".to_vec();
        file.extend(b"x".repeat(20 * 1024 * 1024));
        let import = shop.import(file).await;
        let error = import.progress.error.expect("a reason");
        assert!(error.contains("row 3"), "{error}");
        assert!(shop.product("a").await.is_none());
    }

    async fn n13_sixteen_thousand_columns_are_refused(shop: Shop) {
        let header: Vec<String> = (0..16_384).map(|n| format!("c{n}")).collect();
        let problem = refused(&shop, format!("sku,{}\n", header.join(","))).await;
        assert!(problem.status == 422 && problem.detail.contains("columns"), "{problem}");
    }

    async fn n14_rows_of_another_width_are_problems(shop: Shop) {
        let import = shop.import("sku,name\na\nb,c,d\ne,f\n").await;
        assert_eq!(problems(&shop, &import).await, [(2, "wrong_column_count"), (3, "wrong_column_count")]);
        assert_eq!(import.progress.created, 1);
    }

    async fn n15_n16_doubled_and_missing_columns_are_named(shop: Shop) {
        let problem = refused(&shop, "sku,SKU,name\na,b,c\n").await;
        assert!(problem.status == 422 && problem.detail.contains("“sku” and “SKU”"), "{problem}");
        let problem = refused(&shop, "Titel,Preis\na,1\n").await;
        assert!(problem.status == 422 && problem.detail.contains("“Titel”, “Preis”"), "{problem}");
    }

    async fn n17_blanks_and_wide_letters_in_headers_do_not_matter(shop: Shop) {
        shop.import("\" sku \",Name\nh1,a\n").await;
        shop.import("ＳＫＵ,ＮＡＭＥ\nh2,a\n").await;
        assert!(shop.product("h1").await.is_some() && shop.product("h2").await.is_some());
    }

    async fn n18_a_row_without_a_sku_is_a_problem(shop: Shop) {
        let import = shop.import("sku,name\n,a\n\" \",b\n").await;
        assert_eq!(problems(&shop, &import).await, [(2, "sku_missing"), (3, "sku_missing")]);
    }

    async fn n19_n20_n21_one_name_however_it_is_written(shop: Shop) {
        let import = shop.import("sku,name\nabc,1\nABC,2\nAbc,3\nstraße,1\nSTRASSE,2\ncaf\u{e9},1\ncafe\u{301},2\nİx,1\nix,2\n").await;
        assert_eq!((import.progress.created, import.progress.superseded), (5, 4));
        for (sku, name) in [("ABC", "3"), ("Strasse", "2"), ("CAFÉ", "2"), ("İX", "1"), ("IX", "2")] {
            assert_eq!(shop.product(sku).await.expect(sku).name, name, "{sku}");
        }
    }

    async fn n22_n23_skus_that_cannot_be_seen_or_read_are_problems(shop: Shop) {
        let long = "x".repeat(10_000);
        let import = shop.import(format!("sku,name\na\u{200b}b,1\n\u{202e}abc,2\n{long},3\n")).await;
        assert_eq!(problems(&shop, &import).await, [(2, "sku_invisible"), (3, "sku_invisible"), (4, "sku_too_long")]);
    }

    async fn n24_prices_are_exact_or_refused(shop: Shop) {
        let good = [("1,234.56", 123_456), ("1.234,56", 123_456), ("0.07", 7), ("19.99", 1_999), ("1 299,90", 129_990)];
        let bad = ["1,234", "1e309", "NaN", "-0", "٣", "12,5O", "0x1F", "∞"];
        let mut file = CsvFile::header(["sku", "name", "price"]);
        for (nth, (text, _)) in good.iter().enumerate() { file = file.row([&format!("good{nth}"), "x", text]); }
        for (nth, text) in bad.iter().enumerate() { file = file.row([&format!("bad{nth}"), "x", text]); }
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.created, import.progress.failed), (5, 8));
        for (nth, (text, minor)) in good.iter().enumerate() {
            let price = shop.product(&format!("good{nth}")).await.expect(text).price_minor.map(plain);
            assert_eq!(price, Some(plain(*minor)), "{text}");
        }
    }

    async fn n25_n26_formulas_and_markup_are_text(shop: Shop) {
        let cells = ["=cmd|'/c calc'!A1", "@SUM(A1)", "+1", "-1", "<script>alert(1)</script>", "{{7*7}}"];
        let mut file = CsvFile::header(["sku", "name"]);
        for (nth, cell) in cells.iter().enumerate() { file = file.row([&format!("f{nth}"), cell]); }
        shop.import(file.bytes()).await;
        for (nth, cell) in cells.iter().enumerate() {
            assert_eq!(shop.product(&format!("f{nth}")).await.expect(cell).name, *cell);
        }
        let export = shop.export().await;
        for guarded in ["'=cmd", "'@SUM", "'+1", "'-1"] { assert!(export.contains(guarded), "{export}"); }
    }

    async fn n28_what_is_no_csv_is_refused_by_its_content(shop: Shop) {
        for bytes in [&b"\x89PNG\r\n\x1a\n...."[..], b"\x7fELF\x02\x01", b"\x1f\x8b\x08\0", b"PK\x03\x04\x14\0"] {
            assert_eq!(refused(&shop, bytes).await.status, 415, "{bytes:?}");
        }
    }

    async fn n33_a_stored_file_that_was_changed_or_lost_is_not_imported(shop: Shop) {
        let stored = || std::fs::read_dir(shop.folder().join("files/uploads")).expect("files").next().expect("a file").expect("a file").path();
        let changed = shop.upload(ImportKind::Products, "sku,name\na,1\n").await.expect("taken in");
        std::fs::write(stored(), "sku,name\na,2\n").expect("the file is changed");
        shop.work().await;
        let changed = shop.see(changed.job_id).await;
        assert!(changed.progress.error.expect("a reason").contains("checksum"));
        std::fs::remove_file(stored()).expect("the file is removed");
        let lost = shop.upload(ImportKind::Products, "sku,name\nb,1\n").await.expect("taken in");
        std::fs::remove_file(stored()).expect("the file is removed");
        shop.work().await;
        let lost = shop.see(lost.job_id).await;
        assert!(lost.progress.error.expect("a reason").contains("no longer"));
        assert!(shop.product("a").await.is_none() && shop.product("b").await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n30_an_upload_is_refused_as_soon_as_it_is_too_large() {
    let shop = Shop::open_with(Kind::Sqlite, |config| config.upload_limit = 1_000_000).await;
    let problem = refused(&shop, vec![b'x'; 1_000_001]).await;
    assert_eq!((problem.status, problem.errors[0].field.as_str()), (413, "file"));
}
