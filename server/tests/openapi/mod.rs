//! The description of the API is whole and true: every operation is in it, has all its parts, and answers as it says.

mod client;
mod document;
mod journey;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stockroom::disk::DiskUse;
use stockroom::monitoring::Subject;
use stockroom::testing::Kind;

use crate::site::{Site, header};
use client::Journey;
use document::{Document, Operation};

async fn document(site: &Site) -> Document {
    Document(site.json("/openapi.json").await)
}

#[tokio::test]
async fn every_operation_says_what_it_takes_and_what_it_answers() {
    let site = Site::open().await;
    let document = document(&site).await;
    let operations = document.operations();
    let ids: BTreeSet<&str> = operations.iter().map(|operation| operation.id()).collect();
    assert_eq!(ids.len(), operations.len(), "each has an operationId of its own");
    let tags = document.0["tags"].as_array().expect("tags");
    for operation in &operations {
        let name = operation.name();
        let value = operation.value;
        let words = |field: &str| value[field].as_str().unwrap_or_default();
        assert!(words("summary").ends_with('.'), "{name}: {}", words("summary"));
        assert!(!words("description").is_empty(), "{name} has no description");
        let known = |tag: &Value| tags.iter().any(|known| known["name"] == *tag);
        assert!(
            value["tags"].as_array().is_some_and(|tags| tags.iter().all(known)),
            "{name}"
        );
        for parameter in operation.parameters() {
            let its = format!("{name}, parameter {}", parameter["name"]);
            assert!(parameter["description"].is_string(), "{its} has no description");
            let cursor = ["after", "before"].contains(&parameter["name"].as_str().unwrap_or_default());
            assert!(cursor || parameter.get("example").is_some(), "{its} has no example");
        }
        check_responses(&document, operation);
    }
}

fn check_responses(document: &Document, operation: &Operation<'_>) {
    let name = operation.name();
    let is_open = operation.value["security"].as_array().is_some_and(Vec::is_empty);
    for status in ["401", "429"] {
        assert_eq!(
            operation.response(document, status).is_none(),
            is_open,
            "{name}: {status}"
        );
    }
    assert!(is_open || operation.response(document, "503").is_some(), "{name}: 503");
    let has_body = operation.value.get("requestBody").is_some();
    assert_eq!(operation.response(document, "408").is_some(), has_body, "{name}: 408");
    for status in ["400", "507"] {
        assert!(
            !has_body || operation.response(document, status).is_some(),
            "{name}: {status}"
        );
    }
    let has_path = operation.path.contains('{');
    assert_eq!(operation.response(document, "404").is_some(), has_path, "{name}: 404");
    for status in operation.statuses() {
        let response = operation.response(document, status).expect("a response");
        assert!(
            response["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{name}: {status}"
        );
        let is_described = |header: &str| response["headers"][header]["description"].is_string();
        for header in ["RateLimit", "RateLimit-Policy"] {
            assert_eq!(is_described(header), !is_open, "{name}: {status}, {header}");
        }
        assert_eq!(is_described("Retry-After"), status == "429", "{name}: {status}");
        let kinds: Vec<&String> = response["content"]
            .as_object()
            .map(|kinds| kinds.keys().collect())
            .unwrap_or_default();
        let is_begun = operation.id() == "begin_upload" && status == "201";
        let is_bare = is_begun || operation.method == "head" || ["204", "304"].contains(&status);
        match (is_bare, status >= "400") {
            (true, _) => assert!(kinds.is_empty(), "{name}: {status} has no body"),
            (false, true) => assert_eq!(kinds, ["application/problem+json"], "{name}: {status}"),
            (false, false) => assert!(!kinds.is_empty(), "{name}: {status}"),
        }
    }
}

#[tokio::test]
async fn alerts_and_disks_are_described_with_all_their_words() {
    let site = Site::open().await;
    let document = document(&site).await;
    let words = |schema: &str, property: &str| {
        let schema = &document.0["components"]["schemas"][schema];
        schema["properties"][property]["enum"].clone()
    };
    assert_eq!(words("AlertView", "subject"), json!(Subject::ALL.map(Subject::as_str)));
    assert_eq!(words("DiskView", "used_for"), json!(DiskUse::ALL.map(DiskUse::as_str)));
}

#[tokio::test]
async fn every_example_is_one_that_its_schema_allows() {
    let site = Site::open().await;
    let document = document(&site).await;
    for (name, schema) in document.0["components"]["schemas"].as_object().expect("schemas") {
        let example = schema.get("example").unwrap_or_else(|| panic!("{name} has no example"));
        document.check(schema, example, name);
    }
    for (name, response) in document.0["components"]["responses"].as_object().expect("responses") {
        check_headers(response, name);
    }
    for operation in document.operations() {
        for parameter in operation.parameters() {
            if let Some(example) = parameter.get("example") {
                let its = format!("{}, parameter {}", operation.name(), parameter["name"]);
                document.check(&parameter["schema"], example, &its);
            }
        }
        for status in operation.statuses() {
            check_headers(&operation.value["responses"][status], &operation.name());
            let response = operation.response(&document, status).expect("a response");
            let problem = &response["content"]["application/problem+json"];
            if problem.is_object() {
                document.check(&problem["schema"], &problem["example"], &operation.name());
            }
        }
    }
}

/// Of a response as it is written. One that only refers to another has none.
fn check_headers(response: &Value, what: &str) {
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let is_right = jsonschema::is_valid(&header["schema"], &header["example"]);
        assert!(is_right, "{what}: {name}");
    }
}

