//! Lists of products over HTTP: what the address asks for, in words where it cannot be understood.

use std::fmt::Write as _;

use crate::site::{Site, header};

async fn filled() -> Site {
    let site = Site::open().await;
    let mut file = "sku,name,price,active,catalog\n".to_owned();
    for n in 0..130 {
        writeln!(file, "S{n:03},Thing {n},{n}.50,{},Group {}", n % 2 == 0, n % 3).expect("memory takes every row");
    }
    assert_eq!(site.import(file).await["created"], 130);
    site
}

#[tokio::test]
async fn lists_page_filter_and_sort_as_their_address_says() {
    let site = filled().await;
    let first = site.json("/api/v1/products?size=50&sort=-price").await;
    assert_eq!(
        (first["total"].as_i64(), first["size"].as_i64(), first["page"].as_i64()),
        (Some(130), Some(50), Some(1))
    );
    assert_eq!(
        (
            first["items"][0]["sku"].as_str(),
            first["items"][0]["price"].as_f64(),
            first["items"][0]["price_minor"].as_i64()
        ),
        (Some("S129"), Some(129.5), Some(12_950))
    );
    let next = first["next"].as_str().expect("a cursor");
    let second = site
        .json(&format!("/api/v1/products?size=50&sort=-price&after={next}"))
        .await;
    assert_eq!(
        (second["items"][0]["sku"].as_str(), second["page"].as_i64()),
        (Some("S079"), Some(2))
    );
    let last = site.json("/api/products?size=50&last=true").await;
    assert_eq!(
        (last["items"].as_array().map(Vec::len), last["next"].is_null()),
        (Some(50), true)
    );
    assert_eq!(site.json("/api/v1/products?sku=s00&active=true").await["total"], 5);
    assert_eq!(
        site.json("/api/v1/products/top-products?size=1").await["items"][0]["sku"],
        "S129"
    );
    let group = site.json("/api/v1/catalogs").await["items"][0].clone();
    let of_group = site.json(&format!("/api/v1/products/catalog/{}", group["id"])).await;
    assert_eq!(of_group["total"], group["product_count"]);
    let id = first["items"][0]["id"].as_i64().expect("an id");
    assert_eq!(site.json(&format!("/api/v1/products/{id}")).await["name"], "Thing 129");
}

#[tokio::test]
async fn parameters_that_cannot_be_understood_are_named() {
    let site = Site::open().await;
    for query in [
        "page=0",
        "page=-1",
        "page=1000000000000000000",
        "size=0",
        "size=1000000",
        "after=forged",
        "before=1~2",
        "sort=colour",
        "active=maybe",
        "catalog_id=x",
        "colour=red",
        "after=1~~sku~a&page=2",
    ] {
        let response = site.get(&format!("/api/v1/products?{query}")).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (400, "application/problem+json"),
            "{query}"
        );
    }
    let long = format!("/api/v1/products?q={}", "x".repeat(5_000));
    assert_eq!(site.get(&long).await.status(), 400);
    for query in ["q=%25", "q=_", "q='%20OR%201=1--", "q=", "sku=%00a"] {
        let status = site.get(&format!("/api/v1/products?{query}")).await.status().as_u16();
        assert_eq!(status, if query.contains("%00") { 400 } else { 200 }, "{query}");
    }
}

#[tokio::test]
async fn an_export_has_the_columns_and_the_order_that_were_asked_for() {
    let site = filled().await;
    let response = site
        .get("/api/v1/products/export?format=csv&columns=price,sku&sort=-sku&sku=s12")
        .await;
    assert_eq!(header(&response, "content-type"), "text/csv; charset=utf-8");
    assert!(header(&response, "content-disposition").starts_with("attachment"));
    let text = response.text().await.expect("text");
    assert_eq!(
        text.lines().collect::<Vec<_>>()[..3],
        ["price,sku", "129.50,S129", "128.50,S128"]
    );
    assert_eq!(text.lines().count(), 11);
    for query in ["columns=colour", "format=xml", "sort=colour"] {
        assert_eq!(
            site.get(&format!("/api/v1/products/export?{query}")).await.status(),
            400,
            "{query}"
        );
    }
}
