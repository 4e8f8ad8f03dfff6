//! Nobody gets at anything of the shop without a session or a key, and no other site can act for somebody who has one.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::site::{EMAIL, PASSWORD, Site, cookie, header};

/// Every operation of the description, with numbers in place of its parameters.
fn operations(description: &Value) -> Vec<(String, String)> {
    let paths = description["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        item.as_object()
            .expect("operations")
            .keys()
            .map(|method| (method.to_uppercase(), path.clone()))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn every_operation_but_health_turns_nobody_away_with_401() {
    let site = Site::open().await;
    let operations = operations(&site.json("/openapi.json").await);
    assert!(
        operations.len() > 15,
        "the description lists the operations: {operations:?}"
    );
    for prefix in ["/api/v1", "/api"] {
        for (method, path) in &operations {
            let response = site
                .request(method, &format!("{prefix}{path}"))
                .header("origin", "http://evil.example")
                .send()
                .await
                .expect("an answer");
            let expected = if path.starts_with("/health/") { 200 } else { 401 };
            assert_eq!(response.status(), expected, "{method} {prefix}{path}");
        }
    }
    for path in [
        "/products",
        "/imports",
        "/imports/new",
        "/imports/1",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/actions/list_products",
        "/nowhere",
    ] {
        assert_eq!(
            site.request("GET", path).send().await.expect("an answer").status(),
            401,
            "{path}"
        );
        let browser = site
            .request("GET", path)
            .header("accept", "text/html")
            .send()
            .await
            .expect("an answer");
        assert_eq!(browser.status(), 303, "{path}");
        assert!(header(&browser, "location").starts_with("/login?next="), "{path}");
    }
    for (name, value) in [
        ("authorization", "Bearer stk_wrong"),
        ("authorization", "Basic YTpi"),
        ("cookie", "stockroom=garbage"),
    ] {
        let response = site
            .request("GET", "/api/v1/products")
            .header(name, value)
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (401, "application/problem+json"),
            "{value}"
        );
    }
}

#[tokio::test]
async fn another_site_cannot_act_for_somebody_who_is_signed_in() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    for path in [
        "/imports/1/cancel",
        "/logout",
        "/preferences/theme",
        "/imports",
        "/api/v1/imports",
        "/login",
        "/setup",
    ] {
        for (name, value) in [
            ("origin", "null"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("x-nothing", "at all"),
        ] {
            let request = site
                .request("POST", path)
                .header("cookie", &session)
                .header(name, value)
                .form(&[("a", "b")]);
            assert_eq!(
                request.send().await.expect("an answer").status(),
                403,
                "{path} {name} {value}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out() {
    let site = Site::open().await;
    let form = [("email", EMAIL), ("password", "wrong password")];
    let refused = site.own_post("/login").form(&form).send().await.expect("an answer");
    let before = cookie(&refused).expect("a session with what was typed");
    site.sign_in().await;
    let form = [
        ("email", "ANA@example.com"),
        ("password", PASSWORD),
        ("next", "https://evil.example"),
    ];
    let response = site
        .own_post("/login")
        .header("cookie", &before)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/"));
    let set = header(&response, "set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let after = cookie(&response).expect("a session");
    assert_ne!(before, after);
    let with = |cookie: String| site.request("GET", "/api/v1/products").header("cookie", cookie).send();
    assert_eq!(with(before).await.expect("an answer").status(), 401);
    assert_eq!(with(after.clone()).await.expect("an answer").status(), 200);
    site.own_post("/logout")
        .header("cookie", &after)
        .send()
        .await
        .expect("an answer");
    assert_eq!(with(after).await.expect("an answer").status(), 401);
}

#[tokio::test]
async fn the_first_account_needs_the_printed_address_and_is_the_last_of_its_kind() {
    let site = Site::open().await;
    let set_up = |token: String, password: &'static str| {
        site.own_post("/setup")
            .form(&[
                ("token", token),
                ("email", EMAIL.to_owned()),
                ("password", password.to_owned()),
            ])
            .send()
    };
    let wrong = set_up("guess".into(), PASSWORD).await.expect("an answer");
    assert_eq!(header(&wrong, "location"), "/setup?token=guess");
    let short = set_up(site.setup_token.clone(), "short").await.expect("an answer");
    assert!(header(&short, "location").starts_with("/setup?token="));
    let right = set_up(site.setup_token.clone(), PASSWORD).await.expect("an answer");
    assert_eq!(
        (
            right.status().as_u16(),
            header(&right, "location"),
            cookie(&right).is_some()
        ),
        (303, "/", true)
    );
    let again = set_up(site.setup_token.clone(), PASSWORD).await.expect("an answer");
    assert_eq!(again.status(), 404);
}

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
