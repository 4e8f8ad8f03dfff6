//! 46 to 55: requests of programs, each answered in words.

use serde_json::{Value, json};
use stockroom::accounts::Role;
use stockroom::testing::Kind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::answers::text;
use crate::site::{Site, ask, header, new_key};

async fn sent(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.expect("an answer").status().as_u16()
}

pub async fn odd_json(kind: Kind) {
    let site = Site::on(kind).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for (body, expected) in [
        (format!("{{\"sku\":\"a\",\"name\":{deep}}}"), 400),
        (deep, 400),
        ("{\"sku\":\"a\",\"name\":\"b\",\"sku\":\"c\"}".to_owned(), 400),
        ("{\"sku\":\"a\",\"name\":\"b\"} trailing".to_owned(), 400),
        (String::new(), 400),
        ("[1,2]".to_owned(), 400),
        ("\"text\"".to_owned(), 400),
        ("{\"sku\":\"a\",\"name\":\"\\ud800\"}".to_owned(), 400),
        ("{\"sku\":\"a\\u0000\",\"name\":\"b\"}".to_owned(), 422),
        ("{\"sku\":\"a\",\"name\":\"b\\u0000\"}".to_owned(), 422),
        (format!("{{\"sku\":\"a\",\"name\":\"{}\"}}", "x".repeat(3_000_000)), 413),
    ] {
        let beginning: String = body.chars().take(40).collect();
        let request = site
            .with_key("POST", "/api/v1/products")
            .header("content-type", "application/json");
        assert_eq!(sent(request.body(body)).await, expected, "{beginning}");
    }
    assert_eq!(sent(site.with_key("POST", "/api/v1/products").body("sku=a")).await, 415);
    assert_eq!(site.json("/api/v1/products").await["total"], 0);
}

async fn not_understood(site: &Site, path: &str) {
    let response = site.get(path).await;
    let answer = (response.status().as_u16(), header(&response, "content-type"));
    assert_eq!(answer, (400, "application/problem+json"), "{path}");
}

pub async fn odd_pages(kind: Kind) {
    let site = Site::on(kind).await;
    for query in [
        "page=0",
        "page=-1",
        "page=1e18",
        "page=99999999999999999999",
        "size=0",
        "size=1000000",
        "after=forged",
        "after=9~",
        "before=%00",
        "after=1~~sku~%00",
        "after=1~~a",
        "after=1~~name~a",
        "after=1~~imports~",
        "sort=name&after=1~~name~a%00b",
        "sort=name&after=1~~-name~a",
        "sort=price&after=1~~price~dear",
        "sort=-updated_at&before=1~~-updated_at~yesterday",
        "page=1&after=1~~sku~a",
    ] {
        not_understood(&site, &format!("/api/v1/products?{query}")).await;
    }
    for list in ["imports", "catalogs", "webhooks", "schedules"] {
        for cursor in ["1~~sku~a", "1~~products~", "1~~", "7"] {
            not_understood(&site, &format!("/api/v1/{list}?after={cursor}")).await;
        }
    }
    // A function of the pages, called by hand.
    for query in [
        "query[q]=%00",
        "query[sku]=a%00",
        "query[created_after]=soon",
        "page[after]=1~~sku~%00",
    ] {
        let response = site.get(&format!("/actions/list_products?{query}")).await;
        assert!(response.status().as_u16() < 500, "{query}: {}", response.status());
    }
}

pub async fn odd_searches(kind: Kind) {
    let site = Site::on(kind).await;
    site.import("sku,name\nA,100% wool\nB,under_score\nC,it's\nD,plain\nE,a.*b\n")
        .await;
    for (sought, found) in [
        ("100%25", 1),
        ("%25%25%25", 0),
        ("_score", 1),
        ("r_s", 1),
        ("it's", 1),
        ("a.*", 1),
        ("x' OR '1'='1", 0),
        ("\"", 0),
        ("\"a\" AND b*", 0),
        ("\\", 0),
    ] {
        for field in ["name", "q"] {
            let page = site.json(&format!("/api/v1/products?{field}={sought}")).await;
            assert_eq!(page["total"], found, "{field}={sought}");
        }
    }
    for query in ["q=%00".to_owned(), format!("q={}", "x".repeat(5_000))] {
        not_understood(&site, &format!("/api/v1/products?{query}")).await;
    }
    let long = site.get(&format!("/api/v1/products?q={}", "x".repeat(60_000))).await;
    assert!([400, 414, 431].contains(&long.status().as_u16()), "{}", long.status());
    // Of more than 64 KB this client makes no address.
    let mut connection = site.connect().await;
    let endless = format!(
        "GET /api/v1/products?q={} HTTP/1.1\r\nHost: a\r\n\r\n",
        "x".repeat(100_000)
    );
    // It may be answered before all of it is there.
    drop(connection.write_all(endless.as_bytes()).await);
    let mut answer = Vec::new();
    drop(connection.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        ["HTTP/1.1 414", "HTTP/1.1 431"]
            .iter()
            .any(|status| answer.starts_with(status)),
        "{answer}"
    );
}

