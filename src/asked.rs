//! Values as they stand in an address, in the fields of a form or in JSON: one reader for pages and the API. What cannot be read is named.

use std::collections::BTreeMap;
use std::str::FromStr;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::problem::Problem;
use crate::products::fields::fits;
use crate::timestamp::Timestamp;

/// Characters of one text.
const TEXT_MAX: usize = 1_000;

/// Numbers of one list.
const LIST_MAX: usize = 10_000;

/// The fields that [`moment`] reads.
pub const MOMENTS: [&str; 6] = [
    "created_after",
    "created_before",
    "updated_after",
    "updated_before",
    "from",
    "to",
];

/// Names and values that nobody has read yet.
pub type Fields = BTreeMap<String, String>;

/// A text; blank, as a form sends what was not filled in, is none.
///
/// # Errors
/// When it is too long to search for, or not text.
pub fn take(fields: &mut Fields, name: &str) -> Result<Option<String>, Problem> {
    let text = fields.remove(name).unwrap_or_default();
    if !fits(&text, TEXT_MAX) {
        return Err(unreadable(name, "Give at most 1,000 characters."));
    }
    if text.contains('\0') {
        return Err(unreadable(name, "Remove the control characters."));
    }
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// # Errors
/// When it is no whole number.
pub fn number<T: FromStr>(fields: &mut Fields, name: &str) -> Result<Option<T>, Problem> {
    take(fields, name)?
        .map(|text| text.parse().map_err(|_| unreadable(name, "Give a whole number.")))
        .transpose()
}

/// The number of a product, a catalogue or an import.
///
/// # Errors
/// When it is no whole number from 1 on.
pub fn id(fields: &mut Fields, name: &str) -> Result<Option<i64>, Problem> {
    match number(fields, name)? {
        Some(..=0) => Err(unreadable(name, "Give a whole number from 1 on.")),
        id => Ok(id),
    }
}

/// Whole numbers with commas between them.
///
/// # Errors
/// When they are none, or too many.
pub fn numbers(fields: &mut Fields, name: &str) -> Result<Option<Vec<i64>>, Problem> {
    let text = fields.remove(name).unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(None);
    }
    let numbers: Option<Vec<i64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    numbers
        .filter(|numbers| numbers.len() <= LIST_MAX)
        .map(Some)
        .ok_or_else(|| unreadable(name, "Give at most 10,000 whole numbers with commas between them."))
}

/// # Errors
/// When it is neither true nor false.
pub fn truth(fields: &mut Fields, name: &str) -> Result<Option<bool>, Problem> {
    match take(fields, name)?.as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(unreadable(name, "Give true or false.")),
    }
}

/// A moment, or a day, which stands for its beginning in UTC.
///
/// # Errors
/// When it is neither.
pub fn moment(fields: &mut Fields, name: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = take(fields, name)? else {
        return Ok(None);
    };
    let day = format_description!("[year]-[month]-[day]");
    let moment = OffsetDateTime::parse(&text, &Rfc3339)
        .ok()
        .or_else(|| Some(Date::parse(&text, &day).ok()?.midnight().assume_utc()))
        // Years of more than four digits cannot be written as RFC 3339.
        .and_then(|moment| moment.checked_to_offset(UtcOffset::UTC))
        .filter(|moment| (0..=9_999).contains(&moment.year()));
    let advice = "Give a day such as 2026-11-20, or a moment such as 2026-11-20T08:00:00Z.";
    moment
        .map(|moment| Some(moment.into()))
        .ok_or_else(|| unreadable(name, advice))
}

/// A refusal that names the field.
#[must_use]
pub fn unreadable(name: &str, advice: &str) -> Problem {
    Problem::bad_request(format!("The value of “{name}” cannot be read. {advice}")).with_field(name, advice)
}
