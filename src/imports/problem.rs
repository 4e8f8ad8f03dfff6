//! Problems: rows and cells of a file that could not be used, or were used with a warning.
//!
//! Owns the sentences. A problem is stored as its kind, its column and the value that was found; the words are made here, so that
//! they are the same on the page, in the API and in the file of problem rows.

use serde::{Deserialize, Serialize};

/// Why a row was not used (a problem), or what one should know about it (a warning).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    SkuMissing,
    SkuTooLong,
    SkuInvisible,
    NameMissing,
    NameTooLong,
    DescriptionTooLong,
    PriceNotANumber,
    PriceAmbiguous,
    PriceTooPrecise,
    PriceNegative,
    PriceTooLarge,
    ActiveUnknown,
    CatalogTooLong,
    CatalogUnknown,
    CatalogIdTaken,
    AttributeTooLong,
    WrongColumnCount,
    NotText,
    WrongEncoding,
    /// The SKU stands in several rows, and none of them was to count.
    SkuRepeated,
    /// A product that a job was to change, and that somebody else has changed first.
    ChangedSince,
    /// A warning: the row has no SKU of its own, and one was made of its handle and options.
    SkuMade,
    /// A warning: the row names a parent that it cannot have, and was used without one.
    ParentUnusable,
    /// A warning: a picture that the row names cannot be used, and the row was used without it.
    PictureUnusable,
    /// A warning: a later row of the same file has the same SKU, and that one counts.
    Superseded,
    /// A warning: the row was used, and a picture that it names could not be fetched.
    PictureUnreachable,
}

/// Whether the row was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Problem,
    Warning,
}

