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
    "CREATE TABLE users (
        id {id},
        email {text} NOT NULL,
        email_key {text} NOT NULL UNIQUE,
        password_hash {text} NOT NULL,
        role {text} NOT NULL,
        created_at {time} NOT NULL,
        last_sign_in_at {time}
    )",
    "CREATE TABLE api_keys (
        id {id},
        name {text} NOT NULL,
        prefix {text} NOT NULL,
        key_hash {text} NOT NULL UNIQUE,
        role {text} NOT NULL,
        created_at {time} NOT NULL,
        revoked_at {time}
    )",
    "CREATE TABLE sessions (
        id {text} NOT NULL PRIMARY KEY,
        data {bytes} NOT NULL,
        expires_at {time} NOT NULL
    )",
    "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
];

const DOWN: &[&str] = &["DROP TABLE sessions", "DROP TABLE api_keys", "DROP TABLE users"];
