//! 56 to 60: sessions, the door, and streams that stay open.

use std::time::Duration;

use reqwest::{Client, Response};
use stockroom::nodes::NodeRole;
use stockroom::testing::Kind;

use super::answers::text;
use crate::site::{EMAIL, PASSWORD, Site, cookie, header};

async fn with_cookie(site: &Site, cookie: &str) -> u16 {
    let request = site.request("GET", "/api/v1/products").header("cookie", cookie);
    request.send().await.expect("an answer").status().as_u16()
}

pub async fn odd_cookies(kind: Kind) {
    let site = Site::on(kind).await;
    let signed_in = site.sign_in().await;
    let unknown = "stockroom=AAAAAAAAAAAAAAAAAAAAAA";
    let endless = format!("stockroom={}", "x".repeat(8_000));
    for (cookie, expected) in [
        (unknown, 401),
        (endless.as_str(), 401),
        ("stockroom=", 401),
        ("stockroom=%00%ff; theme=nonsense", 401),
        (signed_in.as_str(), 200),
    ] {
        assert_eq!(
            with_cookie(&site, cookie).await,
            expected,
            "{}",
            &cookie[..cookie.len().min(40)]
        );
    }
    // The browser is told to forget a session that is not there.
    let request = site.request("GET", "/products").header("accept", "text/html");
    let to_the_door = request.header("cookie", unknown).send().await.expect("an answer");
    let forgotten = header(&to_the_door, "set-cookie");
    assert!(
        forgotten.starts_with("stockroom=;") && forgotten.contains("Max-Age=0"),
        "{forgotten}"
    );
    // Two of them: whichever is looked at, nobody is let in who could not have come in with one.
    assert!([200, 401].contains(&with_cookie(&site, &format!("{unknown}; {signed_in}")).await));
    let request = site.own_post("/logout").header("cookie", &signed_in);
    assert_eq!(request.send().await.expect("an answer").status(), 303);
    assert_eq!(with_cookie(&site, &signed_in).await, 401);
}

/// Tries to sign in; gives the status, where it leads, and the session.
async fn tried(site: &Site, email: &str, password: &str, forwarded: &str) -> (u16, String, Option<String>) {
    let request = site.own_post("/login").header("accept", "text/html");
    let request = request.header("x-forwarded-for", forwarded);
    let form = [("email", email), ("password", password), ("next", "/products")];
    let response = request.form(&form).send().await.expect("an answer");
    (
        response.status().as_u16(),
        header(&response, "location").to_owned(),
        cookie(&response),
    )
}

/// Back to the form, which says these words.
async fn is_told(site: &Site, tried: (u16, String, Option<String>), words: &str) {
    let (status, location, session) = tried;
    assert!(status == 303 && location.starts_with("/login"), "{status} {location}");
    let request = site.request("GET", &location).header("accept", "text/html");
    let request = request.header("cookie", session.expect("a session with what was typed"));
    let page = request.send().await.expect("an answer").text().await.expect("a page");
    assert!(page.contains(words), "{words}: {page}");
}

pub async fn odd_passwords(kind: Kind) {
    let site = Site::on(kind).await;
    site.sign_in().await;
    let form = [("email", "nobody@example.com"), ("password", PASSWORD)];
    let unknown = site.own_post("/login").form(&form).send().await.expect("an answer");
    assert_eq!((unknown.status().as_u16(), cookie(&unknown)), (422, None));
    let long = "x".repeat(10_000);
    for password in [long.as_str(), "correct horse battery\0", "\u{202e}\u{ffff}"] {
        is_told(&site, tried(&site, EMAIL, password, "").await, "not correct").await;
    }
    for length in [20_000, 1_000_000, 3_000_000] {
        let (status, ..) = tried(&site, "a\0b@example.com", &"x".repeat(length), "").await;
        assert_eq!(status, 413, "{length}");
    }
    // At most two are hashed at the same time; the others are turned away or wait, none fails.
    let attempts = (0..200).map(|_| tried(&site, EMAIL, "wrong password", ""));
    let answers = futures::future::join_all(attempts).await;
    assert!(
        answers
            .iter()
            .all(|(status, location, _)| *status == 303 && location.starts_with("/login"))
    );
    is_told(&site, tried(&site, EMAIL, PASSWORD, "").await, "Too many attempts").await;
    // A program is told by the status.
    let form = [("email", EMAIL), ("password", PASSWORD)];
    let refused = site.own_post("/login").form(&form).send().await.expect("an answer");
    let wait: u32 = header(&refused, "retry-after").parse().expect("seconds");
    assert!(refused.status() == 429 && (1..=3_600).contains(&wait), "{refused:?}");
}

