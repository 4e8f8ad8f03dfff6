//! Numbers, sizes, times and prices as people read them. Integers only: printing floats would cost the browser kilobytes.

use stockroom::{
    imports::{Import, ImportKind},
    page::Total,
    timestamp::Timestamp,
};

#[cfg(feature = "ssr")]
use stockroom::products::price;

use crate::numbers;

/// `Import #42`, `Deletion #43`
#[must_use]
pub fn job(import: &Import) -> String {
    job_of(import.kind, import.job_id)
}

/// The same of a job of which only that is known.
#[must_use]
pub fn job_of(kind: ImportKind, id: i64) -> String {
    let noun = match kind {
        ImportKind::Products | ImportKind::Catalogs => "Import",
        ImportKind::BulkDelete => "Deletion",
        ImportKind::BulkUpdate => "Change",
        ImportKind::Undo => "Undo",
    };
    format!("{noun} #{id}")
}

/// `import`, as it stands in a sentence.
#[must_use]
pub fn job_noun(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Products | ImportKind::Catalogs => "import",
        ImportKind::BulkDelete => "deletion",
        ImportKind::BulkUpdate => "change",
        ImportKind::Undo => "undo",
    }
}

/// `499,312`, as the shop writes it.
#[must_use]
pub fn grouped(number: i64) -> String {
    numbers::format().grouped(number)
}

/// `1 row`, `2,000 rows`
#[must_use]
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `842`, or `10,000+` where counting stopped.
#[must_use]
pub fn total(total: Total) -> String {
    let rows = grouped(total.rows.try_into().unwrap_or(i64::MAX));
    if total.exact { rows } else { format!("{rows}+") }
}

/// `12.99 EUR` as the shop writes it, or a dash where there is no price.
#[must_use]
pub fn price(minor: Option<i64>, currency: &str) -> String {
    minor.map_or_else(
        || "–".to_owned(),
        |minor| format!("{} {currency}", numbers::format().hundredths(minor)),
    )
}

/// The same for a field to type in, blank where there is none: `12.99`
#[cfg(feature = "ssr")]
#[must_use]
pub fn typed_price(minor: Option<i64>) -> String {
    minor.map(|minor| numbers::format().typed(minor)).unwrap_or_default()
}

/// An amount as it stands in an address, as the shop writes it; what is none stays as it is.
#[cfg(feature = "ssr")]
#[must_use]
pub fn typed_amount(text: &str) -> String {
    price::parse(text).map_or_else(|_| text.to_owned(), |minor| numbers::format().typed(minor))
}

/// The name of the catalogue with this id, which may not be among those that are known.
#[must_use]
pub fn catalogue(id: &str, catalogs: &[(i64, String)]) -> String {
    let known = catalogs.iter().find(|(known, _)| known.to_string() == id);
    known.map_or_else(|| format!("Catalogue {id}"), |(_, name)| name.clone())
}

const KB: u64 = 1 << 10;
const MB: u64 = 1 << 20;
const GB: u64 = 1 << 30;

/// The unit in which a size is best read, and its name.
fn unit(bytes: u64) -> (u64, &'static str) {
    match bytes {
        0..KB => (1, "bytes"),
        KB..MB => (KB, "KB"),
        MB..GB => (MB, "MB"),
        _ => (GB, "GB"),
    }
}

/// `84 MB`, `1.4 MB`
#[must_use]
pub fn size(bytes: u64) -> String {
    let (unit, name) = unit(bytes);
    format!("{} {name}", in_unit(bytes, unit))
}

/// `84 of 212 MB`
#[must_use]
pub fn size_of(done: u64, all: u64) -> String {
    let (unit, name) = unit(all);
    format!("{} of {} {name}", in_unit(done, unit), in_unit(all, unit))
}

/// One decimal below ten, where it says something.
fn in_unit(bytes: u64, unit: u64) -> String {
    let tenths = bytes * 10 / unit;
    match (tenths / 10, tenths % 10) {
        (whole @ 0..10, tenth) if tenth > 0 => format!("{whole}{}{tenth}", numbers::format().decimal_sign()),
        (whole, _) => grouped(whole.try_into().unwrap_or(i64::MAX)),
    }
}

