//! The last day in half hours, made of samples of five minutes each. Pure.

use serde::{Deserialize, Serialize};

use super::{Measure, Summing};
use crate::timestamp::Timestamp;

/// Seconds of a sample.
pub const SLOT: i64 = 300;
/// Samples that are shown as one value, and values of a day.
pub const SLOTS_TOGETHER: i64 = 6;
pub const VALUES: usize = 48;

/// One value of a measure in one slot: five minutes, counted since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub slot: i64,
    pub measure: Measure,
    pub value: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// When each half hour began, the oldest first.
    pub starts: Vec<Timestamp>,
    pub series: Vec<Series>,
}

impl History {
    /// How often something happened on the last day.
    #[must_use]
    pub fn sum(&self, measure: Measure) -> i64 {
        let series = self.series.iter().find(|series| series.measure == measure);
        series.map_or(0, Series::sum)
    }
}

/// A measure over the last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    pub measure: Measure,
    /// One for each half hour; none where nobody has measured.
    pub values: Vec<Option<i64>>,
}

impl Series {
    #[must_use]
    pub fn least(&self) -> Option<i64> {
        self.values.iter().flatten().min().copied()
    }

    #[must_use]
    pub fn most(&self) -> Option<i64> {
        self.values.iter().flatten().max().copied()
    }

    /// Of a day, where it is counted.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.values.iter().flatten().sum()
    }

    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.values.iter().rev().flatten().next().copied()
    }
}

/// The half hour that a slot belongs to, as its first slot.
#[must_use]
pub fn beginning(slot: i64) -> i64 {
    slot - slot.rem_euclid(SLOTS_TOGETHER)
}

/// The first slot of the day that ends with the half hour of `now`.
#[must_use]
pub fn first(now: i64) -> i64 {
    beginning(now) - SLOTS_TOGETHER * (i64::try_from(VALUES).unwrap_or(0) - 1)
}

/// Samples in any order, those of a day that ends with `now`; others are passed over.
#[must_use]
pub fn series(samples: &[Sample], now: i64) -> Vec<Series> {
    let first = first(now);
    let mut samples = samples.to_vec();
    samples.sort_by_key(|sample| sample.slot);
    Measure::ALL
        .into_iter()
        .map(|measure| {
            let mut values = vec![None; VALUES];
            for sample in samples.iter().filter(|sample| sample.measure == measure) {
                let place = usize::try_from((sample.slot - first).div_euclid(SLOTS_TOGETHER)).ok();
                if let Some(value) = place.and_then(|place| values.get_mut(place)) {
                    *value = Some(together(*value, sample.value, measure.summing()));
                }
            }
            Series { measure, values }
        })
        .collect()
}

fn together(before: Option<i64>, value: i64, summing: Summing) -> i64 {
    match (before, summing) {
        (None, _) | (_, Summing::Last) => value,
        (Some(before), Summing::Sum) => before.saturating_add(value),
        (Some(before), Summing::Highest) => before.max(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, Sample, Series, VALUES, first, series};

    /// A slot that is the second of its half hour.
    const NOW: i64 = 600_001;

    fn of(measure: Measure, samples: &[(i64, i64)]) -> Series {
        let samples = samples.iter().map(|&(slot, value)| Sample { slot, measure, value });
        let mut all = series(&samples.collect::<Vec<_>>(), NOW);
        all.swap_remove(measure as usize)
    }

    #[test]
    fn half_hours_are_summed_or_show_their_highest_or_last_value() {
        let samples = [(NOW, 5), (NOW - 1, 7), (NOW - 2, 1)];
        let last_two = |measure| of(measure, &samples).values[VALUES - 2..].to_vec();
        assert_eq!(last_two(Measure::Requests), [Some(1), Some(12)]);
        assert_eq!(last_two(Measure::WaitingImports), [Some(1), Some(7)]);
        assert_eq!(last_two(Measure::DatabaseBytes), [Some(1), Some(5)]);
    }

    #[test]
    fn what_nobody_has_measured_is_no_zero() {
        let series = of(Measure::Requests, &[(NOW - 12, 0), (first(NOW), 3)]);
        assert_eq!(
            (series.least(), series.most(), series.last()),
            (Some(0), Some(3), Some(0))
        );
        assert_eq!(series.values.iter().flatten().count(), 2);
        assert_eq!((series.values[0], series.sum()), (Some(3), 3));
        let nothing = of(Measure::Requests, &[]);
        assert_eq!((nothing.least(), nothing.most(), nothing.last()), (None, None, None));
    }

    #[test]
    fn what_is_older_than_a_day_is_not_shown() {
        let series = of(Measure::Requests, &[(first(NOW) - 1, 3), (NOW + 100, 3)]);
        assert_eq!(series.last(), None);
    }
}
