//! Schedules and their runs.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};
use stockroom::{
    page::{Page, PageRequest},
    schedules::{Run, Schedule},
};

use crate::error::AppError;

#[server(name = ListSchedules, prefix = "/actions", endpoint = "list_schedules", input = GetUrl, output = Json)]
pub async fn list_schedules(page: PageRequest) -> Result<Page<Schedule>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::schedules::list(request.services.reader(), &page).await?)
}

/// A schedule and how its runs went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleReport {
    pub schedule: Schedule,
    pub runs: Page<Run>,
}

#[server(name = GetSchedule, prefix = "/actions", endpoint = "get_schedule", input = GetUrl, output = Json)]
pub async fn get_schedule(id: i64, page: PageRequest) -> Result<ScheduleReport, AppError> {
    let request = crate::request::signed_in()?;
    let db = request.services.reader();
    Ok(ScheduleReport {
        schedule: stockroom::schedules::get(db, id).await?,
        runs: stockroom::schedules::runs(db, id, &page).await?,
    })
}
