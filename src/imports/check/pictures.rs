//! Pictures that a row names: by their addresses, or because they stand in the sheet.

use csv::ByteRecord;

use super::{Checker, cell, first_filled};
use crate::imports::options::Clearable;
use crate::imports::problem::ProblemKind;
use crate::imports::stage::GatheredPicture;
use crate::pictures::{DIGEST, IN_SHEET, Reference};

/// Pictures of one product. Source: Shopify's help on product media, which has the same limit.
const MOST: usize = 250;
/// What a picture in a cell begins with, in small letters.
const BEGINNINGS: [&str; 4] = ["https://", "http://", DIGEST, IN_SHEET];
/// Places of pictures of which the file does not say where they stand: after those of which it does.
const LAST_POSITION: i64 = 100_000;

impl Checker {
    /// The pictures of the row's own product, as a JSON list. What belongs to a product of several rows is put aside for it.
    pub(super) fn pictures(&mut self, row: i64, record: &ByteRecord, key: &str) -> Option<String> {
        let has_handle = self.parts.handles && first_filled(record, &self.columns.handle).is_some();
        if !has_handle {
            let columns = [self.columns.pictures.clone(), self.columns.variant_picture.clone()].concat();
            let is_blank = first_filled(record, &columns).is_none();
            let found = self.references(row, record, &columns);
            let is_cleared = is_blank && self.clears(Clearable::Pictures);
            return (is_cleared || !found.is_empty()).then(|| list(&found));
        }
        let is_first = self.gather(row, record).as_deref() == Some(key);
        let own = self.references(row, record, &self.columns.variant_picture.clone());
        if is_first {
            self.put_aside(key, LAST_POSITION, own);
            return None;
        }
        (!own.is_empty()).then(|| list(&own))
    }

    /// Whether nothing stands in a row of a sheet but pictures, which belong to no product: a logo below the table.
    pub(super) fn is_lone_picture(&mut self, row: i64, record: &ByteRecord) -> bool {
        let is_of_sheet = |text: &str| named(text).all(|one| one.starts_with(IN_SHEET));
        let is_alone = self.is_sheet
            && first_filled(record, &self.columns.pictures).is_some()
            && (0..record.len()).all(|index| is_of_sheet(cell(record, index)));
        if is_alone {
            let column = self.columns.pictures[0];
            self.warn(row, column, "The picture stands beside no product.".to_owned());
        }
        is_alone
    }

    /// Puts the row's pictures aside for the first row with its handle, whose key it says.
    pub(super) fn gather(&mut self, row: i64, record: &ByteRecord) -> Option<String> {
        let handle = self.first_bare(record, &self.columns.handle)?;
        let key = self.handles.first(handle)?.to_owned();
        let position = first_filled(record, &self.columns.picture_position)
            .and_then(|(_, text)| text.trim().parse::<i64>().ok())
            .map_or(LAST_POSITION, |position| position.clamp(0, LAST_POSITION));
        let found = self.references(row, record, &self.columns.pictures.clone());
        self.put_aside(&key, position, found);
        Some(key)
    }

    fn put_aside(&mut self, key: &str, position: i64, pictures: Vec<Reference>) {
        for picture in pictures {
            self.gathered_before += 1;
            self.gathered.push(GatheredPicture {
                key: key.to_owned(),
                // Pictures of one position are in the order of the file.
                place: (position << 40) + self.gathered_before,
                reference: picture.as_str().to_owned(),
            });
        }
    }

    /// What the cells of these columns name, each once. What cannot be used is said.
    fn references(&mut self, row: i64, record: &ByteRecord, columns: &[usize]) -> Vec<Reference> {
        let mut found: Vec<Reference> = Vec::new();
        for &index in columns {
            for text in named(cell(record, index)) {
                match self.reference(text) {
                    Ok(known) if found.contains(&known) => {}
                    Ok(new) if found.len() < MOST => found.push(new),
                    Ok(surplus) => self.warn(row, index, surplus.as_str().to_owned()),
                    Err(unusable) => self.warn(row, index, unusable),
                }
            }
        }
        found
    }
}

impl Checker {
    /// What a cell names, or what is to be said about it.
    fn reference(&self, text: &str) -> Result<Reference, String> {
        let Some(name) = text.strip_prefix(IN_SHEET) else {
            return Reference::parse(text).ok_or_else(|| text.to_owned());
        };
        match self.sheet_pictures.get(name) {
            Some(Ok(reference)) => Ok(reference.clone()),
            Some(Err(problem)) => Err(format!("{name}: {problem}")),
            None => Err(name.to_owned()),
        }
    }

    fn warn(&mut self, row: i64, column: usize, value: String) {
        let unusable = (ProblemKind::PictureUnusable, Some(column), value);
        self.warnings.push(self.problem(row, unusable));
    }
}

fn list(references: &[Reference]) -> String {
    let texts: Vec<&str> = references.iter().map(Reference::as_str).collect();
    serde_json::Value::from(texts).to_string()
}

/// The pictures that a cell names. An address may hold commas and blanks, so one ends where the next begins.
fn named(cell: &str) -> impl Iterator<Item = &str> {
    let small = cell.to_ascii_lowercase();
    let is_between = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'|');
    let begins = move |at: &usize| {
        let is_apart = *at == 0 || is_between(small.as_bytes()[*at - 1]);
        is_apart && BEGINNINGS.iter().any(|word| small[*at..].starts_with(word))
    };
    let starts: Vec<usize> = std::iter::once(0)
        .chain((1..cell.len()).filter(|at| cell.is_char_boundary(*at)).filter(begins))
        .collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([cell.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(from, to)| cell[from..to].trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')))
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_cell_may_name_several_pictures() {
        let all = |cell| named(cell).collect::<Vec<_>>();
        assert_eq!(all(""), Vec::<&str>::new());
        assert_eq!(all(" https://h/a.jpg "), ["https://h/a.jpg"]);
        let two = ["https://h/a,w_300.jpg", "HTTP://h/b c.jpg"];
        assert_eq!(all("https://h/a,w_300.jpg, HTTP://h/b c.jpg"), two);
        assert_eq!(all("https://h/a,w_300.jpg\n| HTTP://h/b c.jpg;"), two);
        assert_eq!(
            all("picture:image1.png picture:image2.png"),
            ["picture:image1.png", "picture:image2.png"]
        );
        assert_eq!(
            all("mug.jpg, https://h/?u=https://x/y"),
            ["mug.jpg", "https://h/?u=https://x/y"]
        );
        assert_eq!(all("größe; http://h/ü.png"), ["größe", "http://h/ü.png"]);
    }
}
