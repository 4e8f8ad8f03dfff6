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
    // The row of the file that changed the product, as a spreadsheet shows it …
    "ALTER TABLE changes ADD COLUMN row_no BIGINT",
    // … and the one that created it.
    "ALTER TABLE products ADD COLUMN created_row BIGINT",
    // Earlier imports of the same file.
    "CREATE INDEX imports_by_file ON imports (sha256, id)",
];

const DOWN: &[&str] = &[
    "DROP INDEX imports_by_file",
    "ALTER TABLE products DROP COLUMN created_row",
    "ALTER TABLE changes DROP COLUMN row_no",
];
