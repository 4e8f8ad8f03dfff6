//! An upload that breaks off goes on where it stopped, on whichever node; what was told to be there stays there, and nothing else is left.

use std::convert::Infallible;
use std::io;

use bytes::Bytes;
use futures::channel::mpsc;
use futures::stream;
use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::audit::Actor;
use stockroom::error::Error;
use stockroom::imports::intake::{Intake, begin_uploaded};
use stockroom::imports::{Import, ImportKind, ImportStatus};
use stockroom::jobs::{Outcome, Task as _};
use stockroom::problem::Problem;
use stockroom::services::Services;
use stockroom::testing::CsvFile;
use stockroom::uploads::{self, Upload};
use tokio_util::sync::CancellationToken;

use crate::on_both;

fn ana() -> Actor {
    "ana".into()
}

fn file(rows: usize) -> Vec<u8> {
    CsvFile::header(["sku", "name", "price"])
        .rows(rows, |n| {
            [
                format!("SKU-{n:06}"),
                format!("Thing {n}{}", " with a name that takes room".repeat(4)),
                format!("{n}.50"),
            ]
        })
        .bytes()
}

async fn begun(services: &Services, file: &[u8]) -> Upload {
    uploads::create(services, &ana(), file.len() as u64, "filename cHJpY2VzLmNzdg==")
        .await
        .expect("begun")
}

/// Sends bytes from `offset` on, in pieces of which none fits to anything; `breaks` says how it ends.
async fn send(services: &Services, id: &str, offset: u64, bytes: &[u8], breaks: bool) -> Result<Upload, Problem> {
    let mut chunks: Vec<io::Result<Bytes>> = bytes
        .chunks(99_991)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    if breaks {
        chunks.push(Err(io::Error::other("cut off")));
    }
    let sent = uploads::receive(services, &ana(), id, offset, stream::iter(chunks)).await;
    sent.map_err(Problem::from)
}

async fn import(services: &Services, id: &str) -> Result<Import, Problem> {
    let intake = Intake::at_once(ImportKind::Products, "", ana());
    begin_uploaded(services, intake, id).await.map_err(Problem::from)
}

async fn sweep(services: &Services) {
    let sweeper = services.upload_sweeper();
    while sweeper.run_next(&CancellationToken::new()).await.expect("swept") == Outcome::Worked {}
}

async fn let_a_day_pass(services: &Services) {
    let past = "UPDATE uploads SET expires_at = '2026-01-01T00:00:00Z'";
    services
        .database
        .writer()
        .execute_unprepared(past)
        .await
        .expect("a day passes");
}

async fn is_held(services: &Services) -> bool {
    let db = services.database.writer();
    let held = "SELECT id FROM uploads WHERE lease_owner IS NOT NULL";
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), held))
        .await;
    row.expect("an answer").is_some()
}

/// Files below the folder of the uploads.
fn kept(shop: &stockroom::testing::Shop) -> usize {
    let folders = std::fs::read_dir(shop.folder().join("files/uploads"))
        .into_iter()
        .flatten()
        .flatten();
    folders
        .map(|folder| std::fs::read_dir(folder.path()).map_or(1, Iterator::count))
        .sum()
}

