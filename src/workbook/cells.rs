//! One sheet, row by row.

use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};

use super::in_cells::InCells;
use super::number;
use super::strings::{Strings, push_unescaped};
use super::styles::{Shown, Styles};
use super::xml::{Xml, attribute};
use super::{damaged, too_large};
use crate::problem::Problem;

/// Columns and rows of the largest sheet that Excel can have.
const COLUMNS: usize = 16_384;
const ROWS: i64 = 1_048_576;
/// Bytes of the cells of one row.
const ROW_MAX: usize = 16 * 1024 * 1024;

/// What the cells of all sheets refer to.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub strings: Strings,
    pub styles: Styles,
    pub in_cells: InCells,
    pub from_1904: bool,
}

/// A cell before its shared text is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    Text(String),
    Shared(usize),
    /// A shared text, and what stands behind it.
    Followed(usize, String),
}

/// The rows of a sheet. Rows without cells may be left out.
pub(super) struct Cells<R> {
    xml: Xml<R>,
    row: i64,
}

impl<R: BufRead> Cells<R> {
    pub fn new(source: R) -> Self {
        Self {
            xml: Xml::new(source),
            row: 0,
        }
    }

    /// Bytes that have been read.
    pub fn taken(&mut self) -> u64 {
        self.xml.taken()
    }

    /// Reads the next row into `cells`, which it empties before, and says its number; `None` after the last one.
    pub fn next(&mut self, shared: &Shared, cells: &mut Vec<Raw>) -> Result<Option<i64>, Problem> {
        cells.clear();
        loop {
            let number = match self.xml.next()? {
                // What follows the rows is read, too: the checksum of the part is compared at its very end.
                None => return Ok(None),
                Some(Event::Start(tag)) if tag.local_name().as_ref() == "row" => {
                    attribute(&tag, "r").and_then(|number| number.parse().ok())
                }
                Some(_) => continue,
            };
            let number = number.unwrap_or(self.row + 1);
            if number <= self.row || number > ROWS {
                return Err(damaged(&format!("its rows are not in order after row {}", self.row)));
            }
            self.row = number;
            self.row_of(shared, cells)?;
            return Ok(Some(number));
        }
    }

    fn row_of(&mut self, shared: &Shared, cells: &mut Vec<Raw>) -> Result<(), Problem> {
        let mut size = 0;
        loop {
            let cell = match self.xml.next()? {
                None => return Err(damaged("it ends in the middle of a row")),
                Some(Event::End(tag)) if tag.local_name().as_ref() == "row" => return Ok(()),
                Some(Event::Start(tag)) if tag.local_name().as_ref() == "c" => Cell::of(&tag, cells.len())?,
                Some(_) => continue,
            };
            let column = cell.column;
            let value = self.value(cell, shared)?;
            if let Raw::Text(text) = &value {
                size += text.len();
            }
            if size > ROW_MAX {
                return Err(too_large("A row of the workbook has more than 16 MB."));
            }
            if column >= cells.len() {
                cells.resize(column + 1, Raw::Text(String::new()));
            }
            cells[column] = value;
        }
    }

    fn value(&mut self, cell: Cell, shared: &Shared) -> Result<Raw, Problem> {
        let (mut stored, mut inline, mut formula) = (String::new(), String::new(), String::new());
        loop {
            let part = match self.xml.next()? {
                None => return Err(damaged("it ends in the middle of a cell")),
                Some(Event::End(tag)) if tag.local_name().as_ref() == "c" => break,
                Some(Event::Start(tag)) => match tag.local_name().as_ref() {
                    "v" => Part::Value,
                    "is" => Part::Inline,
                    "f" => Part::Formula,
                    _ => continue,
                },
                Some(_) => continue,
            };
            match part {
                Part::Value => self.xml.text("v", &mut stored)?,
                Part::Inline => self.xml.texts("is", &mut inline)?,
                Part::Formula => self.xml.text("f", &mut formula)?,
            }
        }
        let picture = cell.picture.and_then(|vm| shared.in_cells.of_metadata(vm));
        let picture = picture.or_else(|| {
            let of_formula = |text: &str| shared.in_cells.of_formula(text);
            of_formula(&formula).or_else(|| of_formula(&stored))
        });
        if let Some(picture) = picture {
            return Ok(Raw::Text(picture));
        }
        if stored.is_empty() && inline.is_empty() && !formula.is_empty() {
            // Nobody has worked it out yet. Shown as it is, so that it is seen and not taken for blank.
            return Ok(Raw::Text(format!("={formula}")));
        }
        cell.text(&stored, &inline, shared)
    }
}

/// What stands in a cell.
enum Part {
    Value,
    Inline,
    Formula,
}

/// A cell's place, kind and style.
struct Cell {
    column: usize,
    kind: String,
    style: usize,
    /// Counts the value metadata, from 1.
    picture: Option<usize>,
}

