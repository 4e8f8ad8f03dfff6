//! Webhooks over HTTP: what programs may ask for, what is refused, and that secrets are nowhere but where they are asked for.

use serde_json::{Value, json};
use stockroom::testing::{Receiver, Reply};

use crate::site::{Site, ask, header};

async fn listening(site: &Site, receiver: &Receiver) -> (i64, String) {
    let body = json!({"url": receiver.url(), "events": ["product.created", "product.updated", "import.completed"],
        "headers": {"X-Key": "open sesame"}});
    let (status, webhook) = ask(site, "POST", "/webhooks", Some(body)).await;
    assert_eq!(status, 201, "{webhook}");
    let secret = webhook["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_"));
    (webhook["id"].as_i64().expect("an id"), secret)
}

async fn create(site: &Site, sku: &str) {
    let (status, product) = ask(site, "POST", "/products", Some(json!({"sku": sku, "name": "Mug"}))).await;
    assert_eq!(status, 201, "{product}");
}

/// Waits until the log says that so many have arrived.
async fn delivered(site: &Site, id: i64, count: i64) -> Value {
    let waited = async {
        loop {
            let (_, log) = ask(site, "GET", &format!("/webhooks/{id}/logs"), None).await;
            if log["statistics"]["delivered"].as_i64() >= Some(count) {
                // Counted after the page was read, which may be older.
                return ask(site, "GET", &format!("/webhooks/{id}/logs"), None).await.1;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waited)
        .await
        .expect("they arrive")
}

#[tokio::test]
async fn a_webhook_is_made_read_replaced_changed_and_deleted() {
    let site = Site::open().await;
    let receiver = Receiver::start().await;
    let (id, _) = listening(&site, &receiver).await;
    let (_, webhook) = ask(&site, "GET", &format!("/webhooks/{id}"), None).await;
    assert_eq!(
        (webhook["enabled"].as_bool(), webhook["bulk"].as_str()),
        (Some(true), Some("summary"))
    );
    assert_eq!(
        webhook["headers"],
        json!({"X-Key": null}),
        "their values are nobody's business"
    );
    assert!(webhook.get("secret").is_none());
    let (status, same) = ask(&site, "PUT", &format!("/webhooks/{id}"), Some(webhook.clone())).await;
    assert_eq!(status, 200, "an answer may be sent back as it is: {same}");
    let mut expected = webhook.clone();
    expected["updated_at"] = same["updated_at"].clone();
    assert_eq!(same, expected);
    let (_, changed) = ask(
        &site,
        "PATCH",
        &format!("/webhooks/{id}"),
        Some(json!({"bulk": "each", "enabled": false})),
    )
    .await;
    assert_eq!(
        (changed["bulk"].as_str(), changed["status"].as_str()),
        (Some("each"), Some("disabled"))
    );
    let (_, replaced) = ask(
        &site,
        "PUT",
        &format!("/webhooks/{id}"),
        Some(json!({"url": receiver.url(), "events": ["product.deleted"]})),
    )
    .await;
    assert_eq!(
        (
            replaced["bulk"].as_str(),
            replaced["enabled"].as_bool(),
            replaced["headers"].clone()
        ),
        (Some("summary"), Some(true), json!({}))
    );
    let (_, all) = ask(&site, "GET", "/webhooks", None).await;
    assert_eq!(
        (all["total"].as_i64(), all["items"][0]["id"].as_i64()),
        (Some(1), Some(id))
    );
    assert_eq!(ask(&site, "DELETE", &format!("/webhooks/{id}"), None).await.0, 204);
    for path in ["", "/logs"] {
        assert_eq!(ask(&site, "GET", &format!("/webhooks/{id}{path}"), None).await.0, 404);
    }
    assert_eq!(ask(&site, "PATCH", "/webhooks/x", Some(json!({}))).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_name() {
    let site = Site::open_with(stockroom::testing::Kind::Sqlite, |config| {
        config.webhook_policy = Default::default()
    })
    .await;
    let good = || json!({"url": "https://93.184.216.34/hooks", "events": ["product.created"]});
    for (field, value) in [
        ("url", json!("http://93.184.216.34/")),
        ("url", json!("https://127.0.0.1/")),
        ("url", json!("https://[::ffff:169.254.169.254]/")),
        ("url", json!("https://localhost/")),
        ("url", json!("https://u:p@93.184.216.34/")),
        ("url", json!("https://93.184.216.34:22/")),
        ("url", json!("ftp://93.184.216.34/")),
        ("url", json!(7)),
        ("events", json!([])),
        ("events", json!(["product.exploded"])),
        ("events", json!("product.created")),
        ("bulk", json!("all")),
        ("headers", json!({"Host": "evil"})),
        ("headers", json!({"X-Key": "a\r\nb: c"})),
        ("headers", json!(["X-Key"])),
        ("rate_per_second", json!(0)),
        ("concurrency", json!("many")),
        ("timeout_seconds", json!(31)),
        ("enabled", json!("yes")),
        ("colour", json!("red")),
    ] {
        let mut body = good();
        body[field] = value.clone();
        let (status, problem) = ask(&site, "POST", "/webhooks", Some(body)).await;
        assert_eq!(
            (status, problem["errors"][0]["field"].as_str()),
            (422, Some(field)),
            "{value}: {problem}"
        );
    }
    let (status, webhook) = ask(&site, "POST", "/webhooks", Some(good())).await;
    assert_eq!(status, 201);
    let id = webhook["id"].as_i64().expect("an id");
    let (status, _) = ask(&site, "PATCH", &format!("/webhooks/{id}"), Some(json!({"id": 9}))).await;
    assert_eq!(status, 422, "whoever sends it expects that it has an effect");
    for (path, body) in [
        ("rotate-secret", json!({"overlap_hours": 169})),
        ("test", json!({"event": "nothing"})),
        ("replay", json!({"since": "soon"})),
    ] {
        let (status, problem) = ask(&site, "POST", &format!("/webhooks/{id}/{path}"), Some(body)).await;
        assert!([400, 422].contains(&status), "{path}: {problem}");
    }
    for query in [
        "status=lost",
        "event=nothing",
        "code=9",
        "from=yesterday",
        "size=0",
        "colour=red",
    ] {
        assert_eq!(
            ask(&site, "GET", &format!("/webhooks/{id}/logs?{query}"), None).await.0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_test_answers_with_status_and_milliseconds() {
    let site = Site::open().await;
    let receiver = Receiver::answering(|call, _| Reply::Status(if call == 0 { 201 } else { 500 })).await;
    let (id, _) = listening(&site, &receiver).await;
    let (status, good) = ask(&site, "POST", &format!("/webhooks/{id}/test"), None).await;
    assert_eq!(
        (status, good["delivered"].as_bool(), good["status"].as_i64()),
        (200, Some(true), Some(201))
    );
    assert!(good["milliseconds"].as_i64().is_some());
    let (_, bad) = ask(
        &site,
        "POST",
        &format!("/webhooks/{id}/test"),
        Some(json!({"event": "import.completed"})),
    )
    .await;
    assert_eq!(
        (bad["delivered"].as_bool(), bad["status"].as_i64()),
        (Some(false), Some(500))
    );
    assert!(bad["error"].as_str().is_some_and(|error| error.contains("500")));
    assert_eq!(receiver.calls()[1].kind(), "import.completed");
}

#[tokio::test]
async fn the_log_tells_what_was_sent_and_sends_it_again() {
    let site = Site::open().await;
    let receiver = Receiver::start().await;
    let (id, _) = listening(&site, &receiver).await;
    create(&site, "A").await;
    receiver.wait_for(1).await;
    let log = delivered(&site, id, 1).await;
    let delivery = &log["items"][0];
    assert_eq!(
        (
            delivery["event"].as_str(),
            delivery["object"].as_str(),
            delivery["status"].as_str()
        ),
        (Some("product.created"), Some("A"), Some("delivered"))
    );
    let path = format!("/webhooks/{id}/deliveries/{}", delivery["id"]);
    let (_, detail) = ask(&site, "GET", &path, None).await;
    assert_eq!(detail["body"].as_str(), Some(receiver.calls()[0].body.as_str()));
    assert_eq!(
        (
            detail["history"][0]["response_status"].as_i64(),
            detail["history"][0]["cause"].as_str()
        ),
        (Some(200), Some("automatic"))
    );
    assert_eq!(ask(&site, "POST", &format!("{path}/replay"), None).await.0, 202);
    let calls = receiver.wait_for(2).await;
    assert_eq!(
        (calls[0].header("webhook-id"), &calls[0].body),
        (calls[1].header("webhook-id"), &calls[1].body)
    );
    assert_eq!(
        ask(&site, "POST", "/webhooks/99/deliveries/1/replay", None).await.0,
        404
    );
    let (status, problem) = ask(
        &site,
        "POST",
        &format!("/webhooks/{id}/replay"),
        Some(json!({"since": "2026-01-01"})),
    )
    .await;
    assert_eq!(status, 409, "nothing has failed: {problem}");
}

#[tokio::test]
async fn asked_twice_under_one_key_it_is_made_once() {
    let site = Site::open().await;
    let receiver = Receiver::start().await;
    let body = json!({"url": receiver.url(), "events": ["product.created"]});
    let post = async |body: &Value| {
        let request = site
            .with_key("POST", "/api/v1/webhooks")
            .header("idempotency-key", "once")
            .json(body);
        let response = request.send().await.expect("an answer");
        (response.status(), response.json::<Value>().await.expect("JSON"))
    };
    let ((_, one), (_, other)) = tokio::join!(post(&body), post(&body));
    assert_eq!(
        (one["id"].as_i64(), &one["secret"]),
        (other["id"].as_i64(), &other["secret"]),
        "{one} {other}"
    );
    // Other values are not answered as if they had been saved, and no secret goes with the answer.
    let others = json!({"url": receiver.url(), "events": ["product.deleted"]});
    let (status, problem) = post(&others).await;
    assert_eq!((status.as_u16(), &problem["secret"]), (422, &Value::Null), "{problem}");
    assert_eq!(site.json("/api/v1/webhooks").await["total"], 1);
    // The same key for something else is another wish, and never the way to a secret.
    let product = site
        .with_key("POST", "/api/v1/products")
        .header("idempotency-key", "once")
        .json(&json!({"sku": "A", "name": "Mug"}));
    let product = product.send().await.expect("an answer");
    assert_eq!(product.status(), 201);
    assert_eq!(product.json::<Value>().await.expect("JSON")["sku"], "A");
}

#[tokio::test]
async fn the_changes_of_an_import_are_paged_each_once() {
    let site = Site::open().await;
    site.import("sku,name\nA,Mug\nB,Mug\n").await;
    let rows: String = (0..120).map(|n| format!("m{n:03},Mug\n")).collect();
    let import = site.import(format!("sku,name\nA,Cup\nB,Mug\n{rows}")).await;
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = site
            .json(&format!("/api/v1/imports/{}/changes?size=50{after}", import["job_id"]))
            .await;
        assert_eq!(page["total"], 121);
        seen.extend(
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| (item["kind"].clone(), item["sku"].clone())),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 121);
    assert_eq!(seen.last(), Some(&(json!("update"), json!("A"))));
    for query in ["after=x1", "after=c-1", "size=0", "page=2"] {
        assert_eq!(
            site.get(&format!("/api/v1/imports/{}/changes?{query}", import["job_id"]))
                .await
                .status(),
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn secrets_are_in_no_page_and_no_answer_but_the_one_that_they_were_asked_for() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let receiver = Receiver::start().await;
    let (id, secret) = listening(&site, &receiver).await;
    create(&site, "A").await;
    receiver.wait_for(1).await;
    let delivery = delivered(&site, id, 1).await["items"][0]["id"].clone();
    let signature = receiver.calls()[0].header("webhook-signature").to_owned();
    let see = |path: String| {
        let is_page = !path.starts_with("/api/") && !path.starts_with("/actions/");
        let accepted = if is_page { "text/html" } else { "application/json" };
        let request = site
            .request("GET", &path)
            .header("cookie", &session)
            .header("accept", accepted);
        async move {
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), 200, "{path}");
            response.text().await.expect("a page")
        }
    };
    let webhook = format!("/webhooks/{id}");
    for path in [
        "/webhooks".to_owned(),
        webhook.clone(),
        format!("{webhook}/deliveries"),
        format!("{webhook}/replay"),
        format!("/deliveries/{delivery}"),
        "/audit".to_owned(),
        format!("/actions/get_webhook?id={id}"),
        format!("/actions/get_delivery?id={delivery}"),
        format!("/api/v1/webhooks/{id}/deliveries/{delivery}"),
    ] {
        let page = see(path.clone()).await;
        for hidden in [secret.trim_start_matches("whsec_"), "open sesame", signature.as_str()] {
            assert!(!page.contains(hidden), "{path} shows {hidden}");
        }
    }
    // Asked for, it is shown once.
    let response = site
        .own_post(&format!("{webhook}/reveal"))
        .header("cookie", &session)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (response.status().as_u16(), header(&response, "location")),
        (303, webhook.as_str())
    );
    assert!(see(webhook.clone()).await.contains(&secret));
    assert!(!see(webhook).await.contains(&secret));
}
