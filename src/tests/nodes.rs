//! Several processes on one database: they tell each other what is new, know who is there, and free themselves from one that is frozen.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use stockroom::database::bus::{Bus, Heard};
use stockroom::disk::DiskUse;
use stockroom::imports::{ImportKind, ImportStatus};
use stockroom::jobs;
use stockroom::nodes::{self, Membership, Newcomer, NodeRole};
use stockroom::problem::Problem;
use stockroom::products::export::{self, Layout};
use stockroom::products::{ExportProgress, ProductQuery};
use stockroom::services::Services;
use stockroom::storage::Storage;
use stockroom::testing::{Bucket, CsvFile, Kind, Shop};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Hears what others tell, from the moment when it is given.
async fn hearing(services: &Services, bus: &Bus) -> (UnboundedReceiver<Heard>, DropGuard) {
    let (sender, mut heard) = unbounded_channel();
    let stop = CancellationToken::new();
    let (database, bus, until) = (services.database.clone(), bus.clone(), stop.clone());
    tokio::spawn(async move {
        let hear = |news| drop(sender.send(news));
        bus.run(&database, hear, &until).await;
    });
    assert_eq!(heard.recv().await, Some(Heard::Gap), "what came before was not heard");
    (heard, stop.drop_guard())
}

fn news(subject: &str, body: &str) -> Heard {
    Heard::News {
        subject: subject.to_owned(),
        body: body.to_owned(),
    }
}

fn products(count: usize) -> Vec<u8> {
    let row = |n: usize| [format!("SKU-{n}"), format!("Thing {n}"), "1.50".to_owned()];
    CsvFile::header(["sku", "name", "price"]).rows(count, row).bytes()
}

fn newcomer(shop: &Shop, role: NodeRole) -> Newcomer {
    Newcomer {
        role,
        version: "1.2.3".to_owned(),
        disks: shop.services.disks.clone(),
        patience: Duration::ZERO,
    }
}

