//! Files are kept the same way wherever they are kept: in a folder, or in a bucket of a real server that speaks S3.

use std::io::Read as _;

use bytes::Bytes;
use stockroom::imports::ImportStatus;
use stockroom::problem::Problem;
use stockroom::storage::{Piece, Storage, Written};
use stockroom::testing::{Bucket, CsvFile, Kind, Shop};

/// A store to test, and what of it a test can see from outside.
struct Place {
    storage: Storage,
    folder: Option<tempfile::TempDir>,
    bucket: Option<Bucket>,
}

impl Place {
    async fn in_folder() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("file://{}", folder.path().display());
        Self {
            storage: Storage::connect(&url).await.expect("a store"),
            folder: Some(folder),
            bucket: None,
        }
    }

    async fn in_bucket() -> Option<Self> {
        let bucket = Bucket::new().await?;
        let storage = Storage::connect_with(&bucket.url("kept/here"), bucket.variables()).await;
        Some(Self {
            storage: storage.expect("a store"),
            folder: None,
            bucket: Some(bucket),
        })
    }

    /// Whether anything is there whose name has `part`.
    async fn has(&self, part: &str) -> bool {
        match (&self.bucket, &self.folder) {
            (Some(bucket), _) => bucket.contents().await.contains(part),
            (None, Some(folder)) => names(folder.path()).iter().any(|name| name.contains(part)),
            (None, None) => false,
        }
    }
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries
        .flat_map(|entry| {
            let below = if entry.path().is_dir() {
                names(&entry.path())
            } else {
                Vec::new()
            };
            below.into_iter().chain([entry.path().display().to_string()])
        })
        .collect()
}

/// Writes each test twice, once for each kind of store.
macro_rules! in_both {
    ($(async fn $name:ident($place:ident: Place) $body:block)*) => {
        mod folder {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                let $place = Place::in_folder().await;
                $body
            })*
        }
        mod bucket {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                let Some($place) = Place::in_bucket().await else { return };
                $body
            })*
        }
    };
}

async fn write(storage: &Storage, folder: &str, bytes: &[u8]) -> Written {
    let mut upload = storage.create(folder);
    for chunk in bytes.chunks(300_000) {
        upload.write(Bytes::copy_from_slice(chunk)).await.expect("written");
    }
    upload.finish().await.expect("finished")
}

async fn read(storage: &Storage, key: &str) -> Vec<u8> {
    let mut file = storage.open(key).await.expect("the file");
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    });
    read.await.expect("a thread").expect("the bytes")
}

/// Bytes of which no two places are alike.
fn some(length: usize) -> Vec<u8> {
    (0..length.div_ceil(8))
        .flat_map(|n| (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
        .take(length)
        .collect()
}

in_both! {
    async fn a_file_is_there_as_it_was_written_until_it_is_deleted(place: Place) {
        let (storage, bytes) = (&place.storage, some(20_000_000));
        let Written { key, size, sha256 } = write(storage, "uploads/large", &bytes).await;
        assert_eq!((size, sha256.len()), (20_000_000, 64));
        assert!(place.has("uploads/large").await);
        assert!(read(storage, &key).await == bytes);
        assert_eq!(storage.beginning(&key, 1_000).await.expect("its beginning"), bytes[..1_000]);
        storage.delete(&key).await.expect("deleted");
        storage.delete(&key).await.expect("gone already");
        assert!(storage.open(&key).await.is_err() && !place.has("large").await);
    }

    async fn an_object_by_itself_is_a_file(place: Place) {
        let storage = &place.storage;
        storage.keep_piece("uploads/old", [Bytes::from_static(b"sku,name\n")]).await.expect("kept");
        assert_eq!(read(storage, "uploads/old").await, b"sku,name\n");
        storage.delete("uploads/old").await.expect("deleted");
        assert!(!place.has("old").await);
    }

    async fn an_empty_file_is_a_file(place: Place) {
        let Written { key, size, .. } = write(&place.storage, "uploads/empty", b"").await;
        assert_eq!(size, 0);
        assert_eq!(place.storage.beginning(&key, 10).await.expect("nothing"), "");
        assert_eq!(read(&place.storage, &key).await, b"");
    }

    async fn a_file_that_is_given_up_leaves_nothing(place: Place) {
        let mut upload = place.storage.create("uploads/given-up");
        upload.write(Bytes::from(some(20_000_000))).await.expect("written");
        assert!(place.has("given-up").await);
        upload.abort().await;
        assert!(!place.has("given-up").await);
    }

    async fn pieces_are_read_as_one_file_and_deleted_with_it(place: Place) {
        let (storage, bytes) = (&place.storage, some(7_000_000));
        let mut pieces = Vec::new();
        for (nth, part) in [&bytes[..5_000_000], &bytes[5_000_000..5_000_001], &bytes[5_000_001..]].into_iter().enumerate() {
            let piece = Piece { key: format!("uploads/x/{nth}"), size: part.len() as u64 };
            storage.keep_piece(&piece.key, [Bytes::copy_from_slice(part)]).await.expect("kept");
            pieces.push(piece);
        }
        let key = storage.join("uploads/x", &pieces).await.expect("joined");
        assert_eq!(storage.open(&key).await.expect("the file").size(), 7_000_000);
        assert!(read(storage, &key).await == bytes);
        assert_eq!(storage.beginning(&key, 5_000_100).await.expect("its beginning"), bytes[..5_000_100]);
        storage.delete(&key).await.expect("deleted");
        assert!(!place.has("uploads/x").await);
    }

    async fn an_import_goes_from_the_file_to_the_products(place: Place) {
        let mut shop = Shop::open(Kind::Sqlite).await;
        shop.services.storage = place.storage.clone();
        let file = CsvFile::header(["sku", "name", "price"])
            .rows(60_000, |n| [format!("S{n}"), format!("Thing {n} with a name that takes some room"), format!("{n}.00")])
            .row(["bad", "Mug", "x"]);
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.status, import.progress.created, import.progress.failed), (ImportStatus::Completed, 60_000, 1));
        let mut rows = stockroom::imports::problem_rows(&shop.services, import.job_id).await.expect("a file");
        let mut text = Vec::new();
        while let Some(piece) = rows.recv().await { text.extend_from_slice(&piece.expect("a piece")); }
        assert!(String::from_utf8_lossy(&text).contains("bad,Mug,x"));
    }
}

/// What somebody is told whose store cannot be used.
async fn refused(url: &str, variables: Vec<(String, String)>) -> Problem {
    Problem::from(
        Storage::connect_with(url, variables)
            .await
            .expect_err("it cannot be used"),
    )
}

#[tokio::test]
async fn a_store_that_cannot_be_used_is_said_in_words() {
    for url in ["/data/files", "http://bucket", "s3://"] {
        let problem = refused(url, Vec::new()).await;
        assert!(problem.detail.starts_with("STORAGE_URL"), "{}", problem.detail);
    }
    let Some(bucket) = Bucket::new().await else { return };
    let none = refused("s3://no-such-bucket/x", bucket.variables()).await;
    assert!(
        none.detail
            .starts_with("There is no bucket no-such-bucket at http://127.0.0.1"),
        "{}",
        none.detail
    );
    let mut variables = bucket.variables();
    variables[0].1 = "http://127.0.0.1:9".into();
    let silent = refused(&bucket.url(""), variables).await;
    assert!(
        silent.detail.contains("http://127.0.0.1:9 does not answer"),
        "{}",
        silent.detail
    );
    assert!(!format!("{silent:?}").contains("AWS_SECRET"), "{silent:?}");
}
