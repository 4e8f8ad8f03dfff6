//! What somebody looks at before an import changes anything: the columns of its file with some of their cells, and the changes to come.

use serde::{Deserialize, Serialize};

use super::Import;
use super::review::{CheckedField, Group, Review};
use crate::changes::{ChangeKind, FieldChanges};

/// Cells of a file, and how its columns differ from those of the file before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// For each column, the first few cells that are not blank, shortened.
    pub columns: Vec<Vec<String>>,
    /// Headers that the last file of this kind did not have, and those that it had and this one lacks.
    pub new: Vec<String>,
    pub gone: Vec<String>,
    /// An earlier import of exactly this file.
    pub same_file: Option<Import>,
}

/// One change that an import would make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedChange {
    /// Its place among the changes.
    pub seq: i64,
    pub kind: ChangeKind,
    /// Row of the file as a spreadsheet shows it; none when the file does not list the product.
    pub row: Option<i64>,
    /// None for a product that would be added.
    pub product_id: Option<i64>,
    pub sku: String,
    /// Before and after; catalogues by their names.
    pub fields: FieldChanges,
}

/// Which changes are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeFilter {
    pub kind: Option<ChangeKind>,
    pub field: Option<CheckedField>,
    /// Only changes that take a value away.
    pub cleared: bool,
}

impl ChangeFilter {
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether the changes of a group are looked at.
    #[must_use]
    pub fn takes(self, group: &Group) -> bool {
        let of_field = |mask: i64| self.field.is_none_or(|field| mask & field.bit() != 0);
        self.kind.is_none_or(|kind| kind.as_str() == group.kind)
            && of_field(group.touched)
            && (!self.cleared || (group.cleared != 0 && of_field(group.cleared)))
    }

    /// How many changes there are to look at.
    #[must_use]
    pub fn count(self, review: &Review) -> i64 {
        review
            .groups
            .iter()
            .filter(|group| self.takes(group))
            .map(|group| group.rows)
            .sum()
    }
}

/// A page of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlannedChanges {
    pub items: Vec<PlannedChange>,
    /// How many there are in all.
    pub total: i64,
    /// The place after which the next page begins.
    pub next: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::ChangeFilter;
    use crate::changes::ChangeKind;
    use crate::imports::review::{CheckedField, Group};

    #[test]
    fn a_group_is_taken_by_its_kind_and_fields() {
        let group = Group {
            kind: "update".into(),
            touched: CheckedField::Price.bit() | CheckedField::Name.bit(),
            cleared: CheckedField::Price.bit(),
            rows: 1,
        };
        let takes = |kind, field, cleared| ChangeFilter { kind, field, cleared }.takes(&group);
        assert!(takes(None, None, false) && takes(Some(ChangeKind::Update), Some(CheckedField::Name), false));
        assert!(!takes(Some(ChangeKind::Create), None, false) && !takes(None, Some(CheckedField::Active), false));
        assert!(takes(None, None, true) && takes(None, Some(CheckedField::Price), true));
        assert!(!takes(None, Some(CheckedField::Name), true));
    }
}
