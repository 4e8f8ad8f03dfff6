//! Extra attributes: the cells of columns that are kept under their own names.

use std::collections::BTreeMap;

use csv::ByteRecord;

use super::{Checker, Faults, cell};
use crate::imports::options::Clearable;
use crate::imports::problem::ProblemKind;
use crate::products::fields::{ATTRIBUTE_MAX, fits};

impl Checker {
    /// As JSON: texts by their names, and nulls for those that are taken away.
    pub(super) fn attributes(&self, record: &ByteRecord, faults: &mut Faults) -> Option<String> {
        let clears = self.clears(Clearable::Attributes);
        let mut said = BTreeMap::new();
        for (name, index) in &self.columns.attributes {
            let text = self.bare(cell(record, *index)).trim();
            if !fits(text, ATTRIBUTE_MAX) {
                faults.push((ProblemKind::AttributeTooLong, Some(*index), text.to_owned()));
            } else if !text.is_empty() {
                said.insert(name.as_str(), Some(text));
            } else if clears {
                said.insert(name.as_str(), None);
            }
        }
        (!said.is_empty()).then(|| serde_json::to_string(&said).ok()).flatten()
    }
}
