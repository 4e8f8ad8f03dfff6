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
    // Where an import is on its way: matching of columns, check, or application.
    "ALTER TABLE imports ADD COLUMN step {text} NOT NULL DEFAULT 'apply'",
    // How its rows are to be taken.
    "ALTER TABLE imports ADD COLUMN options {text}",
    // What the check has found.
    "ALTER TABLE imports ADD COLUMN review {text}",
    // The import whose problem rows this one brings back corrected.
    "ALTER TABLE imports ADD COLUMN corrects BIGINT",
    // The import that has brought the row corrected.
    "ALTER TABLE import_problems ADD COLUMN resolved_by BIGINT",
    // How files with the same headers were matched the last time.
    "CREATE TABLE remembered_files (
        id {id},
        kind {text} NOT NULL,
        -- SHA-256 of the headers, which may be too long for an index.
        headers_hash {text} NOT NULL,
        headers {text} NOT NULL,
        fields {text} NOT NULL,
        -- Letters of the last one's name, and how many rows it had.
        file_stem {text} NOT NULL,
        row_count BIGINT NOT NULL,
        used_at {time} NOT NULL,
        UNIQUE (kind, headers_hash)
    )",
    "CREATE INDEX remembered_files_by_use ON remembered_files (kind, used_at)",
];

const DOWN: &[&str] = &[
    "DROP TABLE remembered_files",
    "ALTER TABLE import_problems DROP COLUMN resolved_by",
    // What waits at a step that the schema before does not know.
    "DELETE FROM imports WHERE step <> 'apply' AND status NOT IN ('completed', 'failed', 'cancelled', 'undone')",
    "ALTER TABLE imports DROP COLUMN corrects",
    "ALTER TABLE imports DROP COLUMN review",
    "ALTER TABLE imports DROP COLUMN options",
    "ALTER TABLE imports DROP COLUMN step",
];
