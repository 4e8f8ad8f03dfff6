//! Many products at once over HTTP: nothing without a confirmation, and a job for everything.

use serde_json::{Value, json};

use crate::site::{Site, ask, header};

async fn filled(site: &Site) {
    let rows: String = (0..30)
        .map(|n| format!("mug-{n:02},Mug,{}\n", if n < 12 { "no" } else { "yes" }))
        .collect();
    site.import(format!("sku,name,active\n{rows}")).await;
}

async fn total(site: &Site) -> i64 {
    site.json("/api/v1/products").await["total"].as_i64().expect("a number")
}

#[tokio::test]
async fn what_was_deleted_by_a_filter_can_be_had_back() {
    let site = Site::open().await;
    filled(&site).await;
    let before = site.get("/api/v1/products/export").await.text().await.expect("a file");
    let (status, job) = ask(&site, "DELETE", "/products?confirm=true&active=false", None).await;
    assert_eq!((status, &job["kind"]), (202, &json!("bulk_delete")));
    let id = job["job_id"].as_i64().expect("an id");
    let done = site.last_event(id).await;
    assert_eq!(
        (&done["status"], &done["updated"], &done["total"]),
        (&json!("completed"), &json!(12), &json!(12))
    );
    assert_eq!(total(&site).await, 18);
    let (status, undo) = ask(&site, "POST", &format!("/imports/{id}/undo"), None).await;
    assert_eq!((status, &undo["undoes"]), (202, &json!(id)));
    site.last_event(undo["job_id"].as_i64().expect("an id")).await;
    assert_eq!(
        site.get("/api/v1/products/export").await.text().await.expect("a file"),
        before
    );
    assert_eq!(site.json(&format!("/api/v1/jobs/{id}")).await["status"], "undone");
    assert_eq!(ask(&site, "POST", &format!("/jobs/{id}/undo"), None).await.0, 409);
    assert_eq!(ask(&site, "POST", "/jobs/999/undo", None).await.0, 404);
}

#[tokio::test]
async fn one_key_makes_one_job() {
    let site = Site::open().await;
    filled(&site).await;
    let twice = || async {
        let request = site
            .with_key("POST", "/api/v1/products/bulk-delete")
            .header("idempotency-key", "k");
        let response = request
            .json(&json!({"confirm": true, "filter": {"sku": "mug-0"}}))
            .send()
            .await
            .expect("an answer");
        assert!(header(&response, "location").starts_with("/api/v1/imports/"));
        response.json::<Value>().await.expect("JSON")["job_id"].clone()
    };
    let (one, two) = (twice().await, twice().await);
    assert_eq!(one, two);
    site.last_event(one.as_i64().expect("an id")).await;
    assert_eq!(total(&site).await, 20);
}

#[tokio::test]
async fn a_key_that_stands_for_something_else_is_refused() {
    let site = Site::open().await;
    filled(&site).await;
    let ask = async |method: &str, path: &str, key: &str, body: Option<Value>| {
        let request = site
            .with_key(method, &format!("/api/v1{path}"))
            .header("idempotency-key", key);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.expect("an answer");
        (
            response.status().as_u16(),
            response.json::<Value>().await.expect("JSON"),
        )
    };
    let some = json!({"confirm": true, "filter": {"sku": "mug-0"}});
    let (status, job) = ask("POST", "/products/bulk-delete", "k", Some(some)).await;
    assert_eq!(status, 202, "{job}");
    let id = job["job_id"].as_i64().expect("an id");
    site.last_event(id).await;
    let left = total(&site).await;
    let others = [
        (
            "POST",
            "/products/bulk-delete",
            Some(json!({"confirm": true, "all": true})),
        ),
        (
            "POST",
            "/products/bulk",
            Some(json!({"action": "deactivate", "filter": {"sku": "mug-0"}})),
        ),
        ("DELETE", "/products?confirm=true", None),
    ];
    for (method, path, body) in others {
        let (status, problem) = ask(method, path, "k", body).await;
        assert_eq!(status, 422, "{path}: {problem}");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(&format!("job {id}")), "{detail}");
    }
    let (status, undo) = ask("POST", &format!("/imports/{id}/undo"), "k", None).await;
    assert_eq!(status, 422, "{undo}");
    // Nor does a file that is not sent count as the one that was.
    let (status, problem) = ask("POST", "/imports", "k", None).await;
    assert_eq!(status, 400, "{problem}");
    assert_eq!(total(&site).await, left);
}

