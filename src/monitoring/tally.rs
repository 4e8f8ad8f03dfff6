//! What this process has done since it began. It is counted in memory and costs nobody anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::OffsetDateTime;

use super::Measure;
use crate::database::clock::now;

/// Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Tally(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    began: OffsetDateTime,
    counted: [AtomicI64; Measure::COUNTED],
    /// How much of that is written down for all processes to see.
    written: [AtomicI64; Measure::COUNTED],
}

impl Default for Tally {
    fn default() -> Self {
        Self(Arc::new(Counts {
            began: now(),
            counted: Default::default(),
            written: Default::default(),
        }))
    }
}

impl Tally {
    /// When this process began.
    #[must_use]
    pub fn began(&self) -> OffsetDateTime {
        self.0.began
    }

    /// Counts. What is not counted but measured is passed over.
    pub fn add(&self, measure: Measure, count: i64) {
        if let Some(counted) = self.0.counted.get(measure as usize) {
            counted.fetch_add(count, Ordering::Relaxed);
        }
    }

    #[must_use]
    pub fn total(&self, measure: Measure) -> i64 {
        let counted = self.0.counted.get(measure as usize);
        counted.map_or(0, |counted| counted.load(Ordering::Relaxed))
    }

    /// What nobody else knows yet.
    pub(super) fn unwritten(&self) -> Vec<(Measure, i64)> {
        let counted = Measure::ALL.into_iter().zip(&self.0.written);
        counted
            .map(|(measure, written)| (measure, self.total(measure) - written.load(Ordering::Relaxed)))
            .collect()
    }

    /// Takes note that it has been written down.
    pub(super) fn written(&self, counts: &[(Measure, i64)]) {
        for (measure, count) in counts {
            if let Some(written) = self.0.written.get(*measure as usize) {
                written.fetch_add(*count, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, Tally};

    #[test]
    fn what_is_counted_while_it_is_written_down_is_written_the_next_time() {
        let tally = Tally::default();
        tally.add(Measure::Requests, 3);
        let counts = tally.unwritten();
        tally.add(Measure::Requests, 2);
        tally.written(&counts);
        assert_eq!(tally.total(Measure::Requests), 5);
        assert!(tally.unwritten().contains(&(Measure::Requests, 2)));
        tally.add(Measure::DatabaseBytes, 9);
        assert_eq!(
            tally.total(Measure::DatabaseBytes),
            0,
            "a size is measured, not counted"
        );
    }
}
