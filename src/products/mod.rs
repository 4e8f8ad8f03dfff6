//! Products: the sellable rows of the shop, each named by its SKU.
//!
//! Owns what a SKU, a price and a product are, which lists of them can be asked for, and how they are exported.
//! Bulk changes are not made here: they go through [`crate::imports`] and its change sets.

#[cfg(feature = "ssr")]
mod asked;
#[cfg(feature = "ssr")]
pub mod draft;
#[cfg(feature = "ssr")]
mod edit;
#[cfg(feature = "ssr")]
pub mod export;
pub mod fields;
#[cfg(feature = "ssr")]
mod filter;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod matching;
pub mod news;
pub mod price;
#[cfg(feature = "ssr")]
mod sample;
#[cfg(feature = "ssr")]
pub mod search;
pub mod sku;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod taken;
pub mod views;
#[cfg(feature = "ssr")]
mod way;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use edit::{binned_meanwhile, create, create_once, delete, purge, restore, restore_and_update, update};
#[cfg(feature = "ssr")]
pub use list::{check, list};
#[cfg(feature = "ssr")]
pub(crate) use matching::{Matching, count, newest};
#[cfg(feature = "ssr")]
pub use store::{count_active, count_all, get, get_anywhere, skus_of, variants};

use crate::timestamp::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: i64,
    /// As staff typed it; unique without regard to case.
    pub sku: String,
    pub name: String,
    pub description: String,
    /// In minor units of the shop's currency: 1299 is 12.99.
    pub price_minor: Option<i64>,
    pub active: bool,
    pub catalog_id: Option<i64>,
    pub catalog_name: Option<String>,
    pub parent_id: Option<i64>,
    /// How a variant differs from its siblings: colour, size …
    pub options: BTreeMap<String, String>,
    /// What else the files of suppliers say of it, under the names of their columns.
    pub attributes: BTreeMap<String, String>,
    /// References in order: addresses, or `sha256:` and the digest of a picture that came in a file.
    pub pictures: Vec<String>,
    /// Goes up by one with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// Which products are wanted, in which order. Every field stands in the address of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductQuery {
    /// Only these.
    pub ids: Option<Vec<i64>>,
    /// Found anywhere in SKU, name or description, without regard to case; fewer than three letters only at their beginnings.
    pub q: Option<String>,
    /// Beginning of the SKU.
    pub sku: Option<String>,
    /// Found anywhere in the name.
    pub name: Option<String>,
    /// Found anywhere in the description.
    pub description: Option<String>,
    pub active: Option<bool>,
    pub catalog_id: Option<i64>,
    /// Minor units. Products without a price have none.
    pub price_min: Option<i64>,
    pub price_max: Option<i64>,
    /// Not before this moment.
    pub created_after: Option<Timestamp>,
    /// Before this moment.
    pub created_before: Option<Timestamp>,
    pub updated_after: Option<Timestamp>,
    pub updated_before: Option<Timestamp>,
    /// Created or changed by this import.
    pub import: Option<i64>,
    /// Those in the bin, and no others.
    pub deleted: bool,
    pub sort: ProductSort,
}

impl ProductQuery {
    /// Whether it asks for less than all products.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        let everything = Self {
            sort: self.sort,
            ..Self::default()
        };
        *self != everything
    }
}

/// How far an export is that somebody waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportProgress {
    /// Rows that have been read for the file.
    pub rows: u64,
    /// Rows that there will be, once they are counted.
    pub total: Option<u64>,
    /// Whether the file is written, so that only its download is left.
    pub done: bool,
}

/// An order of products. `-` in front means from the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductSort {
    #[default]
    #[serde(rename = "sku")]
    Sku,
    #[serde(rename = "-sku")]
    SkuDescending,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
    #[serde(rename = "price")]
    Price,
    #[serde(rename = "-price")]
    PriceDescending,
    #[serde(rename = "updated_at")]
    Updated,
    #[serde(rename = "-updated_at")]
    UpdatedDescending,
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDescending,
}

impl ProductSort {
    /// As it is written in an address: `price` or `-price`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::SkuDescending => "-sku",
            Self::Name => "name",
            Self::NameDescending => "-name",
            Self::Price => "price",
            Self::PriceDescending => "-price",
            Self::Updated => "updated_at",
            Self::UpdatedDescending => "-updated_at",
            Self::Id => "id",
            Self::IdDescending => "-id",
        }
    }

    /// The column alone, without the direction.
    #[must_use]
    pub fn column(self) -> &'static str {
        self.as_str().trim_start_matches('-')
    }

    #[must_use]
    pub fn is_descending(self) -> bool {
        self.as_str().starts_with('-')
    }
}

impl std::str::FromStr for ProductSort {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [
            Self::Sku,
            Self::SkuDescending,
            Self::Name,
            Self::NameDescending,
            Self::Price,
            Self::PriceDescending,
            Self::Updated,
            Self::UpdatedDescending,
            Self::Id,
            Self::IdDescending,
        ];
        all.into_iter().find(|sort| sort.as_str() == text).ok_or(())
    }
}
