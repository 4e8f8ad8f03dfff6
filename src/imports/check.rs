//! A row of cells becomes a row to stage, or problems. Every cell is looked at, so that a person hears of all its faults at once.

use std::collections::HashSet;

use csv::ByteRecord;

use super::mapping::positions;
use super::problem::ProblemKind;
use super::stage::{CatalogRow, ProductRow, StagedRow, StoredProblem};
use super::{FileFormat, ImportKind};
use crate::fold::fold;
use crate::products::fields::{DESCRIPTION_MAX, NAME_MAX, fits, parse_active};
use crate::products::price::{self, PriceError};
use crate::products::sku::{Sku, SkuError};
use crate::spreadsheet::unguarded;

/// Characters of a catalogue's name.
const CATALOG_NAME_MAX: usize = 200;
/// Characters of a value that a problem quotes.
const QUOTED_MAX: usize = 200;

/// Checks the rows of one file.
pub(super) struct Checker {
    import: i64,
    kind: ImportKind,
    headers: Vec<String>,
    columns: Columns,
    catalog_ids: HashSet<i64>,
}

/// Positions of each field's columns, the most important first.
struct Columns {
    sku: Vec<usize>,
    name: Vec<usize>,
    description: Vec<usize>,
    price: Vec<usize>,
    active: Vec<usize>,
    catalog: Vec<usize>,
    catalog_id: Vec<usize>,
}

/// A fault of one cell: what it is, in which column, with which value.
type Fault = (ProblemKind, Option<usize>, String);
type Faults = Vec<Fault>;

impl Checker {
    pub(super) fn new(import: i64, kind: ImportKind, format: &FileFormat, catalog_ids: HashSet<i64>) -> Self {
        let of = |field| positions(kind, &format.columns, field);
        let columns = Columns {
            sku: of("sku"),
            name: of("name"),
            description: of("description"),
            price: of("price"),
            active: of("active"),
            catalog: of("catalog"),
            catalog_id: of("catalog_id"),
        };
        let headers = format
            .columns
            .iter()
            .map(|column| column.header.trim().to_owned())
            .collect();
        Self {
            import,
            kind,
            headers,
            columns,
            catalog_ids,
        }
    }

    /// Header of the column that names the rows.
    pub(super) fn key_header(&self) -> &str {
        let columns = match self.kind {
            ImportKind::Catalogs => &self.columns.name,
            _ => &self.columns.sku,
        };
        columns.first().map_or("", |index| &self.headers[*index])
    }

    /// Header of the name's column, or the plain word when the file has none.
    pub(super) fn name_header(&self) -> &str {
        self.columns.name.first().map_or("name", |index| &self.headers[*index])
    }

    pub(super) fn check(&self, row: i64, record: &ByteRecord) -> Result<StagedRow, Vec<StoredProblem>> {
        let mut faults = Faults::new();
        let staged = self.whole(record).map_err(|fault| vec![fault]).and_then(|()| {
            let staged = match self.kind {
                ImportKind::Catalogs => self.catalog(row, record, &mut faults).map(StagedRow::Catalog),
                _ => self.product(row, record, &mut faults).map(StagedRow::Product),
            };
            staged.filter(|_| faults.is_empty()).ok_or(faults)
        });
        staged.map_err(|faults| faults.into_iter().map(|fault| self.problem(row, fault)).collect())
    }