impl Cell {
    /// `next`: the column after that of the cell before, for cells that do not say theirs.
    fn of(tag: &BytesStart<'_>, next: usize) -> Result<Self, Problem> {
        let column = match attribute(tag, "r") {
            Some(address) => column(&address).ok_or_else(|| damaged(&format!("there is no cell {address}")))?,
            None => next,
        };
        if column >= COLUMNS {
            return Err(damaged("a row has more than 16,384 columns"));
        }
        Ok(Self {
            column,
            kind: attribute(tag, "t").unwrap_or_default(),
            style: attribute(tag, "s").and_then(|style| style.parse().ok()).unwrap_or(0),
            picture: attribute(tag, "vm").and_then(|entry| entry.parse().ok()),
        })
    }

    fn text(&self, stored: &str, inline: &str, shared: &Shared) -> Result<Raw, Problem> {
        let unescaped = |raw: &str| {
            let mut text = String::new();
            push_unescaped(raw, &mut text);
            text
        };
        Ok(match self.kind.as_str() {
            "s" if stored.is_empty() => Raw::Text(String::new()),
            "s" => Raw::Shared(stored.trim().parse().map_err(|_| damaged("a cell refers to no text"))?),
            "inlineStr" => Raw::Text(unescaped(inline)),
            "str" => Raw::Text(unescaped(stored)),
            "b" => Raw::Text(if stored.trim() == "0" { "FALSE" } else { "TRUE" }.to_owned()),
            "e" | "d" => Raw::Text(stored.to_owned()),
            _ if stored.is_empty() => Raw::Text(inline.to_owned()),
            _ => Raw::Text(number::text(stored, self.shown(shared), shared.from_1904)),
        })
    }

    fn shown(&self, shared: &Shared) -> Shown {
        shared.styles.shown(self.style)
    }
}

/// The column of an address such as `AB12`, counted from 0.
fn column(address: &str) -> Option<usize> {
    let letters = address.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.is_empty() || letters.len() > 3 || letters.len() == address.len() {
        return None;
    }
    let number = letters.bytes().try_fold(0, |number, letter| {
        letter
            .is_ascii_alphabetic()
            .then(|| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::{Cells, Raw, Shared, column};

    fn rows(xml: &str) -> Result<Vec<(i64, Vec<String>)>, crate::problem::Problem> {
        let (mut cells, mut row, mut found) = (Cells::new(xml.as_bytes()), Vec::new(), Vec::new());
        while let Some(number) = cells.next(&Shared::default(), &mut row)? {
            let texts = row.iter().map(|cell| match cell {
                Raw::Text(text) => text.clone(),
                Raw::Shared(number) | Raw::Followed(number, _) => format!("#{number}"),
            });
            found.push((number, texts.collect()));
        }
        Ok(found)
    }

    #[test]
    fn cells_of_every_kind_stand_in_their_columns() {
        let xml = r#"<x:worksheet xmlns:x="y"><x:sheetData><x:row r="3"><x:c r="A3" t="s"><x:v>7</x:v></x:c>
            <x:c r="C3"><x:v>1.50</x:v></x:c><x:c r="D3" t="b"><x:v>1</x:v></x:c><x:c r="E3" t="e"><x:v>#REF!</x:v></x:c>
            <x:c t="inlineStr"><x:is><x:t>in &#233;</x:t></x:is></x:c><x:c t="str"><x:f>A1</x:f><x:v>b_x000D_</x:v></x:c>
            <x:c><x:f>1+1</x:f></x:c><x:c r="I3" s="4"/></x:row><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"#;
        let found = rows(xml).expect("rows");
        assert_eq!(
            found,
            [
                (
                    3,
                    ["#7", "", "1.5", "TRUE", "#REF!", "in é", "b\r", "=1+1", ""]
                        .map(str::to_owned)
                        .to_vec()
                ),
                (4, vec!["1".to_owned()]),
            ]
        );
    }

    #[test]
    fn the_farthest_cell_is_only_one_row() {
        let xml = r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>"#;
        let found = rows(xml).expect("rows");
        assert_eq!((found[1].0, found[1].1.len()), (1_048_576, 16_384));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for xml in [
            r#"<sheetData><row r="2"></row><row r="2"></row></sheetData>"#,
            r#"<sheetData><row r="1048577"></row></sheetData>"#,
            r#"<sheetData><row><c r="ZZZ1"></c></row></sheetData>"#,
            r#"<sheetData><row><c r="1"></c></row></sheetData>"#,
            r#"<sheetData><row><c t="s"><v>x</v></c></row></sheetData>"#,
            "<sheetData><row><c><v>1",
        ] {
            assert_eq!(rows(xml).expect_err(xml).status, 422);
        }
    }

    #[test]
    fn columns_are_counted_in_letters() {
        for (address, wanted) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("aa1", Some(26)),
            ("XFD1", Some(16_383)),
            ("", None),
            ("A", None),
        ] {
            assert_eq!(column(address), wanted, "{address}");
        }
    }
}
