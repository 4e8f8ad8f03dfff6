//! Many products changed together, and everything that a job did taken back.

use sea_orm::ConnectionTrait as _;
use stockroom::error::Error;
use stockroom::imports::plan::{BulkAction, Plan, Selection};
use stockroom::imports::problem::ProblemKind;
use stockroom::imports::{self, Confirmation, Import, ImportKind, ImportStatus};
use stockroom::problem::Problem;
use stockroom::products::draft::ProductText;
use stockroom::products::{self, ProductQuery};
use stockroom::testing::{CsvFile, Shop};
use stockroom::{catalogs, changes};

use crate::on_both;

fn wish(is_given: bool) -> Confirmation {
    Confirmation {
        by: "ana".into(),
        is_given,
        idempotency_key: None,
    }
}

fn matching(query: ProductQuery) -> Selection {
    Selection::Matching(Box::new(query))
}

fn cups() -> ProductQuery {
    ProductQuery {
        sku: Some("cup".into()),
        ..ProductQuery::default()
    }
}

/// `mugs` are active and have a price, `cups` are not and have none.
async fn fill(shop: &Shop, mugs: usize, cups: usize) {
    let file = CsvFile::header(["sku", "name", "price", "active", "catalogue"])
        .rows(mugs, |n| {
            [
                format!("mug-{n:05}"),
                format!("Mug {n}"),
                "5".into(),
                "yes".into(),
                "Kitchen".into(),
            ]
        })
        .rows(cups, |n| {
            [
                format!("cup-{n:05}"),
                format!("Cup {n}"),
                String::new(),
                "no".into(),
                String::new(),
            ]
        });
    shop.import(file.bytes()).await;
}

async fn plan(shop: &Shop, action: BulkAction, selection: Selection) -> Result<Import, Problem> {
    imports::plan_bulk(&shop.services.database, action, selection, None, wish(false))
        .await
        .map_err(Problem::from)
}

async fn carry_out(shop: &Shop, plan: &Import) -> Import {
    imports::apply(
        &shop.services.database,
        plan.job_id,
        &"ana".into(),
        imports::Answer::default(),
    )
    .await
    .expect("confirmed");
    shop.work().await;
    shop.see(plan.job_id).await
}

async fn run(shop: &Shop, action: BulkAction, selection: Selection) -> Import {
    let plan = plan(shop, action, selection).await.expect("a plan");
    carry_out(shop, &plan).await
}

async fn undo(shop: &Shop, id: i64) -> Import {
    let plan = imports::plan_undo(&shop.services.database, id, wish(false))
        .await
        .expect("a plan");
    carry_out(shop, &plan).await
}

fn counts(import: &Import) -> (ImportStatus, i64, i64, i64) {
    let progress = &import.progress;
    assert_eq!(Some(progress.processed), progress.total, "all are accounted for");
    (progress.status, progress.updated, progress.unchanged, progress.failed)
}

async fn totals(shop: &Shop) -> (i64, i64) {
    let db = shop.services.reader();
    (
        products::count_all(db).await.expect("a count"),
        products::count_active(db).await.expect("a count"),
    )
}

async fn kitchen(shop: &Shop) -> catalogs::Catalog {
    let page = catalogs::list(shop.services.reader(), &Default::default())
        .await
        .expect("catalogues");
    page.items.into_iter().next().expect("a catalogue")
}

