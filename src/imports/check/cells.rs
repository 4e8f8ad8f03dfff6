//! The cells of a row.

use csv::ByteRecord;

use super::Fault;
use crate::imports::problem::ProblemKind;
use crate::products::price::PriceError;

/// The separators of a text may be damaged; the cells of a sheet each have their place, and blank ones at the end are not there.
pub(super) fn has_all_cells(record: &ByteRecord, expected: usize) -> Result<(), Fault> {
    let surplus = record.iter().skip(expected).any(|cell| !cell.trim_ascii().is_empty());
    if record.len() < expected || surplus {
        let found = format!("{} instead of {expected}", record.len());
        return Err((ProblemKind::WrongColumnCount, None, found));
    }
    Ok(())
}

pub(super) fn catalog_id(text: &str) -> Result<i64, ProblemKind> {
    text.trim()
        .parse()
        .ok()
        .filter(|id| *id > 0)
        .ok_or(ProblemKind::CatalogUnknown)
}

/// [`Checker::whole`] has seen that every cell is UTF-8.
pub(super) fn cell(record: &ByteRecord, index: usize) -> &str {
    record
        .get(index)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default()
}

pub(super) fn first_filled<'r>(record: &'r ByteRecord, columns: &[usize]) -> Option<(usize, &'r str)> {
    columns
        .iter()
        .map(|index| (*index, cell(record, *index)))
        .find(|(_, text)| !text.trim().is_empty())
}

pub(super) fn price_problem(error: PriceError) -> ProblemKind {
    match error {
        PriceError::NotANumber => ProblemKind::PriceNotANumber,
        PriceError::Ambiguous => ProblemKind::PriceAmbiguous,
        PriceError::TooPrecise => ProblemKind::PriceTooPrecise,
        PriceError::Negative => ProblemKind::PriceNegative,
        PriceError::TooLarge => ProblemKind::PriceTooLarge,
    }
}
