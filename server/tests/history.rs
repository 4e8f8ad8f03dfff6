//! The history over HTTP: filtered lists, the file and its problem rows to save, a file once more, who set each field.

use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};
use stockroom::accounts::Role;

use crate::site::{Site, header, new_key};

#[tokio::test]
async fn imports_are_filtered_and_paged_by_their_address() {
    let site = Site::open().await;
    for name in ["prices-may.csv", "prices-june.csv", "stock.csv"] {
        let import: Value = site
            .upload("/api/v1/ingest", name, format!("sku,name\n{name},x\n"))
            .await
            .json()
            .await
            .expect("JSON");
        assert_eq!(import["status"], "completed");
    }
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items");
        items
            .iter()
            .map(|item| item["file_name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let prices = site.json("/api/v1/imports?file=PRICES&size=1").await;
    assert_eq!(
        (names(&prices), &prices["total"]),
        (vec!["prices-june.csv".to_owned()], &json!(2))
    );
    let next = prices["next"].as_str().expect("a next page");
    let rest = site
        .json(&format!("/api/v1/imports?file=PRICES&size=1&after={next}"))
        .await;
    assert_eq!(names(&rest), ["prices-may.csv"]);
    for (query, count) in [
        ("kind=products&status=completed&by=tests", 3),
        ("status=failed", 0),
        ("kind=undo", 0),
        ("by=somebody", 0),
        ("from=2020-01-01", 3),
        ("to=2020-01-01", 0),
    ] {
        assert_eq!(
            site.json(&format!("/api/v1/imports?{query}")).await["total"],
            count,
            "{query}"
        );
    }
    for query in ["kind=cars", "status=done", "from=soon", "colour=red"] {
        assert_eq!(
            site.get(&format!("/api/v1/imports?{query}")).await.status(),
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_page_keeps_its_filters_and_shows_each_with_a_way_to_remove_it() {
    let site = Site::open().await;
    site.upload("/api/v1/ingest", "prices.csv", "sku,name\na,x\n").await;
    let session = site.sign_in().await;
    let page = |address: &'static str| {
        let request = site.request("GET", address).header("cookie", &session);
        async move { request.send().await.expect("an answer").text().await.expect("a page") }
    };
    let found = page("/imports?file=prices&status=completed&kind=").await;
    for part in [
        "prices.csv",
        "File: prices",
        "Status: Finished",
        "/imports?status=completed",
        "/imports?file=prices",
        "value=\"prices\"",
    ] {
        assert!(found.contains(part), "{part} is missing");
    }
    assert!(
        page("/imports?file=stock")
            .await
            .contains("No imports match these filters")
    );
    assert!(
        page("/imports?from=soon")
            .await
            .contains("Imports could not be loaded.")
    );
    assert!(!page("/imports").await.contains("Remove filter"));
}

#[tokio::test]
async fn the_file_is_saved_and_never_shown_and_viewers_do_not_get_it() {
    let site = Site::open().await;
    let file = "sku,name\na,<script>alert(1)</script>\n";
    let import: Value = site
        .upload("/api/v1/ingest", "größe \"1\".html", file)
        .await
        .json()
        .await
        .expect("JSON");
    let address = format!("/api/v1/imports/{}/file", import["job_id"]);
    let response = site.get(&address).await;
    assert_eq!(
        (
            response.status().as_u16(),
            header(&response, "content-type"),
            header(&response, "x-content-type-options"),
        ),
        (200, "application/octet-stream", "nosniff")
    );
    let disposition = header(&response, "content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"") && disposition.contains("filename*=UTF-8''gr%C3%B6%C3%9Fe"),
        "{disposition}"
    );
    assert_eq!(response.text().await.expect("the file"), file);
    let viewer = new_key(&site.shop, "viewer", Role::Viewer).await;
    for prefix in ["/api/v1", "/api"] {
        let address = format!("{prefix}/imports/{}/file", import["job_id"]);
        let refused = site.request("GET", &address).bearer_auth(&viewer).send().await;
        assert_eq!(refused.expect("an answer").status(), 403);
    }
    assert_eq!(site.get("/api/v1/imports/4711/file").await.status(), 404);
    assert_eq!(import["sha256"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_file_is_checked_again_by_one_request() {
    let site = Site::open().await;
    let import = site.import("sku,name,price\na,Mug,1.00\n").await;
    let repeat = format!("/api/v1/imports/{}/repeat", import["job_id"]);
    let response = site.with_key("POST", &repeat).send().await.expect("an answer");
    assert_eq!(response.status(), 202);
    let again: Value = response.json().await.expect("JSON");
    let id = again["job_id"].as_i64().expect("an id");
    let last = site.last_event(id).await;
    assert_eq!(
        (&last["status"], &last["check"]["unchanged"], &last["sha256"]),
        (&"awaiting_confirmation".into(), &1.into(), &import["sha256"])
    );
    let early = site
        .with_key("POST", &format!("/api/v1/imports/{id}/repeat"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(early.status(), 409);

    let session = site.sign_in().await;
    let address = format!("/imports/{}/repeat", import["job_id"]);
    let sent = site
        .own_post(&address)
        .header("cookie", &session)
        .send()
        .await
        .expect("an answer");
    assert_eq!(sent.status(), 303);
    let page = header(&sent, "location").to_owned();
    let id: i64 = page.trim_start_matches("/imports/").parse().expect("an import");
    site.last_event(id).await;
    let shown = site
        .request("GET", &page)
        .header("cookie", &session)
        .send()
        .await
        .expect("an answer");
    let shown = shown.text().await.expect("a page");
    assert!(
        shown.contains("This file was imported before") && shown.contains("1 added, 0 updated"),
        "{shown}"
    );
    let first = site
        .request("GET", &format!("/imports/{}", import["job_id"]))
        .header("cookie", &session);
    let first = first.send().await.expect("an answer").text().await.expect("a page");
    for part in [
        "Import again with the same matching",
        "Download the file as it was uploaded",
        import["sha256"].as_str().expect("a checksum"),
        "Header row",
        "The usual ones",
    ] {
        assert!(first.contains(part), "{part} is missing");
    }
}

#[tokio::test]
async fn a_product_says_who_set_each_of_its_fields() {
    let site = Site::open().await;
    let import = site.import("sku,name,price\na,Mug,1.00\n").await;
    let product = site.json("/api/v1/products?sku=a").await["items"][0]["id"].clone();
    let address = format!("/api/v1/products/{product}");
    let changed = site
        .with_key("PATCH", &address)
        .json(&json!({"price": "2.00"}))
        .send()
        .await;
    assert_eq!(changed.expect("an answer").status(), 200);
    let fields = site.json(&format!("{address}/fields")).await;
    let of = |name: &str| {
        let fields = fields.as_array().expect("fields").iter();
        fields
            .clone()
            .find(|field| field["field"] == name)
            .expect("a field")
            .clone()
    };
    let (name, price) = (of("name"), of("price_minor"));
    assert_eq!(
        (
            &name["import_id"],
            &name["file_name"],
            &name["row"],
            &name["was_changed"]
        ),
        (&import["job_id"], &"products.csv".into(), &2.into(), &false.into())
    );
    assert_eq!(
        (
            &price["import_id"],
            &price["before"],
            &price["made_by"],
            &price["version"]
        ),
        (&Value::Null, &100.into(), &"API key tests".into(), &2.into())
    );
    assert_eq!(site.get("/api/v1/products/4711/fields").await.status(), 404);
    let history = site.json(&format!("{address}/history")).await;
    let rows = history["items"].as_array().expect("items").iter();
    assert_eq!(
        rows.map(|change| change["row"].as_i64()).collect::<Vec<_>>(),
        [None, Some(2)]
    );
    // Page by page, forwards and back.
    let first = site.json(&format!("{address}/history?size=1")).await;
    let next = first["next"].as_str().expect("a next page");
    let second = site.json(&format!("{address}/history?size=1&after={next}")).await;
    assert_eq!(
        (&second["items"][0]["kind"], &second["next"]),
        (&"create".into(), &Value::Null)
    );
    let prev = second["prev"].as_str().expect("a page before");
    let back = site.json(&format!("{address}/history?size=1&before={prev}")).await;
    assert_eq!((&back["items"], &back["total"]), (&first["items"], &2.into()));
    let last = site.json(&format!("{address}/history?size=1&last=true")).await;
    assert_eq!(last["items"], second["items"]);

    let session = site.sign_in().await;
    let page = site
        .request("GET", &format!("/products/{product}"))
        .header("cookie", &session);
    let page = page.send().await.expect("an answer").text().await.expect("a page");
    for part in ["Who set each field", "products.csv, row 2", "API key tests", "1.00 EUR"] {
        assert!(page.contains(part), "{part} is missing");
    }
}

#[tokio::test]
async fn the_rows_with_problems_are_a_workbook_of_inert_texts() {
    let site = Site::open().await;
    let import = site
        .import("sku,name,price\n00012,=1+1,dear\nB,Cup,1.00\n,2026-11-20,+5\n")
        .await;
    let id = &import["job_id"];
    let response = site.get(&format!("/api/v1/imports/{id}/problems.xlsx")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        header(&response, "content-disposition"),
        format!("attachment; filename=\"import-{id}-problems.xlsx\"")
    );
    let bytes = response.bytes().await.expect("a file").to_vec();
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["Problems"]);
    let sheet = workbook.worksheet_range("Problems").expect("a sheet");
    let rows: Vec<Vec<String>> = sheet
        .rows()
        .map(|row| {
            let text = |cell: &Data| match cell {
                Data::String(text) => text.clone(),
                Data::Empty => String::new(),
                other => panic!("no text: {other:?}"),
            };
            row.iter().map(text).collect()
        })
        .collect();
    assert_eq!(
        rows[0],
        ["sku", "name", "price", "import_row", "import_problem", "import_number"]
    );
    assert_eq!(rows[1][..4], ["00012", "=1+1", "dear", "2"]);
    assert!(rows[1][4].starts_with("price: Price is not a number."), "{:?}", rows[1]);
    assert_eq!(
        (rows.len(), rows[2][..4].to_vec()),
        (3, vec!["".into(), "2026-11-20".into(), "+5".into(), "4".to_owned()])
    );
    assert!(workbook.worksheet_formula("Problems").expect("formulas").is_empty());
    assert_eq!(site.get("/api/v1/imports/4711/problems.xlsx").await.status(), 404);
}
