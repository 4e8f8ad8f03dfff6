//! What is older than it is kept goes, by whichever process comes first; what somebody may still need stays, and everybody is told.

use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::audit::{self, Actor, AuditQuery};
use stockroom::database::clock::now;
use stockroom::error::Error;
use stockroom::imports::correction::{Corrections, RowCorrection, correct};
use stockroom::imports::intake::{Intake, StopsAt, begin_uploaded};
use stockroom::imports::query::ImportQuery;
use stockroom::imports::{self, Import, ImportKind, ImportStatus};
use stockroom::problem::Problem;
use stockroom::retention::{Days, Retention};
use stockroom::services::Services;
use stockroom::testing::{CsvFile, Shop};
use stockroom::uploads;
use stockroom::{catalogs, products};
use time::Duration;

use crate::on_both;

/// Nothing is removed but what these say.
const NOTHING: Days = Days {
    files: 0,
    problems: 0,
    bin: 0,
    audit: 0,
};

async fn sweep(services: &Services, days: Days) {
    let retention = Retention {
        days,
        ..services.retention()
    };
    retention.sweep(now()).await.expect("swept");
}

/// Makes rows as old as that.
async fn age(shop: &Shop, table: &str, moment: &str, which: &str, days: i64) {
    let sql = format!("UPDATE {table} SET {moment} = $1 WHERE {which}");
    let values = [(now() - Duration::days(days)).into()];
    let database = &shop.services.database;
    let statement = Statement::from_sql_and_values(database.backend(), sql, values);
    let aged = database.writer().execute_raw(statement).await.expect("aged");
    assert!(aged.rows_affected() > 0, "{which}");
}

async fn end_of(shop: &Shop, import: &Import, days: i64) {
    let which = format!("id = {}", import.job_id);
    age(shop, "imports", "created_at", &which, days).await;
    age(shop, "imports", "finished_at", &which, days).await;
}

/// Files in the store.
fn kept(shop: &Shop) -> usize {
    fn below(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| if entry.path().is_dir() { below(&entry.path()) } else { 1 })
            .sum()
    }
    below(&shop.folder().join("files"))
}

fn status<T>(result: Result<T, Error>) -> u16 {
    result.map(|_| ()).map_err(Problem::from).expect_err("a refusal").status
}

