use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::statements::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

const UP: &[&str] = &[
    "CREATE TABLE catalogs (
        id {id},
        name {text} NOT NULL,
        name_key {text} NOT NULL UNIQUE,
        product_count BIGINT NOT NULL DEFAULT 0,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    )",
    "CREATE TABLE products (
        id {id},
        sku {text} NOT NULL,
        sku_key {text} NOT NULL UNIQUE,
        name {text} NOT NULL,
        description {text} NOT NULL DEFAULT '',
        price_minor BIGINT,
        active BOOLEAN NOT NULL DEFAULT TRUE,
        catalog_id BIGINT REFERENCES catalogs (id) ON DELETE SET NULL,
        parent_id BIGINT REFERENCES products (id) ON DELETE SET NULL,
        options {json},
        attributes {json},
        version BIGINT NOT NULL DEFAULT 1,
        created_import_id BIGINT,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        deleted_at {time}
    ){roomy}",
    // Each full index costs an import about as much as the load itself, so each serves one order of the products table;
    // the partial ones cost next to nothing and serve its filters.
    "CREATE INDEX products_by_name ON products (lower(name), id)",
    "CREATE INDEX products_by_price ON products (coalesce(price_minor, -1), id)",
    "CREATE INDEX products_by_update ON products (updated_at, id)",
    "CREATE INDEX products_of_catalog ON products (catalog_id, sku_key) WHERE catalog_id IS NOT NULL",
    "CREATE INDEX products_inactive ON products (sku_key) WHERE NOT active",
    "CREATE INDEX products_in_bin ON products (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX products_of_parent ON products (parent_id) WHERE parent_id IS NOT NULL",
    // Totals that pages show without counting: kept in the transactions that change them.
    "CREATE TABLE counters (name {text} NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
    "INSERT INTO counters (name, value) VALUES ('products', 0)",
    // One row for each product and each version that an edit or an import gave it. Products that an import created have no row
    // here: `products.created_import_id` says it.
    "CREATE TABLE changes (
        id {id},
        product_id BIGINT NOT NULL,
        version BIGINT NOT NULL,
        kind {text} NOT NULL,
        import_id BIGINT,
        fields {json} NOT NULL,
        made_at {time} NOT NULL
    )",
    "CREATE INDEX changes_of_product ON changes (product_id, version)",
];

const DOWN: &[&str] = &[
    "DROP TABLE changes",
    "DROP TABLE counters",
    "DROP TABLE products",
    "DROP TABLE catalogs",
];
