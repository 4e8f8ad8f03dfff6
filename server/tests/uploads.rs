//! An upload is answered at once or refused in words; what breaks off leaves nothing behind. The numbers are those of the list of bad inputs.

use reqwest::multipart::{Form, Part};
use serde_json::Value;
use stockroom::testing::Kind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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
async fn n27_a_file_name_is_only_shown() {
    let site = Site::open().await;
    for (nth, name) in ["../../etc/passwd", "CON", "x.csv#1", &"n".repeat(4_000)]
        .iter()
        .enumerate()
    {
        let import: Value = site
            .upload("/api/v1/imports", name, format!("sku,name\nS{nth},x\n"))
            .await
            .json()
            .await
            .expect("JSON");
        let shown = import["file_name"].as_str().expect("a name");
        assert!(!shown.contains('/') && shown.len() <= 200, "{shown}");
    }
    assert!(!site.shop.folder().join("etc").exists());
}

#[tokio::test]
async fn n28_a_picture_called_csv_is_refused_as_a_problem() {
    let site = Site::open().await;
    let response = site
        .upload("/api/v1/imports", "a.csv", b"\x89PNG\r\n\x1a\n".to_vec())
        .await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "content-type")),
        (415, "application/problem+json")
    );
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(
        (problem["status"].as_i64(), problem["errors"][0]["field"].as_str()),
        (Some(415), Some("file"))
    );
    assert_eq!(kept(&site), 0);
}

/// Sends the beginning of an upload by hand and closes; gives the answer.
async fn broken_upload(site: &Site, headers: &str, body: &[u8]) -> String {
    let mut connection = site.connect().await;
    let head = format!(
        "POST /api/v1/imports HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=x\r\n{headers}\r\n\r\n",
        site.key
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    connection.write_all(body).await.expect("sent");
    connection.shutdown().await.expect("closed");
    let mut answer = Vec::new();
    drop(connection.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

const PART: &str = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nsku,name\na,1\n";

#[tokio::test]
async fn n29_a_length_that_lies_is_answered_and_leaves_nothing() {
    let site = Site::open().await;
    let long = broken_upload(&site, "Content-Length: 100000", PART.as_bytes()).await;
    assert!(long.is_empty() || long.starts_with("HTTP/1.1 400"), "{long}");
    let short = broken_upload(&site, "Content-Length: 60", PART.as_bytes()).await;
    assert!(short.starts_with("HTTP/1.1 400"), "{short}");
    let chunk = format!("{:x}\r\n{PART}\r\n", PART.len());
    let endless = broken_upload(&site, "Transfer-Encoding: chunked", chunk.as_bytes()).await;
    assert!(endless.is_empty() || endless.starts_with("HTTP/1.1 400"), "{endless}");
    let shop = site.close().await;
    assert_eq!(
        std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count),
        0
    );
}

#[tokio::test]
async fn n30_too_large_is_said_before_the_last_byte() {
    let site = Site::open_with(Kind::Sqlite, |config| config.upload_limit = 100_000).await;
    let announced = broken_upload(&site, "Content-Length: 900000000", b"").await;
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    let response = site.upload("/api/v1/imports", "a.csv", vec![b'x'; 120_000]).await;
    assert_eq!(response.status(), 413);
    assert_eq!(kept(&site), 0);
}

#[tokio::test]
async fn n31_forms_that_are_not_what_is_needed_are_refused() {
    let site = Site::open().await;
    let send = |form: Form| site.with_key("POST", "/api/v1/imports").multipart(form).send();
    let file = |name: &str| Part::bytes(format!("sku,name\n{name},1\n").into_bytes()).file_name("a.csv");
    let none = send(Form::new().text("other", "x")).await.expect("an answer");
    let two = send(Form::new().part("file", file("a")).part("file", file("b")))
        .await
        .expect("an answer");
    let many = send((0..10_000).fold(Form::new(), |form, nth| form.text(format!("f{nth}"), "x")))
        .await
        .expect("an answer");
    let kind = send(Form::new().text("kind", "cars").part("file", file("a")))
        .await
        .expect("an answer");
    for response in [none, two, many, kind] {
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (400, "application/problem+json")
        );
    }
    for content_type in ["multipart/form-data", "text/csv", "application/json"] {
        let request = site
            .with_key("POST", "/api/v1/imports")
            .header("content-type", content_type)
            .body("sku,name\na,1\n");
        assert_eq!(request.send().await.expect("an answer").status(), 400, "{content_type}");
    }
    assert_eq!(kept(&site), 0);
}

#[tokio::test]
async fn n32_sending_it_twice_makes_one_import() {
    let site = Site::open().await;
    let send = |content: &'static str| {
        let form = Form::new().part("file", Part::bytes(content.as_bytes()).file_name("a.csv"));
        site.with_key("POST", "/api/v1/imports")
            .header("idempotency-key", "once")
            .multipart(form)
            .send()
    };
    let first: Value = send("sku,name\na,1\n")
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let second: Value = send("sku,name\na,2\n")
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(first["job_id"], second["job_id"]);
    assert_eq!(site.json("/api/v1/imports").await["total"], 1);
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