on_both! {
    async fn what_breaks_off_goes_on_in_another_process_and_becomes_the_same_import(shop: Shop) {
        let file = file(150_000);
        assert!(file.len() > 18_000_000, "more than two pieces: {}", file.len());
        let upload = begun(&shop.services, &file).await;
        let cuts = [0, 1, 9_000_001, 9_000_002, file.len()];
        for (part, services) in cuts.windows(2).zip([&shop.services, &shop.neighbour().await].into_iter().cycle()) {
            let is_last = part[1] == file.len();
            let sent = send(services, &upload.id, part[0] as u64, &file[part[0]..part[1]], !is_last).await.expect("kept");
            assert_eq!(sent.stored, part[1] as u64);
            assert_eq!(uploads::look(&shop.services, &ana(), &upload.id).await.expect("there").stored, part[1] as u64);
        }
        let begun = import(&shop.services, &upload.id).await.expect("an import");
        assert_eq!((begun.file_name.as_str(), begun.file_size), ("prices.csv", file.len() as i64));
        assert_eq!(import(&shop.services, &upload.id).await.expect("the same").job_id, begun.job_id);
        shop.work().await;
        // The importer compares the checksum of what it reads with that of what came.
        let done = shop.see(begun.job_id).await;
        assert_eq!((done.progress.status, done.progress.created), (ImportStatus::Completed, 150_000), "{:?}", done.progress.error);
    }

    async fn one_request_at_a_time_adds_to_an_upload(shop: Shop) {
        let upload = begun(&shop.services, b"sku,name\na,1\n").await;
        let (sender, chunks) = mpsc::unbounded::<Result<Bytes, Infallible>>();
        let (services, id) = (shop.services.clone(), upload.id.clone());
        let first = tokio::spawn(async move { uploads::receive(&services, &ana(), &id, 0, chunks).await });
        while !is_held(&shop.services).await { tokio::task::yield_now().await; }
        let refused = send(&shop.services, &upload.id, 0, b"", false).await.expect_err("held");
        assert_eq!(refused.status, 423);
        sender.unbounded_send(Ok(Bytes::from_static(b"sku,name\na,1\n"))).expect("sent");
        drop(sender);
        assert_eq!(first.await.expect("a thread").expect("kept").stored, 13);
        assert_eq!(send(&shop.services, &upload.id, 5, b"x", false).await.expect_err("another offset").status, 409);
        assert_eq!(send(&shop.services, &upload.id, 13, b"x", false).await.expect_err("too much").status, 413);
    }

    async fn a_request_whose_upload_is_deleted_meanwhile_leaves_nothing(shop: Shop) {
        let file = file(150_000);
        let upload = begun(&shop.services, &file).await;
        let (sender, chunks) = mpsc::unbounded::<Result<Bytes, Infallible>>();
        let (services, id) = (shop.services.clone(), upload.id.clone());
        let first = tokio::spawn(async move { uploads::receive(&services, &ana(), &id, 0, chunks).await });
        sender.unbounded_send(Ok(Bytes::copy_from_slice(&file[..9_000_000]))).expect("sent");
        while kept(&shop) == 0 { tokio::task::yield_now().await; }
        uploads::delete(&shop.services, &ana(), &upload.id).await.expect("deleted");
        // It may have noticed already.
        drop(sender.unbounded_send(Ok(Bytes::copy_from_slice(&file[9_000_000..18_000_000]))));
        drop(sender);
        assert!(first.await.expect("a thread").is_err());
        assert_eq!(kept(&shop), 0);
        assert_eq!(send(&shop.services, &upload.id, 0, b"x", false).await.expect_err("gone").status, 404);
    }

    async fn an_upload_of_yesterday_is_swept_and_an_imported_one_keeps_its_file(shop: Shop) {
        let bytes = b"sku,name\na,1\n".as_slice();
        let (left, used) = (begun(&shop.services, bytes).await, begun(&shop.services, bytes).await);
        send(&shop.services, &left.id, 0, &bytes[..5], true).await.expect("kept");
        send(&shop.services, &used.id, 0, bytes, false).await.expect("kept");
        let begun = import(&shop.services, &used.id).await.expect("an import");
        sweep(&shop.services).await;
        assert_eq!((kept(&shop), uploads::look(&shop.services, &ana(), &left.id).await.expect("there").stored), (3, 5));
        let_a_day_pass(&shop.services).await;
        assert!(uploads::look(&shop.services, &ana(), &left.id).await.is_err(), "over, though not swept");
        sweep(&shop.services).await;
        assert_eq!(kept(&shop), 2);
        shop.work().await;
        assert_eq!(shop.see(begun.job_id).await.progress.created, 1);
    }

    async fn a_file_that_cannot_be_imported_stays_for_another_attempt(shop: Shop) {
        let bytes = b"colour,size\nred,1\n".as_slice();
        let upload = begun(&shop.services, bytes).await;
        let early = import(&shop.services, &upload.id).await.expect_err("not complete");
        assert_eq!((early.status, early.detail.starts_with("The upload is not complete: 0 of 18 bytes")), (409, true), "{early}");
        send(&shop.services, &upload.id, 0, bytes, false).await.expect("kept");
        for _ in 0..2 {
            assert_eq!(import(&shop.services, &upload.id).await.expect_err("no SKU").status, 422);
        }
        assert_eq!(uploads::look(&shop.services, &ana(), &upload.id).await.expect("there").stored, 18);
        assert_eq!(kept(&shop), 1);
        let other = Intake::at_once(ImportKind::Products, "", "bob".into());
        let refused = begin_uploaded(&shop.services, other, &upload.id).await;
        assert!(matches!(refused, Err(Error::Refused(problem)) if problem.status == 422 && problem.detail.contains("not there")));
    }

    async fn only_so_many_uploads_are_begun_and_not_completed(shop: Shop) {
        for _ in 0..49 { begun(&shop.services, b"sku").await; }
        for _ in 0..2 {
            let complete = begun(&shop.services, b"sku").await;
            send(&shop.services, &complete.id, 0, b"sku", false).await.expect("kept");
        }
        begun(&shop.services, b"sku").await;
        let refused = uploads::create(&shop.services, &ana(), 3, "").await.map_err(Problem::from).expect_err("too many");
        assert_eq!(refused.status, 409);
        uploads::create(&shop.services, &"bob".into(), 3, "").await.expect("somebody else's");
    }
}
