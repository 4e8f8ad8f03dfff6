//! Saved views: a filter and an order of the products table under a name, for oneself or for everybody.

#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use store::{delete, list, save};

use super::ProductQuery;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: i64,
    pub name: String,
    pub query: ProductQuery,
    pub is_shared: bool,
    /// Whether it belongs to whoever asks.
    pub is_own: bool,
}
