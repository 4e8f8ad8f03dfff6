//! When a schedule runs, as people say it. At which moments that is, is found by the calendar of the server.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Minutes from one run to the next: suppliers do not write their lists more often, and none need be asked less than once a week.
pub const MINUTES_MIN: i64 = 15;
pub const MINUTES_MAX: i64 = 7 * 24 * 60;

/// Times are those of the shop's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Every {
        minutes: i64,
    },
    /// On these days; none stands for each.
    At {
        time: TimeOfDay,
        days: BTreeSet<Weekday>,
    },
}

impl fmt::Display for When {
    /// `every 2 hours`, `every day at 03:00`, `on Monday and Thursday at 03:00`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every { minutes: 60 } => f.write_str("every hour"),
            Self::Every { minutes } if minutes % 60 == 0 => write!(f, "every {} hours", minutes / 60),
            Self::Every { minutes } => write!(f, "every {minutes} minutes"),
            Self::At { time, days } if days.is_empty() => write!(f, "every day at {time}"),
            Self::At { time, days } => {
                let names: Vec<&str> = days.iter().map(|day| day.label()).collect();
                match names.split_last() {
                    Some((last, [])) => write!(f, "on {last} at {time}"),
                    Some((last, others)) => write!(f, "on {} and {last} at {time}", others.join(", ")),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Minutes since midnight; written as `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    #[must_use]
    pub fn hour(self) -> i8 {
        i8::try_from(self.0 / 60).unwrap_or(0)
    }

    #[must_use]
    pub fn minute(self) -> i8 {
        i8::try_from(self.0 % 60).unwrap_or(0)
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str, below: u16| {
            let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|number| is_short && *number < below)
        };
        let (hour, minute) = text.trim().split_once(':').unwrap_or_default();
        match (number(hour, 24), number(minute, 60).filter(|_| minute.len() == 2)) {
            (Some(hour), Some(minute)) => Ok(Self(hour * 60 + minute)),
            _ => Err("Enter a time such as 03:00.".to_owned()),
        }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Mon => "Monday",
            Self::Tue => "Tuesday",
            Self::Wed => "Wednesday",
            Self::Thu => "Thursday",
            Self::Fri => "Friday",
            Self::Sat => "Saturday",
            Self::Sun => "Sunday",
        }
    }
}

impl FromStr for Weekday {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|day| day.as_str() == word).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::{TimeOfDay, Weekday, When};

    #[test]
    fn a_time_has_two_numbers_and_nothing_else() {
        for (text, shown) in [
            ("03:00", "03:00"),
            (" 3:05 ", "03:05"),
            ("23:59", "23:59"),
            ("0:00", "00:00"),
        ] {
            assert_eq!(
                text.parse::<TimeOfDay>().map(|time| time.to_string()),
                Ok(shown.to_owned())
            );
        }
        for text in ["", "3", "24:00", "12:60", "12:5", "+1:00", "12:00:00", "noon", "-1:30"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_said_as_people_say_it() {
        let time: TimeOfDay = "3:00".parse().expect("a time");
        for (when, said) in [
            (When::Every { minutes: 15 }, "every 15 minutes"),
            (When::Every { minutes: 60 }, "every hour"),
            (When::Every { minutes: 120 }, "every 2 hours"),
            (When::At { time, days: [].into() }, "every day at 03:00"),
            (
                When::At {
                    time,
                    days: [Weekday::Sun].into(),
                },
                "on Sunday at 03:00",
            ),
            (
                When::At {
                    time,
                    days: [Weekday::Thu, Weekday::Mon, Weekday::Sat].into(),
                },
                "on Monday, Thursday and Saturday at 03:00",
            ),
        ] {
            assert_eq!(when.to_string(), said);
        }
    }
}
