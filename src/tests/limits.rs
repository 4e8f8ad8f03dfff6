//! What is too long, and what there is no room for, is refused in words before anything changes.

use bytes::Bytes;
use futures::stream;
use sea_orm::ConnectionTrait as _;
use stockroom::audit::Actor;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::{ImportKind, ImportStatus};
use stockroom::problem::Problem;
use stockroom::testing::{CsvFile, Kind, Shop};
use stockroom::{products, uploads};

use crate::on_both;

const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

fn rows(count: usize) -> CsvFile {
    CsvFile::header(["sku", "name", "catalogue"]).rows(count, |n| [format!("S{n}"), "x".into(), format!("C{n}")])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_too_many_rows_changes_nothing() {
    for kind in BOTH {
        let shop = Shop::open_with(kind, |config| config.row_limit = 3).await;
        assert_eq!(
            shop.import(rows(3).bytes()).await.progress.created,
            3,
            "the limit itself is allowed"
        );
        let over = shop.import(rows(4).bytes()).await;
        assert_eq!((over.progress.status, over.progress.created), (ImportStatus::Failed, 0));
        let said = over.progress.error.expect("a reason");
        assert!(
            said.starts_with("The file has more than 3 rows") && said.contains("Nothing was changed"),
            "{said}"
        );
        let catalogues = shop.import_catalogs("name\nA\nB\nC\nD\n").await;
        assert_eq!(catalogues.progress.status, ImportStatus::Failed);
        let names = stockroom::catalogs::list(shop.services.reader(), &Default::default())
            .await
            .expect("catalogues");
        assert_eq!(names.items.len(), 3);
        let intake = Intake {
            stops: StopsAt::Check,
            ..Intake::at_once(ImportKind::Products, "test.csv", Actor::from("test"))
        };
        let checked = shop.take_in(intake, rows(5).bytes()).await.expect("taken in");
        shop.work().await;
        assert_eq!(shop.see(checked.job_id).await.progress.status, ImportStatus::Failed);
    }
}

/// Files below the folder of the store.
fn kept(shop: &Shop) -> usize {
    std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_in_while_the_disk_is_nearly_full() {
    for kind in BOTH {
        let shop = Shop::open_with(kind, |config| config.disk_reserve = u64::MAX).await;
        let refused = shop
            .upload(ImportKind::Products, rows(1).bytes())
            .await
            .expect_err("no room");
        assert_eq!((refused.status, refused.title.as_str()), (507, "The disk is full"));
        let services = &shop.services;
        let begun = uploads::create(services, &Actor::from("ana"), 10, "")
            .await
            .map_err(Problem::from);
        assert_eq!(begun.expect_err("no room").status, 507);
        assert_eq!(kept(&shop), 0);
        // What is small and there already is changed as before.
        let mug = products::draft::ProductText {
            sku: Some("A".into()),
            name: Some("Mug".into()),
            ..Default::default()
        };
        products::create(&services.database, &mug, &"ana".into())
            .await
            .expect("a product");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_stops_where_the_room_ends() {
    for kind in BOTH {
        let shop = Shop::open(kind).await;
        let ana = Actor::from("ana");
        let upload = uploads::create(&shop.services, &ana, 9, "").await.expect("begun");
        let full = Shop::open_with(kind, |config| config.disk_reserve = u64::MAX).await;
        let mut services = shop.services.clone();
        services.disks = full.services.disks.clone();
        let bytes = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"sku,name\n"))]);
        let refused = uploads::receive(&services, &ana, &upload.id, 0, bytes)
            .await
            .map_err(Problem::from);
        assert_eq!(refused.expect_err("no room").status, 507);
        services.disks = shop.services.disks.clone();
        services.storage = services.storage.watching(full.services.disks.clone());
        let bytes = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"sku,name\n"))]);
        let refused = uploads::receive(&services, &ana, &upload.id, 0, bytes)
            .await
            .map_err(Problem::from);
        assert_eq!(refused.expect_err("no room any more").status, 507);
        assert_eq!(
            uploads::look(&shop.services, &ana, &upload.id)
                .await
                .expect("it waits")
                .stored,
            0
        );
        assert_eq!(kept(&shop), 0);
    }
}

/// PostgreSQL says what it says when its disk is full, whenever a product with this SKU is written.
const FULL_AT: &str = "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$ LANGUAGE plpgsql;
    CREATE TRIGGER full_disk BEFORE INSERT ON products FOR EACH ROW WHEN (NEW.sku = 'S20000') EXECUTE FUNCTION full_disk()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_fills_the_disk_fails_and_says_so_and_goes_on_once_there_is_room() {
    let shop = Shop::open(Kind::Postgres).await;
    let db = shop.services.database.writer();
    db.execute_unprepared(FULL_AT).await.expect("a full disk");
    let file = CsvFile::header(["sku", "name"]).rows(30_000, |n| [format!("S{n}"), "x".into()]);
    let import = shop.import(file.bytes()).await;
    let progress = &import.progress;
    assert_eq!(
        (progress.status, progress.message.as_str()),
        (ImportStatus::Failed, "The import stopped")
    );
    assert!(progress.created > 0 && progress.created < 30_000, "{progress:?}");
    let said = progress.error.as_deref().expect("a reason");
    assert!(
        said.starts_with("The disk is full. What was applied before stays."),
        "{said}"
    );
    assert_eq!(shop.scratch().await, [""; 0], "it leaves room for others");
    db.execute_unprepared("DROP TRIGGER full_disk ON products")
        .await
        .expect("room");
    let again = shop.import(file.bytes()).await;
    assert_eq!(again.progress.status, ImportStatus::Completed);
    assert_eq!(again.progress.created + progress.created, 30_000);
}

on_both! {
    async fn pictures_of_workbooks_and_other_pieces_need_room_too(shop: Shop) {
        let full = Shop::open_with(Kind::Sqlite, |config| config.disk_reserve = u64::MAX).await;
        let storage = shop.services.storage.clone().watching(full.services.disks.clone());
        let refused = storage.keep_piece("pictures/ab/ab", [Bytes::from_static(b"x")]).await.expect_err("no room");
        assert!(refused.is_disk_full());
    }
}
