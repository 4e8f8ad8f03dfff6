//! A row of a file of catalogues.

use csv::ByteRecord;

use super::cells::catalog_id;
use super::{CATALOG_NAME_MAX, Checker, Faults};
use crate::fold::fold;
use crate::imports::problem::ProblemKind;
use crate::imports::stage::CatalogRow;

impl Checker {
    pub(super) fn catalog(&self, row: i64, record: &ByteRecord, faults: &mut Faults) -> Option<CatalogRow> {
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
}
