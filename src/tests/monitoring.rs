//! How the shop is doing, as it is seen and as it is remembered.

use sea_orm::ConnectionTrait as _;
use stockroom::config::Config;
use stockroom::disk::{DiskUse, Disks};
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::{self, Answer, ImportKind, ImportStatus};
use stockroom::monitoring::{self, Figures, Measure, Subject};
use stockroom::products::{self, draft::ProductText};
use stockroom::testing::receiver::Reply;
use stockroom::testing::{CsvFile, Receiver, Sending, Shop};
use stockroom::webhooks::draft::WebhookText;
use stockroom::webhooks::{self, EventKind, Webhook, WebhookStatus};
use time::{Duration, OffsetDateTime};

use crate::on_both;

const MEANT: Answer<'static> = Answer {
    is_meant: true,
    review: None,
};

async fn figures(shop: &Shop) -> Figures {
    monitoring::figures(&shop.services.database).await.expect("figures")
}

fn mugs(rows: usize) -> Vec<u8> {
    CsvFile::header(["sku", "name"])
        .rows(rows, |n| [format!("M{n}"), "Mug".to_owned()])
        .bytes()
}

async fn told_by(shop: &Shop, receiver: &Receiver) -> Webhook {
    let text = WebhookText {
        url: Some(receiver.url()),
        events: Some(vec![EventKind::ProductCreated.as_str().to_owned()]),
        ..WebhookText::default()
    };
    let added = webhooks::add(&shop.services, &text, None, &"ana".into()).await;
    added.expect("a webhook").0
}

async fn create(shop: &Shop, sku: &str) {
    let text = ProductText {
        sku: Some(sku.to_owned()),
        name: Some("Mug".to_owned()),
        ..ProductText::default()
    };
    products::create(&shop.services.database, &text, &"ana".into())
        .await
        .expect("a product");
}

