//! What was imported when and by whom, the file itself, and who set what: found again, and once more.

use std::io::Read as _;

use serde_json::json;
use stockroom::audit::{self, Action, Actor, AuditQuery};
use stockroom::changes::{self, FieldOrigin};
use stockroom::error::Error;
use stockroom::imports::intake::Intake;
use stockroom::imports::options::{ImportOptions, Mode};
use stockroom::imports::query::ImportQuery;
use stockroom::imports::{self, Confirmation, Import, ImportKind, ImportStatus, ImportStep};
use stockroom::page::PageRequest;
use stockroom::problem::Problem;
use stockroom::products;
use stockroom::products::draft::ProductText;
use stockroom::testing::{CsvFile, Shop};
use stockroom::timestamp::Timestamp;

use crate::on_both;

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Problem {
    match result.expect_err("a refusal") {
        Error::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

async fn import_as(shop: &Shop, name: &str, by: &str, file: &str) -> Import {
    let intake = Intake::at_once(ImportKind::Products, name, Actor::from(by));
    let import = shop.take_in(intake, file).await.expect("taken in");
    shop.work().await;
    shop.see(import.job_id).await
}

async fn found(shop: &Shop, query: ImportQuery) -> Vec<i64> {
    let page = imports::list(shop.services.reader(), &query, &PageRequest::default())
        .await
        .expect("a page");
    assert_eq!(page.total.rows, page.items.len() as u64);
    page.items.iter().map(|import| import.job_id).collect()
}

async fn origins(shop: &Shop, product: i64) -> Vec<FieldOrigin> {
    changes::set_by(shop.services.reader(), product).await.expect("origins")
}

fn of<'a>(origins: &'a [FieldOrigin], field: &str) -> &'a FieldOrigin {
    let origin = origins.iter().find(|origin| origin.field == field);
    origin.unwrap_or_else(|| panic!("{field} is not among {origins:?}"))
}

async fn repeated(shop: &Shop, id: i64) -> Import {
    imports::repeat(&shop.services, id, &Actor::from("ben"), None)
        .await
        .expect("begun again")
}

