//! Prices: exact, in minor units (hundredths) of the shop's one currency.
//!
//! Reads `12.99`, `12,99`, `1,234.56`, `1.234,56`, `1 299,90` and `1'299.90`, because each can mean one thing only. What can be read in
//! two ways (`1,234`) is refused rather than guessed, and nothing ever passes through a float.

/// Below ten thousand million units.
pub const PRICE_MAX_MINOR: i64 = 999_999_999_999;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceError {
    NotANumber,
    Ambiguous,
    TooPrecise,
    Negative,
    TooLarge,
}

/// Reads a price, in minor units.
///
/// # Errors
/// See [`PriceError`]; each has its sentence in [`crate::imports::problem::ProblemKind`].
pub fn parse(text: &str) -> Result<i64, PriceError> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}']) {
        return Err(parse(rest).map_or_else(|error| error, |_| PriceError::Negative));
    }
    let (units, decimals) = split(text)?;
    minor_units(&units, &decimals)
}

/// The digits before and after the decimal sign.
fn split(text: &str) -> Result<(String, String), PriceError> {
    let separators: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let Some(&(last_at, last)) = separators.last() else {
        return digits(text).map(|units| (units, String::new()));
    };
    let is_decimal = match last {
        '.' | ',' => decides(text, last, last_at, &separators)?,
        _ => false,
    };
    if is_decimal {
        let decimals = digits(&text[last_at + 1..])?;
        Ok((grouped(&text[..last_at], Some(last))?, decimals))
    } else {
        Ok((grouped(text, None)?, String::new()))
    }
}

/// Whether the last separator is the decimal sign.
fn decides(text: &str, last: char, at: usize, separators: &[(usize, char)]) -> Result<bool, PriceError> {
    let of_its_kind = separators.iter().filter(|(_, c)| *c == last).count();
    let others = separators.len() - of_its_kind;
    let following = text.len() - at - 1;
    match (of_its_kind, others, following) {
        (_, _, 0) => Err(PriceError::NotANumber),
        // 1.234.567: only groups of thousands repeat.
        (2.., _, _) => Ok(false),
        // 1,234.567 has a decimal sign, and three decimals.
        (1, 1.., _) => Ok(true),
        // 1,234 is a thousand in one country and a bit more than one in another; 0.500 is not.
        (1, 0, 3) if at <= 3 && !text.starts_with('0') => Err(PriceError::Ambiguous),
        _ => Ok(true),
    }
}

/// Digits in groups of three, with one kind of separator that is not the decimal sign.
fn grouped(text: &str, decimal: Option<char>) -> Result<String, PriceError> {
    let Some(separator) = text.chars().find(|c| !c.is_ascii_digit()) else {
        return if text.is_empty() && decimal.is_some() {
            Ok("0".to_owned())
        } else {
            digits(text)
        };
    };
    let allowed = matches!(
        separator,
        '.' | ',' | ' ' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}' | '\u{2009}'
    );
    if !allowed || decimal == Some(separator) {
        return Err(PriceError::NotANumber);
    }
    let mut groups = text.split(separator);
    let first = digits(groups.next().unwrap_or_default())?;
    if first.len() > 3 {
        return Err(PriceError::NotANumber);
    }
    groups.try_fold(first, |units, group| match digits(group)? {
        group if group.len() == 3 => Ok(units + &group),
        _ => Err(PriceError::NotANumber),
    })
}

fn digits(text: &str) -> Result<String, PriceError> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(PriceError::NotANumber)
    }
}

fn minor_units(units: &str, decimals: &str) -> Result<i64, PriceError> {
    let significant = decimals.trim_end_matches('0');
    if significant.len() > 2 {
        return Err(PriceError::TooPrecise);
    }
    let minor: i64 = format!("{units}{significant:0<2}")
        .parse()
        .map_err(|_| PriceError::TooLarge)?;
    if minor > PRICE_MAX_MINOR {
        Err(PriceError::TooLarge)
    } else {
        Ok(minor)
    }
}

/// `1299` as `12.99`.
#[must_use]
pub fn plain(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::{PriceError, parse, plain};

    #[test]
    fn plain_prices_are_exact() {
        for (text, minor) in [
            ("12.99", 1299),
            ("0.1", 10),
            ("7", 700),
            ("12,50", 1250),
            (".5", 50),
            ("00012.30", 1230),
        ] {
            assert_eq!(parse(text), Ok(minor), "{text}");
        }
    }

    #[test]
    fn thousands_are_read_where_they_can_mean_one_thing_only() {
        for text in [
            "1,234.56",
            "1.234,56",
            "1 234,56",
            "1\u{a0}234.56",
            "1'234.56",
            "1234.56",
            "1234.5600",
        ] {
            assert_eq!(parse(text), Ok(123_456), "{text}");
        }
        assert_eq!(parse("1.234.567"), Ok(123_456_700));
        assert_eq!(parse("1,234,567.8"), Ok(123_456_780));
        assert_eq!(parse("0.500"), Ok(50));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_guessed() {
        assert_eq!(parse("1,234"), Err(PriceError::Ambiguous));
        assert_eq!(parse("1.234"), Err(PriceError::Ambiguous));
    }

    #[test]
    fn what_is_no_price_is_refused_with_its_reason() {
        for text in [
            "NaN",
            "1e309",
            "\u{663}",
            "12,5O",
            "$5",
            "",
            "1..2",
            "12,34,567.00",
            "1 2",
            "inf",
            "0x10",
            "+5",
            "5.",
        ] {
            assert_eq!(parse(text), Err(PriceError::NotANumber), "{text}");
        }
        assert_eq!(parse("-0"), Err(PriceError::Negative));
        assert_eq!(parse("-3.50"), Err(PriceError::Negative));
        assert_eq!(parse("12.345"), Err(PriceError::Ambiguous));
        assert_eq!(parse("1234.567"), Err(PriceError::TooPrecise));
        assert_eq!(parse("10000000000"), Err(PriceError::TooLarge));
        assert_eq!(parse(&"9".repeat(400)), Err(PriceError::TooLarge));
    }

    #[test]
    fn a_price_reads_back_what_was_written() {
        for minor in [0, 5, 99, 100, 1299, 999_999_999_999] {
            assert_eq!(parse(&plain(minor)), Ok(minor));
        }
    }
}
