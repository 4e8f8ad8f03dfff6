//! Excel workbooks come in as what a person sees in them; what is no workbook, or one that was made to do harm, is refused in words.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use stockroom::audit::Actor;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::rematching::{self, Rematch, Wanted};
use stockroom::imports::{self, Import, ImportKind, ImportStatus, ImportStep};
use stockroom::problem::Problem;
use stockroom::products::export::{Layout, xlsx};
use stockroom::products::price::plain;
use stockroom::testing::workbook::{Parts, row, rows};
use stockroom::testing::{Kind, Shop};

use crate::on_both;

fn list() -> String {
    rows(&[&["sku", "name"], &["a", "Mug"], &["b", "Cup"]])
}

async fn take_in(shop: &Shop, stops: StopsAt, bytes: Vec<u8>) -> Result<Import, Problem> {
    let intake = Intake {
        stops,
        ..Intake::at_once(ImportKind::Products, "list.xlsx", Actor::from("test"))
    };
    shop.take_in(intake, bytes).await.map_err(Problem::from)
}

async fn refused(shop: &Shop, bytes: Vec<u8>) -> Problem {
    let problem = shop.upload(ImportKind::Products, bytes).await.expect_err("a refusal");
    let kept = std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count);
    assert_eq!(kept, 0, "nothing of a refused upload is kept");
    problem
}

fn counts(import: &Import) -> (ImportStatus, i64, i64, i64) {
    let progress = &import.progress;
    (progress.status, progress.created, progress.unchanged, progress.failed)
}

/// A list as suppliers make them in Excel: a title, numbers for SKUs, calculated prices, dates, gaps.
fn supplier_list() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook
        .add_worksheet()
        .set_name("About")
        .expect("a name")
        .write(0, 0, "Ask us for more")
        .expect("a cell");
    let sheet = workbook.add_worksheet().set_name("Prices 2026").expect("a name");
    let zeros = Format::new().set_num_format("00000000");
    let money = Format::new().set_num_format("#,##0.00 \"€\"");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(0, 0, "Price list").expect("a cell");
    for (column, header) in ["SKU", "Name", "Description", "Price", "Active"]
        .into_iter()
        .enumerate()
    {
        sheet
            .write(2, u16::try_from(column).expect("few"), header)
            .expect("a cell");
    }
    sheet.write_with_format(3, 0, 1234, &zeros).expect("a cell");
    sheet.write(3, 1, "Mug, large").expect("a cell");
    sheet
        .write_with_format(3, 3, Formula::new("=9.99*1.19").set_result("11.8881"), &money)
        .expect("a cell");
    sheet.write(3, 4, true).expect("a cell");
    sheet.write(5, 0, 4_006_381_333_931_i64).expect("a cell");
    sheet.write(5, 1, "Two\nlines").expect("a cell");
    sheet.write(5, 2, "=not run").expect("a cell");
    sheet.write(5, 3, 0.1 + 0.2).expect("a cell");
    sheet.write(5, 4, "no").expect("a cell");
    sheet
        .write_with_format(6, 0, ExcelDateTime::from_ymd(2026, 3, 1).expect("a day"), &date)
        .expect("a cell");
    sheet.write(6, 1, "Was 1-Mar once").expect("a cell");
    workbook.save_to_buffer().expect("a workbook")
}

