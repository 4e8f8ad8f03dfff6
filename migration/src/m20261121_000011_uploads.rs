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
    // Files that come in several requests.
    "CREATE TABLE uploads (
        id {text} PRIMARY KEY,
        owner {text} NOT NULL,
        file_name {text} NOT NULL,
        -- As it was sent, to be given back.
        metadata {text} NOT NULL,
        length BIGINT NOT NULL,
        -- Bytes from the beginning that are in the file store, and the state of their SHA-256.
        stored BIGINT NOT NULL,
        digest {bytes} NOT NULL,
        -- The request that adds to it, until then by the database's clock.
        lease_owner {text},
        lease_until BIGINT NOT NULL DEFAULT 0,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL
    )",
    "CREATE INDEX uploads_by_expiry ON uploads (expires_at)",
    "CREATE INDEX uploads_of ON uploads (owner)",
    "CREATE TABLE upload_pieces (
        upload_id {text} NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        -- Of its first byte.
        position BIGINT NOT NULL,
        file_key {text} NOT NULL,
        size BIGINT NOT NULL,
        PRIMARY KEY (upload_id, position)
    )",
];

const DOWN: &[&str] = &["DROP TABLE upload_pieces", "DROP TABLE uploads"];
