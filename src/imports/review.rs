//! What a check has found: what an import would do, and what about its file looks like damage.

use serde::{Deserialize, Serialize};

use super::plan::Proof;

/// The result of a check. Nothing of it has happened yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Products that would be added, changed, deleted, and taken out of the bin.
    pub created: i64,
    pub updated: i64,
    pub deleted: i64,
    pub restored: i64,
    /// Rows that would change nothing.
    pub unchanged: i64,
    /// Rows that cannot be used.
    pub failed: i64,
    /// Products that the file does not list and that would be deactivated; they are among the updated ones.
    pub missing: i64,
    /// Values that would be taken away.
    pub cleared: i64,
    /// Fields that would change, and of how many products, most first.
    pub fields: Vec<FieldCount>,
    /// Catalogues that would be created: how many, and the first of their names.
    pub new_catalogs: i64,
    pub new_catalog_names: Vec<String>,
    pub alarms: Vec<Alarm>,
    /// Which changes there are of which fields: for looking them up.
    pub groups: Vec<Group>,
    /// The highest ids of products and changes before the comparison: what is newer has been changed since.
    pub newest: i64,
    pub newest_change: i64,
    /// Where the changes can be read until the import is applied.
    pub scratch: String,
}

/// Changes of one kind to the same fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `create`, `update`, `restore` or `delete`.
    pub kind: String,
    /// [`CheckedField::bit`] of each field that changes.
    pub touched: i64,
    /// The same of each field whose value is taken away.
    pub cleared: i64,
    pub rows: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldCount {
    pub field: CheckedField,
    pub changed: i64,
    pub cleared: i64,
}

/// A field of a product that a file can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckedField {
    Name,
    Description,
    Price,
    Active,
    Catalog,
    Parent,
    Options,
    Attributes,
    Pictures,
}

impl CheckedField {
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Description,
        Self::Price,
        Self::Active,
        Self::Catalog,
        Self::Parent,
        Self::Options,
        Self::Attributes,
        Self::Pictures,
    ];

    #[must_use]
    pub fn bit(self) -> i64 {
        1 << (self as i64)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Price => "price",
            Self::Active => "active",
            Self::Catalog => "catalog",
            Self::Parent => "parent",
            Self::Options => "options",
            Self::Attributes => "attributes",
            Self::Pictures => "pictures",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    /// The field's name in the history of a product.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Price => "price_minor",
            Self::Catalog => "catalog_id",
            Self::Parent => "parent_id",
            other => other.as_str(),
        }
    }
}

impl Review {
    /// Products that would change in any way.
    #[must_use]
    pub fn changes(&self) -> i64 {
        self.created + self.updated + self.deleted + self.restored
    }

    /// Alarms that somebody must answer.
    pub fn tripped(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().filter(|alarm| alarm.kind.must_be_answered())
    }

    /// What somebody must do besides pressing the button.
    #[must_use]
    pub fn proof(&self) -> Proof {
        if self.deleted > 0 || self.tripped().next().is_some() {
            Proof::of(self.changes())
        } else {
            Proof::Nothing
        }
    }

    /// The sums that follow from the groups.
    #[must_use]
    pub fn summed(mut self) -> Self {
        let of_kind = |kind: &str| {
            self.groups
                .iter()
                .filter(|group| group.kind == kind)
                .map(|group| group.rows)
                .sum()
        };
        (self.created, self.updated) = (of_kind("create"), of_kind("update"));
        (self.deleted, self.restored) = (of_kind("delete"), of_kind("restore"));
        let count = |field: CheckedField, of: fn(&Group) -> i64| {
            let groups = self.groups.iter().filter(|group| of(group) & field.bit() != 0);
            groups.map(|group| group.rows).sum::<i64>()
        };
        let mut fields: Vec<FieldCount> = CheckedField::ALL
            .into_iter()
            .map(|field| FieldCount {
                field,
                changed: count(field, |group| group.touched),
                cleared: count(field, |group| group.cleared),
            })
            .filter(|count| count.changed > 0)
            .collect();
        fields.sort_by_key(|count| -count.changed);
        self.cleared = fields.iter().map(|count| count.cleared).sum();
        self.fields = fields;
        self
    }
}