#[tokio::test]
async fn the_router_and_the_description_know_the_same_operations() {
    let site = Site::open().await;
    let document = document(&site).await;
    let operations = document.operations();
    for path in document.0["paths"].as_object().expect("paths").keys() {
        let of_path = || operations.iter().filter(move |operation| operation.path == path);
        let mut described: BTreeSet<String> = of_path().map(|operation| operation.method.to_uppercase()).collect();
        if described.contains("GET") {
            described.insert("HEAD".to_owned());
        }
        let plain = path
            .replace("{id}", "1")
            .replace("{catalog_id}", "1")
            .replace("{delivery}", "1");
        let server = of_path().find_map(Operation::server);
        for prefix in server.map_or(vec!["/api/v1", "/api"], |server| vec![server]) {
            let request = site.with_key("PROPFIND", &format!("{prefix}{}", plain.replace("{sha256}", "1")));
            let response = request
                .header("tus-resumable", "1.0.0")
                .send()
                .await
                .expect("an answer");
            assert_eq!(response.status(), 405, "{path}");
            let known: BTreeSet<String> = header(&response, "allow")
                .split(',')
                .map(|word| word.trim().to_owned())
                .collect();
            assert_eq!(known, described, "{prefix}{path}");
        }
    }
    // What is not added with its description would be nowhere in it.
    for source in [
        include_str!("../../src/api/mod.rs"),
        include_str!("../../src/api/uploads.rs"),
        include_str!("../../src/api/resumable.rs"),
    ] {
        assert!(!source.contains(".route("));
    }
}

async fn every_operation_answers_as_it_says(kind: Kind, prefix: &'static str) {
    let site = Site::open_with(kind, |_| ()).await;
    let document = document(&site).await;
    let mut journey = Journey::new(&site, &document, prefix);
    journey.catalogues().await;
    journey.products().await;
    journey.webhooks().await;
    journey.schedules().await;
    journey.imports().await;
    journey.checked_imports().await;
    journey.uploads().await;
    journey.many_products().await;
    journey.the_rest().await;
    let all: BTreeSet<&str> = document.operations().iter().map(|operation| operation.id()).collect();
    assert_eq!(journey.called, all, "each operation is called");
}

#[tokio::test]
async fn every_operation_answers_as_it_says_on_sqlite() {
    every_operation_answers_as_it_says(Kind::Sqlite, "/api/v1").await;
}

#[tokio::test]
async fn every_operation_answers_as_it_says_on_postgres_and_under_the_other_prefix() {
    every_operation_answers_as_it_says(Kind::Postgres, "/api").await;
}

#[tokio::test]
async fn what_no_extractor_can_read_is_told_as_a_problem() {
    let site = Site::open().await;
    for (method, path, body, status) in [
        ("GET", "/api/v1/products/%ff", String::new(), 404),
        ("GET", "/api/v1/webhooks/1/deliveries/%ff", String::new(), 404),
        ("POST", "/api/v1/webhooks/1/test", " ".repeat(3_000_000), 413),
        ("POST", "/api/v1/imports?check=perhaps", String::new(), 400),
        ("POST", "/api/v1/imports?colour=red", String::new(), 400),
        ("GET", "/api/v1/products?catalog_id=0", String::new(), 400),
        ("GET", "/api/v1/products?page=10000001", String::new(), 400),
        // What has begun to be streamed could only break off.
        ("GET", "/api/v1/products/export?description=ab", String::new(), 400),
    ] {
        let response = site.with_key(method, path).body(body).send().await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (status, "application/problem+json"),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_key_that_is_known_does_not_excuse_the_rest_of_a_request() {
    let site = Site::open().await;
    site.import("sku,name\nA,Mug\n").await;
    let nobody = json!({"confirm": true, "ids": []});
    for (path, status) in [
        ("/api/v1/imports/1/undo", 202),
        ("/api/v1/imports/0/undo", 404),
        ("/api/v1/imports/0/repeat", 404),
        ("/api/v1/imports?check=perhaps", 400),
        ("/api/v1/products/bulk-delete", 422),
    ] {
        let request = site.with_key("POST", path).header("idempotency-key", "once");
        let answer = request.json(&nobody).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn both_readers_of_the_description_load_nothing_from_elsewhere() {
    let site = Site::open().await;
    for path in ["/docs/", "/redoc"] {
        let response = site.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'self'"), "{path}: {policy}");
        let own = ["'self'", "'none'", "'unsafe-inline'", "data:", "blob:"];
        for directive in policy.split(';') {
            let mut sources = directive.split_whitespace().skip(1);
            assert!(sources.all(|source| own.contains(&source)), "{path}: {directive}");
        }
        let page = response.text().await.expect("a page");
        let addresses = ["src=\"", "href=\"", "spec-url=\""].map(|mark| page.split(mark).skip(1));
        for address in addresses.into_iter().flatten() {
            let address = address.split('"').next().unwrap_or_default();
            assert!(!address.contains("//"), "{path}: {address}");
            let file = format!("/docs/{}", address.trim_start_matches("./"));
            if address.starts_with("./") {
                assert_eq!(site.get(&file).await.status(), 200, "{path}: {address}");
            }
        }
    }
}