pub async fn forged_addresses(kind: Kind) {
    let site = Site::on(kind).await;
    site.sign_in().await;
    for nth in 0..5 {
        is_told(
            &site,
            tried(&site, EMAIL, "wrong password", &format!("198.51.100.{nth}")).await,
            "not correct",
        )
        .await;
    }
    let once_more = tried(&site, EMAIL, PASSWORD, "203.0.113.7, 127.0.0.1").await;
    is_told(&site, once_more, "Too many attempts").await;
}

pub async fn forms_from_elsewhere(kind: Kind) {
    let site = Site::on(kind).await;
    let session = site.sign_in().await;
    for (name, value) in [
        ("origin", "null"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
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
            "/webhooks",
            "/imports",
            "/logout",
        ] {
            let request = site
                .request("POST", path)
                .header("cookie", &session)
                .header(name, value);
            let request = request.header("accept", "text/html").form(&[("a", "b")]);
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), 403, "{path} {name}: {value}");
            assert!(cookie(&response).is_none());
        }
    }
    assert_eq!(with_cookie(&site, &session).await, 200);
}

pub async fn odd_streams(kind: Kind) {
    const ASKED: usize = 1_000;
    const OPEN: usize = 500;
    // Nothing is worked on by this node, so a stream tells nothing new and does not end.
    let site = Site::open_as(kind, NodeRole::Web).await;
    assert_eq!(site.get("/api/v1/imports/99/events").await.status(), 404);
    let waiting = site.upload("/api/v1/imports", "short.csv", "sku,name\nA,Mug\n").await;
    let path = format!("{}/events", header(&waiting, "location"));
    let mut open = Vec::new();
    for stream in streams(&site, &path, ASKED).await {
        match stream.status().as_u16() {
            200 => open.push(stream),
            429 => assert_eq!(header(&stream, "content-type"), "application/problem+json"),
            status => panic!("{status}"),
        }
    }
    assert_eq!(open.len(), OPEN, "of {ASKED}");
    drop(open);
    // The places are given back when the server notices.
    let again = async {
        loop {
            let request = site.with_key("GET", &path).header("last-event-id", "rubbish");
            let stream = request.send().await.expect("an answer");
            if stream.status() == 200 {
                return stream;
            }
            assert_eq!(stream.status(), 429);
            tokio::task::yield_now().await;
        }
    };
    let stream = tokio::time::timeout(Duration::from_secs(60), again)
        .await
        .expect("a place");
    let _worker = site.beside(NodeRole::Worker).await;
    let told = stream.text().await.expect("a stream that ends");
    let last = told
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("data:"))
        .expect("an event");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(text(&last["status"]), "completed");
}

/// So many answers to one question, over connections that carry fifty each, half of what the server allows: as connections of their own they could
/// be more than this process may have.
async fn streams(site: &Site, path: &str, count: usize) -> Vec<Response> {
    const EACH: usize = 50;
    let mut answers = Vec::with_capacity(count);
    for _ in 0..count / EACH {
        let client = Client::builder().http2_prior_knowledge().no_proxy().build();
        let client = client.expect("a client");
        for _ in 0..EACH {
            let request = client.get(site.url(path)).bearer_auth(&site.key);
            answers.push(request.send().await.expect("an answer"));
        }
    }
    answers
}
