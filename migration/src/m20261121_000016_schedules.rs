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
    // `address` is what may be shown of it; the whole address and the header's value are sealed together in `secret`.
    // `edition` counts what makes the same file another import: another address, other options.
    // `seen` is the file of the last run that was completed, as JSON.
    "CREATE TABLE schedules (
        id {id},
        name {text} NOT NULL,
        name_key {text} NOT NULL UNIQUE,
        address {text} NOT NULL,
        header_name {text},
        secret {bytes} NOT NULL,
        kind {text} NOT NULL,
        options {text} NOT NULL,
        sheet {text},
        timing {text} NOT NULL,
        time_zone {text} NOT NULL,
        after_check {text} NOT NULL,
        problem_percent BIGINT NOT NULL,
        status {text} NOT NULL,
        paused_at {time},
        paused_because {text},
        next_run_at {time},
        failures BIGINT NOT NULL DEFAULT 0,
        edition BIGINT NOT NULL DEFAULT 1,
        seen {text},
        created_by {text} NOT NULL,
        updated_by {text} NOT NULL,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    )",
    "CREATE INDEX schedules_due ON schedules (next_run_at) WHERE status = 'enabled'",
    "CREATE TABLE schedule_runs (
        id {id},
        schedule_id BIGINT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
        cause {text} NOT NULL,
        started_by {text} NOT NULL,
        status {text} NOT NULL,
        import_id BIGINT REFERENCES imports (id) ON DELETE SET NULL,
        detail {text},
        edition BIGINT NOT NULL DEFAULT 0,
        seen {text},
        attempts BIGINT NOT NULL DEFAULT 0,
        lease_token BIGINT NOT NULL DEFAULT 0,
        lease_until BIGINT NOT NULL DEFAULT 0,
        created_at {time} NOT NULL,
        finished_at {time}
    )",
    // A schedule does one thing at a time, whoever asks for it and however many processes there are.
    "CREATE UNIQUE INDEX schedule_runs_active ON schedule_runs (schedule_id)
        WHERE status IN ('asked', 'fetching', 'checking', 'applying')",
    "CREATE INDEX schedule_runs_open ON schedule_runs (status, lease_until) WHERE finished_at IS NULL",
    "CREATE INDEX schedule_runs_of_schedule ON schedule_runs (schedule_id, id)",
    "CREATE INDEX schedule_runs_of_import ON schedule_runs (import_id) WHERE import_id IS NOT NULL",
];

const DOWN: &[&str] = &["DROP TABLE schedule_runs", "DROP TABLE schedules"];
