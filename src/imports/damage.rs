//! What spreadsheets and wrong encodings do to a file, seen cell by cell while it is read.
//!
//! Nothing here refuses a row: a SKU may really be called `1-Mar`. It is counted and shown, and somebody decides.

use std::collections::BTreeMap;

use super::review::{Alarm, AlarmKind, Example};

/// Cells that are shown of each kind.
const EXAMPLES: usize = 5;
/// Characters of each.
const SHOWN: usize = 80;

/// What has been found so far.
#[derive(Default)]
pub(super) struct Damage {
    found: BTreeMap<(AlarmKind, usize), Found>,
    points: Decimals,
    commas: Decimals,
}

#[derive(Default)]
struct Found {
    count: i64,
    examples: Vec<Example>,
}

/// Prices written with one decimal sign.
#[derive(Default)]
struct Decimals {
    count: i64,
    first: Option<(usize, Example)>,
}

impl Damage {
    pub fn sku(&mut self, row: i64, column: usize, text: &str) {
        let text = text.trim();
        if is_scientific(text) {
            self.note(AlarmKind::ScientificNotation, row, column, text);
        } else if is_date(text) {
            self.note(AlarmKind::DateForSku, row, column, text);
        } else if is_error(text) {
            self.note(AlarmKind::FormulaError, row, column, text);
        }
    }

    pub fn text(&mut self, row: i64, column: usize, text: &str) {
        match text.as_bytes().first() {
            Some(b'#') if is_error(text.trim()) => self.note(AlarmKind::FormulaError, row, column, text),
            Some(b'=' | b'@') => self.note(AlarmKind::Formula, row, column, text),
            Some(b'+' | b'-') if !text[1..].starts_with([' ', '\t']) && text.len() > 1 && !is_number(text) => {
                self.note(AlarmKind::Formula, row, column, text);
            }
            _ => {}
        }
        if !text.is_ascii() && has_broken_accents(text) {
            self.note(AlarmKind::BrokenAccents, row, column, text);
        }
    }

    /// A price that could be read.
    pub fn price(&mut self, row: i64, column: usize, text: &str) {
        let text = text.trim();
        let decimals = match text
            .rfind(['.', ','])
            .map(|at| (text.as_bytes()[at], text.len() - at - 1))
        {
            Some((b'.', 1 | 2)) => &mut self.points,
            Some((b',', 1 | 2)) => &mut self.commas,
            _ => return,
        };
        decimals.count += 1;
        decimals.first.get_or_insert_with(|| (column, example(row, text)));
    }

    fn note(&mut self, kind: AlarmKind, row: i64, column: usize, text: &str) {
        let found = self.found.entry((kind, column)).or_default();
        found.count += 1;
        if found.examples.len() < EXAMPLES {
            found.examples.push(example(row, text));
        }
    }

    /// What is worth saying, column by column.
    pub fn alarms(self, headers: &[String]) -> Vec<Alarm> {
        let alarm = |kind, count, column: usize, examples| Alarm {
            kind,
            count,
            column: headers.get(column).cloned(),
            examples,
            figures: None,
        };
        let mut alarms: Vec<Alarm> = self
            .found
            .into_iter()
            .map(|((kind, column), found)| alarm(kind, found.count, column, found.examples))
            .collect();
        if let (Some((column, point)), Some((_, comma))) = (self.points.first, self.commas.first) {
            let rarer = self.points.count.min(self.commas.count);
            alarms.push(alarm(AlarmKind::MixedDecimals, rarer, column, vec![point, comma]));
        }
        alarms
    }
}

fn example(row: i64, text: &str) -> Example {
    Example {
        row,
        value: text.chars().take(SHOWN).collect(),
    }
}

/// `6.93217E+12`, as spreadsheets show long numbers.
fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or_default();
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole, 1) && digits(decimals, 15) && digits(exponent, 3)
}

const MONTHS: [&str; 19] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär", "mai", "okt", "dez",
    "fév", "avr", "ene",
];

