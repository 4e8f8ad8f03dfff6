//! The schema goes up, all the way down, and up again, and holds what it promises by itself.

use migration::{Migrate as _, Migrator};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

/// Names and definitions.
async fn indexes(shop: &Shop) -> Vec<String> {
    let db = shop.services.database.writer();
    let query = match db.get_database_backend() {
        DatabaseBackend::Postgres => {
            "SELECT indexdef AS text FROM pg_indexes WHERE tablename = 'products' ORDER BY indexname"
        }
        _ => {
            "SELECT name || ' ' || coalesce(substr(sql, instr(sql, ' ON ')), '') AS text FROM sqlite_master
            WHERE type = 'index' AND tbl_name = 'products' ORDER BY name"
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), query))
        .await
        .expect("the indexes");
    rows.into_iter()
        .map(|row| row.try_get::<String>("", "text").expect("a text"))
        .collect()
}

on_both! {
    async fn every_change_of_the_schema_has_its_way_back(shop: Shop) {
        let db = shop.services.database.writer();
        Migrator::down(db, None).await.expect("down");
        assert!(db.execute_unprepared("SELECT 1 FROM products").await.is_err());
        Migrator::up(db, None).await.expect("up again");
        shop.import("sku,name\na,1\n").await;
        assert!(shop.product("a").await.is_some());
    }

    async fn a_first_load_leaves_every_index_as_the_migrations_made_it(shop: Shop) {
        let before = indexes(&shop).await;
        let file = CsvFile::header(["sku", "name", "price"]).rows(50_000, |n| [format!("S{n:05}"), format!("mug {}", n * 7919 % 50_000), format!("{}.00", n % 97)]);
        assert_eq!(shop.import(file.bytes()).await.progress.created, 50_000);
        assert_eq!(indexes(&shop).await, before);
        let refused = shop.upload(stockroom::imports::ImportKind::Products, file.rows(10, |n| [format!("T{n}"), "cup".into(), "1".into()]).bytes()).await.expect("taken in");
        stockroom::imports::cancel(&shop.services, refused.job_id, &"ana".into()).await.expect("cancelled");
        shop.work().await;
        assert_eq!(indexes(&shop).await, before);
    }

    async fn the_database_itself_refuses_a_second_product_of_a_key(shop: Shop) {
        shop.import("sku,name\nabc,1\n").await;
        let again = "INSERT INTO products (sku, sku_key, name, created_at, updated_at)
            VALUES ('ABC', 'abc', 'x', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')";
        assert!(shop.services.database.writer().execute_unprepared(again).await.is_err());
    }
}