on_both! {
    async fn a_suppliers_list_comes_in_as_a_person_sees_it(shop: Shop) {
        let import = shop.import(supplier_list()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 3, 0, 0));
        assert_eq!((import.format.sheet.as_deref(), import.format.header_row), (Some("Prices 2026"), 3));
        let mug = shop.product("00001234").await.expect("leading zeros are kept");
        assert_eq!((mug.name.as_str(), mug.price_minor.map(plain).as_deref(), mug.active), ("Mug, large", Some("11.89"), true));
        let other = shop.product("4006381333931").await.expect("a barcode in full");
        assert_eq!((other.name.as_str(), other.description.as_str(), other.price_minor, other.active), ("Two\nlines", "=not run", Some(30), false));
        assert!(shop.product("2026-03-01").await.is_some());
    }

    async fn dates_among_the_skus_are_shown_before_anything_changes(shop: Shop) {
        let import = take_in(&shop, StopsAt::Check, supplier_list()).await.expect("taken in");
        shop.work().await;
        let review = shop.see(import.job_id).await.review.expect("a review");
        let alarms: Vec<_> = review.alarms.iter().map(|alarm| (alarm.kind, alarm.examples[0].value.clone(), alarm.examples[0].row)).collect();
        assert!(alarms.contains(&(imports::review::AlarmKind::DateForSku, "2026-03-01".to_owned(), 7)), "{alarms:?}");
    }

    async fn an_export_as_a_workbook_comes_back_without_a_change(shop: Shop) {
        let text = "sku,name,description,price,active\n00123,=1+1,@x,12.99,yes\n'+5,-3,\"a\nb\",,no\n1E5,''=quoted,_x000D_,0.10,yes\n4006381333931123,Long,,1.00,yes\n";
        shop.import(text).await;
        let before = shop.export().await;
        let database = &shop.services.database;
        let mut file = xlsx(database, Default::default(), Layout::of(database.reader(), None).await.expect("a layout"), shop.folder(), None).await.expect("a file");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).expect("bytes");
        let import = shop.import(bytes).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 0, 4, 0));
        assert_eq!(shop.export().await, before);
    }

    async fn problem_rows_of_a_workbook_come_back_as_csv_and_return(shop: Shop) {
        let sheet = rows(&[&["sku", "name", "price"], &["a", "Mug", "1.00"], &["b", "Cup", "free"], &["c", "Jug"]]);
        let import = shop.import(Parts::of(&[("S", &sheet)]).bytes()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 2, 0, 1));
        let mut pieces = imports::problem_rows(&shop.services, import.job_id).await.expect("a file");
        let mut text = Vec::new();
        while let Some(piece) = pieces.recv().await {
            text.extend_from_slice(&piece.expect("rows"));
        }
        let text = String::from_utf8(text).expect("text");
        assert!(text.contains("b,Cup,free,3,"), "{text}");
        let corrected = shop.import(text.replace("free", "2.00")).await;
        assert_eq!((corrected.corrects, corrected.progress.created, corrected.progress.failed), (Some(import.job_id), 1, 0));
    }

    async fn the_sheet_is_asked_for_where_several_could_be_meant(shop: Shop) {
        let more = rows(&[&["sku", "name", "price"], &["c", "Jug", "1.00"]]);
        let workbook = Parts::of(&[("", ""), ("List", &list()), ("More", &more), ("_Old", &list())]).bytes();
        let problem = take_in(&shop, StopsAt::Nothing, workbook.clone()).await.expect_err("which one?");
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, "sheet"));
        assert!(problem.detail.contains("“List”, “More”"), "{problem:?}");
        let waiting = take_in(&shop, StopsAt::Match, workbook.clone()).await.expect("taken in");
        assert_eq!((waiting.step, waiting.format.sheet.as_deref()), (ImportStep::Match, Some("More")));
        let said = |is_final| Rematch {
            wanted: Wanted { sheet: Some("List".into()), ..Wanted::default() },
            columns: [(0, "sku".to_owned()), (1, "name".to_owned())].into(),
            is_final,
            ..Rematch::default()
        };
        let other = rematching::rematch(&shop.services, waiting.job_id, said(false)).await.expect("read again");
        assert_eq!(other.format.columns.len(), 2);
        let samples = rematching::samples(&shop.services, waiting.job_id).await.expect("samples");
        assert_eq!(samples.columns[1], ["Mug", "Cup"]);
        rematching::rematch(&shop.services, waiting.job_id, said(true)).await.expect("said");
        shop.work().await;
        assert_eq!(shop.see(waiting.job_id).await.review.expect("a review").created, 2);
        let named = Intake { sheet: Some("More".into()), ..Intake::at_once(ImportKind::Products, "x.xlsx", "test".into()) };
        let import = shop.take_in(named, workbook).await.expect("taken in");
        shop.work().await;
        assert_eq!(counts(&shop.see(import.job_id).await), (ImportStatus::Completed, 1, 0, 0));
    }

    async fn what_breaks_behind_its_beginning_fails_in_words_and_changes_nothing(shop: Shop) {
        let many: String = (2..3_000).map(|number| row(number, &[&format!("s{number}"), "Mug"])).collect();
        let broken = format!("{}{many}<row r=\"1\"></row>", row(1, &["sku", "name"]));
        let import = shop.import(Parts::of(&[("S", &broken)]).bytes()).await;
        assert_eq!(counts(&import).0, ImportStatus::Failed);
        let error = import.progress.error.expect("a reason");
        assert!(error.contains("damaged") && error.contains("Nothing was changed"), "{error}");
        assert!(shop.product("s2").await.is_none());
    }

    async fn a_workbook_that_needs_too_much_memory_is_refused_and_the_shop_goes_on(shop: Shop) {
        let narrow = Shop::open_with(Kind::Sqlite, |config| config.workbook_memory = 64 * 1024 * 1024).await;
        let texts: String = (0..300_000).map(|number| format!("<si><t>{number:0>300}</t></si>")).collect();
        let sheet = format!("{}{}", row(1, &["sku", "name"]), r#"<row r="2"><c t="s"><v>1</v></c><c t="s"><v>299999</v></c><c><v>1</v></c></row>"#);
        let bytes = Parts::of(&[("S", &sheet)]).with("xl/sharedStrings.xml", format!("<sst>{texts}</sst>")).bytes();
        let problem = refused(&narrow, bytes.clone()).await;
        assert_eq!((problem.status, problem.title.as_str()), (422, "The workbook is too large to be read"));
        assert_eq!(counts(&narrow.import("sku,name\nx,y\n").await).1, 1);
        let import = shop.import(bytes).await;
        assert_eq!((import.progress.status, import.progress.read), (ImportStatus::Completed, 1));
    }
}
