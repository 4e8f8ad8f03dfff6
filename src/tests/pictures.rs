//! Pictures are fetched once, kept as what they are, and named where they cannot be had.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use bytes::Bytes;
use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::imports;
use stockroom::imports::problem::{ProblemKind, Severity};
use stockroom::outbound::Names;
use stockroom::pictures::format::Unfit;
use stockroom::pictures::{self, Picture, PictureState};
use stockroom::services::Services;
use stockroom::storage::Storage;
use stockroom::testing::{Bucket, Process, Receiver, Reply, Shop};
use time::OffsetDateTime;

use crate::on_both;

/// A picture that nobody could draw, but whose head is right.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len()).expect("a length").to_be_bytes();
        [&length[..], name, content, &[0; 4]].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &head),
        &chunk(b"IDAT", &[7; 40]),
        &chunk(b"IEND", &[]),
    ]
    .concat()
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Reply {
    let length = body.len();
    // The end is announced: nothing else may be asked on this connection.
    let head = format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n");
    Reply::Raw([head.as_bytes(), body].concat())
}

fn good() -> Reply {
    answer("200 OK", "content-type: text/plain\r\n", &png(30, 20))
}

async fn execute(services: &Services, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
    let db = services.database.writer();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.expect("a statement");
}

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().replace_nanosecond(0).expect("a second")
}

/// A picture that waits, as an import leaves it.
async fn want(shop: &Shop, reference: &str) -> Picture {
    const WAIT: &str =
        "INSERT INTO pictures (reference, state, next_attempt_at, created_at) VALUES ($1, 'waiting', $2, $2)";
    execute(&shop.services, WAIT, [reference.into(), now().into()]).await;
    see(shop, reference).await
}

/// The same for a row of an import.
async fn want_for(shop: &Shop, reference: &str, import: i64, row: i64) -> Picture {
    let picture = want(shop, reference).await;
    ask_for(shop, &picture, import, row).await;
    picture
}

async fn ask_for(shop: &Shop, picture: &Picture, import: i64, row: i64) {
    const ASK: &str = "INSERT INTO picture_requests (picture_id, import_id, row_no) VALUES ($1, $2, $3)";
    execute(&shop.services, ASK, [picture.id.into(), import.into(), row.into()]).await;
}

async fn see(shop: &Shop, reference: &str) -> Picture {
    let found = pictures::of_references(shop.services.database.writer(), &[reference.to_owned()]).await;
    found.expect("pictures").remove(0)
}

async fn attempts(shop: &Shop, picture: &Picture) -> i64 {
    let db = shop.services.database.writer();
    let sql = format!("SELECT attempts FROM pictures WHERE id = {}", picture.id);
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await;
    row.expect("a row")
        .expect("a row")
        .try_get("", "attempts")
        .expect("a number")
}

/// Lets all pauses and leases be over.
async fn let_time_pass(shop: &Shop) {
    const PASS: &str = "UPDATE pictures SET next_attempt_at = $1 WHERE state = 'waiting'";
    execute(&shop.services, PASS, [now().into()]).await;
}

async fn fetch(shop: &Shop) {
    shop.services.fetcher().fetch_due().await.expect("fetched");
}

async fn an_import(shop: &Shop) -> i64 {
    shop.import("sku,name\na,Mug\n").await.job_id
}

async fn bytes(storage: &Storage, sha256: &str) -> (&'static str, Vec<u8>) {
    let mut opened = pictures::open(storage, sha256).await.expect("a picture");
    let mut bytes = Vec::new();
    while let Some(piece) = opened.pieces.recv().await {
        bytes.extend_from_slice(&piece.expect("bytes"));
    }
    assert_eq!(bytes.len() as u64, opened.size);
    (opened.media_type, bytes)
}

async fn warnings(shop: &Shop, import: i64) -> Vec<(i64, ProblemKind, Option<String>)> {
    let found = imports::problems(shop.services.database.writer(), import, &Default::default()).await;
    let found = found.expect("problems").items.into_iter();
    found
        .map(|problem| {
            assert_eq!(problem.severity, Severity::Warning);
            (problem.row, problem.kind, problem.value)
        })
        .collect()
}

