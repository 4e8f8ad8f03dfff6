//! Times in the shop's own zone. The zones are those of the IANA database that is built into the program.

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::{TimeZone, db};

use super::UTC;
use crate::timestamp::Timestamp;

/// How a day is written.
const DAY: &str = "0000-00-00";
/// The parts of the world by which zones are named; other names are older ones for the same.
const PARTS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// The zones that a shop can choose, UTC first.
#[must_use]
pub fn names() -> Vec<String> {
    let all = db().available().map(|name| name.to_string());
    let places = all.filter(|name| name.split_once('/').is_some_and(|(part, _)| PARTS.contains(&part)));
    let mut names: Vec<String> = places.collect();
    names.sort_unstable();
    names.insert(0, UTC.to_owned());
    names
}

/// The zone of [`names`] that is meant, whatever the case of its letters.
#[must_use]
pub fn named(name: &str) -> Option<String> {
    names()
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name.trim()))
}

/// A moment as people of that zone read it, and how far they are from UTC: `2026-11-20 19:03:11 +01`. In UTC where there is no such zone.
#[must_use]
pub fn shown(moment: &Timestamp, zone: &str) -> String {
    in_zone(moment, zone).unwrap_or_else(|| moment.in_utc())
}

/// Minutes from UTC when January and July of this year begin in UTC. Where both are the same as elsewhere, clocks most likely are.
#[must_use]
pub fn offsets(zone: &str) -> Option<[i32; 2]> {
    let zone = TimeZone::get(zone).ok()?;
    let year = jiff::Timestamp::now().to_zoned(TimeZone::UTC).year();
    let offset = |month| {
        let begins = Date::new(year, month, 1).ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(zone.to_offset(begins.timestamp()).seconds() / 60)
    };
    Some([offset(1)?, offset(7)?])
}

/// The moment at which a day begins there: of `2026-11-20`, in Berlin, `2026-11-19T23:00:00Z`. None for what is no day.
#[must_use]
pub fn beginning(day: &str, zone: &str) -> Option<Timestamp> {
    let date: Date = Some(day).filter(|day| day.len() == DAY.len())?.parse().ok()?;
    let begins = date.to_zoned(TimeZone::get(zone).ok()?).ok()?;
    Some(Timestamp::from_rfc3339(begins.timestamp().to_string()))
}

/// The day on which a moment falls there: `2026-11-20`. None for what is no moment.
#[must_use]
pub fn day(moment: &str, zone: &str) -> Option<String> {
    let there = there(moment, zone)?;
    Some(there.date().to_string())
}

/// A moment as [`shown`], or the day alone if it is the one that begins then.
#[must_use]
pub fn day_or_moment(moment: &Timestamp, zone: &str) -> String {
    day(moment.as_str(), zone)
        .filter(|day| beginning(day, zone).as_ref() == Some(moment))
        .unwrap_or_else(|| shown(moment, zone))
}

fn there(moment: &str, zone: &str) -> Option<Zoned> {
    let moment: jiff::Timestamp = moment.parse().ok()?;
    Some(moment.to_zoned(TimeZone::get(zone).ok()?))
}

fn in_zone(moment: &Timestamp, zone: &str) -> Option<String> {
    if zone == UTC {
        return None;
    }
    let there = there(moment.as_str(), zone)?;
    let time = there.strftime("%Y-%m-%d %H:%M:%S");
    Some(format!("{time} {}", offset(there.offset().seconds())))
}

/// `+01`, `−03:30`
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '−' } else { '+' };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{sign}{hours:02}"),
        (hours, rest) => format!("{sign}{hours:02}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, beginning, day, day_or_moment, named, names, shown};

    #[test]
    fn a_moment_is_shown_by_the_clocks_of_its_zone() {
        let shown = |moment: &str, zone: &str| shown(&Timestamp::from_rfc3339(moment.to_owned()), zone);
        for (moment, zone, expected) in [
            ("2026-11-20T18:03:11Z", "Europe/Berlin", "2026-11-20 19:03:11 +01"),
            ("2026-07-20T18:03:11Z", "Europe/Berlin", "2026-07-20 20:03:11 +02"),
            // The clocks go back an hour after the first of these.
            ("2026-10-25T00:59:59Z", "Europe/Berlin", "2026-10-25 02:59:59 +02"),
            ("2026-10-25T01:00:00Z", "Europe/Berlin", "2026-10-25 02:00:00 +01"),
            ("2026-12-31T23:00:00Z", "Asia/Kolkata", "2027-01-01 04:30:00 +05:30"),
            ("2026-07-01T01:00:00Z", "America/St_Johns", "2026-06-30 22:30:00 −02:30"),
            ("2026-11-20T18:03:11Z", "UTC", "2026-11-20 18:03:11 UTC"),
            ("2026-11-20T18:03:11Z", "Europe/Atlantis", "2026-11-20 18:03:11 UTC"),
        ] {
            assert_eq!(shown(moment, zone), expected, "{zone}");
        }
    }

    #[test]
    fn a_day_begins_by_the_clocks_of_its_zone_and_is_shown_as_that_day() {
        for (date, zone, expected) in [
            ("2026-11-20", "UTC", "2026-11-20T00:00:00Z"),
            ("2026-11-20", "Europe/Berlin", "2026-11-19T23:00:00Z"),
            ("2026-07-20", "Europe/Berlin", "2026-07-19T22:00:00Z"),
            ("2027-01-01", "America/St_Johns", "2027-01-01T03:30:00Z"),
            // The clocks go from midnight to one o'clock.
            ("2026-03-08", "America/Havana", "2026-03-08T05:00:00Z"),
        ] {
            let begins = beginning(date, zone).expect(date);
            assert_eq!(begins.as_str(), expected, "{zone}");
            assert_eq!(day(expected, zone).as_deref(), Some(date), "{zone}");
            assert_eq!(day_or_moment(&begins, zone), date, "{zone}");
        }
        for strange in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-1-1",
            "2026-11-20T00:00",
            "+02026-1-1",
        ] {
            assert_eq!(beginning(strange, "Europe/Berlin"), None, "{strange}");
        }
        let later = Timestamp::from_rfc3339("2026-11-20T00:00:00Z".to_owned());
        assert_eq!(day_or_moment(&later, "Europe/Berlin"), "2026-11-20 01:00:00 +01");
        assert_eq!(day("2026-11-20", "Europe/Berlin"), None);
    }

    #[test]
    fn the_list_has_each_place_once_and_all_of_them_are_known() {
        let names = names();
        assert!(names.len() > 300 && names[0] == "UTC", "{}", names.len());
        assert!(names.windows(2).skip(1).all(|pair| pair[0] < pair[1]));
        let strange: Vec<_> = names
            .iter()
            .filter(|name| jiff::tz::TimeZone::get(name).is_err())
            .collect();
        assert!(strange.is_empty(), "{strange:?}");
        assert_eq!(named(" europe/berlin ").as_deref(), Some("Europe/Berlin"));
        assert_eq!([named("Berlin"), named(""), named("Etc/GMT+1")], [None, None, None]);
    }
}
