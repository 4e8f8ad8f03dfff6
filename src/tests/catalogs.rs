//! Catalogue files add the names that the shop does not have; ids that a file brings are kept when they are free.

use sea_orm::ConnectionTrait as _;
use stockroom::audit::Actor;
use stockroom::catalogs;
use stockroom::changes;
use stockroom::error::Error;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::options::{ImportOptions, Mode, OnProblems};
use stockroom::imports::{self, Import, ImportKind, ImportStatus};
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

/// Adds catalogues whose names sort as their numbers do.
async fn add_catalogues(shop: &Shop, count: usize) {
    let file = CsvFile::header(["name"]).rows(count, |number| [format!("Shelf {:03}", number + 1)]);
    assert_eq!(shop.import_catalogs(file.bytes()).await.progress.created, count as i64);
}

async fn taken(shop: &Shop, file: &str, options: ImportOptions, stops: StopsAt) -> Import {
    let intake = Intake {
        options,
        stops,
        ..Intake::at_once(ImportKind::Products, "x.csv", Actor::from("test"))
    };
    let import = shop.take_in(intake, file).await.expect("taken in");
    shop.work().await;
    shop.see(import.job_id).await
}

async fn applied(shop: &Shop, import: &Import) -> Import {
    let meant = imports::Answer {
        is_meant: true,
        review: None,
    };
    imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), meant)
        .await
        .expect("confirmed");
    shop.work().await;
    shop.see(import.job_id).await
}

async fn names(shop: &Shop) -> Vec<String> {
    let names = catalogs::names(shop.services.reader(), &[]).await.expect("names");
    names.known.into_iter().map(|(_, name)| name).collect()
}

