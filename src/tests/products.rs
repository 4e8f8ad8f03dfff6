//! Lists of products agree with each other on both databases: filters, orders and pages.

use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};
use stockroom::page::{Page, PageRequest};
use stockroom::products::{self, Product, ProductQuery, ProductSort};
use stockroom::testing::{CsvFile, Kind, Shop};
use stockroom::timestamp::Timestamp;

use crate::on_both;

async fn filled(shop: &Shop) {
    let file = CsvFile::header(["sku", "name", "description", "price", "active", "catalog"]).rows(120, |n| {
        let price = if n % 10 == 0 {
            String::new()
        } else {
            format!("{}.00", n % 7)
        };
        let name = if n % 2 == 0 {
            format!("mug {}", n / 4)
        } else {
            format!("Cup_{}%", n / 4)
        };
        [
            format!("S{n:03}"),
            name,
            format!("thing \\ {n}"),
            price,
            (n % 4 != 0).to_string(),
            format!("Group {}", n % 3),
        ]
    });
    assert_eq!(shop.import(file.bytes()).await.progress.created, 120);
}

async fn list(shop: &Shop, query: &ProductQuery, page: &PageRequest) -> Page<Product> {
    products::list(shop.services.reader(), query, page)
        .await
        .expect("a page")
}

fn skus(page: &Page<Product>) -> Vec<&str> {
    page.items.iter().map(|product| product.sku.as_str()).collect()
}

async fn found(shop: &Shop, query: ProductQuery) -> (u64, Vec<String>) {
    let page = list(
        shop,
        &query,
        &PageRequest {
            size: Some(100),
            ..Default::default()
        },
    )
    .await;
    (
        page.total.rows,
        page.items.into_iter().map(|product| product.sku).collect(),
    )
}