/// `45 s`, `2 min 3 s`, `1 h 5 min`
#[must_use]
pub fn duration(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3600 => with_rest(s / 60, "min", s % 60, "s"),
        s => with_rest(s / 3600, "h", s % 3600 / 60, "min"),
    }
}

fn with_rest(whole: i64, unit: &str, rest: i64, rest_unit: &str) -> String {
    if rest == 0 {
        format!("{whole} {unit}")
    } else {
        format!("{whole} {unit} {rest} {rest_unit}")
    }
}

/// `about 45 s left`, rounded so that it does not twitch.
#[must_use]
pub fn time_left(seconds: i64) -> String {
    match seconds.max(1) {
        s @ 1..10 => format!("about {s} s left"),
        s @ 10..60 => format!("about {} s left", (s + 4) / 5 * 5),
        s => format!("about {} left", duration((s + 29) / 60 * 60)),
    }
}

/// `62 %`, never more than is done.
#[must_use]
pub fn percent(percent: f64) -> String {
    format!("{} %", whole_percent(percent))
}

#[must_use]
pub fn whole_percent(percent: f64) -> u32 {
    percent.clamp(0.0, 100.0) as u32
}

/// Seconds from one moment to another.
#[must_use]
pub fn seconds_between(from: &Timestamp, to: &Timestamp) -> Option<i64> {
    Some(unix_seconds(to.as_str())? - unix_seconds(from.as_str())?)
}

/// Days are counted from March, so that the leap day ends the year (Howard Hinnant, `days_from_civil`).
fn unix_seconds(rfc3339: &str) -> Option<i64> {
    let number = |from: usize, to: usize| rfc3339.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use stockroom::{page::Total, timestamp::Timestamp};

    use super::{
        counted, duration, grouped, percent, price, seconds_between, size, size_of, time_left, total, unix_seconds,
    };

    #[test]
    fn digits_are_grouped_by_three() {
        let texts = [0, 7, 999, 1000, 499_312, 1_000_000, -1234].map(grouped);
        assert_eq!(texts, ["0", "7", "999", "1,000", "499,312", "1,000,000", "−1,234"]);
        assert_eq!(
            (counted(1, "row", "rows"), counted(0, "row", "rows")),
            ("1 row".into(), "0 rows".into())
        );
    }

    #[test]
    fn a_total_that_was_not_counted_to_its_end_says_so() {
        assert_eq!(total(Total::exactly(842)), "842");
        assert_eq!(total(Total::capped(10_001)), "10,000+");
    }

    #[test]
    fn prices_have_two_decimals_and_a_currency() {
        assert_eq!(price(Some(129_905), "EUR"), "1,299.05 EUR");
        assert_eq!(price(Some(0), "EUR"), "0.00 EUR");
        assert_eq!(price(None, "EUR"), "–");
    }

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!(
            [0, 1023, 1536, 84 << 20, 3 << 29].map(size),
            ["0 bytes", "1,023 bytes", "1.5 KB", "84 MB", "1.5 GB"]
        );
        assert_eq!(size_of(84 << 20, 212 << 20), "84 of 212 MB");
    }

    #[test]
    fn times_are_rounded_the_more_the_longer_they_are() {
        assert_eq!(
            [0, 59, 60, 123, 3900].map(duration),
            ["0 s", "59 s", "1 min", "2 min 3 s", "1 h 5 min"]
        );
        let left = [0, 7, 43, 100, 4000].map(time_left);
        let expected = [
            "about 1 s left",
            "about 7 s left",
            "about 45 s left",
            "about 2 min left",
            "about 1 h 7 min left",
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn nothing_is_done_before_it_is() {
        assert_eq!(
            [0.0, 99.9, 100.0, 120.0].map(percent),
            ["0 %", "99 %", "100 %", "100 %"]
        );
    }

    #[test]
    fn moments_are_counted_over_leap_days_and_new_year() {
        assert_eq!(unix_seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix_seconds("2000-03-01T00:00:00Z"), Some(951_868_800));
        let at = |text: &str| Timestamp::from_rfc3339(text.to_owned());
        assert_eq!(
            seconds_between(&at("2026-12-31T23:59:59Z"), &at("2027-01-01T00:01:00Z")),
            Some(61)
        );
        assert_eq!(seconds_between(&at("soon"), &at("2027-01-01T00:01:00Z")), None);
    }
}
