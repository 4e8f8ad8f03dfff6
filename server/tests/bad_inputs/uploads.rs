//! 27 to 33: uploads as clients send them that know no better, or know too much.

use std::path::PathBuf;

use reqwest::multipart::{Form, Part};
use serde_json::Value;
use stockroom::imports::ImportKind;
use stockroom::testing::{Kind, Shop};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::answers::{kept, name_of, refused, text};
use crate::site::{Site, header};

pub async fn file_names(kind: Kind) {
    let site = Site::on(kind).await;
    for (nth, name) in ["../../etc/passwd", "CON", "x.csv#1", "a\0.csv", &"n".repeat(4_000)]
        .iter()
        .enumerate()
    {
        let response = site
            .upload("/api/v1/imports", name, format!("sku,name\nS{nth},x\n"))
            .await;
        let status = response.status();
        let import: Value = response.json().await.expect("JSON");
        if name.contains('\0') {
            assert_eq!(status, 400, "no header of a form holds that: {import}");
            continue;
        }
        assert_eq!(status, 202, "{name}: {import}");
        let shown = text(&import["file_name"]);
        assert!(
            !shown.contains(['/', '\0']) && (1..=200).contains(&shown.len()),
            "{shown}"
        );
        site.last_event(import["job_id"].as_i64().expect("an id")).await;
        assert!(name_of(&site, &format!("S{nth}")).await.is_some());
    }
    assert!(!site.shop.folder().join("etc").exists());
}

pub async fn other_formats(kind: Kind) {
    let site = Site::on(kind).await;
    for bytes in [
        &b"\x89PNG\r\n\x1a\n...."[..],
        b"\x7fELF\x02\x01",
        b"\x1f\x8b\x08\0",
        b"PK\x03\x04\x14\0",
    ] {
        let (status, problem) = refused(&site, bytes).await;
        assert_eq!(
            (status, text(&problem["errors"][0]["field"])),
            (415, "file"),
            "{problem}"
        );
    }
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

pub async fn lengths_that_lie(kind: Kind) {
    let site = Site::on(kind).await;
    let long = broken_upload(&site, "Content-Length: 100000", PART.as_bytes()).await;
    assert!(long.is_empty() || long.starts_with("HTTP/1.1 400"), "{long}");
    let short = broken_upload(&site, "Content-Length: 60", PART.as_bytes()).await;
    assert!(short.starts_with("HTTP/1.1 400"), "{short}");
    let chunk = format!("{:x}\r\n{PART}\r\n", PART.len());
    let endless = broken_upload(&site, "Transfer-Encoding: chunked", chunk.as_bytes()).await;
    assert!(endless.is_empty() || endless.starts_with("HTTP/1.1 400"), "{endless}");
    // Whatever was under way is over once the site has closed.
    let shop = site.close().await;
    assert_eq!(
        std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count),
        0
    );
}

