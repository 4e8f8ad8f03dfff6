//! Rows that are variants of a product: by the SKU of their parent, or because several rows have one handle, as Shopify's exports do.
//!
//! Of the rows of a handle the first is the parent of the others, which take from it what they leave blank.
//! Source of the rules for handles: Shopify's help on product CSV files.

use std::collections::{BTreeMap, HashMap};

use csv::ByteRecord;

use super::{Checker, Columns, ProductRow, cell, first_filled};
use crate::fold::fold;
use crate::imports::problem::ProblemKind;
use crate::products::sku::Sku;

/// What Shopify writes for a product that has no options.
const NO_OPTION: (&str, &str) = ("Title", "Default Title");

/// Options whose columns are called by them.
pub(super) const NAMED: [(&str, &str); 3] = [("colour", "Colour"), ("size", "Size"), ("material", "Material")];
/// Options whose names stand in the rows: the fields of names and of values.
pub(super) const PAIRS: [(&str, &str); 6] = [
    ("option1_name", "option1_value"),
    ("option2_name", "option2_value"),
    ("option3_name", "option3_value"),
    ("option4_name", "option4_value"),
    ("option5_name", "option5_value"),
    ("option6_name", "option6_value"),
];

/// Where an option's name and its value stand.
pub(super) enum OptionColumns {
    Named(&'static str, Vec<usize>),
    Pair(Vec<usize>, Vec<usize>),
}

/// What makes a row a variant.
#[derive(Debug, Default)]
pub(in crate::imports) struct Variant {
    /// SKU and folded key.
    pub parent: Option<(String, String)>,
    /// As JSON, its names in order; nothing keeps those that the product has.
    pub options: Option<String>,
}

/// The first rows of the handles that have been seen.
#[derive(Default)]
pub(super) struct Handles {
    /// SKU and key of the first row of each.
    first: HashMap<String, (String, String)>,
    /// The one before this row, with what it gives to its variants. Exports keep the rows of a handle together.
    last: Option<(String, Inherited)>,
}

struct Inherited {
    name: Option<String>,
    description: Option<String>,
    active: Option<bool>,
    catalog: Option<(String, String)>,
    catalog_id: Option<i64>,
}

impl Handles {
    /// The key of the first row with this handle, once there was one.
    pub fn first(&self, handle: &str) -> Option<&str> {
        self.first.get(fold(handle).as_ref()).map(|(_, key)| key.as_str())
    }

    /// Makes the row a variant of the first one with its handle, or that first one.
    pub fn join(&mut self, handle: &str, row: &mut ProductRow, variant: &mut Variant) {
        let handle = fold(handle).into_owned();
        let Some(first) = self.first.get(&handle) else {
            let own = (row.sku.clone(), row.sku_key.clone());
            self.first.insert(handle.clone(), own);
            let inherited = Inherited {
                name: row.name.clone(),
                description: row.description.clone(),
                active: row.active,
                catalog: row.catalog.clone(),
                catalog_id: row.catalog_id,
            };
            self.last = Some((handle, inherited));
            return;
        };
        if first.1 != row.sku_key && variant.parent.is_none() {
            variant.parent = Some(first.clone());
        }
        if let Some((last, inherited)) = &self.last
            && *last == handle
        {
            row.name = row.name.take().or_else(|| inherited.name.clone());
            row.description = row.description.take().or_else(|| inherited.description.clone());
            row.active = row.active.or(inherited.active);
            if row.catalog.is_none() && row.catalog_id.is_none() {
                row.catalog.clone_from(&inherited.catalog);
                row.catalog_id = inherited.catalog_id;
            }
        }
    }
}

impl Checker {
    /// What the row says of its parent and its options.
    pub(super) fn variant(&mut self, row: i64, record: &ByteRecord, product: &mut ProductRow) -> Variant {
        let mut variant = Variant {
            parent: self.parent(row, record),
            options: None,
        };
        if let Some(handle) = self.first_bare(record, &self.columns.handle) {
            let handle = handle.to_owned();
            self.handles.join(&handle, product, &mut variant);
        }
        if let Some(index) = self
            .columns
            .sku
            .first()
            .filter(|index| cell(record, **index).trim().is_empty())
        {
            let made = (ProblemKind::SkuMade, Some(*index), product.sku.clone());
            self.warnings.push(self.problem(row, made));
        }
        let options = self.options(record);
        // Where parents are named, one lists the values of all its variants.
        let is_parent = !self.columns.parent.is_empty() && variant.parent.is_none();
        if !options.is_empty() && !is_parent {
            variant.options = serde_json::to_string(&options).ok();
        }
        variant
    }

    /// SKU and key of the product that the row is a variant of. One that cannot be a SKU is said, and the row used without.
    fn parent(&mut self, row: i64, record: &ByteRecord) -> Option<(String, String)> {
        let (index, text) = first_filled(record, &self.columns.parent)?;
        match Sku::parse(self.bare(text)) {
            Ok(sku) => Some(sku.into_parts()),
            Err(_) => {
                let unusable = (ProblemKind::ParentUnusable, Some(index), text.to_owned());
                self.warnings.push(self.problem(row, unusable));
                None
            }
        }
    }
}

impl Checker {
    /// The names and values of a row's options.
    fn options(&self, record: &ByteRecord) -> BTreeMap<String, String> {
        let pair = |option: &OptionColumns| match option {
            OptionColumns::Named(name, value) => Some(((*name).to_owned(), self.first_bare(record, value)?)),
            OptionColumns::Pair(name, value) => {
                let value = self.first_bare(record, value)?;
                let name = self.first_bare(record, name).unwrap_or("Option");
                Some((name.trim().to_owned(), value))
            }
        };
        self.columns
            .options
            .iter()
            .filter_map(pair)
            .map(|(name, value)| (name, value.trim().to_owned()))
            .filter(|(name, value)| (name.as_str(), value.as_str()) != NO_OPTION)
            .collect()
    }

    /// The SKU of a row that has none but a handle: what its shop would find it by.
    pub(super) fn made_sku(&self, record: &ByteRecord) -> Option<String> {
        let handle = self.first_bare(record, &self.columns.handle)?;
        let values = self.columns.options.iter().filter_map(|option| {
            let (OptionColumns::Named(_, value) | OptionColumns::Pair(_, value)) = option;
            Some(self.first_bare(record, value)?.trim())
        });
        let parts: Vec<&str> = std::iter::once(handle.trim())
            .chain(values.filter(|value| *value != NO_OPTION.1))
            .collect();
        Some(parts.join("-"))
    }
}

/// Whether the row only brings one more picture for the product of its handle.
pub(super) fn is_picture(columns: &Columns, record: &ByteRecord) -> bool {
    let is_blank = |columns: &[usize]| columns.iter().all(|index| cell(record, *index).trim().is_empty());
    let has_no_option = columns.options.iter().all(|option| {
        let (OptionColumns::Named(_, value) | OptionColumns::Pair(_, value)) = option;
        is_blank(value)
    });
    first_filled(record, &columns.handle).is_some()
        && has_no_option
        && [&columns.sku, &columns.name, &columns.price]
            .into_iter()
            .all(|columns| is_blank(columns))
}
