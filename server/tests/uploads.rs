//! An upload is answered at once, or with its result where that is asked for.

use reqwest::multipart::{Form, Part};
use serde_json::Value;
use stockroom::testing::Kind;

use crate::site::{Site, header};

async fn post(site: &Site, path: &str) -> reqwest::Response {
    site.with_key("POST", path).send().await.expect("an answer")
}

fn kept(site: &Site) -> usize {
    std::fs::read_dir(site.shop.folder().join("files/uploads")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn every_address_for_files_takes_one() {
    let site = Site::open().await;
    for (nth, path) in [
        "/api/v1/imports",
        "/api/v1/upload",
        "/api/v1/etl/products",
        "/api/upload",
    ]
    .iter()
    .enumerate()
    {
        let response = site.upload(path, "p.csv", format!("sku,name\nS{nth},x\n")).await;
        assert_eq!(response.status(), 202, "{path}");
        let address = header(&response, "location").to_owned();
        let import: Value = response.json().await.expect("JSON");
        assert_eq!(
            (import["kind"].as_str(), address),
            (Some("products"), format!("/api/v1/imports/{}", import["job_id"])),
            "{path}"
        );
        let last = site.last_event(import["job_id"].as_i64().expect("an id")).await;
        assert_eq!(
            (last["status"].as_str(), last["created"].as_i64()),
            (Some("completed"), Some(1)),
            "{path}"
        );
    }
    let catalogs: Value = site
        .upload("/api/v1/etl/catalogs", "c.csv", "name\nGarden\n")
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(catalogs["kind"], "catalogs");
    site.last_event(catalogs["job_id"].as_i64().expect("an id")).await;
    assert_eq!(site.json("/api/v1/catalogs").await["items"][0]["name"], "Garden");
}

#[tokio::test]
async fn a_checked_file_waits_says_what_it_would_do_and_is_applied() {
    let site = Site::open().await;
    site.import("sku,name,price\nA,Mug,1.00\nB,Cup,2.00\n").await;
    let file = "sku,name,price\nA,Mug,3.00\nC,Jug,4.00\nD,,1.00\n";
    let response = site.upload("/api/v1/imports?check=true", "p.csv", file).await;
    assert_eq!(response.status(), 202);
    let id = response.json::<Value>().await.expect("JSON")["job_id"]
        .as_i64()
        .expect("an id");
    let last = site.last_event(id).await;
    assert_eq!(
        (&last["status"], &last["created"], &last["updated"], &last["failed"]),
        (&"awaiting_confirmation".into(), &1.into(), &1.into(), &1.into())
    );
    assert_eq!(
        (&last["check"]["created"], &last["check"]["needs_confirmation"]),
        (&1.into(), &false.into())
    );
    let changes = site.json(&format!("/api/v1/imports/{id}/changes?size=1")).await;
    assert_eq!(
        (&changes["total"], &changes["items"][0]["sku"]),
        (&2.into(), &"A".into())
    );
    assert_eq!(
        changes["items"][0]["fields"]["price_minor"],
        serde_json::json!([100, 300])
    );
    let next = changes["next"].as_str().expect("a next page");
    let changes = site
        .json(&format!("/api/v1/imports/{id}/changes?size=1&after={next}"))
        .await;
    assert_eq!(
        (&changes["items"][0]["kind"], &changes["next"]),
        (&"create".into(), &Value::Null)
    );
    let changes = site.json(&format!("/api/v1/imports/{id}/changes?field=price")).await;
    assert_eq!(changes["total"], 1);
    assert_eq!(site.json("/api/v1/products?sku=c").await["total"], 0);

    let applied = post(&site, &format!("/api/v1/imports/{id}/apply")).await;
    assert_eq!(applied.status(), 202);
    let last = site.last_event(id).await;
    assert_eq!(
        (&last["status"], &last["created"], &last["updated"]),
        (&"completed".into(), &1.into(), &1.into())
    );
    assert_eq!(site.json("/api/v1/products?sku=c").await["total"], 1);
}

#[tokio::test]
async fn a_tripwire_is_answered_and_options_are_checked() {
    let site = Site::open().await;
    let file = |price: &str| {
        let lines: String = (0..30).map(|n| format!("T{n},Thing,{price}\n")).collect();
        format!("sku,name,price\n{lines}")
    };
    site.import(file("1.00")).await;
    let response = site.upload("/api/v1/imports?check=true", "p.csv", file("9.00")).await;
    let id = response.json::<Value>().await.expect("JSON")["job_id"]
        .as_i64()
        .expect("an id");
    assert_eq!(site.last_event(id).await["check"]["alarms"][0]["kind"], "price_moved");
    let refused = post(&site, &format!("/api/v1/imports/{id}/apply")).await;
    assert_eq!(refused.status(), 422);
    let applied = post(&site, &format!("/api/v1/imports/{id}/apply?confirm=true")).await;
    assert_eq!(applied.status(), 202);
    assert_eq!(site.last_event(id).await["updated"], 30);
    // Without a check nothing stands in the way, as with the systems that this one replaces.
    site.import(file("90.00")).await;

    for (field, value, status) in [
        ("mode", "guess", 400),
        ("missing", "deactivate", 422),
        ("catalog_id", "99", 422),
        ("check", "perhaps", 400),
    ] {
        let part = Part::bytes(b"sku,name\na,b\n".to_vec()).file_name("p.csv");
        let form = Form::new().text(field, value).part("file", part);
        let answer = site
            .with_key("POST", "/api/v1/imports")
            .multipart(form)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), status, "{field}={value}");
    }
    assert_eq!(kept(&site), 3);
}

