//! Problem rows are corrected cell by cell, or come back as a file: both ways end in the same import, and the parent has no problems left.

use std::collections::BTreeMap;

use calamine::{Data, Reader as _, Xlsx};
use stockroom::error::Error;
use stockroom::imports::correction::{self, CellProblem, Correctable, Corrected, Corrections, RowCorrection};
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::options::{Duplicates, ImportOptions, OnProblems, UnknownCatalogs};
use stockroom::imports::{self, Confirmation, Import, ImportKind, ImportStatus};
use stockroom::problem::Problem;
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

fn row(row: i64, cells: &[(usize, &str)]) -> RowCorrection {
    let cells = cells.iter().map(|(place, text)| (*place, (*text).to_owned())).collect();
    RowCorrection { row, cells }
}

fn at_once(rows: Vec<RowCorrection>) -> Corrections {
    Corrections {
        rows,
        leaves_out_wrong: false,
        stops: StopsAt::Nothing,
        by: "ana".into(),
        idempotency_key: None,
    }
}

async fn sent(shop: &Shop, import: &Import, corrections: Corrections) -> Corrected {
    correction::correct(&shop.services, import.job_id, corrections)
        .await
        .expect("an answer")
}

async fn begun(shop: &Shop, import: &Import, corrections: Corrections) -> Import {
    match sent(shop, import, corrections).await {
        Corrected::Begun(begun) => *begun,
        Corrected::Wrong(problems) => panic!("{problems:?}"),
    }
}

/// Row, place of the column and the message's beginning, up to its first full stop.
async fn wrong(shop: &Shop, import: &Import, corrections: Corrections) -> Vec<(i64, Option<usize>, String)> {
    match sent(shop, import, corrections).await {
        Corrected::Begun(begun) => panic!("{begun:?}"),
        Corrected::Wrong(problems) => problems.into_iter().map(in_short).collect(),
    }
}

fn in_short(problem: CellProblem) -> (i64, Option<usize>, String) {
    let title = problem.message.split('.').next().unwrap_or_default().to_owned();
    (problem.row, problem.column, title)
}

fn refused<T>(result: Result<T, Error>) -> Problem {
    match result {
        Err(Error::Refused(problem)) => problem,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was done"),
    }
}

async fn offered(shop: &Shop, import: &Import, after: i64) -> Correctable {
    correction::correctable(&shop.services, import.job_id, after)
        .await
        .expect("rows")
}

async fn open_rows(shop: &Shop, import: &Import) -> i64 {
    correction::open_rows(shop.services.reader(), import.job_id)
        .await
        .expect("a count")
}

async fn with_options(shop: &Shop, options: ImportOptions, file: &CsvFile) -> Import {
    let intake = Intake {
        options,
        ..Intake::at_once(ImportKind::Products, "test.csv", "test".into())
    };
    let import = shop.take_in(intake, file.bytes()).await.expect("taken in");
    shop.work().await;
    shop.see(import.job_id).await
}

/// The problem rows as they are downloaded.
async fn downloaded(shop: &Shop, import: &Import) -> String {
    let mut pieces = imports::problem_rows(&shop.services, import.job_id)
        .await
        .expect("a file");
    let mut text = Vec::new();
    while let Some(piece) = pieces.recv().await {
        text.extend_from_slice(&piece.expect("a piece"));
    }
    String::from_utf8(text).expect("UTF-8")
}

fn bad_file() -> CsvFile {
    CsvFile::header(["SKU", "Name", "Price", "Description", "Notes"])
        .row(["a", "Mug", "1.00", "", "good"])
        .row(["b", "Cup", "free", "two\nlines", "=kept()"])
        .row(["", "Jug", "x", "", ""])
        .row(["d", "", "4.00", "", "no name"])
}

