//! Webhooks: every change is told to whoever wants to know, however badly they answer, and nobody else is.

mod failures;
mod keeping;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::imports::plan::{BulkAction, Selection};
use stockroom::imports::{self, Confirmation};
use stockroom::page::PageRequest;
use stockroom::problem::Problem;
use stockroom::products::draft::ProductText;
use stockroom::products::{self, ProductQuery};
use stockroom::services::Services;
use stockroom::testing::receiver::Received;
use stockroom::testing::{CsvFile, Process, Receiver, Reply, Sending, Shop};
use stockroom::timestamp::Timestamp;
use stockroom::webhooks::draft::WebhookText;
use stockroom::webhooks::vault::Vault;
use stockroom::webhooks::{
    self, Attempt, Cause, Delivery, DeliveryQuery, DeliveryStatus, EventKind, Webhook, WebhookStatus,
};
use time::{Duration, OffsetDateTime};

use crate::on_both;

fn wanted(url: &str, events: &[EventKind]) -> WebhookText {
    WebhookText {
        url: Some(url.to_owned()),
        events: Some(events.iter().map(|kind| kind.as_str().to_owned()).collect()),
        ..WebhookText::default()
    }
}

async fn add(shop: &Shop, text: WebhookText) -> (Webhook, standardwebhooks::Webhook) {
    let (webhook, secret) = webhooks::add(&shop.services, &text, None, &"ana".into())
        .await
        .expect("a webhook");
    (
        webhook,
        standardwebhooks::Webhook::new(&secret.to_text()).expect("a secret of the usual form"),
    )
}

/// A webhook that wants everything.
async fn listening(shop: &Shop, receiver: &Receiver) -> (Webhook, standardwebhooks::Webhook) {
    add(shop, wanted(&receiver.url(), &EventKind::CHOICE)).await
}

fn verify(verifier: &standardwebhooks::Webhook, call: &Received) {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(
            http::HeaderName::from_static(name),
            call.header(name).parse().expect("a value"),
        );
    }
    verifier
        .verify(call.body.as_bytes(), &headers)
        .expect("a good signature");
}

fn mug(sku: &str) -> ProductText {
    ProductText {
        sku: Some(sku.into()),
        name: Some("Mug".into()),
        ..ProductText::default()
    }
}

async fn create(shop: &Shop, sku: &str) -> i64 {
    let product = products::create(&shop.services.database, &mug(sku), &"ana".into())
        .await
        .expect("a product");
    shop.services.webhook_wake.wake();
    product.id
}

async fn log(services: &Services, webhook: i64) -> Vec<Delivery> {
    let db = services.database.writer();
    webhooks::deliveries(db, webhook, &DeliveryQuery::default(), &PageRequest::default())
        .await
        .expect("the log")
        .items
}

async fn only(services: &Services, webhook: i64) -> (Delivery, Vec<Attempt>) {
    let log = log(services, webhook).await;
    assert_eq!(log.len(), 1, "{log:?}");
    let attempts = webhooks::attempts(services.database.writer(), log[0].id)
        .await
        .expect("attempts");
    (log[0].clone(), attempts)
}

fn kinds(calls: &[Received]) -> Vec<String> {
    calls.iter().map(Received::kind).collect()
}

fn confirmed() -> Confirmation {
    Confirmation {
        by: "ana".into(),
        is_given: true,
        idempotency_key: None,
    }
}

fn refused<T: std::fmt::Debug>(outcome: stockroom::error::Result<T>) -> Problem {
    outcome.map_err(Problem::from).expect_err("it is refused")
}

/// Products of a batch, or of one event, with what happened to them.
fn told(calls: &[Received]) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for call in calls {
        let body = call.json();
        match body["data"]["items"].as_array() {
            Some(items) => told.extend(items.iter().map(|item| (text(&item["sku"]), text(&item["op"])))),
            None if body["data"]["sku"].is_string() => told.push((text(&body["data"]["sku"]), call.kind())),
            None => {}
        }
    }
    told
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("text").to_owned()
}

