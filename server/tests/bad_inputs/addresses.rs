//! 61 to 66 and 74: where webhooks may call, and what they may say there.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, RwLock};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use stockroom::outbound::Names;
use stockroom::outbound::destination::Policy;
use stockroom::testing::{Kind, Receiver, Shop};

use super::answers::text;
use super::receivers::attempted;
use crate::site::{Site, ask};

const PUBLIC: &str = "https://93.184.216.34/hooks";

/// That an address begins with http:// is no reason here.
fn only_public() -> Policy {
    Policy {
        allow_http: true,
        allowed_networks: Vec::new(),
    }
}

fn wanted(url: &str) -> Value {
    json!({"url": url, "events": ["product.created"]})
}

async fn saved(site: &Site, body: Value) -> i64 {
    let (status, webhook) = ask(site, "POST", "/webhooks", Some(body)).await;
    assert_eq!(status, 201, "{webhook}");
    webhook["id"].as_i64().expect("an id")
}

async fn is_refused(site: &Site, body: Value, field: &str) {
    let (status, problem) = ask(site, "POST", "/webhooks", Some(body.clone())).await;
    assert_eq!(
        (status, text(&problem["errors"][0]["field"])),
        (422, field),
        "{body}: {problem}"
    );
}

/// The kind of the error when it is called now.
async fn error_of_call(site: &Site, webhook: i64) -> Value {
    let (status, trial) = ask(site, "POST", &format!("/webhooks/{webhook}/test"), None).await;
    assert_eq!((status, trial["delivered"].as_bool()), (200, Some(false)), "{trial}");
    let path = format!("/webhooks/{webhook}/deliveries/{}", trial["delivery_id"]);
    ask(site, "GET", &path, None).await.1["history"][0]["error_kind"].clone()
}

/// None of these can be saved, and none is called that stands in the database already.
async fn blocked(kind: Kind, hosts: &[&str]) {
    let site = Site::open_with(kind, |config| config.webhook_policy = only_public()).await;
    let webhook = saved(&site, wanted(PUBLIC)).await;
    let db = site.shop.services.database.writer();
    for host in hosts {
        let url = format!("http://{host}/hook");
        is_refused(&site, wanted(&url), "url").await;
        let stored = format!("UPDATE webhooks SET url = '{url}'");
        db.execute_unprepared(&stored).await.expect("stored");
        assert_eq!(error_of_call(&site, webhook).await, "blocked", "{url}");
    }
}

pub async fn this_machine(kind: Kind) {
    let spellings = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "localhost",
        "LOCALHOST.",
        "shop.localhost",
    ];
    blocked(kind, &spellings).await;
    // What was allowed when it was saved is not called once it is no longer.
    let receiver = Receiver::start().await;
    let site = Site::on(kind).await;
    let webhook = saved(&site, wanted(&receiver.url())).await;
    let site = site.restart_with(|config| config.webhook_policy = only_public()).await;
    assert_eq!(error_of_call(&site, webhook).await, "blocked");
    assert_eq!(receiver.calls().len(), 0);
}

pub async fn services_of_clouds(kind: Kind) {
    let hosts = [
        "169.254.169.254",
        "metadata.google.internal",
        "100.100.100.200",
        "168.63.129.16",
        "[fd00:ec2::254]",
    ];
    blocked(kind, &hosts).await;
}

pub async fn private_ranges(kind: Kind) {
    let hosts = [
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "[fe80::1%25eth0]",
        "[fe80::1]",
        "[fc00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[5f00::1]",
    ];
    blocked(kind, &hosts).await;
}

