//! Whoever says nothing for long is not waited for: neither for the rest of a request nor for the next one.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use server::state::AppState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::site::{Site, header};

const MOMENT: Duration = Duration::from_millis(50);

fn impatient(state: &mut AppState) {
    state.policy.body_silence = MOMENT;
}

/// Sends the beginning of a request, and then nothing; gives all that is answered until the connection is closed.
async fn begin(site: &Site, head: &str, body: &str) -> String {
    let mut connection = site.connect().await;
    let request = format!(
        "{head}\r\nHost: {}\r\nContent-Length: 10000\r\n\r\n{body}",
        site.address
    );
    connection.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    connection
        .read_to_end(&mut answer)
        .await
        .expect("an answer, then the end");
    String::from_utf8_lossy(&answer).into_owned()
}

fn assert_too_slow(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("application/problem+json") && answer.contains("did not come in time"),
        "{answer}"
    );
}

#[tokio::test]
async fn bodies_that_stop_coming_are_answered_whatever_they_were_to_be() {
    let site = Site::open_limited(impatient).await;
    let key = format!("Authorization: Bearer {}", site.key);
    let form = "Content-Type: multipart/form-data; boundary=b";
    let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nsku,name\r\n";
    for path in ["/api/v1/imports", "/api/upload", "/ingest"] {
        assert_too_slow(&begin(&site, &format!("POST {path} HTTP/1.1\r\n{key}\r\n{form}"), file).await);
        assert_too_slow(&begin(&site, &format!("POST {path} HTTP/1.1\r\n{key}\r\n{form}"), "").await);
    }
    let kept = std::fs::read_dir(site.shop.folder().join("files/uploads")).map_or(0, Iterator::count);
    assert_eq!(kept, 0, "nothing of them is kept");
    let json = format!("{key}\r\nContent-Type: application/json");
    assert_too_slow(&begin(&site, &format!("POST /api/v1/products HTTP/1.1\r\n{json}"), "{\"sku\":").await);
    let own = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded";
    assert_too_slow(&begin(&site, &format!("POST /login HTTP/1.1\r\n{own}"), "email=a").await);
    let form = format!("{key}\r\n{own}");
    assert_too_slow(&begin(&site, &format!("POST /products HTTP/1.1\r\n{form}"), "sku=a").await);
    assert_eq!(site.get("/health/live").await.status(), 200);
}

#[tokio::test]
async fn a_resumable_upload_keeps_what_came_before_the_silence() {
    let site = Site::open_limited(impatient).await;
    let tus = |method: &str, path: &str| site.with_key(method, path).header("tus-resumable", "1.0.0");
    let begun = tus("POST", "/api/v1/uploads")
        .header("upload-length", "10000")
        .send()
        .await
        .expect("an answer");
    let address = header(&begun, "location").to_owned();
    let head = format!(
        "PATCH {address} HTTP/1.1\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream",
        site.key
    );
    assert_too_slow(&begin(&site, &head, "sku,name\n").await);
    let looked = tus("HEAD", &address).send().await.expect("an answer");
    assert_eq!(header(&looked, "upload-offset"), "9");
}

#[tokio::test]
async fn an_upload_that_goes_on_coming_may_take_as_long_as_it_needs() {
    let pause = Duration::from_millis(600);
    let site = Site::open_limited(|state| state.policy.body_silence = 3 * pause).await;
    let parts = ["sku,name\n", "a,Mug\n", "b,Cup\n", "c,Jug\n", "d,Pot\n"];
    let stream = futures::stream::unfold(parts.into_iter(), move |mut parts| async move {
        let part = parts.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok::<_, std::io::Error>(part), parts))
    });
    let file = Part::stream(reqwest::Body::wrap_stream(stream)).file_name("slow.csv");
    let sent = site
        .with_key("POST", "/ingest")
        .multipart(Form::new().part("file", file))
        .send()
        .await;
    assert_eq!(sent.expect("an answer").status(), 200);
    assert_eq!(site.json("/api/v1/products").await["total"], 4);
}

#[tokio::test]
async fn a_connection_on_which_nobody_asks_is_closed() {
    let site = Site::open_limited(|state| state.policy.headers_within = MOMENT).await;
    // The second could become either kind of HTTP.
    for sent in ["", "P", "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let mut connection = site.connect().await;
        connection.write_all(sent.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.expect("the end");
        assert_eq!(
            String::from_utf8_lossy(&answer).contains("200 OK"),
            sent.starts_with("GET")
        );
    }
}

#[tokio::test]
async fn whoever_is_silent_does_not_delay_the_end() {
    let site = Site::open().await;
    let mut silent = Vec::new();
    for sent in ["", "P"] {
        let mut connection = site.connect().await;
        connection.write_all(sent.as_bytes()).await.expect("sent");
        silent.push(connection);
    }
    // Connections are accepted in their order, so those are by now.
    assert_eq!(site.get("/health/live").await.status(), 200);
    // Requests under way would be waited for longer than that.
    let closed = tokio::time::timeout(Duration::from_secs(6), site.close()).await;
    assert!(closed.is_ok(), "it waits for somebody who says nothing");
}
