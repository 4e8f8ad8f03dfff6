//! When a schedule is to run, as it was typed, checked.

use std::collections::BTreeSet;

use super::{MINUTES_MAX, MINUTES_MIN, TimeOfDay, Weekday, When};

/// When it is to run, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhenText {
    /// Minutes.
    Every(i64),
    At {
        time: String,
        /// `mon`, `tue` …; none for each day.
        days: Option<Vec<String>>,
    },
}

/// # Errors
/// Names the field that cannot be used, and says why.
pub(super) fn checked(when: &WhenText) -> Result<When, (&'static str, String)> {
    match when {
        WhenText::Every(minutes) if (MINUTES_MIN..=MINUTES_MAX).contains(minutes) => {
            Ok(When::Every { minutes: *minutes })
        }
        WhenText::Every(_) => Err((
            "every",
            "Enter at least 15 minutes, and at most 7 days (168 hours).".to_owned(),
        )),
        WhenText::At { time, days } => {
            let time: TimeOfDay = time.parse().map_err(|message| ("at", message))?;
            let days = match days {
                None => BTreeSet::new(),
                Some(days) => chosen(days).map_err(|message| ("days", message))?,
            };
            Ok(When::At { time, days })
        }
    }
}

fn chosen(words: &[String]) -> Result<BTreeSet<Weekday>, String> {
    let known = || {
        let known: Vec<&str> = Weekday::ALL.iter().map(|day| day.as_str()).collect();
        format!("Choose days among {}.", known.join(", "))
    };
    let days: BTreeSet<Weekday> = words
        .iter()
        .map(|word| word.parse().map_err(|()| known()))
        .collect::<Result<_, _>>()?;
    match days.len() {
        0 => Err("Choose at least one day.".to_owned()),
        // All of them are each of them.
        7 => Ok(BTreeSet::new()),
        _ => Ok(days),
    }
}