on_both! {
    async fn what_matches_is_deleted_counted_and_had_back(shop: Shop) {
        fill(&shop, 30, 20).await;
        let before = shop.export().await;
        assert_eq!(totals(&shop).await, (50, 30));
        let deleted = plan(&shop, BulkAction::Delete, matching(cups())).await.expect("a plan");
        let Some(Plan::Bulk(reviewed)) = &deleted.plan else { panic!("{deleted:?}") };
        assert_eq!((reviewed.reviewed, deleted.progress.status, deleted.kind), (Some(20), ImportStatus::AwaitingConfirmation, ImportKind::BulkDelete));
        let sample = imports::sample(&shop.services.database, reviewed).await.expect("a sample");
        assert_eq!(sample, ["cup-00000", "cup-00001", "cup-00002", "cup-00003", "cup-00004"]);
        shop.work().await;
        assert_eq!(totals(&shop).await, (50, 30), "nothing happens before it is confirmed");

        let deleted = carry_out(&shop, &deleted).await;
        assert_eq!(counts(&deleted), (ImportStatus::Completed, 20, 0, 0));
        assert_eq!((totals(&shop).await, shop.product("cup-00003").await), ((30, 30), None));
        let undone = undo(&shop, deleted.job_id).await;
        assert_eq!(counts(&undone), (ImportStatus::Completed, 20, 0, 0));
        assert_eq!((shop.export().await, totals(&shop).await), (before.clone(), (50, 30)));
        assert_eq!(shop.see(deleted.job_id).await.progress.status, ImportStatus::Undone);

        let again = undo(&shop, undone.job_id).await;
        assert_eq!((counts(&again).1, totals(&shop).await), (20, (30, 30)), "an undo can be undone");
        assert_eq!(shop.see(deleted.job_id).await.progress.status, ImportStatus::Completed);
        undo(&shop, again.job_id).await;
        assert_eq!(shop.export().await, before);
    }

    async fn an_import_is_taken_back_whatever_it_did(shop: Shop) {
        fill(&shop, 5, 5).await;
        let gone = shop.product("cup-00001").await.expect("a cup");
        products::delete(&shop.services.database, gone.id, None, &"ana".into()).await.expect("deleted");
        let (before, counted) = (shop.export().await, totals(&shop).await);
        let file = CsvFile::header(["sku", "name", "description", "price", "active", "catalogue"])
            .row(["mug-00000", "Müg \"new\"", "a\nb", "7.25", "no", "Garden"])
            .row(["cup-00000", "Cup 0", "", "1", "yes", "Kitchen"])
            .row(["cup-00001", "Cup back", "", "", "", ""])
            .row(["jug", "Jug", "", "2", "yes", "Garden"])
            .row(["mug-00001", "Mug 1", "", "", "", ""]);
        let import = shop.import(file.bytes()).await;
        assert_eq!((import.progress.created, import.progress.updated, import.progress.unchanged), (1, 3, 1));
        let undone = undo(&shop, import.job_id).await;
        assert_eq!(counts(&undone), (ImportStatus::Completed, 4, 0, 0));
        assert_eq!((shop.export().await, totals(&shop).await), (before, counted));
        let history = changes::history(shop.services.reader(), gone.id).await.expect("a history");
        assert_eq!(history[0].by(), format!("Import #{}", undone.job_id));
        let refused = imports::plan_undo(&shop.services.database, import.job_id, wish(true)).await.expect_err("undone before");
        assert!(matches!(refused, Error::Refused(problem) if problem.status == 409));
    }

    async fn products_that_others_have_changed_since_are_kept_and_named(shop: Shop) {
        fill(&shop, 3, 0).await;
        let import = shop.import("sku,price\nmug-00000,9\nmug-00001,9\nmug-00002,9\n").await;
        let edited = shop.product("mug-00001").await.expect("a mug");
        let text = ProductText { name: Some("Mine".into()), ..ProductText::default() };
        products::update(&shop.services.database, edited.id, None, &text, &"ben".into()).await.expect("changed");
        let plan = imports::plan_undo(&shop.services.database, import.job_id, wish(false)).await.expect("a plan");
        let Some(Plan::Undo(counted)) = &plan.plan else { panic!("{plan:?}") };
        assert_eq!((counted.reversible, counted.changed_since), (2, 1));
        let undone = carry_out(&shop, &plan).await;
        assert_eq!(counts(&undone), (ImportStatus::Completed, 2, 0, 1));
        let kept = shop.product("mug-00001").await.expect("a mug");
        assert_eq!((kept.name.as_str(), kept.price_minor), ("Mine", Some(900)));
        let problems = imports::problems(shop.services.reader(), undone.job_id, &Default::default()).await.expect("problems");
        let named: Vec<_> = problems.items.iter().map(|problem| (problem.kind, problem.value.as_deref())).collect();
        assert_eq!(named, [(ProblemKind::ChangedSince, Some("mug-00001"))]);
    }

    async fn products_that_came_in_after_the_review_are_left_alone(shop: Shop) {
        fill(&shop, 0, 3).await;
        let reviewed = plan(&shop, BulkAction::Delete, matching(cups())).await.expect("a plan");
        shop.import("sku,name\ncup-new,Cup\n").await;
        assert_eq!(counts(&carry_out(&shop, &reviewed).await), (ImportStatus::Completed, 3, 0, 0));
        assert!(shop.product("cup-new").await.is_some());
    }

    async fn products_that_were_changed_after_the_review_are_kept_and_named(shop: Shop) {
        fill(&shop, 0, 3).await;
        let reviewed = plan(&shop, BulkAction::Delete, matching(cups())).await.expect("a plan");
        let edited = shop.product("cup-00001").await.expect("a cup");
        let text = ProductText { name: Some("Mine".into()), ..ProductText::default() };
        products::update(&shop.services.database, edited.id, None, &text, &"ben".into()).await.expect("changed");
        assert_eq!(counts(&carry_out(&shop, &reviewed).await), (ImportStatus::Completed, 2, 0, 1));
        assert_eq!(shop.product("cup-00001").await.expect("a cup").name, "Mine");
        let problems = imports::problems(shop.services.reader(), reviewed.job_id, &Default::default()).await.expect("problems");
        assert_eq!(problems.items[0].value.as_deref(), Some("cup-00001"));
    }

    async fn another_number_than_was_reviewed_stops_everything(shop: Shop) {
        fill(&shop, 0, 3).await;
        let reviewed = plan(&shop, BulkAction::Delete, matching(cups())).await.expect("a plan");
        let gone = shop.product("cup-00000").await.expect("a cup");
        products::delete(&shop.services.database, gone.id, None, &"ben".into()).await.expect("deleted");
        let stopped = carry_out(&shop, &reviewed).await;
        assert_eq!((stopped.progress.status, stopped.progress.updated), (ImportStatus::Failed, 0));
        assert!(stopped.progress.error.expect("a reason").contains("about 3 products, and now it would be about 2"));
        assert_eq!(totals(&shop).await.0, 2);
    }

    async fn products_are_switched_moved_restored_and_purged_together(shop: Shop) {
        fill(&shop, 4, 4).await;
        let kitchen = kitchen(&shop).await;
        let some = [shop.product("mug-00000").await, shop.product("cup-00000").await].map(|product| product.expect("a product").id);
        let on = run(&shop, BulkAction::Activate, Selection::Ids(some.to_vec())).await;
        assert_eq!((counts(&on), totals(&shop).await), ((ImportStatus::Completed, 1, 1, 0), (8, 5)));
        let off = run(&shop, BulkAction::Deactivate, matching(ProductQuery::default())).await;
        assert_eq!((counts(&off), totals(&shop).await), ((ImportStatus::Completed, 5, 3, 0), (8, 0)));
        undo(&shop, off.job_id).await;
        assert_eq!(totals(&shop).await, (8, 5));
        let moved = run(&shop, BulkAction::Move { catalog_id: None }, matching(ProductQuery { catalog_id: Some(kitchen.id), ..Default::default() })).await;
        assert_eq!((counts(&moved).1, self::kitchen(&shop).await.product_count), (4, 0));
        undo(&shop, moved.job_id).await;
        assert_eq!(self::kitchen(&shop).await.product_count, 4);

        run(&shop, BulkAction::Delete, matching(cups())).await;
        let bin = || matching(ProductQuery { deleted: true, ..cups() });
        assert_eq!(plan(&shop, BulkAction::Activate, bin()).await.expect_err("in the bin").status, 422);
        let restored = run(&shop, BulkAction::Restore, Selection::Ids(vec![some[1]])).await;
        assert_eq!((counts(&restored).1, totals(&shop).await), (1, (5, 5)));
        let purged = run(&shop, BulkAction::Purge, bin()).await;
        assert_eq!((counts(&purged), totals(&shop).await), ((ImportStatus::Completed, 3, 0, 0), (5, 5)));
        assert!(!shop.see(purged.job_id).await.can_be_undone());
        shop.import("sku,name\ncup-00001,New\n").await;
        assert_eq!(shop.product("cup-00001").await.expect("a new cup").version, 1);
    }

    async fn a_catalogue_goes_with_a_choice_for_its_products(shop: Shop) {
        fill(&shop, 3, 0).await;
        let kitchen = kitchen(&shop).await;
        let garden = catalogs::create(&shop.services.database, "Garden", &"ana".into()).await.expect("a catalogue");
        let inside = matching(ProductQuery { catalog_id: Some(kitchen.id), ..ProductQuery::default() });
        let to_itself = imports::plan_bulk(&shop.services.database, BulkAction::Move { catalog_id: Some(kitchen.id) }, inside.clone(), Some(kitchen.id), wish(true)).await;
        assert!(to_itself.is_err());
        let job = imports::plan_bulk(&shop.services.database, BulkAction::Move { catalog_id: Some(garden.id) }, inside, Some(kitchen.id), wish(true)).await.expect("a job");
        shop.work().await;
        assert_eq!(counts(&shop.see(job.job_id).await).1, 3);
        let left = catalogs::list(shop.services.reader(), &Default::default()).await.expect("catalogues");
        let left: Vec<_> = left.items.iter().map(|catalog| (catalog.name.as_str(), catalog.product_count)).collect();
        assert_eq!(left, [("Garden", 3)]);
    }

    async fn a_catalogue_comes_back_with_its_products(shop: Shop) {
        fill(&shop, 3, 0).await;
        let (database, kitchen) = (&shop.services.database, kitchen(&shop).await);
        let garden = catalogs::create(database, "Garden", &"ana".into()).await.expect("a catalogue");
        let before = shop.export().await;
        for action in [BulkAction::Delete, BulkAction::Move { catalog_id: Some(garden.id) }, BulkAction::Move { catalog_id: None }] {
            let job = imports::plan_bulk(database, action, Selection::of_catalog(kitchen.id), Some(kitchen.id), wish(true)).await.expect("a job");
            shop.work().await;
            assert_eq!(counts(&shop.see(job.job_id).await).1, 3);
            assert!(catalogs::get(database.writer(), kitchen.id).await.is_err());
            undo(&shop, job.job_id).await;
            let back = catalogs::get(database.writer(), kitchen.id).await.expect("the catalogue");
            assert_eq!((back.name, back.product_count), ("Kitchen".to_owned(), 3), "{action:?}");
            assert_eq!(shop.export().await, before, "{action:?}");
        }
    }

    async fn a_catalogue_whose_name_is_taken_comes_back_under_another(shop: Shop) {
        fill(&shop, 3, 0).await;
        let (database, kitchen) = (&shop.services.database, kitchen(&shop).await);
        let job = imports::plan_bulk(database, BulkAction::Delete, Selection::of_catalog(kitchen.id), Some(kitchen.id), wish(true)).await.expect("a job");
        shop.work().await;
        catalogs::create(database, "KITCHEN", &"ben".into()).await.expect("another one");
        undo(&shop, job.job_id).await;
        let back = catalogs::get(database.writer(), kitchen.id).await.expect("the catalogue");
        assert_eq!((back.name, back.product_count), (format!("Kitchen ({})", kitchen.id), 3));
    }

    async fn products_come_back_into_a_catalogue_that_is_there_again(shop: Shop) {
        fill(&shop, 3, 0).await;
        let (database, kitchen) = (&shop.services.database, kitchen(&shop).await);
        let before = shop.export().await;
        let job = imports::plan_bulk(database, BulkAction::Delete, Selection::of_catalog(kitchen.id), Some(kitchen.id), wish(true)).await.expect("a job");
        shop.work().await;
        // Somebody else has made it again, as an undo does that was cancelled before it came to the products.
        let again = CsvFile::header(["catalog_id", "name"]).row([kitchen.id.to_string().as_str(), "Kitchen"]);
        shop.import_catalogs(again.bytes()).await;
        let undone = undo(&shop, job.job_id).await;
        assert_eq!(shop.export().await, before);
        // Into the bin once more, where each keeps its catalogue, and back into it under its new name.
        let redone = undo(&shop, undone.job_id).await;
        assert_eq!(counts(&redone).1, 3);
        assert_eq!(catalogs::get(database.writer(), kitchen.id).await.expect("the catalogue").product_count, 0);
        catalogs::rename(database, kitchen.id, "Cooking", &"ben".into()).await.expect("renamed");
        assert_eq!(counts(&undo(&shop, redone.job_id).await).1, 3);
        assert_eq!(catalogs::get(database.writer(), kitchen.id).await.expect("the catalogue").product_count, 3);
        assert_eq!(shop.export().await, before.replace("Kitchen", "Cooking"));
    }

    async fn no_other_catalogue_is_taken_for_one_that_comes_back(shop: Shop) {
        fill(&shop, 3, 0).await;
        let older = "UPDATE catalogs SET created_at = '2026-01-01 00:00:00+00:00'";
        shop.services.database.writer().execute_unprepared(older).await.expect("of another day");
        let (database, kitchen) = (&shop.services.database, kitchen(&shop).await);
        let job = imports::plan_bulk(database, BulkAction::Delete, Selection::of_catalog(kitchen.id), Some(kitchen.id), wish(true)).await.expect("a job");
        shop.work().await;
        // A file of names that are there already gives out no ids, and takes none back.
        shop.import_catalogs(CsvFile::header(["name"]).row(["Bath"]).bytes()).await;
        shop.import_catalogs(CsvFile::header(["name"]).row(["Bath"]).bytes()).await;
        let garden = CsvFile::header(["catalog_id", "name"]).row([kitchen.id.to_string().as_str(), "Garden"]);
        shop.import_catalogs(garden.bytes()).await;
        let refused = undo(&shop, job.job_id).await;
        assert_eq!(refused.progress.status, ImportStatus::Failed);
        let said = refused.progress.error.expect("why");
        assert!(said.contains("in “Kitchen”") && said.contains("that is “Garden” by now"), "{said}");
        assert_eq!(totals(&shop).await, (0, 0), "nothing has come back");
        // The last catalogue goes and comes back: its id is no new one's.
        let shed = catalogs::create(database, "Shed", &"ana".into()).await.expect("a catalogue");
        shop.import(CsvFile::header(["sku", "name", "catalogue"]).row(["rake", "Rake", "Shed"]).bytes()).await;
        let job = imports::plan_bulk(database, BulkAction::Delete, Selection::of_catalog(shed.id), Some(shed.id), wish(true)).await.expect("a job");
        shop.work().await;
        shop.import_catalogs(CsvFile::header(["name"]).row(["Bath"]).bytes()).await;
        undo(&shop, job.job_id).await;
        assert_eq!(catalogs::get(database.writer(), shed.id).await.expect("the catalogue").product_count, 1);
        let next = catalogs::create(database, "Next", &"ana".into()).await.expect("an id of its own");
        assert!(next.id > shed.id, "{next:?}");
    }

    async fn a_catalogue_that_stayed_has_its_products_back_whatever_it_is_called(shop: Shop) {
        fill(&shop, 3, 0).await;
        let (database, kitchen) = (&shop.services.database, kitchen(&shop).await);
        let job = imports::plan_bulk(database, BulkAction::Delete, Selection::of_catalog(kitchen.id), Some(kitchen.id), wish(true)).await.expect("a job");
        // It came in after the plan was made, so it is left alone, and its catalogue, too.
        let late = ProductText { sku: Some("late".into()), name: Some("Late".into()), catalog_id: Some(kitchen.id.to_string()), ..ProductText::default() };
        products::create(database, &late, &"ben".into()).await.expect("a product");
        shop.work().await;
        assert_eq!(counts(&shop.see(job.job_id).await).1, 3);
        catalogs::rename(database, kitchen.id, "Cooking", &"ben".into()).await.expect("renamed");
        assert_eq!(counts(&undo(&shop, job.job_id).await), (ImportStatus::Completed, 3, 0, 0));
        let stayed = catalogs::get(database.writer(), kitchen.id).await.expect("the catalogue");
        assert_eq!((stayed.name.as_str(), stayed.product_count), ("Cooking", 4));
    }

    async fn nothing_selected_is_nothing_and_a_wish_is_one_job(shop: Shop) {
        fill(&shop, 2, 0).await;
        for (action, selection) in [
            (BulkAction::Delete, Selection::Ids(Vec::new())),
            (BulkAction::Delete, matching(cups())),
            (BulkAction::Move { catalog_id: Some(999) }, matching(ProductQuery::default())),
        ] {
            assert_eq!(plan(&shop, action, selection).await.expect_err("refused").status, 422);
        }
        let wish = Confirmation { idempotency_key: Some("k".into()), ..wish(true) };
        let twice = || imports::plan_bulk(&shop.services.database, BulkAction::Delete, matching(ProductQuery::default()), None, wish.clone());
        let (one, two) = (twice().await.expect("a job"), twice().await.expect("a job"));
        assert_eq!(one.job_id, two.job_id);
        shop.work().await;
        assert_eq!(totals(&shop).await, (0, 0));
    }

    async fn a_worker_that_was_stopped_leaves_a_deletion_to_the_next(shop: Shop) {
        fill(&shop, 25_000, 0).await;
        let plan = plan(&shop, BulkAction::Delete, matching(ProductQuery::default())).await.expect("a plan");
        imports::apply(&shop.services.database, plan.job_id, &"ana".into(), imports::Answer::default()).await.expect("confirmed");
        let stop = tokio_util::sync::CancellationToken::new();
        let neighbour = shop.neighbour().await;
        let mut news = neighbour.live.subscribe(plan.job_id);
        let stopper = tokio::spawn({
            let stop = stop.clone();
            async move {
                // As soon as something has been deleted.
                drop(news.wait_for(|progress| progress.as_ref().is_some_and(|progress| progress.updated > 0)).await);
                stop.cancel();
            }
        });
        stockroom::jobs::Task::run_next(&neighbour.importer(), &stop).await.expect("it stops in order");
        stopper.abort();
        shop.work().await;
        assert_eq!(counts(&shop.see(plan.job_id).await), (ImportStatus::Completed, 25_000, 0, 0));
        assert_eq!(totals(&shop).await, (0, 0));
        undo(&shop, plan.job_id).await;
        assert_eq!(totals(&shop).await, (25_000, 25_000));
    }

    async fn what_is_gone_for_good_before_its_turn_is_counted_and_named(shop: Shop) {
        fill(&shop, 60_000, 0).await;
        let plan = plan(&shop, BulkAction::Deactivate, matching(ProductQuery::default())).await.expect("a plan");
        imports::apply(&shop.services.database, plan.job_id, &"ana".into(), imports::Answer::default()).await.expect("confirmed");
        let neighbour = shop.neighbour().await;
        let mut news = neighbour.live.subscribe(plan.job_id);
        let database = shop.services.database.clone();
        let purge = tokio::spawn(async move {
            drop(news.wait_for(|progress| progress.as_ref().is_some_and(|progress| progress.updated > 0)).await);
            let transaction = database.begin().await.expect("a transaction");
            let last = "DELETE FROM products WHERE sku_key = (SELECT max(sku_key) FROM products)";
            transaction.execute_unprepared(last).await.expect("deleted");
            transaction.commit().await.expect("committed");
        });
        stockroom::jobs::Task::run_next(&neighbour.importer(), &tokio_util::sync::CancellationToken::new()).await.expect("it is done");
        purge.await.expect("purged");
        let over = shop.see(plan.job_id).await.progress;
        assert_eq!((over.status, over.total, over.processed), (ImportStatus::Completed, Some(60_000), 60_000));
        let problems = imports::problems(shop.services.reader(), plan.job_id, &Default::default()).await.expect("problems");
        assert_eq!(i64::try_from(problems.items.len()).expect("a number"), over.failed, "each is named: {over:?}");
    }
}
