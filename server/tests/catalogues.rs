//! A catalogue that no list can hold is reached by its name, with plain forms, on both databases.

use serde_json::{Value, json};
use stockroom::testing::{CsvFile, Kind};

use crate::site::{Site, header};

/// A site with more catalogues than a list holds, and somebody who is signed in.
async fn crowded(kind: Kind) -> (Site, String) {
    let site = Site::open_with(kind, |_| ()).await;
    let file = CsvFile::header(["name"]).rows(240, |number| [format!("Shelf {number:03}")]);
    let response = site
        .upload("/api/v1/etl/catalogs", "catalogues.csv", file.bytes())
        .await;
    let job: Value = response.json().await.expect("JSON");
    let done = site.last_event(job["job_id"].as_i64().expect("an id")).await;
    assert_eq!(done["created"], 240);
    let session = site.sign_in().await;
    (site, session)
}

/// Where a form leads.
async fn post(site: &Site, session: &str, path: &str, fields: &[(&str, &str)]) -> String {
    let request = site.own_post(path).header("cookie", session).form(fields);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 303, "{path}");
    header(&response, "location").to_owned()
}

async fn page(site: &Site, session: &str, path: &str) -> (u16, String) {
    let request = site.request("GET", path).header("cookie", session);
    let response = request.header("accept", "text/html").send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a page"))
}

async fn product(site: &Site, sku: &str) -> Value {
    site.json(&format!("/api/v1/products?sku={sku}")).await["items"][0].clone()
}

async fn catalogue_of(site: &Site, sku: &str) -> Value {
    match &product(site, sku).await["catalog_id"] {
        Value::Null => Value::Null,
        id => site.json(&format!("/api/v1/catalogs/{id}")).await["name"].clone(),
    }
}

async fn a_product_goes_by_name(kind: Kind) {
    let (site, session) = crowded(kind).await;
    let fields = |catalogue| {
        [
            ("sku", "RAKE"),
            ("name", "Rake"),
            ("active", "true"),
            ("catalogue_name", catalogue),
        ]
    };
    assert_eq!(
        post(&site, &session, "/products", &fields("Attic")).await,
        "/products/new"
    );
    let (_, form) = page(&site, &session, "/products/new").await;
    assert!(
        form.contains("There is no catalogue called ‘Attic’.") && form.contains("value=\"Attic\""),
        "{form}"
    );

    let own = post(&site, &session, "/products", &fields(" sHELF 230 ")).await;
    assert_eq!(catalogue_of(&site, "RAKE").await, "Shelf 230");
    let (_, form) = page(&site, &session, &own).await;
    assert!(
        form.contains("value=\"Shelf 230\""),
        "the name of a catalogue beyond the list: {form}"
    );
    post(&site, &session, &own, &fields("Shelf 005")).await;
    assert_eq!(catalogue_of(&site, "RAKE").await, "Shelf 005");
    post(&site, &session, &own, &fields("")).await;
    assert_eq!(catalogue_of(&site, "RAKE").await, Value::Null);
}

#[tokio::test]
async fn a_product_goes_by_name_into_a_catalogue_beyond_the_list() {
    a_product_goes_by_name(Kind::Sqlite).await;
    a_product_goes_by_name(Kind::Postgres).await;
}

async fn many_products_move_by_name(kind: Kind) {
    let (site, session) = crowded(kind).await;
    site.import("sku,name\nhoe-1,Hoe\nhoe-2,Hoe\n").await;
    let id = product(&site, "hoe-1").await["id"].to_string();
    let chosen = |action, name| {
        [
            ("do", action),
            ("scope", "selected"),
            ("id", id.as_str()),
            ("catalogue_name", name),
        ]
    };
    for (name, said) in [
        ("Attic", "There is no catalogue called ‘Attic’."),
        ("  ", "Choose the catalogue to move to."),
    ] {
        assert_eq!(
            post(&site, &session, "/products/bulk", &chosen("move", name)).await,
            "/products"
        );
        let (_, table) = page(&site, &session, "/products").await;
        assert!(table.contains(said), "{table}");
    }
    for (action, name, then) in [
        ("move", "shelf 231", json!("Shelf 231")),
        // What stands in the field means nothing to another button.
        ("deactivate", "Attic", json!("Shelf 231")),
        ("move-out", "", Value::Null),
    ] {
        let job = post(&site, &session, "/products/bulk", &chosen(action, name)).await;
        site.last_event(job.trim_start_matches("/imports/").parse().expect("a job"))
            .await;
        assert_eq!(catalogue_of(&site, "hoe-1").await, then, "{action}");
    }
    assert_eq!(catalogue_of(&site, "hoe-2").await, Value::Null);
}

#[tokio::test]
async fn many_products_move_by_name_into_a_catalogue_beyond_the_list() {
    many_products_move_by_name(Kind::Sqlite).await;
    many_products_move_by_name(Kind::Postgres).await;
}

#[tokio::test]
async fn products_are_filtered_by_the_name_of_a_catalogue_beyond_the_list() {
    let (site, session) = crowded(Kind::Sqlite).await;
    site.import("sku,name,catalogue\nhoe-1,Hoe,Shelf 231\nhoe-2,Hoe,Shelf 232\n")
        .await;
    let (status, table) = page(&site, &session, "/products?catalogue_name=SHELF+231").await;
    assert_eq!(
        (status, table.contains("hoe-1"), table.contains("hoe-2")),
        (200, true, false)
    );
    assert!(table.contains("Catalogue: Shelf 231"), "the chip names it: {table}");
    let id = product(&site, "hoe-1").await["catalog_id"].to_string();
    assert!(
        table.contains(&format!("catalog_id={id}")),
        "an export has the same filter: {table}"
    );
    let (status, table) = page(&site, &session, "/products?catalogue_name=Attic").await;
    assert_eq!(status, 422);
    assert!(
        table.contains("There is no catalogue called ‘Attic’.") && table.contains("value=\"Attic\""),
        "{table}"
    );
}

#[tokio::test]
async fn the_products_of_a_catalogue_that_goes_are_moved_by_name() {
    let (site, session) = crowded(Kind::Sqlite).await;
    site.import("sku,name,catalogue\nhoe-1,Hoe,Shelf 231\n").await;
    let id = product(&site, "hoe-1").await["catalog_id"].to_string();
    let path = format!("/catalogues/{id}/delete");
    let own = format!("/catalogues/{id}");
    let fields = |name| [("products", "move"), ("catalogue_name", name)];
    assert_eq!(post(&site, &session, &path, &fields("Attic")).await, own);
    let (_, form) = page(&site, &session, &own).await;
    assert!(form.contains("There is no catalogue called ‘Attic’."), "{form}");
    let job = post(&site, &session, &path, &fields("shelf 232")).await;
    let (_, review) = page(&site, &session, &job).await;
    assert!(review.contains("They go to Shelf 232."), "{review}");
    post(&site, &session, &format!("{job}/apply"), &[]).await;
    site.last_event(job.trim_start_matches("/imports/").parse().expect("a job"))
        .await;
    assert_eq!(catalogue_of(&site, "hoe-1").await, "Shelf 232");
}
