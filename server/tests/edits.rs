//! Products and catalogues changed over HTTP: versions, conflicts, and who may.

use serde_json::{Value, json};
use stockroom::accounts::Role;

use crate::site::{Site, header, new_key};

async fn send(site: &Site, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let response = site.with_key(method, path).json(body).send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_product_is_created_replaced_changed_deleted_and_restored() {
    let site = Site::open().await;
    let (status, made) = send(
        &site,
        "POST",
        "/api/v1/products",
        &json!({"sku": "MUG-1", "name": "Mug", "price": 12.99, "description": "d"}),
    )
    .await;
    assert_eq!(
        (status, &made["price_minor"], &made["version"]),
        (201, &json!(1299), &json!(1))
    );
    let path = format!("/api/v1/products/{}", made["id"]);
    let (status, changed) = send(&site, "PATCH", &path, &json!({"price": "13,50"})).await;
    assert_eq!(
        (status, &changed["price_minor"], &changed["description"]),
        (200, &json!(1350), &json!("d"))
    );
    let mut whole = changed.clone();
    whole["name"] = json!("Cup");
    whole.as_object_mut().expect("an object").remove("description");
    let (status, replaced) = send(&site, "PUT", &path, &whole).await;
    assert_eq!(
        (
            status,
            &replaced["name"],
            &replaced["description"],
            &replaced["version"]
        ),
        (200, &json!("Cup"), &json!(""), &json!(3))
    );
    let (status, conflict) = send(&site, "PUT", &path, &whole).await;
    assert_eq!((status, &conflict["errors"][0]["field"]), (409, &json!("version")));
    let got = site.get(&path).await;
    let tag = header(&got, "etag").to_owned();
    assert_eq!(tag, "\"3\"");
    let stale = site
        .with_key("DELETE", &path)
        .header("if-match", "\"2\"")
        .send()
        .await
        .expect("an answer");
    assert_eq!(stale.status(), 409);
    let deleted = site
        .with_key("DELETE", &path)
        .header("if-match", tag)
        .send()
        .await
        .expect("an answer");
    assert_eq!(deleted.status(), 204);
    assert_eq!(site.get(&path).await.status(), 404);
    assert_eq!(site.json("/api/v1/products?deleted=true").await["total"], 1);
    let (status, taken) = send(
        &site,
        "POST",
        "/api/v1/products",
        &json!({"sku": "mug-1", "name": "Other"}),
    )
    .await;
    assert_eq!((status, &taken["errors"][0]["field"]), (409, &json!("sku")));
    let (status, restored) = send(&site, "POST", &format!("{path}/restore"), &json!({})).await;
    assert_eq!((status, &restored["name"]), (200, &json!("Cup")));
    let history = site.json(&format!("{path}/history")).await;
    assert_eq!(
        (&history["total"], history["items"].as_array().map(Vec::len)),
        (&json!(5), Some(5))
    );
    assert_eq!(history["items"][0]["made_by"], "API key tests");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_is_never_a_failure_of_ours() {
    let site = Site::open().await;
    for (body, status, field) in [
        (json!([]), 400, ""),
        (json!({"sku": 5, "name": "a"}), 422, "sku"),
        (json!({"sku": "a", "name": "a", "price": [1]}), 422, "price"),
        (json!({"sku": "a", "name": "a", "price": 1e300}), 422, "price"),
        (json!({"sku": "a", "name": "a", "price": -0.01}), 422, "price"),
        (json!({"sku": "a", "name": "a", "price": 1.005}), 422, "price"),
        (json!({"sku": "a", "name": "a", "price_minor": -1}), 422, "price_minor"),
        (json!({"sku": "a", "name": "a", "active": "yes"}), 422, "active"),
        (json!({"sku": "a", "name": "a", "catalog_id": 99}), 422, "catalog_id"),
        (json!({"sku": "a", "name": "a", "colour": "red"}), 422, "colour"),
        (json!({"sku": "a\u{0}b", "name": "a"}), 422, "sku"),
        (json!({"sku": "a", "name": "a\u{0}"}), 422, "name"),
        (json!({"sku": "x".repeat(201), "name": "a"}), 422, "sku"),
        (json!({"name": "a"}), 422, "sku"),
    ] {
        let (got, problem) = send(&site, "POST", "/api/v1/products", &body).await;
        assert_eq!(got, status, "{body}: {problem}");
        if !field.is_empty() {
            assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        }
    }
    for (body, kind, status) in [("{", "application/json", 400), ("{}", "text/plain", 415)] {
        let response = site
            .with_key("POST", "/api/v1/products")
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (status, "application/problem+json")
        );
    }
    assert_eq!(site.json("/api/v1/products").await["total"], 0);
}

#[tokio::test]
async fn an_idempotency_key_makes_two_requests_one_product() {
    let site = Site::open().await;
    let post = async |name: &str| {
        let request = site
            .with_key("POST", "/api/v1/products")
            .header("idempotency-key", "k-1");
        let request = request.json(&json!({"sku": "K", "name": name}));
        request.send().await.expect("an answer")
    };
    let (first, second) = (post("Kettle").await, post("Kettle").await);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, 201));
    assert_eq!(header(&first, "location"), header(&second, "location"));
    // What else is sent under it is neither created nor answered as if it had been.
    assert_eq!(post("Kettle, blue").await.status(), 422);
    let list = site.json("/api/v1/products").await;
    assert_eq!(
        (&list["total"], &list["items"][0]["name"]),
        (&json!(1), &json!("Kettle"))
    );
}

