//! Lists of products agree with each other on both databases: filters, orders and pages.

use stockroom::page::{Page, PageRequest};
use stockroom::products::{self, Product, ProductQuery, ProductSort};
use stockroom::testing::{CsvFile, Shop};

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
