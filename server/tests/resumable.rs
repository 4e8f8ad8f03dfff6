//! Resumable uploads as tus 1.0 has them: each status, each header, and nobody but who began one gets at it.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::multipart::Form;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;
use stockroom::accounts::Role;
use stockroom::testing::Kind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::site::{Site, header, new_key};

const FILE: &[u8] = b"sku,name\nA,Mug\nB,Cup\n";

fn tus(site: &Site, method: &str, path: &str) -> RequestBuilder {
    site.with_key(method, path).header("tus-resumable", "1.0.0")
}

/// Begins an upload; gives its address.
async fn begin(site: &Site, length: usize) -> String {
    let begun = tus(site, "POST", "/api/v1/uploads")
        .header("upload-length", length)
        .header("upload-metadata", "filename cHJpY2VzLmNzdg==,filetype dGV4dC9jc3Y=");
    let begun = begun.send().await.expect("an answer");
    assert_eq!(begun.status(), 201);
    assert!(header(&begun, "upload-expires").ends_with(" GMT"), "{begun:?}");
    header(&begun, "location").to_owned()
}

fn patch(site: &Site, path: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
    tus(site, "PATCH", path)
        .header("upload-offset", offset)
        .header("content-type", "application/offset+octet-stream")
        .body(bytes.to_vec())
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.expect("an answer").status().as_u16()
}

async fn offset(site: &Site, path: &str) -> String {
    let head = tus(site, "HEAD", path).send().await.expect("an answer");
    assert_eq!(
        (head.status().as_u16(), header(&head, "cache-control")),
        (200, "no-store")
    );
    header(&head, "upload-offset").to_owned()
}

fn form(upload: &str) -> Form {
    let id = upload.rsplit('/').next().expect("an id").to_owned();
    Form::new().text("upload", id)
}

