//! What nobody wants any more is removed, and nothing else.

use stockroom::audit::Actor;
use stockroom::database::clock::now;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::options::ImportOptions;
use stockroom::imports::plan::{BulkAction, Selection};
use stockroom::imports::{self, Confirmation, Import, ImportKind, ImportStatus};
use stockroom::storage::Storage;
use stockroom::testing::{Bucket, CsvFile, Shop};
use stockroom::uploads::{self, Sweeper};
use time::Duration;

use crate::on_both;

async fn checked(shop: &Shop, name: &str) -> Import {
    let intake = Intake {
        options: ImportOptions::default(),
        stops: StopsAt::Match,
        ..Intake::at_once(ImportKind::Products, "test.csv", Actor::from("test"))
    };
    let file = CsvFile::header(["sku", "name"]).row(["a", name]);
    let import = shop.take_in(intake, file.bytes()).await.expect("taken in");
    shop.work().await;
    let import = shop.see(import.job_id).await;
    assert_eq!(import.progress.status, ImportStatus::AwaitingConfirmation);
    import
}

fn scratch_of(import: &Import) -> String {
    import.review.clone().expect("a review").scratch
}

/// Makes a job as old as that.
async fn age(shop: &Shop, import: &Import, days: i64) {
    let sql = format!("UPDATE imports SET created_at = $1 WHERE id = {}", import.job_id);
    let values = [(now() - Duration::days(days)).into()];
    let backend = shop.services.database.backend();
    let statement = sea_orm::Statement::from_sql_and_values(backend, sql, values);
    let db = shop.services.database.writer();
    sea_orm::ConnectionTrait::execute_raw(db, statement)
        .await
        .expect("the job is older");
}

async fn status(shop: &Shop, import: &Import) -> ImportStatus {
    shop.see(import.job_id).await.progress.status
}

on_both! {
    async fn a_check_that_nobody_confirms_for_a_week_goes_with_its_scratch(shop: Shop) {
        let (old, young) = (checked(&shop, "Mug").await, checked(&shop, "Cup").await);
        age(&shop, &old, 8).await;
        age(&shop, &young, 6).await;
        assert_eq!(shop.scratch().await.len(), 2);
        shop.services.importer().sweep().await.expect("swept");
        assert_eq!((status(&shop, &old).await, status(&shop, &young).await), (ImportStatus::Cancelled, ImportStatus::AwaitingConfirmation));
        assert_eq!(shop.scratch().await, [scratch_of(&young)]);
    }

    async fn a_plan_that_nobody_confirms_is_dropped_after_a_day(shop: Shop) {
        shop.import(CsvFile::header(["sku", "name"]).row(["a", "Mug"]).bytes()).await;
        let ids = vec![shop.product("a").await.expect("the mug").id];
        let mut plans = Vec::new();
        for _ in 0..2 {
            let confirmation = Confirmation { by: Actor::from("test"), is_given: false, idempotency_key: None };
            let plan = imports::plan_bulk(&shop.services.database, BulkAction::Delete, Selection::Ids(ids.clone()), None, confirmation).await;
            plans.push(plan.expect("a plan"));
        }
        age(&shop, &plans[0], 2).await;
        shop.services.importer().sweep().await.expect("swept");
        assert_eq!((status(&shop, &plans[0]).await, status(&shop, &plans[1]).await), (ImportStatus::Cancelled, ImportStatus::AwaitingConfirmation));
        let late = imports::apply(&shop.services.database, plans[0].job_id, &Actor::from("test"), imports::Answer::default()).await;
        assert!(late.is_err(), "{late:?}");
    }

    async fn what_a_check_has_found_goes_as_soon_as_it_is_discarded(shop: Shop) {
        let (discarded, kept) = (checked(&shop, "Mug").await, checked(&shop, "Cup").await);
        imports::cancel(&shop.services, discarded.job_id, &Actor::from("test")).await.expect("discarded");
        assert_eq!(shop.scratch().await, [scratch_of(&kept)]);
    }

    async fn pieces_that_no_upload_knows_are_swept_after_a_day_in_a_folder(shop: Shop) {
        let storage = shop.services.storage.clone();
        // As the store names what it is writing.
        let folder = shop.folder().join("files/uploads/0123456789abcdef");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("000000000000-00000002#1"), "lost").expect("a file");
        orphans_are_swept(&shop, storage).await;
        assert!(!folder.exists());
    }

    async fn pieces_that_no_upload_knows_are_swept_after_a_day_in_a_bucket(shop: Shop) {
        let Some(bucket) = Bucket::new().await else { return };
        let storage = Storage::connect_with(&bucket.url("kept"), bucket.variables()).await.expect("a store");
        orphans_are_swept(&shop, storage).await;
    }
}

async fn orphans_are_swept(shop: &Shop, storage: Storage) {
    let mut services = shop.services.clone();
    services.storage = storage.clone();
    let ana = Actor::from("ana");
    let bytes = b"sku,name\na,1\n";
    let sent = |id: String| {
        let chunks = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(bytes))]);
        let (services, ana) = (services.clone(), ana.clone());
        async move { uploads::receive(&services, &ana, &id, 0, chunks).await.expect("kept") }
    };
    let begun = || uploads::create(&services, &ana, bytes.len() as u64, "filename cHJpY2VzLmNzdg==");
    let (waiting, imported) = (begun().await.expect("begun"), begun().await.expect("begun"));
    sent(waiting.id.clone()).await;
    sent(imported.id.clone()).await;
    let intake = Intake::at_once(ImportKind::Products, "", ana.clone());
    imports::intake::begin_uploaded(&services, intake, &imported.id)
        .await
        .expect("an import");
    // Of the imported one, too, no row is left but that of its import.
    let forget = format!("DELETE FROM uploads WHERE id = '{}'", imported.id);
    let db = services.database.writer();
    sea_orm::ConnectionTrait::execute_unprepared(db, &forget)
        .await
        .expect("forgotten");
    let orphan = "uploads/0123456789abcdef/000000000000-00000001";
    storage
        .keep_piece(orphan, [bytes::Bytes::from_static(b"lost")])
        .await
        .expect("kept");
    let there = async || {
        let all = storage.written("").await.expect("a list");
        (all.len(), all.iter().any(|(key, _)| key == orphan))
    };
    let before = there().await;
    assert_eq!(before, (4, true), "two pieces, a list and the orphan");
    let sweeper: Sweeper = services.upload_sweeper();
    sweeper.sweep_orphans(now()).await.expect("swept");
    assert_eq!(there().await, before, "nothing is older than a day");
    sweeper.sweep_orphans(now() + Duration::days(2)).await.expect("swept");
    assert_eq!(there().await, (3, false));
}