    /// What makes the whole row unusable: too few or too many cells, bytes that are no text.
    fn whole(&self, record: &ByteRecord) -> Result<(), Fault> {
        let expected = self.headers.len();
        let surplus = record.iter().skip(expected).any(|cell| !cell.trim_ascii().is_empty());
        if record.len() < expected || surplus {
            return Err((
                ProblemKind::WrongColumnCount,
                None,
                format!("{} instead of {expected}", record.len()),
            ));
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

    fn product(&self, row: i64, record: &ByteRecord, faults: &mut Faults) -> Option<ProductRow> {
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
        Some(ProductRow {
            row,
            sku,
            sku_key,
            name: name.map(|name| name.trim().to_owned()),
            description: description.map(str::to_owned),
            price_minor,
            active,
            catalog: catalog.map(|name| (name.trim().to_owned(), fold(name).into_owned())),
            catalog_id,
        })
    }

    fn catalog(&self, row: i64, record: &ByteRecord, faults: &mut Faults) -> Option<CatalogRow> {
        let name = self.short(
            record,
            &self.columns.name,
            CATALOG_NAME_MAX,
            ProblemKind::CatalogTooLong,
            faults,
        );
        let id = self.parsed(record, &self.columns.catalog_id, catalog_id, faults);
        let Some(name) = name else {
            faults.push((
                ProblemKind::NameMissing,
                self.columns.name.first().copied(),
                String::new(),
            ));
            return None;
        };
        Some(CatalogRow {
            row,
            name: name.trim().to_owned(),
            name_key: fold(name).into_owned(),
            id,
        })
    }

    fn sku(&self, record: &ByteRecord, faults: &mut Faults) -> Option<Sku> {
        let index = *self.columns.sku.first()?;
        let text = unguarded(cell(record, index));
        let problem = match Sku::parse(text) {
            Ok(sku) => return Some(sku),
            Err(SkuError::Missing) => ProblemKind::SkuMissing,
            Err(SkuError::TooLong) => ProblemKind::SkuTooLong,
            Err(SkuError::Invisible) => ProblemKind::SkuInvisible,
        };
        faults.push((problem, Some(index), text.escape_debug().to_string()));
        None
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
        let text = unguarded(text);
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
        parse(text)
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

fn catalog_id(text: &str) -> Result<i64, ProblemKind> {
    text.trim()
        .parse()
        .ok()
        .filter(|id| *id > 0)
        .ok_or(ProblemKind::CatalogUnknown)
}

fn price_problem(error: PriceError) -> ProblemKind {
    match error {
        PriceError::NotANumber => ProblemKind::PriceNotANumber,
        PriceError::Ambiguous => ProblemKind::PriceAmbiguous,
        PriceError::TooPrecise => ProblemKind::PriceTooPrecise,
        PriceError::Negative => ProblemKind::PriceNegative,
        PriceError::TooLarge => ProblemKind::PriceTooLarge,
    }
}

/// [`Checker::whole`] has seen that every cell is UTF-8.
fn cell(record: &ByteRecord, index: usize) -> &str {
    record
        .get(index)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default()
}

fn first_filled<'r>(record: &'r ByteRecord, columns: &[usize]) -> Option<(usize, &'r str)> {
    columns
        .iter()
        .map(|index| (*index, cell(record, *index)))
        .find(|(_, text)| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use csv::ByteRecord;

    use super::super::mapping::match_columns;
    use super::{Checker, ProductRow, StagedRow};
    use crate::imports::{FileFormat, ImportKind};

    fn checker(headers: &[&str]) -> Checker {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let columns = match_columns(ImportKind::Products, &headers).expect("columns");
        let format = FileFormat {
            encoding: "UTF-8".into(),
            delimiter: ',',
            columns,
        };
        Checker::new(1, ImportKind::Products, &format, HashSet::from([7]))
    }

    fn product(headers: &[&str], cells: &[&str]) -> Result<ProductRow, Vec<&'static str>> {
        match checker(headers).check(2, &ByteRecord::from(cells.to_vec())) {
            Ok(StagedRow::Product(row)) => Ok(row),
            Ok(StagedRow::Catalog(_)) => Err(vec!["a catalogue"]),
            Err(problems) => Err(problems.iter().map(|problem| problem.kind.code()).collect()),
        }
    }

    fn problems(headers: &[&str], cells: &[&str]) -> Vec<&'static str> {
        product(headers, cells).err().unwrap_or_default()
    }

    #[test]
    fn a_blank_cell_says_nothing_about_its_field() {
        let row = product(&["sku", "name", "price", "active"], &["a", " ", "", ""]).expect("a good row");
        assert!(row.name.is_none() && row.price_minor.is_none() && row.active.is_none());
    }

    #[test]
    fn all_faults_of_a_row_are_named_at_once() {
        let found = problems(&["sku", "price", "active", "catalog_id"], &["", "abc", "maybe", "8"]);
        assert_eq!(
            found,
            ["sku_missing", "price_not_a_number", "active_unknown", "catalog_unknown"]
        );
    }

    #[test]
    fn ragged_rows_are_refused_but_empty_cells_at_the_end_are_not() {
        assert_eq!(problems(&["sku", "name"], &["a"]), ["wrong_column_count"]);
        assert_eq!(problems(&["sku", "name"], &["a", "b", "c"]), ["wrong_column_count"]);
        assert!(product(&["sku", "name"], &["a", "b", "", " "]).is_ok());
    }

    #[test]
    fn zero_bytes_and_damaged_text_are_problems_of_their_row() {
        assert_eq!(problems(&["sku", "name"], &["a", "b\0c"]), ["not_text"]);
        let damaged = checker(&["sku"]).check(2, &ByteRecord::from(vec![&b"\xff"[..]]));
        assert!(damaged.is_err_and(|problems| problems[0].kind.code() == "wrong_encoding"));
    }

    #[test]
    fn formulas_are_text_and_their_guard_is_taken_off() {
        let row = product(&["sku", "name"], &["-1", "=cmd|'/c calc'!A1"]).expect("a good row");
        assert_eq!(
            (row.sku.as_str(), row.name.as_deref()),
            ("-1", Some("=cmd|'/c calc'!A1"))
        );
        let row = product(&["sku", "name"], &["'+1", "''=x"]).expect("a good row");
        assert_eq!((row.sku.as_str(), row.name.as_deref()), ("+1", Some("'=x")));
        let row = product(&["sku", "name"], &["a", "'tis"]).expect("a good row");
        assert_eq!(row.name.as_deref(), Some("'tis"));
    }

    #[test]
    fn a_blank_sale_price_falls_back_to_the_regular_one() {
        let headers = ["SKU", "Regular price", "Sale price"];
        assert_eq!(
            product(&headers, &["a", "12.00", ""]).expect("a good row").price_minor,
            Some(1200)
        );
        assert_eq!(
            product(&headers, &["a", "12.00", "9,50"])
                .expect("a good row")
                .price_minor,
            Some(950)
        );
    }
}
