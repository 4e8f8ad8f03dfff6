//! Where in a row the cells of each field stand.

use super::KnownFile;
use super::variants::{NAMED, OptionColumns, PAIRS};
use crate::imports::matching::positions;
use crate::imports::options::Mode;
use crate::imports::returned::{IMPORT_HEADER, ROW_HEADER};
use crate::imports::{ImportKind, MatchedColumn};

/// Positions of each field's columns, the most important first.
pub(super) struct Columns {
    pub sku: Vec<usize>,
    pub name: Vec<usize>,
    pub description: Vec<usize>,
    pub price: Vec<usize>,
    pub active: Vec<usize>,
    pub catalog: Vec<usize>,
    pub catalog_id: Vec<usize>,
    pub parent: Vec<usize>,
    pub handle: Vec<usize>,
    /// With the names that they are kept under.
    pub attributes: Vec<(String, usize)>,
    pub pictures: Vec<usize>,
    pub variant_picture: Vec<usize>,
    pub picture_position: Vec<usize>,
    /// Only those whose values the file has.
    pub options: Vec<OptionColumns>,
    /// The number of the row in the file that this one corrects.
    pub origin: Vec<usize>,
    /// The number of that file's import.
    pub origin_import: Vec<usize>,
}

impl Columns {
    pub fn of(file: &KnownFile<'_>) -> Self {
        let KnownFile {
            kind, format, options, ..
        } = *file;
        let is_deletion = kind == ImportKind::Products && options.mode == Mode::Delete;
        // A product that is to be deleted is named, and nothing else of it is read.
        let of = |field: &str| match field {
            "sku" => positions(kind, &format.columns, field),
            _ if is_deletion => Vec::new(),
            _ => positions(kind, &format.columns, field),
        };
        Self {
            sku: of("sku"),
            name: of("name"),
            description: of("description"),
            price: of("price"),
            active: of("active"),
            catalog: of("catalog"),
            catalog_id: of("catalog_id"),
            parent: of("parent_sku"),
            handle: of("handle"),
            attributes: of("attribute")
                .into_iter()
                .map(|index| (format.columns[index].header.trim().to_owned(), index))
                .collect(),
            pictures: of("pictures"),
            variant_picture: of("variant_picture"),
            picture_position: of("picture_position"),
            options: option_columns(of),
            origin: added_column(file, ROW_HEADER),
            origin_import: added_column(file, IMPORT_HEADER),
        }
    }
}

fn option_columns(of: impl Fn(&str) -> Vec<usize>) -> Vec<OptionColumns> {
    let pairs = PAIRS.map(|(name, value)| OptionColumns::Pair(of(name), of(value)));
    let named = NAMED.map(|(field, name)| OptionColumns::Named(name, of(field)));
    let has_values = |option: &OptionColumns| {
        let (OptionColumns::Named(_, value) | OptionColumns::Pair(_, value)) = option;
        !value.is_empty()
    };
    pairs.into_iter().chain(named).filter(has_values).collect()
}

/// Only a file of corrected rows has such a column.
fn added_column(file: &KnownFile<'_>, header: &str) -> Vec<usize> {
    let is_origin = |column: &MatchedColumn| file.corrects.is_some() && column.header.trim() == header;
    file.format.columns.iter().position(is_origin).into_iter().collect()
}
