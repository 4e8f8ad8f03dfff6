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

/// The log is looked through by names without regard to case.
const UP: &[&str] = &[
    "DROP INDEX audit_log_by_actor",
    "DROP INDEX audit_log_of_object",
    "CREATE INDEX audit_log_by_actor ON audit_log (lower(actor), id)",
    "CREATE INDEX audit_log_by_object ON audit_log (lower(object_name), id)",
];

const DOWN: &[&str] = &[
    "DROP INDEX audit_log_by_object",
    "DROP INDEX audit_log_by_actor",
    "CREATE INDEX audit_log_by_actor ON audit_log (actor, id)",
    "CREATE INDEX audit_log_of_object ON audit_log (object_kind, object_id, id)",
];
