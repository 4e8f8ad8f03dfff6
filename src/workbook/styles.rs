//! How the numbers of cells are shown, as far as that says what they mean: a date, zeros in front, decimals.
//!
//! Source of the built-in numbers and of the codes: ECMA-376 part 1, 18.8.30 (numFmt).

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::xml::{Xml, attribute};
use crate::problem::Problem;

/// How a number is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    /// In full.
    #[default]
    Plain,
    Date,
    /// With zeros in front, so many digits in all.
    Digits(usize),
    /// With so many decimals.
    Decimals(usize),
}

/// The styles of cells by their numbers.
#[derive(Debug, Default)]
pub(super) struct Styles(Vec<Shown>);

impl Styles {
    pub fn read(source: impl BufRead) -> Result<Self, Problem> {
        let mut xml = Xml::new(source);
        let mut codes = HashMap::new();
        let mut cells = Vec::new();
        let mut in_cells = false;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "numFmt" => {
                        let id = attribute(&tag, "numFmtId").and_then(|id| id.parse::<u32>().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&tag, "formatCode")) {
                            codes.insert(id, shown(&code));
                        }
                    }
                    "cellXfs" => in_cells = true,
                    "xf" if in_cells => {
                        let id = attribute(&tag, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                        cells.push(codes.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => in_cells = false,
                _ => {}
            }
        }
        Ok(Self(cells))
    }

    pub fn shown(&self, style: usize) -> Shown {
        self.0.get(style).copied().unwrap_or_default()
    }
}

fn built_in(id: u32) -> Shown {
    match id {
        2 | 4 | 7 | 8 | 39 | 40 | 43 | 44 => Shown::Decimals(2),
        14..=22 | 27..=36 | 45..=47 | 50..=58 => Shown::Date,
        _ => Shown::Plain,
    }
}

/// What a code of a number says, by its first section: that for positive numbers.
fn shown(code: &str) -> Shown {
    let bare = without_texts(code);
    if bare.eq_ignore_ascii_case("general") || bare.contains(['%', '/', 'E', '@']) && !is_date(&bare) {
        Shown::Plain
    } else if is_date(&bare) {
        Shown::Date
    } else if bare.len() > 1 && bare.bytes().all(|byte| byte == b'0') {
        Shown::Digits(bare.len())
    } else {
        decimals(&bare)
    }
}

/// The first section without quoted texts, escaped signs, colours and conditions.
fn without_texts(code: &str) -> String {
    let mut bare = String::new();
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => drop(signs.by_ref().find(|c| *c == '"')),
            '[' => {
                let inside: String = signs.by_ref().take_while(|c| *c != ']').collect();
                // Hours, minutes and seconds that go on after 24, 60 and 60.
                if inside.chars().all(|c| "hmsHMS".contains(c)) {
                    bare.push_str(&inside);
                }
            }
            '\\' | '_' | '*' => drop(signs.next()),
            ';' => break,
            ' ' => {}
            other => bare.push(other),
        }
    }
    bare
}

fn is_date(bare: &str) -> bool {
    !bare.eq_ignore_ascii_case("general") && bare.contains(['y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H', 's', 'S'])
}

fn decimals(bare: &str) -> Shown {
    let Some((_, after)) = bare.split_once('.') else {
        return Shown::Plain;
    };
    let places = after.chars().take_while(|c| *c == '0').count();
    let rest = &after[places..];
    // More places that are shown if needed, or thousands that are left out: the number itself says more.
    if places == 0 || rest.starts_with(['#', '?', ',']) {
        Shown::Plain
    } else {
        Shown::Decimals(places)
    }
}

#[cfg(test)]
mod tests {
    use super::{Shown, Styles, shown};

    #[test]
    fn codes_say_what_a_number_is() {
        for (code, wanted) in [
            ("General", Shown::Plain),
            ("00000", Shown::Digits(5)),
            ("0", Shown::Plain),
            ("0.00", Shown::Decimals(2)),
            ("#,##0.00\\ \"€\";[Red]-#,##0.00\\ \"€\"", Shown::Decimals(2)),
            ("_-* #,##0.000_-", Shown::Decimals(3)),
            ("0.0#", Shown::Plain),
            ("0.00%", Shown::Plain),
            ("0.00E+00", Shown::Plain),
            ("0.0,", Shown::Plain),
            ("dd/mm/yyyy", Shown::Date),
            ("[$-409]d-mmm-yy;@", Shown::Date),
            ("[h]:mm", Shown::Date),
            ("\"days\" 0", Shown::Plain),
            ("@", Shown::Plain),
        ] {
            assert_eq!(shown(code), wanted, "{code}");
        }
    }

    #[test]
    fn a_cell_has_the_style_of_its_number() {
        let xml = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000"/></numFmts>
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
        let styles = Styles::read(xml.as_bytes()).expect("styles");
        let found: Vec<_> = (0..4).map(|style| styles.shown(style)).collect();
        assert_eq!(found, [Shown::Plain, Shown::Digits(6), Shown::Date, Shown::Plain]);
    }
}