/// What becomes of a picture at a receiver that answers so.
async fn failed(shop: &Shop, reply: Reply) -> String {
    let receiver = Receiver::answering(move |_, _| reply.clone()).await;
    let picture = want(shop, &receiver.url()).await;
    fetch(shop).await;
    let picture = see(shop, &picture.reference).await;
    let is_first = attempts(shop, &picture).await == 1;
    assert!(picture.state == PictureState::Failed && is_first, "{picture:?}");
    picture.problem.expect("a problem")
}

on_both! {
    async fn a_picture_is_fetched_and_kept_as_what_it_is(shop: Shop) {
        let receiver = Receiver::answering(|_, call| match call.path.as_str() {
            "/hook" => answer("302 Found", "location: /real.png\r\n", b""),
            _ => good(),
        }).await;
        let import = an_import(&shop).await;
        let picture = want_for(&shop, &receiver.url(), import, 2).await;
        assert_eq!((picture.state, picture.address.as_deref()), (PictureState::Waiting, Some(receiver.url().as_str())));
        assert_eq!(pictures::waiting_of_import(shop.services.reader(), import).await.expect("a count"), 1);
        fetch(&shop).await;
        let picture = see(&shop, &picture.reference).await;
        assert_eq!((picture.state, picture.media_type.as_deref()), (PictureState::Stored, Some("image/png")), "{picture:?}");
        assert_eq!((picture.width, picture.height, picture.size), (Some(30), Some(20), Some(png(30, 20).len() as i64)));
        let sha256 = picture.sha256.expect("a digest");
        assert_eq!(bytes(&shop.services.storage, &sha256).await, ("image/png", png(30, 20)));
        assert_eq!(pictures::waiting_of_import(shop.services.reader(), import).await.expect("a count"), 0);
        assert!(warnings(&shop, import).await.is_empty());
        fetch(&shop).await;
        assert_eq!(receiver.calls().len(), 2, "it is not fetched again");
    }

    async fn a_picture_that_cannot_be_had_is_told_where_its_rows_are(shop: Shop) {
        let receiver = Receiver::answering(|_, _| answer("404 Not Found", "", b"gone")).await;
        let import = an_import(&shop).await;
        let before = shop.see(import).await;
        let picture = want_for(&shop, &receiver.url(), import, 2).await;
        ask_for(&shop, &picture, import, 7).await;
        fetch(&shop).await;
        let picture = see(&shop, &picture.reference).await;
        assert_eq!(picture.state, PictureState::Failed);
        assert!(picture.problem.as_deref().is_some_and(|problem| problem.contains("404")), "{picture:?}");
        let kind = ProblemKind::PictureUnreachable;
        assert_eq!(warnings(&shop, import).await, [(2, kind, Some(receiver.url())), (7, kind, Some(receiver.url()))]);
        assert_eq!(pictures::waiting_of_import(shop.services.reader(), import).await.expect("a count"), 0);
        let after = shop.see(import).await;
        assert_eq!((after.progress.status, after.progress.failed), (before.progress.status, 0));
        // Asked for while its picture was just being given up.
        ask_for(&shop, &picture, import, 9).await;
        fetch(&shop).await;
        assert_eq!(warnings(&shop, import).await.len(), 3);
        let again = pictures::retry(&shop.services.database, picture.id, &"ana".into()).await.expect("asked again");
        assert_eq!((again.state, again.problem), (PictureState::Waiting, None));
        fetch(&shop).await;
        assert_eq!((receiver.calls().len(), warnings(&shop, import).await.len()), (2, 3));
    }

    async fn what_is_no_picture_or_too_large_is_given_up_at_once(shop: Shop) {
        let page = answer("200 OK", "content-type: image/png\r\n", &[b"<!DOCTYPE html><html>".as_slice(), &[b' '; 200]].concat());
        assert!(failed(&shop, page).await.contains("web page"));
        assert!(failed(&shop, answer("200 OK", "", b"")).await.contains("no picture"));
        assert!(failed(&shop, answer("200 OK", "", &png(9_000, 9_000))).await.contains("50 megapixels"));
        assert!(failed(&shop, answer("403 Forbidden", "", b"")).await.contains("403"));
        assert!(failed(&shop, answer("302 Found", "location: /hook\r\n", b"")).await.contains("more than three times"));
        let long = Reply::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 31457280\r\n\r\n".to_vec());
        assert!(failed(&shop, long).await.contains("20 MB"));
        let endless = [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(), png(5, 5)].concat();
        assert!(failed(&shop, Reply::Flood(endless)).await.contains("20 MB"));
    }

    async fn addresses_of_ones_own_network_are_not_asked_even_by_way_of_others(shop: Shop) {
        let secret = Receiver::start().await;
        let list = HashMap::from([("inside.example".to_owned(), vec!["127.0.0.1".parse::<IpAddr>().expect("an address"), "10.0.0.1".parse().expect("an address")])]);
        let neighbour = shop.neighbour_with(Names::Listed(Arc::new(RwLock::new(list)))).await;
        let to_metadata = Receiver::answering(|_, _| answer("302 Found", "location: http://169.254.169.254/latest\r\n", b"")).await;
        let to_name = Receiver::answering({
            let port = secret.port();
            move |_, _| answer("307 Temporary", &format!("location: http://inside.example:{port}/\r\n"), b"")
        }).await;
        let to_file = Receiver::answering(|_, _| answer("302 Found", "location: file:///etc/passwd\r\n", b"")).await;
        let own = format!("http://inside.example:{}/a", secret.port());
        for reference in [to_metadata.url(), to_name.url(), to_file.url(), own.clone(), "http://192.168.0.1/a.png".to_owned()] {
            want(&shop, &reference).await;
            neighbour.fetcher().fetch_due().await.expect("fetched");
            let picture = see(&shop, &reference).await;
            let problem = picture.problem.unwrap_or_default();
            assert!(picture.state == PictureState::Failed && problem.contains("may not be fetched"), "{reference}: {problem}");
        }
        assert!(secret.calls().is_empty());
    }

    async fn a_server_that_is_busy_is_asked_again_and_not_for_ever(shop: Shop) {
        let receiver = Receiver::answering(|place, _| if place == 0 { answer("503 Busy", "retry-after: 120\r\n", b"") } else { good() }).await;
        let picture = want(&shop, &receiver.url()).await;
        fetch(&shop).await;
        fetch(&shop).await;
        let waiting = see(&shop, &picture.reference).await;
        assert_eq!((waiting.state, receiver.calls().len(), attempts(&shop, &picture).await), (PictureState::Waiting, 1, 1));
        assert!(waiting.problem.is_some_and(|problem| problem.contains("503")));
        let_time_pass(&shop).await;
        fetch(&shop).await;
        let stored = see(&shop, &picture.reference).await;
        assert_eq!((stored.state, stored.problem), (PictureState::Stored, None));

        let broken = Receiver::answering(|_, _| Reply::Reset).await;
        let import = an_import(&shop).await;
        let picture = want_for(&shop, &broken.url(), import, 2).await;
        for done in 1..=4 {
            fetch(&shop).await;
            assert_eq!((see(&shop, &picture.reference).await.state, attempts(&shop, &picture).await), (PictureState::Waiting, done));
            let_time_pass(&shop).await;
        }
        fetch(&shop).await;
        let picture = see(&shop, &picture.reference).await;
        assert_eq!(picture.state, PictureState::Failed);
        assert!(picture.problem.is_some_and(|problem| problem.contains("It was tried 5 times")));
        assert_eq!(warnings(&shop, import).await.len(), 1);
    }

    async fn a_picture_that_comes_too_slowly_is_put_off(shop: Shop) {
        let slow = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), png(5, 5)].concat();
        let receiver = Receiver::answering(move |_, _| Reply::Drip(slow.clone())).await;
        let silent = Receiver::answering(|_, _| Reply::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n".to_vec())).await;
        let mut fetcher = shop.services.fetcher();
        fetcher.client.limits.whole = Duration::from_secs(1);
        for reference in [receiver.url(), silent.url()] {
            want(&shop, &reference).await;
        }
        fetcher.fetch_due().await.expect("fetched");
        for reference in [receiver.url(), silent.url()] {
            let picture = see(&shop, &reference).await;
            assert_eq!(picture.state, PictureState::Waiting);
            assert!(picture.problem.is_some_and(|problem| problem.contains("not come after 1 s")));
        }
    }

    async fn what_a_killed_process_was_fetching_is_fetched_again_and_counts_for_nothing(shop: Shop) {
        let receiver = Receiver::answering(|place, _| if place == 0 { Reply::Silence } else { good() }).await;
        let picture = want(&shop, &receiver.url()).await;
        let process = Process::fetch(&shop);
        receiver.wait_for(1).await;
        process.kill();
        assert_eq!(attempts(&shop, &picture).await, 0);
        fetch(&shop).await;
        assert_eq!(see(&shop, &picture.reference).await.state, PictureState::Waiting, "its lease is not over");
        let_time_pass(&shop).await;
        fetch(&shop).await;
        assert_eq!((see(&shop, &picture.reference).await.state, receiver.calls().len()), (PictureState::Stored, 2));
    }

    async fn two_processes_fetch_each_picture_once(shop: Shop) {
        let receiver = Receiver::answering(|_, _| good()).await;
        let references: Vec<String> = (0..40).map(|number| format!("{}/{number}", receiver.url())).collect();
        for reference in &references {
            want(&shop, reference).await;
        }
        let neighbour = shop.neighbour().await;
        let (one, other) = tokio::join!(shop.services.fetcher().fetch_due(), neighbour.fetcher().fetch_due());
        one.and(other).expect("fetched");
        let found = pictures::of_references(shop.services.database.writer(), &references).await.expect("pictures");
        assert!(found.len() == 40 && found.iter().all(|picture| picture.state == PictureState::Stored), "{found:?}");
        let paths: BTreeSet<String> = receiver.calls().into_iter().map(|call| call.path).collect();
        assert_eq!((paths.len(), receiver.calls().len()), (40, 40));
    }

    async fn one_host_does_not_keep_the_others_waiting(shop: Shop) {
        let receiver = Receiver::answering(|_, _| Reply::Silence).await;
        let here: Vec<IpAddr> = vec!["127.0.0.1".parse().expect("an address")];
        let list = HashMap::from([("a.example".to_owned(), here.clone()), ("b.example".to_owned(), here)]);
        let neighbour = shop.neighbour_with(Names::Listed(Arc::new(RwLock::new(list)))).await;
        for (host, path) in [("a", "1"), ("a", "2"), ("a", "3"), ("a", "4"), ("b", "5")] {
            want(&shop, &format!("http://{host}.example:{}/{path}", receiver.port())).await;
        }
        let fetching = tokio::spawn(neighbour.fetcher().fetch_due());
        let calls: BTreeSet<String> = receiver.wait_for(3).await.into_iter().map(|call| call.path).collect();
        fetching.abort();
        assert_eq!(calls, BTreeSet::from(["/1", "/2", "/5"].map(str::to_owned)));
    }

    async fn a_picture_of_a_workbook_is_kept_once(shop: Shop) {
        let services = &shop.services;
        let bytes_of = Bytes::from(png(8, 9));
        let keep = async || pictures::keep(&services.database, &services.storage, bytes_of.clone()).await.expect("the shop works");
        let reference = keep().await.expect("a picture");
        assert_eq!(keep().await.expect("a picture"), reference);
        let picture = see(&shop, reference.as_str()).await;
        assert_eq!((picture.state, picture.address, picture.width, picture.height), (PictureState::Stored, None, Some(8), Some(9)));
        let sha256 = picture.sha256.expect("a digest");
        assert_eq!(reference.as_str(), format!("sha256:{sha256}"));
        assert_eq!(bytes(&services.storage, &sha256).await.1, png(8, 9));
        let other = pictures::keep(&services.database, &services.storage, Bytes::from_static(b"<svg/>")).await.expect("the shop works");
        assert_eq!(other, Err(Unfit::Drawing));
        assert_eq!(pictures::retry(&services.database, picture.id, &"ana".into()).await.expect("a picture").state, PictureState::Stored, "there is nothing to fetch");
        assert_eq!(pictures::retry(&services.database, 999_999, &"ana".into()).await.map_err(stockroom::problem::Problem::from).expect_err("none").status, 404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_kept_in_a_bucket_as_well() {
    let shop = Shop::open(stockroom::testing::Kind::Sqlite).await;
    let Some(bucket) = Bucket::new().await else { return };
    let storage = Storage::connect_with(&bucket.url("kept/here"), bucket.variables())
        .await
        .expect("a store");
    let kept = pictures::keep(&shop.services.database, &storage, png(3, 4).into())
        .await
        .expect("the shop works");
    let sha256 = kept
        .expect("a picture")
        .as_str()
        .trim_start_matches("sha256:")
        .to_owned();
    assert_eq!(bytes(&storage, &sha256).await, ("image/png", png(3, 4)));
    for none in ["0".repeat(64), "..".to_owned(), format!("../{sha256}")] {
        let problem = pictures::open(&storage, &none)
            .await
            .map_err(stockroom::problem::Problem::from);
        assert_eq!(problem.expect_err("none").status, 404);
    }
}
