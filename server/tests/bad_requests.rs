//! Bad input to the API and to sessions: each is answered in words, none with a failure of ours, and nothing is guessed.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::site::{Site, cookie, header};

async fn status(site: &Site, method: &str, path: &str, body: impl Into<reqwest::Body>) -> u16 {
    let request = site.with_key(method, path).header("content-type", "application/json");
    request.body(body).send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn n46_json_that_is_deep_double_broken_or_endless() {
    let site = Site::open().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nested = format!("{{\"sku\":\"a\",\"name\":{deep}}}");
    for (body, expected) in [
        (deep, 400),
        (nested, 400),
        ("{\"sku\":\"a\",\"name\":\"b\",\"sku\":\"c\"}".to_owned(), 400),
        ("{\"sku\":\"a\",\"name\":\"b\"} trailing".to_owned(), 400),
        ("".to_owned(), 400),
        ("[1,2]".to_owned(), 400),
        ("\"text\"".to_owned(), 400),
        (format!("{{\"sku\":\"a\",\"name\":\"{}\"}}", "x".repeat(3_000_000)), 413),
    ] {
        let beginning: String = body.chars().take(40).collect();
        assert_eq!(
            status(&site, "POST", "/api/v1/products", body).await,
            expected,
            "{beginning}"
        );
    }
    let not_json = site
        .with_key("POST", "/api/v1/products")
        .body("sku=a")
        .send()
        .await
        .expect("an answer");
    assert_eq!(not_json.status(), 415);
    assert_eq!(site.json("/api/v1/products").await["total"], 0);
}

#[tokio::test]
async fn n47_n49_pages_sizes_cursors_and_names_that_do_not_exist() {
    let site = Site::open().await;
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
        "sort=password_hash",
        "sort=price;drop",
        "password_hash=a",
        "catalog_id=first",
        "ids=1,two",
    ] {
        let response = site.get(&format!("/api/v1/products?{query}")).await;
        let kind = header(&response, "content-type").to_owned();
        assert_eq!(
            (response.status().as_u16(), kind.as_str()),
            (400, "application/problem+json"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn n48_what_is_looked_for_is_text() {
    let site = Site::open().await;
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
    ] {
        let page = site.json(&format!("/api/v1/products?name={sought}")).await;
        assert_eq!(page["total"], found, "{sought}");
    }
    let long = site.get(&format!("/api/v1/products?q={}", "x".repeat(5_000))).await;
    assert_eq!(long.status(), 400);
    let longer = site.get(&format!("/api/v1/products?q={}", "x".repeat(60_000))).await;
    assert!(
        [
            StatusCode::BAD_REQUEST,
            StatusCode::URI_TOO_LONG,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
        ]
        .contains(&longer.status())
    );
}

#[tokio::test]
async fn n50_n51_fields_that_nobody_sets_and_versions_that_are_over() {
    let site = Site::open().await;
    site.import("sku,name\nA,Mug\n").await;
    let patch = |body: Value, tag: Option<&'static str>| {
        let request = site.with_key("PATCH", "/api/v1/products/1").json(&body);
        let request = match tag {
            Some(tag) => request.header("if-match", tag),
            None => request,
        };
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    for name in ["id", "created_at", "catalog_name", "colour"] {
        assert_eq!(patch(json!({name: "x"}), None).await, 422, "{name}");
    }
    assert_eq!(patch(json!({"name": "Cup"}), Some("\"7\"")).await, 409);
    assert_eq!(patch(json!({"name": "Cup", "version": 7}), None).await, 409);
    assert_eq!(patch(json!({"name": "Cup"}), Some("yesterday")).await, 400);
    assert_eq!(patch(json!({"name": "Cup"}), Some("\"1\"")).await, 200);
}

#[tokio::test]
async fn n52_two_at_once_want_one_sku() {
    let site = Site::open().await;
    let create = |sku: &'static str| {
        site.with_key("POST", "/api/v1/products")
            .json(&json!({"sku": sku, "name": "Mug"}))
            .send()
    };
    let (one, other) = tokio::join!(create("dup-1"), create("DUP-1"));
    let mut told = [
        one.expect("an answer").status().as_u16(),
        other.expect("an answer").status().as_u16(),
    ];
    told.sort_unstable();
    assert_eq!(told, [201, 409]);
}

#[tokio::test]
async fn n54_n55_ids_and_methods_that_lead_nowhere() {
    let site = Site::open().await;
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
        for path in ["products", "catalogs", "imports", "jobs"] {
            assert_eq!(
                site.get(&format!("/api/v1/{path}/{id}")).await.status(),
                404,
                "{path}/{id}"
            );
        }
    }
    for (method, path, expected) in [
        ("TRACE", "/api/v1/products", 405),
        ("TRACE", "/products", 405),
        ("PROPFIND", "/api/v1/products/1", 405),
        ("HEAD", "/api/v1/imports", 200),
        ("HEAD", "/api/v1/imports/7", 404),
    ] {
        let response = site.with_key(method, path).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), expected, "{method} {path}");
    }
    let options = site
        .with_key("OPTIONS", "/api/v1/products")
        .send()
        .await
        .expect("an answer");
    assert!(options.status().as_u16() < 500);
    site.import("sku,name\nA,Mug\n").await;
    let overridden = site
        .with_key("POST", "/api/v1/products/1")
        .header("x-http-method-override", "DELETE");
    assert_eq!(overridden.send().await.expect("an answer").status(), 405);
    assert_eq!(site.json("/api/v1/products").await["total"], 1);
}

