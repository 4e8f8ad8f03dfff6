//! How many rows go into one transaction: as many as there may be while nobody else wants to write, and only as many as others hardly notice while
//! somebody does.

use std::time::Duration;

/// How long a transaction may take for which somebody waits.
const BEARABLE: Duration = Duration::from_millis(80);
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
        let more = (self.rows * 2).min(self.most);
        self.rows = if is_wanted {
            let bearable = self.rows as f64 * (BEARABLE.as_secs_f64() / time.as_secs_f64().max(0.001));
            (bearable as i64).clamp(LEAST, more)
        } else {
            more
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
        pace.took(Duration::from_secs(1), false);
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
}
