//! 67, 68, 70 and 72: receivers that answer badly.

use std::time::Duration;

use serde_json::{Value, json};
use stockroom::testing::{Kind, Receiver, Reply};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answers::text;
use crate::site::{Site, ask};

/// A webhook whose receiver has a second for its answers.
pub async fn listening(site: &Site, url: &str) -> i64 {
    let body =
        json!({"url": url, "events": ["product.created"], "timeout_seconds": 1, "headers": {"X-Key": "open sesame"}});
    let (status, webhook) = ask(site, "POST", "/webhooks", Some(body)).await;
    assert_eq!(status, 201, "{webhook}");
    webhook["id"].as_i64().expect("an id")
}

pub async fn create(site: &Site, sku: &str) {
    let (status, product) = ask(site, "POST", "/products", Some(json!({"sku": sku, "name": "Mug"}))).await;
    assert_eq!(status, 201, "{product}");
}

/// Waits until the webhook's newest delivery was attempted; gives all that is known of it.
pub async fn attempted(site: &Site, webhook: i64) -> Value {
    let waited = async {
        loop {
            let log = site.json(&format!("/api/v1/webhooks/{webhook}/logs")).await;
            if log["items"][0]["attempts"].as_i64() >= Some(1) {
                return log["items"][0]["id"].clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let delivery = tokio::time::timeout(Duration::from_secs(20), waited)
        .await
        .expect("an attempt");
    site.json(&format!("/api/v1/webhooks/{webhook}/deliveries/{delivery}"))
        .await
}

/// What becomes of one event when the receiver answers like that: its delivery, and the webhook after it.
pub async fn outcome(site: &Site, reply: Reply) -> (Value, Value) {
    let receiver = Receiver::answering(move |_, _| reply.clone()).await;
    let webhook = listening(site, &receiver.url()).await;
    create(site, &format!("P{}", receiver.port())).await;
    let delivery = attempted(site, webhook).await;
    assert_eq!(delivery["history"].as_array().map(Vec::len), Some(1), "{delivery}");
    let path = format!("/webhooks/{webhook}");
    let (_, after) = ask(site, "GET", &path, None).await;
    assert_eq!(ask(site, "DELETE", &path, None).await.0, 204);
    (delivery, after)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
}

pub async fn redirects(kind: Kind) {
    let site = Site::on(kind).await;
    let elsewhere = Receiver::start().await;
    for (status, to) in [
        (302, elsewhere.url()),
        (307, elsewhere.url()),
        (301, "http://169.254.169.254/".to_owned()),
    ] {
        let head = format!("{status} Moved\r\nlocation: {to}\r\ncontent-length: 0");
        let (delivery, _) = outcome(&site, Reply::Raw(answer(&head, b""))).await;
        let attempt = &delivery["history"][0];
        assert_eq!(
            (text(&delivery["status"]), text(&attempt["error_kind"])),
            ("retrying", "http"),
            "{delivery}"
        );
        assert_eq!(attempt["response_status"], status);
        assert!(text(&attempt["error"]).contains(&to), "{attempt}");
    }
    assert_eq!(elsewhere.calls().len(), 0);
}

pub async fn endless_answers(kind: Kind) {
    const KEPT: usize = 16 * 1_024;
    let site = Site::on(kind).await;
    for reply in [
        Reply::Flood(answer("200 OK\r\ncontent-type: text/plain", b"")),
        Reply::Flood(answer("200 OK\r\ncontent-encoding: gzip", b"\x1f\x8b\x08\0")),
        Reply::Flood(answer("200 OK\r\ncontent-length: 10000000000", b"")),
        Reply::Flood(answer("200 OK\r\ntransfer-encoding: chunked", b"fffffff\r\n")),
    ] {
        let (delivery, _) = outcome(&site, reply.clone()).await;
        let attempt = &delivery["history"][0];
        assert_eq!(
            (text(&delivery["status"]), attempt["response_is_cut"].as_bool()),
            ("delivered", Some(true)),
            "{reply:?}"
        );
        assert_eq!(text(&attempt["response_body"]).chars().count(), KEPT, "{reply:?}");
    }
    let (dripping, _) = outcome(&site, Reply::Drip(answer("200 OK", b""))).await;
    let attempt = &dripping["history"][0];
    assert_eq!(
        (text(&dripping["status"]), attempt["response_is_cut"].as_bool()),
        ("delivered", Some(true))
    );
    assert!(
        text(&attempt["response_body"]).len() < 100,
        "it was not listened to for long: {attempt}"
    );
    let head = format!("400 No\r\nx-long: {}\r\ncontent-length: 0", "a".repeat(100_000));
    let (delivery, _) = outcome(&site, Reply::Raw(answer(&head, b""))).await;
    let attempt = &delivery["history"][0];
    assert_eq!(attempt["response_status"], 400, "{}", attempt["error"]);
    let values = attempt["response_headers"]
        .as_array()
        .expect("pairs")
        .iter()
        .map(|pair| text(&pair[1]).len());
    assert!(values.max() <= Some(2_000));
}

/// Seconds from the only attempt to the next one.
fn pause(delivery: &Value) -> i64 {
    let moment = |value: &Value| OffsetDateTime::parse(text(value), &Rfc3339).expect("a moment");
    (moment(&delivery["next_attempt_at"]) - moment(&delivery["history"][0]["made_at"])).whole_seconds()
}

pub async fn wishes_to_be_called_later(kind: Kind) {
    const DAY: i64 = 86_400;
    let site = Site::on(kind).await;
    // A receiver that is busy is left alone for a minute, a fifth more or less.
    for (wish, shortest, longest) in [
        ("1000000000", DAY, DAY),
        ("99999999999999999999", 48, 72),
        ("600", 600, 600),
        ("0", 48, 72),
        ("-5", 48, 72),
        ("0.5", 48, 72),
        ("1e9", 48, 72),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 48, 72),
        ("Fri, 01 Jan 2100 00:00:00 GMT", DAY, DAY),
        ("soon", 48, 72),
    ] {
        let head = format!("503 Busy\r\nretry-after: {wish}\r\ncontent-length: 0");
        let (delivery, _) = outcome(&site, Reply::Raw(answer(&head, b""))).await;
        assert_eq!(text(&delivery["status"]), "retrying", "{wish}: {delivery}");
        // Both moments are cut to whole seconds, and the answer takes a moment, too.
        let waits = pause(&delivery);
        assert!((shortest - 2..=longest + 5).contains(&waits), "{wish}: {waits}");
    }
}

pub async fn answers_that_are_no_text(kind: Kind) {
    let site = Site::on(kind).await;
    let body = b"<script>1</script>\0\xff\xfe\x1f\x8b456";
    let head = format!("400 No\r\nx-odd: \u{e9}\r\ncontent-length: {}", body.len());
    let receiver = Receiver::answering(move |_, _| Reply::Raw(answer(&head, body))).await;
    let webhook = listening(&site, &receiver.url()).await;
    create(&site, "A").await;
    let delivery = attempted(&site, webhook).await;
    let attempt = &delivery["history"][0];
    assert_eq!(attempt["response_status"], 400, "{attempt}");
    assert!(
        text(&attempt["response_body"]).starts_with("<script>1</script>\u{fffd}"),
        "{attempt}"
    );
    let session = site.sign_in().await;
    let path = format!("/deliveries/{}", delivery["id"]);
    let request = site
        .request("GET", &path)
        .header("cookie", &session)
        .header("accept", "text/html");
    let page = request.send().await.expect("an answer").text().await.expect("a page");
    assert!(
        page.contains("&lt;script&gt;1") && !page.contains("<script>1"),
        "{path}"
    );
}
