//! How numbers and prices are written for people.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::products::price;

/// Which signs stand between the thousands and before the decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberFormat {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
    /// `1 234,56`, with a narrow space at which no line breaks.
    Space,
    /// `1’234.56`
    Apostrophe,
}

impl NumberFormat {
    pub const ALL: [Self; 4] = [Self::Point, Self::Comma, Self::Space, Self::Apostrophe];

    /// As it is stored, and as forms name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
            Self::Space => "space",
            Self::Apostrophe => "apostrophe",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// The one that a form names.
    ///
    /// # Errors
    /// 422 for any other name.
    pub fn chosen(name: &str) -> Result<Self, Problem> {
        let refused = "Choose one of the formats in the list.";
        Self::parse(name).ok_or_else(|| Problem::unprocessable(refused).with_field("number_format", refused))
    }

    /// Stands before the decimals.
    #[must_use]
    pub fn decimal_sign(self) -> char {
        match self {
            Self::Point | Self::Apostrophe => '.',
            Self::Comma | Self::Space => ',',
        }
    }

    /// Stands between the thousands.
    #[must_use]
    pub fn group_sign(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
            Self::Space => '\u{202f}',
            Self::Apostrophe => '’',
        }
    }

    /// `499,312`
    #[must_use]
    pub fn grouped(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        if number < 0 {
            text.push('−');
        }
        for (position, digit) in digits.char_indices() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push(self.group_sign());
            }
            text.push(digit);
        }
        text
    }

    /// Hundredths with both decimals: `1,299.05`
    #[must_use]
    pub fn hundredths(self, number: i64) -> String {
        let sign = if number < 0 { "−" } else { "" };
        let amount = number.unsigned_abs();
        let whole = self.grouped((amount / 100).try_into().unwrap_or(i64::MAX));
        format!("{sign}{whole}{}{:02}", self.decimal_sign(), amount % 100)
    }

    /// The same for a field to type in, without groups: `1299.05`
    #[must_use]
    pub fn typed(self, number: i64) -> String {
        price::plain(number).replace('.', &self.decimal_sign().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::NumberFormat;
    use crate::products::price;

    #[test]
    fn each_format_has_its_signs() {
        let written = NumberFormat::ALL.map(|format| format.hundredths(-123_456_705));
        let expected = [
            "−1,234,567.05",
            "−1.234.567,05",
            "−1\u{202f}234\u{202f}567,05",
            "−1’234’567.05",
        ];
        assert_eq!(written, expected);
        let none = NumberFormat::ALL.map(|format| format.hundredths(0));
        assert_eq!(none, ["0.00", "0,00", "0,00", "0.00"]);
        let typed = NumberFormat::ALL.map(|format| format.typed(123_456_705));
        assert_eq!(typed, ["1234567.05", "1234567,05", "1234567,05", "1234567.05"]);
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for format in NumberFormat::ALL {
            for minor in [0, 5, 99_999, 123_456_705] {
                assert_eq!(price::parse(&format.hundredths(minor)), Ok(minor), "{format:?}");
                assert_eq!(price::parse(&format.typed(minor)), Ok(minor), "{format:?}");
            }
        }
    }

    #[test]
    fn names_lead_back_and_others_are_refused() {
        for format in NumberFormat::ALL {
            assert_eq!(NumberFormat::chosen(format.as_str()), Ok(format));
        }
        let refused = NumberFormat::chosen("1,2").expect_err("no name");
        assert_eq!(
            (refused.status, refused.errors[0].field.as_str()),
            (422, "number_format")
        );
    }
}
