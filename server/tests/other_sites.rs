//! Scripts of other sites may use the API with a key where the operator says so, and nothing else.

use reqwest::Response;
use serde_json::json;

use crate::site::{Site, header};

const TILL: &str = "https://till.example.com";

async fn open() -> Site {
    Site::open_limited(|state| state.policy.cors_origins = vec![TILL.parse().expect("an origin")]).await
}

async fn preflight(site: &Site, path: &str, origin: &str) -> Response {
    let asked = site
        .request("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,if-match");
    asked.send().await.expect("an answer")
}

fn allowed(response: &Response) -> &str {
    header(response, "access-control-allow-origin")
}

#[tokio::test]
async fn a_browser_is_told_without_a_key_what_a_named_site_may() {
    let site = open().await;
    for path in ["/api/v1/products/1", "/api/products/1", "/api/v1/uploads/abc"] {
        let answer = preflight(&site, path, TILL).await;
        assert_eq!((answer.status().as_u16(), allowed(&answer)), (200, TILL), "{path}");
        assert!(header(&answer, "access-control-allow-methods").contains("PATCH"));
        let headers = header(&answer, "access-control-allow-headers");
        for wanted in [
            "authorization",
            "content-type",
            "if-match",
            "idempotency-key",
            "upload-offset",
        ] {
            assert!(headers.contains(wanted), "{wanted} in {headers}");
        }
        assert_eq!(
            header(&answer, "access-control-allow-credentials"),
            "",
            "no cookie counts"
        );
        assert!(header(&answer, "vary").contains("origin"));
    }
    for (path, origin) in [
        ("/api/v1/products/1", "https://evil.example"),
        ("/api/v1/products/1", "https://till.example.com:444"),
        ("/api/v1/products/1", "null"),
        ("/products/1", TILL),
        ("/ingest", TILL),
        ("/login", TILL),
    ] {
        let answer = preflight(&site, path, origin).await;
        assert_eq!(allowed(&answer), "", "{origin} at {path}");
    }
}

#[tokio::test]
async fn its_scripts_read_and_change_with_a_key_and_see_the_headers_they_need() {
    let site = open().await;
    let as_script = |method: &str, path: &str| {
        let request = site.request(method, path);
        request.header("origin", TILL).header("sec-fetch-site", "cross-site")
    };
    let new = as_script("POST", "/api/v1/products").bearer_auth(&site.key);
    let added = new
        .json(&json!({"sku": "A", "name": "Mug"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!((added.status().as_u16(), allowed(&added)), (201, TILL));
    let seen = header(&added, "access-control-expose-headers");
    for wanted in [
        "etag",
        "location",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "x-request-id",
    ] {
        assert!(seen.split(',').any(|name| name == wanted), "{wanted} in {seen}");
    }
    let nobody = as_script("GET", "/api/v1/products").send().await.expect("an answer");
    assert_eq!(
        (nobody.status().as_u16(), allowed(&nobody)),
        (401, TILL),
        "it can read why"
    );

    let session = site.sign_in().await;
    let with_cookie = as_script("POST", "/api/v1/products").header("cookie", &session);
    let refused = with_cookie
        .json(&json!({"sku": "B", "name": "Cup"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status(), 403, "somebody else's session is none of its business");
    let page = as_script("GET", "/products")
        .header("cookie", &session)
        .send()
        .await
        .expect("an answer");
    assert_eq!((page.status().as_u16(), allowed(&page)), (200, ""));
}

#[tokio::test]
async fn nothing_is_open_where_no_site_is_named() {
    let site = Site::open().await;
    let answer = preflight(&site, "/api/v1/products/1", TILL).await;
    assert_eq!((answer.status().as_u16(), allowed(&answer)), (401, ""));
    let read = site
        .with_key("GET", "/api/v1/products")
        .header("origin", TILL)
        .send()
        .await
        .expect("an answer");
    assert_eq!((read.status().as_u16(), allowed(&read)), (200, ""));
}

#[tokio::test]
async fn what_tus_asks_is_answered_as_before() {
    let site = open().await;
    let asked = site
        .with_key("OPTIONS", "/api/v1/uploads")
        .send()
        .await
        .expect("an answer");
    assert_eq!((asked.status().as_u16(), header(&asked, "tus-version")), (204, "1.0.0"));
}
