//! Whoever asks too often is told so and when to go on, and nobody else is.

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use server::rates::{Rate, Rates};
use server::state::AppState;
use stockroom::accounts::Role;

use crate::site::{Site, header, new_key};

const OFF: Rate = Rate {
    per_minute: 0,
    burst: None,
};
/// No test takes the minute in which there would be room for another request.
const TWO: Rate = Rate {
    per_minute: 1,
    burst: Some(2),
};

fn with(rates: [Rate; 3]) -> impl FnOnce(&mut AppState) {
    move |state| {
        let [key, stranger, address] = rates;
        state.rates = Rates::new(key, stranger, address);
        state.policy.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    }
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

async fn status(request: RequestBuilder) -> u16 {
    send(request).await.status().as_u16()
}

#[tokio::test]
async fn each_key_has_a_limit_of_its_own_and_each_answer_says_what_is_left() {
    let site = Site::open_limited(with([TWO, OFF, OFF])).await;
    let first = site.get("/api/v1/products").await;
    assert_eq!(first.status(), 200);
    assert_eq!(header(&first, "ratelimit-policy"), "\"key\";q=2;w=120");
    assert!(
        header(&first, "ratelimit").starts_with("\"key\";r=1;t="),
        "{}",
        header(&first, "ratelimit")
    );
    assert_eq!(
        site.get("/api/products").await.status(),
        200,
        "both prefixes are the same API"
    );

    let refused = site.get("/api/v1/products").await;
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "content-type")),
        (429, "application/problem+json")
    );
    let wait: u64 = header(&refused, "retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(header(&refused, "ratelimit"), format!("\"key\";r=0;t={wait}"));
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!(
        (&problem["status"], &problem["title"]),
        (&429.into(), &"Too many requests".into())
    );

    for path in ["/health/live", "/api/v1/health/ready", "/api/health/live"] {
        assert_eq!(site.get(path).await.status(), 200, "{path} is not counted");
    }
    let other = new_key(&site.shop, "another", Role::Viewer).await;
    assert_eq!(
        status(site.request("GET", "/api/v1/products").bearer_auth(other)).await,
        200
    );
}

#[tokio::test]
async fn people_who_are_signed_in_are_not_counted_as_strangers() {
    let site = Site::open_limited(with([OFF, TWO, OFF])).await;
    // Its sign-in is a stranger's request.
    let session = site.sign_in().await;
    for _ in 0..5 {
        let shown = send(site.request("GET", "/products").header("cookie", &session)).await;
        assert_eq!((shown.status().as_u16(), header(&shown, "ratelimit")), (200, ""));
    }
    for _ in 0..5 {
        assert_eq!(site.get("/api/v1/products").await.status(), 200);
    }
}

#[tokio::test]
async fn strangers_are_counted_by_their_addresses() {
    let site = Site::open_limited(with([OFF, TWO, OFF])).await;
    let from = |address: &str, path: &str| site.request("GET", path).header("x-forwarded-for", address);
    assert_eq!(status(from("198.51.100.1", "/api/v1/products")).await, 401);
    let wrong = from("198.51.100.1", "/api/v1/products").bearer_auth("sk_wrong");
    assert_eq!(status(wrong).await, 401, "a wrong key is nobody's");
    for path in ["/api/v1/products", "/login", "/products"] {
        assert_eq!(status(from("198.51.100.1", path)).await, 429, "{path}");
    }
    let sign_in = site.own_post("/login").header("x-forwarded-for", "198.51.100.1");
    assert_eq!(
        status(sign_in.form(&[("email", "a@example.com"), ("password", "x")])).await,
        429
    );
    assert_eq!(
        status(from("198.51.100.2", "/api/v1/products")).await,
        401,
        "another address"
    );
    let with_key = site
        .with_key("GET", "/api/v1/products")
        .header("x-forwarded-for", "198.51.100.1");
    assert_eq!(status(with_key).await, 200, "somebody at the same address");

    let page = send(from("198.51.100.1", "/login").header("accept", "text/html")).await;
    assert_eq!(
        (page.status().as_u16(), header(&page, "retry-after").is_empty()),
        (429, false)
    );
    let page = page.text().await.expect("a page");
    assert!(page.contains("<html") && page.contains("Too many requests"), "{page}");
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_stranger() {
    let site = Site::open_limited(with([OFF, TWO, OFF])).await;
    let from = |address: &str| {
        status(
            site.request("GET", "/api/v1/products")
                .header("x-forwarded-for", address),
        )
    };
    assert_eq!(
        (from("2001:db8:0:1::1").await, from("2001:db8:0:1::2").await),
        (401, 401)
    );
    assert_eq!(
        (from("2001:db8:0:1:ffff::3").await, from("2001:db8:0:2::1").await),
        (429, 401)
    );
}

#[tokio::test]
async fn an_address_may_have_a_limit_whoever_asks_from_there() {
    let site = Site::open_limited(with([TWO, TWO, TWO])).await;
    let from = |address: &str| {
        site.with_key("GET", "/api/v1/products")
            .header("x-forwarded-for", address)
    };
    let first = send(from("198.51.100.1")).await;
    let policies: Vec<_> = first.headers().get_all("ratelimit-policy").iter().collect();
    assert_eq!(policies, ["\"key\";q=2;w=120, \"address\";q=2;w=120"]);
    assert!(header(&first, "ratelimit").starts_with("\"key\";r=1;"));
    let forged = site.request("GET", "/login").header("x-forwarded-for", "198.51.100.1");
    assert_eq!(status(forged).await, 200);
    let refused = send(from("198.51.100.1")).await;
    assert_eq!(refused.status(), 429);
    assert!(
        header(&refused, "ratelimit").starts_with("\"address\";r=0;"),
        "{}",
        header(&refused, "ratelimit")
    );
    assert_eq!(status(from("198.51.100.2")).await, 200);
}

#[tokio::test]
async fn usual_limits_are_in_nobodys_way() {
    let site = Site::open().await;
    for _ in 0..300 {
        assert_eq!(site.get("/api/v1/products").await.status(), 200);
        assert_eq!(status(site.request("GET", "/login")).await, 200);
    }
}