on_both! {
    async fn the_history_is_filtered_by_what_is_known_of_each_job(shop: Shop) {
        let prices = import_as(&shop, "Prices_May.csv", "ana@example.com", "sku,name\nA,Mug\n").await.job_id;
        let stock = import_as(&shop, "100% stock.csv", "API key nightly", "sku,name\nB,Cup\n").await.job_id;
        let bad = import_as(&shop, "pricesxmay.csv", "Ana@example.com", "sku,name,price\nC,Jug,dear\n").await.job_id;
        let undo = Confirmation { by: "ana".into(), is_given: true, idempotency_key: None };
        let undo = imports::plan_undo(&shop.services.database, stock, undo).await.expect("planned").job_id;
        shop.work().await;
        let with = |change: fn(&mut ImportQuery)| {
            let mut query = ImportQuery::default();
            change(&mut query);
            found(&shop, query)
        };
        assert_eq!(with(|_| ()).await, [undo, bad, stock, prices]);
        assert_eq!(with(|query| query.file = Some("PRICES".into())).await, [bad, prices]);
        assert_eq!(with(|query| query.file = Some("prices_may".into())).await, [prices], "a line stands for itself");
        assert_eq!(with(|query| query.file = Some("0%".into())).await, [undo, stock]);
        assert_eq!(with(|query| query.file = Some("!".into())).await, [0; 0]);
        assert_eq!(with(|query| query.by = Some("ana@".into())).await, [bad, prices]);
        assert_eq!(with(|query| query.by = Some("nightly".into())).await, [stock]);
        assert_eq!(with(|query| query.kind = Some(ImportKind::Undo)).await, [undo]);
        assert_eq!(with(|query| query.status = Some(ImportStatus::Undone)).await, [stock]);
        let moment = |text: &str| Some(Timestamp::from_rfc3339(text.into()));
        let past = ImportQuery { to: moment("2020-01-01T00:00:00Z"), ..ImportQuery::default() };
        assert_eq!(found(&shop, past).await, [0; 0]);
        let since = ImportQuery { from: moment("2020-01-01T00:00:00Z"), kind: Some(ImportKind::Products), ..ImportQuery::default() };
        assert_eq!(found(&shop, since).await, [bad, stock, prices]);
    }

    async fn a_file_is_given_back_as_it_came(shop: Shop) {
        let mut file = "sku,name\n".to_owned().into_bytes();
        for n in 0..60_000 {
            file.extend_from_slice(format!("S{n},Thing {n} \u{fc}\n").as_bytes());
        }
        let import = shop.import(file.clone()).await;
        let (database, storage) = (&shop.services.database, &shop.services.storage);
        let mut original = imports::original(database, storage, import.job_id).await.expect("a file");
        assert_eq!((original.name.as_str(), original.size), ("test.csv", file.len() as u64));
        let mut bytes = Vec::new();
        while let Some(piece) = original.pieces.recv().await {
            bytes.extend_from_slice(&piece.expect("a piece"));
        }
        assert!(bytes == file, "the bytes differ");
        assert_eq!(import.sha256.as_deref().map(str::len), Some(64));

        let undo = Confirmation { by: "ana".into(), is_given: true, idempotency_key: None };
        let undo = imports::plan_undo(database, import.job_id, undo).await.expect("planned");
        assert_eq!(undo.sha256, None);
        assert_eq!(refused(imports::original(database, storage, undo.job_id).await).status, 404);
        assert_eq!(refused(imports::problem_rows(&shop.services, undo.job_id).await).status, 404);
        assert_eq!(refused(imports::original(database, storage, 4711).await).status, 404);
        std::fs::remove_dir_all(shop.folder().join("files")).expect("removed");
        let gone = refused(imports::original(database, storage, import.job_id).await);
        assert_eq!((gone.status, gone.title.as_str()), (404, "The file is gone"));
        assert_eq!(refused(imports::repeat(&shop.services, import.job_id, &"ben".into(), None).await).status, 404);
    }

    async fn a_file_is_checked_once_more_in_the_same_way(shop: Shop) {
        let options = ImportOptions { mode: Mode::UpdateOnly, ..ImportOptions::default() };
        shop.import("sku,name,price\nA,Mug,1.00\n").await;
        let intake = Intake { options: options.clone(), ..Intake::at_once(ImportKind::Products, "may.csv", "ana".into()) };
        let first = shop.take_in(intake, "sku,name,price\nA,Mug,2.00\nB,Cup,1.00\n").await.expect("taken in");
        let early = refused(imports::repeat(&shop.services, first.job_id, &"ben".into(), None).await);
        assert_eq!(early.status, 409);
        shop.work().await;
        let product = shop.product("A").await.expect("a product");
        let change = ProductText { price: Some("5".into()), ..ProductText::default() };
        products::update(&shop.services.database, product.id, None, &change, &"ana".into()).await.expect("changed");

        let again = repeated(&shop, first.job_id).await;
        assert_ne!(again.job_id, first.job_id);
        assert_eq!((again.step, &again.options, again.created_by.as_str()), (ImportStep::Check, &options, "ben"));
        assert_eq!((&again.format, &again.file_name, &again.sha256), (&first.format, &first.file_name, &first.sha256));
        shop.work().await;
        let again = shop.see(again.job_id).await;
        let review = again.review.clone().expect("a review");
        assert_eq!((again.progress.status, review.updated, review.created), (ImportStatus::AwaitingConfirmation, 1, 0));
        assert_eq!(shop.product("A").await.expect("a product").price_minor, Some(500), "nothing has changed yet");
        let samples = imports::rematching::samples(&shop.services, again.job_id).await.expect("samples");
        let earlier = samples.same_file.expect("the earlier import");
        assert_eq!((earlier.job_id, earlier.created_by.as_str(), earlier.progress.updated), (first.job_id, "ana", 1));
        imports::apply(&shop.services.database, again.job_id, &"ben".into(), imports::Answer::default()).await.expect("confirmed");
        shop.work().await;
        assert_eq!(shop.product("A").await.expect("a product").price_minor, Some(200));
        let query = AuditQuery { action: Some(Action::ImportRepeated), ..AuditQuery::default() };
        let log = audit::list(shop.services.reader(), &query, &PageRequest::default()).await.expect("the log");
        assert_eq!(log.items.len(), 1);
        assert_eq!(log.items[0].fields, Some(json!({ "of": first.job_id })));
    }

    async fn a_wish_to_import_again_counts_once(shop: Shop) {
        let first = shop.import("sku,name\nA,Mug\n").await;
        let key = || Some("once".to_owned());
        let by = Actor::from("ben");
        let one = imports::repeat(&shop.services, first.job_id, &by, key()).await.expect("begun");
        let two = imports::repeat(&shop.services, first.job_id, &by, key()).await.expect("known");
        assert_eq!(one.job_id, two.job_id);
        let three = imports::repeat(&shop.services, first.job_id, &by, None).await.expect("the one that waits");
        assert_eq!(three.job_id, one.job_id, "one file is checked once at a time");
        let undo = Confirmation { by: "ana".into(), is_given: true, idempotency_key: None };
        shop.work().await;
        let undo = imports::plan_undo(&shop.services.database, first.job_id, undo).await.expect("planned");
        shop.work().await;
        assert_eq!(refused(imports::repeat(&shop.services, undo.job_id, &by, None).await).status, 409);
        assert_eq!(refused(imports::repeat(&shop.services, 4711, &by, None).await).status, 404);
    }

    async fn every_field_says_who_set_it(shop: Shop) {
        let created = import_as(&shop, "first.csv", "ana", "sku,name,price\nX,Y,1\nA,Mug,1.00\n").await;
        let product = shop.product("A").await.expect("a product");
        let first = origins(&shop, product.id).await;
        let fields: Vec<_> = first.iter().map(|origin| origin.field.as_str()).collect();
        assert_eq!(fields, ["sku", "name", "description", "price_minor", "active", "catalog_id"]);
        for origin in &first {
            let job = origin.job.as_ref().expect("a job");
            assert_eq!((job.id, job.name.as_str(), origin.row), (created.job_id, "first.csv", Some(3)));
            assert_eq!((&origin.before, &origin.made_by), (&None, &None));
        }

        let raised = import_as(&shop, "second.csv", "ana", "sku,price\nA,2.50\n").await;
        let change = ProductText { name: Some("Cup".into()), ..ProductText::default() };
        products::update(&shop.services.database, product.id, None, &change, &"ben".into()).await.expect("changed");
        let now = origins(&shop, product.id).await;
        let price = of(&now, "price_minor");
        let job = price.job.as_ref().expect("a job");
        assert_eq!((job.id, job.kind, job.name.as_str()), (raised.job_id, Some(ImportKind::Products), "second.csv"));
        assert_eq!((price.row, price.before.clone(), price.version), (Some(2), Some(json!(100)), 2));
        let name = of(&now, "name");
        assert_eq!((name.made_by.as_deref(), &name.job, name.row), (Some("ben"), &None, None));
        assert_eq!(name.before, Some(json!("Mug")));
        assert_eq!(of(&now, "sku").job.as_ref().map(|job| job.id), Some(created.job_id));
        let history = changes::history(shop.services.reader(), product.id).await.expect("a history");
        let rows: Vec<_> = history.iter().map(|change| change.row).collect();
        assert_eq!(rows, [None, Some(2), Some(3)]);

        let undo = Confirmation { by: "ana".into(), is_given: true, idempotency_key: None };
        shop.import("sku,price\nA,7.00\n").await;
        let last = imports::list(shop.services.reader(), &ImportQuery::default(), &PageRequest::default()).await.expect("a page");
        let undo = imports::plan_undo(&shop.services.database, last.items[0].job_id, undo).await.expect("planned");
        shop.work().await;
        let now = origins(&shop, product.id).await;
        let price = of(&now, "price_minor");
        assert_eq!(price.job.as_ref().map(|job| (job.id, job.kind)), Some((undo.job_id, Some(ImportKind::Undo))));
        assert_eq!((price.row, price.before.clone()), (None, Some(json!(700))));

        let text = ProductText { sku: Some("B".into()), name: Some("Jug".into()), ..ProductText::default() };
        let own = products::create(&shop.services.database, &text, &"cleo".into()).await.expect("a product");
        assert!(origins(&shop, own.id).await.iter().all(|origin| origin.made_by.as_deref() == Some("cleo") && origin.job.is_none()));
        assert_eq!(refused(changes::set_by(shop.services.reader(), 4711).await).status, 404);
    }

    async fn a_long_history_is_looked_through_to_its_limit_only(shop: Shop) {
        shop.import("sku,name,price\nA,Mug,1.00\n").await;
        let product = shop.product("A").await.expect("a product");
        let name = |n: usize| ProductText { name: Some(format!("Mug {n}")), ..ProductText::default() };
        for n in 0..150 {
            products::update(&shop.services.database, product.id, None, &name(n), &"ben".into()).await.expect("changed");
        }
        let now = origins(&shop, product.id).await;
        assert_eq!(of(&now, "name").before, Some(json!("Mug 148")));
        assert_eq!(of(&now, "price_minor").row, Some(2), "behind more than one page of changes");
        for n in 150..1_000 {
            products::update(&shop.services.database, product.id, None, &name(n), &"ben".into()).await.expect("changed");
        }
        products::update(&shop.services.database, product.id, None, &name(0), &"ben".into()).await.expect("changed");
        let now = origins(&shop, product.id).await;
        let fields: Vec<_> = now.iter().map(|origin| origin.field.as_str()).collect();
        assert_eq!(fields, ["name"], "what is older than a thousand changes is not searched for");
    }

    async fn the_rows_with_problems_come_as_a_workbook_of_texts(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "price"])
            .row(["00012", "=1+1", "dear"])
            .row(["B", "Cup", "1.00"])
            .row(["", "2026-11-20", "+5"]);
        let import = shop.import(file.bytes()).await;
        let mut workbook = imports::problem_workbook(&shop.services, import.job_id).await.expect("a workbook");
        let mut bytes = Vec::new();
        workbook.read_to_end(&mut bytes).expect("read");
        assert!(bytes.starts_with(b"PK"));
        assert_eq!(refused(imports::problem_workbook(&shop.services, 4711).await).status, 404);

        let long = format!("sku,name,description,price\nL,Long,{},dear\n", "x".repeat(40_000));
        let import = shop.import(long).await;
        let refusal = refused(imports::problem_workbook(&shop.services, import.job_id).await);
        assert_eq!(refusal.status, 422);
        assert!(refusal.detail.contains("Row 2"), "{}", refusal.detail);
    }
}
