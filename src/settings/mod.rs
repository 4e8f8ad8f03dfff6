//! Settings that the shop's administrators decide on a page. What an operator decides stands in [`crate::config`].

#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use store::{load, save};

/// The shop as its pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopSettings {
    /// Stands beside the name of the program; may be empty.
    pub name: String,
    /// ISO 4217 code of the shop's one currency; it has two decimals.
    pub currency: String,
}
