//! The moments at which a schedule runs. Pure: a plan, a zone and a moment in, the next moment out.
//!
//! Clocks are put forward and back: a time that there is not on a day is taken as the first one after it, and of one that there is twice,
//! the first. What was missed is not caught up with here: whoever asks gets what comes after now.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use time::{Duration, OffsetDateTime};

use super::{Weekday, When};

/// Days that are looked at: a week, and one on each side of it for zones whose days are skipped.
const DAYS: usize = 10;

/// The first moment after `now`. Where it is every so many minutes, they are counted from `planned`.
pub(super) fn next(when: &When, zone: &str, planned: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
    match when {
        When::Every { minutes } => {
            let step = Duration::minutes((*minutes).max(1));
            let past = (now - planned).whole_seconds().max(0) / step.whole_seconds();
            planned + step * i32::try_from(past + 1).unwrap_or(i32::MAX)
        }
        When::At { time, days } => {
            let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            let found = moments(&zone, now, |date| {
                let is_wanted = days.is_empty() || days.contains(&weekday(date));
                is_wanted.then(|| date.at(time.hour(), time.minute(), 0, 0))
            });
            found.unwrap_or(now + Duration::days(1))
        }
    }
}

fn moments(zone: &TimeZone, now: OffsetDateTime, on: impl Fn(Date) -> Option<DateTime>) -> Option<OffsetDateTime> {
    let after = jiff::Timestamp::from_second(now.unix_timestamp()).ok()?;
    let first = zone.to_datetime(after).date().yesterday().ok()?;
    let days = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(DAYS);
    let moment = days
        .filter_map(on)
        .filter_map(|wanted| existing(zone, wanted))
        .find(|moment| *moment > after)?;
    OffsetDateTime::from_unix_timestamp(moment.as_second()).ok()
}

/// When the clocks of a zone show a time, or the next one that they show.
fn existing(zone: &TimeZone, wanted: DateTime) -> Option<jiff::Timestamp> {
    let found = zone.to_ambiguous_timestamp(wanted);
    match found.offset() {
        AmbiguousOffset::Gap { after, .. } => {
            // Read by the clock as it goes after the gap, the time lies before it.
            let before = after.to_timestamp(wanted).ok()?;
            zone.following(before).next().map(|transition| transition.timestamp())
        }
        _ => found.earlier().ok(),
    }
}

fn weekday(date: Date) -> Weekday {
    let place = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    Weekday::ALL[place.min(6)]
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    use super::next;
    use crate::schedules::{Weekday, When};
    use crate::timestamp::Timestamp;

    fn moment(text: &str) -> OffsetDateTime {
        OffsetDateTime::parse(text, &Rfc3339).expect("a moment")
    }

    fn at(time: &str, days: &[Weekday]) -> When {
        When::At {
            time: time.parse().expect("a time"),
            days: days.iter().copied().collect(),
        }
    }

    /// The next so many, one after the other.
    fn runs(when: &When, zone: &str, from: &str, count: usize) -> Vec<String> {
        let mut now = moment(from);
        let step = || {
            now = next(when, zone, now, now);
            Timestamp::from(now).to_string()
        };
        std::iter::repeat_with(step).take(count).collect()
    }

    #[test]
    fn a_time_of_day_is_that_of_the_shops_clocks_in_summer_and_winter() {
        assert_eq!(
            runs(&at("03:00", &[]), "Europe/Berlin", "2026-10-23T12:00:00Z", 4),
            [
                "2026-10-24T01:00:00Z",
                "2026-10-25T02:00:00Z",
                "2026-10-26T02:00:00Z",
                "2026-10-27T02:00:00Z"
            ]
        );
        assert_eq!(
            runs(&at("00:00", &[]), "UTC", "2026-12-31T00:00:00Z", 1),
            ["2027-01-01T00:00:00Z"]
        );
        assert_eq!(
            runs(&at("20:00", &[]), "America/Los_Angeles", "2026-07-01T00:00:00Z", 1),
            ["2026-07-01T03:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_there_is_not_is_the_next_one_that_there_is() {
        // On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, at 01:00 in UTC.
        for time in ["02:00", "02:30", "02:59"] {
            assert_eq!(
                runs(&at(time, &[]), "Europe/Berlin", "2026-03-28T12:00:00Z", 1),
                ["2026-03-29T01:00:00Z"],
                "{time}"
            );
        }
        assert_eq!(
            runs(&at("02:30", &[]), "Europe/Berlin", "2026-03-28T12:00:00Z", 2)[1],
            "2026-03-30T00:30:00Z"
        );
        // Samoa had no 30 December 2011 at all.
        assert_eq!(
            runs(&at("08:00", &[]), "Pacific/Apia", "2011-12-29T18:30:00Z", 2),
            ["2011-12-30T10:00:00Z", "2011-12-30T18:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_there_is_twice_is_taken_once() {
        // On 25 October 2026 the clocks of Berlin show 02:30 at 00:30 and at 01:30 in UTC.
        assert_eq!(
            runs(&at("02:30", &[]), "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        );
    }

    #[test]
    fn only_the_chosen_days_count_as_the_shop_counts_them() {
        let when = at("00:30", &[Weekday::Mon, Weekday::Fri]);
        // Half past midnight on Monday in Auckland is Sunday noon in UTC.
        assert_eq!(
            runs(&when, "Pacific/Auckland", "2026-06-05T00:00:00Z", 3),
            ["2026-06-07T12:30:00Z", "2026-06-11T12:30:00Z", "2026-06-14T12:30:00Z"]
        );
    }

    #[test]
    fn what_was_missed_is_passed_over_and_the_pace_is_kept() {
        let when = When::Every { minutes: 30 };
        let next =
            |now: &str| Timestamp::from(next(&when, "UTC", moment("2026-11-21T08:10:00Z"), moment(now))).to_string();
        assert_eq!(next("2026-11-21T08:10:00Z"), "2026-11-21T08:40:00Z");
        assert_eq!(next("2026-11-21T08:39:59Z"), "2026-11-21T08:40:00Z");
        assert_eq!(next("2026-11-23T20:00:00Z"), "2026-11-23T20:10:00Z");
        assert_eq!(
            next("2026-11-21T08:00:00Z"),
            "2026-11-21T08:40:00Z",
            "a clock that was put back"
        );
    }

    #[test]
    fn a_zone_that_nobody_knows_is_that_of_utc() {
        assert_eq!(
            runs(&at("03:00", &[]), "Europe/Atlantis", "2026-11-21T08:00:00Z", 1),
            ["2026-11-22T03:00:00Z"]
        );
    }
}
