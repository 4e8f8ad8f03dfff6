//! Numbers of cells as the texts that a person sees.
//!
//! Excel keeps a number as a binary one and shows 15 digits of it; further ones are not the person's.

use time::{Date, Duration, Month, PrimitiveDateTime};

use super::styles::Shown;

/// Digits that Excel keeps.
const DIGITS: usize = 15;

/// The text of a stored number. What is none stays as it is.
pub(super) fn text(stored: &str, shown: Shown, from_1904: bool) -> String {
    let Some(value) = stored.trim().parse::<f64>().ok().filter(|value| value.is_finite()) else {
        return stored.to_owned();
    };
    match shown {
        Shown::Plain => plain(value),
        Shown::Date => moment(value, from_1904).unwrap_or_else(|| plain(value)),
        Shown::Digits(digits) if value >= 0.0 && value.fract() == 0.0 => format!("{:0>digits$}", plain(value)),
        Shown::Digits(_) => plain(value),
        Shown::Decimals(places) => rounded(&plain(value), places),
    }
}

/// In full up to 15 digits before the point. Beyond that digits are lost, and the text says so by its exponent, as Excel's does.
fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.*e}", DIGITS - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let point = exponent + 1;
    let text = match usize::try_from(point) {
        Ok(0) => format!("0.{digits}"),
        Ok(point) if point > DIGITS => return with_exponent(sign, digits, exponent),
        Ok(point) if digits.len() <= point => format!("{digits:0<point$}"),
        Ok(point) => format!("{}.{}", &digits[..point], &digits[point..]),
        Err(_) if point > -9 => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Err(_) => return with_exponent(sign, digits, exponent),
    };
    format!("{sign}{text}")
}

fn with_exponent(sign: &str, digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let plus = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}E{plus}{:02}", exponent.unsigned_abs())
}

/// Rounded as Excel shows it: halves away from zero, by the decimal digits.
fn rounded(plain: &str, places: usize) -> String {
    if plain.contains('E') {
        return plain.to_owned();
    }
    let (sign, number) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let kept: String = decimals.chars().chain(std::iter::repeat('0')).take(places).collect();
    let goes_up = decimals.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    // At most 15 digits and the places of a style.
    let Ok(number) = format!("{whole}{kept}").parse::<i128>() else {
        return plain.to_owned();
    };
    let digits = format!("{:0>1$}", number + i128::from(goes_up), places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    let is_zero = digits.bytes().all(|digit| digit == b'0');
    format!("{}{whole}.{decimals}", if is_zero { "" } else { sign })
}

/// Days since the end of 1899, or since the beginning of 1904.
///
/// Excel has a 29 February 1900, which there never was; days before it count from one day later.
fn moment(value: f64, from_1904: bool) -> Option<String> {
    const SECONDS: f64 = 86_400.0;
    if !(0.0..3_000_000.0).contains(&value) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below the limit above")]
    let seconds = (value * SECONDS).round() as i64;
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    let epoch = match (from_1904, days) {
        (true, _) => Date::from_calendar_date(1904, Month::January, 1),
        (false, ..60) => Date::from_calendar_date(1899, Month::December, 31),
        (false, _) => Date::from_calendar_date(1899, Month::December, 30),
    };
    let moment = PrimitiveDateTime::new(epoch.ok()?, time::Time::MIDNIGHT)
        .checked_add(Duration::days(days))?
        .checked_add(Duration::seconds(seconds))?;
    let date = moment.date();
    let day = format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second) = moment.time().as_hms();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    Some(match (days, seconds) {
        (0, _) => clock,
        (_, 0) => day,
        _ => format!("{day} {clock}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Shown, text};

    #[test]
    fn numbers_are_what_a_person_sees() {
        for (stored, shown, wanted) in [
            ("19.989999999999998", Shown::Plain, "19.99"),
            ("0.1", Shown::Plain, "0.1"),
            ("1.5E-3", Shown::Plain, "0.0015"),
            ("-0", Shown::Plain, "0"),
            ("4006381333931", Shown::Plain, "4006381333931"),
            ("1.2345E4", Shown::Plain, "12345"),
            ("100", Shown::Plain, "100"),
            ("6.93217234567891E+15", Shown::Plain, "6.93217234567891E+15"),
            ("1E-12", Shown::Plain, "1E-12"),
            ("-1234.5", Shown::Plain, "-1234.5"),
            ("123", Shown::Digits(5), "00123"),
            ("1.5", Shown::Digits(5), "1.5"),
            ("23.788", Shown::Decimals(2), "23.79"),
            ("1.005", Shown::Decimals(2), "1.01"),
            ("-0.004", Shown::Decimals(2), "0.00"),
            ("-2.5", Shown::Decimals(1), "-2.5"),
            ("7", Shown::Decimals(2), "7.00"),
            ("0.999", Shown::Decimals(2), "1.00"),
            ("abc", Shown::Plain, "abc"),
            ("1e999", Shown::Plain, "1e999"),
        ] {
            assert_eq!(text(stored, shown, false), wanted, "{stored}");
        }
    }

    #[test]
    fn dates_count_from_either_beginning() {
        for (stored, from_1904, wanted) in [
            ("45292", false, "2024-01-01"),
            ("45292.5", false, "2024-01-01 12:00:00"),
            ("43830", true, "2024-01-01"),
            ("1", false, "1900-01-01"),
            ("61", false, "1900-03-01"),
            ("0.25", false, "06:00:00"),
            ("-1", false, "-1"),
            ("9999999999", false, "9999999999"),
        ] {
            assert_eq!(text(stored, Shown::Date, from_1904), wanted, "{stored}");
        }
    }
}