pub async fn unknown_columns(kind: Kind) {
    let site = Site::on(kind).await;
    for query in [
        "sort=password_hash",
        "sort=price;drop",
        "password_hash=a",
        "catalog_id=first",
        "ids=1,two",
        "active=perhaps",
        "created_after=soon",
    ] {
        not_understood(&site, &format!("/api/v1/products?{query}")).await;
    }
}

/// A product, and the status when it is changed so.
async fn changed(site: &Site, body: Value, tag: Option<&str>) -> u16 {
    let request = site.with_key("PATCH", "/api/v1/products/1").json(&body);
    sent(match tag {
        Some(tag) => request.header("if-match", tag),
        None => request,
    })
    .await
}

pub async fn fields_that_nobody_sets(kind: Kind) {
    let site = Site::on(kind).await;
    site.import("sku,name\nA,Mug\n").await;
    for name in ["id", "created_at", "catalog_name", "colour", "version_"] {
        assert_eq!(changed(&site, json!({name: "x"}), None).await, 422, "{name}");
    }
    assert_eq!(site.json("/api/v1/products/1").await["version"], 1);
}

pub async fn stale_versions(kind: Kind) {
    let site = Site::on(kind).await;
    site.import("sku,name\nA,Mug\n").await;
    assert_eq!(changed(&site, json!({"name": "Cup"}), Some("\"7\"")).await, 409);
    assert_eq!(changed(&site, json!({"name": "Cup", "version": 7}), None).await, 409);
    for tag in [
        "yesterday",
        "",
        "\"\"",
        "\"1",
        "+1",
        "\"1\", \"2\"",
        "\"99999999999999999999\"",
    ] {
        assert_eq!(changed(&site, json!({"name": "Cup"}), Some(tag)).await, 400, "{tag}");
    }
    assert_eq!(changed(&site, json!({"name": "Cup"}), Some("\"1\"")).await, 200);
    assert_eq!(changed(&site, json!({"name": "Jug"}), Some("\"1\"")).await, 409);
    assert_eq!(site.json("/api/v1/products/1").await["name"], "Cup");
    // As proxies that compress write it, and whatever the version is.
    assert_eq!(changed(&site, json!({"name": "Jug"}), Some("W/\"1\"")).await, 409);
    assert_eq!(changed(&site, json!({"name": "Jug"}), Some("W/\"2\"")).await, 200);
    assert_eq!(changed(&site, json!({"name": "Pot"}), Some("*")).await, 200);
}

pub async fn two_of_one_sku(kind: Kind) {
    let site = Site::on(kind).await;
    for round in 0..5 {
        let create = |sku: String| {
            let request = site.with_key("POST", "/api/v1/products");
            let request = request.json(&json!({"sku": sku, "name": format!("Mug {round}")}));
            async {
                let response = request.send().await.expect("an answer");
                (
                    response.status().as_u16(),
                    response.json::<Value>().await.expect("JSON"),
                )
            }
        };
        let (one, other) = tokio::join!(create(format!("dup-{round}")), create(format!("DUP-{round}")));
        let (made, refused) = if one.0 < other.0 { (one, other) } else { (other, one) };
        assert_eq!((made.0, refused.0), (201, 409));
        let said = refused.1["detail"].as_str().expect("words");
        assert!(said.contains(&format!("already used by Mug {round}")), "{said}");
    }
}

async fn filled(site: &Site) {
    let rows: String = (0..30).map(|n| format!("mug-{n:02},Mug\n")).collect();
    site.import(format!("sku,name\n{rows}")).await;
}