#[tokio::test]
async fn a_file_in_two_requests_becomes_an_import() {
    let site = Site::open().await;
    let upload = begin(&site, FILE.len()).await;
    let sent = patch(&site, &upload, 0, &FILE[..7]).send().await.expect("an answer");
    assert_eq!((sent.status().as_u16(), header(&sent, "upload-offset")), (204, "7"));
    assert_eq!(
        (header(&sent, "tus-resumable"), offset(&site, &upload).await),
        ("1.0.0", "7".into())
    );
    let early = site.with_key("POST", "/api/v1/imports").multipart(form(&upload));
    assert_eq!(status(early).await, 409);
    // The other prefix is the same place, and a proxy that lets no PATCH through is gone round.
    let other = upload.replace("/api/v1/", "/api/");
    let sent = patch(&site, &other, 7, &FILE[7..]).build().expect("a request");
    let sent = tus(&site, "POST", &other)
        .headers(sent.headers().clone())
        .header("x-http-method-override", "PATCH")
        .body(FILE[7..].to_vec());
    assert_eq!(status(sent).await, 204);
    let wrong = form(&upload).text("mode", "guess");
    assert_eq!(
        status(site.with_key("POST", "/api/v1/imports").multipart(wrong)).await,
        400
    );
    let mut ids = Vec::new();
    for _ in 0..2 {
        let import = site
            .with_key("POST", "/api/v1/imports")
            .multipart(form(&upload))
            .send()
            .await;
        let import = import.expect("an answer");
        assert_eq!(import.status(), 202);
        let import: Value = import.json().await.expect("JSON");
        assert_eq!(import["file_name"], "prices.csv");
        ids.push(import["job_id"].as_i64().expect("an id"));
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(site.last_event(ids[0]).await["created"], 2);
    assert_eq!(status(tus(&site, "DELETE", &upload)).await, 204);
    // Its file is the import's.
    let problems = site.get(&format!("/api/v1/imports/{}/problems.csv", ids[0])).await;
    assert_eq!(problems.status(), 200);
}

#[tokio::test]
async fn what_is_spoken_is_said() {
    let site = Site::open_with(Kind::Sqlite, |config| config.upload_limit = 1_000).await;
    let abilities = site
        .with_key("OPTIONS", "/api/v1/uploads")
        .send()
        .await
        .expect("an answer");
    assert_eq!(abilities.status(), 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,termination,expiration"),
        ("tus-max-size", "1000"),
    ] {
        assert_eq!(header(&abilities, name), value);
    }
    let old = site.with_key("POST", "/api/v1/uploads").header("upload-length", 5);
    let old = old.header("tus-resumable", "0.2.2").send().await.expect("an answer");
    assert_eq!((old.status().as_u16(), header(&old, "tus-version")), (412, "1.0.0"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words() {
    let site = Site::open_with(Kind::Sqlite, |config| config.upload_limit = 1_000).await;
    let create = || tus(&site, "POST", "/api/v1/uploads");
    let upload = begin(&site, 5).await;
    for (request, expected) in [
        (create(), 400),
        (create().header("upload-length", "many"), 400),
        (create().header("upload-length", "-1"), 400),
        (create().header("upload-defer-length", 1), 400),
        (
            create()
                .header("upload-length", 5)
                .header("upload-metadata", "filename *"),
            400,
        ),
        (create().header("upload-length", 1_001), 413),
        (site.with_key("HEAD", &upload), 412),
        (tus(&site, "HEAD", "/api/v1/uploads/1"), 404),
        (tus(&site, "HEAD", "/api/v1/uploads/..%2f..%2fetc"), 404),
        (
            tus(&site, "PATCH", &upload).header("upload-offset", 0).body("abcde"),
            415,
        ),
        (patch(&site, &upload, 3, b"ab"), 409),
        (patch(&site, &upload, 0, b"abcdef"), 413),
        (tus(&site, "POST", &upload), 400),
        (tus(&site, "GET", &upload), 405),
    ] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), expected, "{answer:?}");
        assert_eq!(
            header(&answer, "content-type"),
            "application/problem+json",
            "{answer:?}"
        );
    }
    assert_eq!(offset(&site, &upload).await, "0");
    assert_eq!(status(tus(&site, "DELETE", &upload)).await, 204);
    assert_eq!(status(patch(&site, &upload, 0, b"ab")).await, 404);
    let gone = site.with_key("POST", "/api/v1/imports").multipart(form(&upload));
    assert_eq!(status(gone).await, 422);
    let both = form("1").part(
        "file",
        reqwest::multipart::Part::bytes(FILE.to_vec()).file_name("a.csv"),
    );
    assert_eq!(
        status(site.with_key("POST", "/api/v1/imports").multipart(both)).await,
        400
    );
    assert_eq!(
        std::fs::read_dir(site.shop.folder().join("files"))
            .expect("a folder")
            .count(),
        0
    );
}

#[tokio::test]
async fn an_upload_is_of_who_began_it() {
    let site = Site::open().await;
    let upload = begin(&site, 5).await;
    let other = new_key(&site.shop, "other", Role::Admin).await;
    for method in ["HEAD", "PATCH", "DELETE"] {
        let request = site
            .request(method, &upload)
            .bearer_auth(&other)
            .header("tus-resumable", "1.0.0");
        let request = request
            .header("upload-offset", 0)
            .header("content-type", "application/offset+octet-stream");
        assert_eq!(status(request).await, 404, "{method}");
    }
    let import = site
        .request("POST", "/api/v1/imports")
        .bearer_auth(&other)
        .multipart(form(&upload));
    assert_eq!(status(import).await, 422);
    assert_eq!(offset(&site, &upload).await, "0");
}

/// Begins a PATCH by hand, sends some of what it announces, and leaves the connection open.
async fn half_sent(site: &Site, upload: &str, offset: usize, announced: usize, bytes: &[u8]) -> tokio::net::TcpStream {
    let mut connection = site.connect().await;
    let head = format!(
        "PATCH {upload} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {announced}\r\n\r\n",
        site.key
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    connection.write_all(bytes).await.expect("sent");
    connection
}

/// Waits until a request adds to an upload.
async fn until_held(site: &Site) {
    let db = site.shop.services.database.writer();
    let held = "SELECT id FROM uploads WHERE lease_owner IS NOT NULL";
    loop {
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), held))
            .await;
        if row.expect("an answer").is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn bytes_that_came_before_a_cut_are_kept_and_two_requests_at_once_are_not_taken() {
    let site = Site::open().await;
    let upload = begin(&site, FILE.len()).await;
    let connection = half_sent(&site, &upload, 0, FILE.len(), &FILE[..9]).await;
    until_held(&site).await;
    assert_eq!(status(patch(&site, &upload, 0, b"")).await, 423);
    drop(connection);
    assert_eq!(offset(&site, &upload).await, "9");
    // And once more, by somebody who says that no more comes and waits for a word.
    let mut connection = half_sent(&site, &upload, 9, FILE.len() - 9, &FILE[9..12]).await;
    connection.shutdown().await.expect("half closed");
    let mut answer = Vec::new();
    drop(tokio::time::timeout(Duration::from_secs(5), connection.read_to_end(&mut answer)).await);
    assert_eq!(offset(&site, &upload).await, "12");
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let site = Site::open().await;
    let upload = begin(&site, FILE.len()).await;
    assert_eq!(status(patch(&site, &upload, 0, &FILE[..4])).await, 204);
    let _open = half_sent(&site, &upload, 4, FILE.len() - 4, &FILE[4..6]).await;
    until_held(&site).await;
    let site = site.restart().await;
    let stored: usize = offset(&site, &upload).await.parse().expect("a number");
    assert!((4..=6).contains(&stored), "{stored}");
    assert_eq!(status(patch(&site, &upload, stored, &FILE[stored..])).await, 204);
    let import = site
        .with_key("POST", "/api/v1/imports")
        .multipart(form(&upload))
        .send()
        .await;
    let import: Value = import.expect("an answer").json().await.expect("JSON");
    assert_eq!(
        site.last_event(import["job_id"].as_i64().expect("an id")).await["created"],
        2
    );
}

#[tokio::test]
async fn an_upload_of_yesterday_is_gone() {
    let site = Site::open().await;
    let upload = begin(&site, FILE.len()).await;
    assert_eq!(status(patch(&site, &upload, 0, &FILE[..4])).await, 204);
    let past = "UPDATE uploads SET expires_at = '2026-01-01T00:00:00Z'";
    site.shop
        .services
        .database
        .writer()
        .execute_unprepared(past)
        .await
        .expect("a day passes");
    assert_eq!(status(tus(&site, "HEAD", &upload)).await, 404);
    assert_eq!(status(patch(&site, &upload, 4, &FILE[4..])).await, 404);
    // The site sweeps by itself.
    let folder = site.shop.folder().join("files/uploads");
    for _ in 0..100 {
        if !folder.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("what was sent is still there");
}
