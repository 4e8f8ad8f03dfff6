//! What every answer carries, and what odd requests are told.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::site::{Site, header};

#[tokio::test]
async fn answers_carry_headers_that_keep_browsers_careful() {
    let site = Site::open().await;
    for path in ["/api/v1/products", "/health/live", "/login"] {
        let response = site.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(header(&response, name), value, "{path}");
        }
        let policy = header(&response, "content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
            "{path}: {policy}"
        );
        assert!(!header(&response, "x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn both_versions_of_http_are_spoken() {
    let site = Site::open().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build();
    let request = client.expect("a client").get(site.url("/health/live"));
    let answered = request.send().await.expect("an answer");
    assert_eq!(
        (answered.version(), answered.status()),
        (reqwest::Version::HTTP_2, reqwest::StatusCode::OK)
    );
    // The first letters could be those of either.
    let mut connection = site.connect().await;
    connection.set_nodelay(true).expect("a socket");
    for piece in ["P", "RIVATE", " / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"] {
        connection.write_all(piece.as_bytes()).await.expect("sent");
    }
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn half_sent_headers_are_cut_off() {
    let site = Site::open().await;
    let mut connection = site.connect().await;
    connection
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        .await
        .expect("sent");
    let began = Instant::now();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(25), connection.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "still open after {:?}", began.elapsed());
    assert!(began.elapsed() > Duration::from_secs(10), "a slow client has time");
}

#[tokio::test]
async fn wrong_methods_and_addresses_are_told_as_problems() {
    let site = Site::open().await;
    for (method, path, status) in [
        ("DELETE", "/api/v1/imports", 405),
        ("PUT", "/api/v1/imports/1", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/products/abc", 404),
        ("GET", "/api/v1/products/99999999999999999999", 404),
        ("GET", "/api/v1/imports/7", 404),
        ("POST", "/api/v1/imports/7/cancel", 404),
        ("GET", "/api/v1/imports/7/problems.csv", 404),
        ("GET", "/api/v1/imports/7/events", 404),
    ] {
        let response = site.with_key(method, path).send().await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (status, "application/problem+json"),
            "{method} {path}"
        );
    }
    let head = site
        .with_key("HEAD", "/api/v1/products")
        .send()
        .await
        .expect("an answer");
    assert_eq!(head.status(), 200);
}