/// `1-Mar`, `Mar-01`, `01.03.2024` or `2024-03-01 00:00:00`: what becomes of `3-1` when a spreadsheet is too clever.
fn is_date(text: &str) -> bool {
    if text.len() > 19 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let day = text.strip_suffix(" 00:00:00").unwrap_or(text);
    let parts: Vec<&str> = day.split(['-', '.', '/', ' ']).collect();
    let number = |text: &str, least: u32, most: u32| {
        let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits && text.parse().is_ok_and(|number: u32| (least..=most).contains(&number))
    };
    let is_day = |text: &str| text.len() <= 2 && number(text, 1, 31);
    let is_month = |text: &str| text.len() <= 2 && number(text, 1, 12);
    let is_year = |text: &str| text.len() == 4 && number(text, 1990, 2099);
    let is_name = |text: &str| MONTHS.contains(&text.trim_end_matches('.').to_lowercase().as_str());
    match parts[..] {
        [one, other] => (is_day(one) && is_name(other)) || (is_name(one) && number(other, 0, 99) && other.len() == 2),
        [day, month, year] if is_name(month) => {
            is_day(day) && (is_year(year) || (year.len() == 2 && number(year, 0, 99)))
        }
        [day, month, year] if is_year(year) => (is_day(day) && is_month(month)) || (is_month(day) && is_day(month)),
        [year, month, day] => is_year(year) && month.len() == 2 && is_month(month) && day.len() == 2 && is_day(day),
        _ => false,
    }
}

fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 9] = [
        "#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
    ];
    text.starts_with('#') && ERRORS.contains(&text)
}

fn is_number(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b',' | b' '))
}

/// UTF-8 that was read as Windows-1252 once too often: `Ã¼`, `â€™`; or a sign that stands for what could not be read.
fn has_broken_accents(text: &str) -> bool {
    let mut before = ' ';
    text.chars().any(|c| {
        let broken = match before {
            'Ã' | 'Â' => matches!(
                c,
                '\u{80}'
                    ..='\u{bf}'
                        | '€'
                        | '‚'
                        | 'ƒ'
                        | '„'
                        | '…'
                        | '†'
                        | '‡'
                        | '‰'
                        | 'Š'
                        | 'Œ'
                        | 'Ž'
                        | 'š'
                        | 'œ'
                        | 'ž'
                        | 'Ÿ'
            ),
            'â' => matches!(c, '€' | '\u{80}' | '„'),
            _ => c == '\u{fffd}',
        };
        before = c;
        broken
    })
}

#[cfg(test)]
mod tests {
    use super::{Damage, has_broken_accents, is_date, is_scientific};
    use crate::imports::review::AlarmKind;

    #[test]
    fn long_numbers_that_were_shortened_are_seen() {
        for text in ["6.93217E+12", "1,23457E+12", "4e+15"] {
            assert!(is_scientific(text), "{text}");
        }
        for text in ["E123", "12E5", "1E-5", "ABCE+12", "1.5", "10.5E+12"] {
            assert!(!is_scientific(text), "{text}");
        }
    }

    #[test]
    fn dates_are_seen_and_ordinary_skus_are_not() {
        for text in [
            "1-Mar",
            "Mar-01",
            "01.03.2024",
            "2024-03-01 00:00:00",
            "3/12/2023",
            "12-Dez-99",
            "2.Mai",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "10-20",
            "1-2-3",
            "A-1",
            "2024-13-01",
            "2024",
            "MAR-100",
            "12.50",
            "1990-7",
            "3-1",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn accents_that_were_decoded_twice_are_seen() {
        for text in ["GrÃ¶ÃŸe", "donâ€™t", "caf\u{fffd}", "Â£5"] {
            assert!(has_broken_accents(text), "{text}");
        }
        for text in ["Größe", "São Paulo", "Ângela", "château", "Ã"] {
            assert!(!has_broken_accents(text), "{text}");
        }
    }

    #[test]
    fn cells_are_counted_and_the_first_are_shown() {
        let mut damage = Damage::default();
        for row in 2..12 {
            damage.sku(row, 0, "1.5E+12");
            damage.text(row, 1, "=1+1");
        }
        damage.text(2, 1, "- a dash");
        damage.text(3, 1, "-5.00");
        damage.text(4, 1, "#REF!");
        damage.price(5, 2, "1,99");
        damage.price(6, 2, "1.99");
        damage.price(7, 2, "2.00");
        let alarms = damage.alarms(&["SKU".into(), "Name".into(), "Price".into()]);
        let found: Vec<_> = alarms
            .iter()
            .map(|alarm| (alarm.kind, alarm.count, alarm.column.as_deref(), alarm.examples.len()))
            .collect();
        assert_eq!(
            found,
            [
                (AlarmKind::ScientificNotation, 10, Some("SKU"), 5),
                (AlarmKind::FormulaError, 1, Some("Name"), 1),
                (AlarmKind::Formula, 10, Some("Name"), 5),
                (AlarmKind::MixedDecimals, 1, Some("Price"), 2),
            ]
        );
    }
}
