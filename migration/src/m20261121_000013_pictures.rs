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
    // References in order, as a JSON array of texts: an address, or `sha256:` and the digest of a picture that came in a workbook.
    "ALTER TABLE products ADD COLUMN pictures {json}",
    // One row for each reference that any product has, or had.
    "CREATE TABLE pictures (
        id {id},
        reference {text} NOT NULL UNIQUE,
        state {text} NOT NULL,
        sha256 {text},
        media_type {text},
        width BIGINT,
        height BIGINT,
        size BIGINT,
        attempts BIGINT NOT NULL DEFAULT 0,
        next_attempt_at {time},
        lease_token {text},
        problem {text},
        created_at {time} NOT NULL,
        fetched_at {time}
    )",
    "CREATE INDEX pictures_waiting ON pictures (next_attempt_at) WHERE state = 'waiting'",
    // Rows of files that wait for a picture, so that one that cannot be had is said where its row is.
    "CREATE TABLE picture_requests (
        picture_id BIGINT NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
        import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        row_no BIGINT NOT NULL,
        PRIMARY KEY (picture_id, import_id, row_no)
    )",
    "CREATE INDEX picture_requests_of_import ON picture_requests (import_id)",
    // Names of extra attributes, in the order in which they were first seen: the columns of an export.
    "CREATE TABLE attribute_names (id {id}, name {text} NOT NULL UNIQUE)",
    // What only some products have is found without reading the others.
    "CREATE INDEX products_with_options ON products (id) WHERE options IS NOT NULL",
    "CREATE INDEX products_with_attributes ON products (id) WHERE attributes IS NOT NULL",
    "CREATE INDEX products_with_pictures ON products (id) WHERE pictures IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX products_with_pictures",
    "DROP INDEX products_with_attributes",
    "DROP INDEX products_with_options",
    "DROP TABLE attribute_names",
    "DROP TABLE picture_requests",
    "DROP TABLE pictures",
    "ALTER TABLE products DROP COLUMN pictures",
];