/// Something about a file that looks like damage, or like a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub kind: AlarmKind,
    /// Cells or products that it is about.
    pub count: i64,
    /// The column's header in the file, where it is about one.
    pub column: Option<String>,
    /// The first few, as they stand in the file, with their rows.
    pub examples: Vec<Example>,
    /// Figures that the sentence names.
    pub figures: Option<Figures>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// As a spreadsheet shows it.
    pub row: i64,
    pub value: String,
}

/// A limit of a tripwire, and what was found against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub found: i64,
    pub limit: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    ScientificNotation,
    DateForSku,
    LostZeros,
    MixedDecimals,
    BrokenAccents,
    FormulaError,
    Formula,
    PriceMoved,
    PriceZero,
    ManyDeactivated,
    RowCount,
}

impl AlarmKind {
    /// Whether it needs a word from somebody before the import goes on. The others are for information.
    #[must_use]
    pub fn must_be_answered(self) -> bool {
        !matches!(
            self,
            Self::MixedDecimals | Self::BrokenAccents | Self::FormulaError | Self::Formula
        )
    }

    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ScientificNotation => "SKUs look like numbers that a spreadsheet has shortened",
            Self::DateForSku => "SKUs look like dates that a spreadsheet has made of them",
            Self::LostZeros => "SKUs seem to have lost their leading zeros",
            Self::MixedDecimals => "Prices are written with a decimal point and with a decimal comma",
            Self::BrokenAccents => "Letters with accents look broken",
            Self::FormulaError => "Cells hold the error of a formula",
            Self::Formula => "Cells begin like a formula",
            Self::PriceMoved => "Prices move far",
            Self::PriceZero => "Prices become zero",
            Self::ManyDeactivated => "Many products become inactive",
            Self::RowCount => "The file is much longer or shorter than the last one like it",
        }
    }

    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::ScientificNotation => {
                "Format the column as text in the spreadsheet, restore the numbers, and export the file again."
            }
            Self::DateForSku => {
                "Format the column as text in the spreadsheet, restore the SKUs, and export the file again."
            }
            Self::LostZeros => {
                "The shop has products whose SKUs are the same but for zeros at the beginning. Format the column as text and export the file again, or these products will be added a second time."
            }
            Self::MixedDecimals => "Each was read by its own sign. Look at some of them in the changes below.",
            Self::BrokenAccents => {
                "Choose another encoding under “Match columns”, or ask the supplier for the file as UTF-8."
            }
            Self::FormulaError => {
                "The text of the error would be imported. Mend the formulas and export the file again."
            }
            Self::Formula => "They are imported as plain text; exports write them so that no spreadsheet runs them.",
            Self::PriceMoved => {
                "Look at the changes of prices below. Is it the right column, with the right decimal sign?"
            }
            Self::PriceZero => "Products without a price have a blank cell, not a zero.",
            Self::ManyDeactivated => "They leave the shop. Is the file complete?",
            Self::RowCount => "Is it the right file, and is it complete?",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CheckedField, Group, Review};

    #[test]
    fn sums_follow_from_the_groups() {
        let group = |kind: &str, touched: i64, cleared: i64, rows: i64| Group {
            kind: kind.into(),
            touched,
            cleared,
            rows,
        };
        let (price, name) = (CheckedField::Price.bit(), CheckedField::Name.bit());
        let review = Review {
            groups: vec![
                group("create", 0, 0, 5),
                group("update", price, 0, 7),
                group("update", price | name, price, 2),
                group("restore", name, 0, 1),
            ],
            ..Review::default()
        }
        .summed();
        assert_eq!(
            (
                review.created,
                review.updated,
                review.restored,
                review.cleared,
                review.changes()
            ),
            (5, 9, 1, 2, 15)
        );
        let fields: Vec<_> = review
            .fields
            .iter()
            .map(|count| (count.field.as_str(), count.changed, count.cleared))
            .collect();
        assert_eq!(fields, [("price", 9, 2), ("name", 3, 0)]);
    }
}
