//! How far an import has got: its counters, its percentage, its rate and the time that is left. Pure.
//!
//! The invariant: `processed` is the number of rows whose fate is decided, so it is always the sum of created, updated,
//! unchanged, failed and superseded rows, it never goes down, and it ends at `total`.

use serde::{Deserialize, Serialize};

use super::{ImportStatus, Phase};

/// The state of an import at one moment; also each `progress` event of its stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub status: ImportStatus,
    pub phase: Option<Phase>,
    /// Rows of the file after its header; unknown until it has been read.
    pub total: Option<i64>,
    /// Rows whose fate is decided.
    pub processed: i64,
    /// Rows read so far.
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    /// Rows that could not be used.
    pub failed: i64,
    /// Rows that lost to a later row with the same SKU.
    pub superseded: i64,
    /// Of the whole job: bytes while reading, rows while applying. Never goes down.
    pub percent: f64,
    pub rows_per_second: Option<f64>,
    pub eta_seconds: Option<i64>,
    /// What is happening or has happened, as a sentence.
    pub message: String,
    /// Why the import failed, as a sentence.
    pub error: Option<String>,
}

/// Where each phase ends on the way from 0 to 100.
const READ_ENDS: f64 = 25.0;
const COMPARED: f64 = 40.0;

/// The share of the whole job that is done.
#[must_use]
pub fn percent(phase: Phase, done: f64) -> f64 {
    let (from, to) = match phase {
        Phase::Reading => (0.0, READ_ENDS),
        Phase::Comparing => (READ_ENDS, COMPARED),
        Phase::Applying | Phase::Undoing => (COMPARED, 99.9),
    };
    between(from, to, done)
}

/// The same of a check, which applies nothing.
#[must_use]
pub fn percent_of_check(phase: Phase, done: f64) -> f64 {
    const READ_ENDS: f64 = 65.0;
    match phase {
        Phase::Reading => between(0.0, READ_ENDS, done),
        _ => between(READ_ENDS, 99.9, done),
    }
}

fn between(from: f64, to: f64, done: f64) -> f64 {
    let done = if done.is_finite() { done.clamp(0.0, 1.0) } else { 0.0 };
    ((from + (to - from) * done) * 10.0).round() / 10.0
}

/// Time left, once there is enough to judge by: three seconds and two percent.
#[must_use]
pub fn eta_seconds(percent: f64, elapsed_seconds: f64) -> Option<i64> {
    if elapsed_seconds < 3.0 || percent < 2.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the clamp")]
    let left = (elapsed_seconds * (100.0 - percent) / percent).clamp(0.0, 1e9).ceil() as i64;
    Some(left)
}

impl Progress {
    /// Of an import that nobody has begun.
    #[must_use]
    pub fn waiting() -> Self {
        Self {
            status: ImportStatus::Pending,
            phase: None,
            total: None,
            processed: 0,
            read: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            failed: 0,
            superseded: 0,
            percent: 0.0,
            rows_per_second: None,
            eta_seconds: None,
            message: "Waiting for its turn".to_owned(),
            error: None,
        }
    }

    /// Rows whose fate is decided, from the counters.
    #[must_use]
    pub fn decided(&self) -> i64 {
        self.created + self.updated + self.unchanged + self.failed + self.superseded
    }
}

#[cfg(test)]
mod tests {
    use super::{eta_seconds, percent};
    use crate::imports::Phase;

    #[test]
    fn the_bar_never_goes_back_between_phases() {
        assert!(percent(Phase::Reading, 1.0) <= percent(Phase::Comparing, 0.0));
        assert!(percent(Phase::Comparing, 1.0) <= percent(Phase::Applying, 0.0));
        assert!(percent(Phase::Applying, 1.0) < 100.0);
    }

    #[test]
    fn no_time_left_is_shown_before_it_can_be_judged() {
        assert_eq!(eta_seconds(1.0, 60.0), None);
        assert_eq!(eta_seconds(50.0, 1.0), None);
        assert_eq!(eta_seconds(50.0, 10.0), Some(10));
    }
}
