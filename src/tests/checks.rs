//! A file is checked before it changes anything: what is promised is what happens, and what others do meanwhile is not lost.

use std::collections::BTreeMap;

use stockroom::audit::Actor;
use stockroom::changes::ChangeKind;
use stockroom::error::Error;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::options::{Clearable, Duplicates, ImportOptions, Missing, Mode, OnProblems, UnknownCatalogs};
use stockroom::imports::plan::Proof;
use stockroom::imports::preview::{ChangeFilter, PlannedChange};
use stockroom::imports::rematching::{self, Rematch, Wanted};
use stockroom::imports::review::{AlarmKind, CheckedField, Review};
use stockroom::imports::{self, Import, ImportKind, ImportStatus, ImportStep};
use stockroom::problem::Problem;
use stockroom::products;
use stockroom::products::draft::ProductText;
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

const MEANT: imports::Answer<'static> = imports::Answer {
    is_meant: true,
    review: None,
};

async fn checked_with(shop: &Shop, file: Vec<u8>, options: ImportOptions) -> Import {
    let intake = Intake {
        options,
        stops: StopsAt::Match,
        ..Intake::at_once(ImportKind::Products, "test.csv", Actor::from("test"))
    };
    let import = shop.take_in(intake, file).await.expect("taken in");
    shop.work().await;
    shop.see(import.job_id).await
}

async fn checked(shop: &Shop, file: Vec<u8>) -> Import {
    checked_with(shop, file, ImportOptions::default()).await
}

fn review(import: &Import) -> Review {
    assert_eq!(
        (import.progress.status, import.step),
        (ImportStatus::AwaitingConfirmation, ImportStep::Check),
        "{import:?}"
    );
    import.review.clone().expect("a review")
}

async fn applied(shop: &Shop, import: &Import) -> Import {
    imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), MEANT)
        .await
        .expect("confirmed");
    shop.work().await;
    shop.see(import.job_id).await
}

async fn changes(shop: &Shop, import: &Import, filter: ChangeFilter) -> Vec<PlannedChange> {
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let page = imports::planned_changes(&shop.services, import, filter, after, 2)
            .await
            .expect("changes");
        found.extend(page.items);
        match page.next {
            Some(next) => after = next,
            None => {
                assert_eq!(page.total, i64::try_from(found.len()).expect("few"));
                return found;
            }
        }
    }
}

