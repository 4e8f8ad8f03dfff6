//! A row of cells becomes a row to stage, or problems. Every cell is looked at, so that a person hears of all its faults at once.

mod attributes;
mod catalog;
mod cells;
mod columns;
mod pictures;
pub(super) mod variants;

use std::collections::HashSet;

use csv::ByteRecord;

use cells::{catalog_id, cell, first_filled, has_all_cells, price_problem};
use columns::Columns;
use variants::{Handles, is_picture};

use super::damage::Damage;
use super::options::{Clearable, ImportOptions};
use super::parts::Parts;
use super::problem::ProblemKind;
use super::review::Alarm;
use super::sheet_pictures::SheetPictures;
use super::stage::{GatheredPicture, ProductRow, Refused, StagedRow, StoredProblem};
use super::{FileFormat, ImportKind};
use crate::fold::fold;
use crate::products::fields::{DESCRIPTION_MAX, NAME_MAX, fits, parse_active};
use crate::products::price;
use crate::products::sku::{Sku, SkuError};
use crate::spreadsheet::unguarded;

/// Characters of a catalogue's name.
const CATALOG_NAME_MAX: usize = 200;
/// Characters of a value that a problem quotes.
const QUOTED_MAX: usize = 200;

/// In the stage: what takes a price or a catalogue away.
const NO_PRICE: i64 = -1;
const NO_CATALOG: i64 = 0;

/// What is known of a file before its rows are read.
#[derive(Clone)]
pub(super) struct KnownFile<'a> {
    pub import: i64,
    pub kind: ImportKind,
    pub format: &'a FileFormat,
    pub options: &'a ImportOptions,
    /// The import whose rows it brings back.
    pub corrects: Option<i64>,
    pub sheet_pictures: SheetPictures,
}

/// Headers as the file writes them.
pub(super) struct Headers {
    pub key: String,
    pub name: String,
    pub catalog: String,
}

/// Checks the rows of one file.
pub(super) struct Checker {
    import: i64,
    kind: ImportKind,
    headers: Vec<String>,
    columns: Columns,
    catalog_ids: HashSet<i64>,
    options: ImportOptions,
    corrects: Option<i64>,
    /// Whether the rows come from a workbook.
    is_sheet: bool,
    parts: Parts,
    handles: Handles,
    sheet_pictures: SheetPictures,
    /// Of products with several rows, not handed out yet; and how many there were.
    gathered: Vec<GatheredPicture>,
    gathered_before: i64,
    /// About rows that are used all the same.
    warnings: Vec<StoredProblem>,
    damage: Damage,
}

/// A fault of one cell: what it is, in which column, with which value.
type Fault = (ProblemKind, Option<usize>, String);
type Faults = Vec<Fault>;

impl Checker {
    pub(super) fn new(file: &KnownFile<'_>, catalog_ids: HashSet<i64>) -> Self {
        let headers = file
            .format
            .columns
            .iter()
            .map(|column| column.header.trim().to_owned())
            .collect();
        Self {
            import: file.import,
            kind: file.kind,
            headers,
            columns: Columns::of(file),
            catalog_ids,
            options: file.options.clone(),
            corrects: file.corrects,
            is_sheet: file.format.sheet.is_some(),
            parts: Parts::of(file.format, file.options.mode),
            handles: Handles::default(),
            sheet_pictures: file.sheet_pictures.clone(),
            gathered: Vec::new(),
            gathered_before: 0,
            warnings: Vec::new(),
            damage: Damage::default(),
        }
    }

    /// What about the file looks like damage, after its last row.
    pub(super) fn alarms(self) -> Vec<Alarm> {
        self.damage.alarms(&self.headers)
    }

    /// Headers of the columns that may be to blame for what only the whole file shows.
    pub(super) fn headers(&self) -> Headers {
        let first =
            |columns: &[usize], word: &str| columns.first().map_or(word, |index| &self.headers[*index]).to_owned();
        let name = first(&self.columns.name, "name");
        Headers {
            key: match self.kind {
                ImportKind::Catalogs => name.clone(),
                _ => first(&self.columns.sku, ""),
            },
            name,
            catalog: first(&self.columns.catalog, ""),
        }
    }

    /// Whether a row stands for no product. Its picture goes to the one that it belongs to.
    pub(super) fn passes_over(&mut self, row: i64, record: &ByteRecord) -> bool {
        if self.is_lone_picture(row, record) {
            return true;
        }
        let is_picture = self.parts.variants && is_picture(&self.columns, record);
        if is_picture && self.parts.has_gathered_pictures() {
            self.gather(row, record);
        }
        is_picture
    }