on_both! {
    async fn a_key_makes_two_requests_one_catalogue(shop: Shop) {
        let (database, ana) = (&shop.services.database, Actor::from("ana"));
        let (one, other) = tokio::join!(
            catalogs::create_once(database, "Garden", &ana, "key"),
            catalogs::create_once(database, "Garden", &ana, "key"),
        );
        let one = one.expect("a catalogue");
        assert_eq!(one, other.expect("the same catalogue"));
        let again = catalogs::create_once(database, "Garden", &ana, "key").await.expect("the same catalogue");
        assert_eq!(again, one);
        let changed = catalogs::create_once(database, "Kitchen", &ana, "key").await.expect_err("something else under the same key");
        assert!(matches!(changed, Error::Refused(problem) if problem.status == 422));
        assert_eq!(names(&shop).await, ["Garden"]);
        let taken = catalogs::create_once(database, "garden", &ana, "another").await.expect_err("a name that is taken");
        assert!(matches!(taken, Error::Refused(problem) if problem.status == 409));
        let free = catalogs::create_once(database, "Kitchen", &ana, "another").await.expect("the key is not used up");
        assert_eq!(free.name, "Kitchen");
        catalogs::delete(database, free.id, &ana).await.expect("deleted");
        let gone = catalogs::create_once(database, "Kitchen", &ana, "another").await.expect_err("it has been deleted since");
        assert!(matches!(gone, Error::Refused(problem) if problem.status == 409));
    }

    async fn a_key_that_another_version_has_taken_is_answered_as_that_version_did(shop: Shop) {
        let (database, ana) = (&shop.services.database, Actor::from("ana"));
        let garden = catalogs::create_once(database, "Garden", &ana, "key").await.expect("a catalogue");
        // It did not write down what was asked for, or wrote it in its own way.
        for wish in ["NULL", "'2:abc'"] {
            let written = format!("UPDATE created_once SET wish = {wish}");
            database.writer().execute_unprepared(&written).await.expect("written");
            for name in ["Garden", "Kitchen"] {
                let again = catalogs::create_once(database, name, &ana, "key").await.expect("what is under that key");
                assert_eq!(again, garden, "{name} {wish}");
            }
        }
    }

    async fn a_list_has_the_first_catalogues_and_says_whether_there_are_more(shop: Shop) {
        let db = shop.services.reader();
        add_catalogues(&shop, 200).await;
        let all = catalogs::names(db, &[]).await.expect("names");
        assert_eq!((all.known.len(), all.are_more), (200, false));
        let last = catalogs::create(&shop.services.database, "Straße", &"ana".into()).await.expect("a catalogue");
        let first = catalogs::names(db, &[]).await.expect("names");
        assert_eq!((first.known.len(), first.are_more, first.name(&last.id.to_string())), (200, true, None));
        let known = all.known[0].0;
        let asked_for = catalogs::names(db, &[last.id, known, 999_999]).await.expect("names");
        assert_eq!((asked_for.known.len(), asked_for.name(&last.id.to_string())), (201, Some("Straße")));
    }

    async fn a_catalogue_is_found_by_its_whole_name_whatever_its_case(shop: Shop) {
        let db = shop.services.reader();
        add_catalogues(&shop, 201).await;
        let street = catalogs::create(&shop.services.database, "Straße", &"ana".into()).await.expect("a catalogue");
        assert_eq!(catalogs::named(db, " STRASSE ", "to").await.expect("found"), street.id);
        let last = catalogs::named(db, "sHELF 201", "to").await.expect("found");
        assert_eq!(catalogs::get(db, last).await.expect("a catalogue").name, "Shelf 201");
        for (typed, said) in [("Shelf", "‘Shelf’"), ("Shelf%", "‘Shelf%’"), ("a\0b", "‘ab’"), ("", "‘’")] {
            let Err(Error::Refused(problem)) = catalogs::named(db, typed, "to").await else { panic!("{typed:?} is no catalogue") };
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, "to"));
            assert!(problem.detail.contains(said), "{}", problem.detail);
        }
    }

    async fn new_names_become_catalogues_and_known_ones_stay(shop: Shop) {
        let first = shop.import_catalogs(CsvFile::header(["name"]).row(["Garden"]).row(["Kitchen"]).row(["GARDEN"]).bytes()).await;
        assert_eq!((first.progress.created, first.progress.superseded), (2, 1));
        let second = shop.import_catalogs(CsvFile::header(["name"]).row(["kitchen"]).row(["Bath"]).row([""]).bytes()).await;
        assert_eq!((second.progress.created, second.progress.unchanged, second.progress.failed), (1, 1, 1));
    }

    async fn a_free_id_is_kept_and_products_find_it(shop: Shop) {
        let file = CsvFile::header(["catalog_id", "name"]).row(["7", "Garden"]).row(["", "Bath"]).row(["7", "Other"]);
        let import = shop.import_catalogs(file.bytes()).await;
        assert_eq!((import.progress.created, import.progress.failed), (2, 1));
        let products = shop.import(CsvFile::header(["sku", "name", "catalog_id"]).row(["a", "Rake", "7"]).row(["b", "Hoe", "99"]).bytes()).await;
        assert_eq!((products.progress.created, products.progress.failed), (1, 1));
        assert!(shop.product("a").await.expect("the rake").catalog_id == Some(7));
        let more = shop.import_catalogs(CsvFile::header(["name"]).row(["One"]).row(["Two"]).bytes()).await;
        assert_eq!(more.progress.created, 2);
    }

    async fn no_catalogue_is_made_for_rows_that_do_nothing(shop: Shop) {
        shop.import("sku,name\na,Mug\n").await;
        let options = ImportOptions { mode: Mode::UpdateOnly, ..ImportOptions::default() };
        let import = taken(&shop, "sku,catalog\na,Kitchen\nnew,Cellar\n", options, StopsAt::Nothing).await;
        assert_eq!((import.progress.updated, import.progress.created), (1, 0));
        assert_eq!(names(&shop).await, ["Kitchen"]);
        let options = ImportOptions { mode: Mode::AddOnly, ..ImportOptions::default() };
        let import = taken(&shop, "sku,name,catalog\na,Mug,Attic\nb,Bin,Yard\n", options, StopsAt::Nothing).await;
        assert_eq!((import.progress.updated, import.progress.created), (0, 1));
        assert_eq!(names(&shop).await, ["Kitchen", "Yard"]);
    }

    async fn a_reviewed_import_makes_its_catalogues_only_when_it_goes_through(shop: Shop) {
        shop.import("sku,name,catalog\na,Mug,Kitchen\n").await;
        let options = ImportOptions { on_problems: OnProblems::Stop, ..ImportOptions::default() };
        let file = "sku,name,catalog\na,Mug,Attic\nb,Bin,Attic\n";
        let refused = taken(&shop, file, options.clone(), StopsAt::Check).await;
        shop.import("sku,name\na,Cup\n").await;
        let refused = applied(&shop, &refused).await;
        assert_eq!((refused.progress.status, refused.progress.created), (ImportStatus::Failed, 0), "{refused:?}");
        assert_eq!(names(&shop).await, ["Kitchen"]);

        let done = applied(&shop, &taken(&shop, file, options, StopsAt::Check).await).await;
        assert_eq!((done.progress.status, done.progress.created, done.progress.updated), (ImportStatus::Completed, 1, 1), "{done:?}");
        assert_eq!(names(&shop).await, ["Attic", "Kitchen"]);
        let attic = catalogs::named(shop.services.reader(), "Attic", "to").await.expect("found");
        let [mug, bin] = [shop.product("a").await.expect("a mug"), shop.product("b").await.expect("a bin")];
        assert_eq!((mug.catalog_id, bin.catalog_id), (Some(attic), Some(attic)));
        let history = changes::history(shop.services.reader(), mug.id).await.expect("a history");
        assert_eq!(history[0].fields["catalog_id"].1.as_i64(), Some(attic));
    }
}