on_both! {
    async fn every_change_of_a_product_is_told_once_and_signed(shop: Shop) {
        let receiver = Receiver::start().await;
        let (_, verifier) = listening(&shop, &receiver).await;
        let sending = Sending::begin(&shop.services);
        let database = &shop.services.database;
        let id = create(&shop, "A").await;
        receiver.wait_for(1).await;
        let dearer = ProductText { price: Some("2.50".into()), ..ProductText::default() };
        products::update(database, id, None, &dearer, &"ana".into()).await.expect("changed");
        products::update(database, id, None, &dearer, &"ana".into()).await.expect("unchanged");
        refused(products::create(database, &mug("a"), &"ana".into()).await);
        shop.services.webhook_wake.wake();
        receiver.wait_for(2).await;
        products::delete(database, id, None, &"ana".into()).await.expect("deleted");
        shop.services.webhook_wake.wake();
        receiver.wait_for(3).await;
        products::restore(database, id, &"ana".into()).await.expect("restored");
        shop.services.webhook_wake.wake();
        receiver.wait_for(4).await;
        sending.end().await;
        let calls = receiver.calls();
        assert_eq!(kinds(&calls), ["product.created", "product.updated", "product.deleted", "product.created"]);
        calls.iter().for_each(|call| verify(&verifier, call));
        let ids: BTreeSet<&str> = calls.iter().map(|call| call.header("webhook-id")).collect();
        assert_eq!(ids.len(), 4);
        let data = &calls[1].json()["data"];
        assert_eq!((data["version"].as_i64(), data["price_minor"].as_i64()), (Some(2), Some(250)));
        assert_eq!(data["changes"], serde_json::json!({"price_minor": [null, 250]}));
        assert_eq!(calls[3].json()["data"]["restored"], true);
    }

    async fn imports_bulk_actions_and_undo_are_told_as_each_webhook_wants(shop: Shop) {
        let (summary, batches, each) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        listening(&shop, &summary).await;
        let policy = |bulk: &str| WebhookText { bulk: Some(bulk.into()), rate_per_second: Some(1_000), concurrency: Some(20), ..WebhookText::default() };
        add(&shop, WebhookText { url: Some(batches.url()), events: wanted("", &EventKind::CHOICE).events, ..policy("batches") }).await;
        add(&shop, WebhookText { url: Some(each.url()), events: wanted("", &[EventKind::ProductCreated, EventKind::ProductDeleted]).events, ..policy("each") }).await;
        let file = CsvFile::header(["sku", "name"]).rows(1_200, |n| [format!("m{n:04}"), "Mug".into()]);
        let import = shop.import(file.bytes()).await;
        let sending = Sending::begin(&shop.services);
        let calls = summary.wait_for(1).await;
        assert_eq!(kinds(&calls), ["import.completed"]);
        assert_eq!(calls[0].json()["data"]["counts"]["created"], 1_200);
        assert_eq!(calls[0].json()["data"]["import_id"], import.job_id);
        let calls = batches.wait_for(4).await;
        let all: BTreeSet<_> = told(&calls).into_iter().collect();
        assert_eq!((told(&calls).len(), all.len()), (1_200, 1_200), "each once");
        assert!(calls.iter().filter(|call| call.kind() == "product.batch").all(|call| call.body.len() <= 64 * 1_024));
        let calls = each.wait_for(1_200).await;
        let all: BTreeSet<_> = told(&calls).into_iter().collect();
        assert_eq!((calls.len(), all.len()), (1_200, 1_200), "each once, and nothing else");

        let some = Selection::Matching(Box::new(ProductQuery { sku: Some("m000".into()), ..ProductQuery::default() }));
        let deletion = imports::plan_bulk(&shop.services.database, BulkAction::Delete, some, None, confirmed()).await.expect("a job");
        shop.work().await;
        assert_eq!(kinds(&summary.wait_for(2).await)[1], "bulk_delete.completed");
        let deleted: Vec<_> = told(&each.wait_for(1_210).await).split_off(1_200);
        assert!(deleted.iter().all(|(sku, kind)| sku.starts_with("m000") && kind == "product.deleted"), "{deleted:?}");
        let calls = batches.wait_for(6).await.split_off(4);
        assert!(kinds(&calls).contains(&"bulk_delete.completed".to_owned()));
        assert_eq!(told(&calls).into_iter().map(|(_, op)| op).collect::<BTreeSet<_>>(), ["deleted".to_owned()].into());
        imports::plan_undo(&shop.services.database, deletion.job_id, confirmed()).await.expect("a job");
        shop.work().await;
        let last = summary.wait_for(3).await.remove(2).json();
        assert_eq!((last["type"].as_str(), last["data"]["kind"].as_str()), (Some("import.completed"), Some("undo")));
        assert_eq!(told(&batches.wait_for(8).await.split_off(6)).len(), 10);
        assert!(told(&each.wait_for(1_220).await).split_off(1_210).iter().all(|(_, kind)| kind == "product.created"), "back from the bin");
        sending.end().await;
        assert_eq!((summary.calls().len(), each.calls().len()), (3, 1_220));
    }

    async fn an_import_that_changes_nothing_sends_no_product(shop: Shop) {
        shop.import("sku,name\nA,Mug\n").await;
        let receiver = Receiver::start().await;
        add(&shop, WebhookText { bulk: Some("each".into()), ..wanted(&receiver.url(), &EventKind::CHOICE) }).await;
        let sending = Sending::begin(&shop.services);
        shop.import("sku,name\nA,Mug\n").await;
        receiver.wait_for(1).await;
        sending.end().await;
        assert_eq!(kinds(&receiver.calls()), ["import.completed"]);
    }

    async fn in_order_means_that_each_event_waits_for_the_one_before(shop: Shop) {
        let receiver = Receiver::answering(|call, _| Reply::Status(if call == 0 { 500 } else { 200 })).await;
        let in_order = WebhookText { ordered: Some(true), ..wanted(&receiver.url(), &EventKind::CHOICE) };
        let (webhook, _) = add(&shop, in_order).await;
        for sku in ["A", "B", "C"] {
            create(&shop, sku).await;
        }
        let sending = Sending::begin(&shop.services);
        receiver.wait_for(1).await;
        sending.end().await;
        assert_eq!(log(&shop.services, webhook.id).await.iter().filter(|delivery| delivery.attempts > 0).count(), 1);
        let sending = Sending::begin(&shop.services);
        sending.pass(Duration::seconds(10));
        let calls = receiver.wait_for(4).await;
        sending.end().await;
        let skus: Vec<String> = calls.iter().map(|call| text(&call.json()["data"]["sku"])).collect();
        assert_eq!(skus, ["A", "A", "B", "C"]);
    }

    async fn a_new_secret_signs_beside_the_old_one_and_retries_go_to_the_new_address(shop: Shop) {
        let (before, after) = (Receiver::answering(|_, _| Reply::Status(500)).await, Receiver::start().await);
        let text = WebhookText { headers: Some(vec![("X-Key".into(), Some("sesame".into()))]), ..wanted(&before.url(), &EventKind::CHOICE) };
        let (webhook, old) = add(&shop, text).await;
        create(&shop, "A").await;
        let sending = Sending::begin(&shop.services);
        before.wait_for(1).await;
        sending.end().await;
        let new = webhooks::rotate_secret(&shop.services, webhook.id, 24, &"ana".into()).await.expect("a secret");
        let moved = WebhookText { url: Some(after.url()), headers: Some(vec![("x-key".into(), None)]), ..WebhookText::default() };
        let changed = webhooks::update(&shop.services, webhook.id, &moved, &"ana".into()).await.expect("changed");
        assert!(changed.old_secret_until.is_some());
        let sending = Sending::begin(&shop.services);
        sending.pass(Duration::seconds(10));
        let calls = after.wait_for(1).await;
        sending.end().await;
        verify(&old, &calls[0]);
        verify(&standardwebhooks::Webhook::new(&new.to_text()).expect("a secret"), &calls[0]);
        assert_eq!(calls[0].header("x-key"), "sesame");
        let (_, attempts) = only(&shop.services, webhook.id).await;
        let shown = format!("{attempts:?}");
        assert!(!shown.contains("sesame") && !shown.contains("v1,"), "the log shows no secret: {shown}");
        // Without an overlap the old ones are worth nothing at once.
        webhooks::rotate_secret(&shop.services, webhook.id, 0, &"ana".into()).await.expect("a secret");
        webhooks::test(&shop.services, webhook.id, EventKind::Ping, &"ana".into()).await.expect("a test");
        assert_eq!(after.calls()[1].header("webhook-signature").split(' ').count(), 1);
        let known = webhooks::reveal(&shop.services, webhook.id, &"ana".into()).await.expect("the secret");
        verify(&standardwebhooks::Webhook::new(&known.to_text()).expect("a secret"), &after.calls()[1]);
    }

    async fn a_test_reaches_a_disabled_webhook_and_counts_for_nothing(shop: Shop) {
        let receiver = Receiver::answering(|_, _| Reply::Status(500)).await;
        let text = WebhookText { enabled: Some(false), ..wanted(&receiver.url(), &[EventKind::ProductCreated]) };
        let (webhook, verifier) = add(&shop, text).await;
        let trial = webhooks::test(&shop.services, webhook.id, EventKind::ProductUpdated, &"ana".into()).await.expect("a test");
        assert_eq!((trial.status, trial.response_status), (DeliveryStatus::Failed, Some(500)));
        assert!(trial.duration_ms.is_some());
        let call = receiver.calls().remove(0);
        verify(&verifier, &call);
        assert_eq!((call.kind().as_str(), call.json()["test"].as_bool()), ("product.updated", Some(true)));
        let webhook = webhooks::get(&shop.services, webhook.id).await.expect("the webhook");
        assert_eq!((webhook.failing_since, webhook.held, webhook.health.failed), (None, 0, 0));
        let since = Timestamp::from(OffsetDateTime::now_utc() - Duration::hours(1));
        assert_eq!(webhooks::count_failed(shop.services.reader(), webhook.id, &since).await.expect("a count"), 0);
    }

    async fn products_are_added_while_many_webhooks_are_told(shop: Shop) {
        let receiver = Receiver::start().await;
        for _ in 0..12 {
            add(&shop, WebhookText { rate_per_second: Some(1_000), ..wanted(&receiver.url(), &EventKind::CHOICE) }).await;
        }
        let sending = Sending::begin(&shop.services);
        let adding = (0..4).map(|writer| {
            let shop = &shop;
            async move {
                for n in 0..25 {
                    create(shop, &format!("m{writer}-{n}")).await;
                }
            }
        });
        futures::future::join_all(adding).await;
        receiver.wait_for(1_200).await;
        sending.end().await;
        let told: BTreeSet<_> = receiver.calls().iter().map(|call| call.header("webhook-id").to_owned()).collect();
        assert_eq!((receiver.calls().len(), told.len()), (1_200, 100), "each event once at each webhook");
    }

}

/// Waits until so many different events have come, however often each does.
async fn all_of(receiver: &Receiver, events: usize) -> Vec<Received> {
    let mut calls = receiver.wait_for(events).await;
    loop {
        let ids: BTreeSet<&str> = calls.iter().map(|call| call.header("webhook-id")).collect();
        if ids.len() >= events {
            return calls;
        }
        calls = receiver.wait_for(calls.len() + 1).await;
    }
}

/// How far the clock must go for the only delivery to be due.
async fn elapsed(shop: &Shop, webhook: i64) -> Duration {
    let (delivery, _) = only(&shop.services, webhook).await;
    match &delivery.next_attempt_at {
        Some(next) => moment(Some(next)) - OffsetDateTime::now_utc() + Duration::seconds(2),
        None => Duration::ZERO,
    }
}

fn moment(timestamp: Option<&Timestamp>) -> OffsetDateTime {
    let text = timestamp.expect("a moment").as_str();
    OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).expect("a moment")
}
