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
    "CREATE TABLE imports (
        id {id},
        kind {text} NOT NULL,
        status {text} NOT NULL,
        phase {text},
        file_name {text} NOT NULL,
        file_key {text} NOT NULL,
        file_size BIGINT NOT NULL,
        sha256 {text} NOT NULL,
        format {text} NOT NULL,
        total BIGINT,
        read_rows BIGINT NOT NULL DEFAULT 0,
        created BIGINT NOT NULL DEFAULT 0,
        updated BIGINT NOT NULL DEFAULT 0,
        unchanged BIGINT NOT NULL DEFAULT 0,
        failed BIGINT NOT NULL DEFAULT 0,
        superseded BIGINT NOT NULL DEFAULT 0,
        percent DOUBLE PRECISION NOT NULL DEFAULT 0,
        rows_per_second DOUBLE PRECISION,
        eta_seconds BIGINT,
        message {text} NOT NULL,
        error {text},
        -- Key of the last row that is applied: an import that goes on begins after it.
        checkpoint {text},
        cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
        -- Fencing: goes up with each claim, and every write of a worker names the one it was given.
        lease_token BIGINT NOT NULL DEFAULT 0,
        -- Milliseconds since 1970 by the database's clock.
        lease_until BIGINT NOT NULL DEFAULT 0,
        -- Where the present attempt is (phase and row), where the one before it ended, and how many ended just there.
        place {text},
        crash_place {text},
        crashes BIGINT NOT NULL DEFAULT 0,
        idempotency_key {text} UNIQUE,
        created_by {text} NOT NULL,
        created_at {time} NOT NULL,
        started_at {time},
        finished_at {time}
    )",
    // One file is imported once at a time, however often it is uploaded meanwhile.
    "CREATE UNIQUE INDEX imports_in_progress ON imports (kind, sha256) WHERE status IN ('pending', 'processing')",
    "CREATE TABLE import_problems (
        id {id},
        import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        row_no BIGINT NOT NULL,
        kind {text} NOT NULL,
        column_name {text},
        value {text}
    )",
    "CREATE INDEX import_problems_by_row ON import_problems (import_id, row_no)",
];

const DOWN: &[&str] = &["DROP TABLE import_problems", "DROP TABLE imports"];
