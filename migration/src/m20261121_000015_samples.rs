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
    // What was counted and measured in each five minutes of the last two days.
    "CREATE TABLE samples (
        -- Five minutes, counted since 1970.
        slot BIGINT NOT NULL,
        measure {text} NOT NULL,
        value BIGINT NOT NULL,
        PRIMARY KEY (slot, measure)
    )",
    // Since when it waits for a worker: a file that was confirmed has not waited since it was uploaded.
    "ALTER TABLE imports ADD COLUMN queued_at {time}",
    // Few of all imports, and asked for every few seconds by whoever watches over the process.
    "CREATE INDEX imports_open ON imports (id) WHERE status IN ('awaiting_confirmation', 'pending', 'processing')",
    "CREATE INDEX pictures_failed ON pictures (id) WHERE state = 'failed'",
];

const DOWN: &[&str] = &[
    "DROP INDEX pictures_failed",
    "DROP INDEX imports_open",
    "ALTER TABLE imports DROP COLUMN queued_at",
    "DROP TABLE samples",
];