#[tokio::test]
async fn n56_cookies_that_are_nobodys() {
    let site = Site::open().await;
    let signed_in = site.sign_in().await;
    let unknown = "stockroom=AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    for (cookie, expected) in [
        (unknown.clone(), 401),
        (format!("stockroom={}", "x".repeat(8_000)), 401),
        ("stockroom=".to_owned(), 401),
        ("stockroom=%00%ff; theme=nonsense".to_owned(), 401),
        (signed_in.clone(), 200),
    ] {
        let response = site
            .request("GET", "/api/v1/products")
            .header("cookie", &cookie)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), expected, "{}", &cookie[..cookie.len().min(40)]);
    }
    // Two of them: whichever is looked at, nobody is let in who could not have come in with one.
    let two = format!("{unknown}; {signed_in}");
    let response = site
        .request("GET", "/api/v1/products")
        .header("cookie", two)
        .send()
        .await
        .expect("an answer");
    assert!([200, 401].contains(&response.status().as_u16()));
}

#[tokio::test]
async fn n59_forms_from_elsewhere() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    for (name, value) in [
        ("origin", "null"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("x-nothing", ""),
    ] {
        for path in [
            "/products",
            "/products/bulk",
            "/settings/users",
            "/settings/api-keys",
            "/views",
            "/invite",
            "/settings/password",
        ] {
            let request = site
                .request("POST", path)
                .header("cookie", &session)
                .header(name, value)
                .header("accept", "text/html");
            let response = request.form(&[("a", "b")]).send().await.expect("an answer");
            assert_eq!(response.status(), 403, "{path} {name}: {value}");
            assert!(cookie(&response).is_none());
        }
    }
}

#[tokio::test]
async fn n60_streams_of_what_is_not_there_and_too_many_of_them() {
    let site = Site::open().await;
    assert_eq!(site.get("/api/v1/imports/99/events").await.status(), 404);
    let import = site.import("sku,name\nA,Mug\n").await;
    let path = format!("/api/v1/imports/{}/events", import["job_id"]);
    let again = site
        .with_key("GET", &path)
        .header("last-event-id", "rubbish")
        .send()
        .await
        .expect("an answer");
    assert_eq!(again.status(), 200);
    assert!(again.text().await.expect("a stream that ends").contains("completed"));
}
