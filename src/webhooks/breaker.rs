//! The breaker: a receiver that mostly fails is left alone for a while, and the deliveries to it wait without using up their attempts.
//!
//! It opens after ten failures in a row, or when of at least ten calls in five minutes seven of ten have failed. When its pause is over,
//! one call tries again; each failure doubles the pause, from half a minute to a quarter of an hour. Moments are milliseconds.

use std::collections::VecDeque;

const WINDOW: i64 = 5 * 60 * 1_000;
const ENOUGH: usize = 10;
const IN_A_ROW: i64 = 10;
const FIRST_PAUSE: i64 = 30 * 1_000;
const LONGEST_PAUSE: i64 = 15 * 60 * 1_000;

/// How many calls may be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    All,
    /// One, to see whether the receiver is back.
    One,
    /// None until then.
    NoneUntil(i64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    recent: VecDeque<(i64, bool)>,
    pub failures: i64,
    pub open_until: i64,
    /// Times that it opened without a success in between.
    pub openings: i64,
}

impl Breaker {
    /// As it was left by whoever sent before.
    #[must_use]
    pub fn restored(failures: i64, open_until: i64, openings: i64) -> Self {
        Self {
            recent: VecDeque::new(),
            failures,
            open_until,
            openings,
        }
    }

    #[must_use]
    pub fn allows(&self, now: i64) -> Allowance {
        if self.openings == 0 {
            Allowance::All
        } else if now < self.open_until {
            Allowance::NoneUntil(self.open_until)
        } else {
            Allowance::One
        }
    }

    /// Takes note of a call that has ended.
    pub fn note(&mut self, now: i64, arrived: bool) {
        if arrived {
            // One success after a pause says that the receiver is back; while closed, it only ends a row of failures.
            if self.openings > 0 {
                self.recent.clear();
            }
            (self.failures, self.open_until, self.openings) = (0, 0, 0);
        } else {
            self.failures += 1;
        }
        self.recent.push_back((now, arrived));
        while self.recent.front().is_some_and(|(then, _)| *then < now - WINDOW) {
            self.recent.pop_front();
        }
        if !arrived && (self.openings == 0 && self.is_failing() || self.openings > 0 && now >= self.open_until) {
            self.open(now);
        }
    }

    fn is_failing(&self) -> bool {
        let failed = self.recent.iter().filter(|(_, arrived)| !arrived).count();
        self.failures >= IN_A_ROW || (self.recent.len() >= ENOUGH && failed * 10 >= self.recent.len() * 7)
    }

    fn open(&mut self, now: i64) {
        let pause = FIRST_PAUSE << self.openings.min(5);
        self.openings += 1;
        self.open_until = now + pause.min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Breaker};

    fn failed(times: i64) -> Breaker {
        let mut breaker = Breaker::default();
        (0..times).for_each(|second| breaker.note(second * 1_000, false));
        breaker
    }

    #[test]
    fn it_opens_after_ten_failures_in_a_row() {
        assert_eq!(failed(9).allows(9_000), Allowance::All);
        assert_eq!(failed(10).allows(9_000), Allowance::NoneUntil(39_000));
    }

    #[test]
    fn it_opens_when_most_calls_of_five_minutes_fail() {
        let mut breaker = Breaker::default();
        for second in 0..12 {
            breaker.note(second * 1_000, second % 4 == 0);
        }
        assert!(matches!(breaker.allows(12_000), Allowance::NoneUntil(_)));
        let mut healthy = Breaker::default();
        (0..100).for_each(|second| healthy.note(second * 1_000, second % 2 == 0));
        assert_eq!(healthy.allows(100_000), Allowance::All);
    }

    #[test]
    fn one_call_tries_again_and_each_failure_doubles_the_pause_up_to_a_quarter_of_an_hour() {
        let mut breaker = failed(10);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let now = breaker.open_until;
            assert_eq!(breaker.allows(now), Allowance::One);
            breaker.note(now, false);
            pauses.push((breaker.open_until - now) / 1_000);
        }
        assert_eq!(pauses, [60, 120, 240, 480, 900, 900, 900]);
        breaker.note(breaker.open_until, true);
        assert_eq!(breaker.allows(0), Allowance::All);
        breaker.note(breaker.open_until, false);
        assert_eq!(
            breaker.allows(0),
            Allowance::All,
            "what was before the success is forgotten"
        );
    }

    #[test]
    fn calls_that_were_under_way_when_it_opened_do_not_open_it_further() {
        let mut breaker = failed(10);
        let until = breaker.open_until;
        breaker.note(10_000, false);
        assert_eq!(breaker.open_until, until);
    }
}
