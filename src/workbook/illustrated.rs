//! The rows of a sheet with the names of the pictures that lie on them.

use std::collections::VecDeque;
use std::io::BufRead;

use super::cells::{Cells, Raw, Shared};
use super::pictures::Placed;
use crate::pictures::IN_SHEET;
use crate::problem::Problem;

/// Rows with text among which a column must have one to be a column of the list.
const HEADER_WITHIN: usize = 10;
/// Columns beside those that are shown.
const BESIDE: usize = 20;

/// Where the names of pictures go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    /// Each into the cell on which it lies, where that column has a header or other text near the top; the others into a column of their own.
    Seen { headed: Vec<bool>, own: usize },
    /// Into the cell on which it lies, if its column is one of these; all others into the first of them. With none, they are left out.
    Chosen(Vec<usize>),
}

impl Columns {
    /// Of a sheet that begins with these rows.
    pub fn seen<'r>(rows: impl Iterator<Item = &'r [Raw]> + Clone) -> Self {
        let mut headed = Vec::new();
        for row in rows.clone().filter(|row| row.iter().any(has_text)).take(HEADER_WITHIN) {
            headed.resize(headed.len().max(row.len()), false);
            for (place, cell) in row.iter().enumerate() {
                headed[place] |= has_text(cell);
            }
        }
        while headed.last() == Some(&false) {
            headed.pop();
        }
        let widest = rows.map(<[Raw]>::len).max().unwrap_or(0);
        let own = widest.clamp(headed.len(), headed.len() + BESIDE);
        Self::Seen { headed, own }
    }

    /// The column that only pictures have, if some of these go there.
    pub fn own_of(&self, pictures: &[Placed]) -> Option<usize> {
        match self {
            Self::Seen { own, .. } => pictures
                .iter()
                .any(|picture| self.of(picture.column) == Some(*own))
                .then_some(*own),
            Self::Chosen(_) => None,
        }
    }

    fn of(&self, column: usize) -> Option<usize> {
        match self {
            Self::Seen { headed, own } => Some(if headed.get(column) == Some(&true) {
                column
            } else {
                *own
            }),
            Self::Chosen(chosen) if chosen.contains(&column) => Some(column),
            Self::Chosen(chosen) => chosen.first().copied(),
        }
    }
}

/// Whether somebody has written something there; a picture in a cell is no header.
fn has_text(cell: &Raw) -> bool {
    match cell {
        Raw::Text(text) => !text.trim().is_empty() && !text.starts_with(IN_SHEET),
        Raw::Shared(_) | Raw::Followed(..) => true,
    }
}

/// The rows of a sheet, and its pictures beside what stands in their cells.
///
/// A picture belongs to the row on which it begins. Where nothing stands on that row, it belongs to the first one below on which
/// something does, if it reaches that far; otherwise its row has the picture alone.
pub(super) struct Illustrated<R> {
    cells: Cells<R>,
    columns: Columns,
    pictures: VecDeque<Placed>,
    /// A row of the sheet that has been read, while there are others before it.
    ahead: Option<(i64, Vec<Raw>)>,
    /// Pictures alone, on rows before that one.
    alone: VecDeque<Placed>,
    /// Pictures on that row.
    on_it: Vec<Placed>,
    is_over: bool,
}

impl<R: BufRead> Illustrated<R> {
    /// `pictures`: from the top to the bottom.
    pub fn new(cells: Cells<R>, columns: Columns, pictures: Vec<Placed>) -> Self {
        let is_wanted = columns != Columns::Chosen(Vec::new());
        Self {
            cells,
            columns,
            pictures: if is_wanted { pictures.into() } else { VecDeque::new() },
            ahead: None,
            alone: VecDeque::new(),
            on_it: Vec::new(),
            is_over: false,
        }
    }

    /// Bytes that have been read.
    pub fn taken(&mut self) -> u64 {
        self.cells.taken()
    }

    /// Reads the next row into `cells`, which it empties before, and says its number; `None` after the last one.
    pub fn next(&mut self, shared: &Shared, cells: &mut Vec<Raw>) -> Result<Option<i64>, Problem> {
        if self.pictures.is_empty() && self.ahead.is_none() && self.alone.is_empty() {
            return if self.is_over {
                Ok(None)
            } else {
                self.cells.next(shared, cells)
            };
        }
        if self.ahead.is_none() && !self.is_over {
            self.read_ahead(shared)?;
        }
        cells.clear();
        if let Some(row) = self.alone.front().map(|picture| picture.row) {
            while let Some(picture) = self.alone.pop_front_if(|picture| picture.row == row) {
                self.add(&picture, cells);
            }
            return Ok(Some(row));
        }
        let Some((row, read)) = self.ahead.take() else {
            return Ok(None);
        };
        *cells = read;
        for picture in std::mem::take(&mut self.on_it) {
            self.add(&picture, cells);
        }
        Ok(Some(row))
    }