/// Posts a file where the answer is held back.
async fn ingested(site: &Site, path: &str, bytes: impl Into<Vec<u8>>) -> (u16, Value) {
    let response = site.upload(path, "p.csv", bytes).await;
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn ingest_answers_with_the_result(kind: Kind) {
    let site = Site::open_with(kind, |_| ()).await;
    for (nth, path) in ["/ingest", "/api/v1/ingest", "/api/ingest"].iter().enumerate() {
        let file = format!("sku,name,price\nS{nth},x,1.00\nB{nth},y,dear\n");
        let (status, import) = ingested(&site, path, file).await;
        assert_eq!((status, &import["status"]), (200, &"completed".into()), "{path}");
        assert_eq!(
            (&import["products"], &import["failed"]),
            (&serde_json::json!({"created": 1, "updated": 0}), &1.into()),
            "{path}"
        );
        let problem = &import["problems"][0];
        assert_eq!(
            (&problem["row"], &problem["kind"]),
            (&3.into(), &"price_not_a_number".into()),
            "{path}"
        );
        assert!(import["finished_at"].is_string(), "{path}");
    }
    let (status, checked) = ingested(&site, "/ingest?check=true", "sku,name\nS0,z\n").await;
    assert_eq!(
        (status, &checked["status"], &checked["products"]["updated"]),
        (200, &"awaiting_confirmation".into(), &1.into())
    );
    let form = |content: &'static str| {
        let part = Part::bytes(content.as_bytes()).file_name("c.csv");
        Form::new().text("kind", "catalogs").part("file", part)
    };
    let answer = site
        .with_key("POST", "/ingest")
        .multipart(form("name\nGarden\n"))
        .send()
        .await;
    let catalogs: Value = answer.expect("an answer").json().await.expect("JSON");
    assert_eq!(
        (&catalogs["created"], &catalogs["products"]["created"]),
        (&1.into(), &0.into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ingest_answers_with_the_result_on_sqlite() {
    ingest_answers_with_the_result(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ingest_answers_with_the_result_on_postgres() {
    ingest_answers_with_the_result(Kind::Postgres).await;
}

#[tokio::test]
async fn ingest_waits_no_longer_than_it_is_asked_to() {
    let site = Site::open().await;
    let many: String = (0..100_000).map(|n| format!("S{n},Thing\n")).collect();
    let response = site
        .upload("/ingest?wait=0", "p.csv", format!("sku,name\n{many}"))
        .await;
    assert_eq!(response.status(), 202);
    let address = header(&response, "location").to_owned();
    let id = response.json::<Value>().await.expect("JSON")["job_id"].clone();
    assert_eq!(address, format!("/api/v1/imports/{id}"));
    assert_eq!(site.last_event(id.as_i64().expect("an id")).await["created"], 100_000);
    for wait in ["61", "-1", "soon"] {
        let (status, problem) = ingested(&site, &format!("/ingest?wait={wait}"), "sku,name\na,b\n").await;
        assert_eq!(
            (status, &problem["errors"][0]["field"]),
            (400, &"wait".into()),
            "{wait}"
        );
    }
}
