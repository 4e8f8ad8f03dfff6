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
    "ALTER TABLE users ADD COLUMN name {text} NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN disabled_at {time}",
    // Whoever has this link may choose the account's password, until then.
    "ALTER TABLE users ADD COLUMN invite_hash {text}",
    "ALTER TABLE users ADD COLUMN invite_expires_at {time}",
    // Goes up when all sessions of the account must end.
    "ALTER TABLE users ADD COLUMN session_epoch BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE users ADD COLUMN preferences {text} NOT NULL DEFAULT '{}'",
    "CREATE UNIQUE INDEX users_by_invite ON users (invite_hash) WHERE invite_hash IS NOT NULL",
    "ALTER TABLE api_keys ADD COLUMN created_by {text} NOT NULL DEFAULT ''",
    "ALTER TABLE api_keys ADD COLUMN expires_at {time}",
    "ALTER TABLE api_keys ADD COLUMN last_used_at {time}",
    "ALTER TABLE api_keys ADD COLUMN last_used_from {text}",
    "CREATE TABLE sign_in_attempts (
        id {id},
        email_key {text} NOT NULL,
        address {text} NOT NULL,
        tried_at {time} NOT NULL
    )",
    "CREATE INDEX sign_in_attempts_by_account ON sign_in_attempts (email_key, tried_at)",
    "CREATE INDEX sign_in_attempts_by_address ON sign_in_attempts (address, tried_at)",
    "CREATE TABLE audit_log (
        id {id},
        made_at {time} NOT NULL,
        actor {text} NOT NULL,
        action {text} NOT NULL,
        object_kind {text},
        object_id BIGINT,
        object_name {text},
        fields {json},
        address {text}
    )",
    "CREATE INDEX audit_log_by_actor ON audit_log (actor, id)",
    "CREATE INDEX audit_log_by_action ON audit_log (action, id)",
    "CREATE INDEX audit_log_of_object ON audit_log (object_kind, object_id, id)",
    "CREATE INDEX audit_log_by_time ON audit_log (made_at, id)",
    "CREATE TABLE settings (name {text} NOT NULL PRIMARY KEY, value {text} NOT NULL)",
    "CREATE TABLE saved_views (
        id {id},
        owner_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name {text} NOT NULL,
        query {text} NOT NULL,
        is_shared BOOLEAN NOT NULL DEFAULT FALSE,
        created_at {time} NOT NULL
    )",
    "CREATE UNIQUE INDEX saved_views_of_owner ON saved_views (owner_id, name)",
];

const DOWN: &[&str] = &[
    "DROP TABLE saved_views",
    "DROP TABLE settings",
    "DROP TABLE audit_log",
    "DROP TABLE sign_in_attempts",
    "ALTER TABLE api_keys DROP COLUMN last_used_from",
    "ALTER TABLE api_keys DROP COLUMN last_used_at",
    "ALTER TABLE api_keys DROP COLUMN expires_at",
    "ALTER TABLE api_keys DROP COLUMN created_by",
    "DROP INDEX users_by_invite",
    "ALTER TABLE users DROP COLUMN preferences",
    "ALTER TABLE users DROP COLUMN session_epoch",
    "ALTER TABLE users DROP COLUMN invite_expires_at",
    "ALTER TABLE users DROP COLUMN invite_hash",
    "ALTER TABLE users DROP COLUMN disabled_at",
    "ALTER TABLE users DROP COLUMN name",
];
