//! When a delivery is attempted again: the plan of Standard Webhooks 1.0.0, ten attempts within 75 hours and 35 minutes.
//!
//! Each pause is made up to a fifth shorter or longer, so that receivers that were away are not met by everything at once.

use time::Duration;

/// From each attempt to the next one.
const PAUSES: [Duration; 9] = [
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(14),
    Duration::hours(20),
    Duration::hours(24),
];

/// Attempts of one delivery.
pub const ATTEMPTS: i64 = PAUSES.len() as i64 + 1;

/// No receiver can put a delivery off for longer.
const LONGEST: Duration = Duration::hours(24);

/// Receivers that are too busy are left alone for a minute at least.
const BUSY: Duration = Duration::minutes(1);

/// What a receiver asked for besides saying no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// It is overloaded (429, 503) or did not answer in time.
    pub is_busy: bool,
    /// `Retry-After`, from now.
    pub retry_after: Option<Duration>,
}

/// The pause after so many failed attempts; `None` when there is no further one. `luck` is between 0 and 1.
#[must_use]
pub fn pause(tries: i64, wish: Wish, luck: f64) -> Option<Duration> {
    let place = usize::try_from(tries).ok()?.checked_sub(1)?;
    let planned = *PAUSES.get(place)?;
    let planned = if wish.is_busy { planned.max(BUSY) } else { planned };
    let spread = planned * (0.8 + 0.4 * luck.clamp(0.0, 1.0));
    let asked = wish.retry_after.unwrap_or_default().min(LONGEST);
    Some(spread.max(asked))
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::{ATTEMPTS, Wish, pause};

    #[test]
    fn ten_attempts_take_some_75_hours() {
        let pauses: Vec<_> = (1..).map_while(|tries| pause(tries, Wish::default(), 0.5)).collect();
        assert_eq!(pauses.len() as i64 + 1, ATTEMPTS);
        let all: Duration = pauses.iter().copied().sum();
        assert_eq!(all, Duration::hours(75) + Duration::minutes(35) + Duration::seconds(5));
        assert_eq!(pause(0, Wish::default(), 0.5), None);
        assert_eq!(pause(ATTEMPTS, Wish::default(), 0.5), None);
    }

    #[test]
    fn each_pause_is_a_fifth_shorter_or_longer_at_most() {
        assert_eq!(pause(2, Wish::default(), 0.0), Some(Duration::minutes(4)));
        assert_eq!(pause(2, Wish::default(), 1.0), Some(Duration::minutes(6)));
    }

    #[test]
    fn what_a_receiver_asks_for_is_kept_within_the_plan_and_a_day() {
        let asked = |seconds: i64| Wish {
            is_busy: true,
            retry_after: Some(Duration::seconds(seconds)),
        };
        assert_eq!(
            pause(1, asked(0), 0.5),
            Some(Duration::minutes(1)),
            "a busy receiver is left alone"
        );
        assert_eq!(pause(1, asked(600), 0.5), Some(Duration::minutes(10)));
        assert_eq!(pause(1, asked(1_000_000_000), 0.5), Some(Duration::hours(24)));
        assert_eq!(
            pause(3, asked(5), 0.5),
            Some(Duration::minutes(30)),
            "not sooner than planned"
        );
    }
}
