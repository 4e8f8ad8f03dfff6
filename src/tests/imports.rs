//! An import ends in exactly one state, whatever was in the file and whatever happened on the way.

use stockroom::imports::{self, Import, ImportKind, ImportStatus};
use stockroom::jobs::Task as _;
use stockroom::testing::CsvFile;
use tokio_util::sync::CancellationToken;

use crate::on_both;

/// created, updated, unchanged, failed, superseded.
fn counts(import: &Import) -> (i64, i64, i64, i64, i64) {
    let p = &import.progress;
    (p.created, p.updated, p.unchanged, p.failed, p.superseded)
}

fn many(count: usize) -> CsvFile {
    CsvFile::header(["sku", "name", "price"]).rows(count, |n| {
        [format!("SKU-{n:06}"), format!("Thing {n}"), format!("{n}.50")]
    })
}

on_both! {
    async fn a_file_becomes_products(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "description", "price", "active"])
            .row(["A-1", "Mug", "Blue, \"large\"\nand round", "12.99", "true"])
            .row(["A-2", "Cup", "", "", "no"]);
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.status, counts(&import)), (ImportStatus::Completed, (2, 0, 0, 0, 0)));
        assert_eq!((import.progress.total, import.progress.processed, import.progress.percent), (Some(2), 2, 100.0));
        let mug = shop.product("a-1").await.expect("the mug");
        assert_eq!((mug.sku.as_str(), mug.name.as_str(), mug.price_minor, mug.active, mug.version), ("A-1", "Mug", Some(1299), true, 1));
        assert_eq!(mug.description, "Blue, \"large\"\nand round");
        let cup = shop.product("A-2").await.expect("the cup");
        assert_eq!((cup.price_minor, cup.active), (None, false));
    }

    async fn the_same_file_again_changes_nothing(shop: Shop) {
        let file = many(50).bytes();
        shop.import(file.clone()).await;
        let before = shop.product("SKU-000007").await.expect("a product");
        let again = shop.import(file).await;
        assert_eq!(counts(&again), (0, 0, 50, 0, 0));
        assert_eq!(shop.product("SKU-000007").await.expect("the product"), before);
    }

    async fn only_what_differs_is_updated(shop: Shop) {
        shop.import(many(10).bytes()).await;
        let changed = CsvFile::header(["sku", "name", "price"])
            .row(["sku-000001", "Thing 1", "99.00"])
            .row(["sku-000002", "Thing 2", "2.50"]);
        let import = shop.import(changed.bytes()).await;
        assert_eq!(counts(&import), (0, 1, 1, 0, 0));
        let product = shop.product("SKU-000001").await.expect("the product");
        assert_eq!((product.sku.as_str(), product.price_minor, product.version), ("SKU-000001", Some(9900), 2));
        assert_eq!(shop.product("SKU-000002").await.expect("the other").version, 1);
    }

    async fn blank_cells_and_missing_columns_keep_what_is_there(shop: Shop) {
        shop.import(CsvFile::header(["sku", "name", "description", "price", "active"]).row(["a", "Mug", "Round", "5", "no"]).bytes()).await;
        let import = shop.import(CsvFile::header(["sku", "name", "description", "price"]).row(["a", "", " ", "6.00"]).bytes()).await;
        assert_eq!(counts(&import), (0, 1, 0, 0, 0));
        let product = shop.product("a").await.expect("the product");
        assert_eq!((product.name.as_str(), product.description.as_str(), product.price_minor, product.active), ("Mug", "Round", Some(600), false));
    }

    async fn the_last_row_of_a_sku_wins_and_the_others_are_listed(shop: Shop) {
        let file = CsvFile::header(["sku", "name"]).row(["abc", "first"]).row(["ABC", "second"]).row(["other", "x"]).row(["Abc", "third"]);
        let import = shop.import(file.bytes()).await;
        assert_eq!(counts(&import), (2, 0, 0, 0, 2));
        let product = shop.product("abc").await.expect("the product");
        assert_eq!((product.sku.as_str(), product.name.as_str()), ("Abc", "third"));
        let groups = imports::problem_groups(shop.services.reader(), import.job_id).await.expect("groups");
        let rows: Vec<i64> = groups[0].examples.iter().map(|problem| problem.row).collect();
        assert_eq!((groups.len(), groups[0].rows, rows), (1, 2, vec![2, 3]));
    }

    async fn bad_rows_are_reported_and_the_good_ones_go_in(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "price"])
            .row(["a", "Mug", "12,5O"]).row(["b", "Cup", "3.00"]).row(["", "Jug", "x"]).row(["d", "", "1.00"]);
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.status, counts(&import)), (ImportStatus::Completed, (1, 0, 0, 3, 0)));
        let problems = imports::problems(shop.services.reader(), import.job_id, &Default::default()).await.expect("problems");
        let found: Vec<(i64, &str, Option<&str>, Option<&str>)> = problems.items.iter()
            .map(|p| (p.row, p.kind.code(), p.column.as_deref(), p.value.as_deref())).collect();
        assert_eq!(found, [
            (2, "price_not_a_number", Some("price"), Some("12,5O")),
            (4, "sku_missing", Some("sku"), None),
            (4, "price_not_a_number", Some("price"), Some("x")),
            (5, "name_missing", Some("name"), None),
        ]);
    }

    async fn problem_rows_come_back_as_a_file_with_their_reasons(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "price", "extra"])
            .row(["a", "Mug", "1", "keep"]).row(["b", "=Cup", "x", "two\nlines"]).row(["c", "", "2", ""]);
        let import = shop.import(file.bytes()).await;
        let mut pieces = imports::problem_rows(&shop.services, import.job_id).await.expect("a file");
        let mut text = Vec::new();
        while let Some(piece) = pieces.recv().await { text.extend_from_slice(&piece.expect("a piece")); }
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let rows: Vec<Vec<String>> = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][..5], ["b", "'=Cup", "x", "two\nlines", "3"].map(str::to_owned));
        assert!(rows[0][5].starts_with("price: Price is not a number."), "{}", rows[0][5]);
        assert_eq!((rows[1][0].as_str(), rows[1][4].as_str()), ("c", "4"));
    }

    async fn catalogues_in_a_product_file_are_made_and_counted(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "category"]).row(["a", "Mug", "Garden"]).row(["b", "Cup", "garden "]).row(["c", "Jug", ""]);
        shop.import(file.bytes()).await;
        let catalogs = stockroom::catalogs::list(shop.services.reader(), &Default::default()).await.expect("catalogues");
        assert_eq!((catalogs.items.len(), catalogs.items[0].name.as_str(), catalogs.items[0].product_count), (1, "Garden", 2));
        assert_eq!(shop.product("b").await.expect("the cup").catalog_name.as_deref(), Some("Garden"));
        assert_eq!(shop.product("c").await.expect("the jug").catalog_id, None);
    }

    async fn an_import_can_be_cancelled_before_and_after_it_began(shop: Shop) {
        let waiting = shop.upload(ImportKind::Products, many(5).bytes()).await.expect("taken in");
        let cancelled = imports::cancel(&shop.services, waiting.job_id, &"ana".into()).await.expect("cancelled");
        assert_eq!(cancelled.progress.status, ImportStatus::Cancelled);
        shop.work().await;
        assert!(shop.product("SKU-000001").await.is_none());
    }

    async fn a_worker_that_stops_gives_its_import_to_the_next_one(shop: Shop) {
        let file = many(25_000).bytes();
        let import = shop.upload(ImportKind::Products, file.clone()).await.expect("taken in");
        let stop = CancellationToken::new();
        stop.cancel();
        shop.services.importer().run_next(&stop).await.expect("it stops in order");
        assert_eq!(shop.see(import.job_id).await.progress.status, ImportStatus::Processing);
        let neighbour = shop.neighbour().await;
        neighbour.importer().run_next(&CancellationToken::new()).await.expect("it goes on");
        let import = shop.see(import.job_id).await;
        assert_eq!((import.progress.status, counts(&import)), (ImportStatus::Completed, (25_000, 0, 0, 0, 0)));
    }

    async fn an_import_that_ends_its_worker_again_and_again_at_the_same_place_is_given_up(shop: Shop) {
        let import = shop.upload(ImportKind::Products, many(25_000).bytes()).await.expect("taken in");
        let died = |crashes: i64| {
            let db = shop.services.database.writer();
            let sql = format!(
                "UPDATE imports SET status = 'processing', lease_until = 0, place = 'reading 0', crash_place = 'reading 0 0', crashes = {crashes}"
            );
            async move { sea_orm::ConnectionTrait::execute_unprepared(db, &sql).await.expect("its worker is gone") }
        };
        let stop = CancellationToken::new();
        stop.cancel();
        died(23).await;
        shop.services.importer().run_next(&stop).await.expect("once more");
        assert_eq!(shop.see(import.job_id).await.progress.status, ImportStatus::Processing);
        died(24).await;
        shop.services.importer().run_next(&stop).await.expect("given up");
        let import = shop.see(import.job_id).await;
        let error = import.progress.error.expect("a reason");
        assert!(import.progress.status == ImportStatus::Failed && error.contains("stopped 25 times at the same place"), "{error}");
    }

    async fn the_same_file_twice_at_once_is_one_import(shop: Shop) {
        let file = many(5).bytes();
        let (one, two) = tokio::join!(shop.upload(ImportKind::Products, file.clone()), shop.upload(ImportKind::Products, file.clone()));
        assert_eq!(one.expect("taken in").job_id, two.expect("taken in").job_id);
        shop.work().await;
        let later = shop.import(file).await;
        assert_eq!(counts(&later), (0, 0, 5, 0, 0));
    }

    async fn the_number_of_products_is_kept(shop: Shop) {
        shop.import(many(12_345).bytes()).await;
        shop.import(many(12_350).bytes()).await;
        let counted = stockroom::products::count_all(shop.services.reader()).await.expect("a count");
        assert_eq!(counted, 12_350);
    }
}
