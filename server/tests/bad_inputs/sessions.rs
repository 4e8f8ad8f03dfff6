//! 56 to 60: sessions, the door, and streams that stay open.

use std::time::Duration;

use stockroom::testing::{Kind, Shop};

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
    let endless = "x".repeat(1_000_000);
    for password in [endless.as_str(), "correct horse battery\0", "\u{202e}\u{ffff}"] {
        is_told(&site, tried(&site, EMAIL, password, "").await, "not correct").await;
    }
    let (status, ..) = tried(&site, "a\0b@example.com", &"x".repeat(3_000_000), "").await;
    assert_eq!(status, 413);
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
    const STREAMS: usize = 3;
    let shop = Shop::open(kind).await;
    let site = Site::over(shop, &["--stream-limit", &STREAMS.to_string()]).await;
    assert_eq!(site.get("/api/v1/imports/99/events").await.status(), 404);
    // What waits behind a long one tells nothing new for as long as this takes.
    let rows: String = (0..50_000).map(|n| format!("S{n},Thing\n")).collect();
    site.upload("/api/v1/imports", "long.csv", format!("sku,name\n{rows}"))
        .await;
    let waiting = site.upload("/api/v1/imports", "short.csv", "sku,name\nA,Mug\n").await;
    let path = format!("{}/events", header(&waiting, "location"));
    let mut open = Vec::new();
    for _ in 0..STREAMS {
        let stream = site.get(&path).await;
        assert_eq!(stream.status(), 200);
        open.push(stream);
    }
    let refused = site.get(&path).await;
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "content-type")),
        (429, "application/problem+json")
    );
    drop(open);
    // The places are given back when the server notices.
    let again = async {
        loop {
            let request = site.with_key("GET", &path).header("last-event-id", "rubbish");
            let stream = request.send().await.expect("an answer");
            if stream.status() == 200 {
                return stream.text().await.expect("a stream that ends");
            }
            assert_eq!(stream.status(), 429);
            tokio::task::yield_now().await;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(60), again)
        .await
        .expect("a place");
    let last = told
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("data:"))
        .expect("an event");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(text(&last["status"]), "completed");
}
