//! How many rows go into one transaction: as many as there may be while nobody else wants to write, and only as many as others hardly notice while
//! somebody does. After each of them those who watch are told, so none takes long in any case.

use std::time::Duration;

/// How long a transaction may take for which somebody waits.
const BEARABLE: Duration = Duration::from_millis(80);
/// How long any other may take: watchers are told at least twice a second.
const TELLING: Duration = Duration::from_millis(400);
/// Rows. With fewer, a transaction costs more than its rows.
const LEAST: i64 = 500;

/// Follows how long transactions take and who waits for them, and says how many rows the next may have.
#[derive(Debug)]
pub(super) struct Pace {
    rows: i64,
    most: i64,
}

impl Pace {
    /// Transactions of at most `most` rows.
    pub fn new(most: i64) -> Self {
        Self { rows: most / 2, most }
    }

    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// Learns how long a transaction of [`Self::rows`] took, and whether somebody waits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a number of rows between limits that are far from those of either type"
    )]
    pub fn took(&mut self, time: Duration, is_wanted: bool) {
        let time = time.as_secs_f64().max(0.001);
        let rows_in = |limit: Duration| (self.rows as f64 * limit.as_secs_f64() / time) as i64;
        let more = (self.rows * 2).min(self.most);
        self.rows = if is_wanted {
            rows_in(BEARABLE).clamp(LEAST, more)
        } else {
            // Where each statement takes long, however few rows it has, fewer rows would only make more statements.
            rows_in(TELLING).clamp(self.most / 5, more.max(self.most / 5))
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_as_large_as_they_may_be_unless_somebody_waits() {
        let mut pace = Pace::new(10_000);
        assert_eq!(pace.rows(), 5_000);
        pace.took(Duration::from_millis(200), false);
        assert_eq!(pace.rows(), 10_000);
        pace.took(Duration::from_millis(320), true);
        assert_eq!(pace.rows(), 2_500, "a quarter of the time for a quarter of the rows");
        pace.took(Duration::from_millis(40), true);
        assert_eq!(pace.rows(), 5_000);
        pace.took(Duration::from_secs(60), true);
        assert_eq!(pace.rows(), 500, "not less");
        for _ in 0..10 {
            pace.took(Duration::ZERO, true);
        }
        assert_eq!(pace.rows(), 10_000, "not more");
    }

    #[test]
    fn watchers_are_told_twice_a_second_on_a_slow_machine_too() {
        let mut pace = Pace::new(10_000);
        pace.took(Duration::from_secs(1), false);
        assert_eq!(pace.rows(), 2_000, "0.4 s at 5,000 rows a second");
        pace.took(Duration::from_millis(400), false);
        assert_eq!(pace.rows(), 2_000);
        pace.took(Duration::from_millis(200), false);
        assert_eq!(pace.rows(), 4_000, "it has become faster");
        pace.took(Duration::from_secs(60), false);
        assert_eq!(pace.rows(), 2_000, "not less");
    }
}
