//! What only some files say of their products: extra attributes and pictures.

use rust_xlsxwriter::{Image, Workbook};
use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::audit::Actor;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::options::{Clearable, ImportOptions, OtherColumns};
use stockroom::imports::preview::ChangeFilter;
use stockroom::imports::rematching::{self, Rematch};
use stockroom::imports::review::CheckedField;
use stockroom::imports::{self, Import, ImportKind, ImportStatus, ImportStep};
use stockroom::pictures::{self, PictureState};
use stockroom::products::Product;
use stockroom::testing::Shop;

use crate::on_both;
use crate::pictures::png;
use crate::seen::{counts, pairs, problems};

fn keep() -> ImportOptions {
    ImportOptions {
        other_columns: OtherColumns::Keep,
        ..ImportOptions::default()
    }
}

async fn taken(shop: &Shop, file: &str, options: ImportOptions, stops: StopsAt) -> Import {
    let intake = Intake {
        options,
        stops,
        ..Intake::at_once(ImportKind::Products, "test.csv", Actor::from("test"))
    };
    let import = shop.take_in(intake, file).await.expect("taken in");
    shop.work().await;
    shop.see(import.job_id).await
}

async fn imported(shop: &Shop, file: &str, options: ImportOptions) -> Import {
    taken(shop, file, options, StopsAt::Nothing).await
}

async fn product(shop: &Shop, sku: &str) -> Product {
    shop.product(sku).await.expect(sku)
}

async fn attributes(shop: &Shop, sku: &str) -> Vec<(String, String)> {
    product(shop, sku).await.attributes.into_iter().collect()
}

/// Two products with a picture each, of which one has no price that could be read, another picture right of the list, and a logo below it.
fn illustrated() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [
        ["sku", "name", "price", "photo"],
        ["a", "Ant", "1.00", ""],
        ["b", "Bee", "dear", ""],
    ]
    .iter()
    .enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (
                u32::try_from(row).expect("a row"),
                u16::try_from(column).expect("a column"),
            );
            sheet.write(row, column, *cell).expect("a cell");
        }
    }
    for (row, column, width) in [(1, 3, 12), (2, 3, 13), (1, 6, 15), (5, 3, 14)] {
        let image = Image::new_from_buffer(&png(width, 10)).expect("a picture");
        sheet.insert_image(row, column, &image).expect("a picture");
    }
    workbook.save_to_buffer().expect("a workbook")
}

/// The references that are waited for, each with the rows that wait.
async fn asked_for(shop: &Shop) -> Vec<(String, i64)> {
    let db = shop.services.reader();
    let query = "SELECT p.reference, r.row_no FROM pictures p JOIN picture_requests r ON r.picture_id = p.id
        WHERE p.state = 'waiting' ORDER BY r.row_no, p.reference";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), query))
        .await
        .expect("requests");
    let read = |row: &sea_orm::QueryResult| {
        (
            row.try_get_by_index(0).expect("text"),
            row.try_get_by_index(1).expect("row"),
        )
    };
    rows.iter().map(read).collect()
}

