//! Catalogue files add the names that the shop does not have; ids that a file brings are kept when they are free.

use stockroom::testing::CsvFile;

use crate::on_both;

on_both! {
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