/// created, updated, unchanged, failed, superseded.
fn counts(import: &Import) -> (i64, i64, i64, i64, i64) {
    let p = &import.progress;
    assert_eq!(p.processed, p.total.expect("a total"), "{p:?}");
    (p.created, p.updated, p.unchanged, p.failed, p.superseded)
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Problem {
    match result.expect_err("a refusal") {
        Error::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

async fn a_shop(shop: &Shop) {
    let file = CsvFile::header(["sku", "name", "description", "price", "active", "catalog"])
        .row(["a", "Mug", "Round", "5.00", "yes", "Kitchen"])
        .row(["b", "Cup", "Small", "3.00", "yes", "Kitchen"])
        .row(["c", "Jug", "", "9.00", "yes", "Garden"])
        .row(["d", "Bin", "Gone", "1.00", "yes", ""]);
    shop.import(file.bytes()).await;
    let gone = shop.product("d").await.expect("the bin");
    products::delete(&shop.services.database, gone.id, None, &Actor::from("test"))
        .await
        .expect("deleted");
}

async fn edit(shop: &Shop, sku: &str, name: &str) {
    let product = shop.product(sku).await.expect("a product");
    let text = ProductText {
        name: Some(name.into()),
        ..ProductText::default()
    };
    products::update(
        &shop.services.database,
        product.id,
        Some(product.version),
        &text,
        &Actor::from("ana"),
    )
    .await
    .expect("edited");
}

on_both! {
    async fn a_check_says_what_would_happen_and_changes_nothing(shop: Shop) {
        a_shop(&shop).await;
        let before = shop.export().await;
        let file = CsvFile::header(["sku", "name", "price", "catalog"])
            .row(["A", "Mug", "6.00", "Cellar"]).row(["b", "Cup", "3.00", ""]).row(["d", "Bin", "1.00", ""])
            .row(["e", "Pan", "20.00", "cellar"]).row(["f", "", "1.00", ""]).row(["g", "Pot", "x", ""]).row(["e", "Pan", "21.00", "Cellar"]);
        let import = checked(&shop, file.bytes()).await;
        let found = review(&import);
        assert_eq!((found.created, found.updated, found.restored, found.deleted), (1, 1, 1, 0));
        assert_eq!((found.unchanged, found.failed, import.progress.superseded), (1, 2, 1));
        assert_eq!((found.new_catalogs, found.new_catalog_names.as_slice()), (1, &["Cellar".to_owned()][..]));
        let fields: Vec<_> = found.fields.iter().map(|count| (count.field, count.changed)).collect();
        assert_eq!(fields, [(CheckedField::Price, 1), (CheckedField::Catalog, 1)]);
        assert_eq!(found.proof(), Proof::Nothing);

        let all = changes(&shop, &import, ChangeFilter::default()).await;
        let seen: Vec<_> = all.iter().map(|change| (change.kind, change.sku.as_str(), change.row)).collect();
        assert_eq!(seen, [(ChangeKind::Update, "A", Some(2)), (ChangeKind::Restore, "d", Some(4)), (ChangeKind::Create, "e", Some(8))]);
        assert_eq!(all[0].fields["catalog"], ("Kitchen".into(), "Cellar".into()));
        assert_eq!(all[0].fields["price_minor"], (500.into(), 600.into()));
        assert_eq!(all[2].fields["catalog"], (serde_json::Value::Null, "Cellar".into()));
        let priced = ChangeFilter { field: Some(CheckedField::Price), ..ChangeFilter::default() };
        assert_eq!(changes(&shop, &import, priced).await.len(), 1);
        let added = ChangeFilter { kind: Some(ChangeKind::Create), ..ChangeFilter::default() };
        assert_eq!(changes(&shop, &import, added).await.len(), 1);
        assert_eq!(shop.export().await, before);

        let done = applied(&shop, &import).await;
        assert_eq!((done.progress.status, counts(&done)), (ImportStatus::Completed, (1, 2, 1, 2, 1)));
        assert_eq!(shop.product("e").await.and_then(|pan| pan.price_minor), Some(2100));
        assert_eq!(refused(imports::planned_changes(&shop.services, &done, ChangeFilter::default(), 0, 2).await).status, 409);
    }

    async fn what_others_change_after_the_check_is_kept_and_named(shop: Shop) {
        a_shop(&shop).await;
        let file = CsvFile::header(["sku", "name", "price"])
            .row(["a", "Mug", "6.00"]).row(["b", "Cup", "4.00"]).row(["c", "Jug", "10.00"]).row(["n", "New", "1.00"]);
        let import = checked(&shop, file.bytes()).await;
        assert_eq!(review(&import).changes(), 4);
        edit(&shop, "b", "Teacup").await;
        let ours = ProductText { sku: Some("N".into()), name: Some("Ours".into()), ..ProductText::default() };
        products::create(&shop.services.database, &ours, &Actor::from("ana")).await.expect("added");
        let done = applied(&shop, &import).await;
        assert_eq!((done.progress.status, counts(&done)), (ImportStatus::Completed, (0, 2, 0, 2, 0)));
        assert_eq!(shop.product("b").await.map(|cup| (cup.name, cup.price_minor)), Some(("Teacup".into(), Some(300))));
        assert_eq!(shop.product("n").await.map(|ours| (ours.name, ours.price_minor)), Some(("Ours".into(), None)));
        let problems = imports::problems(shop.services.reader(), import.job_id, &Default::default()).await.expect("problems").items;
        let kept: Vec<_> = problems.iter().map(|p| (p.kind.code(), p.row, p.value.as_deref())).collect();
        assert_eq!(kept, [("changed_since", 3, Some("b")), ("changed_since", 5, Some("n"))]);
    }

    async fn blank_cells_clear_only_where_that_was_chosen(shop: Shop) {
        a_shop(&shop).await;
        let file = CsvFile::header(["sku", "name", "description", "price", "catalog"]).row(["a", "", "", "", ""]).row(["c", "", "", "9.00", "Garden"]);
        let options = ImportOptions { clear: Clearable::ALL.into(), ..ImportOptions::default() };
        let import = checked_with(&shop, file.bytes(), options).await;
        let found = review(&import);
        assert_eq!((found.updated, found.unchanged, found.cleared), (1, 1, 3));
        let cleared = changes(&shop, &import, ChangeFilter { cleared: true, field: Some(CheckedField::Price), ..ChangeFilter::default() }).await;
        assert_eq!((cleared.len(), &cleared[0].fields["price_minor"]), (1, &(500.into(), serde_json::Value::Null)));
        applied(&shop, &import).await;
        let mug = shop.product("a").await.expect("the mug");
        assert_eq!((mug.name.as_str(), mug.description.as_str(), mug.price_minor, mug.catalog_id), ("Mug", "", None, None));
    }

    async fn each_mode_touches_only_what_it_says(shop: Shop) {
        a_shop(&shop).await;
        let file = || CsvFile::header(["sku", "name", "price"]).row(["a", "Mug", "7.00"]).row(["d", "Bin", "2.00"]).row(["z", "New", "1.00"]).bytes();
        for (mode, created, updated, restored, deleted) in
            [(Mode::AddOnly, 1, 0, 1, 0), (Mode::UpdateOnly, 0, 1, 0, 0), (Mode::Delete, 0, 0, 0, 1)] {
            let import = checked_with(&shop, file(), ImportOptions { mode, ..ImportOptions::default() }).await;
            let found = review(&import);
            assert_eq!((found.created, found.updated, found.restored, found.deleted), (created, updated, restored, deleted), "{mode:?}");
            imports::cancel(&shop.services, import.job_id, &Actor::from("test")).await.expect("dropped");
        }
        let import = checked_with(&shop, file(), ImportOptions { mode: Mode::Delete, ..ImportOptions::default() }).await;
        assert_eq!(review(&import).proof(), Proof::Tick);
        let done = applied(&shop, &import).await;
        assert_eq!((counts(&done), shop.product("a").await), ((0, 1, 2, 0, 0), None));
        let undo = imports::plan_undo(&shop.services.database, done.job_id, imports::Confirmation { by: Actor::from("test"), is_given: true, idempotency_key: None }).await.expect("an undo");
        shop.work().await;
        assert_eq!((shop.see(undo.job_id).await.progress.updated, shop.product("a").await.and_then(|mug| mug.price_minor)), (1, Some(500)));
    }

    async fn products_that_the_file_lacks_are_deactivated_in_their_catalogue(shop: Shop) {
        a_shop(&shop).await;
        let kitchen = shop.product("a").await.and_then(|mug| mug.catalog_id);
        let options = ImportOptions { missing: Missing::Deactivate, catalog_id: kitchen, ..ImportOptions::default() };
        // The bad row lists its product all the same.
        let file = CsvFile::header(["sku", "name", "price"]).row(["b", "Cup", "no price"]).row(["y", "New", "1.00"]);
        let import = checked_with(&shop, file.bytes(), options).await;
        let found = review(&import);
        assert_eq!((found.created, found.updated, found.missing, found.failed), (1, 1, 1, 1));
        let done = applied(&shop, &import).await;
        assert_eq!(counts(&done), (1, 1, 0, 1, 0));
        let active = |sku| { let shop = &shop; async move { shop.product(sku).await.map(|product| (product.active, product.catalog_id == kitchen)) } };
        assert_eq!((active("a").await, active("b").await, active("y").await), (Some((false, true)), Some((true, true)), Some((true, true))));
        assert_eq!(active("c").await, Some((true, false)));
    }

    async fn all_or_nothing_is_nothing_while_a_row_has_a_problem(shop: Shop) {
        let options = ImportOptions { on_problems: OnProblems::Stop, ..ImportOptions::default() };
        let file = CsvFile::header(["sku", "name", "price", "catalog"]).row(["a", "Mug", "1.00", "Kitchen"]).row(["b", "", "1.00", ""]);
        let import = checked_with(&shop, file.bytes(), options.clone()).await;
        assert_eq!((review(&import).created, review(&import).failed), (1, 1));
        let refusal = refused(imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), MEANT).await);
        assert_eq!(refusal.status, 409);
        let intake = Intake { options, ..Intake::at_once(ImportKind::Products, "x.csv", Actor::from("test")) };
        let direct = shop.take_in(intake, file.bytes()).await.expect("taken in");
        shop.work().await;
        let direct = shop.see(direct.job_id).await;
        assert_eq!((direct.progress.status, direct.progress.created), (ImportStatus::Failed, 0));
        assert!(direct.progress.error.as_deref().is_some_and(|error| error.contains("1 rows")), "{direct:?}");
        let catalogs = stockroom::catalogs::list(shop.services.reader(), &Default::default()).await.expect("catalogues");
        assert_eq!((catalogs.items.len(), shop.product("a").await), (0, None));
    }

    async fn repeated_skus_and_unknown_catalogues_are_problems_where_that_was_chosen(shop: Shop) {
        let options = ImportOptions { duplicates: Duplicates::Refuse, unknown_catalogs: UnknownCatalogs::Refuse, ..ImportOptions::default() };
        let file = CsvFile::header(["sku", "name", "catalog"]).row(["a", "Mug", ""]).row(["A", "Mug", ""]).row(["b", "Cup", "Nowhere"]).row(["c", "Jug", ""]);
        let import = checked_with(&shop, file.bytes(), options).await;
        assert_eq!((review(&import).created, review(&import).failed), (1, 3));
        let done = applied(&shop, &import).await;
        assert_eq!(counts(&done), (1, 0, 0, 3, 0));
        let groups = imports::problem_groups(shop.services.reader(), import.job_id).await.expect("groups");
        let found: Vec<_> = groups.iter().map(|group| (group.kind.code(), group.rows, group.column.as_deref())).collect();
        assert_eq!(found, [("sku_repeated", 2, Some("sku")), ("catalog_unknown", 1, Some("catalog"))]);
    }

    async fn damage_and_tripwires_need_a_word(shop: Shop) {
        let many = |price: i64, count: usize| CsvFile::header(["sku", "name", "price"]).rows(count, |n| [format!("P{n:03}"), "Thing".into(), format!("{price}.00")]).bytes();
        shop.import(CsvFile::header(["sku", "name"]).row(["0017", "Zero"]).bytes()).await;
        shop.import(many(10, 150)).await;
        let import = checked(&shop, many(16, 150)).await;
        let kinds: Vec<_> = review(&import).alarms.iter().map(|alarm| (alarm.kind, alarm.count)).collect();
        assert_eq!(kinds, [(AlarmKind::PriceMoved, 150)]);
        let refusal = refused(imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), imports::Answer::default()).await);
        assert_eq!((refusal.status, refusal.detail.contains("Prices move far")), (422, true));
        assert_eq!(review(&import).proof(), Proof::Number(150));

        let file = CsvFile::header(["sku", "name", "price"])
            .row(["6.93217E+12", "GrÃ¶ÃŸe", "1,50"]).row(["1-Mar", "=1+1", "1.50"]).row(["17", "#REF!", "2.00"]).row(["P001", "Thing", "0"]);
        let found = review(&checked(&shop, file.bytes()).await);
        let kinds: Vec<_> = found.alarms.iter().map(|alarm| alarm.kind).collect();
        assert_eq!(kinds, [
            AlarmKind::ScientificNotation, AlarmKind::DateForSku, AlarmKind::LostZeros, AlarmKind::PriceZero, AlarmKind::RowCount,
            AlarmKind::MixedDecimals, AlarmKind::BrokenAccents, AlarmKind::FormulaError, AlarmKind::Formula,
        ]);
        assert_eq!(found.alarms[0].examples[0].value, "6.93217E+12");
    }

    async fn a_file_in_doubt_waits_for_somebody_and_is_remembered(shop: Shop) {
        let file = |price: &str| CsvFile::header(["Nr", "Was es ist", "Betrag"]).row(["a", "Mug", price]).bytes();
        let import = checked(&shop, file("1.00")).await;
        assert_eq!((import.progress.status, import.step), (ImportStatus::AwaitingConfirmation, ImportStep::Match));
        assert_eq!(refused(imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), MEANT).await).status, 409);
        let samples = rematching::samples(&shop.services, import.job_id).await.expect("samples");
        assert_eq!(samples.columns, [vec!["a".to_owned()], vec!["Mug".into()], vec!["1.00".into()]]);
        let said = |fields: &[&str]| Rematch {
            columns: fields.iter().enumerate().map(|(place, field)| (place, (*field).to_owned())).collect::<BTreeMap<_, _>>(),
            is_final: true,
            ..Rematch::default()
        };
        assert_eq!(refused(rematching::rematch(&shop.services, import.job_id, said(&["", "name", "price"])).await).status, 422);
        rematching::rematch(&shop.services, import.job_id, said(&["sku", "name", "price"])).await.expect("matched");
        shop.work().await;
        let import = shop.see(import.job_id).await;
        assert_eq!(review(&import).created, 1);
        applied(&shop, &import).await;
        assert_eq!(shop.product("a").await.and_then(|mug| mug.price_minor), Some(100));

        let again = checked(&shop, file("2.00")).await;
        assert_eq!(review(&again).updated, 1);
        assert!(again.format.columns.iter().all(|column| column.by == imports::MatchedBy::Memory));
        let wider = CsvFile::header(["Nr", "Was es ist", "Betrag", "Neu"]).row(["a", "Mug", "3.00", "x"]).bytes();
        let wider = checked(&shop, wider).await;
        assert_eq!(wider.step, ImportStep::Match);
        assert_eq!(wider.format.columns[2].field.as_deref(), Some("price"));
        assert_eq!(rematching::samples(&shop.services, wider.job_id).await.expect("samples").new, ["Neu"]);
    }

    async fn another_encoding_or_header_shows_other_columns(shop: Shop) {
        let text = "Liste\nsku;name\na;Gr\u{f6}\u{df}e\n";
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect();
        let import = checked(&shop, bytes).await;
        assert_eq!((import.format.header_row, review(&import).created), (2, 1));
        let wanted = Wanted { header_row: Some(1), encoding: Some("utf-8".into()), delimiter: None, sheet: None };
        let shown = rematching::rematch(&shop.services, import.job_id, Rematch { wanted, is_final: true, ..Rematch::default() }).await.expect("shown");
        assert_eq!((shown.step, shown.review, shown.format.columns[0].header.as_str()), (ImportStep::Match, None, "Liste"));
    }

    async fn corrected_rows_come_back_without_matching_and_are_problems_no_more(shop: Shop) {
        let file = CsvFile::header(["Nr", "Was", "Betrag"]).row(["a", "Mug", "1.00"]).row(["b", "Cup", "zwei"]).row(["c", "Jug", "drei"]);
        let import = checked(&shop, file.bytes()).await;
        let columns = [(0, "sku"), (1, "name"), (2, "price")].map(|(place, field)| (place, field.to_owned())).into();
        rematching::rematch(&shop.services, import.job_id, Rematch { columns, is_final: true, ..Rematch::default() }).await.expect("matched");
        shop.work().await;
        let import = applied(&shop, &shop.see(import.job_id).await).await;
        assert_eq!(counts(&import), (1, 0, 0, 2, 0));
        let mut pieces = imports::problem_rows(&shop.services, import.job_id).await.expect("a file");
        let mut text = String::new();
        while let Some(piece) = pieces.recv().await {
            text.push_str(std::str::from_utf8(&piece.expect("a piece")).expect("text"));
        }
        let corrected = checked(&shop, text.replace("zwei", "2.00").into_bytes()).await;
        assert_eq!((corrected.corrects, review(&corrected).created, review(&corrected).failed), (Some(import.job_id), 1, 1));
        applied(&shop, &corrected).await;
        assert_eq!(shop.product("b").await.and_then(|cup| cup.price_minor), Some(200));
        let groups = imports::problem_groups(shop.services.reader(), import.job_id).await.expect("groups");
        assert_eq!(groups.iter().map(|group| group.rows).sum::<i64>(), 1);
        let corrections = imports::corrections(shop.services.reader(), import.job_id).await.expect("corrections");
        assert_eq!(corrections, [(corrected.job_id, 1)]);
    }

    async fn catalogues_are_checked_before_they_are_made(shop: Shop) {
        shop.import_catalogs(CsvFile::header(["name"]).row(["Garden"]).bytes()).await;
        let file = CsvFile::header(["name"]).row(["garden"]).row(["Kitchen"]).row(["12"]).row([""]);
        let intake = Intake { stops: StopsAt::Check, ..Intake::at_once(ImportKind::Catalogs, "c.csv", Actor::from("test")) };
        let import = shop.take_in(intake, file.bytes()).await.expect("taken in");
        shop.work().await;
        let import = shop.see(import.job_id).await;
        let found = review(&import);
        assert_eq!((found.created, found.unchanged, found.failed, found.alarms.len()), (2, 1, 1, 0));
        let names: Vec<_> = changes(&shop, &import, ChangeFilter::default()).await.into_iter().map(|change| change.sku).collect();
        assert_eq!(names, ["12", "Kitchen"]);
        assert_eq!(counts(&applied(&shop, &import).await), (2, 0, 1, 1, 0));
    }

    async fn corrected_rows_do_not_deactivate_what_they_do_not_list(shop: Shop) {
        a_shop(&shop).await;
        let kitchen = shop.product("a").await.and_then(|mug| mug.catalog_id);
        let options = ImportOptions { missing: Missing::Deactivate, catalog_id: kitchen, duplicates: Duplicates::Refuse, ..ImportOptions::default() };
        // A SKU that stands twice is no row that can be used, and is listed all the same.
        let file = CsvFile::header(["sku", "name", "price"]).row(["a", "Mug", "6.00"]).row(["b", "Cup", "x"]).row(["b", "Cup", "4.00"]).row(["B", "Cup", "5.00"]);
        let import = checked_with(&shop, file.bytes(), options).await;
        assert_eq!((review(&import).missing, review(&import).failed), (0, 3));
        let done = applied(&shop, &import).await;
        let mut pieces = imports::problem_rows(&shop.services, done.job_id).await.expect("a file");
        let mut text = String::new();
        while let Some(piece) = pieces.recv().await {
            text.push_str(std::str::from_utf8(&piece.expect("a piece")).expect("text"));
        }
        let lines: Vec<&str> = text.lines().collect();
        let corrected = format!("{}\n{}\n", lines[0], lines[1].replacen('x', "7.00", 1));
        let corrected = checked(&shop, corrected.into_bytes()).await;
        assert_eq!((corrected.corrects, review(&corrected).updated, review(&corrected).missing), (Some(done.job_id), 1, 0));
        applied(&shop, &corrected).await;
        assert_eq!(shop.product("a").await.map(|mug| (mug.active, mug.price_minor)), Some((true, Some(600))));
    }

    async fn a_catalogue_for_all_takes_only_products_that_have_none(shop: Shop) {
        a_shop(&shop).await;
        let garden = shop.product("c").await.and_then(|jug| jug.catalog_id);
        let options = |mode| ImportOptions { catalog_id: garden, mode, ..ImportOptions::default() };
        let file = || CsvFile::header(["sku", "name"]).row(["a", "Mug"]).row(["n", "New"]).bytes();
        let import = checked_with(&shop, file(), options(Mode::AddAndUpdate)).await;
        assert_eq!((review(&import).created, review(&import).updated), (1, 0));
        applied(&shop, &import).await;
        assert_eq!(shop.product("n").await.map(|new| new.catalog_id), Some(garden));
        // What is deleted stays where it was.
        let before = shop.product("a").await.and_then(|mug| mug.catalog_id);
        let done = applied(&shop, &checked_with(&shop, file(), options(Mode::Delete)).await).await;
        let undo = imports::Confirmation { by: Actor::from("test"), is_given: true, idempotency_key: None };
        imports::plan_undo(&shop.services.database, done.job_id, undo).await.expect("an undo");
        shop.work().await;
        assert_eq!(shop.product("a").await.map(|mug| mug.catalog_id), Some(before));
    }

    async fn no_more_is_applied_than_was_reviewed(shop: Shop) {
        a_shop(&shop).await;
        let file = CsvFile::header(["sku", "name", "catalog"]).row(["a", "Mug", "Kitchen"]).row(["b", "Cup", "Kitchen"]).row(["n", "New", "Kitchen"]);
        let import = checked(&shop, file.bytes()).await;
        assert_eq!((review(&import).created, review(&import).updated), (1, 0));
        let seen = imports::Answer { is_meant: true, review: Some("import_0_0") };
        assert_eq!(refused(imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), seen).await).status, 409);
        let kitchen = shop.product("a").await.and_then(|mug| mug.catalog_id).expect("the kitchen");
        stockroom::catalogs::rename(&shop.services.database, kitchen, "Pantry", &Actor::from("ana")).await.expect("renamed");
        let done = applied(&shop, &import).await;
        assert_eq!((done.progress.status, done.progress.created, done.progress.updated), (ImportStatus::Failed, 0, 0));
        let names: Vec<_> = stockroom::catalogs::list(shop.services.reader(), &Default::default()).await.expect("catalogues").items;
        assert!(names.iter().all(|catalog| catalog.name != "Kitchen"), "{names:?}");
    }

    async fn all_or_nothing_holds_for_what_others_have_changed(shop: Shop) {
        a_shop(&shop).await;
        let options = ImportOptions { on_problems: OnProblems::Stop, ..ImportOptions::default() };
        let file = CsvFile::header(["sku", "name", "price"]).row(["a", "Mug", "6.00"]).row(["b", "Cup", "4.00"]);
        let import = checked_with(&shop, file.bytes(), options).await;
        edit(&shop, "b", "Teacup").await;
        let done = applied(&shop, &import).await;
        assert_eq!((done.progress.status, done.progress.updated), (ImportStatus::Failed, 0));
        assert_eq!(shop.product("a").await.and_then(|mug| mug.price_minor), Some(500));
    }
}
