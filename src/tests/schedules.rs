//! A supplier's file comes in by itself when it should, once, and only what nothing speaks against goes into the shop.

mod addresses;
mod processes;
mod times;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use bytes::Bytes;
use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::audit::{self, Action, Actor};
use stockroom::config::Config;
use stockroom::error::Error;
use stockroom::imports::options::{ImportOptions, Mode};
use stockroom::imports::rematching::{self, Rematch};
use stockroom::imports::{self, ImportStatus, ImportStep};
use stockroom::outbound::Names;
use stockroom::problem::Problem;
use stockroom::schedules::draft::{ScheduleText, WhenText};
use stockroom::schedules::{self, Run, RunCause, RunStatus, Schedule, ScheduleStatus};
use stockroom::services::Services;
use stockroom::storage::Storage;
use stockroom::storage::buckets::Buckets;
use stockroom::testing::{Bucket, Process, Receiver, Reply, Shop};
use time::OffsetDateTime;

use crate::on_both;

const LIST: &str = "sku,name,price\na,Mug,5.00\nb,Cup,3.00\n";

fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    Reply::Raw(format!("{head}{body}").into_bytes())
}

fn list(body: &str) -> Reply {
    answer("200 OK", "content-type: text/csv\r\n", body)
}

/// A supplier whose list is what the test says at the moment.
struct Supplier {
    receiver: Receiver,
    reply: Arc<Mutex<Reply>>,
}

impl Supplier {
    async fn with(reply: Reply) -> Self {
        let reply = Arc::new(Mutex::new(reply));
        let present = reply.clone();
        let receiver = Receiver::answering(move |_, _| present.lock().expect("a reply").clone()).await;
        Self { receiver, reply }
    }

    fn says(&self, reply: Reply) {
        *self.reply.lock().expect("a reply") = reply;
    }

    fn address(&self) -> String {
        address(&self.receiver)
    }
}

fn address(receiver: &Receiver) -> String {
    format!("http://127.0.0.1:{}/lists/prices.csv", receiver.port())
}

fn ana() -> Actor {
    "ana@example.com".into()
}

fn daily(address: &str) -> ScheduleText {
    ScheduleText {
        name: Some("Supplier".to_owned()),
        address: Some(address.to_owned()),
        when: Some(WhenText::At {
            time: "03:00".to_owned(),
            days: None,
        }),
        ..ScheduleText::default()
    }
}

async fn add(shop: &Shop, text: &ScheduleText) -> Schedule {
    schedules::add(&shop.services, text, None, &ana())
        .await
        .expect("a schedule")
}

async fn see(shop: &Shop, id: i64) -> Schedule {
    schedules::get(shop.services.database.writer(), id)
        .await
        .expect("the schedule")
}

/// The newest first.
async fn runs(shop: &Shop, id: i64) -> Vec<Run> {
    let page = schedules::runs(shop.services.database.writer(), id, &Default::default()).await;
    page.expect("runs").items
}

async fn last(shop: &Shop, id: i64) -> Run {
    see(shop, id).await.last_run.expect("a run")
}

async fn execute(services: &Services, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
    let db = services.database.writer();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.expect("a statement");
}

/// Its time came some days ago.
async fn make_due(shop: &Shop, id: i64) {
    let past = (OffsetDateTime::now_utc() - time::Duration::days(3))
        .replace_nanosecond(0)
        .expect("a second");
    execute(
        &shop.services,
        "UPDATE schedules SET next_run_at = $1 WHERE id = $2",
        [past.into(), id.into()],
    )
    .await;
}

/// Lets pauses and leases be over.
async fn let_time_pass(shop: &Shop) {
    execute(&shop.services, "UPDATE schedule_runs SET lease_until = 0", []).await;
}

/// Everything that happens by itself, until nothing is left to do.
async fn go(shop: &Shop) {
    for _ in 0..3 {
        shop.services.schedules().run_due().await.expect("run");
        shop.work().await;
    }
    shop.services.schedules().run_due().await.expect("run");
}

/// The time of the schedule comes, and all that follows from it.
async fn night(shop: &Shop, id: i64) -> Run {
    make_due(shop, id).await;
    go(shop).await;
    last(shop, id).await
}

