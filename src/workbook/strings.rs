//! The table of texts that the cells of all sheets share.

use std::io::BufRead;

use quick_xml::events::Event;

use super::xml::Xml;
use super::{damaged, too_large};
use crate::problem::Problem;

/// All texts one after the other, and where each ends: two allocations for a million texts.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the texts up to the one with number `last`, or all.
    pub fn read(source: impl BufRead, last: Option<usize>) -> Result<Self, Problem> {
        let mut xml = Xml::new(source);
        let mut strings = Self::default();
        let mut raw = String::new();
        // The numbers that the table gives of itself are not believed: they would be asked of the memory.
        while last.is_none_or(|last| strings.ends.len() <= last) {
            let is_text = match xml.next()? {
                None => break,
                Some(Event::Start(tag)) => tag.local_name().as_ref() == "si",
                Some(_) => false,
            };
            if is_text {
                raw.clear();
                xml.texts("si", &mut raw)?;
                push_unescaped(&raw, &mut strings.text);
                let end = u32::try_from(strings.text.len())
                    .map_err(|_| too_large("The workbook has more than four thousand million characters."))?;
                strings.ends.push(end);
            }
        }
        Ok(strings)
    }

    pub fn get(&self, number: usize) -> Result<&str, Problem> {
        let end = *self
            .ends
            .get(number)
            .ok_or_else(|| damaged("a cell refers to a text that is not there"))?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        Ok(&self.text[start as usize..end as usize])
    }
}

/// Adds a text whose `_x000D_` stands for a character that XML cannot hold.
/// Source: ECMA-376 part 1, 22.9.2.19 (ST_Xstring).
pub(super) fn push_unescaped(raw: &str, sink: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 7)
            .and_then(|code| code.strip_suffix('_'))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).ok()?));
        let (kept, skipped) = match code {
            Some(_) => (at, at + 7),
            None => (at + 2, at + 2),
        };
        sink.push_str(&rest[..kept]);
        sink.extend(code);
        rest = &rest[skipped..];
    }
    sink.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::{Strings, push_unescaped};

    #[test]
    fn texts_are_found_by_their_number_with_their_parts_joined() {
        let xml = r#"<sst uniqueCount="4000000000"><si><t>Mug &amp; cup</t></si><si><r><t>a</t></r><r><t xml:space="preserve"> b</t></r>
            <rPh sb="0" eb="1"><t>x</t></rPh></si><si><t/></si></sst>"#;
        let strings = Strings::read(xml.as_bytes(), None).expect("texts");
        let all: Vec<_> = (0..3).map(|number| strings.get(number).expect("a text")).collect();
        assert_eq!(all, ["Mug & cup", "a b", ""]);
        assert!(strings.get(3).is_err());
        let first = Strings::read(xml.as_bytes(), Some(0)).expect("texts");
        assert!(first.get(0).is_ok() && first.get(1).is_err());
    }

    #[test]
    fn signs_that_xml_cannot_hold_come_back() {
        for (raw, text) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x", "_x"),
            ("_x", "_x"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("é_x00", "é_x00"),
        ] {
            let mut sink = String::new();
            push_unescaped(raw, &mut sink);
            assert_eq!(sink, text);
        }
    }

    #[test]
    fn what_no_workbook_holds_is_refused() {
        let doctype = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><sst><si><t>&a;</t></si></sst>";
        assert_eq!(
            Strings::read(doctype.as_bytes(), None)
                .expect_err("a document type")
                .status,
            422
        );
        let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(3 * 1024 * 1024));
        assert_eq!(Strings::read(long.as_bytes(), None).expect_err("too long").status, 422);
        assert!(Strings::read("<sst><si><t>half".as_bytes(), None).is_err());
    }
}