async fn join(shop: &Shop, storage: &Storage, role: NodeRole) -> Result<Membership, Problem> {
    Membership::join(&shop.services.database, storage, newcomer(shop, role))
        .await
        .map_err(Problem::from)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_tells_all_others_hear_and_of_one_subject_the_last() {
    let shop = Shop::open(Kind::Postgres).await;
    let (one, other) = (Bus::default(), Bus::default());
    one.tell("early", "to nobody".to_owned());
    let (mut own, _own) = hearing(&shop.services, &one).await;
    let (mut heard, _other) = hearing(&shop.services, &other).await;
    one.tell("too long", "x".repeat(10_000));
    one.tell("imports", "first\nline".to_owned());
    assert_eq!(heard.recv().await, Some(news("imports", "first\nline")));
    // While these are sent, more are told.
    for n in 0..1_000 {
        one.tell("count", n.to_string());
    }
    one.tell("done", String::new());
    let mut counted = Vec::new();
    while let Some(Heard::News { subject, body }) = heard.recv().await
        && subject == "count"
    {
        counted.push(body);
    }
    assert_eq!(counted.last().map(String::as_str), Some("999"));
    other.tell("answer", String::new());
    assert_eq!(
        own.recv().await,
        Some(news("answer", "")),
        "nobody hears what he says himself"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_whose_connection_is_cut_hears_again_and_knows_that_it_missed_something() {
    let shop = Shop::open(Kind::Postgres).await;
    let (one, other) = (Bus::default(), Bus::default());
    let (_own, _guard) = hearing(&shop.services, &one).await;
    let (mut heard, _other) = hearing(&shop.services, &other).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()";
    shop.services
        .database
        .writer()
        .execute_unprepared(cut)
        .await
        .expect("cut");
    assert_eq!(heard.recv().await, Some(Heard::Gap));
    one.tell("again", String::new());
    assert_eq!(heard.recv().await, Some(news("again", "")));
}

/// A shop and another process of it, which tell each other what is new until the token is cancelled.
async fn two_that_talk() -> (Shop, Services, CancellationToken) {
    let shop = Shop::open(Kind::Postgres).await;
    let other = shop.beside().await.services;
    let stop = CancellationToken::new();
    for services in [shop.services.clone(), other.clone()] {
        tokio::spawn(services.run_bus(stop.clone()));
    }
    (shop, other, stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_watched_where_it_does_not_run() {
    let (shop, worker, stop) = two_that_talk().await;
    let _stopping = stop.clone().drop_guard();
    let import = shop
        .upload(ImportKind::Products, products(60_000))
        .await
        .expect("taken in");
    let mut watch = shop.services.watches.open(import.job_id).await.expect("a watch");
    let one_more = shop.services.watches.open(import.job_id).await.expect("a watch");
    let running = tokio::spawn(jobs::work(worker.importer(), worker.import_wake.clone(), stop.clone()));
    let mut seen = vec![watch.import().progress.clone()];
    while !watch.is_over() {
        watch.news().await;
        seen.push(watch.import().progress.clone());
    }
    let last = seen.last().expect("progress");
    assert_eq!((last.status, last.created), (ImportStatus::Completed, 60_000));
    assert!(
        seen.windows(2).all(|pair| pair[0].percent <= pair[1].percent),
        "the bar never goes back: {seen:?}"
    );
    assert!(watch.import().finished_at.is_some());
    assert_eq!(one_more.end().await.progress, *last);
    stop.cancel();
    running.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_counted_for_whoever_asks_another_process() {
    let (shop, other, stop) = two_that_talk().await;
    let _stopping = stop.drop_guard();
    shop.import(products(3_000)).await;
    let until = async |word: &str, wanted: Option<ExportProgress>| {
        let look = async {
            while other.exports.progress("ana", word) != wanted {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(2), look).await.is_ok()
    };
    let whole = ExportProgress {
        rows: 3_000,
        total: Some(3_000),
        done: true,
    };
    // What is told before the other one listens is lost.
    for word in (0..15).map(|n| n.to_string()) {
        let watched = shop.services.exports.watch("ana", &word);
        let layout = Layout::of(shop.services.reader(), None).await.expect("a layout");
        let (query, folder) = (ProductQuery::default(), shop.folder().join("scratch"));
        let file = export::xlsx(&shop.services.database, query, layout, &folder, watched.clone()).await;
        file.expect("a file");
        if until(&word, Some(whole)).await {
            drop(watched);
            assert!(until(&word, None).await, "it is over");
            return;
        }
    }
    panic!("the other process hears nothing of exports");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_keeps_files_in_a_folder_is_alone() {
    let shop = Shop::open(Kind::Postgres).await;
    let storage = &shop.services.storage;
    for role in [NodeRole::Web, NodeRole::Worker] {
        let refused = join(&shop, storage, role).await.expect_err("a folder of its own");
        assert!(
            refused.detail.contains("STORAGE_URL names a folder of this machine"),
            "{refused}"
        );
    }
    let first = join(&shop, storage, NodeRole::All).await.expect("the first");
    let refused = join(&shop, storage, NodeRole::All).await.expect_err("not alone");
    assert!(
        refused.detail.starts_with("Another node works with this database."),
        "{refused}"
    );
    let seen = nodes::living(shop.services.reader()).await.expect("nodes");
    assert_eq!(seen.iter().map(|node| node.role).collect::<Vec<_>>(), [NodeRole::All]);

    let stop = CancellationToken::new();
    let member = tokio::spawn(first.run(stop.clone()));
    stop.cancel();
    member.await.expect("it leaves");
    assert_eq!(nodes::living(shop.services.reader()).await.expect("nodes"), []);
    // One that was killed leaves its row and not its lock.
    drop(join(&shop, storage, NodeRole::All).await.expect("the next"));
    let newcomer = Newcomer {
        patience: Duration::from_secs(30),
        ..newcomer(&shop, NodeRole::All)
    };
    Membership::join(&shop.services.database, storage, newcomer)
        .await
        .expect("another one at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_tell_of_their_disks_again_and_again_and_others_read_what_they_can() {
    let shop = Shop::open(Kind::Postgres).await;
    let db = shop.services.database.writer();
    let uses = async || -> Vec<DiskUse> {
        let nodes = nodes::living(db).await.expect("nodes");
        nodes[0].disks.iter().map(|disk| disk.used_for).collect()
    };
    let node = join(&shop, &shop.services.storage, NodeRole::All)
        .await
        .expect("a node");
    assert_eq!(uses().await, [DiskUse::Files]);
    // As a node of the last version leaves it, and one of the next may say it.
    for strange in ["NULL", r#"'[{"used_for": "moon", "free_bytes": 1}]'"#] {
        let say = format!("UPDATE nodes SET disks = {strange}");
        db.execute_unprepared(&say).await.expect("said");
        assert_eq!(uses().await, []);
    }
    let stop = CancellationToken::new();
    let member = tokio::spawn(node.run(stop.clone()));
    let told = async {
        while uses().await != [DiskUse::Files] {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), told).await.expect("it tells again");
    stop.cancel();
    member.await.expect("it leaves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_share_a_bucket_work_together() {
    let (Some(bucket), Some(elsewhere)) = (Bucket::new().await, Bucket::new().await) else {
        return;
    };
    let shop = Shop::open(Kind::Postgres).await;
    let store = async |bucket: &Bucket| {
        Storage::connect_with(&bucket.url("files"), bucket.variables())
            .await
            .expect("a store")
    };
    let (shared, other) = (store(&bucket).await, store(&elsewhere).await);
    let _web = join(&shop, &shared, NodeRole::Web).await.expect("a web node");
    let _worker = join(&shop, &shared, NodeRole::Worker).await.expect("a worker");
    let seen = nodes::living(shop.services.reader()).await.expect("nodes");
    let mut roles: Vec<_> = seen
        .iter()
        .map(|node| (node.role.as_str(), node.version.as_str()))
        .collect();
    roles.sort_unstable();
    assert_eq!(roles, [("web", "1.2.3"), ("worker", "1.2.3")]);
    let refused = join(&shop, &other, NodeRole::Web).await.expect_err("other files");
    assert!(refused.detail.contains("keeps its files elsewhere"), "{refused}");
    let refused = join(&shop, &shop.services.storage, NodeRole::All)
        .await
        .expect_err("a folder");
    assert!(refused.detail.starts_with("Another node works"), "{refused}");
}

#[tokio::test]
async fn a_database_that_is_a_file_is_for_one_node() {
    let shop = Shop::open(Kind::Sqlite).await;
    let refused = join(&shop, &shop.services.storage, NodeRole::Worker)
        .await
        .expect_err("SQLite");
    assert!(refused.detail.contains("SQLite is for one alone"), "{refused}");
    join(&shop, &shop.services.storage, NodeRole::All).await.expect("alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_frozen_in_a_transaction_holds_nobody_up_for_long() {
    let shop = Shop::open(Kind::Postgres).await;
    let import = shop
        .upload(ImportKind::Products, products(100))
        .await
        .expect("taken in");
    // It has the import's row, and says nothing any more.
    let frozen = shop.beside().await.services;
    let transaction = frozen.database.begin_change().await.expect("a transaction");
    let hold = format!("UPDATE imports SET crashes = crashes WHERE id = {}", import.job_id);
    transaction.execute_unprepared(&hold).await.expect("held");
    shop.work().await;
    assert_eq!(shop.see(import.job_id).await.progress.created, 100);
    let woken = transaction.execute_unprepared(&hold).await;
    assert!(woken.is_err(), "what it wakes up to is over: {woken:?}");
}