/// Sends a file that never ends, in chunks, until nobody takes any more of it; gives the answer, as far as there was one, and the bytes that were
/// taken.
async fn endless_upload(site: &Site) -> (String, usize) {
    const CHUNK: usize = 0x8000;
    const ENOUGH: usize = 64 << 20;
    let (mut answers, mut sink) = site.connect().await.into_split();
    let head = format!(
        "POST /api/v1/imports HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=x\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{PART}\r\n",
        site.key,
        PART.len()
    );
    sink.write_all(head.as_bytes()).await.expect("sent");
    let chunk = format!("{CHUNK:x}\r\n{}\r\n", "x".repeat(CHUNK));
    let sending = async {
        let mut sent = 0;
        while sent < ENOUGH && sink.write_all(chunk.as_bytes()).await.is_ok() {
            sent += CHUNK;
        }
        sent
    };
    let reading = async {
        let mut answer = Vec::new();
        drop(answers.read_to_end(&mut answer).await);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (sent, answer) = tokio::join!(sending, reading);
    (answer, sent)
}

pub async fn too_large(kind: Kind) {
    let site = Site::open_with(kind, |config| config.upload_limit = 100_000).await;
    let (endless, taken) = endless_upload(&site).await;
    assert!(endless.is_empty() || endless.starts_with("HTTP/1.1 413"), "{endless}");
    assert!(taken < 32 << 20, "{taken} bytes of a file that may have 100,000");
    let announced = broken_upload(&site, "Content-Length: 900000000", b"").await;
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    let (status, problem) = refused(&site, vec![b'x'; 120_000]).await;
    assert_eq!((status, text(&problem["errors"][0]["field"])), (413, "file"));
    assert_eq!(kept(&site), 0);
}

pub async fn odd_forms(kind: Kind) {
    let site = Site::on(kind).await;
    let file = |name: &str| Part::bytes(format!("sku,name\n{name},1\n").into_bytes()).file_name("a.csv");
    for form in [
        Form::new().text("other", "x"),
        Form::new().part("file", file("a")).part("file", file("b")),
        (0..10_000).fold(Form::new(), |form, nth| form.text(format!("f{nth}"), "x")),
        Form::new().text("kind", "cars").part("file", file("a")),
        Form::new().text("sheet", "x".repeat(2_000)).part("file", file("a")),
    ] {
        let response = site
            .with_key("POST", "/api/v1/imports")
            .multipart(form)
            .send()
            .await
            .expect("an answer");
        let answer = (response.status().as_u16(), header(&response, "content-type"));
        assert_eq!(answer, (400, "application/problem+json"));
    }
    // Also where the address says what the rows are.
    for address in ["/api/v1/etl/products", "/api/v1/etl/catalogs"] {
        let form = Form::new().text("kind", "cars").part("file", file("a"));
        let request = site.with_key("POST", address).multipart(form);
        let response = request.send().await.expect("an answer");
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(
            (&answer["status"], &answer["errors"][0]["field"]),
            (&400.into(), &"kind".into()),
            "{address}"
        );
    }
    for content_type in ["multipart/form-data", "text/csv", "application/json"] {
        let request = site
            .with_key("POST", "/api/v1/imports")
            .header("content-type", content_type);
        let response = request.body("sku,name\na,1\n").send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{content_type}");
    }
    assert_eq!(kept(&site), 0);
}

pub async fn sent_twice(kind: Kind) {
    let site = Site::on(kind).await;
    let send = |key: &'static str, content: &'static str| {
        let form = Form::new().part("file", Part::bytes(content.as_bytes()).file_name("a.csv"));
        let request = site.with_key("POST", "/api/v1/imports").header("idempotency-key", key);
        let sent = request.multipart(form).send();
        async move { sent.await.expect("an answer").json::<Value>().await.expect("JSON")["job_id"].clone() }
    };
    let first = send("once", "sku,name\na,1\n").await;
    assert_eq!(send("once", "sku,name\na,2\n").await, first);
    let (one, other) = tokio::join!(send("both", "sku,name\nb,1\n"), send("both", "sku,name\nb,1\n"));
    assert!(one.is_i64() && one == other, "{one} {other}");
    assert_eq!(site.json("/api/v1/imports").await["total"], 2);
    // As it is described: a program that would not find its key again is told so.
    for key in [" ", "a\tb", &"x".repeat(256)] {
        let form = Form::new().part("file", Part::bytes(&b"sku,name\nc,1\n"[..]).file_name("a.csv"));
        let request = site.with_key("POST", "/api/v1/imports").header("idempotency-key", key);
        let response = request.multipart(form).send().await.expect("an answer");
        assert_eq!(response.status(), 400, "“{key}”");
    }
    assert_eq!(site.json("/api/v1/imports").await["total"], 2);
}

async fn upload(shop: &Shop, content: &str) -> i64 {
    shop.upload(ImportKind::Products, content)
        .await
        .expect("taken in")
        .job_id
}

/// Nobody can be quicker than the worker by way of a request.
pub async fn a_changed_file(kind: Kind) {
    let shop = Shop::open(kind).await;
    let below = |folder: PathBuf| {
        std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("a file").path())
    };
    let stored = || {
        let mut files = below(shop.folder().join("files/uploads")).flat_map(below);
        let piece = files.find(|path| path.extension().is_none_or(|extension| extension != "list"));
        piece.expect("the bytes of a file")
    };
    let changed = upload(&shop, "sku,name\na,1\n").await;
    std::fs::write(stored(), "sku,name\na,2\n").expect("the file is changed");
    shop.work().await;
    assert!(
        shop.see(changed)
            .await
            .progress
            .error
            .expect("a reason")
            .contains("checksum")
    );
    std::fs::remove_file(stored()).expect("the file is removed");
    let lost = upload(&shop, "sku,name\nb,1\n").await;
    std::fs::remove_file(stored()).expect("the file is removed");
    shop.work().await;
    assert!(
        shop.see(lost)
            .await
            .progress
            .error
            .expect("a reason")
            .contains("no longer")
    );
    assert!(shop.product("a").await.is_none() && shop.product("b").await.is_none());
}