async fn price(shop: &Shop, sku: &str) -> Option<i64> {
    shop.product(sku).await.expect("a product").price_minor
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Problem {
    match result.expect_err("a refusal") {
        Error::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

fn words(run: &Run) -> &str {
    run.detail.as_deref().unwrap_or_default()
}

/// Files that the store has.
fn stored(shop: &Shop) -> usize {
    std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count)
}

fn names(pairs: &[(&str, &str)]) -> HashMap<String, Vec<IpAddr>> {
    let pairs = pairs
        .iter()
        .map(|(name, address)| ((*name).to_owned(), vec![address.parse().expect("an address")]));
    pairs.collect()
}

on_both! {
    async fn a_file_is_fetched_at_its_time_and_applied_by_itself(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        go(&shop).await;
        assert!(runs(&shop, schedule.id).await.is_empty(), "its time has not come");
        let run = night(&shop, schedule.id).await;
        assert_eq!((run.status, run.cause, run.detail), (RunStatus::Completed, RunCause::Planned, None));
        let import = shop.see(run.import_id.expect("an import")).await;
        assert_eq!((import.progress.status, import.progress.created), (ImportStatus::Completed, 2));
        assert_eq!((import.created_by.as_str(), import.file_name.as_str()), ("schedule Supplier", "prices.csv"));
        let begun_by = schedules::of_import(shop.services.reader(), import.job_id).await.expect("a schedule");
        assert_eq!(begun_by, Some((schedule.id, "Supplier".to_owned())));
        let log = audit::list(shop.services.database.writer(), &Default::default(), &Default::default()).await.expect("a log");
        let done: Vec<_> = log.items.iter().map(|entry| (entry.actor.name.as_str(), entry.action)).collect();
        for expected in [Action::ImportUploaded, Action::JobConfirmed, Action::JobFinished] {
            assert!(done.contains(&("schedule Supplier", expected)), "{done:?}");
        }
        assert!(done.contains(&("ana@example.com", Action::ScheduleAdded)), "{done:?}");
    }

    async fn a_file_that_is_the_same_is_not_imported_again(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        let first = night(&shop, schedule.id).await;
        let kept = stored(&shop);
        let second = night(&shop, schedule.id).await;
        assert_eq!((second.status, second.import_id), (RunStatus::Unchanged, None));
        assert_eq!(stored(&shop), kept, "nothing of it stays");
        // What the shop does with a file has changed, so the same file is another import.
        let text = ScheduleText { options: Some(ImportOptions { mode: Mode::UpdateOnly, ..ImportOptions::default() }), ..ScheduleText::default() };
        schedules::update(&shop.services, schedule.id, &text, &ana()).await.expect("changed");
        let third = night(&shop, schedule.id).await;
        assert!(third.status == RunStatus::Completed && third.import_id > first.import_id, "{third:?}");
    }

    async fn a_server_that_knows_the_file_is_asked_for_a_newer_one_only(shop: Shop) {
        let receiver = Receiver::answering(|_, call| {
            match (call.header("if-none-match"), call.header("if-modified-since")) {
                ("\"one\"", "Sat, 21 Nov 2026 08:00:00 GMT") => answer("304 Not Modified", "", ""),
                _ => answer("200 OK", "etag: \"one\"\r\nlast-modified: Sat, 21 Nov 2026 08:00:00 GMT\r\n", LIST),
            }
        }).await;
        let schedule = add(&shop, &daily(&address(&receiver))).await;
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Completed);
        assert_eq!(receiver.calls()[0].header("if-none-match"), "");
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Unchanged);
        assert_eq!(receiver.calls().len(), 2);
    }

    async fn a_tripwire_makes_it_wait_and_a_newer_file_takes_its_place(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        night(&shop, schedule.id).await;
        supplier.says(list("sku,name,price\na,Mug,0.00\nb,Cup,3.00\n"));
        let waits = night(&shop, schedule.id).await;
        assert_eq!(waits.status, RunStatus::Waiting);
        assert!(words(&waits).contains("Prices become zero"), "{waits:?}");
        let old = waits.import_id.expect("an import");
        assert_eq!((shop.see(old).await.progress.status, price(&shop, "a").await), (ImportStatus::AwaitingConfirmation, Some(500)));
        let same = night(&shop, schedule.id).await;
        assert_eq!(same.status, RunStatus::Unchanged);
        assert!(words(&same).contains(&format!("import #{old}")), "{same:?}");
        supplier.says(list("sku,name,price\na,Mug,6.00\nb,Cup,3.00\n"));
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Completed);
        assert_eq!((shop.see(old).await.progress.status, price(&shop, "a").await), (ImportStatus::Cancelled, Some(600)));
        let all = runs(&shop, schedule.id).await;
        assert_eq!(all.iter().find(|run| run.import_id == Some(old)).map(|run| run.status), Some(RunStatus::Cancelled));
    }

    async fn what_waits_is_applied_by_a_person_and_the_run_ends_with_it(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let text = ScheduleText { after_check: Some("wait".to_owned()), ..daily(&supplier.address()) };
        let schedule = add(&shop, &text).await;
        let run = night(&shop, schedule.id).await;
        assert_eq!(run.status, RunStatus::Waiting);
        assert!(shop.product("a").await.is_none());
        let import = run.import_id.expect("an import");
        imports::apply(&shop.services.database, import, &ana(), imports::Answer::default()).await.expect("applied");
        shop.work().await;
        go(&shop).await;
        assert_eq!(last(&shop, schedule.id).await.status, RunStatus::Completed);
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Unchanged);
    }

    async fn too_many_rows_with_problems_wait_and_a_few_do_not(shop: Shop) {
        let rows = |bad: usize| {
            let row = |n: usize| if n < bad { format!("s{n},Mug,x\n") } else { format!("s{n},Mug,1.00\n") };
            let rows: String = (0..100).map(row).collect();
            list(&format!("sku,name,price\n{rows}"))
        };
        let supplier = Supplier::with(rows(1)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Completed);
        supplier.says(rows(2));
        let waits = night(&shop, schedule.id).await;
        assert_eq!((waits.status, words(&waits)), (RunStatus::Waiting, "2 of 100 rows have problems."));
    }

    async fn columns_that_nobody_knows_are_matched_once(shop: Shop) {
        let supplier = Supplier::with(list("Nr,Was,Preisliste\na,Mug,5.00\n")).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        let run = night(&shop, schedule.id).await;
        assert_eq!(run.status, RunStatus::Waiting);
        assert!(words(&run).contains("columns"), "{run:?}");
        let import = run.import_id.expect("an import");
        assert_eq!(shop.see(import).await.step, ImportStep::Match);
        let columns = [(0, "sku".to_owned()), (1, "name".to_owned()), (2, "price".to_owned())].into();
        let said = Rematch { columns, is_final: true, ..Rematch::default() };
        rematching::rematch(&shop.services, import, said).await.expect("matched");
        shop.work().await;
        go(&shop).await;
        assert_eq!(last(&shop, schedule.id).await.status, RunStatus::Waiting, "whoever matched it applies it");
        imports::apply(&shop.services.database, import, &ana(), imports::Answer::default()).await.expect("applied");
        shop.work().await;
        supplier.says(list("Nr,Was,Preisliste\na,Mug,6.00\n"));
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Completed);
        assert_eq!(price(&shop, "a").await, Some(600));
    }

    async fn the_header_is_sent_to_its_server_alone_and_never_shown(shop: Shop) {
        let other = Receiver::answering(|_, _| list(LIST)).await;
        let leads_on = format!("location: {}\r\n", address(&other));
        let first = Receiver::answering(move |place, _| match place {
            0 => answer("302 Found", "location: /newest.csv\r\n", ""),
            _ => answer("302 Found", &leads_on, ""),
        }).await;
        let header = Some(Some(("Authorization".to_owned(), Some("Bearer open-sesame".to_owned()))));
        let text = ScheduleText { header, ..daily(&format!("{}?sig=hidden-key", address(&first))) };
        let schedule = add(&shop, &text).await;
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Completed);
        let calls = first.calls();
        let [asked, followed] = &calls[..] else { panic!("two calls: {calls:?}") };
        assert_eq!((asked.header("authorization"), asked.path.as_str()), ("Bearer open-sesame", "/lists/prices.csv?sig=hidden-key"));
        assert_eq!((followed.header("authorization"), followed.path.as_str()), ("Bearer open-sesame", "/newest.csv"));
        assert_eq!(other.calls()[0].header("authorization"), "", "another server has no use for the key");
        let log = audit::list(shop.services.database.writer(), &Default::default(), &Default::default()).await.expect("a log");
        let shown = format!("{:?} {:?} {:?}", see(&shop, schedule.id).await, runs(&shop, schedule.id).await, log.items);
        assert!(shown.contains("/lists/prices.csv?…") && !shown.contains("sesame") && !shown.contains("hidden-key"), "{shown}");
    }

    async fn a_key_stays_in_use_until_the_address_leads_to_another_server(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let header = Some(Some(("X-Key".to_owned(), Some("sesame".to_owned()))));
        let schedule = add(&shop, &ScheduleText { header, ..daily(&supplier.address()) }).await;
        let kept = Some(Some(("x-key".to_owned(), None)));
        let same = ScheduleText { header: kept, name: Some("Other".to_owned()), address: Some(schedule.address.clone()), ..ScheduleText::default() };
        schedules::update(&shop.services, schedule.id, &same, &ana()).await.expect("changed");
        night(&shop, schedule.id).await;
        assert_eq!(supplier.receiver.calls()[0].header("x-key"), "sesame");
        let elsewhere = ScheduleText { address: Some("http://127.0.0.1:9999/a.csv".to_owned()), ..ScheduleText::default() };
        let problem = refused(schedules::update(&shop.services, schedule.id, &elsewhere, &ana()).await);
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, "header"));
        let without = ScheduleText { header: Some(None), ..elsewhere };
        let changed = schedules::update(&shop.services, schedule.id, &without, &ana()).await.expect("changed");
        assert_eq!((changed.header_name, changed.name.as_str()), (None, "Other"));
        let nameless = ScheduleText { header: Some(Some(("X-Key".to_owned(), None))), ..ScheduleText::default() };
        assert_eq!(refused(schedules::update(&shop.services, schedule.id, &nameless, &ana()).await).status, 422);
    }

    async fn a_file_is_fetched_from_a_bucket(shop: Shop) {
        let Some(bucket) = Bucket::new().await else { return };
        let mut services = shop.services.clone();
        services.sources.buckets = Buckets::with(bucket.variables());
        let theirs = Storage::connect_with(&bucket.url(""), bucket.variables()).await.expect("a store");
        let put = async |text: &'static str| {
            theirs.keep_piece("daily/prices.csv", [Bytes::from_static(text.as_bytes())]).await.expect("there");
        };
        put(LIST).await;
        let text = daily(&bucket.url("daily/prices.csv"));
        let schedule = schedules::add(&services, &text, None, &ana()).await.expect("a schedule");
        let go = async || {
            schedules::run_now(&services, schedule.id, None, &ana()).await.expect("asked");
            for _ in 0..3 {
                services.schedules().run_due().await.expect("run");
                shop.work().await;
            }
            services.schedules().run_due().await.expect("run");
            last(&shop, schedule.id).await
        };
        assert_eq!(go().await.status, RunStatus::Completed);
        assert_eq!(price(&shop, "a").await, Some(500));
        assert_eq!(go().await.status, RunStatus::Unchanged);
        put("sku,name,price\na,Mug,5.50\nb,Cup,3.00\n").await;
        assert_eq!(go().await.status, RunStatus::Completed);
        assert_eq!(price(&shop, "a").await, Some(550));
        let missing = ScheduleText { address: Some(bucket.url("gone.csv")), ..ScheduleText::default() };
        schedules::update(&services, schedule.id, &missing, &ana()).await.expect("changed");
        let run = go().await;
        assert_eq!((run.status, words(&run)), (RunStatus::Failed, "There is no such file in the bucket, or no such bucket."));
    }

    async fn a_schedule_has_a_name_of_its_own_and_is_made_once_under_a_key(shop: Shop) {
        let services = &shop.services;
        let text = daily("http://127.0.0.1:8080/a.csv");
        let first = schedules::add(services, &text, Some("ana 1"), &ana()).await.expect("a schedule");
        let again = schedules::add(services, &text, Some("ana 1"), &ana()).await.expect("the same");
        assert_eq!(first.id, again.id);
        let problem = refused(schedules::add(services, &ScheduleText { name: Some("SUPPLIER".to_owned()), ..text.clone() }, None, &ana()).await);
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (409, "name"));
        let gone = ScheduleText { name: Some("B".to_owned()), options: Some(ImportOptions { catalog_id: Some(999), ..ImportOptions::default() }), ..text };
        assert_eq!(refused(schedules::add(services, &gone, None, &ana()).await).errors[0].field, "catalog_id");
        schedules::delete(services, first.id, &ana()).await.expect("deleted");
        assert_eq!(refused(schedules::get(services.database.writer(), first.id).await).status, 404);
    }
}
