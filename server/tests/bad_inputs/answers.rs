//! What is sent again and again, and what is looked at in the answers.

use serde_json::Value;

use crate::site::{Site, header};

/// Files that are kept of uploads.
pub fn kept(site: &Site) -> usize {
    std::fs::read_dir(site.shop.folder().join("files/uploads")).map_or(0, Iterator::count)
}

/// Uploads a file that cannot be taken; nothing of it is kept.
pub async fn refused(site: &Site, bytes: impl Into<Vec<u8>>) -> (u16, Value) {
    let before = kept(site);
    let response = site.upload("/api/v1/imports", "list.csv", bytes).await;
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    let status = response.status().as_u16();
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["status"], status, "{problem}");
    assert_eq!(kept(site), before, "nothing of a refused upload is kept: {problem}");
    (status, problem)
}

/// Uploads a file that is only checked; gives the import once that is done.
pub async fn checked(site: &Site, bytes: impl Into<Vec<u8>>) -> Value {
    let response = site.upload("/api/v1/imports?check=true", "list.csv", bytes).await;
    let status = response.status();
    let import: Value = response.json().await.expect("JSON");
    assert_eq!(status, 202, "{import}");
    site.last_event(import["job_id"].as_i64().expect("an id")).await
}

/// The first rows that could not be used: number, kind of the problem.
pub async fn problems(site: &Site, import: &Value) -> Vec<(i64, String)> {
    let page = site
        .json(&format!("/api/v1/imports/{}/problems?size=100", import["job_id"]))
        .await;
    let items = page["items"].as_array().expect("a list");
    let of = |item: &Value| (item["row"].as_i64().expect("a number"), text(&item["kind"]).to_owned());
    items.iter().map(of).collect()
}

/// Status, and the numbers of created, unchanged and failed rows.
pub fn counts(import: &Value) -> (&str, i64, i64, i64) {
    let number = |name: &str| import[name].as_i64().expect("a number");
    (
        text(&import["status"]),
        number("created"),
        number("unchanged"),
        number("failed"),
    )
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name of the product with this SKU.
pub async fn name_of(site: &Site, sku: &str) -> Option<String> {
    site.shop.product(sku).await.map(|product| product.name)
}