#[tokio::test]
async fn catalogues_are_created_renamed_and_deleted() {
    let site = Site::open().await;
    let (status, made) = send(&site, "POST", "/api/v1/catalogs", &json!({"name": "Garden"})).await;
    assert_eq!(status, 201);
    let path = format!("/api/v1/catalogs/{}", made["id"]);
    assert_eq!(
        send(&site, "POST", "/api/v1/catalogs", &json!({"name": "garden"}))
            .await
            .0,
        409
    );
    assert_eq!(
        send(&site, "PUT", &path, &json!({"name": "Yard"})).await.1["name"],
        "Yard"
    );
    assert_eq!(send(&site, "PATCH", &path, &json!({"name": ""})).await.0, 422);
    send(
        &site,
        "POST",
        "/api/v1/products",
        &json!({"sku": "R", "name": "Rake", "catalog_id": made["id"]}),
    )
    .await;
    assert_eq!(site.json(&path).await["product_count"], 1);
    assert_eq!(send(&site, "DELETE", &path, &json!({})).await.0, 409);
    assert_eq!(send(&site, "DELETE", "/api/v1/catalogs/99", &json!({})).await.0, 404);
}

#[tokio::test]
async fn whoever_only_looks_changes_nothing() {
    let site = Site::open().await;
    let viewer = new_key(&site.shop, "viewer", Role::Viewer).await;
    let editor = new_key(&site.shop, "editor", Role::Editor).await;
    let description = site.json("/openapi.json").await;
    let mut changes = 0;
    for (path, item) in description["paths"].as_object().expect("paths") {
        let address = path
            .replace("{id}", "1")
            .replace("{catalog_id}", "1")
            .replace("{delivery}", "1");
        for method in item.as_object().expect("operations").keys() {
            let request = |key: &str| {
                let request = site
                    .request(&method.to_uppercase(), &format!("/api/v1{address}"))
                    .bearer_auth(key);
                if method == "get" {
                    request
                } else {
                    request.json(&json!({}))
                }
            };
            let seen = request(viewer.as_str())
                .send()
                .await
                .expect("an answer")
                .status()
                .as_u16();
            let edited = request(editor.as_str())
                .send()
                .await
                .expect("an answer")
                .status()
                .as_u16();
            // What somebody uploaded may hold more than what of it came into the shop.
            let is_original = path == "/imports/{id}/file";
            if path == "/monitoring" {
                assert_eq!((seen, edited), (403, 403), "{method} {path}");
                continue;
            }
            if method == "get" && !is_original {
                assert_ne!(seen, 403, "{method} {path}");
            } else {
                changes += i32::from(method != "get");
                assert_eq!(seen, 403, "{method} {path}");
            }
            // Whom the shop tells what, and whom it asks, is for administrators to decide.
            let is_outside = path.starts_with("/webhooks") || path.starts_with("/schedules");
            let may = method == "get" || !is_outside;
            assert!(
                (edited != 403) == may && edited != 401 && edited < 500,
                "{method} {path}: {edited}"
            );
        }
    }
    assert!(changes > 12, "{changes} operations change something");
    for path in [
        "/products",
        "/products/1",
        "/products/1/delete",
        "/catalogues",
        "/imports",
        "/imports/1/cancel",
        "/nowhere",
    ] {
        let response = site
            .request("POST", path)
            .bearer_auth(viewer.as_str())
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 403, "{path}");
    }
}
