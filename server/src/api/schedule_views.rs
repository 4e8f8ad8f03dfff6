//! Schedules and their runs, as they go over the wire.

use serde::Serialize;
use stockroom::imports::ImportKind;
use stockroom::imports::options::ImportOptions;
use stockroom::schedules::{AfterCheck, Run, RunCause, RunStatus, Schedule, ScheduleStatus, TimeOfDay, Weekday, When};
use stockroom::timestamp::Timestamp;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleView {
    pub id: i64,
    pub name: String,
    /// What stands behind a question mark is shown as `…`.
    #[schema(example = "https://supplier.example.com/prices.csv")]
    pub address: String,
    pub header: Option<HeaderView>,
    #[schema(value_type = String, example = "products")]
    pub kind: ImportKind,
    #[schema(value_type = Object)]
    pub options: ImportOptions,
    pub sheet: Option<String>,
    pub when: WhenView,
    /// `apply` or `wait`.
    #[schema(value_type = String, example = "apply")]
    pub after_check: AfterCheck,
    /// Per cent of the rows that may have problems in a file that is applied.
    pub problem_percent: i64,
    pub enabled: bool,
    /// `enabled`, `paused` or `paused_automatically`.
    #[schema(value_type = String, example = "enabled")]
    pub status: ScheduleStatus,
    pub paused_at: Option<String>,
    pub paused_because: Option<String>,
    /// RFC 3339, UTC.
    pub next_run_at: Option<String>,
    pub last_run: Option<RunView>,
    /// Runs in a row that have failed; after ten it pauses itself.
    pub failures: i64,
    pub created_by: String,
    pub updated_by: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// The header that every request carries, without its value.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeaderView {
    #[schema(example = "Authorization")]
    pub name: String,
    /// Always null: it is never shown.
    pub value: Option<String>,
}

/// Times are those of the shop's zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhenView {
    /// Minutes.
    pub every: Option<i64>,
    #[schema(value_type = Option<String>, example = "03:00")]
    pub at: Option<TimeOfDay>,
    /// null for each day.
    #[schema(value_type = Option<Vec<String>>, example = json!(["mon", "thu"]))]
    pub days: Option<Vec<Weekday>>,
}

impl From<When> for WhenView {
    fn from(when: When) -> Self {
        match when {
            When::Every { minutes } => Self {
                every: Some(minutes),
                at: None,
                days: None,
            },
            When::At { time, days } => Self {
                every: None,
                at: Some(time),
                days: (!days.is_empty()).then(|| days.into_iter().collect()),
            },
        }
    }
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let text = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
        Self {
            id: schedule.id,
            name: schedule.name,
            address: schedule.address,
            header: schedule.header_name.map(|name| HeaderView { name, value: None }),
            kind: schedule.kind,
            options: schedule.options,
            sheet: schedule.sheet,
            when: schedule.when.into(),
            after_check: schedule.after_check,
            problem_percent: schedule.problem_percent,
            enabled: schedule.status == ScheduleStatus::Enabled,
            status: schedule.status,
            paused_at: text(schedule.paused_at),
            paused_because: schedule.paused_because,
            next_run_at: text(schedule.next_run_at),
            last_run: schedule.last_run.map(RunView::from),
            failures: schedule.failures,
            created_by: schedule.created_by,
            updated_by: schedule.updated_by,
            created_at: schedule.created_at.to_string(),
            updated_at: schedule.updated_at.to_string(),
        }
    }
}

/// One run of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    pub id: i64,
    pub schedule_id: i64,
    /// `planned` or `by_hand`.
    #[schema(value_type = String, example = "planned")]
    pub cause: RunCause,
    pub started_by: String,
    /// `asked`, `fetching`, `checking`, `applying`, `waiting` (for a person), `completed`, `unchanged`, `failed` or `cancelled`.
    #[schema(value_type = String, example = "completed")]
    pub status: RunStatus,
    pub import_id: Option<i64>,
    /// What went wrong, or why it waits, in words.
    pub detail: Option<String>,
    /// How often the file was asked for.
    pub attempts: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub finished_at: Option<String>,
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        Self {
            id: run.id,
            schedule_id: run.schedule_id,
            cause: run.cause,
            started_by: run.started_by,
            status: run.status,
            import_id: run.import_id,
            detail: run.detail,
            attempts: run.attempts,
            created_at: run.created_at.to_string(),
            finished_at: run.finished_at.map(|moment| moment.to_string()),
        }
    }
}
