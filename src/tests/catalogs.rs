//! Catalogue files add the names that the shop does not have; ids that a file brings are kept when they are free.

use stockroom::catalogs;
use stockroom::error::Error;
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

/// Adds catalogues whose names sort as their numbers do.
async fn add_catalogues(shop: &Shop, count: usize) {
    let file = CsvFile::header(["name"]).rows(count, |number| [format!("Shelf {:03}", number + 1)]);
    assert_eq!(shop.import_catalogs(file.bytes()).await.progress.created, count as i64);
}

on_both! {
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
}