on_both! {
    async fn cells_are_shown_as_the_file_has_them_with_what_is_wrong(shop: Shop) {
        let import = shop.import(bad_file().bytes()).await;
        let found = offered(&shop, &import, 0).await;
        let columns: Vec<(&str, Option<&str>)> = found.columns.iter().map(|c| (c.name.as_str(), c.field.as_deref())).collect();
        assert_eq!(columns, [("SKU", Some("sku")), ("Name", Some("name")), ("Price", Some("price")), ("Description", Some("description")), ("Notes", None)]);
        assert_eq!((found.total, found.next, found.rows.len()), (3, None, 3));
        assert_eq!((found.rows[0].row, found.rows[0].cells.clone()), (3, ["b", "Cup", "free", "two\nlines", "=kept()"].map(str::to_owned).to_vec()));
        let reasons: Vec<_> = found.rows.into_iter().flat_map(|row| row.reasons).map(in_short).collect();
        assert_eq!(reasons, [
            (3, Some(2), "Price is not a number".to_owned()),
            (4, Some(0), "SKU is missing".to_owned()),
            (4, Some(2), "Price is not a number".to_owned()),
            (5, Some(1), "Name is missing".to_owned()),
        ]);
        assert_eq!(offered(&shop, &import, 4).await.rows.len(), 1, "those after row 4");
    }

    async fn corrected_cells_join_their_import_as_a_file_that_was_sent_back(shop: Shop) {
        let import = shop.import(bad_file().bytes()).await;
        let checked = Corrections { stops: StopsAt::Check, ..at_once(vec![row(3, &[(2, "2,50")]), row(5, &[(1, "Bowl"), (3, "=1+1 \"x\"\n\u{202b}שלום")])]) };
        let correction = begun(&shop, &import, checked.clone()).await;
        assert_eq!((correction.corrects, correction.created_by.as_str(), correction.file_name.as_str()), (Some(import.job_id), "ana", format!("import-{}-corrections.csv", import.job_id).as_str()));
        assert_eq!(begun(&shop, &import, checked).await.job_id, correction.job_id, "the same twice is one import");
        shop.work().await;
        let waiting = shop.see(correction.job_id).await;
        let review = waiting.review.expect("a review");
        assert_eq!((waiting.progress.status, review.created, review.failed), (ImportStatus::AwaitingConfirmation, 2, 0));
        assert!(shop.product("b").await.is_none(), "nothing has changed yet");
        assert_eq!(open_rows(&shop, &import).await, 3);
        imports::apply(&shop.services.database, correction.job_id, &"ana".into(), imports::Answer::default()).await.expect("confirmed");
        shop.work().await;
        let cup = shop.product("b").await.expect("the cup");
        assert_eq!((cup.price_minor, cup.description.as_str()), (Some(250), "two\nlines"), "cells that nobody touched are those of the file");
        assert_eq!(shop.product("d").await.map(|bowl| (bowl.name, bowl.description)), Some(("Bowl".into(), "=1+1 \"x\"\n\u{202b}שלום".into())));
        assert_eq!(imports::corrections(shop.services.reader(), import.job_id).await.expect("corrections"), [(correction.job_id, 2)]);
        let left = offered(&shop, &import, 0).await;
        assert_eq!((left.total, left.rows.len(), left.rows[0].row), (1, 1, 4), "what is corrected is not offered again");
        let again = wrong(&shop, &import, at_once(vec![row(3, &[(2, "9.00")])])).await;
        assert_eq!(again, [(3, None, "Row 3 of this import has no open problem".to_owned())]);
    }

    async fn the_file_that_is_made_is_one_that_could_have_been_sent_back(shop: Shop) {
        let import = shop.import(bad_file().bytes()).await;
        let sent_back = downloaded(&shop, &import).await;
        let correction = begun(&shop, &import, at_once(vec![row(3, &[(2, "2.50")])])).await;
        let mut original = imports::original(&shop.services.database, &shop.services.storage, correction.job_id).await.expect("a file");
        let mut text = Vec::new();
        while let Some(piece) = original.pieces.recv().await { text.extend_from_slice(&piece.expect("a piece")); }
        let read = |text: &[u8]| -> Vec<Vec<String>> {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
            reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
        };
        let (made, mut expected) = (read(&text), read(sent_back.as_bytes()));
        expected.truncate(2);
        expected[1][2] = "2.50".to_owned();
        assert_eq!(made, expected);
    }

    async fn cells_that_are_still_wrong_are_named_and_nothing_is_kept(shop: Shop) {
        let import = shop.import(bad_file().bytes()).await;
        let rows = || vec![row(3, &[(2, "cheap")]), row(4, &[(0, "c"), (2, "3.00")]), row(5, &[])];
        assert_eq!(wrong(&shop, &import, at_once(rows())).await, [
            (3, Some(2), "Price is not a number".to_owned()),
            (5, Some(1), "Name is missing".to_owned()),
        ]);
        let files = || std::fs::read_dir(shop.folder().join("files/uploads")).expect("files").count();
        assert_eq!((files(), open_rows(&shop, &import).await), (1, 3));
        let without = Corrections { leaves_out_wrong: true, ..at_once(rows()) };
        let correction = begun(&shop, &import, without).await;
        shop.work().await;
        let correction = shop.see(correction.job_id).await;
        assert_eq!((correction.progress.created, correction.progress.failed, open_rows(&shop, &import).await), (1, 0, 2));
        let none = Corrections { leaves_out_wrong: true, ..at_once(vec![row(3, &[]), row(5, &[])]) };
        assert_eq!(wrong(&shop, &import, none).await.len(), 2, "a file without rows is none");
    }

    async fn what_only_the_shop_shows_to_be_wrong_is_said_at_once(shop: Shop) {
        shop.import("sku,name\nthere,Vase\n").await;
        let options = ImportOptions { unknown_catalogs: UnknownCatalogs::Refuse, duplicates: Duplicates::Refuse, ..ImportOptions::default() };
        let file = CsvFile::header(["sku", "name", "catalog"]).row(["a", "Mug", "Attic"]).row(["b", "", ""]).row(["c", "Cup", ""]).row(["C", "Cup", ""]);
        let import = with_options(&shop, options, &file).await;
        assert_eq!((import.progress.failed, open_rows(&shop, &import).await), (4, 4));
        let still = wrong(&shop, &import, at_once(vec![row(2, &[(2, "Cellar")]), row(3, &[]), row(4, &[]), row(5, &[])])).await;
        assert_eq!(still, [
            (2, Some(2), "There is no such catalogue".to_owned()),
            (3, Some(1), "Name is missing".to_owned()),
            (4, Some(0), "SKU stands in several rows".to_owned()),
            (5, Some(0), "SKU stands in several rows".to_owned()),
        ]);
        // A product that is there needs no name, and of two rows one may be left out.
        let right = at_once(vec![row(2, &[(2, "")]), row(3, &[(0, "There"), (2, "")]), row(4, &[])]);
        let correction = begun(&shop, &import, right).await;
        shop.work().await;
        let correction = shop.see(correction.job_id).await;
        assert_eq!((correction.progress.status, correction.progress.created, correction.progress.failed), (ImportStatus::Completed, 2, 0));
        assert_eq!(correction.options.duplicates, Duplicates::Refuse);
    }

    async fn bytes_that_are_no_text_must_be_typed_anew(shop: Shop) {
        let mut file = b"sku,name,price\na,Mu\0g,1\nb,".to_vec();
        file.extend(b"C\xffp,2\nc,Jug\nd,Pot,4,left over\n");
        file.extend("e,Gießkanne für Äpfel und Möhren,5\n".as_bytes());
        let import = shop.import(file).await;
        let found = offered(&shop, &import, 0).await;
        let cells: Vec<&str> = found.rows.iter().map(|row| row.cells[1].as_str()).collect();
        assert_eq!((import.progress.failed, cells), (4, vec!["Mu\u{fffd}g", "C\u{fffd}p", "Jug", "Pot"]));
        assert_eq!((found.rows[3].surplus.clone(), found.rows[3].reasons[0].column), (vec!["left over".to_owned()], None));
        let untouched = found.rows.iter().take(2).map(|shown| row(shown.row, &[(1, &shown.cells[1])])).collect();
        let still: Vec<_> = wrong(&shop, &import, at_once(untouched)).await.into_iter().map(|(row, column, _)| (row, column)).collect();
        assert_eq!(still, [(2, Some(1)), (3, Some(1))]);
        let typed = wrong(&shop, &import, at_once(vec![row(2, &[(1, "M\0g")])])).await;
        assert_eq!(typed, [(2, Some(1), "Row has characters that are not text".to_owned())]);
        let right = at_once(vec![row(2, &[(1, "Mug")]), row(3, &[(1, "Cup")]), row(4, &[(2, "3")]), row(5, &[])]);
        let correction = begun(&shop, &import, right).await;
        shop.work().await;
        assert_eq!((shop.see(correction.job_id).await.progress.created, open_rows(&shop, &import).await), (4, 0));
    }

    async fn rows_of_a_workbook_are_corrected_too(shop: Shop) {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        for (line, cells) in [["sku", "name", "price"], ["a", "Mug", "1.00"], ["b", "'=Cup", "free"]].iter().enumerate() {
            for (place, cell) in cells.iter().enumerate() {
                sheet.write(u32::try_from(line).expect("few"), u16::try_from(place).expect("few"), *cell).expect("a cell");
            }
        }
        let import = shop.import(workbook.save_to_buffer().expect("a workbook")).await;
        assert_eq!((import.format.sheet.is_some(), import.progress.failed), (true, 1));
        assert_eq!(offered(&shop, &import, 0).await.rows[0].cells, ["b", "'=Cup", "free"]);
        let correction = begun(&shop, &import, at_once(vec![row(3, &[(2, "2.00")])])).await;
        shop.work().await;
        assert_eq!(shop.product("b").await.map(|cup| (cup.name, cup.price_minor)), Some(("'=Cup".into(), Some(200))));
        assert_eq!((shop.see(correction.job_id).await.progress.created, open_rows(&shop, &import).await), (1, 0));
    }

    async fn a_correction_can_be_undone_and_corrected_itself(shop: Shop) {
        let import = shop.import(bad_file().bytes()).await;
        // Sent back as a file, one row is still wrong: it is a problem of that file, and open in the first one.
        let sent_back = downloaded(&shop, &import).await.replacen(",free,", ",gratis,", 1);
        let second = shop.import(sent_back).await;
        assert_eq!((second.corrects, second.progress.failed), (Some(import.job_id), 3));
        let names: Vec<String> = offered(&shop, &second, 0).await.columns.into_iter().map(|column| column.name).collect();
        assert_eq!(names, ["SKU", "Name", "Price", "Description", "Notes"], "the columns that were added are not offered");
        let third = begun(&shop, &second, at_once(vec![row(2, &[(2, "2.00")])])).await;
        shop.work().await;
        assert_eq!((shop.see(third.job_id).await.progress.created, open_rows(&shop, &second).await), (1, 2));
        let undo = Confirmation { by: "ana".into(), is_given: true, idempotency_key: None };
        imports::plan_undo(&shop.services.database, third.job_id, undo).await.expect("planned");
        shop.work().await;
        assert_eq!((shop.see(third.job_id).await.progress.status, shop.product("b").await), (ImportStatus::Undone, None));
    }

    async fn what_cannot_be_corrected_here_is_said_in_words(shop: Shop) {
        let correct = |id: i64, rows: Vec<RowCorrection>| {
            let services = shop.services.clone();
            async move { refused(correction::correct(&services, id, at_once(rows)).await) }
        };
        let import = shop.import(bad_file().bytes()).await;
        assert_eq!(correct(4711, vec![row(3, &[])]).await.status, 404);
        assert_eq!(correct(import.job_id, Vec::new()).await.status, 422);
        assert_eq!(correct(import.job_id, (3..104).map(|number| row(number, &[])).collect()).await.status, 422);
        assert_eq!(correct(import.job_id, vec![row(3, &[]), row(3, &[])]).await.status, 422);
        let still = wrong(&shop, &import, at_once(vec![row(2, &[]), row(3, &[(9, "x")]), row(4, &[(4, "x")]), row(5, &[(3, &"x".repeat(100_001))])])).await;
        let still: Vec<_> = still.into_iter().map(|(row, column, _)| (row, column)).collect();
        assert_eq!(still, [(2, None), (3, Some(9)), (4, Some(4)), (5, Some(3))]);
        let catalogs = shop.import_catalogs("name,id\n,5\n").await;
        assert_eq!(correct(catalogs.job_id, vec![row(2, &[])]).await.status, 409);
        let stopped = with_options(&shop, ImportOptions { on_problems: OnProblems::Stop, ..ImportOptions::default() }, &bad_file()).await;
        assert_eq!((stopped.progress.status, correct(stopped.job_id, vec![row(3, &[])]).await.status), (ImportStatus::Failed, 409));
        std::fs::remove_dir_all(shop.folder().join("files")).expect("removed");
        assert_eq!(correct(import.job_id, vec![row(3, &[])]).await.status, 404);
    }

    async fn many_rows_are_offered_page_by_page_and_warnings_never(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "price"])
            .rows(60, |n| [format!("s{n}"), "Mug".into(), if n % 2 == 0 { "x".into() } else { "1.00".into() }])
            .row(["s1", "Mug", "2.00"]);
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.failed, import.progress.superseded), (30, 1));
        let first = offered(&shop, &import, 0).await;
        assert_eq!((first.total, first.rows.len(), first.next), (30, 25, Some(50)));
        let last = offered(&shop, &import, 50).await;
        let rows: Vec<i64> = last.rows.iter().map(|row| row.row).collect();
        assert_eq!((rows, last.next), (vec![52, 54, 56, 58, 60], None));
    }

    async fn catalogues_that_are_sent_back_come_in_as_they_were_matched(shop: Shop) {
        let import = shop.import_catalogs("name,id\nGarden,\n,77\n").await;
        assert_eq!((import.progress.created, import.progress.failed), (1, 1));
        let text = downloaded(&shop, &import).await;
        let again = shop.import_catalogs(text.replacen("\n,77,", "\nKitchen,77,", 1)).await;
        assert_eq!((again.progress.status, again.progress.created, again.corrects), (ImportStatus::Completed, 1, None));
    }

    async fn guards_are_not_doubled_in_the_files_of_problem_rows(shop: Shop) {
        let import = shop.import("sku,name,price\na,'=Mug,x\n").await;
        let text = downloaded(&shop, &import).await;
        assert!(text.contains("\na,'=Mug,x,2,"), "{text}");
        shop.import(text.replace(",x,", ",1.00,")).await;
        assert_eq!(shop.product("a").await.map(|mug| mug.name), Some("=Mug".into()));
    }

    async fn five_of_six_rows_are_bad_and_come_back_corrected_as_csv_and_as_a_workbook(shop: Shop) {
        const ALL: usize = 30_000;
        const BAD: usize = 25_000;
        let file = CsvFile::header(["sku", "name", "price"]).rows(ALL, |n| {
            let price = if n % 6 == 0 { format!("{n}.25") } else { format!("about {n}.25") };
            [format!("SKU-{n:05}"), format!("Thing, {n}"), price]
        });
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.created, import.progress.failed), ((ALL - BAD) as i64, BAD as i64));
        assert_eq!(open_rows(&shop, &import).await, BAD as i64);

        let text = downloaded(&shop, &import).await;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
        let workbook = imports::problem_workbook(&shop.services, import.job_id).await.expect("a workbook");
        let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(std::io::BufReader::new(workbook)).expect("it opens");
        let sheet = workbook.worksheet_range("Problems").expect("the sheet");
        let of_workbook: Vec<Vec<String>> = sheet.rows().skip(1).map(|row| row.iter().map(Data::to_string).collect()).collect();
        assert_eq!((rows.len(), of_workbook.len()), (BAD, BAD));
        let number = |row: &csv::StringRecord| row[3].parse::<usize>().expect("the row's number");
        assert!(rows.iter().all(|row| row[0] == format!("SKU-{:05}", number(row) - 2)), "each row has its own number");
        assert!(rows.iter().zip(&of_workbook).all(|(text, sheet)| text.iter().eq(sheet)), "both files say the same");

        // Four fifths come back as text, the others as a workbook.
        let right = |row: &csv::StringRecord| -> Vec<String> {
            row.iter().map(|cell| cell.strip_prefix("about ").unwrap_or(cell).to_owned()).collect()
        };
        let (first, second) = rows.split_at(BAD / 5 * 4);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).expect("a header");
        first.iter().for_each(|row| writer.write_record(right(row)).expect("a row"));
        let returned = shop.import(writer.into_inner().expect("a file")).await;
        assert_eq!((returned.corrects, returned.progress.created, returned.progress.failed), (Some(import.job_id), 20_000, 0));
        assert_eq!(open_rows(&shop, &import).await, 5_000);

        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        let lines = std::iter::once(header.iter().map(str::to_owned).collect()).chain(second.iter().map(right));
        for (line, cells) in (0..).zip(lines) {
            for (place, cell) in (0..).zip(cells) {
                sheet.write_string(line, place, cell).expect("a cell");
            }
        }
        let returned = shop.import(workbook.save_to_buffer().expect("a workbook")).await;
        assert_eq!((returned.corrects, returned.progress.created, returned.progress.failed), (Some(import.job_id), 5_000, 0));

        assert_eq!(open_rows(&shop, &import).await, 0);
        let groups = imports::problem_groups(shop.services.reader(), import.job_id).await.expect("groups");
        assert!(groups.is_empty(), "{groups:?}");
        assert!(downloaded(&shop, &import).await.lines().count() == 1, "only the header is left");
        let exported = shop.export().await;
        let mut exported = csv::Reader::from_reader(exported.as_bytes());
        let prices: BTreeMap<String, String> = exported.deserialize::<BTreeMap<String, String>>()
            .map(|row| row.expect("a product")).map(|mut row| (row.remove("sku").expect("a SKU"), row.remove("price").expect("a price"))).collect();
        let expected: BTreeMap<String, String> = (0..ALL).map(|n| (format!("SKU-{n:05}"), format!("{n}.25"))).collect();
        assert!(prices == expected, "all products are there, each with its price");
    }
}