on_both! {
    async fn every_order_pages_through_everything_once_in_both_directions(shop: Shop) {
        filled(&shop).await;
        for sort in ["sku", "-sku", "name", "-name", "price", "-price", "updated_at", "-updated_at", "id", "-id"] {
            let query = ProductQuery { sort: sort.parse::<ProductSort>().expect("an order"), ..Default::default() };
            let mut forwards = Vec::new();
            let mut request = PageRequest { size: Some(25), ..Default::default() };
            loop {
                let page = list(&shop, &query, &request).await;
                assert_eq!(page.skipped, Some(forwards.len() as u64), "{sort}");
                forwards.extend(page.items.into_iter().map(|product| product.sku));
                match page.next { Some(next) => request.after = Some(next), None => break }
            }
            let mut unique = forwards.clone();
            unique.sort();
            unique.dedup();
            assert_eq!((forwards.len(), unique.len()), (120, 120), "{sort}");
            let mut backwards = Vec::new();
            let mut request = PageRequest { size: Some(25), last: true, ..Default::default() };
            loop {
                let page = list(&shop, &query, &request).await;
                let mut items: Vec<String> = page.items.into_iter().map(|product| product.sku).collect();
                items.extend(backwards);
                backwards = items;
                match page.prev { Some(prev) => request = PageRequest { size: Some(25), before: Some(prev), ..Default::default() }, None => break }
            }
            assert_eq!(forwards, backwards, "{sort}");
        }
    }

    async fn filters_find_what_they_say(shop: Shop) {
        filled(&shop).await;
        let (total, skus) = found(&shop, ProductQuery { sku: Some("s01".into()), ..Default::default() }).await;
        assert_eq!((total, skus.len(), skus[0].as_str()), (10, 10, "S010"));
        assert_eq!(found(&shop, ProductQuery { active: Some(false), ..Default::default() }).await.0, 30);
        assert_eq!(found(&shop, ProductQuery { active: Some(true), ..Default::default() }).await.0, 90);
        let group = shop.product("S000").await.expect("a product").catalog_id;
        assert_eq!(found(&shop, ProductQuery { catalog_id: group, ..Default::default() }).await.0, 40);
        assert_eq!(found(&shop, ProductQuery { q: Some("CUP_1%".into()), ..Default::default() }).await.0, 2);
        assert_eq!(found(&shop, ProductQuery { q: Some("g \\ 11".into()), ..Default::default() }).await.0, 11);
        assert_eq!(found(&shop, ProductQuery { q: Some("' OR 1=1 --".into()), ..Default::default() }).await.0, 0);
    }

    async fn words_are_found_inside_words_in_any_case_and_before_they_are_indexed(shop: Shop) {
        let file = CsvFile::header(["sku", "name", "description"])
            .row(["AB-1", "Großer Becher", "aus Steingut, 50% mehr"])
            .row(["AB-2", "Teller", "flach_und weit"])
            .row(["CD-3", "BECHERHALTER", "\"Chrom\" \\ matt"]);
        shop.import(file.bytes()).await;
        for _ in 0..2 {
            let any = |text: &str| ProductQuery { q: Some(text.into()), ..Default::default() };
            assert_eq!(found(&shop, any("ECHER")).await.1, ["AB-1", "CD-3"]);
            assert_eq!(found(&shop, any("GROSSER")).await.1, ["AB-1"], "ß is folded");
            assert_eq!(found(&shop, any("b-2")).await.1, ["AB-2"]);
            assert_eq!(found(&shop, any("50%")).await.1, ["AB-1"]);
            assert_eq!(found(&shop, any("h_u")).await.1, ["AB-2"]);
            assert_eq!(found(&shop, any("\"chrom\" \\")).await.1, ["CD-3"]);
            assert_eq!(found(&shop, any("becher teller")).await.0, 0);
            assert_eq!(found(&shop, any("ab")).await.1, ["AB-1", "AB-2"], "two letters: at the beginning only");
            assert_eq!(found(&shop, any("te")).await.1, ["AB-2"]);
            let name = ProductQuery { name: Some("teller".into()), ..Default::default() };
            assert_eq!(found(&shop, name).await.1, ["AB-2"]);
            let description = ProductQuery { description: Some("becher".into()), ..Default::default() };
            assert_eq!(found(&shop, description).await.0, 0);
            shop.index().await;
        }
        shop.import(CsvFile::header(["sku", "name"]).row(["ab-2", "Schüssel"]).bytes()).await;
        // Changes without words are passed over, and do not hide those with words.
        shop.import(CsvFile::header(["sku", "price"]).row(["ab-1", "5"]).row(["ab-2", "6"]).bytes()).await;
        for _ in 0..2 {
            let any = |text: &str| ProductQuery { q: Some(text.into()), ..Default::default() };
            assert_eq!(found(&shop, any("SCHÜSS")).await.1, ["AB-2"]);
            assert_eq!(found(&shop, any("teller")).await.0, 0, "the old name is not found any more");
            assert_eq!(found(&shop, any("flach")).await.1, ["AB-2"]);
            assert_eq!(found(&shop, any("grosser")).await.1, ["AB-1"]);
            shop.index().await;
        }
    }

    async fn what_a_search_does_not_see_yet_is_said(shop: Shop) {
        let file = CsvFile::header(["sku", "name"]).rows(1_500, |n| [format!("S{n:04}"), format!("mug {n}")]);
        shop.import(file.bytes()).await;
        let query = ProductQuery { q: Some("mug 7".into()), ..Default::default() };
        let page = list(&shop, &query, &PageRequest::default()).await;
        assert_eq!((page.unsearched, page.total.rows), (1_000, 0));
        let newest = ProductQuery { q: Some("mug 1499".into()), ..Default::default() };
        assert_eq!(list(&shop, &newest, &PageRequest::default()).await.total.rows, 1);
        shop.index().await;
        let page = list(&shop, &query, &PageRequest::default()).await;
        assert_eq!((page.unsearched, page.total.rows), (0, 111));
    }

    async fn filters_are_judged_together_whichever_is_the_narrow_one(shop: Shop) {
        // Many rows, so that some filters find more than are ever fetched and sorted.
        let file = CsvFile::header(["sku", "name", "description", "price", "active", "catalog"]).rows(12_000, |n| {
            [format!("S{n:05}"), format!("Mug {}", n % 7), "thing".into(), format!("{}.00", n % 100), (n % 3 != 0).to_string(), format!("Group {}", n % 40)]
        });
        assert_eq!(shop.import(file.bytes()).await.progress.created, 12_000);
        shop.index().await;
        let group = shop.product("S00005").await.expect("a product").catalog_id;
        let wide = ProductQuery { description: Some("thing".into()), ..Default::default() };
        let price = ProductQuery { price_min: Some(1_000), price_max: Some(1_900), ..wide.clone() };
        let catalog = ProductQuery { catalog_id: group, ..wide.clone() };
        let active = ProductQuery { active: Some(true), ..wide.clone() };
        let expected = |keep: fn(usize) -> bool| (0..12_000).filter(|n| keep(*n)).count() as u64;
        for sort in ["sku", "-name", "price", "-updated_at", "id"] {
            let sorted = |query: &ProductQuery| ProductQuery { sort: sort.parse().expect("an order"), ..query.clone() };
            assert_eq!(found(&shop, sorted(&wide)).await.0, 10_000, "counting stops there");
            assert_eq!(found(&shop, sorted(&price)).await.0, expected(|n| (10..=19).contains(&(n % 100))));
            assert_eq!(found(&shop, sorted(&catalog)).await.0, expected(|n| n % 40 == 5));
            assert_eq!(found(&shop, sorted(&ProductQuery { active: Some(false), ..catalog.clone() })).await.0, expected(|n| n % 40 == 5 && n % 3 == 0));
            let page = list(&shop, &sorted(&active), &PageRequest::default()).await;
            assert!(!page.total.exact && page.total.rows >= 50 && page.items.iter().all(|product| product.active));
            let mut walked = 0;
            let mut request = PageRequest { size: Some(100), ..Default::default() };
            loop {
                let page = list(&shop, &sorted(&catalog), &request).await;
                walked += page.items.len();
                match page.next { Some(next) => request.after = Some(next), None => break }
            }
            assert_eq!(walked, 300, "{sort}");
        }
        let cheapest = list(&shop, &ProductQuery { sort: ProductSort::Price, ..price.clone() }, &PageRequest::default()).await;
        assert_eq!(cheapest.items[0].price_minor, Some(1_000));
        let dearest = list(&shop, &ProductQuery { sort: ProductSort::Price, ..price }, &PageRequest { last: true, ..Default::default() }).await;
        assert_eq!(dearest.items.last().and_then(|product| product.price_minor), Some(1_900));
    }

    async fn what_is_in_the_bin_is_not_counted_with_the_rest(shop: Shop) {
        let file = CsvFile::header(["sku", "name"]).rows(11_000, |n| [format!("S{n:05}"), format!("mug {n}")]);
        assert_eq!(shop.import(file.bytes()).await.progress.created, 11_000);
        let half = "UPDATE products SET deleted_at = updated_at WHERE id % 2 = 0";
        shop.services.database.writer().execute_unprepared(half).await.expect("half of them in the bin");
        let prefix = ProductQuery { sku: Some("s".into()), ..Default::default() };
        let page = list(&shop, &prefix, &PageRequest::default()).await;
        assert!(!page.total.exact && (50..=5_500).contains(&page.total.rows), "{:?}", page.total);
        let bin = ProductQuery { deleted: true, ..prefix };
        let page = list(&shop, &bin, &PageRequest::default()).await;
        assert_eq!((page.total.rows, page.total.exact), (5_500, true));
    }

    async fn moments_and_imports_are_filters_too(shop: Shop) {
        let first = shop.import("sku,name\na,1\nb,2\n").await.job_id;
        let second = shop.import("sku,name\nb,3\nc,4\n").await.job_id;
        let of = |import| ProductQuery { import: Some(import), ..Default::default() };
        assert_eq!(found(&shop, of(first)).await.1, ["a", "b"]);
        assert_eq!(found(&shop, of(second)).await.1, ["b", "c"]);
        let moment = |text: &str| Some(Timestamp::from_rfc3339(text.into()));
        let at = |query: ProductQuery| query;
        assert_eq!(found(&shop, at(ProductQuery { created_after: moment("2026-01-01T00:00:00Z"), ..Default::default() })).await.0, 3);
        assert_eq!(found(&shop, at(ProductQuery { created_before: moment("2026-01-01T00:00:00Z"), ..Default::default() })).await.0, 0);
        assert_eq!(found(&shop, at(ProductQuery { updated_after: moment("2999-01-01T00:00:00Z"), ..Default::default() })).await.0, 0);
        assert_eq!(found(&shop, at(ProductQuery { deleted: true, ..Default::default() })).await.0, 0);
    }

    async fn names_are_sorted_without_regard_to_case(shop: Shop) {
        let file = CsvFile::header(["sku", "name"]).row(["1", "banana"]).row(["2", "Apple"]).row(["3", "cherry"]).row(["4", "Banana"]);
        shop.import(file.bytes()).await;
        let query = ProductQuery { sort: ProductSort::Name, ..Default::default() };
        assert_eq!(skus(&list(&shop, &query, &PageRequest::default()).await), ["2", "1", "4", "3"]);
    }

    async fn pages_are_also_found_by_number(shop: Shop) {
        filled(&shop).await;
        let page = list(&shop, &ProductQuery::default(), &PageRequest { page: Some(3), size: Some(50), ..Default::default() }).await;
        assert_eq!((page.items.len(), page.skipped, page.next.is_none(), page.prev.is_some()), (20, Some(100), true, true));
        let beyond = list(&shop, &ProductQuery::default(), &PageRequest { page: Some(9), ..Default::default() }).await;
        assert!(beyond.items.is_empty());
    }

    async fn an_export_imported_again_changes_nothing(shop: Shop) {
        filled(&shop).await;
        shop.import(CsvFile::header(["sku", "name", "description"]).row(["-1", "=1+1", "'@x\r\ny\t"]).row(["'=q", "''tis", " kept "]).bytes()).await;
        let again = shop.import(shop.export().await).await;
        assert_eq!((again.progress.unchanged, again.progress.failed), (122, 0));
    }
}

/// Each search reads what waits to be sorted in, and a database that does not know its words takes the wrong way to them.
#[tokio::test]
async fn the_index_of_words_is_sorted_and_known_when_it_has_caught_up() {
    let shop = Shop::open(Kind::Postgres).await;
    let number = async |query: &str| {
        let row = Statement::from_string(
            DatabaseBackend::Postgres,
            format!("SELECT CAST({query} AS bigint) AS number"),
        );
        let row = shop.services.database.writer().query_one_raw(row).await;
        let row = row.expect("an answer").expect("a row");
        row.try_get::<i64>("", "number").expect("a number")
    };
    // As many as are indexed at once: no smaller piece comes after them.
    for name in ["mug", "cup"] {
        let file = CsvFile::header(["sku", "name"]).rows(2_000, |n| [format!("S{n:04}"), format!("{name} {n}")]);
        shop.import(file.bytes()).await;
        shop.index().await;
        let waiting = number("gin_clean_pending_list('product_words_by_trigram'::regclass)").await;
        assert_eq!(waiting, 0, "of each {name}");
        let known = "(SELECT reltuples FROM pg_class WHERE oid = 'product_words'::regclass)";
        assert_eq!(number(known).await, 2_000);
    }
}
