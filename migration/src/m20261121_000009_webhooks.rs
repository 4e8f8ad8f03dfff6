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
    // Moments of the sender are milliseconds since 1970: it counts in parts of a second.
    "CREATE TABLE webhooks (
        id {id},
        url {text} NOT NULL,
        description {text} NOT NULL,
        -- Names with commas between them.
        events {text} NOT NULL,
        bulk_policy {text} NOT NULL,
        -- Sealed: an encrypted list of names and values, and the key that signs.
        headers {bytes},
        secret {bytes} NOT NULL,
        rate BIGINT NOT NULL,
        concurrency BIGINT NOT NULL,
        timeout_seconds BIGINT NOT NULL,
        is_ordered BOOLEAN NOT NULL,
        status {text} NOT NULL,
        disabled_at {time},
        disabled_because {text},
        failing_since BIGINT,
        failures BIGINT NOT NULL DEFAULT 0,
        -- The breaker: open until then, after so many openings in a row.
        open_until BIGINT NOT NULL DEFAULT 0,
        openings BIGINT NOT NULL DEFAULT 0,
        last_attempt_at BIGINT,
        last_response {text},
        -- The process that sends for this webhook, until then by the database's clock.
        lease_owner {text},
        lease_until BIGINT NOT NULL DEFAULT 0,
        created_by {text} NOT NULL,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    )",
    // Secrets that have been replaced and sign for a while yet.
    "CREATE TABLE webhook_old_secrets (
        id {id},
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        secret {bytes} NOT NULL,
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX webhook_old_secrets_of ON webhook_old_secrets (webhook_id)",
    // What happened, in the very bytes that are sent.
    "CREATE TABLE webhook_events (
        id {id},
        message_id {text} NOT NULL UNIQUE,
        kind {text} NOT NULL,
        body {text} NOT NULL,
        product_id BIGINT,
        import_id BIGINT,
        object_name {text} NOT NULL,
        created_at {time} NOT NULL
    )",
    "CREATE INDEX webhook_events_by_time ON webhook_events (created_at)",
    "CREATE TABLE webhook_replays (
        id {id},
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        since {time} NOT NULL,
        total BIGINT NOT NULL,
        created_by {text} NOT NULL,
        created_at {time} NOT NULL,
        cancelled_at {time}
    )",
    "CREATE INDEX webhook_replays_of ON webhook_replays (webhook_id, id)",
    "CREATE TABLE webhook_deliveries (
        id {id},
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        event_id BIGINT NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
        status {text} NOT NULL,
        -- Of all attempts, and of those of the present run of the plan.
        attempts BIGINT NOT NULL DEFAULT 0,
        tries BIGINT NOT NULL DEFAULT 0,
        next_attempt_at BIGINT NOT NULL,
        response_status BIGINT,
        duration_ms BIGINT,
        error_kind {text},
        replay_id BIGINT,
        -- Of its next attempts.
        cause {text} NOT NULL,
        created_at {time} NOT NULL,
        finished_at {time}
    )",
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at, id)
        WHERE status IN ('pending', 'retrying')",
    "CREATE INDEX webhook_deliveries_log ON webhook_deliveries (webhook_id, status, id)",
    "CREATE INDEX webhook_deliveries_of_tests ON webhook_deliveries (webhook_id, status) WHERE cause = 'test'",
    "CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook_id, id)",
    "CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id)",
    "CREATE INDEX webhook_deliveries_of_replay ON webhook_deliveries (replay_id, status) WHERE replay_id IS NOT NULL",
    "CREATE TABLE webhook_attempts (
        id {id},
        delivery_id BIGINT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
        made_at {time} NOT NULL,
        cause {text} NOT NULL,
        url {text} NOT NULL,
        duration_ms BIGINT NOT NULL,
        request_headers {text} NOT NULL,
        response_status BIGINT,
        response_headers {text},
        response_body {text},
        is_cut BOOLEAN NOT NULL,
        error_kind {text},
        error {text}
    )",
    "CREATE INDEX webhook_attempts_of ON webhook_attempts (delivery_id, id)",
    // How each hour went, for the picture of a day.
    "CREATE TABLE webhook_hours (
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        hour BIGINT NOT NULL,
        delivered BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        PRIMARY KEY (webhook_id, hour)
    )",
    // A job whose changes a webhook is told one by one or in batches, and how far it has been told.
    "CREATE TABLE webhook_feeds (
        id {id},
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        import_id BIGINT NOT NULL,
        stage {text} NOT NULL,
        position BIGINT NOT NULL DEFAULT 0,
        created_at {time} NOT NULL
    )",
    "CREATE INDEX webhook_feeds_of ON webhook_feeds (webhook_id, id)",
];

const DOWN: &[&str] = &[
    "DROP TABLE webhook_feeds",
    "DROP TABLE webhook_hours",
    "DROP TABLE webhook_attempts",
    "DROP TABLE webhook_deliveries",
    "DROP TABLE webhook_replays",
    "DROP TABLE webhook_events",
    "DROP TABLE webhook_old_secrets",
    "DROP TABLE webhooks",
];
