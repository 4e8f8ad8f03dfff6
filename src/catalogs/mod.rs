//! Catalogues: named groups of products. A product is in one or in none.
//!
//! Owns their names (unique without regard to case) and their product counts, which are kept, never counted on a request.

#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub(crate) use store::{close, count_in, exists, ids, names_of};
#[cfg(feature = "ssr")]
pub use store::{create, delete, get, list, names_and_ids, rename};

use crate::timestamp::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    pub id: i64,
    pub name: String,
    pub product_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
