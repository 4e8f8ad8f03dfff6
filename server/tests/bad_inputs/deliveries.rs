//! 71, 73 and 75: what becomes of deliveries.

use serde_json::{Value, json};
use standardwebhooks::Webhook as Verifier;
use stockroom::products;
use stockroom::products::draft::ProductText;
use stockroom::testing::receiver::Received;
use stockroom::testing::{Kind, Receiver, Reply, Sending, Shop};
use stockroom::webhooks::draft::WebhookText;
use stockroom::webhooks::{self, DeliveryQuery, DeliveryStatus};
use time::Duration;

use super::answers::text;
use super::receivers::{attempted, create, listening, outcome};
use crate::site::{Site, ask};

pub async fn statuses(kind: Kind) {
    let site = Site::on(kind).await;
    for (status, expected) in [
        (204, "delivered"),
        (299, "delivered"),
        (301, "retrying"),
        (429, "retrying"),
        (500, "retrying"),
    ] {
        let (delivery, webhook) = outcome(&site, Reply::Status(status)).await;
        assert_eq!(
            (text(&delivery["status"]), delivery["response_status"].as_i64()),
            (expected, Some(status.into()))
        );
        assert_eq!(webhook["enabled"], true, "{webhook}");
    }
    let (delivery, webhook) = outcome(&site, Reply::Status(410)).await;
    assert_eq!(
        (text(&delivery["status"]), webhook["enabled"].as_bool()),
        ("failed", Some(false)),
        "{webhook}"
    );
    nine_failures_then_success(kind).await;
}

/// Three days pass, which no request can bring about.
async fn nine_failures_then_success(kind: Kind) {
    let shop = Shop::open(kind).await;
    let receiver = Receiver::answering(|call, _| Reply::Status(if call < 9 { 500 } else { 200 })).await;
    let wanted = WebhookText {
        url: Some(receiver.url()),
        events: Some(vec!["product.created".to_owned()]),
        ..WebhookText::default()
    };
    let (webhook, _) = webhooks::add(&shop.services, &wanted, None, &"ana".into())
        .await
        .expect("a webhook");
    let mug = ProductText {
        sku: Some("A".into()),
        name: Some("Mug".into()),
        ..ProductText::default()
    };
    products::create(&shop.services.database, &mug, &"ana".into())
        .await
        .expect("a product");
    let plan = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(Duration::seconds);
    let mut passed = Duration::ZERO;
    for (made, planned) in plan.into_iter().enumerate() {
        passed += planned * 1.2 + Duration::seconds(5);
        let sending = Sending::begin(&shop.services);
        sending.pass(passed);
        receiver.wait_for(made + 1).await;
        sending.end().await;
    }
    let db = shop.services.database.writer();
    let log = webhooks::deliveries(db, webhook.id, &DeliveryQuery::default(), &Default::default())
        .await
        .expect("the log");
    assert_eq!(
        (log.items[0].status, log.items[0].attempts),
        (DeliveryStatus::Delivered, 10)
    );
}

fn is_signed(call: &Received, secret: &str) -> bool {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(
            http::HeaderName::from_static(name),
            call.header(name).parse().expect("a value"),
        );
    }
    let verifier = Verifier::new(secret).expect("a secret of the usual form");
    verifier.verify(call.body.as_bytes(), &headers).is_ok()
}

pub async fn changed_on_the_way(kind: Kind) {
    let site = Site::on(kind).await;
    let (before, after) = (
        Receiver::answering(|_, _| Reply::Status(500)).await,
        Receiver::start().await,
    );
    let webhook = listening(&site, &before.url()).await;
    let path = format!("/webhooks/{webhook}");
    create(&site, "A").await;
    assert_eq!(text(&attempted(&site, webhook).await["status"]), "retrying");
    let rotated = ask(
        &site,
        "POST",
        &format!("{path}/rotate-secret"),
        Some(json!({"overlap_hours": 24})),
    )
    .await;
    let (status, moved) = ask(&site, "PATCH", &path, Some(json!({"url": after.url()}))).await;
    assert_eq!((rotated.0, status), (200, 200), "{rotated:?} {moved}");
    // The next attempt is due after some five seconds.
    let call = after.wait_for(1).await.remove(0);
    assert!(is_signed(&call, text(&rotated.1["secret"])), "{call:?}");
    assert_eq!(
        (
            call.header("x-key"),
            call.header("webhook-signature").split(' ').count()
        ),
        ("open sesame", 2)
    );
    assert_eq!(
        (text(&call.json()["type"]), call.header("webhook-id")),
        ("product.created", before.calls()[0].header("webhook-id"))
    );
    // What waits for a webhook that is deleted goes with it.
    let gone = listening(&site, &before.url()).await;
    create(&site, "B").await;
    attempted(&site, gone).await;
    let calls = before.calls().len();
    assert_eq!(ask(&site, "DELETE", &format!("/webhooks/{gone}"), None).await.0, 204);
    assert_eq!(ask(&site, "GET", &format!("/webhooks/{gone}/logs"), None).await.0, 404);
    create(&site, "C").await;
    after.wait_for(3).await;
    assert_eq!(before.calls().len(), calls);
}

pub async fn a_large_product(kind: Kind) {
    let site = Site::on(kind).await;
    let receiver = Receiver::start().await;
    listening(&site, &receiver.url()).await;
    let long = json!({"sku": "A", "name": "Mug", "description": "é".repeat(40_000)});
    let (status, product) = ask(&site, "POST", "/products", Some(long)).await;
    assert_eq!(status, 201);
    let call = receiver.wait_for(1).await.remove(0);
    assert!(call.body.len() < 1_000, "{}", call.body);
    let data: &Value = &call.json()["data"];
    assert_eq!((text(&data["sku"]), data["thin"].as_bool()), ("A", Some(true)));
    let path = format!("/api/v1/products/{}", product["id"]);
    assert_eq!(text(&data["path"]), path);
    assert_eq!(text(&site.json(&path).await["description"]).chars().count(), 40_000);
}