    /// Reads up to the next row on which something stands, and sorts the pictures before it.
    fn read_ahead(&mut self, shared: &Shared) -> Result<(), Problem> {
        let mut row = Vec::new();
        let next = loop {
            match self.cells.next(shared, &mut row)? {
                Some(number) if row.iter().any(is_filled) => break Some(number),
                Some(_) => {}
                None => break None,
            }
        };
        self.is_over = next.is_none();
        let number = next.unwrap_or(i64::MAX);
        while let Some(picture) = self.pictures.pop_front_if(|picture| picture.row <= number) {
            if picture.row == number || (picture.last_row >= number) {
                self.on_it.push(picture);
            } else {
                self.alone.push_back(picture);
            }
        }
        self.ahead = next.map(|number| (number, row));
        Ok(())
    }

    fn add(&self, picture: &Placed, cells: &mut Vec<Raw>) {
        let Some(column) = self.columns.of(picture.column) else {
            return;
        };
        if column >= cells.len() {
            cells.resize(column + 1, Raw::Text(String::new()));
        }
        let token = format!("{IN_SHEET}{}", picture.name);
        match &mut cells[column] {
            Raw::Text(text) if text.trim().is_empty() => *text = token,
            Raw::Text(text) | Raw::Followed(_, text) => {
                text.push(' ');
                text.push_str(&token);
            }
            Raw::Shared(number) => cells[column] = Raw::Followed(*number, format!(" {token}")),
        }
    }
}

fn is_filled(cell: &Raw) -> bool {
    match cell {
        Raw::Text(text) => !text.trim().is_empty(),
        Raw::Shared(_) | Raw::Followed(..) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cells, Columns, Illustrated, Placed, Raw, Shared};

    fn placed(row: i64, column: usize, last_row: i64, name: &str) -> Placed {
        Placed {
            row,
            column,
            last_row,
            name: name.to_owned(),
        }
    }

    fn sheet(rows: &[(i64, &[&str])]) -> String {
        let rows: String = rows
            .iter()
            .map(|(number, cells)| {
                let cells: String = cells
                    .iter()
                    .map(|cell| format!("<c t=\"str\"><v>{cell}</v></c>"))
                    .collect();
                format!("<row r=\"{number}\">{cells}</row>")
            })
            .collect();
        format!("<sheetData>{rows}</sheetData>")
    }

    fn read(xml: &str, columns: Columns, pictures: Vec<Placed>) -> Vec<(i64, Vec<String>)> {
        let mut rows = Illustrated::new(Cells::new(xml.as_bytes()), columns, pictures);
        let (mut row, mut found) = (Vec::new(), Vec::new());
        while let Some(number) = rows.next(&Shared::default(), &mut row).expect("rows") {
            let texts = row.iter().map(|cell| match cell {
                Raw::Text(text) => text.clone(),
                other => format!("{other:?}"),
            });
            found.push((number, texts.collect()));
        }
        found
    }

    const LIST: [(i64, &[&str]); 4] = [
        (1, &["sku", "name", "photo"]),
        (2, &["a", "Mug"]),
        (3, &[" "]),
        (6, &["b", "Cup", "x"]),
    ];

    #[test]
    fn pictures_stand_in_their_cells_and_none_is_lost() {
        let columns = Columns::seen(
            [vec![Raw::Text("sku".into()), Raw::Text(String::new()), Raw::Shared(1)]]
                .iter()
                .map(Vec::as_slice),
        );
        assert_eq!(
            columns,
            Columns::Seen {
                headed: vec![true, false, true],
                own: 3
            }
        );
        let pictures = vec![
            placed(2, 2, 2, "p0"),
            placed(2, 2, 2, "p1"),
            placed(2, 1, 3, "p2"),
            placed(3, 2, 3, "alone"),
            placed(5, 2, 7, "reaches"),
            placed(6, 9, 9, "right"),
            placed(9, 2, 9, "below"),
        ];
        assert_eq!(columns.own_of(&pictures), Some(3));
        assert_eq!(columns.own_of(&pictures[..1]), None);
        let found = read(&sheet(&LIST), columns, pictures);
        let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                (1, texts(&["sku", "name", "photo"])),
                (2, texts(&["a", "Mug", "picture:p0 picture:p1", "picture:p2"])),
                (3, texts(&["", "", "picture:alone"])),
                (6, texts(&["b", "Cup", "x picture:reaches", "picture:right"])),
                (9, texts(&["", "", "picture:below"])),
            ]
        );
    }

    #[test]
    fn pictures_go_into_the_columns_that_were_chosen_for_them() {
        let pictures = || vec![placed(2, 0, 2, "p1"), placed(2, 4, 2, "p2"), placed(6, 2, 6, "p3")];
        let cells = |columns: &[usize]| {
            let found = read(&sheet(&LIST), Columns::Chosen(columns.to_vec()), pictures());
            found.into_iter().map(|(_, cells)| cells.join("|")).collect::<Vec<_>>()
        };
        assert_eq!(
            cells(&[2, 4]),
            ["sku|name|photo", "a|Mug|picture:p1||picture:p2", "b|Cup|x picture:p3"]
        );
        assert_eq!(cells(&[]), ["sku|name|photo", "a|Mug", " ", "b|Cup|x"], "left out");
    }

    #[test]
    fn a_sheet_of_nothing_but_pictures_has_rows() {
        let found = read(
            "<sheetData/>",
            Columns::seen(std::iter::empty()),
            vec![placed(4, 1, 4, "p")],
        );
        assert_eq!(found, [(4, vec!["picture:p".to_owned()])]);
    }
}