on_both! {
    async fn other_columns_are_kept_under_their_names_and_come_back_out(shop: Shop) {
        let file = "sku,name,Brand,EAN code\nA,Ant,Acme,0012\nB,Bee,,\n";
        let import = imported(&shop, file, keep()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 2, 0, 0, 0), "{import:?}");
        assert_eq!(attributes(&shop, "A").await, pairs(&[("Brand", "Acme"), ("EAN code", "0012")]));
        assert_eq!(attributes(&shop, "B").await, Vec::new());
        let export = shop.export().await;
        assert_eq!(export.lines().next(), Some("sku,name,description,price,active,catalog,Brand,EAN code"));
        assert!(export.contains("A,Ant,,,true,,Acme,0012"), "{export}");

        // A column that is not there, and a blank cell, keep what there is.
        let import = imported(&shop, "sku,Brand\nA,Bolt\nB,\n", keep()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 0, 1, 1, 0), "{import:?}");
        assert_eq!(attributes(&shop, "A").await, pairs(&[("Brand", "Bolt"), ("EAN code", "0012")]));
        let history = stockroom::changes::history(shop.services.reader(), product(&shop, "A").await.id).await.expect("a history");
        let (was, is) = &history[0].fields["attributes"];
        assert_eq!((was["Brand"].as_str(), is["Brand"].as_str(), is["EAN code"].as_str()), (Some("Acme"), Some("Bolt"), Some("0012")));

        let undone = shop.undo(import.job_id).await;
        assert_eq!(counts(&undone).0, ImportStatus::Completed, "{undone:?}");
        assert_eq!(shop.export().await, export);
        shop.undo(undone.job_id).await;
        assert_eq!(attributes(&shop, "A").await[0].1, "Bolt");
        // The export of before, imported as it is, makes the products of before.
        let again = imported(&shop, &export, ImportOptions::default()).await;
        assert_eq!(counts(&again), (ImportStatus::Completed, 0, 1, 1, 0), "{again:?}");
        assert_eq!(shop.export().await, export);
    }

    async fn a_blank_cell_takes_an_attribute_away_where_it_is_to(shop: Shop) {
        imported(&shop, "sku,name,Brand,Origin\nA,Ant,Acme,Peru\nB,Bee,,\n", keep()).await;
        let options = ImportOptions { clear: [Clearable::Attributes].into(), ..keep() };
        let import = taken(&shop, "sku,Brand\nA,\nB,\n", options, StopsAt::Check).await;
        let review = import.review.clone().expect("a review");
        assert_eq!((review.updated, review.unchanged, review.cleared), (1, 1, 1), "{review:?}");
        assert_eq!(review.fields.iter().map(|count| count.field).collect::<Vec<_>>(), [CheckedField::Attributes]);
        let filter = ChangeFilter { field: Some(CheckedField::Attributes), ..ChangeFilter::default() };
        let page = imports::planned_changes(&shop.services, &import, filter, 0, 10).await.expect("changes");
        assert_eq!(page.items[0].fields["attributes"].1, serde_json::json!({"Origin": "Peru"}));
        imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), imports::Answer { is_meant: true, review: None }).await.expect("confirmed");
        shop.work().await;
        assert_eq!(attributes(&shop, "A").await, pairs(&[("Origin", "Peru")]));
        shop.undo(import.job_id).await;
        assert_eq!(attributes(&shop, "A").await, pairs(&[("Brand", "Acme"), ("Origin", "Peru")]));
    }

    async fn a_column_is_kept_by_hand_and_the_next_time_by_memory(shop: Shop) {
        let file = "sku,name,Brand,Colour code\nA,Ant,Acme,7\n";
        let import = taken(&shop, file, ImportOptions::default(), StopsAt::Match).await;
        assert_eq!(import.step, ImportStep::Match);
        let fields = ["sku", "name", "attribute", ""].map(str::to_owned);
        let rematch = Rematch { columns: fields.into_iter().enumerate().collect(), is_final: true, ..Rematch::default() };
        rematching::rematch(&shop.services, import.job_id, rematch).await.expect("a check");
        shop.work().await;
        imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), imports::Answer { is_meant: true, review: None }).await.expect("confirmed");
        shop.work().await;
        assert_eq!(attributes(&shop, "A").await, pairs(&[("Brand", "Acme")]));
        let next = taken(&shop, &file.replace("Acme", "Bolt"), ImportOptions::default(), StopsAt::Match).await;
        assert_eq!((next.step, next.format.columns[2].field.as_deref()), (ImportStep::Check, Some("attribute")));
        // Two columns of one name cannot both be kept, and one without a name neither.
        for headers in ["sku,Brand,brand,x", "sku,,Brand,x"] {
            let import = taken(&shop, &format!("{headers}\nA,1,2,3\n"), ImportOptions::default(), StopsAt::Match).await;
            let fields = ["sku", "attribute", "attribute", ""].map(str::to_owned);
            let rematch = Rematch { columns: fields.into_iter().enumerate().collect(), is_final: true, ..Rematch::default() };
            let refused = rematching::rematch(&shop.services, import.job_id, rematch).await.err().map(stockroom::problem::Problem::from);
            assert_eq!(refused.map(|problem| problem.status), Some(422), "{headers}");
        }
    }

    async fn an_attribute_that_is_too_long_is_a_problem(shop: Shop) {
        let long = "x".repeat(10_001);
        let import = imported(&shop, &format!("sku,name,Notes\nA,Ant,{long}\nB,Bee,=1+1\n"), keep()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 1, 0, 0, 1), "{import:?}");
        assert_eq!(problems(&shop, &import).await[0].1, "attribute_too_long");
        assert!(shop.export().await.contains("B,Bee,,,true,,'=1+1"));
        assert_eq!(attributes(&shop, "B").await, pairs(&[("Notes", "=1+1")]));
    }

    async fn pictures_are_compared_applied_asked_for_and_undone(shop: Shop) {
        let file = "sku,name,images\nA,Ant,\"https://h.example/1.jpg, https://h.example/2.jpg\"\nB,Bee,https://h.example/1.jpg\nC,Cat,mug.jpg\n";
        let import = imported(&shop, file, ImportOptions::default()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 3, 0, 0, 0), "{import:?}");
        assert_eq!(problems(&shop, &import).await, [(4, "picture_unusable", Some("mug.jpg".to_owned()))]);
        assert_eq!(product(&shop, "A").await.pictures, ["https://h.example/1.jpg", "https://h.example/2.jpg"]);
        let [one, two] = ["https://h.example/1.jpg", "https://h.example/2.jpg"].map(str::to_owned);
        assert_eq!(asked_for(&shop).await, [(one.clone(), 2), (two, 2), (one, 3)]);
        let before = shop.export().await;
        assert!(before.contains("A,Ant,,,true,,\"https://h.example/1.jpg, https://h.example/2.jpg\""), "{before}");
        assert_eq!(counts(&shop.import(before.clone()).await), (ImportStatus::Completed, 0, 0, 3, 0));

        let options = ImportOptions { clear: [Clearable::Pictures].into(), ..ImportOptions::default() };
        let import = imported(&shop, "sku,images\nA,\nB,https://h.example/3.jpg\nC,\n", options).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 0, 2, 1, 0), "{import:?}");
        assert!(product(&shop, "A").await.pictures.is_empty());
        assert_eq!(product(&shop, "B").await.pictures, ["https://h.example/3.jpg"]);
        let undone = shop.undo(import.job_id).await;
        assert_eq!(counts(&undone).0, ImportStatus::Completed, "{undone:?}");
        assert_eq!(shop.export().await, before);
    }

    async fn a_picture_known_to_nobody_is_a_warning_at_its_row(shop: Shop) {
        let unknown = format!("sha256:{}", "0".repeat(64));
        let import = imported(&shop, &format!("sku,name,images\nA,Ant,{unknown}\n"), ImportOptions::default()).await;
        assert_eq!((counts(&import), asked_for(&shop).await), ((ImportStatus::Completed, 1, 0, 0, 0), vec![(unknown.clone(), 2)]));
        shop.services.fetcher().fetch_due().await.expect("looked for");
        assert_eq!(problems(&shop, &import).await, [(2, "picture_unreachable", Some(unknown))]);
        assert_eq!(asked_for(&shop).await, []);
    }

    async fn pictures_of_one_handle_go_to_its_product_in_their_order(shop: Shop) {
        let file = "Handle,Title,Variant SKU,Option1 Name,Option1 Value,Image Src,Image Position,Variant Image\n\
            mug,Mug,M-1,Colour,Red,https://h.example/b.jpg,2,\n\
            mug,,M-2,,Blue,https://h.example/a.jpg,1,https://h.example/blue.jpg\n\
            cup,Cup,C-1,,,,,\n\
            mug,,,,,https://h.example/c.jpg,3,\n\
            mug,,,,,https://h.example/a.jpg,4,\n";
        let import = imported(&shop, file, ImportOptions::default()).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 3, 0, 0, 0), "{import:?}");
        let of = async |sku| product(&shop, sku).await.pictures.iter().map(|address| address.replace("https://h.example/", "")).collect::<Vec<_>>();
        assert_eq!(of("M-1").await, ["a.jpg", "b.jpg", "c.jpg"]);
        assert_eq!(of("M-2").await, ["blue.jpg"]);
        assert_eq!(of("C-1").await, Vec::<String>::new());
        assert_eq!(counts(&imported(&shop, file, ImportOptions::default()).await), (ImportStatus::Completed, 0, 0, 3, 0));
        // Variants come back out, too.
        let export = shop.export().await;
        let changed = imported(&shop, &file.replace("Blue", "Green").replace("/c.jpg", "/d.jpg"), ImportOptions::default()).await;
        assert_eq!(counts(&changed), (ImportStatus::Completed, 0, 2, 1, 0), "{changed:?}");
        shop.import(export.clone()).await;
        assert_eq!(shop.export().await, export);
    }

    async fn pictures_of_a_sheet_come_to_the_products_beside_them(shop: Shop) {
        let intake = || Intake::at_once(ImportKind::Products, "list.xlsx", Actor::from("test"));
        let import = shop.take_in(intake(), illustrated()).await.expect("taken in");
        shop.work().await;
        let import = shop.see(import.job_id).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 1, 0, 0, 1), "{import:?}");
        let said = problems(&shop, &import).await;
        assert_eq!(said.iter().map(|(row, kind, _)| (*row, *kind)).collect::<Vec<_>>(), [(3, "price_not_a_number"), (6, "picture_unusable")], "{said:?}");
        let ant = product(&shop, "a").await;
        let known = pictures::of_references(shop.services.reader(), &ant.pictures).await.expect("pictures");
        let known: Vec<_> = known.iter().map(|picture| (picture.state, picture.width)).collect();
        assert_eq!(known, [(PictureState::Stored, Some(12)), (PictureState::Stored, Some(15))]);

        let again = shop.take_in(intake(), illustrated()).await.expect("taken in");
        shop.work().await;
        assert_eq!(counts(&shop.see(again.job_id).await), (ImportStatus::Completed, 0, 0, 1, 1));

        // The row that comes back corrected still has its picture.
        let mut pieces = imports::problem_rows(&shop.services, import.job_id).await.expect("a file");
        let mut text = String::new();
        while let Some(piece) = pieces.recv().await {
            text.push_str(std::str::from_utf8(&piece.expect("a piece")).expect("text"));
        }
        let corrected = shop.import(text.replacen(",dear,", ",2.00,", 1)).await;
        assert_eq!((corrected.corrects, counts(&corrected)), (Some(import.job_id), (ImportStatus::Completed, 1, 0, 0, 0)), "{text}");
        let bee = product(&shop, "b").await;
        assert!(bee.pictures.len() == 1 && bee.pictures != ant.pictures, "{bee:?}");
        assert_eq!(counts(&shop.import(shop.export().await).await), (ImportStatus::Completed, 0, 0, 2, 0));
    }
}