on_both! {
    async fn an_import_is_seen_while_it_waits_and_counted_when_it_is_over(shop: Shop) {
        let import = shop.upload(ImportKind::Products, mugs(7)).await.expect("taken in");
        let seen = figures(&shop).await.imports;
        assert_eq!((seen.open.len(), seen.waiting(), seen.running().count()), (1, 1, 0));
        assert_eq!((seen.open[0].id, seen.open[0].status), (import.job_id, ImportStatus::Pending));
        shop.work().await;
        assert!(figures(&shop).await.imports.open.is_empty());
        let tally = &shop.services.tally;
        let counted = [Measure::RowsApplied, Measure::ImportsCompleted, Measure::ImportsFailed].map(|measure| tally.total(measure));
        assert_eq!(counted, [7, 1, 0]);
    }

    async fn an_import_that_was_confirmed_waits_from_then_on(shop: Shop) {
        let intake = Intake { stops: StopsAt::Check, ..Intake::at_once(ImportKind::Products, "a.csv", "ana".into()) };
        let import = shop.take_in(intake, mugs(2)).await.expect("taken in");
        shop.work().await;
        assert_eq!(figures(&shop).await.imports.to_be_confirmed, 1);
        let long_ago = format!("UPDATE imports SET created_at = '2026-01-01T00:00:00Z', queued_at = '2026-01-01T00:00:00Z' WHERE id = {}", import.job_id);
        shop.services.database.writer().execute_unprepared(&long_ago).await.expect("made old");
        imports::apply(&shop.services.database, import.job_id, &"ana".into(), MEANT).await.expect("confirmed");
        let waited = figures(&shop).await.imports.oldest_waiting_seconds().expect("it waits");
        assert!(waited < 3_600, "{waited}");
        shop.services.database.writer().execute_unprepared(&long_ago).await.expect("made old");
        let told = monitoring::troubles(&shop.services).await.expect("alerts");
        assert!(told.iter().any(|alert| alert.subject == Subject::Import(import.job_id)), "{told:?}");
    }

    async fn webhooks_are_seen_with_what_waits_for_them_and_how_calls_went(shop: Shop) {
        let receiver = Receiver::answering(|call, _| Reply::Status(if call == 0 { 500 } else { 200 })).await;
        let webhook = told_by(&shop, &receiver).await;
        assert_eq!(figures(&shop).await.oldest_due_seconds(), None);
        create(&shop, "A").await;
        let seen = figures(&shop).await;
        assert_eq!((seen.waiting_deliveries(), seen.webhooks[0].waiting), (1, 1));
        assert!(seen.oldest_due_seconds().is_some(), "it is due at once");
        let sending = Sending::begin(&shop.services);
        receiver.wait_for(1).await;
        create(&shop, "B").await;
        shop.services.webhook_wake.wake();
        receiver.wait_for(2).await;
        sending.end().await;
        let tally = &shop.services.tally;
        assert_eq!((tally.total(Measure::CallsFailed), tally.total(Measure::CallsArrived)), (1, 1));
        webhooks::disable(&shop.services, webhook.id, &"ana".into()).await.expect("disabled");
        let seen = figures(&shop).await;
        assert_eq!((seen.webhooks[0].status, seen.oldest_due_seconds()), (WebhookStatus::Disabled, None));
    }

    async fn the_index_of_words_and_pictures_are_seen_to_be_behind(shop: Shop) {
        shop.import("sku,name,images\na,Mug,https://pictures.example/a.jpg\nb,Cup,\n").await;
        let seen = figures(&shop).await;
        assert!(seen.search_behind >= 2, "{}", seen.search_behind);
        assert_eq!((seen.pictures.waiting, seen.pictures.failed), (1, 0));
        shop.index().await;
        assert_eq!(figures(&shop).await.search_behind, 0);
        let fail = "UPDATE pictures SET state = 'failed', next_attempt_at = NULL";
        shop.services.database.writer().execute_unprepared(fail).await.expect("failed");
        let seen = figures(&shop).await;
        assert_eq!((seen.pictures.waiting, seen.pictures.failed), (0, 1));
    }

    async fn several_processes_make_one_sample(shop: Shop) {
        let neighbour = shop.neighbour().await;
        shop.services.tally.add(Measure::Requests, 3);
        neighbour.tally.add(Measure::Requests, 2);
        let now = OffsetDateTime::now_utc();
        for _ in 0..2 {
            shop.services.sampler().sample(now).await.expect("a sample");
            neighbour.sampler().sample(now).await.expect("a sample");
        }
        let seen = monitoring::look(&shop.services).await.expect("everything");
        assert_eq!(seen.history.sum(Measure::Requests), 5);
        let size = seen.history.series.iter().find(|series| series.measure == Measure::DatabaseBytes);
        let size = size.and_then(monitoring::Series::last).expect("its size");
        assert!(size > 0 && seen.figures.database.bytes > 0);
        assert_eq!(seen.history.starts.len(), seen.history.series[0].values.len());
    }

    async fn samples_are_kept_for_two_days(shop: Shop) {
        let now = OffsetDateTime::now_utc();
        let sampler = shop.services.sampler();
        sampler.sample(now - Duration::hours(49)).await.expect("a sample");
        sampler.sample(now - Duration::hours(47)).await.expect("a sample");
        let count = async || {
            let db = shop.services.database.writer();
            let counted = "SELECT count(DISTINCT slot) AS counted FROM samples".to_owned();
            let statement = sea_orm::Statement::from_string(db.get_database_backend(), counted);
            let row = db.query_one_raw(statement).await.expect("a count").expect("a row");
            row.try_get::<i64>("", "counted").expect("a number")
        };
        assert_eq!(count().await, 2);
        sampler.sample(now).await.expect("a sample");
        assert_eq!(count().await, 2, "the oldest has gone");
        let seen = monitoring::look(&shop.services).await.expect("everything");
        let known = seen.history.series[0].values.iter().flatten().count();
        assert_eq!(known, 1, "the other one is older than a day");
    }

    async fn a_search_that_stays_behind_is_told_after_twenty_minutes(shop: Shop) {
        shop.import(mugs(501)).await;
        let now = OffsetDateTime::now_utc();
        let sampler = shop.services.sampler();
        let is_told = async || {
            let told = monitoring::troubles(&shop.services).await.expect("alerts");
            told.iter().any(|alert| alert.subject == Subject::Search)
        };
        sampler.sample(now).await.expect("a sample");
        assert!(!is_told().await, "it may have just begun");
        for minutes in [5, 10, 15] {
            sampler.sample(now - Duration::minutes(minutes)).await.expect("a sample");
        }
        assert!(is_told().await);
        shop.index().await;
        assert!(!is_told().await);
    }

    async fn the_machine_is_seen_with_its_disk_and_its_key_file(shop: Shop) {
        let services = &shop.services;
        let look = async || monitoring::system(&services.config, &services.disks, &services.tally).await;
        let seen = look().await;
        assert!(seen.process.memory_bytes > Some(0) && seen.process.open_files > Some(0), "{seen:?}");
        assert!(seen.disks[0].total_bytes >= seen.disks[0].free_bytes);
        let expected = if services.database.file().is_some() { DiskUse::FilesAndDatabase } else { DiskUse::Files };
        assert_eq!((seen.disks.len(), seen.disks[0].used_for, seen.key_file), (1, expected, None));
        std::fs::remove_file(&services.config.secret_key_file).expect("removed");
        assert!(matches!(look().await.key_file, Some(monitoring::KeyFileTrouble::Gone(_))));
        let pools = services.database.pools();
        assert_eq!(pools.len(), if services.database.file().is_some() { 2 } else { 1 });
        assert!(pools.iter().all(|pool| pool.idle <= pool.open && pool.open > 0), "{pools:?}");
    }

    async fn scratch_is_seen_where_it_has_a_disk_of_its_own(shop: Shop) {
        let services = &shop.services;
        let uses = async |scratch_dir: &str| {
            let config = Config { scratch_dir: scratch_dir.into(), ..Config::clone(&services.config) };
            let seen = monitoring::system(&config, &Disks::of(&config), &services.tally).await;
            seen.disks.iter().map(|disk| disk.used_for).collect::<Vec<_>>()
        };
        let first = if services.database.file().is_some() { DiskUse::FilesAndDatabase } else { DiskUse::Files };
        let files = services.config.storage_url.strip_prefix("file://").expect("a folder");
        assert_eq!(uses(files).await, [first]);
        // Its folder is made by whoever needs it first.
        assert_eq!(uses("/nowhere/at/all").await, [first]);
        // Of all that is mounted, this is on no disk.
        assert_eq!(uses("/proc").await, [first, DiskUse::Scratch]);
    }
}