pub async fn names_that_lead_there(kind: Kind) {
    let receiver = Receiver::start().await;
    let names: Arc<RwLock<HashMap<String, Vec<IpAddr>>>> = Arc::default();
    let lead = |to: &[&str]| {
        let to = to.iter().map(|address| address.parse().expect("an address")).collect();
        names.write().expect("names").insert("hooks.example".to_owned(), to);
    };
    let mut shop = Shop::open(kind).await;
    let services = shop.neighbour_with(Names::Listed(names.clone())).await;
    shop.services = services;
    let site = Site::over(shop, &[]).await;
    let url = format!("http://hooks.example:{}/hook", receiver.port());
    for bad in [&["10.0.0.1"][..], &["127.0.0.1", "169.254.169.254"]] {
        lead(bad);
        is_refused(&site, wanted(&url), "url").await;
    }
    lead(&["127.0.0.1"]);
    let webhook = saved(&site, wanted(&url)).await;
    for flipped in [&["169.254.169.254"][..], &["127.0.0.1", "10.0.0.1"], &["127.0.0.2"]] {
        lead(flipped);
        assert_eq!(error_of_call(&site, webhook).await, "blocked", "{flipped:?}");
    }
    names.write().expect("names").clear();
    assert_eq!(error_of_call(&site, webhook).await, "dns");
    assert_eq!(receiver.calls().len(), 0, "nobody was called");
    lead(&["127.0.0.1"]);
    let (_, trial) = ask(&site, "POST", &format!("/webhooks/{webhook}/test"), None).await;
    assert_eq!((trial["delivered"].as_bool(), receiver.calls().len()), (Some(true), 1));
}

pub async fn no_addresses(kind: Kind) {
    let site = Site::open_with(kind, |config| config.webhook_policy = Policy::default()).await;
    for url in [
        "",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://example.com",
        "javascript:alert(1)",
        "//example.com",
        "http://",
        "https:///x",
        "http://93.184.216.34/",
        "https://u:p@93.184.216.34/",
        "https://user@93.184.216.34/",
        "https://a b/",
        "https://93.184.216.34/\r\nHost: evil",
        "https:\\\\93.184.216.34",
        "https://93.184.216.34:0/",
        "https://93.184.216.34:22/",
        "https://93.184.216.34:65536/",
        "93.184.216.34",
    ] {
        is_refused(&site, wanted(url), "url").await;
    }
    for endless in ["a".repeat(2_000), "é".repeat(900)] {
        is_refused(&site, wanted(&format!("{PUBLIC}/{endless}")), "url").await;
    }
    is_refused(&site, json!({"url": 7, "events": ["product.created"]}), "url").await;
    saved(&site, wanted(PUBLIC)).await;
}

pub async fn its_own_address(kind: Kind) {
    let site = Site::on(kind).await;
    let mut body = wanted(&site.url("/api/v1/products"));
    body["headers"] = json!({"Authorization": format!("Bearer {}", site.key)});
    let webhook = saved(&site, body).await;
    let mug = json!({"sku": "A", "name": "Mug"});
    let (status, product) = ask(&site, "POST", "/products", Some(mug)).await;
    assert_eq!(status, 201, "{product}");
    let delivery = attempted(&site, webhook).await;
    assert_eq!(
        (text(&delivery["status"]), delivery["response_status"].as_i64()),
        ("retrying", Some(508)),
        "{delivery}"
    );
    assert_eq!(site.json("/api/v1/products").await["total"], 1);
    assert_eq!(site.json(&format!("/api/v1/webhooks/{webhook}/logs")).await["total"], 1);
}

pub async fn odd_headers(kind: Kind) {
    let site = Site::on(kind).await;
    let many: serde_json::Map<String, Value> = (0..200).map(|nth| (format!("X-{nth}"), "a".into())).collect();
    for headers in [
        json!({"Host": "evil"}),
        json!({"Content-Length": "5"}),
        json!({"Transfer-Encoding": "chunked"}),
        json!({"webhook-signature": "v1,x"}),
        json!({"Stockroom-Webhook": "0"}),
        json!({"X-Key": "a\r\nb: c"}),
        json!({"X-Key\r\nHost": "evil"}),
        json!({"X-Key": "\u{0}"}),
        json!({"X-Key": "ü"}),
        json!({"X-Key": "a", "x-key": "b"}),
        json!({"X-Key": "a".repeat(10_000)}),
        json!(["X-Key"]),
        many.into(),
    ] {
        let mut body = wanted(PUBLIC);
        body["headers"] = headers;
        is_refused(&site, body, "headers").await;
    }
}
