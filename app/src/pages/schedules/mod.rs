//! Schedules: files that are fetched and imported at their times.

pub mod detail;
pub mod edit;
pub mod form;
pub mod list;
mod runs;

use stockroom::schedules::{Schedule, When};

/// `every day at 03:00 (Europe/Berlin)`
#[must_use]
fn times(schedule: &Schedule) -> String {
    let zone = crate::request::current().map(|request| request.shop.time_zone);
    match (&schedule.when, zone) {
        (When::At { .. }, Ok(zone)) => format!("{} ({zone})", schedule.when),
        _ => schedule.when.to_string(),
    }
}