on_both! {
    async fn the_file_of_an_old_import_goes_and_the_import_stays(shop: Shop) {
        let days = Days { files: 90, ..NOTHING };
        let (old, young) = (shop.import("sku,name\nA,Mug\n,Cup\n").await, shop.import("sku,name\nB,Jug\n").await);
        end_of(&shop, &old, 91).await;
        end_of(&shop, &young, 89).await;
        sweep(&shop.services, NOTHING).await;
        assert_eq!(kept(&shop), 4, "0 is for ever, for the bytes and the list of each");
        sweep(&shop.services, days).await;
        assert_eq!(kept(&shop), 2);
        let (old, young) = (shop.see(old.job_id).await, shop.see(young.job_id).await);
        assert_eq!((old.has_its_file(), young.has_its_file()), (false, true));
        assert_eq!((old.file_name.as_str(), old.progress.created, old.progress.failed, old.sha256.is_some()), ("test.csv", 1, 1, true));

        let services = &shop.services;
        let file = imports::original(&services.database, &services.storage, old.job_id).await;
        assert!(matches!(&file, Err(Error::Refused(problem)) if problem.status == 404 && problem.detail.contains("no longer kept")), "{file:?}");
        imports::original(&services.database, &services.storage, young.job_id).await.expect("the young one's");
        assert_eq!(status(imports::repeat(services, old.job_id, &Actor::from("ben"), None).await), 404);
        assert_eq!(status(imports::problem_rows(services, old.job_id).await), 404);
        assert_eq!(status(imports::problem_workbook(services, old.job_id).await), 404);
        let corrections = Corrections {
            rows: vec![RowCorrection { row: 3, cells: [(0, "C".to_owned())].into() }],
            leaves_out_wrong: false,
            stops: StopsAt::Check,
            by: Actor::from("ben"),
            idempotency_key: None,
        };
        assert_eq!(status(correct(services, old.job_id, corrections).await), 409);
        assert_eq!(imports::problem_groups(services.reader(), old.job_id).await.expect("groups").len(), 1, "its problems are listed as before");
        assert_eq!(shop.undo(old.job_id).await.progress.status, ImportStatus::Completed);
        assert!(shop.product("A").await.is_none() && shop.product("B").await.is_some());
        sweep(&shop.services, days).await;
        assert_eq!(shop.see(old.job_id).await.file_removed_at, old.file_removed_at);
    }

    async fn a_file_stays_as_long_as_any_import_of_it_may_need_it(shop: Shop) {
        let days = Days { files: 90, ..NOTHING };
        let first = shop.import("sku,name\nA,Mug\n").await;
        let again = imports::repeat(&shop.services, first.job_id, &Actor::from("ben"), None).await.expect("begun again");
        shop.work().await;
        end_of(&shop, &first, 100).await;
        age(&shop, "imports", "created_at", &format!("id = {}", again.job_id), 100).await;
        sweep(&shop.services, days).await;
        assert_eq!((kept(&shop), shop.see(first.job_id).await.has_its_file()), (2, true), "somebody may still confirm the other");
        imports::cancel(&shop.services, again.job_id, &Actor::from("ben")).await.expect("cancelled");
        sweep(&shop.services, days).await;
        assert_eq!(kept(&shop), 2, "that one has ended just now");
        end_of(&shop, &again, 91).await;
        sweep(&shop.neighbour().await, days).await;
        assert_eq!((kept(&shop), shop.see(first.job_id).await.has_its_file(), shop.see(again.job_id).await.has_its_file()), (0, false, false));
    }

    async fn a_key_of_a_request_is_free_again_after_a_month(shop: Shop) {
        let (database, ana) = (&shop.services.database, Actor::from("ana"));
        for (name, days) in [("Garden", 29), ("Kitchen", 31)] {
            catalogs::create_once(database, name, &ana, name).await.expect("a catalogue");
            age(&shop, "created_once", "created_at", &format!("key LIKE '%{name}'"), days).await;
        }
        sweep(&shop.services, NOTHING).await;
        let other = async |key: &str| catalogs::create_once(database, "Cellar", &ana, key).await;
        assert_eq!(status(other("Garden").await), 422);
        assert_eq!(other("Kitchen").await.expect("a catalogue").name, "Cellar");
    }

    async fn a_file_that_came_in_pieces_goes_with_all_of_them(shop: Shop) {
        let ana = Actor::from("ana");
        let bytes = b"sku,name\na,1\n";
        let upload = uploads::create(&shop.services, &ana, bytes.len() as u64, "").await.expect("begun");
        for part in [0..5, 5..bytes.len()] {
            let piece = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(&bytes[part.clone()]))]);
            uploads::receive(&shop.services, &ana, &upload.id, part.start as u64, piece).await.expect("kept");
        }
        let import = begin_uploaded(&shop.services, Intake::at_once(ImportKind::Products, "", ana), &upload.id).await.expect("an import");
        shop.work().await;
        assert_eq!(kept(&shop), 3, "two pieces and their list");
        end_of(&shop, &import, 91).await;
        sweep(&shop.services, Days { files: 90, ..NOTHING }).await;
        assert_eq!((kept(&shop), shop.see(import.job_id).await.has_its_file()), (0, false));
    }

    async fn an_import_that_nobody_confirmed_counts_from_its_beginning(shop: Shop) {
        let import = shop.upload(ImportKind::Products, "sku,name\nA,Mug\n").await.expect("taken in");
        imports::cancel(&shop.services, import.job_id, &Actor::from("ana")).await.expect("cancelled");
        let forget = format!("UPDATE imports SET finished_at = NULL WHERE id = {}", import.job_id);
        shop.services.database.writer().execute_unprepared(&forget).await.expect("as the weekly sweep leaves it");
        age(&shop, "imports", "created_at", &format!("id = {}", import.job_id), 91).await;
        sweep(&shop.services, Days { files: 90, ..NOTHING }).await;
        assert_eq!((kept(&shop), shop.see(import.job_id).await.has_its_file()), (0, false));
    }

    async fn problem_rows_of_an_old_import_go_and_its_counters_stay(shop: Shop) {
        let many = CsvFile::header(["sku", "name"]).row(["A", "Mug"]).rows(5_003, |n| [String::new(), format!("Cup {n}")]);
        let (old, young) = (shop.import(many.bytes()).await, shop.import("sku,name\n,Jug\n").await);
        let clean = shop.import("sku,name\nB,Jug\n").await;
        for (import, days) in [(&old, 366), (&young, 364), (&clean, 366)] {
            end_of(&shop, import, days).await;
        }
        sweep(&shop.services, Days { problems: 365, ..NOTHING }).await;
        let listed = async |import: &Import| {
            imports::problems(shop.services.reader(), import.job_id, &Default::default()).await.expect("problems").total.rows
        };
        assert_eq!((listed(&old).await, listed(&young).await), (0, 1));
        let (old, young, clean) = (shop.see(old.job_id).await, shop.see(young.job_id).await, shop.see(clean.job_id).await);
        assert_eq!((old.progress.failed, old.progress.created, old.has_its_file()), (5_003, 1, true));
        assert_eq!(
            (old.problems_removed_at.is_some(), young.problems_removed_at.is_some(), clean.problems_removed_at.is_some()),
            (true, false, false),
            "it is said of those that had any"
        );
    }

    async fn what_lies_in_the_bin_for_long_is_deleted_for_good_once(shop: Shop) {
        let days = Days { bin: 30, ..NOTHING };
        shop.import("sku,name\nA,Mug\nB,Cup\nC,Jug\n").await;
        let ana = Actor::from("ana");
        let database = &shop.services.database;
        for sku in ["A", "B"] {
            let id = shop.product(sku).await.expect("there").id;
            products::delete(database, id, None, &ana).await.expect("in the bin");
        }
        sweep(&shop.services, days).await;
        shop.work().await;
        age(&shop, "products", "deleted_at", "sku = 'A'", 31).await;
        age(&shop, "products", "updated_at", "sku = 'A'", 31).await;
        age(&shop, "products", "updated_at", "sku = 'C'", 31).await;
        sweep(&shop.services, NOTHING).await;
        let neighbour = shop.neighbour().await;
        tokio::join!(sweep(&shop.services, days), sweep(&neighbour, days));
        shop.work().await;
        let query = ImportQuery { by: Some("Stockroom".into()), ..ImportQuery::default() };
        let jobs = imports::list(shop.services.reader(), &query, &Default::default()).await.expect("jobs").items;
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        assert_eq!((jobs[0].kind, jobs[0].progress.status, jobs[0].progress.updated), (ImportKind::BulkDelete, ImportStatus::Completed, 1));
        let bin = products::ProductQuery { deleted: true, ..Default::default() };
        let bin = products::list(shop.services.reader(), &bin, &Default::default()).await.expect("the bin");
        assert_eq!(bin.items.iter().map(|product| product.sku.as_str()).collect::<Vec<_>>(), ["B"]);
        assert_eq!(products::count_all(shop.services.reader()).await.expect("a count"), 1);
        assert!(shop.product("C").await.is_some(), "what is not in the bin may be as old as it likes");
    }

    async fn old_lines_of_the_audit_log_go(shop: Shop) {
        shop.import("sku,name\nA,Mug\n").await;
        let listed = async || {
            let page = audit::list(shop.services.reader(), &AuditQuery::default(), &Default::default()).await;
            page.expect("the log").items.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
        };
        let before = listed().await;
        assert!(before.len() > 1, "{before:?}");
        let oldest = *before.last().expect("a line");
        age(&shop, "audit_log", "made_at", &format!("id = {oldest}"), 731).await;
        sweep(&shop.services, NOTHING).await;
        assert_eq!(listed().await, before);
        sweep(&shop.services, Days { audit: 730, ..NOTHING }).await;
        assert_eq!(listed().await, before[..before.len() - 1]);
    }
}
