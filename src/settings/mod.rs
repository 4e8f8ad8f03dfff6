//! Settings that the shop's administrators decide on a page. What an operator decides stands in [`crate::config`].

mod numbers;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
pub mod zone;

use serde::{Deserialize, Serialize};

pub use numbers::NumberFormat;
#[cfg(feature = "ssr")]
pub use store::{load, save};

/// The shop as its pages show it. Exports and the API know nothing of it: there numbers are plain and times are UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopSettings {
    /// Stands beside the name of the program; may be empty.
    pub name: String,
    /// ISO 4217 code of the shop's one currency; it has two decimals.
    pub currency: String,
    /// Name of the zone, of those in the IANA database, in which pages show times: `Europe/Berlin`.
    pub time_zone: String,
    pub number_format: NumberFormat,
}

/// The zone of a shop that has chosen none.
pub const UTC: &str = "UTC";

impl ShopSettings {
    /// Of a shop that has decided nothing but its currency.
    #[must_use]
    pub fn of_currency(currency: &str) -> Self {
        Self {
            name: String::new(),
            currency: currency.to_owned(),
            time_zone: UTC.to_owned(),
            number_format: NumberFormat::default(),
        }
    }
}