impl ProblemKind {
    pub const ALL: [Self; 26] = [
        Self::SkuMissing,
        Self::SkuTooLong,
        Self::SkuInvisible,
        Self::NameMissing,
        Self::NameTooLong,
        Self::DescriptionTooLong,
        Self::PriceNotANumber,
        Self::PriceAmbiguous,
        Self::PriceTooPrecise,
        Self::PriceNegative,
        Self::PriceTooLarge,
        Self::ActiveUnknown,
        Self::CatalogTooLong,
        Self::CatalogUnknown,
        Self::CatalogIdTaken,
        Self::AttributeTooLong,
        Self::WrongColumnCount,
        Self::NotText,
        Self::WrongEncoding,
        Self::SkuRepeated,
        Self::ChangedSince,
        Self::SkuMade,
        Self::ParentUnusable,
        Self::PictureUnusable,
        Self::Superseded,
        Self::PictureUnreachable,
    ];

    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::SkuMade
            | Self::ParentUnusable
            | Self::PictureUnusable
            | Self::PictureUnreachable
            | Self::Superseded => Severity::Warning,
            _ => Severity::Problem,
        }
    }

    /// As it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SkuMissing => "sku_missing",
            Self::SkuTooLong => "sku_too_long",
            Self::SkuInvisible => "sku_invisible",
            Self::NameMissing => "name_missing",
            Self::NameTooLong => "name_too_long",
            Self::DescriptionTooLong => "description_too_long",
            Self::PriceNotANumber => "price_not_a_number",
            Self::PriceAmbiguous => "price_ambiguous",
            Self::PriceTooPrecise => "price_too_precise",
            Self::PriceNegative => "price_negative",
            Self::PriceTooLarge => "price_too_large",
            Self::ActiveUnknown => "active_unknown",
            Self::CatalogTooLong => "catalog_too_long",
            Self::CatalogUnknown => "catalog_unknown",
            Self::CatalogIdTaken => "catalog_id_taken",
            Self::AttributeTooLong => "attribute_too_long",
            Self::WrongColumnCount => "wrong_column_count",
            Self::NotText => "not_text",
            Self::WrongEncoding => "wrong_encoding",
            Self::SkuRepeated => "sku_repeated",
            Self::ChangedSince => "changed_since",
            Self::SkuMade => "sku_made",
            Self::ParentUnusable => "parent_unusable",
            Self::PictureUnusable => "picture_unusable",
            Self::Superseded => "superseded",
            Self::PictureUnreachable => "picture_unreachable",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What happened, as the heading of a group of rows.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::SkuMissing => "SKU is missing",
            Self::SkuTooLong => "SKU is too long",
            Self::SkuInvisible => "SKU has invisible characters",
            Self::NameMissing => "Name is missing",
            Self::NameTooLong => "Name is too long",
            Self::DescriptionTooLong => "Description is too long",
            Self::PriceNotANumber => "Price is not a number",
            Self::PriceAmbiguous => "Price can be read in two ways",
            Self::PriceTooPrecise => "Price has more than two decimals",
            Self::PriceNegative => "Price is below zero",
            Self::PriceTooLarge => "Price is too large",
            Self::ActiveUnknown => "Active is neither yes nor no",
            Self::CatalogTooLong => "Catalogue name is too long",
            Self::CatalogUnknown => "There is no such catalogue",
            Self::CatalogIdTaken => "The id belongs to another catalogue",
            Self::AttributeTooLong => "Extra attribute is too long",
            Self::WrongColumnCount => "Row has the wrong number of columns",
            Self::NotText => "Row has characters that are not text",
            Self::WrongEncoding => "Row is not in the file's encoding",
            Self::SkuRepeated => "SKU stands in several rows",
            Self::ChangedSince => "Product was changed by somebody else and stays as it is",
            Self::SkuMade => "SKU was made of the handle and the options",
            Self::ParentUnusable => "Imported without its parent",
            Self::PictureUnusable => "Imported without a picture",
            Self::Superseded => "SKU appears again further down (the last row counts)",
            Self::PictureUnreachable => "Picture could not be fetched",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::SkuMissing => "Enter the SKU of the product.",
            Self::SkuTooLong => "Shorten the SKU to 200 characters.",
            Self::SkuInvisible => "Type the SKU again by hand: it was copied with invisible characters.",
            Self::NameMissing => "Enter a name: there is no product with this SKU yet, and a new product needs one.",
            Self::NameTooLong => "Shorten the name to 500 characters.",
            Self::DescriptionTooLong => "Shorten the description to 100,000 characters.",
            Self::PriceNotANumber => "Enter the price as a number such as 12.99, without currency or letters.",
            Self::PriceAmbiguous => {
                "Write two decimals, such as 1234.00 or 1.23, so that it can be read in one way only."
            }
            Self::PriceTooPrecise => "Round the price to two decimals.",
            Self::PriceNegative => "Enter a price of zero or more.",
            Self::PriceTooLarge => "Enter a price below 10,000,000,000.",
            Self::ActiveUnknown => "Enter yes or no, true or false, 1 or 0.",
            Self::CatalogTooLong => "Shorten the name of the catalogue to 200 characters.",
            Self::CatalogUnknown => {
                "Enter the name or the id of a catalogue that exists, or let the import create those that are missing."
            }
            Self::CatalogIdTaken => "Leave the id blank, or use the id that belongs to this name.",
            Self::AttributeTooLong => "Shorten the text to 10,000 characters.",
            Self::WrongColumnCount => "Check for missing separators or a quotation mark that is not closed.",
            Self::NotText => "Remove the control characters from this row.",
            Self::WrongEncoding => "Save the file as UTF-8 and import it again.",
            Self::SkuRepeated => "Keep one row for each SKU.",
            Self::ChangedSince => "Open the product and decide by its history.",
            Self::SkuMade => {
                "Nothing, if you can work with it. Otherwise enter the SKU in the file and import it again."
            }
            Self::ParentUnusable => {
                "The parent must be a product of the file or of the shop that is no variant itself. Correct its SKU and import the row again."
            }
            Self::PictureUnusable => {
                "A picture is named by an address that begins with https:// or http://, and a product has at most 250 of them."
            }
            Self::Superseded => "Nothing, if the last row is the right one. Otherwise remove that row.",
            Self::PictureUnreachable => {
                "Open the product: it says why. Correct the address and import the row again, or have the picture fetched again there."
            }
        }
    }
}

/// One problem of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// As a spreadsheet shows it: the header is row 1.
    pub row: i64,
    pub kind: ProblemKind,
    pub severity: Severity,
    /// The column's header in the file, where one cell is to blame.
    pub column: Option<String>,
    /// What was found there, shortened.
    pub value: Option<String>,
    /// What happened and what to do, as sentences.
    pub message: String,
}

/// All rows that failed for one reason in one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemGroup {
    pub kind: ProblemKind,
    pub severity: Severity,
    pub column: Option<String>,
    pub rows: i64,
    /// The first few of them.
    pub examples: Vec<RowProblem>,
}

#[cfg(test)]
mod tests {
    use super::ProblemKind;

    #[test]
    fn every_kind_is_found_by_its_code_and_speaks_in_whole_sentences() {
        for kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::from_code(kind.code()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.code());
            assert!(kind.advice().ends_with('.'));
        }
    }
}
