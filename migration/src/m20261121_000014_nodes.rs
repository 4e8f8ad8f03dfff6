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
    // The processes that work with this database.
    "CREATE TABLE nodes (
        id {text} PRIMARY KEY,
        role {text} NOT NULL,
        host {text} NOT NULL,
        version {text} NOT NULL,
        -- Where it keeps its files.
        store {text} NOT NULL,
        started_at {time} NOT NULL,
        -- By the database's clock, in milliseconds since 1970.
        seen_at BIGINT NOT NULL
    )",
];

const DOWN: &[&str] = &["DROP TABLE nodes"];
