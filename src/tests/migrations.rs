//! The schema goes up, all the way down, and up again, and holds what it promises by itself.

use migration::{Migrate as _, Migrator};
use sea_orm::ConnectionTrait as _;

use crate::on_both;

on_both! {
    async fn every_change_of_the_schema_has_its_way_back(shop: Shop) {
        let db = shop.services.database.writer();
        Migrator::down(db, None).await.expect("down");
        assert!(db.execute_unprepared("SELECT 1 FROM products").await.is_err());
        Migrator::up(db, None).await.expect("up again");
        shop.import("sku,name\na,1\n").await;
        assert!(shop.product("a").await.is_some());
    }

    async fn the_database_itself_refuses_a_second_product_of_a_key(shop: Shop) {
        shop.import("sku,name\nabc,1\n").await;
        let again = "INSERT INTO products (sku, sku_key, name, created_at, updated_at)
            VALUES ('ABC', 'abc', 'x', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')";
        assert!(shop.services.database.writer().execute_unprepared(again).await.is_err());
    }
}