    /// Pictures of the rows so far, each handed out once.
    pub(super) fn take_gathered(&mut self) -> Vec<GatheredPicture> {
        std::mem::take(&mut self.gathered)
    }

    /// Warnings about the rows so far, each handed out once.
    pub(super) fn take_warnings(&mut self) -> Vec<StoredProblem> {
        std::mem::take(&mut self.warnings)
    }

    pub(super) fn check(&mut self, row: i64, record: &ByteRecord) -> Result<StagedRow, Refused> {
        let mut faults = Faults::new();
        let staged = self.whole(record).map_err(|fault| vec![fault]).and_then(|()| {
            let staged = match self.kind {
                ImportKind::Catalogs => self.catalog(row, record, &mut faults).map(StagedRow::Catalog),
                _ => self.product(row, record, &mut faults).map(StagedRow::Product),
            };
            staged.filter(|_| faults.is_empty()).ok_or(faults)
        });
        staged.map_err(|faults| Refused {
            key: self.key(record),
            problems: faults.into_iter().map(|fault| self.problem(row, fault)).collect(),
        })
    }

    /// The SKU of a row that cannot be used: its product is in the file all the same.
    fn key(&self, record: &ByteRecord) -> Option<String> {
        if self.kind == ImportKind::Catalogs {
            return None;
        }
        let sku = Sku::parse(self.bare(cell(record, *self.columns.sku.first()?))).ok()?;
        Some(sku.into_parts().1)
    }

