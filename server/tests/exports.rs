//! How far an export is, is told to the session that has asked for it and to nobody else.

use std::time::Duration;

use serde_json::{Value, json};
use stockroom::accounts::Role;

use crate::site::{Site, header};

/// More than a connection and the tasks behind it hold while nobody reads.
async fn fill(site: &Site) {
    let text = "lorem ipsum ".repeat(80);
    let rows: String = (0..40_000).map(|n| format!("p-{n:05},Mug,{text}{n}\n")).collect();
    site.import(format!("sku,name,description\n{rows}")).await;
}

async fn asked(site: &Site, session: &str, word: &str) -> Value {
    let request = site
        .request("GET", &format!("/exports/{word}"))
        .header("cookie", session);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response.json().await.expect("JSON")
}

async fn download(site: &Site, session: &str, query: &str) -> reqwest::Response {
    let request = site.request("GET", &format!("/api/v1/products/export?{query}"));
    request.header("cookie", session).send().await.expect("an answer")
}

#[tokio::test]
async fn an_export_is_known_to_its_own_session_until_it_has_been_sent() {
    let site = Site::open().await;
    fill(&site).await;
    let own = site.sign_in().await;
    let other = site.sign_in_as("ben@example.com", Role::Admin).await;

    let file = download(&site, &own, "format=csv&progress=abc123").await;
    assert_eq!(file.status(), 200);
    let cookie = header(&file, "set-cookie");
    assert!(
        cookie.starts_with("export=abc123; Path=/") && !cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let known = asked(&site, &own, "abc123").await;
    assert!(known.is_object() && known["done"] == json!(false), "{known}");
    assert_eq!(asked(&site, &other, "abc123").await, Value::Null);
    assert_eq!(asked(&site, &own, "other").await, Value::Null);
    assert_eq!(site.json("/exports/abc123").await, Value::Null, "a key has no session");

    let lines = file.text().await.expect("a file").lines().count();
    assert_eq!(lines, 40_001);
    assert_eq!(asked(&site, &own, "abc123").await, Value::Null);
}

#[tokio::test]
async fn an_export_that_is_dropped_is_forgotten() {
    let site = Site::open().await;
    fill(&site).await;
    let session = site.sign_in().await;
    let file = download(&site, &session, "format=csv&progress=abc123").await;
    assert!(asked(&site, &session, "abc123").await.is_object());
    drop(file);
    let forgotten = async { while asked(&site, &session, "abc123").await.is_object() {} };
    let within = tokio::time::timeout(Duration::from_secs(30), forgotten).await;
    within.expect("it is forgotten");
}

#[tokio::test]
async fn a_word_is_letters_and_digits_and_may_be_left_out() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    for word in ["a%3B+Secure", "a%0D%0Ab", "%C3%BC", &"a".repeat(65)] {
        let refused = download(&site, &session, &format!("progress={word}")).await;
        assert_eq!(
            (refused.status().as_u16(), header(&refused, "set-cookie")),
            (400, ""),
            "{word}"
        );
    }
    let plain = download(&site, &session, "format=xlsx").await;
    assert_eq!((plain.status().as_u16(), header(&plain, "set-cookie")), (200, ""));
    let workbook = download(&site, &session, "format=xlsx&progress=abc").await;
    assert_eq!(workbook.status(), 200);
    assert!(header(&workbook, "set-cookie").starts_with("export=abc;"));

    let form = [("do", "export"), ("scope", "matching"), ("progress", "abc")];
    let post = |form: [(&'static str, &'static str); 3]| {
        site.own_post("/products/bulk")
            .header("cookie", &session)
            .form(&form)
            .send()
    };
    let response = post(form).await.expect("an answer");
    assert_eq!(
        header(&response, "location"),
        "/api/v1/products/export?format=csv&progress=abc"
    );
    let response = post([form[0], form[1], ("progress", "a&b=c")])
        .await
        .expect("an answer");
    assert_eq!(header(&response, "location"), "/api/v1/products/export?format=csv");
}
