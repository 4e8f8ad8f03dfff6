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
    // What a job without a file does: its products and what becomes of them.
    "ALTER TABLE imports ADD COLUMN plan {text}",
    // The job that this one takes back, and the one that has taken this one back.
    "ALTER TABLE imports ADD COLUMN undoes BIGINT",
    "ALTER TABLE imports ADD COLUMN undone_by BIGINT",
    "INSERT INTO counters (name, value)
        SELECT 'inactive_products', count(*) FROM products WHERE NOT active AND deleted_at IS NULL",
];

const DOWN: &[&str] = &[
    "DELETE FROM counters WHERE name = 'inactive_products'",
    // Jobs that the schema before knows nothing of.
    "DELETE FROM imports WHERE plan IS NOT NULL",
    "ALTER TABLE imports DROP COLUMN undone_by",
    "ALTER TABLE imports DROP COLUMN undoes",
    "ALTER TABLE imports DROP COLUMN plan",
];