    /// What makes the whole row unusable: too few or too many cells, bytes that are no text.
    fn whole(&self, record: &ByteRecord) -> Result<(), Fault> {
        let expected = self.headers.len();
        if !self.is_sheet {
            has_all_cells(record, expected)?;
        }
        for (index, cell) in record.iter().take(expected).enumerate() {
            let text = std::str::from_utf8(cell).map_err(|_| {
                (
                    ProblemKind::WrongEncoding,
                    Some(index),
                    String::from_utf8_lossy(cell).into_owned(),
                )
            })?;
            if text
                .bytes()
                .any(|byte| byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t'))
            {
                return Err((ProblemKind::NotText, Some(index), text.escape_debug().to_string()));
            }
        }
        Ok(())
    }

    fn product(&mut self, row: i64, record: &ByteRecord, faults: &mut Faults) -> Option<ProductRow> {
        self.look_for_damage(row, record);
        let attributes = self.parts.attributes.then(|| self.attributes(record, faults));
        let columns = &self.columns;
        let sku = self.sku(record, faults);
        let name = self.short(record, &columns.name, NAME_MAX, ProblemKind::NameTooLong, faults);
        let description = self.short(
            record,
            &columns.description,
            DESCRIPTION_MAX,
            ProblemKind::DescriptionTooLong,
            faults,
        );
        let price_minor = self.parsed(
            record,
            &columns.price,
            |text| price::parse(text).map_err(price_problem),
            faults,
        );
        let active = self.parsed(
            record,
            &columns.active,
            |text| parse_active(text).ok_or(ProblemKind::ActiveUnknown),
            faults,
        );
        let catalog = self.short(
            record,
            &columns.catalog,
            CATALOG_NAME_MAX,
            ProblemKind::CatalogTooLong,
            faults,
        );
        let catalog_id = self.parsed(record, &columns.catalog_id, |text| self.known_catalog(text), faults);
        let (sku, sku_key) = sku?.into_parts();
        let names_no_catalog = catalog.is_none() && catalog_id.is_none();
        let has_catalogs = columns.catalog.len() + columns.catalog_id.len() > 0;
        let mut product = ProductRow {
            row,
            sku,
            sku_key,
            name: name.map(|name| name.trim().to_owned()),
            description: description.map(str::to_owned).or_else(|| {
                self.cleared(Clearable::Description, &columns.description)
                    .then(String::new)
            }),
            price_minor: price_minor.or_else(|| self.cleared(Clearable::Price, &columns.price).then_some(NO_PRICE)),
            active,
            catalog: catalog.map(|name| (name.trim().to_owned(), fold(name).into_owned())),
            catalog_id: catalog_id.or_else(|| {
                (names_no_catalog && has_catalogs && self.clears(Clearable::Catalog)).then_some(NO_CATALOG)
            }),
            origin: self.origin(record),
            variant: None,
            more: Vec::from_iter(attributes),
        };
        self.add_parts(row, record, &mut product);
        Some(product)
    }

    /// The row that this one brings back, if it is of the import that the file corrects.
    fn origin(&self, record: &ByteRecord) -> Option<i64> {
        let number =
            |columns: &[usize]| first_filled(record, columns).and_then(|(_, text)| text.trim().parse::<i64>().ok());
        let is_of_it = number(&self.columns.origin_import) == self.corrects;
        number(&self.columns.origin).filter(|_| is_of_it)
    }

    /// What only some files have.
    fn add_parts(&mut self, row: i64, record: &ByteRecord, product: &mut ProductRow) {
        if self.parts.variants {
            let variant = self.variant(row, record, product);
            product.variant = Some(Box::new(variant));
        }
        if self.parts.pictures {
            let pictures = self.pictures(row, record, &product.sku_key);
            product.more.push(pictures);
        }
    }

    fn clears(&self, field: Clearable) -> bool {
        self.options.clear.contains(&field)
    }

    /// A blank cell takes the value away, if the file has such cells at all.
    fn cleared(&self, field: Clearable, columns: &[usize]) -> bool {
        !columns.is_empty() && self.clears(field)
    }

    fn look_for_damage(&mut self, row: i64, record: &ByteRecord) {
        let (columns, damage) = (&self.columns, &mut self.damage);
        if let Some((index, text)) = first_filled(record, &columns.sku) {
            damage.sku(row, index, text);
        }
        for texts in [&columns.name, &columns.description, &columns.catalog] {
            if let Some((index, text)) = first_filled(record, texts) {
                damage.text(row, index, text);
            }
        }
        if let Some((index, text)) = first_filled(record, &columns.price) {
            damage.price(row, index, text);
        }
    }

    fn sku(&self, record: &ByteRecord, faults: &mut Faults) -> Option<Sku> {
        let index = *self.columns.sku.first()?;
        let made = self.made_sku(record).filter(|_| cell(record, index).trim().is_empty());
        let text = made.as_deref().unwrap_or_else(|| self.bare(cell(record, index)));
        let problem = match Sku::parse(text) {
            Ok(sku) => return Some(sku),
            Err(SkuError::Missing) => ProblemKind::SkuMissing,
            Err(SkuError::TooLong) => ProblemKind::SkuTooLong,
            Err(SkuError::Invisible) => ProblemKind::SkuInvisible,
        };
        faults.push((problem, Some(index), text.escape_debug().to_string()));
        None
    }

    /// A cell without the apostrophe that keeps spreadsheets from running it. The cells of a sheet need none.
    fn bare<'r>(&self, cell: &'r str) -> &'r str {
        if self.is_sheet { cell } else { unguarded(cell) }
    }

    /// The first of these cells that is not blank, without that apostrophe.
    fn first_bare<'r>(&self, record: &'r ByteRecord, columns: &[usize]) -> Option<&'r str> {
        first_filled(record, columns).map(|(_, text)| self.bare(text))
    }

    /// The text of a field, unless it is blank or too long.
    fn short<'r>(
        &self,
        record: &'r ByteRecord,
        columns: &[usize],
        most: usize,
        too_long: ProblemKind,
        faults: &mut Faults,
    ) -> Option<&'r str> {
        let (index, text) = first_filled(record, columns)?;
        let text = self.bare(text);
        if fits(text, most) {
            return Some(text);
        }
        faults.push((too_long, Some(index), text.to_owned()));
        None
    }

    fn parsed<T>(
        &self,
        record: &ByteRecord,
        columns: &[usize],
        parse: impl Fn(&str) -> Result<T, ProblemKind>,
        faults: &mut Faults,
    ) -> Option<T> {
        let (index, text) = first_filled(record, columns)?;
        parse(self.bare(text))
            .map_err(|kind| faults.push((kind, Some(index), text.to_owned())))
            .ok()
    }

    fn known_catalog(&self, text: &str) -> Result<i64, ProblemKind> {
        catalog_id(text)
            .ok()
            .filter(|id| self.catalog_ids.contains(id))
            .ok_or(ProblemKind::CatalogUnknown)
    }

    fn problem(&self, row: i64, (kind, column, value): Fault) -> StoredProblem {
        StoredProblem {
            import: self.import,
            row,
            kind,
            column: column.map(|index| self.headers[index].clone()),
            value: (!value.is_empty()).then(|| value.chars().filter(|c| *c != '\0').take(QUOTED_MAX).collect()),
        }
    }
}

#[cfg(test)]
mod tests;