#[tokio::test]
async fn a_filter_that_is_empty_or_elsewhere_is_not_all_products() {
    let site = Site::open().await;
    filled(&site).await;
    let before = total(&site).await;
    for query in ["q=", "sku=%20", "active=&q=mug", "created_before="] {
        let (status, problem) = ask(&site, "DELETE", &format!("/products?confirm=true&{query}"), None).await;
        assert_eq!(status, 400, "{query}: {problem}");
    }
    for filter in [
        json!({"q": "mug", "sku": ""}),
        json!({"updated_before": " ", "active": true}),
    ] {
        let body = json!({"confirm": true, "filter": filter});
        let (status, problem) = ask(&site, "POST", "/products/bulk-delete", Some(body)).await;
        assert_eq!(status, 422, "{filter}: {problem}");
    }
    // Whoever names a catalogue for this may have meant its products only.
    for catalog in [json!(5), json!(u64::MAX), json!("5")] {
        let body = json!({"action": "deactivate", "all": true, "catalog_id": catalog});
        let (status, problem) = ask(&site, "POST", "/products/bulk", Some(body)).await;
        assert_eq!(status, 422, "{catalog}: {problem}");
    }
    assert_eq!(total(&site).await, before);
}

#[tokio::test]
async fn products_are_moved_and_their_catalogue_goes() {
    let site = Site::open().await;
    filled(&site).await;
    let (_, kitchen) = ask(&site, "POST", "/catalogs", Some(json!({"name": "Kitchen"}))).await;
    let (_, garden) = ask(&site, "POST", "/catalogs", Some(json!({"name": "Garden"}))).await;
    let body = json!({"action": "move", "catalog_id": kitchen["id"], "all": true});
    let (status, job) = ask(&site, "POST", "/products/bulk", Some(body)).await;
    assert_eq!(status, 202, "{job}");
    site.last_event(job["job_id"].as_i64().expect("an id")).await;
    let path = format!("/catalogs/{}", kitchen["id"]);
    assert_eq!(ask(&site, "GET", &path, None).await.1["product_count"], 30);
    assert_eq!(ask(&site, "DELETE", &path, None).await.0, 409);
    assert_eq!(
        ask(&site, "DELETE", &format!("{path}?delete_products=true"), None)
            .await
            .0,
        400
    );
    let (status, job) = ask(&site, "DELETE", &format!("{path}?move_to={}", garden["id"]), None).await;
    assert_eq!(status, 202, "{job}");
    site.last_event(job["job_id"].as_i64().expect("an id")).await;
    assert_eq!(ask(&site, "GET", &path, None).await.0, 404);
    assert_eq!(
        ask(&site, "GET", &format!("/catalogs/{}", garden["id"]), None).await.1["product_count"],
        30
    );
}

#[tokio::test]
async fn a_workbook_has_texts_that_no_spreadsheet_runs_and_comes_back_as_it_was() {
    let site = Site::open().await;
    let file = "sku,name,description,price,active\n00123,=1+1,@x,12.99,yes\n'+5,-3,\"a\nb\",,no\n1E5,Mug,,0.10,yes\n";
    site.import(file).await;
    let response = site.get("/api/v1/products/export?format=xlsx").await;
    assert!(header(&response, "content-type").contains("spreadsheetml"));
    let bytes = response.bytes().await.expect("a file");
    assert_eq!(&bytes[..2], b"PK");
    let rows = calamine_rows(&bytes);
    assert_eq!(rows[0], ["sku", "name", "description", "price", "active", "catalog"]);
    assert_eq!(rows[1], ["+5", "-3", "a\nb", "", "false", ""]);
    assert_eq!(rows[2], ["00123", "=1+1", "@x", "12.99", "true", ""]);
    let mut again = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        again.write_record(row).expect("a row");
    }
    let import = site.import(again.into_inner().expect("a file")).await;
    assert_eq!(
        (&import["unchanged"], &import["updated"], &import["failed"]),
        (&json!(3), &json!(0), &json!(0))
    );
}

/// The cells as a program other than ours reads them: a formula would not be among them as text.
fn calamine_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    use calamine::{Data, Reader as _, Xlsx};
    let mut workbook = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let formulas = workbook.worksheet_formula("Products").expect("a sheet");
    assert!(formulas.is_empty(), "no cell is a formula");
    let sheet = workbook.worksheet_range("Products").expect("a sheet");
    let text = |cell: &Data| match cell {
        Data::Float(number) => format!("{number}"),
        Data::Empty => String::new(),
        other => other.to_string(),
    };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}
