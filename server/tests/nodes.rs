//! Several nodes serve one shop: what one does, the others show.

use serde_json::Value;
use stockroom::nodes::{Membership, Newcomer, NodeRole};
use stockroom::testing::Kind;

use crate::site::{EMAIL, PASSWORD, Site, header};

fn many(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("SKU-{n:07},Thing {n},{}.50\n", n % 500));
    std::iter::once("sku,name,price\n".to_owned()).chain(rows).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_streams_what_another_works_on() {
    let web = Site::open_as(Kind::Postgres, NodeRole::Web).await;
    let sent = web.upload("/api/v1/imports", "many.csv", many(40_000)).await;
    let import: Value = sent.json().await.expect("JSON");
    let id = import["job_id"].as_i64().expect("an id");
    let worker = web.beside(NodeRole::Worker).await;
    let last = web.last_event(id).await;
    assert_eq!(
        (last["status"].as_str(), last["created"].as_i64()),
        (Some("completed"), Some(40_000))
    );
    let cancelled = web.upload("/api/v1/imports", "more.csv", many(400_000)).await;
    let import: Value = cancelled.json().await.expect("JSON");
    let id = import["job_id"].as_i64().expect("an id");
    let answer = web
        .with_key("POST", &format!("/api/v1/imports/{id}/cancel"))
        .send()
        .await
        .expect("an answer");
    assert!(answer.status().is_success(), "{answer:?}");
    assert_eq!(web.last_event(id).await["status"], "cancelled");
    worker.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_answers_those_who_watch_over_it_and_nobody_else() {
    let web = Site::open_as(Kind::Postgres, NodeRole::Web).await;
    let worker = web.beside(NodeRole::Worker).await;
    for (path, status) in [
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/products", 404),
        ("/api/v1/products", 404),
    ] {
        assert_eq!(worker.get(path).await.status(), status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_on_one_node_is_known_on_all_and_signed_out_on_all() {
    let one = Site::open_as(Kind::Postgres, NodeRole::Web).await;
    let other = one.beside(NodeRole::Web).await;
    // The address that one node has printed is good on the other.
    let form = [
        ("token", one.setup_token.as_str()),
        ("email", EMAIL),
        ("password", PASSWORD),
    ];
    let set_up = other.own_post("/setup").form(&form).send().await.expect("an answer");
    assert_eq!((set_up.status().as_u16(), header(&set_up, "location")), (303, "/"));
    let session = crate::site::cookie(&set_up).expect("a session");
    let page = async |site: &Site| {
        let asked = site.request("GET", "/products").header("cookie", &session);
        asked.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!((page(&one).await, page(&other).await), (200, 200));
    let out = one
        .own_post("/logout")
        .header("cookie", &session)
        .send()
        .await
        .expect("an answer");
    assert_eq!(out.status(), 303);
    assert_eq!((page(&one).await, page(&other).await), (401, 401));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_watch_over_the_shop_see_its_nodes() {
    let site = Site::open_as(Kind::Postgres, NodeRole::All).await;
    let seen = async || -> (Value, String) {
        let figures = site
            .with_key("GET", "/api/v1/monitoring")
            .send()
            .await
            .expect("an answer");
        let metrics = site.get("/metrics").await.text().await.expect("text");
        (figures.json().await.expect("JSON"), metrics)
    };
    let (figures, metrics) = seen().await;
    assert_eq!(figures["nodes"], serde_json::json!([]));
    assert!(!metrics.contains("stockroom_nodes"), "{metrics}");
    let services = &site.shop.services;
    let newcomer = Newcomer {
        role: NodeRole::All,
        version: "1.2.3".to_owned(),
        disks: services.disks.clone(),
        patience: std::time::Duration::ZERO,
    };
    let _node = Membership::join(&services.database, &services.storage, newcomer)
        .await
        .expect("a node");
    let (figures, metrics) = seen().await;
    let node = &figures["nodes"][0];
    assert_eq!(
        (node["role"].as_str(), node["version"].as_str()),
        (Some("all"), Some("1.2.3"))
    );
    let disk = &node["disks"][0];
    assert_eq!(
        (&disk["used_for"], &disk["total_bytes"]),
        (&figures["disks"][0]["used_for"], &figures["disks"][0]["total_bytes"])
    );
    assert!(disk["total_bytes"].as_i64() > Some(0), "{node}");
    assert!(metrics.contains("stockroom_nodes{role=\"all\"} 1\n"), "{metrics}");
    assert!(metrics.contains("stockroom_nodes{role=\"worker\"} 0\n"), "{metrics}");
}
