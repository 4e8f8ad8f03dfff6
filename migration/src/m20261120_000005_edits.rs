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
    // Who made a change by hand. Those of an import name the import instead.
    "ALTER TABLE changes ADD COLUMN made_by {text}",
    // What a program has created under a key of its own, so that asking twice creates once.
    "CREATE TABLE created_once (
        key {text} NOT NULL PRIMARY KEY,
        kind {text} NOT NULL,
        resource_id BIGINT NOT NULL,
        created_at {time} NOT NULL
    )",
];

const DOWN: &[&str] = &["DROP TABLE created_once", "ALTER TABLE changes DROP COLUMN made_by"];
