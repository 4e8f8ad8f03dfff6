use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::statements::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, FILTERS).await?;
        let words = match manager.get_database_backend() {
            DatabaseBackend::Postgres => WORDS_POSTGRES,
            _ => WORDS_SQLITE,
        };
        run(manager, words).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

const FILTERS: &[&str] = &[
    // New products stand at their ends, so that imports hardly pay for these.
    "CREATE INDEX products_by_creation ON products (created_at, id)",
    "CREATE INDEX products_of_import ON products (created_import_id) WHERE created_import_id IS NOT NULL",
    "CREATE INDEX changes_of_import ON changes (import_id) WHERE import_id IS NOT NULL",
    // How far the index of words has followed the products: the last product and the last change that are in it.
    "INSERT INTO counters (name, value) VALUES ('searchable_products', 0), ('searchable_changes', 0)",
];

/// Texts are kept here as they are searched: folded. The index knows every three letters that follow each other.
const WORDS_POSTGRES: &[&str] = &[
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE TABLE product_words (
        product_id BIGINT NOT NULL PRIMARY KEY,
        sku {text} NOT NULL,
        name {text} NOT NULL,
        description {text} NOT NULL
    )",
    // New rows wait in a list until there are many, and are sorted into the index together.
    "CREATE INDEX product_words_by_trigram ON product_words
        USING gin (sku gin_trgm_ops, name gin_trgm_ops, description gin_trgm_ops)
        WITH (gin_pending_list_limit = 32768)",
];

/// Without positions, which only matter to queries for phrases.
const WORDS_SQLITE: &[&str] = &["CREATE VIRTUAL TABLE product_words USING fts5 (
        sku, name, description, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
    )"];

const DOWN: &[&str] = &[
    "DROP TABLE product_words",
    "DELETE FROM counters WHERE name IN ('searchable_products', 'searchable_changes')",
    "DROP INDEX changes_of_import",
    "DROP INDEX products_of_import",
    "DROP INDEX products_by_creation",
];
