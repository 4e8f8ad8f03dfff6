//! Catalogues: named groups of products. A product is in one or in none.
//!
//! Owns their names (unique without regard to case) and their product counts, which are kept, never counted on a request.

#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub(crate) use store::{PAST_OWN_IDS, close, count_in, exists, ids, names_of, reopen};
#[cfg(feature = "ssr")]
pub use store::{create, create_once, delete, get, list, named, names, rename};

use crate::timestamp::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    pub id: i64,
    pub name: String,
    pub product_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Catalogues to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogNames {
    /// Ids and names: the first ones in the order of the names, and those that were asked for.
    pub known: Vec<(i64, String)>,
    /// Whether the shop has more of them than a list holds.
    pub are_more: bool,
}

impl CatalogNames {
    /// The name of the one with this id, as a form has it.
    #[must_use]
    pub fn name(&self, id: &str) -> Option<&str> {
        let known = self.known.iter().find(|(known, _)| known.to_string() == id)?;
        Some(&known.1)
    }
}
