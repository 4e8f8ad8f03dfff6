//! What the statements of a file depend on, besides its columns.

use crate::imports::claims::Claim;
use crate::imports::options::{Duplicates, Missing, Mode, UnknownCatalogs};
use crate::imports::parts::Parts;
use crate::imports::{ImportStep, options::ImportOptions};

#[derive(Clone, Debug, Default)]
pub(in crate::imports) struct Rules {
    pub options: ImportOptions,
    /// Whether nothing is written but what somebody looks at.
    pub is_check: bool,
    /// The highest ids of products and changes when somebody reviewed what would happen.
    pub reviewed: Option<(i64, i64)>,
    /// Whether the file brings some rows of another back.
    pub is_correction: bool,
    pub parts: Parts,
}

impl Rules {
    pub fn of(claim: &Claim) -> Self {
        let is_check = claim.step == ImportStep::Check;
        let review = claim.review.as_ref().filter(|_| !is_check);
        Self {
            options: claim.options.clone(),
            is_check,
            is_correction: claim.corrects.is_some(),
            parts: Parts::of(&claim.format, claim.options.mode),
            reviewed: review.map(|review| (review.newest, review.newest_change)),
        }
    }

    /// The column by whose order the change set is applied.
    pub fn order(&self) -> &'static str {
        if self.parts.variants { "order_key" } else { "row_key" }
    }

    pub fn creates(&self) -> bool {
        matches!(self.options.mode, Mode::AddAndUpdate | Mode::AddOnly)
    }

    /// Whether new catalogues are made only once it is clear that anything will be changed; until then their ids are below zero.
    pub fn defers_catalogs(&self) -> bool {
        self.is_check || self.reviewed.is_some()
    }

    pub fn refuses_repeated(&self) -> bool {
        self.options.duplicates == Duplicates::Refuse
    }

    pub fn refuses_unknown_catalogs(&self) -> bool {
        self.options.unknown_catalogs == UnknownCatalogs::Refuse
    }

    /// The catalogue whose products are deactivated when the file does not list them.
    pub fn deactivates_in(&self) -> Option<i64> {
        self.options
            .catalog_id
            .filter(|_| self.options.missing == Missing::Deactivate && !self.is_correction)
    }
}