async fn total(site: &Site) -> i64 {
    site.json("/api/v1/products").await["total"].as_i64().expect("a number")
}

pub async fn unconfirmed_deletions(kind: Kind) {
    let site = Site::on(kind).await;
    filled(&site).await;
    const MANY: &str = "/products/bulk-delete";
    for (method, path, body) in [
        ("DELETE", "/products", None),
        ("DELETE", "/products?confirm=false", None),
        ("DELETE", "/products/bulk", None),
        ("DELETE", "/products?confirm=true&colour=red", None),
        ("DELETE", "/products?confirm=true&active=maybe", None),
        ("POST", MANY, Some(json!({"all": true}))),
        ("POST", MANY, Some(json!({"confirm": "yes", "all": true}))),
        ("POST", MANY, Some(json!({"confirm": true}))),
        ("POST", MANY, Some(json!({"confirm": true, "all": true, "ids": [1]}))),
        ("POST", MANY, Some(json!({"confirm": true, "filter": {}}))),
        ("POST", "/products/bulk", Some(json!({"action": "delete", "all": true}))),
    ] {
        let (status, problem) = ask(&site, method, path, body.clone()).await;
        assert_eq!(status, 400, "{method} {path} {body:?}: {problem}");
    }
    for body in [
        json!({"confirm": true, "ids": []}),
        json!({"confirm": true, "ids": ["one"]}),
        json!({"confirm": true, "filter": {"colour": "red"}}),
        json!({"confirm": true, "ids": (0..10_001).collect::<Vec<i64>>()}),
        json!({"confirm": true, "all": true, "really": true}),
    ] {
        let (status, problem) = ask(&site, "POST", MANY, Some(body)).await;
        assert_eq!(status, 422, "{problem}");
    }
    assert_eq!(total(&site).await, 30);
    let delete = || async {
        let request = site
            .with_key("DELETE", "/api/v1/products?confirm=true")
            .header("idempotency-key", "all");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 202);
        answer.json::<Value>().await.expect("JSON")["job_id"]
            .as_i64()
            .expect("an id")
    };
    let (one, other) = (delete().await, delete().await);
    assert_eq!(one, other, "asked twice, it is done once");
    assert_eq!(text(&site.last_event(one).await["status"]), "completed");
    assert_eq!(total(&site).await, 0);
}

pub async fn ids_that_lead_nowhere(kind: Kind) {
    let site = Site::on(kind).await;
    for id in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1e3",
        "%00",
        "..%2f1",
        "null",
    ] {
        for path in ["products", "catalogs", "imports", "jobs", "webhooks"] {
            assert_eq!(
                site.get(&format!("/api/v1/{path}/{id}")).await.status(),
                404,
                "{path}/{id}"
            );
        }
    }
    // An upload is nobody's but who began it.
    let begun = site
        .with_key("POST", "/api/v1/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 9)
        .header("upload-metadata", "filename cHJpY2VzLmNzdg==");
    let begun = begun.send().await.expect("an answer");
    let other = new_key(&site.shop, "other", Role::Admin).await;
    for (key, expected) in [(&site.key, 200), (&other, 404)] {
        let request = site.request("HEAD", header(&begun, "location")).bearer_auth(key);
        assert_eq!(sent(request.header("tus-resumable", "1.0.0")).await, expected);
    }
}

pub async fn odd_methods(kind: Kind) {
    let site = Site::on(kind).await;
    for (method, path, expected) in [
        ("TRACE", "/api/v1/products", 405),
        ("TRACE", "/products", 405),
        ("PROPFIND", "/api/v1/products/1", 405),
        ("HEAD", "/api/v1/imports", 200),
        ("HEAD", "/api/v1/imports/7", 404),
    ] {
        assert_eq!(sent(site.with_key(method, path)).await, expected, "{method} {path}");
    }
    assert!(sent(site.with_key("OPTIONS", "/api/v1/products")).await < 500);
    site.import("sku,name\nA,Mug\n").await;
    let overridden = site
        .with_key("POST", "/api/v1/products/1")
        .header("x-http-method-override", "DELETE");
    assert_eq!(sent(overridden).await, 405);
    assert_eq!(total(&site).await, 1);
}
