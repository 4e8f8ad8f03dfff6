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
    // When what is not kept for ever of an import was removed.
    "ALTER TABLE imports ADD COLUMN file_removed_at {time}",
    "ALTER TABLE imports ADD COLUMN problems_removed_at {time}",
];

const DOWN: &[&str] = &[
    "ALTER TABLE imports DROP COLUMN problems_removed_at",
    "ALTER TABLE imports DROP COLUMN file_removed_at",
];
